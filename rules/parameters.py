"""Legal values: what held in a country and sector on a day, and how surely it is known.

No value in force that day is not an error: the answer is unknown, and the cause is
that there is no legal value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from rules.mistakes import Place
from rules.texts import Text
from rules.units import Unit
from rules.vocabulary import Kind, SiteKind

# An international value: it holds where a country has none of its own that day.
EVERYWHERE = "*"
Bound = TypeVar("Bound", int, date)


class Sector(StrEnum):
    ALL = "all"
    AGRICULTURE = "agriculture"
    INDUSTRY = "industry"


class Confidence(StrEnum):
    """How a legal value was verified."""

    VERIFIED = "verified"
    PARTLY_VERIFIED = "partly_verified"
    SECONDARY_SOURCE = "verified_by_secondary_source"
    PRESS = "verified_press"
    YEAR_ONLY = "verified_year_only"
    RATIFICATION = "ratification_verified_date_unverified"
    DISPUTED = "disputed"
    UNVERIFIED = "unverified"


class Reading(StrEnum):
    """How the law is read where it is unsure."""

    SETTLED = "settled"
    """Unverified values are unknown; of disputed ones the most lenient counts."""
    FLOOR = "floor"
    """Unverified values count; of disputed ones the most lenient."""
    STRICTEST = "strictest"
    """Unverified values count; of disputed ones the strictest."""


class Stricter(StrEnum):
    """Which direction asks more of the employer."""

    HIGHER = "higher"
    LOWER = "lower"
    TRUE = "true"
    FALSE = "false"


SECTOR_OF_SITE = {
    SiteKind.PRODUCER: Sector.AGRICULTURE,
    SiteKind.MILL: Sector.INDUSTRY,
}


@dataclass(frozen=True, slots=True)
class LegalValue:
    """One row: a value in the base unit, in force on `[start, end)`, for `[age_from, age_below)`."""

    country: str
    sector: Sector
    start: date | None
    end: date | None
    value: int | bool
    cites: str
    sources: tuple[str, ...]
    confidence: Confidence
    age_from: int | None = None
    age_below: int | None = None
    note: Text | None = None
    place: Place | None = None

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (
            self.end is None or day < self.end
        )

    def holds_at(self, age: int | None) -> bool:
        if age is None:
            return self.age_from is None and self.age_below is None
        return (self.age_from is None or self.age_from <= age) and (
            self.age_below is None or age < self.age_below
        )


@dataclass(frozen=True, slots=True)
class LegalGap:
    """A country whose value nobody has confirmed, and why."""

    country: str
    why: Text


@dataclass(frozen=True)
class ParameterDefinition:
    name: str
    title: Text
    kind: Kind
    unit: Unit | None
    stricter: Stricter
    by_age: bool
    values: tuple[LegalValue, ...]
    gaps: tuple[LegalGap, ...] = ()

    @cached_property
    def gap_countries(self) -> frozenset[str]:
        return frozenset(gap.country for gap in self.gaps)

    @cached_property
    def by_place(self) -> Mapping[tuple[str, Sector], tuple[LegalValue, ...]]:
        """The rows of each country and sector, in the order of the file."""
        grouped: dict[tuple[str, Sector], list[LegalValue]] = {}
        for row in self.values:
            grouped.setdefault((row.country, row.sector), []).append(row)
        return {place: tuple(rows) for place, rows in grouped.items()}


def values_in_force(
    parameter: ParameterDefinition,
    *,
    country: str,
    sector: Sector,
    day: date,
    age: int | None = None,
) -> tuple[LegalValue, ...]:
    """Return the rows that hold: one, or several if they are disputed.

    The country's own beat the international, and the sector's own those of `all`.
    """
    for where in (country, EVERYWHERE):
        for what in (sector, Sector.ALL):
            found = tuple(
                row
                for row in parameter.by_place.get((where, what), ())
                if row.holds_on(day) and row.holds_at(age)
            )
            if found:
                return found
    return ()


def read_as(
    parameter: ParameterDefinition, rows: tuple[LegalValue, ...], reading: Reading
) -> LegalValue | None:
    """Choose among the rows in force, or None where this reading knows no value."""
    if reading is Reading.SETTLED:
        rows = tuple(row for row in rows if row.confidence != Confidence.UNVERIFIED)
    if not rows:
        return None
    by_strictness = sorted(rows, key=lambda row: row.value)
    if parameter.stricter in (Stricter.LOWER, Stricter.FALSE):
        by_strictness.reverse()
    return by_strictness[-1 if reading is Reading.STRICTEST else 0]


def overlap(one: LegalValue, other: LegalValue) -> bool:
    """Tell whether both rows could hold for the same site, day and age."""
    return (
        (one.country, one.sector) == (other.country, other.sector)
        and _meet(one.start, one.end, other.start, other.end)
        and _meet(one.age_from, one.age_below, other.age_from, other.age_below)
    )


def _meet(
    start: Bound | None,
    end: Bound | None,
    other_start: Bound | None,
    other_end: Bound | None,
) -> bool:
    begins_in_time = start is None or other_end is None or start < other_end
    other_begins_in_time = other_start is None or end is None or other_start < end
    return begins_in_time and other_begins_in_time
