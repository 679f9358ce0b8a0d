"""The law a rule reads in a country on a day, disputed readings side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from compliance.texts import N_, translate
from rules import Book, Confidence, LegalValue, ParameterDefinition, Source, wording
from rules.parameters import EVERYWHERE, Sector
from rules.quantities import YES_NO, tell_amount, tell_day

AGES = {
    (True, True): N_("from {low}, below {high} years of age"),
    (True, False): N_("from {low} years of age"),
    (False, True): N_("below {high} years of age"),
}
CHECKED = frozenset({Confidence.VERIFIED, Confidence.PARTLY_VERIFIED})


@dataclass(frozen=True)
class ToldReading:
    """One value as a reader knows it, with where it stands and how surely."""

    value: str
    cites: str
    since: str
    confidence: str
    is_checked: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class ToldValues:
    """What holds for a sector and an age; several readings if they are disputed."""

    sector: Sector
    ages: str | None
    readings: tuple[ToldReading, ...]


@dataclass(frozen=True)
class ToldParameter:
    title: str
    is_international: bool
    values: tuple[ToldValues, ...]


def told_parameter(
    book: Book, parameter: ParameterDefinition, country: str, day: date, language: str
) -> ToldParameter:
    """Return what holds in a country on a day; no values where none is known.

    The country's own values go before the international ones.
    """
    holding = [row for row in parameter.values if row.holds_on(day)]
    own = [row for row in holding if row.country == country]
    rows = own or [row for row in holding if row.country == EVERYWHERE]
    return ToldParameter(
        title=parameter.title.in_language(language),
        is_international=bool(rows) and not own,
        values=tuple(
            ToldValues(
                sector=first.sector,
                ages=_ages(first, language),
                readings=tuple(
                    _reading(book, parameter, row, country, language) for row in group
                ),
            )
            for first, group in _grouped(rows)
        ),
    )


def _grouped(
    rows: Iterable[LegalValue],
) -> Iterable[tuple[LegalValue, list[LegalValue]]]:
    """Part the rows by whom they hold for; several of one group are disputed."""
    for _, group in groupby(sorted(rows, key=_whom), key=_whom):
        kept = sorted(group, key=lambda row: row.value)
        yield kept[0], kept


def _whom(row: LegalValue) -> tuple[str, int, int]:
    high = row.age_below
    return row.sector, row.age_from or 0, 999 if high is None else high


def _ages(row: LegalValue, language: str) -> str | None:
    known = row.age_from is not None, row.age_below is not None
    if known == (False, False):
        return None
    return translate(AGES[known], language, low=row.age_from, high=row.age_below)


def _reading(
    book: Book,
    parameter: ParameterDefinition,
    row: LegalValue,
    country: str,
    language: str,
) -> ToldReading:
    value = (
        YES_NO[row.value].in_language(language)
        if isinstance(row.value, bool)
        else tell_amount(row.value, parameter.unit, country, language)
    )
    return ToldReading(
        value=value,
        cites=row.cites,
        since=_since(row, language),
        confidence=wording.CONFIDENCE[row.confidence].in_language(language),
        is_checked=row.confidence in CHECKED,
        sources=tuple(
            book.sources[name] for name in row.sources if name in book.sources
        ),
    )


def _since(row: LegalValue, language: str) -> str:
    """Tell from when a value holds, no more exactly than it is known."""
    if row.start is None:
        return wording.SINCE_OPEN.in_language(language)
    if row.confidence is Confidence.RATIFICATION:
        return wording.SINCE_UNSURE.in_language(language)
    since = wording.SINCE.in_language(language)
    if row.confidence is Confidence.YEAR_ONLY:
        return since.format(
            wording.ON_YEAR.in_language(language).format(row.start.year)
        )
    return since.format(tell_day(row.start, language))
