"""Laws of the ledger: sums that are never negative, and counts that cannot be found out."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from starlette.testclient import TestClient

from compliance import clock
from compliance.identity.models import Role
from compliance.problems import Problem
from compliance.remedies.balance import (
    Balance,
    Entry,
    EntryKind,
    Standing,
    after,
    balance_of,
)
from compliance.remedies.suppression import Cell, Summary, suppressed
from tests.conftest import Tenant
from tests.owing import PAYSLIPS, Owing, owing, payment
from tests.visits import TODAY

BELOW = 5
signed = some.integers(-60, 60)
entries_of_money = some.one_of(
    some.builds(Entry, some.just(EntryKind.ADJUSTED), signed, some.integers(-6, 6)),
    some.builds(
        Entry, some.just(EntryKind.PAID), some.integers(1, 60), some.integers(1, 8)
    ),
    some.builds(Entry, some.sampled_from([EntryKind.PROVEN, EntryKind.VERIFIED])),
)
first_of_money = some.builds(
    Entry, some.just(EntryKind.OWED), some.integers(1, 100), some.integers(1, 8)
)
entries_of_things = some.one_of(
    some.builds(
        Entry, some.just(EntryKind.ADJUSTED), some.none(), some.integers(-6, 6)
    ),
    some.builds(Entry, some.just(EntryKind.PAID), some.none(), some.integers(1, 8)),
    some.builds(Entry, some.sampled_from([EntryKind.PROVEN, EntryKind.VERIFIED])),
)
first_of_things = some.builds(
    Entry, some.just(EntryKind.OWED), some.none(), some.integers(1, 8)
)
ledgers = some.one_of(
    some.tuples(
        some.just("COP"), first_of_money, some.lists(entries_of_money, max_size=20)
    ),
    some.tuples(
        some.none(), first_of_things, some.lists(entries_of_things, max_size=20)
    ),
)
Ledger = tuple[str | None, Entry, list[Entry]]


def kept(ledger: Ledger) -> list[Entry]:
    """Return the entries that the ledger takes; those it refuses change nothing."""
    currency, first, wanted = ledger
    balance, taken = after(Balance(currency), first), [first]
    for entry in wanted:
        try:
            balance = after(balance, entry)
        except Problem:
            continue
        taken.append(entry)
    return taken


def total(entries: list[Entry], *kinds: EntryKind) -> int:
    return sum(one.amount or 0 for one in entries if one.kind in kinds)


def people(entries: list[Entry], *kinds: EntryKind) -> int:
    return sum(one.people for one in entries if one.kind in kinds)


@given(ledgers)
def test_the_balance_is_the_sum_of_the_entries_and_never_negative(
    ledger: Ledger,
) -> None:
    entries = kept(ledger)

    for count in range(1, len(entries) + 1):
        so_far = entries[:count]
        balance = balance_of(ledger[0], so_far)
        owed = total(so_far, EntryKind.OWED, EntryKind.ADJUSTED)
        paid = total(so_far, EntryKind.PAID)
        counted = people(so_far, EntryKind.OWED, EntryKind.ADJUSTED)
        assert (balance.owed, balance.paid, balance.people) == (owed, paid, counted)
        assert balance.left == owed - paid >= 0
        assert balance.people >= balance.people_left >= 0


@given(ledgers)
def test_a_thing_is_never_given_to_more_people_than_are_owed_it(
    ledger: Ledger,
) -> None:
    currency, *_ = ledger
    balance = balance_of(currency, kept(ledger))

    most = balance.most_at_once if currency else balance.paid_people
    assert most <= balance.people


@given(ledgers)
def test_nobody_is_forgotten_where_everything_is_paid(ledger: Ledger) -> None:
    entries = kept(ledger)
    balance = balance_of(ledger[0], entries)

    if balance.standing in {
        Standing.PAID_UNPROVEN,
        Standing.PROVEN,
        Standing.VERIFIED,
    }:
        assert balance.left == 0
        assert people(entries, EntryKind.PAID) >= balance.people > 0


@given(ledgers)
def test_what_is_verified_was_paid_and_then_proven(ledger: Ledger) -> None:
    entries = kept(ledger)
    places = {
        kind: max(
            (place for place, one in enumerate(entries) if one.kind is kind),
            default=-1,
        )
        for kind in EntryKind
    }

    if balance_of(ledger[0], entries).standing is Standing.VERIFIED:
        verified = places[EntryKind.VERIFIED]
        assert verified > places[EntryKind.PAID] >= 0
        assert verified > places[EntryKind.ADJUSTED]
        assert places[EntryKind.PROVEN] > places[EntryKind.PAID]


@given(ledgers)
def test_a_refused_entry_leaves_the_balance_as_it_was(ledger: Ledger) -> None:
    currency, _, wanted = ledger
    before = balance_of(currency, kept(ledger))

    for entry in wanted:
        try:
            after(before, entry)
        except Problem:
            assert balance_of(currency, kept(ledger)) == before


counts = some.lists(some.integers(1, 9), min_size=1, max_size=5)


def summary_of(numbers: list[int]) -> Summary:
    cells = [
        Cell(f"site_{place}", "wages", "COP", number, owed=number, paid=0)
        for place, number in enumerate(numbers)
    ]
    return suppressed(cells, below=BELOW)


def guesses(made: Summary) -> Iterator[tuple[int, ...]]:
    """Yield all that an attacker cannot rule out by adding and subtracting.

    It knows which sites are owed something, every count that is told, and the sum.
    """
    hidden = sum(cell.is_kept_back for cell in made.cells)
    known = sum(cell.people or 0 for cell in made.cells)
    (whole,) = made.totals
    most = BELOW + 1 if whole.people is None else whole.people
    for guess in product(range(1, most + 1), repeat=hidden):
        if whole.people is None or sum(guess) + known == whole.people:
            yield guess


@given(counts)
@settings(max_examples=100)
def test_a_count_that_is_kept_back_could_be_anything_up_to_the_threshold(
    numbers: list[int],
) -> None:
    made = summary_of(numbers)

    possible = list(guesses(made))

    for place in range(sum(cell.is_kept_back for cell in made.cells)):
        assert {guess[place] for guess in possible} >= set(range(1, BELOW + 1))


@given(some.lists(some.integers(1, 200), max_size=40))
def test_what_is_told_is_true_and_never_small(numbers: list[int]) -> None:
    made = summary_of(numbers)

    for cell, number in zip(made.cells, numbers, strict=True):
        assert cell.people in {None, number}
        assert cell.people is None or cell.people >= BELOW
    for whole in made.totals:
        assert whole.people in {None, sum(numbers)}


@given(some.lists(some.integers(5, 200), min_size=1, max_size=40))
def test_where_no_count_is_small_everything_is_told(numbers: list[int]) -> None:
    made = summary_of(numbers)

    assert [cell.people for cell in made.cells] == numbers
    assert made.totals[0].people == sum(numbers)


@pytest.fixture
def ledger(client: TestClient, tenant: Tenant) -> Iterator[Owing]:
    with clock.set_to(lambda: TODAY):
        yield owing(client, tenant)


def cop(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "COP"}


requests = some.one_of(
    some.builds(
        lambda amount, people: ("payments", payment(amount, people)),
        some.integers(1, 60),
        some.integers(1, 5),
    ),
    some.builds(
        lambda amount, people: (
            "adjustments",
            {"reason": "people_recounted", "people": people, "money": cop(amount)},
        ),
        some.integers(-60, 60),
        some.integers(-3, 3),
    ),
    some.just(("proofs", {"proof": "payroll_extract", "evidence_sha256": PAYSLIPS})),
    some.just(("verifications", {"checked_by": "site"})),
)


@given(wanted=some.lists(requests, max_size=8))
@settings(max_examples=15)
def test_whatever_is_asked_for_in_whatever_order_the_ledger_adds_up(
    ledger: Owing, wanted: list[tuple[str, dict[str, Any]]]
) -> None:
    """Over HTTP: what is told is what the lines come to, and what the filter finds."""
    remedy = ledger.enter(people=4, money=cop(100))

    for path, body in wanted:
        role = Role.MANAGER if path in {"payments", "proofs"} else Role.ADMINISTRATOR
        assert ledger.send(f"/{remedy}/{path}", body, role).status_code in {
            201,
            403,
            409,
            422,
        }

    found = ledger.get(f"/{remedy}")
    entries = [
        Entry(EntryKind(one["entry"]), one["amount"], one["people"] or 0)
        for one in found["entries"]
    ]
    balance = balance_of("COP", entries)
    listed = ledger.get(f"?rows=200&standing={balance.standing}")["items"]
    assert found["amount_left"] == balance.left >= 0
    assert found["standing"] == balance.standing
    assert remedy in [one["id"] for one in listed]
