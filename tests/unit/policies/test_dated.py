"""Policies as data: what holds on a day, and how far somebody may go."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

from compliance.policies.dated import (
    Bound,
    Entry,
    Policy,
    at_least,
    at_most,
    latest,
    read_policy,
)
from compliance.policies.queries import Holding, Whose, held


class Tea(Entry):
    """How tea is made."""

    bounds: ClassVar[tuple[Bound, ...]] = (
        at_most("minutes", "green"),
        at_least("cups"),
    )

    minutes: Mapping[str, int]
    cups: int


def tea(day: str, *, green: int = 3, cups: int = 1) -> Tea:
    return Tea(
        valid_from=date.fromisoformat(day),
        source="The kitchen's decision",
        minutes={"green": green, "black": 5},
        cups=cups,
    )


TEA = Policy("tea", "Tea", Tea, (tea("2026-01-01"), tea("2027-01-01", green=2)))


@pytest.mark.parametrize(
    ("day", "begun"),
    [
        (date(2025, 1, 1), date(2026, 1, 1)),  # before the first entry: the first
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 12, 31), date(2026, 1, 1)),
        (date(2027, 1, 1), date(2027, 1, 1)),
    ],
)
def test_what_ships_holds_from_its_first_day_on(day: date, begun: date) -> None:
    assert TEA.on(day).valid_from == begun


def test_nothing_is_the_last_of_nothing() -> None:
    assert latest((), date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("entry", "broken"),
    [
        (tea("2026-05-01"), []),
        (tea("2026-05-01", green=2, cups=2), []),
        (tea("2026-05-01", green=4), ["minutes.green"]),
        (tea("2026-05-01", cups=0), ["cups"]),
        (tea("2026-05-01", green=4, cups=0), ["minutes.green", "cups"]),
    ],
)
def test_an_entry_may_be_stricter_and_never_laxer(
    entry: Tea, broken: list[str]
) -> None:
    breaches = entry.breaches(tea("2026-01-01"))

    assert [bound.field for bound in breaches] == broken


def test_what_is_left_out_does_not_keep_a_bound() -> None:
    without = tea("2026-05-01").model_copy(update={"minutes": {"black": 5}})

    assert [bound.field for bound in without.breaches(tea("2026-01-01"))] == [
        "minutes.green"
    ]


def test_an_order_of_words_can_be_a_bound() -> None:
    order = ["mild", "hard"]
    bound = at_least("source", rank=order.index)
    mild, hard = (tea("2026-01-01").model_copy(update={"source": w}) for w in order)

    assert (bound.is_kept(hard, mild), bound.is_kept(mild, hard)) == (True, False)


OURS = Holding(tea("2026-03-01", cups=2), Whose.ORGANISATION)
LATER = Holding(tea("2026-04-01", cups=3), Whose.ORGANISATION)
THEIRS = Holding(tea("2026-05-01", cups=4), Whose.PROGRAMME, programme="programme_a")
LAXER_LATER = Holding(tea("2026-06-01", green=3, cups=5), Whose.ORGANISATION)
DECIDED = (OURS, LATER, THEIRS, LAXER_LATER)


@pytest.mark.parametrize(
    ("day", "programme", "whose", "cups"),
    [
        (date(2026, 2, 28), None, Whose.PRODUCT, 1),
        (date(2026, 2, 28), "programme_a", Whose.PRODUCT, 1),
        (date(2026, 3, 1), None, Whose.ORGANISATION, 2),
        (date(2026, 4, 1), None, Whose.ORGANISATION, 3),
        (date(2026, 4, 30), "programme_a", Whose.ORGANISATION, 3),
        (date(2026, 5, 1), "programme_a", Whose.PROGRAMME, 4),
        (date(2026, 5, 1), "programme_b", Whose.ORGANISATION, 3),
        (date(2026, 5, 1), None, Whose.ORGANISATION, 3),
        (date(2026, 6, 1), None, Whose.ORGANISATION, 5),
        # From 2027 on what ships is stricter than both, and they hold no more.
        (date(2027, 1, 1), None, Whose.PRODUCT, 1),
        (date(2027, 1, 1), "programme_a", Whose.PRODUCT, 1),
    ],
)
def test_a_programme_comes_before_its_organisation_and_both_before_what_ships(
    day: date, programme: str | None, whose: Whose, cups: int
) -> None:
    found = held(TEA, DECIDED, day, programme)

    assert (found.whose, found.entry.cups) == (whose, cups)


def test_of_two_entries_of_one_day_the_later_decision_holds() -> None:
    first = Holding(tea("2026-03-01", cups=2), Whose.ORGANISATION)
    second = Holding(tea("2026-03-01", cups=7), Whose.ORGANISATION)

    assert held(TEA, (first, second), date(2026, 3, 1)).entry.cups == 7


WRITTEN = """
- valid_from: 2026-01-01
  source: The kitchen's decision
  minutes: {green: 3}
  cups: 1
"""


def test_a_policy_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "tea.yaml"
    file.write_text(WRITTEN)

    assert read_policy("tea", "Tea", Tea, file).on(date(2026, 1, 1)).cups == 1


@pytest.mark.parametrize(
    "written",
    [
        "",
        WRITTEN + WRITTEN,
        WRITTEN.replace("cups: 1", "cups: many"),
        WRITTEN.replace("  cups: 1\n", ""),
        WRITTEN.replace("cups: 1", "cups: 1\n  saucers: 1"),
        WRITTEN.replace("The kitchen's decision", "so"),
        WRITTEN.replace("2026-01-01", "2027-01-01") + WRITTEN,
    ],
)
def test_a_file_that_is_wrong_stops_the_start(tmp_path: Path, written: str) -> None:
    file = tmp_path / "tea.yaml"
    file.write_text(written)

    with pytest.raises(ValueError, match=r"tea\.yaml|validation error"):
        read_policy("tea", "Tea", Tea, file)
