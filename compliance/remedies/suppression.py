"""Small counts kept back, and whatever they could be worked out from: pure.

Kinds and currencies are never added to each other, so each pair of them is a table of
its own: a line of sites and at most one total. Where a cell of it is small, that cell
is kept back, and the total with it. Keeping more cells back would do for one day, but
not for two: the cell that hid another one yesterday is told today, and what was hidden
is the difference. With no total there is nothing to take a cell from, whatever is told
before, after, or to somebody else who has other sites.
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
        hidden = [cell for cell in tables[name] if _is_small(cell, below)]
        told.update({cell: _without_numbers(cell) for cell in hidden})
        totals.append(_total(tables[name], has_total=not hidden))
    return Summary(below, tuple(told.get(cell, cell) for cell in given), tuple(totals))


def _is_small(cell: Cell, below: int) -> bool:
    people = cell.people or 0
    counts = [people]
    if cell.paid_people is not None:
        counts += [cell.paid_people, people - cell.paid_people]
    return any(0 < count < below for count in counts)


def _without_numbers(cell: Cell) -> Cell:
    return replace(cell, people=None, owed=None, paid=None, paid_people=None)


def _total(table: Sequence[Cell], *, has_total: bool) -> Total:
    first = table[0]
    if not has_total:
        return Total(first.kind, first.currency, None)
    return Total(
        first.kind,
        first.currency,
        people=sum(cell.people or 0 for cell in table),
        owed=_sum([cell.owed for cell in table]),
        paid=_sum([cell.paid for cell in table]),
        paid_people=_sum([cell.paid_people for cell in table]),
    )


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
