"""Risk as the API tells it: what a document holds in codes, with a sentence to each."""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson

from compliance.registry.shares import WHOLE
from compliance.risk.codes import RiskLevel
from compliance.risk.queries import (
    Answered,
    ChangeRecord,
    OpenActions,
    Outcome,
    RiskRecord,
)
from compliance.risk.sentences import (
    tell_decision,
    tell_factor,
    tell_gap,
    tell_reason,
)
from compliance.scorecards.at_sites import CardAtSite

Document = dict[str, Any]
Teller = Callable[[str, Mapping[str, Any], str], str]
NOT_ASSESSED: Mapping[str, Any] = {
    "parts": {},
    "confidence_factors": [],
    "gaps": [],
    "upstream": None,
    "policy_from": None,
    "computed_on": None,
}


FIRST_FORMULA = "1"  # what docs/risk.md describes; a document of another says so
NO_ACTIONS: Mapping[str, int] = {"open": 0, "past_due": 0}


def read_document(document: bytes | None) -> Mapping[str, Any]:
    """Return what is kept of an assessment; of a site without one, nothing is known."""
    if document is None:
        return NOT_ASSESSED
    found: Mapping[str, Any] = orjson.loads(document)
    return found


def listed_risk(record: RiskRecord) -> Document:
    """Return a risk as lists tell it: flat, so that it is a row of a table as well."""
    kept = read_document(record.document)
    return {
        **headline(record),
        "open_zero_tolerance": record.open_zero_tolerance,
        "open_critical": record.open_critical,
        "open_major": record.open_major,
        "open_minor": record.open_minor,
        "reasons": [one["code"] for _, one in _reasons(kept)],
        "gaps": [one["code"] for one in kept["gaps"]],
    }


def short_risk(
    record: RiskRecord,
    language: str,
    *,
    actions: OpenActions | None,
    card: CardAtSite | None,
) -> Document:
    """Return a risk as the answer to a list of names tells it: with every reason."""
    kept = read_document(record.document)
    return {
        **headline(record),
        "reasons": [
            _reason(part, one["code"], tuple(one["params"].items()), language)
            for part, one in _reasons(kept)
        ],
        "gaps": [_told(tell_gap, one, language) for one in kept["gaps"]],
        **standing(record, actions, card),
    }


def full_risk(
    record: RiskRecord,
    language: str,
    *,
    actions: OpenActions | None,
    card: CardAtSite | None,
) -> Document:
    """Return a risk with all that explains it."""
    kept = read_document(record.document)
    return {
        **headline(record),
        **explained(kept, language),
        **standing(record, actions, card),
    }


def changed_risk(change: ChangeRecord, language: str) -> Document:
    """Return what a risk became, explained as it was then."""
    kept = read_document(change.document)
    return {
        "id": str(change.id),
        "changed_at": change.changed_at,
        "level": change.level,
        "score": change.score,
        "confidence": change.confidence,
        "confidence_word": change.confidence_word,
        **explained(kept, language),
    }


def headline(record: RiskRecord) -> Document:
    return {
        "site": record.public_id,
        "name": record.name,
        "kind": record.kind,
        "country": record.country,
        "admin1": record.admin1,
        "municipality": record.municipality,
        "commodity": record.commodity,
        "relation": record.relation,
        "level": record.level,
        "score": record.score,
        "confidence": record.confidence,
        "confidence_word": record.confidence_word,
        "last_visit_on": record.last_visit_on,
        "assessed_at": record.assessed_at,
        "is_being_assessed": record.is_being_assessed,
    }


def explained(kept: Mapping[str, Any], language: str) -> Document:
    """Return the parts, the confidence and the gaps of a document, with sentences."""
    decided = kept.get("decided_by")
    return {
        "decided_by": None
        if decided is None
        else _told(tell_decision, decided, language),
        "parts": {
            name: {
                "score": part["score"],
                "reasons": [
                    _told(tell_reason, one, language) for one in part["reasons"]
                ],
            }
            for name, part in kept["parts"].items()
        },
        "confidence_factors": [
            {
                **_told(tell_factor, one, language),
                "share": one["share"],
                "weight": one["weight"],
            }
            for one in kept["confidence_factors"]
        ],
        "gaps": [_told(tell_gap, one, language) for one in kept["gaps"]],
        "upstream": kept["upstream"],
        "formula": kept.get("formula", FIRST_FORMULA),
        "policy_from": kept["policy_from"],
        "computed_on": kept["computed_on"],
    }


def standing(
    record: RiskRecord, actions: OpenActions | None, card: CardAtSite | None
) -> Document:
    """Return what is open at a site, and what its card is worth; null is not told."""
    return {
        "open_findings": {
            "zero_tolerance": record.open_zero_tolerance,
            "critical": record.open_critical,
            "major": record.open_major,
            "minor": record.open_minor,
        },
        "open_actions": None
        if actions is None
        else {"open": actions.open, "past_due": actions.past_due},
        "scorecard": None
        if card is None
        else {
            "id": card.public_id,
            "status": card.status,
            "reason": card.reason,
            "letter": card.letter,
        },
    }


def answer_document(
    answer: Answered, risk: Document | None, share: Fraction | None
) -> Document:
    """Return what became of one name of a list."""
    return {
        "scheme": answer.name.scheme,
        "value": answer.name.value,
        "outcome": answer.outcome,
        "because": answer.because,
        "candidates": answer.candidates,
        "share_of_mill": share_told(share),
        "risk": risk,
    }


def summary_document(
    answers: Sequence[Answered],
    told: Mapping[UUID, Document],
    volume: Mapping[RiskLevel, Fraction] | None,
) -> Document:
    """Return the whole in figures; a site that two names mean is counted once.

    `told` are the risks of the sites as the answer tells them.
    """
    sites = {one.risk.site_id: one.risk for one in answers if one.risk is not None}
    risks = tuple(sites.values())
    outcomes = Counter(one.outcome for one in answers)
    levels = Counter(one.level for one in risks)
    visits = [one.last_visit_on for one in risks if one.last_visit_on is not None]
    actions = [one["open_actions"] or NO_ACTIONS for one in told.values()]
    cards = Counter(
        one["scorecard"]["status"].value for one in told.values() if one["scorecard"]
    )
    gaps = Counter(
        code for one in told.values() for code in {gap["code"] for gap in one["gaps"]}
    )
    return {
        "asked": len(answers),
        **{outcome.value: outcomes[outcome] for outcome in Outcome},
        "sites": len(risks),
        "by_level": {level.value: levels[level] for level in RiskLevel},
        "being_assessed": sum(one.is_being_assessed for one in risks),
        "never_visited": len(risks) - len(visits),
        "oldest_last_visit_on": min(visits, default=None),
        "open_findings": {
            "zero_tolerance": sum(one.open_zero_tolerance for one in risks),
            "critical": sum(one.open_critical for one in risks),
            "major": sum(one.open_major for one in risks),
            "minor": sum(one.open_minor for one in risks),
        },
        "open_actions": {
            name: sum(one[name] for one in actions) for name in NO_ACTIONS
        },
        "scorecards": dict(sorted(cards.items())),
        "gaps": dict(sorted(gaps.items())),
        "volume": None if volume is None else volume_document(volume),
    }


def volume_document(volume: Mapping[RiskLevel, Fraction]) -> Document:
    """Return shares of a volume; each is rounded down and the rest is unknown."""
    known = {
        level.value: int(share * WHOLE)
        for level, share in volume.items()
        if level is not RiskLevel.UNKNOWN
    }
    unknown = max(0, WHOLE - sum(known.values()))
    return {one.value: known.get(one.value, unknown) / WHOLE for one in RiskLevel}


def names_of(answers: Iterable[Answered], outcome: Outcome) -> list[Document]:
    """Return the names of a list that had an outcome."""
    return [
        {"scheme": one.name.scheme, "value": one.name.value}
        for one in answers
        if one.outcome is outcome
    ]


def share_told(share: Fraction | None) -> float | None:
    """Return a share to a basis point, rounded down."""
    return None if share is None else int(share * WHOLE) / WHOLE


def _reasons(kept: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (name, one) for name, part in kept["parts"].items() for one in part["reasons"]
    ]


def _told(teller: Teller, one: Mapping[str, Any], language: str) -> Document:
    """Return a code with its figures and its sentence; it is not to be changed."""
    return _sentenced(teller, one["code"], tuple(one["params"].items()), language)


@functools.lru_cache(maxsize=20_000)
def _sentenced(
    teller: Teller, code: str, params: tuple[tuple[str, Any], ...], language: str
) -> Document:
    """Make it once: thousands of sites of one country share most of theirs."""
    told = dict(params)
    return {"code": code, "params": told, "sentence": teller(code, told, language)}


@functools.lru_cache(maxsize=20_000)
def _reason(
    part: str, code: str, params: tuple[tuple[str, Any], ...], language: str
) -> Document:
    return {"part": part, **_sentenced(tell_reason, code, params, language)}
