"""The risk of a site: a pure function from facts to a level, a score and the reasons.

Score: the weighted mean of three parts, each of 0 to 100, where higher is worse. What is
not known counts as if it were bad, so that looking away never helps; the level says
`unknown` where too little is known for any other. docs/risk.md is this, in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from compliance.risk import parts
from compliance.risk.codes import (
    ConfidenceWord,
    DecisionCode,
    GapCode,
    PartCode,
    RiskLevel,
)
from compliance.risk.confidence import Factor, Sureness, sureness
from compliance.risk.facts import SHARES, Flaw, SiteFacts, Visit
from compliance.risk.parts import Part
from compliance.risk.policy import RiskPolicy
from compliance.risk.told import Fact, Told
from compliance.risk.upstream import Upstream, upstream_of
from rules import Severity

IN_HARVEST = frozenset({"main_harvest", "second_harvest", "year_round_harvest"})


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is told of a site's risk, and on what it rests."""

    level: RiskLevel
    score: int
    confidence: int
    confidence_word: ConfidenceWord
    parts: dict[PartCode, Part]
    factors: tuple[Factor, ...]
    gaps: tuple[Told[GapCode], ...]
    upstream: Upstream | None
    decided_by: Told[DecisionCode]
    open_by_severity: dict[Severity, int]
    last_visit_on: date | None
    policy_from: date
    computed_on: date


def assess(facts: SiteFacts, policy: RiskPolicy) -> Assessment:
    """Return the risk of a site; the same facts in any order give the same."""
    by_part = {
        PartCode.INHERENT: parts.inherent(facts, policy),
        PartCode.MANAGEMENT: parts.management(facts, policy),
        PartCode.OUTCOME: parts.outcome(facts, policy),
    }
    upstream = None if facts.supply is None else upstream_of(facts.supply)
    sure = sureness(facts, policy, known_volume=upstream.known if upstream else None)
    held, pushed = _held(facts, policy), _pushed(upstream, policy)
    score = max(_score(by_part, upstream, policy), held.score, pushed)
    level, decided_by = _level(score, held, upstream, sure, facts, policy)
    counts = dict.fromkeys(Severity, 0)
    for flaw in facts.flaws:
        counts[flaw.severity] += flaw.is_open
    return Assessment(
        level=level,
        score=score,
        confidence=sure.confidence,
        confidence_word=sure.word,
        parts=by_part,
        factors=sure.factors,
        gaps=(*sure.gaps, *_gaps(facts, upstream)),
        upstream=upstream,
        decided_by=decided_by,
        open_by_severity=counts,
        last_visit_on=max((one.visited_on for one in facts.visits), default=None),
        policy_from=policy.valid_from,
        computed_on=facts.on,
    )


class Held(NamedTuple):
    """The least score for the worst finding that is open, and what to say of it."""

    score: int
    because: Told[DecisionCode] | None


def _score(
    by_part: dict[PartCode, Part], upstream: Upstream | None, policy: RiskPolicy
) -> int:
    own = sum(policy.weights[code] * part.counted for code, part in by_part.items())
    if upstream is None:
        return (own + 50) // 100
    weight, base = policy.supply.weight, upstream.weighed(policy.supply)
    whole = 100 * SHARES
    return (SHARES * own * (100 - weight) + 100 * base * weight + 50 * whole) // (
        100 * whole
    )


def _held(facts: SiteFacts, policy: RiskPolicy) -> Held:
    still = [
        (_floor(flaw, policy), flaw.severity.value, flaw.is_past_due)
        for flaw in facts.flaws
        if flaw.is_open
    ]
    score, severity, is_past_due = max(still, default=(0, "", False))
    if not score:
        return Held(0, None)
    told: dict[str, Fact] = {"severity": severity, "is_past_due": is_past_due}
    return Held(score, Told(DecisionCode.OPEN_FINDING, told))


def _floor(flaw: Flaw, policy: RiskPolicy) -> int:
    floors, late = policy.floors, flaw.is_past_due
    if flaw.severity is Severity.ZERO_TOLERANCE:
        return floors.zero_tolerance
    if flaw.severity is Severity.CRITICAL:
        return floors.critical_past_due if late else floors.critical
    if flaw.severity is Severity.MAJOR and late:
        return floors.major_past_due
    return 0


def _pushed(upstream: Upstream | None, policy: RiskPolicy) -> int:
    """Return the least score for who supplies a mill; what is unknown counts as high."""
    if upstream is None:
        return 0
    points = upstream.points
    doubtful = points[RiskLevel.HIGH] + points[RiskLevel.UNKNOWN]
    is_much = upstream.reaches(doubtful, policy.supply.share)
    return policy.supply.floor if is_much else 0


def _level(
    score: int,
    held: Held,
    upstream: Upstream | None,
    sure: Sureness,
    facts: SiteFacts,
    policy: RiskPolicy,
) -> tuple[RiskLevel, Told[DecisionCode]]:
    """Return the level: first what was found, then what is known, then the score."""
    if held.because is not None and held.score >= policy.levels.high:
        return RiskLevel.HIGH, held.because
    if upstream is not None and _is_pushed(upstream, policy):
        return RiskLevel.HIGH, Told(DecisionCode.SUPPLY, {"share": upstream.high})
    if not facts.visits or not _is_known(sure, facts, policy):
        return RiskLevel.UNKNOWN, Told(DecisionCode.TOO_LITTLE_KNOWN, {})
    if upstream is not None and _pushed(upstream, policy):
        # Were the unknown volume known, it could make the mill high.
        share: dict[str, Fact] = {"share": upstream.unknown}
        return RiskLevel.UNKNOWN, Told(DecisionCode.SUPPLY_NOT_KNOWN, share)
    level = policy.level_of(score)
    if level is RiskLevel.LOW and not _is_low_shown(sure, facts, upstream, policy):
        return RiskLevel.MEDIUM, Told(DecisionCode.LOW_NOT_SHOWN, {})
    if held.because is not None and score == held.score:
        return level, held.because
    return level, Told(DecisionCode.SCORE, {})


def _is_pushed(upstream: Upstream, policy: RiskPolicy) -> bool:
    """Tell whether enough of the volume is known to come from suppliers of high risk."""
    return upstream.reaches(upstream.points[RiskLevel.HIGH], policy.supply.share)


def _is_known(sure: Sureness, facts: SiteFacts, policy: RiskPolicy) -> bool:
    return (
        bool(facts.rules.applicable)
        and sure.confidence >= policy.known.confidence
        and sure.determinate_share >= policy.known.determinate
    )


def _is_low_shown(
    sure: Sureness, facts: SiteFacts, upstream: Upstream | None, policy: RiskPolicy
) -> bool:
    known = policy.known
    return (
        bool(facts.management.determinate)
        and sure.confidence >= known.low_confidence
        and sure.determinate_share >= known.low_determinate
        and (upstream is None or upstream.unknown <= known.low_unknown_volume)
    )


def _gaps(facts: SiteFacts, upstream: Upstream | None) -> Iterator[Told[GapCode]]:
    """Yield what is not known of the site itself and of who supplies it."""
    workforce = facts.workforce
    if workforce is None:
        yield Told(GapCode.WORKFORCE_NOT_KNOWN, {})
    else:
        season: dict[str, Fact] = {"season": workforce.season}
        parts = (workforce.temporary, workforce.migrant, workforce.piece_rate)
        if workforce.hired is None or (workforce.hired and None in parts):
            yield Told(GapCode.WORKFORCE_PARTLY_NOT_KNOWN, season)
        if int(workforce.season[:4]) < facts.on.year - 1:
            yield Told(GapCode.WORKFORCE_OLD, season)
    if facts.goods is None or facts.children is None:
        yield Told(GapCode.COUNTRY_NOT_KNOWN, {"country": facts.country})
    yield from _gaps_of_harvest(facts)
    if upstream is None:
        return
    if not facts.supply:
        yield Told(GapCode.SUPPLY_BASE_NOT_KNOWN, {})
        return
    if untraced := upstream.percent(upstream.untraced):
        yield Told(GapCode.SUPPLY_VOLUME_NOT_KNOWN, {"share": untraced})
    not_assessed = upstream.points[RiskLevel.UNKNOWN] - upstream.untraced
    if not_assessed:
        share = upstream.percent(not_assessed)
        yield Told(GapCode.SUPPLIERS_NOT_ASSESSED, {"share": share})


def _gaps_of_harvest(facts: SiteFacts) -> Iterator[Told[GapCode]]:
    if facts.harvest is None:
        yield Told(GapCode.HARVEST_NOT_KNOWN, {"commodity": facts.commodity})
        return
    if any(one.harvest == facts.harvest for one in facts.visits):
        return
    last = max(
        (one.visited_on for one in facts.visits if _was_in_harvest(one)), default=None
    )
    day = None if last is None else last.isoformat()
    yield Told(GapCode.NOT_VISITED_THIS_HARVEST, {"last_harvest_visit_on": day})


def _was_in_harvest(visit: Visit) -> bool:
    return visit.harvest is not None or visit.season in IN_HARVEST
