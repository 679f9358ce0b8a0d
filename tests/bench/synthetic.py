"""Made-up audits by the column, as many as wanted, for the measurements.

Values are uniform within their range, a statement is true of one in five, one answer in
ten is missing and three rosters in a hundred were not answered. A farm has up to six
children and ten workers.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rules.answers import Answers, RosterMember
from rules.column_batches import (
    COMMODITIES,
    SITE_KINDS,
    audit_schema,
    country_code,
    member_schema,
)
from rules.vocabulary import (
    AnswerValue,
    FactDefinition,
    Kind,
    Roster,
    Vocabulary,
)

MISSING = 0.1
UNANSWERED = 0.03
TRUE = 0.2
MOST_MEMBERS = {Roster.CHILDREN: 6, Roster.WORKERS: 10}
FIRST_DAY, LAST_DAY = 16436, 20819
"""1 January 2015 and 31 December 2026, counted from 1970."""

Members = Mapping[Roster, pa.RecordBatch]
Some = npt.NDArray[np.generic]


def made_up(
    vocabulary: Vocabulary, countries: tuple[str, ...], audits: int, seed: int
) -> tuple[pa.RecordBatch, dict[Roster, pa.RecordBatch]]:
    """Return audits of these countries, and the members of their rosters."""
    random = np.random.default_rng(seed)
    codes = np.array([country_code(country) for country in countries], np.uint16)
    columns: dict[str, pa.Array] = {
        "country": pa.array(random.choice(codes, audits)),
        "commodity": pa.array(random.integers(0, 2, audits, np.uint8)),
        "site_kind": pa.array(random.integers(0, 2, audits, np.uint8)),
        "observed_on": pa.array(
            random.integers(FIRST_DAY, LAST_DAY + 1, audits, np.int32), pa.date32()
        ),
    }
    members = {}
    for roster, most in MOST_MEMBERS.items():
        counts = random.integers(0, most + 1, audits, np.int32)
        unanswered = random.random(audits, np.float32) < UNANSWERED
        counts[unanswered] = 0
        columns[roster] = pa.array(counts, mask=unanswered)
        members[roster] = pa.record_batch(
            _facts(random, vocabulary.by_roster[roster], int(counts.sum())),
            member_schema(vocabulary, roster),
        )
    columns |= _facts(random, vocabulary.by_roster[None], audits)
    return pa.record_batch(columns, audit_schema(vocabulary)), members


def _facts(
    random: np.random.Generator, facts: Mapping[str, FactDefinition], rows: int
) -> dict[str, pa.Array]:
    found = {}
    for name, fact in facts.items():
        missing = random.random(rows, np.float32) < MISSING
        kind = pa.date32() if fact.kind is Kind.DAY else None
        found[name] = pa.array(_values(random, fact, rows), kind, mask=missing)
    return found


def _values(random: np.random.Generator, fact: FactDefinition, rows: int) -> Some:
    options = len(fact.options)
    match fact.kind:
        case Kind.YES_NO:
            statements: Some = random.random(rows, np.float32) < TRUE
            return statements
        case Kind.INTEGER:
            return _integers(random, fact.lowest, fact.highest, rows)
        case Kind.CHOICE:
            return random.integers(0, options, rows, np.uint8)
        case Kind.CHOICES:
            # Two draws joined by *and*: one option in four is chosen.
            held = np.uint32 if options <= 32 else np.uint64
            draws = random.integers(0, 1 << options, (2, rows), held)
            masks: Some = np.bitwise_and(draws[0], draws[1])
            return masks
        case Kind.DAY:
            return random.integers(FIRST_DAY, LAST_DAY + 1, rows, np.int32)


def _integers(
    random: np.random.Generator, lowest: int, highest: int, rows: int
) -> Some:
    for held in (np.int8, np.int16, np.int32):
        if highest <= np.iinfo(held).max and lowest >= np.iinfo(held).min:
            return random.integers(lowest, highest + 1, rows, held)
    return random.integers(lowest, highest + 1, rows, np.int64)


def as_answers(
    vocabulary: Vocabulary, audits: pa.RecordBatch, members: Members
) -> list[Answers]:
    """Return the same audits as the plain reader wants them."""
    people = {
        roster: iter(_told(vocabulary, batch, roster))
        for roster, batch in members.items()
    }
    facts = _told(vocabulary, audits, None)
    sites = audits.select(["country", "commodity", "site_kind", "observed_on"])
    counts = {roster: audits.column(roster).to_pylist() for roster in Roster}
    return [
        Answers(
            _letters(site["country"]),
            COMMODITIES[site["commodity"]],
            SITE_KINDS[site["site_kind"]],
            site["observed_on"],
            facts[row],
            {},
            {
                roster: None
                if counts[roster][row] is None
                else tuple(
                    RosterMember(f"m{number}", next(people[roster]), {})
                    for number in range(counts[roster][row])
                )
                for roster in Roster
            },
            {},
        )
        for row, site in enumerate(sites.to_pylist())
    ]


def _letters(code: int) -> str:
    first, second = divmod(code, 26)
    return chr(ord("A") + first) + chr(ord("A") + second)


def _told(
    vocabulary: Vocabulary, batch: pa.RecordBatch, home: Roster | None
) -> list[dict[str, AnswerValue]]:
    facts = vocabulary.by_roster[home]
    return [
        {
            name: _answer(facts[name], value)
            for name, value in row.items()
            if name in facts and value is not None
        }
        for row in batch.to_pylist()
    ]


def _answer(fact: FactDefinition, value: AnswerValue) -> AnswerValue:
    options = list(fact.options)
    if fact.kind is Kind.CHOICE and isinstance(value, int):
        return options[value]
    if fact.kind is Kind.CHOICES and isinstance(value, int):
        return frozenset(
            option for place, option in enumerate(options) if value >> place & 1
        )
    return value
