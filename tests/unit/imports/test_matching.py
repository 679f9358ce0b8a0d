"""Which sites a row might be: proposed with reasons, and never for a name alone."""

import random
import time
from typing import Any

import pytest

from compliance.imports.matching import Index, Reason, known_of
from tests.invented import producers

REALM = ("producer", "coffee", "CO")


def candidates(
    known: dict[str, Any], *others: dict[str, Any]
) -> list[tuple[int, set[str]]]:
    """Return score and reasons of every one of `others` that `known` might be."""
    index = Index()
    for number, other in enumerate(others, start=2):
        index.add(REALM, known_of(other, row=number))
    return [
        (one.score, {reason for reason, _ in one.reasons})
        for one in index.candidates(REALM, known_of(known, row=99))
    ]


def farm(name: str, **known: Any) -> dict[str, Any]:
    return {"name": name, **known}


HERE = {"latitude": 3.2, "longitude": -75.6}
NEAR = {"latitude": 3.205, "longitude": -75.6}
FAR = {"latitude": 3.9, "longitude": -75.6}
PLANADAS = {"municipality": "Planadas", "admin1": "Tolima"}


def test_the_same_name_in_the_same_municipality_is_proposed() -> None:
    found = candidates(
        farm("Finca El Cedro", **PLANADAS), farm("El  cedro", **PLANADAS)
    )

    assert found == [(98, {Reason.NAMES_ALIKE, Reason.SAME_MUNICIPALITY})]


def test_accents_case_and_one_letter_do_not_hide_a_name() -> None:
    found = candidates(
        farm("La Esperansa", **PLANADAS), farm("HACIENDA LA ESPERANZA", **PLANADAS)
    )

    assert len(found) == 1


@pytest.mark.parametrize(
    "other",
    [
        farm("El Cedro", municipality="Gaitania", admin1="Tolima"),
        farm("El Nogal", **PLANADAS),
        farm("El Cedro", admin1="Huila"),
    ],
)
def test_another_place_or_another_name_is_not_proposed(other: dict[str, Any]) -> None:
    assert candidates(farm("El Cedro", **PLANADAS), other) == []


def test_points_near_each_other_speak_for_and_far_ones_against() -> None:
    cedro = farm("El Cedro", **HERE)

    assert candidates(cedro, farm("El Cedro", **HERE))[0][1] >= {Reason.SAME_POINT}
    assert candidates(cedro, farm("El Cedro", **NEAR))[0][1] >= {Reason.NEAR}
    assert candidates(cedro, farm("El Cedro", **FAR)) == []


def test_another_municipality_parts_farms_that_are_no_close_neighbours() -> None:
    here = farm("El Cedro", municipality="Planadas", latitude=3.2, longitude=-75.6)
    over_the_hill = {"municipality": "Gaitania", "latitude": 3.227, "longitude": -75.6}

    assert candidates(here, farm("El Cedro", **over_the_hill)) == []
    assert candidates(here, farm("El Cedro", **{**over_the_hill, **NEAR}))


def test_a_neighbour_with_another_name_is_not_proposed() -> None:
    assert candidates(farm("El Cedro", **HERE), farm("Bellavista", **HERE)) == []


def test_where_no_place_is_known_the_same_name_is_only_a_question() -> None:
    found = candidates(farm("El Cedro"), farm("El Cedro"))

    assert found == [(85, {Reason.SAME_NAME, Reason.PLACE_UNKNOWN})]


def test_other_numbers_of_one_register_speak_against() -> None:
    one = farm("El Cedro", identifiers={"own_number": "1"}, **PLANADAS)
    other = farm("El Cedro", identifiers={"own_number": "2"}, **PLANADAS)

    assert candidates(one, other) == []
    both_here = candidates({**one, **HERE}, {**other, **HERE})
    assert both_here[0][1] >= {Reason.SAME_POINT, Reason.OTHER_NUMBER}


def test_other_realms_never_meet() -> None:
    index = Index()
    index.add(REALM, known_of(farm("El Cedro", **PLANADAS), row=2))

    elsewhere = known_of(farm("El Cedro", **PLANADAS), row=3)
    assert index.candidates(("mill", "coffee", "CO"), elsewhere) == ()
    assert index.candidates(("producer", "coffee", "PE"), elsewhere) == ()


def test_the_likeliest_comes_first_and_no_more_than_five_are_shown() -> None:
    others = [farm("El Cedrito", **PLANADAS)] + [farm("El Cedro", **PLANADAS)] * 9

    found = candidates(farm("El Cedro", **PLANADAS), *others)

    assert len(found) == 5
    assert found[0][0] == max(score for score, _ in found)


def test_twenty_thousand_meet_twenty_thousand_in_seconds() -> None:
    names = ("", "name", "", "admin1", "municipality", "", "", "", "")
    rows = [
        {key: cell for key, cell in zip(names, row, strict=True) if key}
        for row in producers(20_000)
    ]
    random.Random(3).shuffle(rows)  # noqa: S311 - an order is no secret
    index = Index()
    began = time.process_time()

    met = 0
    for number, row in enumerate(rows):
        known = known_of(row, row=number)
        met += bool(index.candidates(REALM, known))
        index.add(REALM, known)

    assert met > 100
    assert time.process_time() - began < 30
