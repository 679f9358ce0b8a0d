"""The texts of a card: every code has one, in every language, for every state."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from string import Formatter
from typing import Any

import pytest

from compliance.scorecards import codes
from compliance.scorecards.codes import CODED_GATES, GateCode, Status
from compliance.scorecards.drawing.words import (
    LOCALES,
    UnknownLanguage,
    Words,
    catalogue,
)

CATALOGUES: dict[str, type[StrEnum]] = {
    "status": codes.Status,
    "validity": codes.Status,
    "site_kind": codes.SiteKind,
    "product": codes.Product,
    "notice": codes.Notice,
    "payer_kind": codes.PayerKind,
    "season": codes.Season,
    "visit_integrity": codes.VisitIntegrity,
    "workers_withheld": codes.WorkersWithheld,
    "child_cases": codes.ChildCases,
    "topic": codes.Topic,
    "severity": codes.Severity,
    "urgency": codes.Severity,
    "finding_status": codes.FindingStatus,
    "gate": codes.GateCode,
    "action": codes.ActionText,
    "tier": codes.Tier,
    "risk": codes.RiskLevel,
    "limit": codes.Limit,
    "key_kind": codes.KeyKind,
    "register": codes.RegisterScheme,
}


def pairs(
    told: Mapping[str, Any], path: str
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each text with where it stands."""
    if set(told) & set(LOCALES):
        yield path, told
        return
    for key, below in told.items():
        yield from pairs(below, f"{path}.{key}")


ALL = [
    *pairs(catalogue("codes"), "codes"),
    *pairs(catalogue("labels"), "labels"),
]


def places_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(("path", "told"), ALL, ids=[path for path, _ in ALL])
def test_every_text_is_whole_in_every_language(
    path: str, told: Mapping[str, str]
) -> None:
    assert set(told) == set(LOCALES), path
    assert all(str(text).strip() for text in told.values())
    assert len({frozenset(places_in(text)) for text in told.values()}) == 1


@pytest.mark.parametrize("name", list(CATALOGUES))
def test_every_code_has_its_text_and_no_text_is_left_over(name: str) -> None:
    assert set(catalogue("codes")[name]) == set(CATALOGUES[name])


@pytest.mark.parametrize("code", list(GateCode))
def test_every_gate_has_a_text_for_each_state_it_can_be_in(code: GateCode) -> None:
    of_numbers = ("within", "beyond", "missing")
    states = CODED_GATES.get(code, of_numbers)

    told = catalogue("codes")["gate"][code]

    assert set(told) == set(states)
    assert len({text["en"] for text in told.values()}) == len(states)
    assert len({text["es"] for text in told.values()}) == len(states)


def test_every_effect_of_a_gate_has_its_text() -> None:
    assert set(catalogue("codes")["effect"]) == {*codes.Cap, "none"}


def test_every_state_without_a_letter_says_why() -> None:
    without = {"suspended", "not_graded", "expired"}

    assert set(catalogue("codes")["grade_state"]) == without


def test_only_a_card_in_force_says_until_when() -> None:
    english = {
        status: Words("en").code("validity", status, date="15 Nov 2027")
        for status in Status
    }

    assert english[Status.ISSUED] == "until 15 Nov 2027"
    assert all(
        "until" not in told
        for status, told in english.items()
        if status is not Status.ISSUED
    )


def test_an_unknown_language_is_refused_with_those_that_are_spoken() -> None:
    with pytest.raises(UnknownLanguage, match="en, es"):
        Words("qu")


@pytest.mark.parametrize(
    ("language", "parts", "told"),
    [
        ("en", [], ""),
        ("en", ["a"], "a"),
        ("en", ["a", "b", "c"], "a, b and c"),
        ("es", ["a", "b"], "a y b"),
    ],
)
def test_a_list_is_told_as_people_tell_it(
    language: str, parts: list[str], told: str
) -> None:
    assert Words(language).listed(parts) == told
