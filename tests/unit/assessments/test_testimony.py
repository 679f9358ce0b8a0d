"""Of how many people a broken rule is, by what evidence, and how grave one voice is."""

from functools import cache
from typing import Any

import pytest

from audits.assessments.judging import assess_answers
from audits.assessments.testimony import EvidenceKind, Heard, heard_in
from rules import Book, Outcome, read_book

FORCED = {"free_to_resign": False, "menace_on_leaving": ["blacklist"]}
FREE = {"free_to_resign": True, "menace_on_leaving": []}
SUSPECTED = "forced_labour.suspected"
HELD = "forced_labour.documents_held"


@cache
def book() -> Book:
    return read_book()


def heard(rule: str, **parts: Any) -> Heard:
    document = {
        "country": "CO",
        "observed_on": "2026-11-03",
        "commodity": "palm_oil",
        "site_kind": "producer",
        **parts,
    }
    verdict = assess_answers(book(), document).verdict_of[rule]
    assert verdict.outcome is Outcome.NON_CONFORMITY
    (one,) = heard_in(book(), document, [rule])
    return one


def workers(*answers: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": f"w{place}", **one} for place, one in enumerate(answers)]


@pytest.mark.parametrize(
    ("answers", "voices"),
    [([FORCED], 1), ([FORCED, FREE], 1), ([FORCED, FREE, FORCED], 2)],
)
def test_those_who_say_it_are_counted_and_one_alone_is_one_voice(
    answers: list[dict[str, Any]], voices: int
) -> None:
    one = heard(SUSPECTED, workers=workers(*answers))

    assert (one.people, one.is_of_one_voice) == (voices, voices == 1)
    assert one.kinds == {EvidenceKind.WORKERS}


def test_what_the_site_shows_too_is_another_kind_of_evidence() -> None:
    one = heard(
        HELD,
        facts={"documents_held": True},
        workers=workers({"documents_held": True}, {"documents_held": False}),
    )

    assert one.kinds == {EvidenceKind.SITE, EvidenceKind.WORKERS}
    assert (one.people, one.is_of_one_voice) == (1, False)


def test_what_the_site_shows_alone_is_about_nobody_one_by_one() -> None:
    one = heard(HELD, facts={"documents_held": True})

    assert one.kinds == {EvidenceKind.SITE}
    assert one.people is None


def test_a_child_is_no_voice() -> None:
    one = heard(
        "child_labour.minimum_age", children=[{"key": "c1", "works": True, "age": 12}]
    )

    assert one.kinds == {EvidenceKind.CHILDREN}
    assert (one.people, one.is_of_one_voice) == (None, False)


def test_what_is_read_off_the_books_is_a_record() -> None:
    one = heard(
        "recruitment_and_contracts.contracts_on_file",
        site_kind="mill",
        facts={"written_contracts_for_all": False},
    )

    assert one.kinds == {EvidenceKind.RECORDS}
