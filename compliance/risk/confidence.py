"""How sure a risk is: that of the visit which tells most, and less as it grows old.

Each visit is weighed as a whole, and the surest counts: a poor visit takes nothing from
a good one, and one visit less never makes anything surer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from compliance.risk.codes import ConfidenceWord, FactorCode, GapCode
from compliance.risk.days import months_between
from compliance.risk.facts import TOPICS, SiteFacts, Visit
from compliance.risk.policy import Confidence, RiskPolicy
from compliance.risk.told import Fact, Told

FULL = 100
RANGES = (
    (250, "250+"),
    (100, "100-249"),
    (50, "50-99"),
    (25, "25-49"),
    (10, "10-24"),
    (0, "<10"),
)
MANY_UNDETERMINED = 20  # per cent of the rules that apply


class Factor(NamedTuple):
    """What a confidence rests on; a share of None is not known, and counts as 0."""

    code: FactorCode
    share: int | None
    weight: int
    params: dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure, in words, by what, and what is missing."""

    confidence: int
    word: ConfidenceWord
    determinate_share: int
    factors: tuple[Factor, ...]
    gaps: tuple[Told[GapCode], ...]


def sureness(
    facts: SiteFacts, policy: RiskPolicy, *, known_volume: int | None
) -> Sureness:
    """Return how sure is what is told of a site; `known_volume` is a mill's, else None."""
    rules = facts.rules
    determinate = _share(rules.determinate, rules.applicable) or 0
    if not facts.visits:
        told: Told[GapCode] = Told(GapCode.NEVER_VISITED, {})
        return Sureness(0, ConfidenceWord.NONE, determinate, (), (told,))
    site = tuple(_of_site(facts, determinate, policy, known_volume))
    weighed = [
        _of_visit(visit, site, facts.on, policy.confidence) for visit in facts.visits
    ]
    confidence, best, factors = weighed[0]
    if len(weighed) > 1:
        # Of two that are as sure, the later one is told, and then it is all the same.
        confidence, best, factors = max(
            weighed, key=lambda one: (one[0], one[1].visited_on, repr(one[1]))
        )
    return Sureness(
        confidence=confidence,
        word=policy.confidence.word_of(confidence),
        determinate_share=determinate,
        factors=factors,
        gaps=tuple(_gaps(facts, best, determinate, policy)),
    )


def _of_site(
    facts: SiteFacts, determinate: int, policy: RiskPolicy, known_volume: int | None
) -> Iterator[Factor]:
    """Yield what all visits together have decided."""
    weights, topics = policy.confidence.weights, facts.topics_determined
    covered = FULL * topics // TOPICS
    yield Factor(
        FactorCode.COVERAGE,
        covered if known_volume is None else min(covered, known_volume),
        weights[FactorCode.COVERAGE],
        {"topics": topics, "of": TOPICS},
    )
    yield Factor(
        FactorCode.DETERMINATE,
        determinate,
        weights[FactorCode.DETERMINATE],
        {"determinate": facts.rules.determinate, "applicable": facts.rules.applicable},
    )


def _of_visit(
    visit: Visit, site: tuple[Factor, ...], on: date, policy: Confidence
) -> tuple[int, Visit, tuple[Factor, ...]]:
    months = months_between(visit.visited_on, on)
    factors = (*site, *_factors(visit, months, policy))
    total = sum((factor.share or 0) * factor.weight for factor in factors) // FULL
    return min(total, *_caps(visit, months, policy)), visit, factors


def _factors(visit: Visit, months: int, policy: Confidence) -> Iterator[Factor]:
    shares: tuple[tuple[FactorCode, int | None, dict[str, Fact]], ...] = (
        (
            FactorCode.AGE,
            _freshness(months, policy),
            {"visited_on": visit.visited_on.isoformat(), "months": months},
        ),
        (FactorCode.SEASON, policy.season.get(visit.season), {"season": visit.season}),
        (FactorCode.NOTICE, policy.notice.get(visit.notice), {"notice": visit.notice}),
        (
            FactorCode.INTERVIEWS,
            _heard(visit, policy),
            {
                "held": people_range(visit.interviews_held),
                "planned": people_range(visit.interviews_planned),
                "off_site": visit.had_off_site,
            },
        ),
        (
            FactorCode.TIME,
            _share(visit.spent_minutes, visit.planned_minutes),
            {
                "spent_minutes": visit.spent_minutes,
                "planned_minutes": visit.planned_minutes,
            },
        ),
        (
            FactorCode.EVIDENCE,
            _share(visit.files_arrived, visit.files_named),
            {"arrived": visit.files_arrived, "named": visit.files_named},
        ),
        (
            FactorCode.COMPETENCE,
            _share(visit.qualified, visit.team) if visit.team else None,
            {"qualified": visit.qualified, "team": visit.team},
        ),
        (
            FactorCode.ROTATION,
            _rotated(visit.led_before, policy),
            {"visits_before": visit.led_before},
        ),
        (
            FactorCode.PAYER,
            None if visit.payer is None else policy.payer.get(visit.payer),
            {"payer": visit.payer},
        ),
        (
            FactorCode.INTEGRITY,
            None if visit.is_flagged is None else FULL * (not visit.is_flagged),
            {"is_flagged": visit.is_flagged},
        ),
    )
    for code, share, params in shares:
        yield Factor(code, share, policy.weights[code], params)


def _caps(visit: Visit, months: int, policy: Confidence) -> Iterator[int]:
    """Yield how sure a visit can be at the most; one that nobody checked is not checked."""
    yield FULL
    for older_than, most in policy.age_at_most.items():
        if months >= older_than:
            yield most
    if not visit.is_reviewed:
        yield policy.unreviewed_at_most
    if visit.is_flagged is not False:
        yield policy.flagged_at_most


def _gaps(
    facts: SiteFacts, visit: Visit, determinate: int, policy: RiskPolicy
) -> Iterator[Told[GapCode]]:
    """Yield what the surest visit did not do, and what all of them left open."""
    months = months_between(visit.visited_on, facts.on)
    if months >= min(policy.confidence.age_at_most, default=months + 1):
        day = visit.visited_on.isoformat()
        yield Told(GapCode.VISIT_OLD, {"visited_on": day, "months": months})
    yield from _gaps_of_interviews(visit)
    if FULL - determinate >= MANY_UNDETERMINED:
        yield Told(GapCode.MANY_UNDETERMINED, {"share": FULL - determinate})
    if facts.topics_determined < TOPICS:
        count = TOPICS - facts.topics_determined
        yield Told(GapCode.TOPICS_NOT_LOOKED_AT, {"count": count})
    arrived, named = visit.files_arrived, visit.files_named
    if arrived is not None and named is not None and arrived < named:
        yield Told(GapCode.FILES_MISSING, {"arrived": arrived, "named": named})
    if visit.qualified < max(visit.team, 1):
        team: dict[str, Fact] = {"qualified": visit.qualified, "team": visit.team}
        yield Told(GapCode.TEAM_NOT_QUALIFIED, team)
    for code, is_so in (
        (GapCode.NOTICE_NOT_KNOWN, visit.notice not in policy.confidence.notice),
        (GapCode.PAYER_NOT_KNOWN, visit.payer is None),
        (GapCode.VISIT_NOT_REVIEWED, not visit.is_reviewed),
        (GapCode.VISIT_FLAGGED, visit.is_flagged is True),
        (GapCode.VISIT_NOT_CHECKED, visit.is_flagged is None),
    ):
        if is_so:
            yield Told(code, {})


def _gaps_of_interviews(visit: Visit) -> Iterator[Told[GapCode]]:
    held, planned = visit.interviews_held, visit.interviews_planned
    if held == 0:
        yield Told(GapCode.NO_INTERVIEWS, {})
    elif held is None or planned is None:
        yield Told(GapCode.INTERVIEWS_NOT_KNOWN, {})
    elif held < planned:
        gap: dict[str, Fact] = {
            "held": people_range(held),
            "planned": people_range(planned),
        }
        yield Told(GapCode.INTERVIEWS_BELOW_PLAN, gap)
    if visit.had_off_site is None:
        yield Told(GapCode.OFF_SITE_NOT_KNOWN, {})
    elif not visit.had_off_site:
        yield Told(GapCode.NO_OFF_SITE_INTERVIEWS, {})


def _heard(visit: Visit, policy: Confidence) -> int | None:
    """Return the share for interviews in three steps: a finer one would count people."""
    held, planned = visit.interviews_held, visit.interviews_planned
    if held is None or planned is None:
        return None
    if held >= planned:
        return FULL
    return policy.some_interviews if held else 0


def people_range(count: int | None) -> str | None:
    """Return a number of people as it is told: in fixed ranges, none below ten."""
    if count is None:
        return None
    return next(told for least, told in RANGES if count >= least)


def _share(part: int | None, whole: int | None) -> int | None:
    """Return a share in whole per cent, rounded down; of nothing, all of it is there."""
    if part is None or whole is None:
        return None
    return FULL if whole == 0 else min(FULL, FULL * part // whole)


def _freshness(months: int, policy: Confidence) -> int:
    fresh, worthless = policy.age.fresh, policy.age.worthless
    left = FULL * (worthless - months) // (worthless - fresh)
    return max(0, min(FULL, left))


def _rotated(led_before: int | None, policy: Confidence) -> int | None:
    if led_before is None:
        return None
    known = policy.rotation
    return known[led_before] if led_before < len(known) else 0
