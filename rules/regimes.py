"""The law of one country and kind of site between two days on which it changes.

Many audits share a regime, so what holds in it is looked up once: which rules apply,
and every legal value under each of the three readings.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rules.definitions import Book, Rule
from rules.parameters import (
    EVERYWHERE,
    SECTOR_OF_SITE,
    LegalValue,
    ParameterDefinition,
    Reading,
    read_as,
    values_in_force,
)
from rules.vocabulary import Commodity, SiteKind

Amount = int | bool
Rows = tuple[LegalValue, ...]


@dataclass(frozen=True, slots=True)
class AgeTable:
    """Values by age: `amounts[n]` holds below `limits[n]`, the last one above them all."""

    limits: tuple[int, ...]
    amounts: tuple[Amount | None, ...]

    def at(self, age: int) -> Amount | None:
        return self.amounts[bisect_right(self.limits, age)]


@dataclass(frozen=True, slots=True)
class AgeRows:
    """The rows in force by age, band by band like the values of an `AgeTable`."""

    limits: tuple[int, ...]
    rows: tuple[Rows, ...]

    def at(self, age: int) -> Rows:
        return self.rows[bisect_right(self.limits, age)]


LegalTable = Mapping[str, Amount | AgeTable | None]


@dataclass(frozen=True, slots=True)
class Regime:
    law: Mapping[Reading, LegalTable]
    rows: Mapping[str, Rows | AgeRows]
    """The rows in force of each parameter, by age where it goes by age."""
    unsure: frozenset[str]
    """The parameters whose value depends on how the law is read."""
    applicable: frozenset[str]
    """The ids of the rules whose scope and period admit this site on these days."""


class Regimes:
    """The regimes of a book, made when first asked for; there are only so many."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._countries = book.countries.union(
            *(rule.scopes.countries for rule in book.rules)
        )
        self._days = _days_of_change(book)
        self._known: dict[tuple[str, Commodity, SiteKind, int], Regime] = {}

    def at(
        self, country: str, commodity: Commodity, site_kind: SiteKind, day: date
    ) -> Regime:
        # Countries the book does not know share the international law.
        where = country if country in self._countries else EVERYWHERE
        key = (where, commodity, site_kind, bisect_right(self._days, day))
        regime = self._known.get(key)
        if regime is None:
            regime = self._known[key] = _regime(
                self._book, where, commodity, site_kind, day
            )
        return regime

    def next_change(self, day: date) -> date | None:
        """Return the first day after `day` on which any law or scope changes."""
        place = bisect_right(self._days, day)
        return self._days[place] if place < len(self._days) else None


def _days_of_change(book: Book) -> list[date]:
    days = {
        day
        for parameter in book.parameters.values()
        for row in parameter.values
        for day in (row.start, row.end)
    }
    days |= {day for rule in book.rules for day in _bounds(rule)}
    return sorted(day for day in days if day is not None)


def _bounds(rule: Rule) -> Iterable[date | None]:
    return (rule.in_force.start, rule.in_force.end)


def _regime(
    book: Book, country: str, commodity: Commodity, site_kind: SiteKind, day: date
) -> Regime:
    rows = {
        name: _rows(parameter, country, site_kind, day)
        for name, parameter in book.parameters.items()
    }
    law = {
        reading: {
            name: _amount(book.parameters[name], found, reading)
            for name, found in rows.items()
        }
        for reading in Reading
    }
    unsure = frozenset(
        name
        for name in book.parameters
        if any(table[name] != law[Reading.FLOOR][name] for table in law.values())
    )
    applicable = frozenset(
        rule.id
        for rule in book.rules
        if rule.scopes.admit(country, commodity, site_kind)
        and rule.in_force.holds_on(day)
    )
    return Regime(law, rows, unsure, applicable)


def _rows(
    parameter: ParameterDefinition, country: str, site_kind: SiteKind, day: date
) -> Rows | AgeRows:
    def at(age: int | None) -> Rows:
        return values_in_force(
            parameter,
            country=country,
            sector=SECTOR_OF_SITE[site_kind],
            day=day,
            age=age,
        )

    if not parameter.by_age:
        return at(None)
    limits = sorted(
        {
            age
            for row in parameter.values
            for age in (row.age_from, row.age_below)
            if age is not None
        }
    )
    below_all = limits[0] - 1 if limits else 0
    return AgeRows(tuple(limits), tuple(at(age) for age in [below_all, *limits]))


def _amount(
    parameter: ParameterDefinition, rows: Rows | AgeRows, reading: Reading
) -> Amount | AgeTable | None:
    def chosen(found: Rows) -> Amount | None:
        row = read_as(parameter, found, reading)
        return None if row is None else row.value

    if isinstance(rows, AgeRows):
        return AgeTable(rows.limits, tuple(chosen(found) for found in rows.rows))
    return chosen(rows)
