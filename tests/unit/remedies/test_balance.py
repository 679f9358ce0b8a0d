"""What entries about a remedy come to, worked out by hand."""

from typing import Any

import pytest

from compliance.problems import Problem
from compliance.remedies.balance import (
    AdjustedTooFar,
    Entry,
    EntryKind,
    NothingAdjusted,
    NothingPaidYet,
    NotProvenYet,
    Overpaid,
    PaidToTooMany,
    PeopleLeftOut,
    Standing,
    balance_of,
)

OWED = Entry(EntryKind.OWED, 1_000, 10)
PAPERS = Entry(EntryKind.OWED, None, 10)
PROVEN, VERIFIED = Entry(EntryKind.PROVEN), Entry(EntryKind.VERIFIED)


def paid(amount: int | None, people: int) -> Entry:
    return Entry(EntryKind.PAID, amount, people)


def adjusted(amount: int | None, people: int) -> Entry:
    return Entry(EntryKind.ADJUSTED, amount, people)


@pytest.mark.parametrize(
    ("entries", "standing", "left", "people_left"),
    [
        ([OWED], Standing.OWED, 1_000, 10),
        ([OWED, paid(400, 4)], Standing.PART_PAID, 600, 6),
        ([OWED, paid(400, 10), paid(599, 10)], Standing.PART_PAID, 1, 0),
        ([OWED, paid(400, 4), paid(600, 6)], Standing.PAID_UNPROVEN, 0, 0),
        ([OWED, paid(1_000, 10), PROVEN], Standing.PROVEN, 0, 0),
        ([OWED, paid(400, 4), PROVEN, paid(600, 6)], Standing.PAID_UNPROVEN, 0, 0),
        ([OWED, paid(1_000, 10), PROVEN, VERIFIED], Standing.VERIFIED, 0, 0),
        ([OWED, paid(1_000, 10), PROVEN, VERIFIED, PROVEN], Standing.VERIFIED, 0, 0),
        (
            [OWED, paid(1_000, 10), PROVEN, VERIFIED, adjusted(1, 0)],
            Standing.PART_PAID,
            1,
            0,
        ),
        ([OWED, adjusted(500, 5)], Standing.OWED, 1_500, 15),
        ([OWED, adjusted(-1_000, -10)], Standing.CANCELLED, 0, 0),
        ([OWED, paid(600, 9), adjusted(-400, -1)], Standing.PAID_UNPROVEN, 0, 0),
    ],
)
def test_money_is_counted_down(
    entries: list[Entry], standing: Standing, left: int, people_left: int
) -> None:
    balance = balance_of("COP", entries)

    assert (balance.standing, balance.left, balance.people_left) == (
        standing,
        left,
        people_left,
    )


@pytest.mark.parametrize(
    ("entries", "standing", "people_left"),
    [
        ([PAPERS], Standing.OWED, 10),
        ([PAPERS, paid(None, 4)], Standing.PART_PAID, 6),
        ([PAPERS, paid(None, 4), paid(None, 6)], Standing.PAID_UNPROVEN, 0),
        ([PAPERS, paid(None, 4), adjusted(None, -6)], Standing.PAID_UNPROVEN, 0),
        ([PAPERS, adjusted(None, -10)], Standing.CANCELLED, 0),
    ],
)
def test_where_no_money_is_owed_people_are_counted_down(
    entries: list[Entry], standing: Standing, people_left: int
) -> None:
    balance = balance_of(None, entries)

    assert (balance.standing, balance.people_left) == (standing, people_left)
    assert (balance.owed, balance.paid) == (0, 0)


@pytest.mark.parametrize(
    ("currency", "entries", "problem", "facts"),
    [
        ("COP", [OWED, paid(1_001, 10)], Overpaid, {"left": 1_000}),
        ("COP", [OWED, paid(400, 4), paid(601, 6)], Overpaid, {"left": 600}),
        ("COP", [OWED, adjusted(-1_000, -10), paid(1, 1)], Overpaid, {"left": 0}),
        ("COP", [OWED, paid(1, 11)], PaidToTooMany, {"left": 10}),
        (None, [PAPERS, paid(None, 8), paid(None, 3)], PaidToTooMany, {"left": 2}),
        ("COP", [OWED, paid(1_000, 9)], PeopleLeftOut, {"left": 1, "people": 10}),
        ("COP", [OWED, paid(600, 9), adjusted(-400, 0)], PeopleLeftOut, {"left": 1}),
        ("COP", [OWED, paid(600, 9), adjusted(-401, 0)], AdjustedTooFar, {"paid": 600}),
        (
            "COP",
            [OWED, paid(600, 9), adjusted(0, -2)],
            AdjustedTooFar,
            {"paid_people": 9},
        ),
        ("COP", [OWED, adjusted(-1_000, -9)], AdjustedTooFar, {"amount": 0}),
        ("COP", [OWED, adjusted(-1, -10)], AdjustedTooFar, {"people": 0}),
        (None, [PAPERS, paid(None, 4), adjusted(None, -7)], AdjustedTooFar, {}),
        ("COP", [OWED, adjusted(0, 0)], NothingAdjusted, {}),
        ("COP", [OWED, PROVEN], NothingPaidYet, {}),
        ("COP", [OWED, paid(1_000, 10), VERIFIED], NotProvenYet, {}),
        ("COP", [OWED, paid(400, 4), PROVEN, VERIFIED], NotProvenYet, {}),
    ],
)
def test_what_the_ledger_forbids_is_refused_with_what_would_be_right(
    currency: str | None,
    entries: list[Entry],
    problem: type[Problem],
    facts: dict[str, Any],
) -> None:
    with pytest.raises(problem) as refused:
        balance_of(currency, entries)

    assert facts.items() <= refused.value.facts.items()
