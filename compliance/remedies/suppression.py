"""Small counts kept back, and whatever they could be worked out from: pure.

Kinds and currencies are never added to each other, so each pair of them is a table of
its own: a line of sites and at most one total. What is told of it is some cells, and
that total. Who subtracts the one from the other learns the sum S of the k cells that
are kept back, each of which is at least 1. S − k says how far any of them can be from
1, so cells are kept back, the smallest first, until S − k is at least the threshold
less one: then each of them could be anything from 1 up to the threshold, which is to
say, small or not. Where too few cells are there for that, the total is kept back.

What was paid says who was left out where it is nothing or all, so that totals of it are
told only where no cell is kept back.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Cell:
    """What people of one site are owed of one kind; amounts in minor units.

    `paid_people` is a count only where no money is owed. `people` is None where the
    numbers are kept back, and then the others are too.
    """

    site: str
    kind: str
    currency: str | None
    people: int | None
    owed: int | None = None
    paid: int | None = None
    paid_people: int | None = None

    @property
    def is_kept_back(self) -> bool:
        return self.people is None


@dataclass(frozen=True)
class Total:
    """The sum over the sites of one kind and currency; None where it is kept back."""

    kind: str
    currency: str | None
    people: int | None
    owed: int | None = None
    paid: int | None = None
    paid_people: int | None = None


@dataclass(frozen=True)
class Summary:
    """What may leave; `below` is the threshold it was made with."""

    below: int
    cells: tuple[Cell, ...]
    totals: tuple[Total, ...]


def suppressed(cells: Iterable[Cell], *, below: int) -> Summary:
    """Return the cells and totals with all kept back that must be.

    Each cell has its numbers, and people at least 1; a site stands once for each kind
    and currency.
    """
    given = list(cells)
    tables: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in given:
        tables[cell.kind, cell.currency or ""].append(cell)
    told: dict[Cell, Cell] = {}
    totals = []
    for name in sorted(tables):
        hidden, has_total = _hidden(tables[name], below)
        told.update({cell: _without_numbers(cell) for cell in hidden})
        totals.append(_total(tables[name], hidden, has_total=has_total))
    return Summary(below, tuple(told.get(cell, cell) for cell in given), tuple(totals))


def _hidden(table: Sequence[Cell], below: int) -> tuple[list[Cell], bool]:
    """Return the cells of a table to keep back, and whether its total may be told."""
    hidden = [cell for cell in table if _is_small(cell, below)]
    if not hidden:
        return hidden, True
    rest = sorted(
        (cell for cell in table if cell not in hidden),
        key=lambda cell: (cell.people or 0, cell.site),
    )
    while not _is_vague(hidden, below):
        if not rest:
            return [cell for cell in table if _is_small(cell, below)], False
        hidden.append(rest.pop(0))
    return hidden, True


def _is_small(cell: Cell, below: int) -> bool:
    people = cell.people or 0
    counts = [people]
    if cell.paid_people is not None:
        counts += [cell.paid_people, people - cell.paid_people]
    return any(0 < count < below for count in counts)


def _is_vague(hidden: Sequence[Cell], below: int) -> bool:
    """Tell whether each of them could be small or not, if their sum is known."""
    spare = sum(cell.people or 0 for cell in hidden) - len(hidden)
    return len(hidden) > 1 and spare >= below - 1


def _without_numbers(cell: Cell) -> Cell:
    return replace(cell, people=None, owed=None, paid=None, paid_people=None)


def _total(table: Sequence[Cell], hidden: Sequence[Cell], *, has_total: bool) -> Total:
    first = table[0]
    if not has_total:
        return Total(first.kind, first.currency, None)
    total = Total(
        first.kind,
        first.currency,
        people=sum(cell.people or 0 for cell in table),
        owed=_sum([cell.owed for cell in table]),
    )
    if hidden:
        return total
    return replace(
        total,
        paid=_sum([cell.paid for cell in table]),
        paid_people=_sum([cell.paid_people for cell in table]),
    )


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
