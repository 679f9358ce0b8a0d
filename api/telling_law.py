"""`atalaya law` and `atalaya facts`: what the book says the law is, and what it asks."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from compliance import clock
from compliance.texts import N_, translate
from rules import Book, Kind, LegalValue, ParameterDefinition, Roster, Source, read_book
from rules.explanation import tell_since
from rules.parameters import EVERYWHERE, Sector
from rules.places import country_name
from rules.quantities import YES_NO, tell_amount, tell_day
from rules.statute import (
    SECTORS_OF_SITES,
    AskedFact,
    Provision,
    Standing,
    asked_facts,
    law_of,
)
from rules.wording import CONFIDENCE

UNKNOWN_COUNTRY = N_("The book has no law of {country}. It has that of: {known}.")
UNKNOWN_DAY = N_("{day} is no day. Write it as year, month and day: 2026-11-03.")
HEADING = N_(
    "The law of {country} on {day}, as edition {edition} of the rule book holds it."
)
SECTOR_WORDS = {
    Sector.ALL: N_("every sector"),
    Sector.AGRICULTURE: N_("agriculture"),
    Sector.INDUSTRY: N_("industry"),
}
AGES = {
    (True, True): N_("from {low}, below {high} years of age"),
    (True, False): N_("from {low} years of age"),
    (False, True): N_("below {high} years of age"),
}
INTERNATIONAL = N_("international")
DISPUTED = N_("The sources differ. Readings:")
NO_VALUE = N_("No value is known that day.")
GAP = N_("Gap: {why}")
SOURCE = N_("Source: {source}")
TYPE_WORDS = {
    Kind.YES_NO: N_("yes or no"),
    Kind.INTEGER: N_("a whole number of {unit}, from {low} to {high}"),
    Kind.CHOICE: N_("one of: {options}"),
    Kind.CHOICES: N_("any of: {options}"),
    Kind.DAY: N_("a day, YYYY-MM-DD"),
}
ASKED_OF: dict[Roster | None, str] = {
    None: N_("Asked of the site as a whole"),
    Roster.CHILDREN: N_("Asked of each child"),
    Roster.WORKERS: N_("Asked of each worker"),
}
READ_BY = N_("Read by: {rules}")
READ_BY_NONE = N_("No rule reads it.")
Told = Callable[[str], str]


def add_law_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument(
        "country",
        metavar=told(N_("COUNTRY")),
        help=told(N_("two letters, such as CO")),
    )
    command.add_argument(
        "--on",
        metavar=told(N_("DAY")),
        help=told(N_("the day the law is read on, YYYY-MM-DD (default: today)")),
    )
    command.add_argument(
        "--sector",
        choices=[str(one) for one in SECTORS_OF_SITES],
        help=told(N_("the law of farms or of mills only (default: both)")),
    )
    command.add_argument(
        "--json", action="store_true", help=told(N_("print the law as JSON"))
    )


def add_facts_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument(
        "--json", action="store_true", help=told(N_("print the facts as JSON"))
    )


def law(parsed: argparse.Namespace, language: str) -> int:
    """Print the law of a country on a day; 2 if there is no such country or day."""
    book = read_book()
    country = parsed.country.upper()
    if country not in book.countries:
        known = ", ".join(sorted(book.countries))
        return _misused(UNKNOWN_COUNTRY, language, country=parsed.country, known=known)
    day = _day(parsed.on)
    if day is None:
        return _misused(UNKNOWN_DAY, language, day=parsed.on)
    sector = Sector(parsed.sector) if parsed.sector else None
    provisions = law_of(book, country, day, sector)
    if parsed.json:
        document = {
            "edition": book.edition,
            "book_sha256": book.sha256,
            "country": country,
            "day": day.isoformat(),
            "sector": sector,
            "parameters": [
                _provision_document(one, book, country, language) for one in provisions
            ],
        }
        _print_json(document)
        return 0
    where = country_name(country, language)
    when = tell_day(day, language)
    lines = [
        translate(HEADING, language, country=where, day=when, edition=book.edition)
    ]
    for one in provisions:
        lines += ["", *_provision_lines(one, book, country, language)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def facts(parsed: argparse.Namespace, language: str) -> int:
    """Print every fact the rules can ask, with the rules that read it."""
    book = read_book()
    asked = asked_facts(book)
    if parsed.json:
        documents = [_fact_document(one, language) for one in asked]
        _print_json({"edition": book.edition, "facts": documents})
        return 0
    lines = []
    for roster, heading in ASKED_OF.items():
        told = translate(heading, language)
        lines += [told, "-" * len(told)]
        for one in asked:
            if one.fact.roster is roster:
                lines += [*_fact_lines(one, language), ""]
    sys.stdout.write("\n".join(lines[:-1]) + "\n")
    return 0


def _misused(message: str, language: str, **named: object) -> int:
    sys.stderr.write(translate(message, language, **named) + "\n")
    return 2


def _day(written: str | None) -> date | None:
    """Return the day that is written, today if none is, None if it is no day."""
    if written is None:
        return clock.today()
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if day.isoformat() == written else None


def _print_json(document: object) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write(text + "\n")


def _provision_lines(
    provision: Provision, book: Book, country: str, language: str
) -> Iterator[str]:
    title = provision.parameter.title.in_language(language)
    yield f"{title} ({provision.parameter.name})"
    for standing in provision.standings:
        whom = _whom(standing, language)
        readings = [
            f"{_value(row, provision.parameter, country, language)}: {row.cites}; "
            f"{tell_since(row, language)}; {CONFIDENCE[row.confidence].in_language(language)}"
            for row in standing.readings
        ]
        is_disputed = len(readings) > 1
        if is_disputed:
            yield f"    {whom}{translate(DISPUTED, language)}"
        for row, told in zip(standing.readings, readings, strict=True):
            yield f"      - {told}" if is_disputed else f"    {whom}{told}"
            for source in _sources(row, book):
                named = translate(SOURCE, language, source=_source(source))
                yield f"        {named}"
    for why in provision.gaps:
        told = why.in_language(language)
        yield f"    {translate(GAP, language, why=told)}"
    if not provision.standings and not provision.gaps:
        yield f"    {translate(NO_VALUE, language)}"


def _whom(standing: Standing, language: str) -> str:
    """Return for whom a value holds, ready to stand before it; nothing if for all."""
    parts = []
    if standing.sector is not Sector.ALL:
        parts.append(translate(SECTOR_WORDS[standing.sector], language))
    if standing.readings[0].country == EVERYWHERE:
        parts.append(translate(INTERNATIONAL, language))
    known = standing.age_from is not None, standing.age_below is not None
    if known in AGES:
        ages = AGES[known]
        low, high = standing.age_from, standing.age_below
        parts.append(translate(ages, language, low=low, high=high))
    return f"[{', '.join(parts)}] " if parts else ""


def _value(
    row: LegalValue, parameter: ParameterDefinition, country: str, language: str
) -> str:
    if isinstance(row.value, bool):
        return YES_NO[row.value].in_language(language)
    return tell_amount(row.value, parameter.unit, country, language)


def _sources(row: LegalValue, book: Book) -> list[Source]:
    return [book.sources[name] for name in row.sources]


def _source(source: Source) -> str:
    known = (source.title, source.publisher, source.year, source.url)
    return ", ".join(str(part) for part in known if part is not None)


def _provision_document(
    provision: Provision, book: Book, country: str, language: str
) -> dict[str, Any]:
    parameter = provision.parameter
    return {
        "parameter": parameter.name,
        "title": parameter.title.in_language(language),
        "unit": parameter.unit.name if parameter.unit else None,
        "values": [
            {
                "sector": standing.sector,
                "age_from": standing.age_from,
                "age_below": standing.age_below,
                "is_disputed": len(standing.readings) > 1,
                "readings": [
                    {
                        "value": row.value,
                        "told": _value(row, parameter, country, language),
                        "country": row.country,
                        "valid_from": row.start,
                        "valid_before": row.end,
                        "cites": row.cites,
                        "confidence": row.confidence,
                        "sources": [
                            {
                                "id": source.id,
                                "title": source.title,
                                "publisher": source.publisher,
                                "year": source.year,
                                "url": source.url,
                            }
                            for source in _sources(row, book)
                        ],
                        "note": row.note.in_language(language) if row.note else None,
                    }
                    for row in standing.readings
                ],
            }
            for standing in provision.standings
        ],
        "gaps": [why.in_language(language) for why in provision.gaps],
    }


def _fact_lines(asked: AskedFact, language: str) -> Iterator[str]:
    fact = asked.fact
    yield f"{fact.id}: {fact.title.in_language(language)}"
    options = ", ".join(
        f"{name} ({title.in_language(language)})"
        for name, title in fact.options.items()
    )
    unit = fact.unit.name if fact.unit else ""
    low, high = fact.lowest, fact.highest
    told = translate(
        TYPE_WORDS[fact.kind], language, unit=unit, low=low, high=high, options=options
    )
    yield f"    {told}"
    rules = ", ".join(asked.rules)
    read_by = READ_BY if rules else READ_BY_NONE
    yield f"    {translate(read_by, language, rules=rules)}"


def _fact_document(asked: AskedFact, language: str) -> dict[str, Any]:
    fact = asked.fact
    is_number = fact.kind is Kind.INTEGER
    return {
        "fact": fact.id,
        "roster": fact.roster,
        "title": fact.title.in_language(language),
        "type": fact.kind,
        "unit": fact.unit.name if fact.unit else None,
        "range": [fact.lowest, fact.highest] if is_number else None,
        "options": [
            {"option": name, "title": title.in_language(language)}
            for name, title in fact.options.items()
        ],
        "sensitive": fact.sensitive,
        "rules": asked.rules,
    }
