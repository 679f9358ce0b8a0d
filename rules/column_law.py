"""The law by the column: every audit has a regime, and every regime its legal values.

A regime is a country, a kind of site, a commodity and the days between two changes of
the law. What holds in it is asked of the same functions as for one audit; here it is
only laid out in tables, to be gathered by the regime of each audit.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from rules.column_batches import (
    COMMODITIES,
    COUNTRY_CODES,
    SITE_KINDS,
    country_code,
)
from rules.column_planes import Flags
from rules.definitions import Book, Rule
from rules.parameters import (
    EVERYWHERE,
    SECTOR_OF_SITE,
    LegalValue,
    ParameterDefinition,
    Reading,
    Sector,
    read_as,
    values_in_force,
)

Integers = npt.NDArray[np.integer]
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Legal values by regime and, if they vary with it, by band of age."""

    values: Integers
    known: Flags

    def same_as(self, other: "Amounts") -> bool:
        return np.array_equal(self.known, other.known) and np.array_equal(
            self.values, other.values
        )


class Law:
    """The legal tables of a book, each made when it is first asked for."""

    def __init__(self, book: Book) -> None:
        self._parameters = book.parameters
        known = book.countries.union(*(one.scopes.countries for one in book.rules))
        # Countries the book does not know share the international law.
        self._countries = (*sorted(known), EVERYWHERE)
        self._days = sorted(_days_of_change(book))
        self._tables: dict[str, dict[Reading, Amounts]] = {}
        self._scopes: dict[object, Flags] = {}

    @property
    def _shape(self) -> tuple[int, int, int, int]:
        """Countries, kinds of site, commodities, and the spans between changes."""
        return (
            len(self._countries),
            len(SITE_KINDS),
            len(COMMODITIES),
            len(self._days) + 1,
        )

    @cached_property
    def _number_of_country(self) -> npt.NDArray[np.int32]:
        numbers = np.full(COUNTRY_CODES, len(self._countries) - 1, np.int32)
        for number, country in enumerate(self._countries[:-1]):
            numbers[country_code(country)] = number
        return numbers

    @cached_property
    def _span_of_day(self) -> tuple[int, npt.NDArray[np.int32]]:
        """Return the day before the first change, and the span of each day from then."""
        first = _number_of(self._span_days[0])
        last = _number_of(self._span_days[-1])
        changes = [_number_of(day) for day in self._days]
        days = np.arange(first, last + 1)
        return first, np.searchsorted(changes, days, side="right").astype(np.int32)

    @cached_property
    def _span_days(self) -> list[date]:
        """Return a day in each span."""
        before = self._days[0] - timedelta(days=1) if self._days else EPOCH
        return [before, *self._days]

    def regimes_of(
        self,
        country: Integers,
        site_kind: Integers,
        commodity: Integers,
        day: Integers,
    ) -> npt.NDArray[np.int32]:
        first, spans = self._span_of_day
        _, kinds, commodities, in_all = self._shape
        regime = self._number_of_country[country] * kinds + site_kind
        regime = regime * commodities + commodity
        span = spans.take(np.clip(day, first, first + len(spans) - 1) - first)
        return (regime * in_all + span).astype(np.int32, copy=False)

    def admits(self, rule: Rule) -> Flags:
        """Tell for each regime whether the rule's scopes and period admit it."""
        key = (rule.scopes, rule.in_force)
        if key not in self._scopes:
            scoped = [
                rule.scopes.admit(country, commodity, site_kind)
                for country in self._countries
                for site_kind in SITE_KINDS
                for commodity in COMMODITIES
            ]
            in_force = [rule.in_force.holds_on(day) for day in self._span_days]
            self._scopes[key] = np.logical_and.outer(scoped, in_force).ravel()
        return self._scopes[key]

    def limits(self, name: str) -> tuple[int, ...]:
        """Return the ages at which a parameter changes; none if it has no ages."""
        return _limits(self._parameters[name])

    def is_by_age(self, name: str) -> bool:
        return self._parameters[name].by_age

    def amounts(self, name: str, reading: Reading) -> Amounts:
        """Return the value of a parameter in every regime."""
        if name not in self._tables:
            self._tables[name] = self._table(self._parameters[name])
        return self._tables[name][reading]

    def _table(self, parameter: ParameterDefinition) -> dict[Reading, Amounts]:
        ages = _an_age_in_each_band(parameter)
        bands = len(ages)
        shape = (*self._shape, bands)
        values = {reading: np.zeros(shape, np.int64) for reading in Reading}
        known = {reading: np.zeros(shape, np.bool_) for reading in Reading}
        for number, country in enumerate(self._countries):
            own = _rows_for(parameter, country)
            changes = sorted(_days_of(own))
            spans = [bisect_right(changes, day) for day in self._span_days]
            for kind, site_kind in enumerate(SITE_KINDS):
                sector = SECTOR_OF_SITE[site_kind]
                in_force = _in_force(own, country, sector, changes, ages)
                for reading in Reading:
                    found = _amounts(own, in_force, reading)
                    values[reading][number, kind, :] = found.values[spans]
                    known[reading][number, kind, :] = found.known[spans]
        return {
            reading: Amounts(
                _narrowed(values[reading].reshape(-1, bands)),
                known[reading].reshape(-1, bands),
            )
            for reading in Reading
        }


class LawHere:
    """The law of the audits of one batch: only the regimes that occur in it."""

    def __init__(
        self, law: Law, regimes: npt.NDArray[np.int32], names: Iterable[str]
    ) -> None:
        self._law = law
        self._present = np.flatnonzero(np.bincount(regimes))
        number = np.zeros(regimes.max(initial=0) + 1, np.int32)
        number[self._present] = np.arange(len(self._present))
        self.regimes = number.take(regimes)
        self._known: dict[tuple[str, Reading], Amounts] = {}
        self._unsure = {
            reading: frozenset(
                name
                for name in names
                if not self.amounts(name, reading).same_as(
                    self.amounts(name, Reading.FLOOR)
                )
            )
            for reading in Reading
        }

    def reading_that_counts(self, names: frozenset[str], reading: Reading) -> Reading:
        """Return the floor where these parameters read the same there."""
        if self._unsure[reading].isdisjoint(names):
            return Reading.FLOOR
        return reading

    def amounts(self, name: str, reading: Reading) -> Amounts:
        """Return the value of a parameter in each regime that occurs."""
        key = (name, reading)
        if key not in self._known:
            everywhere = self._law.amounts(name, reading)
            self._known[key] = Amounts(
                everywhere.values[self._present], everywhere.known[self._present]
            )
        return self._known[key]

    def admits(self, rule: Rule) -> Flags:
        return self._law.admits(rule)[self._present]

    def limits(self, name: str) -> tuple[int, ...]:
        return self._law.limits(name)

    def is_by_age(self, name: str) -> bool:
        return self._law.is_by_age(name)


@lru_cache(maxsize=8)
def law_of(book: Book) -> Law:
    return Law(book)


def _in_force(
    parameter: ParameterDefinition,
    country: str,
    sector: Sector,
    changes: list[date],
    ages: list[int | None],
) -> list[list[tuple[LegalValue, ...]]]:
    """Return the rows that hold between the changes of one country, by band of age."""
    before = changes[0] - timedelta(days=1) if changes else EPOCH
    return [
        [
            values_in_force(parameter, country=country, sector=sector, day=day, age=age)
            for age in ages
        ]
        for day in (before, *changes)
    ]


def _amounts(
    parameter: ParameterDefinition,
    in_force: list[list[tuple[LegalValue, ...]]],
    reading: Reading,
) -> Amounts:
    chosen = [[read_as(parameter, rows, reading) for rows in band] for band in in_force]
    values = [[0 if row is None else int(row.value) for row in band] for band in chosen]
    known = [[row is not None for row in band] for band in chosen]
    return Amounts(np.array(values, np.int64), np.array(known))


def _an_age_in_each_band(parameter: ParameterDefinition) -> list[int | None]:
    if not parameter.by_age:
        return [None]
    limits = _limits(parameter)
    return [limits[0] - 1 if limits else 0, *limits]


def _limits(parameter: ParameterDefinition) -> tuple[int, ...]:
    ages = {
        age
        for row in parameter.values
        for age in (row.age_from, row.age_below)
        if age is not None and parameter.by_age
    }
    return tuple(sorted(ages))


def _rows_for(parameter: ParameterDefinition, country: str) -> ParameterDefinition:
    own = tuple(row for row in parameter.values if row.country in (country, EVERYWHERE))
    return replace(parameter, values=own)


def _days_of(parameter: ParameterDefinition) -> set[date]:
    days = {day for row in parameter.values for day in (row.start, row.end)}
    return {day for day in days if day is not None}


def _days_of_change(book: Book) -> Iterable[date]:
    days = {day for one in book.parameters.values() for day in _days_of(one)}
    for rule in book.rules:
        days.add(rule.in_force.start)
        if rule.in_force.end is not None:
            days.add(rule.in_force.end)
    return days


def _number_of(day: date) -> int:
    return (day - EPOCH).days


def _narrowed(values: npt.NDArray[np.int64]) -> Integers:
    """Keep the numbers in as few bytes as they need: a gather costs by the byte."""
    for narrow in (np.int16, np.int32):
        held = np.iinfo(narrow)
        if held.min <= values.min() and values.max() <= held.max:
            return values.astype(narrow)
    return values
