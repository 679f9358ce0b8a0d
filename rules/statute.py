"""The law of one country on one day, parameter by parameter, and the facts rules ask."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from rules.coverage import needs_of
from rules.definitions import Book
from rules.parameters import (
    EVERYWHERE,
    LegalValue,
    ParameterDefinition,
    Sector,
    values_in_force,
)
from rules.texts import Text
from rules.vocabulary import FactDefinition

# What a site reads: a farm the law of agriculture, a mill that of industry.
SECTORS_OF_SITES = (Sector.AGRICULTURE, Sector.INDUSTRY)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a sector and for ages in `[age_from, age_below)`.

    Several readings stand side by side where the law is disputed.
    """

    sector: Sector
    age_from: int | None
    age_below: int | None
    readings: tuple[LegalValue, ...]


@dataclass(frozen=True, slots=True)
class Provision:
    """One parameter in one country: what holds that day, and what nobody confirmed."""

    parameter: ParameterDefinition
    standings: tuple[Standing, ...]
    gaps: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class AskedFact:
    """A fact of the vocabulary, with the ids of the rules that can read it."""

    fact: FactDefinition
    rules: tuple[str, ...]


def law_of(
    book: Book, country: str, day: date, sector: Sector | None = None
) -> tuple[Provision, ...]:
    """Return every parameter as it stands, for one sector or for farms and mills.

    What the book says nothing of in this country, on any day, is left out.
    """
    return tuple(
        Provision(
            one,
            tuple(_standings(one, country, day, sector)),
            tuple(gap.why for gap in one.gaps if gap.country == country),
        )
        for one in book.parameters.values()
        if _speaks_of(one, country)
    )


def _speaks_of(parameter: ParameterDefinition, country: str) -> bool:
    return any(gap.country == country for gap in parameter.gaps) or any(
        row.country in (country, EVERYWHERE) for row in parameter.values
    )


def _standings(
    parameter: ParameterDefinition, country: str, day: date, sector: Sector | None
) -> Iterator[Standing]:
    """Yield what holds; where farms and mills read the same, once for all sectors."""
    sectors = (sector,) if sector in SECTORS_OF_SITES else SECTORS_OF_SITES
    found = [list(_by_age(parameter, country, day, one)) for one in sectors]
    if len(sectors) > 1 and found[0] == found[1]:
        sectors = (Sector.ALL,)
    for one, bands in zip(sectors, found, strict=False):
        for age_from, age_below, readings in bands:
            yield Standing(one, age_from, age_below, readings)


Band = tuple[int | None, int | None, tuple[LegalValue, ...]]


def _by_age(
    parameter: ParameterDefinition, country: str, day: date, sector: Sector
) -> Iterator[Band]:
    """Yield each span of ages with what holds in it; one span where age is no matter."""
    rows = [
        row
        for row in parameter.values
        if row.country in (country, EVERYWHERE) and row.holds_on(day)
    ]
    open_end: Band | None = None
    for age_from, age_below, sample in _spans(rows, by_age=parameter.by_age):
        readings = values_in_force(
            parameter, country=country, sector=sector, day=day, age=sample
        )
        if open_end is not None and open_end[2] == readings:
            open_end = (open_end[0], age_below, readings)
            continue
        if open_end is not None and open_end[2]:
            yield open_end
        open_end = (age_from, age_below, readings)
    if open_end is not None and open_end[2]:
        yield open_end


def _spans(
    rows: Iterable[LegalValue], *, by_age: bool
) -> Iterator[tuple[int | None, int | None, int | None]]:
    """Yield spans of ages within which no row begins or ends, each with an age in it."""
    if not by_age:
        yield None, None, None
        return
    bounds = sorted(
        {
            bound
            for row in rows
            for bound in (row.age_from, row.age_below)
            if bound is not None
        }
    )
    for age_from, age_below in pairwise((None, *bounds, None)):
        sample = age_from if age_from is not None else (age_below or 1) - 1
        yield age_from, age_below, sample


def asked_facts(book: Book) -> tuple[AskedFact, ...]:
    """Return every fact in the order of the vocabulary, with the rules that read it."""
    readers: dict[str, list[str]] = {name: [] for name in book.vocabulary.facts}
    for rule in book.rules:
        for name in needs_of(rule, book).facts:
            readers[name].append(rule.id)
    return tuple(
        AskedFact(fact, tuple(readers[name]))
        for name, fact in book.vocabulary.facts.items()
    )
