"""What differs between two editions as JSON, the same from the API and the command line."""

from collections.abc import Iterable, Mapping
from typing import Any

from audits.assessments.changes import Effects
from rules import Book, LegalValue
from rules.comparing import Comparison, FieldChange, ItemChange, RuleChange
from rules.comparing_law import LegalChange

ITEMS = ("parameters", "facts", "derived", "indicators", "instruments", "sources")


def edition_document(book: Book) -> dict[str, Any]:
    return {
        "edition": book.edition,
        "sha256": book.sha256,
        "rules": len(book.rules),
        "facts": len(book.vocabulary.facts),
    }


def comparison_document(
    before: Book, after: Book, comparison: Comparison
) -> dict[str, Any]:
    """Return everything that differs, with both sides of each."""
    return {
        "before": edition_document(before),
        "after": edition_document(after),
        "edition": _fields(comparison.edition),
        "rules": [_rule(one, before, after) for one in comparison.rules],
        "legal_values": [_value(one) for one in comparison.values],
        **{name: [_item(one) for one in getattr(comparison, name)] for name in ITEMS},
    }


def effects_document(found: Effects, *, lists: bool) -> dict[str, Any]:
    """Return how many verdicts turn, by rule and kind, and where asked, which."""
    return {
        "submissions": found.audits,
        "unreadable": _told(found.unreadable, lists=lists),
        "unreadable_before": _told(found.unreadable_before, lists=lists),
        "rules": [
            {
                "rule": rule,
                **{turn: _told(ids, lists=lists) for turn, ids in kinds.items()},
            }
            for rule, kinds in found.turned.items()
        ],
    }


def _told(submissions: list[str], *, lists: bool) -> int | list[str]:
    return submissions if lists else len(submissions)


def _fields(changes: Iterable[FieldChange]) -> list[dict[str, Any]]:
    return [
        {"field": one.field, "before": one.before, "after": one.after}
        for one in changes
    ]


def _item(change: ItemChange) -> dict[str, Any]:
    return {"kind": change.kind, "id": change.id, "fields": _fields(change.fields)}


def _rule(change: RuleChange, before: Book, after: Book) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "id": change.id,
        "decides": change.decides,
        "since": change.since,
        "logic_hash_before": _hash(before, change.id),
        "logic_hash_after": _hash(after, change.id),
        "fields": _fields(change.fields),
        "because": list(change.because),
    }


def _hash(book: Book, rule_id: str) -> str | None:
    rule = book.rule_by_id.get(rule_id)
    return None if rule is None else rule.logic_hash


def _value(change: LegalChange) -> Mapping[str, Any]:
    row = change.row
    return {
        "parameter": change.parameter,
        "country": row.country,
        "sector": row.sector,
        "age_from": row.age_from,
        "age_below": row.age_below,
        "decides": change.decides,
        "since": change.since,
        "differing": list(change.differing),
        "before": _row(change.before),
        "after": _row(change.after),
    }


def _row(row: LegalValue | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "value": row.value,
        "valid_from": row.start,
        "valid_before": row.end,
        "confidence": row.confidence,
        "cites": row.cites,
    }
