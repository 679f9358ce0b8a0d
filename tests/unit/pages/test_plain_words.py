"""What people read of a problem names no address of the interface."""

import pytest

from api.pages.plain_words import ADDRESS, for_people
from compliance.texts import catalogue


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (
            "No job of yours has the id x. GET /v1/jobs lists them.",
            "No job of yours has the id x.",
        ),
        (
            "'device' is x; GET /v1/devices lists those it has.",
            "'device' is x.",
        ),
        (
            "Have it reviewed, and make it final at POST /v1/audits/x/finalise.",
            "Have it reviewed, and make it final.",
        ),
        ("GET /v1/jobs lists them.", "GET /v1/jobs lists them."),
        ("A closed finding stays closed.", "A closed finding stays closed."),
    ],
)
def test_an_address_for_programs_is_left_out(told: str, read: str) -> None:
    assert for_people(told) == read


def test_no_problem_of_the_catalogue_sends_people_to_an_address() -> None:
    known = catalogue("es")
    told = [*known, *known.values()]

    left = [
        one for one in told if ADDRESS.search(one) and ADDRESS.search(for_people(one))
    ]

    assert [one for one in left if "OpenRosa" not in one] == []
