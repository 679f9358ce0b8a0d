"""What a trace holds: the reasons of one verdict as data, and as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from rules.answers import Cause
from rules.citing import cites_in
from rules.definitions import Book, Citation, DerivedDefinition, Rule, Verdict
from rules.expressions import Count, Every, Leaf, Some
from rules.parameters import LegalValue, ParameterDefinition, Reading
from rules.printing import print_condition
from rules.vocabulary import AnswerValue, FactDefinition, Roster

Truth = bool | None
Json = dict[str, object]


class Limit(StrEnum):
    """Why a rule does not reach this site on this day."""

    COUNTRY = "country"
    COMMODITY = "commodity"
    SITE_KIND = "site_kind"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    NO_LONGER_IN_FORCE = "no_longer_in_force"


@dataclass(frozen=True, slots=True)
class FactSeen:
    """An answer that was read, or why there is none."""

    definition: FactDefinition
    member: str | None
    value: AnswerValue | None
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class LawSeen:
    """A legal value that was read; `in_force` has every reading that is disputed."""

    definition: ParameterDefinition
    country: str
    age: int | None
    chosen: LegalValue | None
    in_force: tuple[LegalValue, ...]


@dataclass(frozen=True, slots=True)
class LeafSeen:
    """One line of a condition, with what its two sides came to if it has two."""

    node: Leaf
    truth: Truth
    facts: tuple[FactSeen, ...]
    law: tuple[LawSeen, ...]
    left: AnswerValue | None = None
    right: AnswerValue | None = None


@dataclass(frozen=True, slots=True)
class DerivedSeen:
    definition: DerivedDefinition
    truth: Truth
    because: tuple["Seen", ...]


@dataclass(frozen=True, slots=True)
class MemberSeen:
    key: str
    truth: Truth
    because: tuple["Seen", ...]


@dataclass(frozen=True, slots=True)
class RosterSeen:
    """What was found among the members; `size` is None if the roster is unanswered."""

    node: Some | Every | Count
    truth: Truth
    size: int | None
    cause: Cause | None
    sure: int
    unknown: int
    members: tuple[MemberSeen, ...]


Seen = LeafSeen | DerivedSeen | RosterSeen


@dataclass(frozen=True, slots=True)
class OpenFact:
    """A question without an answer, and whether its answer alone can decide the rule."""

    definition: FactDefinition
    member: str | None
    cause: Cause
    decides_alone: bool

    @property
    def path(self) -> str:
        if self.definition.roster is None:
            return self.definition.name
        return f"{self.definition.roster}[{self.member}].{self.definition.name}"


@dataclass(frozen=True, slots=True)
class OpenRoster:
    """A roster that was not answered."""

    roster: Roster
    cause: Cause

    @property
    def path(self) -> str:
        return self.roster.value


@dataclass(frozen=True, slots=True)
class OpenLaw:
    """A legal value that this reading does not know."""

    definition: ParameterDefinition
    country: str

    @property
    def path(self) -> str:
        return f"law.{self.definition.name}"


Open = OpenFact | OpenRoster | OpenLaw


@dataclass(frozen=True, slots=True)
class Trace:
    rule: Rule
    verdict: Verdict
    book: Book
    country: str
    observed_on: date
    reading: Reading
    limits: tuple[Limit, ...]
    people: Mapping[Roster, tuple[str, ...]]
    """The keys of the members, in the order of the answers."""
    applies: Truth
    because: tuple[Seen, ...]
    would_settle: tuple[Open, ...]

    @property
    def cites(self) -> tuple[Citation, ...]:
        """What the rule stands on in the country of the audit."""
        return cites_in(self.rule, self.book, self.country)

    def as_json(self) -> Json:
        return {
            "rule": self.rule.id,
            "logic": self.verdict.logic_hash,
            "verdict": self.verdict.outcome.value,
            "severity": self.verdict.severity.value,
            "grounds": self.verdict.grounds.value,
            "reading": self.reading.value,
            "country": self.country,
            "observed_on": self.observed_on.isoformat(),
            "cites": [
                {"instrument": one.instrument, "article": one.article}
                for one in self.cites
            ],
            "limits": [limit.value for limit in self.limits],
            "because": [_seen_as_json(one) for one in self.because],
            "would_settle": [_open_as_json(one) for one in self.would_settle],
        }


def leaves_of(seen: Iterable[Seen]) -> Iterable[LeafSeen | RosterSeen]:
    """Yield the lines and the rosters of a trace, whatever they stand under."""
    for one in seen:
        match one:
            case LeafSeen():
                yield one
            case DerivedSeen(_, _, because):
                yield from leaves_of(because)
            case RosterSeen():
                yield one
                for member in one.members:
                    yield from leaves_of(member.because)
            case _:
                assert_never(one)


def _seen_as_json(seen: Seen) -> Json:
    match seen:
        case LeafSeen():
            return _leaf_as_json(seen)
        case DerivedSeen(definition, truth, because):
            inner = [_seen_as_json(one) for one in because]
            return {"derived": definition.id, "holds": truth, "because": inner}
        case RosterSeen():
            return _roster_as_json(seen)
        case _:
            assert_never(seen)


def _roster_as_json(seen: RosterSeen) -> Json:
    told: Json = {
        "roster": seen.node.roster.value,
        "test": type(seen.node).__name__.lower(),
        "holds": seen.truth,
    }
    if seen.cause is not None:
        return {**told, "unknown": seen.cause.value}
    members = [
        {
            "member": member.key,
            "holds": member.truth,
            "because": [_seen_as_json(one) for one in member.because],
        }
        for member in seen.members
    ]
    counts = {"size": seen.size, "sure": seen.sure, "unknown": seen.unknown}
    return {**told, **counts, "members": members}


def _leaf_as_json(seen: LeafSeen) -> Json:
    rosters = [one.definition.roster for one in seen.facts if one.definition.roster]
    told: Json = {
        "test": print_condition(seen.node, rosters[0] if rosters else None),
        "holds": seen.truth,
        "facts": [_fact_as_json(fact) for fact in seen.facts],
    }
    if seen.law:
        told["law"] = [_law_as_json(law) for law in seen.law]
    return told


def _fact_as_json(seen: FactSeen) -> Json:
    told: Json = {"fact": seen.definition.id}
    if seen.member is not None:
        told["member"] = seen.member
    if seen.cause is not None:
        return {**told, "unknown": seen.cause.value}
    told["value"] = value_as_json(seen.value, seen.definition)
    if seen.definition.unit is not None:
        told["unit"] = seen.definition.unit.name
    return told


def value_as_json(value: AnswerValue | None, definition: FactDefinition) -> object:
    """Write an answer as JSON; several choices in the order of the vocabulary."""
    if isinstance(value, frozenset):
        return [option for option in definition.options if option in value]
    return value.isoformat() if isinstance(value, date) else value


def _law_as_json(seen: LawSeen) -> Json:
    told: Json = {
        "parameter": seen.definition.name,
        "country": seen.country,
        "unit": seen.definition.unit.name if seen.definition.unit else None,
    }
    if seen.age is not None:
        told["age"] = seen.age
    if seen.chosen is None:
        told["unknown"] = "no_legal_value"
    else:
        told |= _row_as_json(seen.chosen)
    if len(seen.in_force) > 1:
        told["readings"] = [_row_as_json(row) for row in seen.in_force]
    return told


def _row_as_json(row: LegalValue) -> Json:
    return {
        "value": row.value,
        "sector": row.sector.value,
        "since": row.start.isoformat() if row.start else None,
        "cites": row.cites,
        "confidence": row.confidence.value,
        "sources": list(row.sources),
    }


def _open_as_json(one: Open) -> Json:
    match one:
        case OpenFact():
            return {
                "fact": one.path,
                "unknown": one.cause.value,
                "decides_alone": one.decides_alone,
            }
        case OpenRoster():
            return {"roster": one.path, "unknown": one.cause.value}
        case OpenLaw(definition, country):
            return {
                "parameter": definition.name,
                "country": country,
                "unknown": "no_legal_value",
            }
        case _:
            assert_never(one)
