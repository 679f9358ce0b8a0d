"""The part of the book that a device takes along: trees and law as plain JSON.

It is made for one kind of site in one country and for the days of a season. The law is
worked out here, regime by regime, so that the reader on the device only follows trees
(`web/rules/reader.js`). Whatever whole number can come up is proven to be exact in a
browser, whose numbers are exact up to 2^53.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, assert_never

from rules.definitions import Book, Rule, Severity
from rules.expressions import (
    All,
    Arithmetic,
    Compare,
    Condition,
    Count,
    DaysBetween,
    Derived,
    Every,
    Fact,
    Includes,
    IsMissing,
    Literal,
    Member,
    Node,
    Not,
    OneOf,
    Operation,
    Parameter,
    Some,
    Value,
    derived_id,
    fact_id,
    walk,
)
from rules.expressions import Any as AnyOf
from rules.hashes import reached
from rules.parameters import Reading
from rules.regimes import AgeTable, Amount, LegalTable, Regime, Regimes
from rules.texts import LANGUAGES, Text
from rules.vocabulary import Commodity, SiteKind

FORMAT = 1
LARGEST_EXACT = 2**53 - 1
Json = Any


class NotExactOnDevice(ValueError):
    """A rule calculates with numbers that a browser cannot hold exactly."""


def device_part(
    book: Book,
    *,
    country: str,
    commodity: Commodity,
    site_kind: SiteKind,
    first: date,
    last: date,
    only: Iterable[str] | None = None,
) -> dict[str, Json]:
    """Return what a device needs to judge visits from day `first` to day `last`.

    `only` names the rules to take along, all by default. Raise NotExactOnDevice for a
    rule whose numbers could pass 2^53, and KeyError for one the book does not have.
    """
    wanted = book.rules if only is None else [book.rule_by_id[one] for one in only]
    regimes = list(_regimes(book, country, commodity, site_kind, first, last))
    applicable = frozenset().union(*(regime.applicable for _, regime in regimes))
    rules = [rule for rule in wanted if rule.id in applicable]
    for rule in rules:
        _require_exact(rule, book)
    read = {node for rule in rules for node in reached(rule, book)}
    return {
        "format": FORMAT,
        "edition": book.edition,
        "book_sha256": book.sha256,
        "country": country,
        "commodity": commodity,
        "site_kind": site_kind,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "severities": list(Severity),
        "rules": [_rule(rule, book) for rule in rules],
        "derived": {
            derived_id(node): _tree(book.derived[derived_id(node)].when)
            for node in sorted(
                (node for node in read if isinstance(node, Derived)), key=derived_id
            )
        },
        "facts": {
            fact: _text(book.vocabulary.facts[fact].title)
            for fact in sorted(
                {fact_id(node) for node in read if isinstance(node, (Fact, Member))}
            )
        },
        "regimes": [
            {"from": start.isoformat(), **_regime(regime, read, rules)}
            for start, regime in regimes
        ],
    }


def _regimes(
    book: Book,
    country: str,
    commodity: Commodity,
    site_kind: SiteKind,
    first: date,
    last: date,
) -> Iterable[tuple[date, Regime]]:
    """Yield each regime of the season with the day it begins to hold."""
    regimes = Regimes(book)
    day: date | None = first
    while day is not None and day <= last:
        yield day, regimes.at(country, commodity, site_kind, day)
        day = regimes.next_change(day)


def _rule(rule: Rule, book: Book) -> dict[str, Json]:
    law = {node.name for node in reached(rule, book) if isinstance(node, Parameter)}
    return {
        "id": rule.id,
        "topic": rule.topic,
        "title": _text(rule.title),
        "remedy": _text(rule.remedy),
        "severity": rule.severity,
        "status": rule.status,
        "step": rule.step,
        "indicator": rule.indicator,
        "logic_hash": rule.logic_hash,
        "law": sorted(law),
        "applies": None if rule.applies_when is None else _tree(rule.applies_when),
        "flag": _tree(rule.flag_when),
    }


def _regime(
    regime: Regime, read: Iterable[Node], rules: Iterable[Rule]
) -> dict[str, Json]:
    names = sorted({node.name for node in read if isinstance(node, Parameter)})
    return {
        "applicable": [rule.id for rule in rules if rule.id in regime.applicable],
        "unsure": [name for name in names if name in regime.unsure],
        # What a reading does not name, it reads as the floor does.
        "law": {
            str(reading): _law(
                regime.law[reading],
                names
                if reading is Reading.FLOOR
                else [name for name in names if name in regime.unsure],
            )
            for reading in Reading
        },
    }


def _law(table: LegalTable, names: Iterable[str]) -> dict[str, Json]:
    return {name: _amount(table[name]) for name in names}


def _amount(amount: Amount | AgeTable | None) -> Json:
    if isinstance(amount, AgeTable):
        return {"limits": list(amount.limits), "amounts": list(amount.amounts)}
    return amount


def _text(text: Text) -> Mapping[str, str]:
    return {language: text.in_language(language) for language in LANGUAGES}


def _tree(node: Condition) -> list[Json]:  # noqa: C901 - one case to a class
    match node:
        case Fact() | Member() | Parameter():
            return _value(node)
        case Derived(_, roster):
            return ["derived", derived_id(node), roster is not None]
        case Not(item):
            return ["not", _tree(item)]
        case All(items):
            return ["all", *map(_tree, items)]
        case AnyOf(items):
            return ["any", *map(_tree, items)]
        case Compare(comparison, left, right):
            return ["compare", comparison, _value(left), _value(right)]
        case OneOf(item, options):
            return ["one of", _value(item), list(options)]
        case Includes(item, options):
            return ["includes", _value(item), list(options)]
        case IsMissing(item):
            return ["missing", _value(item)]
        case Some(roster, item):
            return ["some", roster, _tree(item)]
        case Every(roster, item, if_empty):
            return ["every", roster, _tree(item), if_empty]
        case Count(roster, item, comparison, number):
            return ["count", roster, _tree(item), comparison, number]
        case _:
            assert_never(node)


def _value(node: Value) -> list[Json]:
    match node:
        case Literal(value):
            return (
                ["day", value.isoformat()]
                if isinstance(value, date)
                else ["number", value]
            )
        case Fact(name):
            return ["fact", name]
        case Member(roster, name):
            return ["member", name, roster]
        case Parameter(name, age):
            return ["law", name, None if age is None else _value(age)]
        case Arithmetic(operation, left, right):
            return [operation, _value(left), _value(right)]
        case DaysBetween(start, end):
            return ["days", _value(start), _value(end)]
        case _:
            assert_never(node)


def _require_exact(rule: Rule, book: Book) -> None:
    for condition in _conditions(rule, book):
        for node in walk(condition):
            if isinstance(node, Arithmetic) and _largest(node, book) > LARGEST_EXACT:
                raise NotExactOnDevice(
                    f"{rule.id}: a calculation can pass 2^53, which no browser holds "
                    "exactly; narrow the ranges of its facts."
                )


def _conditions(rule: Rule, book: Book) -> Iterable[Condition]:
    yield rule.flag_when
    if rule.applies_when is not None:
        yield rule.applies_when
    for node in reached(rule, book):
        if isinstance(node, Derived):
            yield book.derived[derived_id(node)].when


def _largest(node: Value, book: Book) -> int:
    """Return a bound on the absolute value of a number."""
    match node:
        case Literal(value):
            return 0 if isinstance(value, date) else abs(value)
        case Fact() | Member():
            fact = book.vocabulary.facts[fact_id(node)]
            return max(abs(fact.lowest), abs(fact.highest))
        case Parameter(name):
            values = (abs(int(row.value)) for row in book.parameters[name].values)
            return max(values, default=0)
        case Arithmetic(Operation.TIMES, left, right):
            return _largest(left, book) * _largest(right, book)
        case Arithmetic(_, left, right):
            return _largest(left, book) + _largest(right, book)
        case DaysBetween():
            return (date.max - date.min) // timedelta(days=1)
        case _:
            assert_never(node)
