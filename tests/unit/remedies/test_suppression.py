"""Small counts kept back, by hand: what is told of some tables, and what is not."""

import pytest

from compliance.remedies.suppression import Cell, suppressed


def wages(site: str, people: int, paid: int = 0) -> Cell:
    return Cell(site, "wages", "COP", people, owed=people * 100, paid=paid)


def papers(site: str, people: int, given: int) -> Cell:
    return Cell(site, "documents_returned", None, people, paid_people=given)


def told(counts: list[int]) -> tuple[list[int | None], int | None]:
    """Return what is told of counts of one kind, and of their sum."""
    cells = [wages(f"site_{place}", count) for place, count in enumerate(counts)]
    made = suppressed(cells, below=5)
    return [cell.people for cell in made.cells], made.totals[0].people


@pytest.mark.parametrize(
    ("counts", "cells", "total"),
    [
        ([5, 6, 7], [5, 6, 7], 18),
        # With the total, whoever knows the others would know the small one.
        ([4, 6, 7], [None, 6, 7], None),
        ([1, 1, 30], [None, None, 30], None),
        ([3], [None], None),
        ([2, 3], [None, None], None),
    ],
)
def test_what_is_told_of_a_table(
    counts: list[int], cells: list[int | None], total: int | None
) -> None:
    assert told(counts) == (cells, total)


def test_kinds_and_currencies_are_never_added() -> None:
    cells = [
        wages("a", 10),
        Cell("a", "wages", "USD", 20, owed=1, paid=0),
        papers("a", 30, 30),
    ]

    made = suppressed(cells, below=5)

    found = {(one.kind, one.currency): one.people for one in made.totals}
    assert found == {
        ("wages", "COP"): 10,
        ("wages", "USD"): 20,
        ("documents_returned", None): 30,
    }


@pytest.mark.parametrize("given", [1, 4, 16, 19])
def test_few_who_got_theirs_or_did_not_are_a_small_count_too(given: int) -> None:
    made = suppressed([papers("a", 20, given), papers("b", 30, 30)], below=5)

    assert [cell.people for cell in made.cells] == [None, 30]
    assert made.totals[0].people is None


@pytest.mark.parametrize("given", [0, 5, 15, 20])
def test_nobody_and_everybody_are_told(given: int) -> None:
    made = suppressed([papers("a", 20, given)], below=5)

    assert [cell.paid_people for cell in made.cells] == [given]
    assert made.totals[0].paid_people == given


def test_nothing_is_summed_up_where_something_is_kept_back() -> None:
    made = suppressed([wages("a", 3), wages("b", 9), wages("c", 20)], below=5)

    total, hidden = made.totals[0], made.cells[0]
    assert (total.people, total.owed, total.paid) == (None, None, None)
    assert (hidden.owed, hidden.paid, hidden.is_kept_back) == (None, None, True)


def test_what_is_kept_back_today_is_not_told_by_tomorrow() -> None:
    """A third site hid behind the second one yesterday; today the second is told."""
    before = suppressed([wages("a", 4), wages("b", 6), wages("c", 7)], below=5)

    after = suppressed(
        [wages("a", 4), wages("b", 6), wages("c", 7), wages("d", 4)], below=5
    )

    assert [one.totals[0].people for one in (before, after)] == [None, None]
