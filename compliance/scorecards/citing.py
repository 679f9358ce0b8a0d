"""Which law a flag on a card rests on: that of the site's own country, by its number.

A rule of the book cites what holds in many countries. A card tells a reader of one: other
countries' laws are left out, and where the book says `National law` the card names the
law that its legal values come from.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from pydantic import ValidationError

from compliance.scorecards.content import Citation
from rules import Book, Rule
from rules import Citation as Cited
from rules.expressions import Parameter, walk

NATIONAL = "National law"
MOST_NATIONAL = 3
# Where a country has set a value by the convention alone, that is no law of its own.
CONVENTION = re.compile(r"C\d{3}\b")


def citations_of(
    book: Book, rule: Rule, *, country: str, day: date
) -> tuple[Citation, ...]:
    """Return the citations of a rule for one country and day; there is at least one."""
    named = [
        (cited.instrument, cited.article)
        for cited in rule.cites
        if cited.instrument != NATIONAL and _concerns(cited, book, country)
    ]
    told = list(_printable(named))
    if not any(instrument.startswith(f"{country} ") for instrument, _ in named):
        told += _national(book, rule, country, day)
    return tuple(dict.fromkeys(told)) or (
        Citation(instrument=NATIONAL, article=f"rule book {book.edition}"),
    )


def _concerns(cited: Cited, book: Book, country: str) -> bool:
    """Tell an instrument of this country, or of none, from another country's."""
    prefix = cited.instrument.partition(" ")[0]
    return prefix == country or prefix not in book.countries


def _national(book: Book, rule: Rule, country: str, day: date) -> Iterable[Citation]:
    """Return where the values that the rule itself compares with come from."""
    names = dict.fromkeys(
        node.name for node in walk(rule.flag_when) if isinstance(node, Parameter)
    )
    clauses = [
        (country, row.cites.partition(";")[0].partition(" (")[0].strip())
        for name in names
        for row in book.parameters[name].values
        if row.country == country
        and row.holds_on(day)
        and not CONVENTION.match(row.cites)
    ]
    return list(dict.fromkeys(_printable(clauses)))[:MOST_NATIONAL]


def _printable(pairs: Iterable[tuple[str, str]]) -> Iterator[Citation]:
    """Yield those that a card can tell: an article is told by its number."""
    for instrument, article in pairs:
        try:
            yield Citation(instrument=instrument, article=article)
        except ValidationError:
            continue
