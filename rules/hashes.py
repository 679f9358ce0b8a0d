"""Fingerprints of rules: a rule whose logic hash is unchanged need not be scored again."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache

import orjson

from rules.definitions import Book, Rule
from rules.expressions import (
    Derived,
    Fact,
    Member,
    Node,
    Parameter,
    derived_id,
    fact_id,
    walk,
)
from rules.parameters import EVERYWHERE, LegalValue
from rules.texts import Text

# Raised when a tree comes to mean something else; every rule is then scored again.
SEMANTICS = 1


def logic_hash(rule: Rule, book: Book) -> str:
    """Hash all that decides an outcome: trees, derived conditions, types, legal values."""
    nodes = list(reached(rule, book))
    derived = {derived_id(node): node for node in nodes if isinstance(node, Derived)}
    facts = {fact_id(node) for node in nodes if isinstance(node, (Fact, Member))}
    law = {node.name for node in nodes if isinstance(node, Parameter)}
    countries = rule.scopes.countries
    return _hash(
        {
            "semantics": SEMANTICS,
            "in_force": _plain(rule.in_force),
            "scopes": _plain(rule.scopes),
            "applies_when": _plain(rule.applies_when),
            "flag_when": _plain(rule.flag_when),
            "derived": {name: _plain_derived(book, name) for name in derived},
            "facts": {name: _plain_fact(book, name) for name in facts},
            "law": {name: _plain_law(book, name, countries) for name in law},
        }
    )


def text_hash(rule: Rule) -> str:
    """Hash what a reader is told: title, citations, severity, remedy, note."""
    return _hash(
        {
            "title": _plain(rule.title),
            "severity": rule.severity.value,
            "status": rule.status.value,
            "step": _plain(rule.step),
            "indicator": rule.indicator,
            "cites": _plain(rule.cites),
            "remedy": _plain(rule.remedy),
            "note": _plain(rule.note),
        }
    )


def reached(rule: Rule, book: Book) -> Iterator[Node]:
    """Yield every node a rule can read, through derived conditions, each of them once."""
    waiting: list[Node] = [rule.flag_when]
    if rule.applies_when is not None:
        waiting.append(rule.applies_when)
    seen: set[Node] = set()
    while waiting:
        for node in walk(waiting.pop()):
            if isinstance(node, Derived) and node not in seen:
                waiting.append(book.derived[derived_id(node)].when)
            if node not in seen:
                seen.add(node)
                yield node


# What many rules read is written out once for a book.
@lru_cache(maxsize=1024)
def _plain_derived(book: Book, name: str) -> object:
    return _plain(book.derived[name].when)


@lru_cache(maxsize=1024)
def _plain_fact(book: Book, name: str) -> object:
    fact = book.vocabulary.facts[name]
    return {
        "kind": fact.kind.value,
        "unit": fact.unit.name if fact.unit else None,
        "options": list(fact.options),
    }


@lru_cache(maxsize=1024)
def _plain_law(book: Book, name: str, countries: frozenset[str]) -> object:
    parameter = book.parameters[name]
    rows: list[object] = [
        _plain_row(row)
        for row in parameter.values
        if not countries or row.country in (*countries, EVERYWHERE)
    ]
    return {
        "stricter": parameter.stricter.value,
        "unit": parameter.unit.name if parameter.unit else None,
        "rows": sorted(rows, key=str),
    }


def _plain_row(row: LegalValue) -> object:
    return {
        "country": row.country,
        "sector": row.sector.value,
        "start": _plain(row.start),
        "end": _plain(row.end),
        "age_from": row.age_from,
        "age_below": row.age_below,
        "value": row.value,
        "confidence": row.confidence.value,
    }


def _plain(value: object) -> object:
    """Write frozen definitions and trees as JSON, each class by its name."""
    match value:
        case None | bool() | int():
            return value
        case Text(en, es):
            return {"en": en, "es": es}
        case date():
            return value.isoformat()
        case str():
            return str(value)
        case frozenset():
            return sorted(str(item) for item in value)
        case tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            named = {
                one.name: _plain(getattr(value, one.name)) for one in fields(value)
            }
            return {"is": type(value).__name__, **named}
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(content: object) -> bytes:
    """Write as RFC 8785 has it: whole numbers, and keys that are plain ASCII.

    For these it is what any JSON writer does that sorts its keys; this one is quick.
    """
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def _hash(content: object) -> str:
    return "sha256:" + hashlib.sha256(canonical(content)).hexdigest()
