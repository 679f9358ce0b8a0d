"""Answers as columns: what the plain reader is given, written for the other one."""

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from rules.answers import Answers
from rules.column_batches import (
    COMMODITIES,
    SITE_KINDS,
    audit_schema,
    country_code,
    member_schema,
)
from rules.vocabulary import AnswerValue, FactDefinition, Kind, Roster, Vocabulary

Told = Callable[[AnswerValue], object]


def batches_of(
    vocabulary: Vocabulary, audits: Sequence[Answers]
) -> tuple[pa.RecordBatch, dict[Roster, pa.RecordBatch]]:
    """Return the audits and, in their order, the members of each roster."""
    columns: dict[str, list[object]] = {
        "country": [country_code(one.country) for one in audits],
        "commodity": [COMMODITIES.index(one.commodity) for one in audits],
        "site_kind": [SITE_KINDS.index(one.site_kind) for one in audits],
        "observed_on": [one.observed_on for one in audits],
    }
    for roster in Roster:
        rosters = [one.rosters[roster] for one in audits]
        columns[roster] = [None if one is None else len(one) for one in rosters]
    facts = [one.facts for one in audits]
    columns |= _columns(vocabulary.by_roster[None], facts)
    members = {
        roster: pa.record_batch(
            _columns(vocabulary.by_roster[roster], _members(audits, roster)),
            member_schema(vocabulary, roster),
        )
        for roster in Roster
    }
    return pa.record_batch(columns, audit_schema(vocabulary)), members


def _members(
    audits: Sequence[Answers], roster: Roster
) -> list[Mapping[str, AnswerValue]]:
    return [member.facts for one in audits for member in one.rosters[roster] or ()]


def _columns(
    facts: Mapping[str, FactDefinition], rows: Sequence[Mapping[str, AnswerValue]]
) -> dict[str, list[object]]:
    return {name: _column(fact, rows) for name, fact in facts.items()}


def _column(
    fact: FactDefinition, rows: Sequence[Mapping[str, AnswerValue]]
) -> list[object]:
    told = _teller(fact)
    return [told(row[fact.name]) if fact.name in row else None for row in rows]


def _teller(fact: FactDefinition) -> Told:
    positions = {option: place for place, option in enumerate(fact.options)}
    match fact.kind:
        case Kind.CHOICE:
            return lambda value: positions[str(value)]
        case Kind.CHOICES:
            return lambda value: _mask(positions, value)
        case Kind.YES_NO | Kind.INTEGER | Kind.DAY:
            return lambda value: value


def _mask(positions: Mapping[str, int], value: AnswerValue) -> int:
    chosen = value if isinstance(value, frozenset) else frozenset()
    return sum(1 << positions[option] for option in chosen)
