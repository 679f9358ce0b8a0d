"""The three parts of a risk, each with its points and the reasons for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compliance.risk.codes import ReasonCode
from compliance.risk.days import months_between
from compliance.risk.facts import Flaw, SiteFacts, Workforce
from compliance.risk.policy import LEAST_RULES, Amounts, RiskPolicy
from compliance.risk.told import Fact, Reason
from rules import Severity

WORST = 100
OPEN_REASONS = {
    Severity.ZERO_TOLERANCE: ReasonCode.OPEN_ZERO_TOLERANCE,
    Severity.CRITICAL: ReasonCode.OPEN_CRITICAL,
    Severity.MAJOR: ReasonCode.OPEN_MAJOR,
    Severity.MINOR: ReasonCode.OPEN_MINOR,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score; None where nothing is known, which counts as the worst."""

    score: int | None
    reasons: tuple[Reason, ...]

    @property
    def counted(self) -> int:
        return WORST if self.score is None else self.score


def inherent(facts: SiteFacts, policy: RiskPolicy) -> Part:
    """Return why a site is at risk before anybody visits it."""
    return _part(_inherent(facts, policy))


def _part(reasons: Iterable[Reason]) -> Part:
    told = tuple(reasons)
    total = sum(reason.points for reason in told)
    return Part(max(0, min(WORST, total)), told)


def _reason(code: ReasonCode, points: int, **params: Fact) -> Reason:
    return Reason(code, {**params, "points": points})


def _inherent(facts: SiteFacts, policy: RiskPolicy) -> Iterator[Reason]:
    points = policy.inherent
    yield from _goods(facts, policy)
    children = facts.children
    if children is None:
        yield _reason(
            ReasonCode.PREVALENCE_NOT_KNOWN,
            points.prevalence.high,
            country=facts.country,
        )
    else:
        bands = points.prevalence_from
        tenths = children.percent_tenths
        code, given = ReasonCode.PREVALENCE_LOW, points.prevalence.low
        if tenths >= 10 * bands.high:
            code, given = ReasonCode.PREVALENCE_HIGH, points.prevalence.high
        elif tenths >= 10 * bands.medium:
            code, given = ReasonCode.PREVALENCE_MEDIUM, points.prevalence.medium
        yield _reason(
            code,
            given,
            country=facts.country,
            percent_tenths=tenths,
            ages=children.ages,
            year=children.year,
        )
    yield from _workforce(facts.workforce, policy)
    if facts.brokers is not None:
        lacks = facts.brokers.without_licence
        yield _reason(
            ReasonCode.BROKER_WITHOUT_LICENCE if lacks else ReasonCode.BROKER_ENGAGED,
            points.broker_without_licence if lacks else points.broker,
            season=facts.brokers.season,
        )
    if facts.is_harvest is None:
        yield _reason(
            ReasonCode.HARVEST_NOT_KNOWN, points.harvest_now, commodity=facts.commodity
        )
    elif facts.is_harvest:
        yield _reason(
            ReasonCode.HARVEST_NOW, points.harvest_now, commodity=facts.commodity
        )


def _goods(facts: SiteFacts, policy: RiskPolicy) -> Iterator[Reason]:
    points, goods = policy.inherent, facts.goods
    where: dict[str, Fact] = {"country": facts.country, "commodity": facts.commodity}
    if goods is None:
        worst = points.listed_child_labour + points.listed_forced_labour
        yield _reason(ReasonCode.GOODS_NOT_KNOWN, worst, **where)
        return
    where["edition"] = goods.edition
    if goods.child_labour:
        yield _reason(
            ReasonCode.GOODS_CHILD_LABOUR, points.listed_child_labour, **where
        )
    if goods.forced_labour:
        yield _reason(
            ReasonCode.GOODS_FORCED_LABOUR, points.listed_forced_labour, **where
        )
    if not goods.child_labour and not goods.forced_labour:
        yield _reason(ReasonCode.GOODS_NOT_LISTED, points.not_listed, **where)


def _workforce(workforce: Workforce | None, policy: RiskPolicy) -> Iterator[Reason]:
    """Yield what the people of a season add; of a few hired no part is told."""
    points = policy.inherent
    kinds = (
        ("temporary", points.temporary, "TEMPORARY_WORKERS"),
        ("migrant", points.migrant, "MIGRANT_WORKERS"),
        ("piece_rate", points.piece_rate, "PIECE_RATE"),
    )
    if workforce is None:
        worst = sum(amounts.many for _, amounts, _ in kinds)
        yield _reason(ReasonCode.WORKFORCE_NOT_KNOWN, worst)
        return
    season, hired = workforce.season, workforce.hired
    if hired is not None and 0 < hired < points.small_below:
        yield _reason(ReasonCode.SMALL_WORKFORCE, points.small_workforce, season=season)
        return
    missing, told = 0, False
    for name, amounts, code in kinds:
        count = getattr(workforce, name)
        if hired is None or count is None:
            # Nobody is hired, so nobody is of this kind: no number is missing.
            missing += amounts.many if hired != 0 else 0
            continue
        degree = _degree(count, hired, policy)
        if degree is not None:
            told = True
            yield _reason(
                ReasonCode[f"{code}_{degree.upper()}"],
                _amount(amounts, degree),
                season=season,
            )
    if missing:
        yield _reason(ReasonCode.WORKFORCE_PARTLY_NOT_KNOWN, missing, season=season)
    elif not told:
        yield _reason(ReasonCode.WORKFORCE_USUAL, 0, season=season)


def _degree(count: int, hired: int, policy: RiskPolicy) -> str | None:
    shares = policy.inherent.share_from
    if hired and 100 * count >= shares.many * hired:
        return "many"
    return "some" if hired and 100 * count >= shares.some * hired else None


def _amount(amounts: Amounts, degree: str) -> int:
    return amounts.many if degree == "many" else amounts.some


def management(facts: SiteFacts, policy: RiskPolicy) -> Part:
    """Return what the site does: rules of management, promises kept or broken."""
    tally, points = facts.management, policy.management
    if not tally.applicable:
        reasons = [_reason(ReasonCode.MANAGEMENT_NOT_KNOWN, WORST)]
    else:
        open_or_broken = tally.applicable - tally.met
        reasons = [
            _reason(
                ReasonCode.MANAGEMENT_RULES,
                WORST * open_or_broken // tally.applicable,
                met=tally.met,
                not_met=tally.not_met,
                undetermined=tally.undetermined,
            )
        ]
    made = facts.promises
    disclosed = sum(one.is_disclosed and not one.is_open for one in facts.flaws)
    for code, count, given in (
        (ReasonCode.ACTIONS_LAPSED, made.lapsed, points.lapsed.of(made.lapsed)),
        (
            ReasonCode.ACTIONS_NOT_EFFECTIVE,
            made.not_effective,
            points.not_effective.of(made.not_effective),
        ),
        (ReasonCode.ACTIONS_LATE, made.late, points.late.of(made.late)),
        (
            ReasonCode.REMEDY_OVERDUE,
            made.remedy_overdue,
            points.remedy_overdue.of(made.remedy_overdue),
        ),
        (ReasonCode.ACTIONS_KEPT, made.kept, -points.kept.of(made.kept)),
        (
            ReasonCode.REMEDY_VERIFIED,
            made.remedy_verified,
            -points.remedy_verified.of(made.remedy_verified),
        ),
        (
            ReasonCode.DISCLOSED_AND_CLOSED,
            disclosed,
            -points.disclosed.of(disclosed),
        ),
    ):
        if count:
            reasons.append(_reason(code, given, count=count))
    part = _part(reasons)
    return part if tally.applicable else Part(None, part.reasons)


def outcome(facts: SiteFacts, policy: RiskPolicy) -> Part:
    """Return what was found; what no visit could decide counts as not in order."""
    reasons = tuple(_found(facts, policy))
    tally = facts.rules
    if tally.applicable:
        share = 100 * tally.undetermined // tally.applicable
        points = (
            policy.outcome.undetermined
            * tally.undetermined
            // max(tally.applicable, LEAST_RULES)
        )
        if tally.undetermined:
            reasons += (_reason(ReasonCode.NOT_DETERMINED, points, share=share),)
        return _part(reasons)
    unseen = _reason(ReasonCode.OUTCOME_NOT_KNOWN, WORST)
    return Part(None, (*reasons, unseen))


def _found(facts: SiteFacts, policy: RiskPolicy) -> Iterator[Reason]:
    points = policy.outcome
    still = [flaw for flaw in facts.flaws if flaw.is_open]
    for severity in Severity:
        count = sum(flaw.severity is severity for flaw in still)
        if count:
            each = points.open[severity]
            yield _reason(OPEN_REASONS[severity], each * count, count=count)
    for code, some, percent in (
        (
            ReasonCode.PAST_DUE,
            [flaw for flaw in still if flaw.is_past_due],
            points.past_due_percent,
        ),
        (
            ReasonCode.CAME_BACK,
            [flaw for flaw in still if flaw.came_back],
            points.came_back_percent,
        ),
    ):
        if some:
            yield _reason(code, _parts_of(some, percent, policy), count=len(some))
    if not still and facts.rules.applicable:
        yield _reason(ReasonCode.NONE_OPEN, 0)
    closed = [
        flaw
        for flaw in facts.flaws
        if not flaw.is_open
        and flaw.closed_on is not None
        and months_between(flaw.closed_on, facts.on) < points.closed_months
    ]
    if closed:
        yield _reason(
            ReasonCode.CLOSED_VERIFIED,
            _parts_of(closed, points.closed_percent, policy),
            count=len(closed),
            months=points.closed_months,
        )


def _parts_of(flaws: Iterable[Flaw], percent: int, policy: RiskPolicy) -> int:
    """Return so many per cent of the points of each, rounded down one by one."""
    points = policy.outcome.open
    return sum(points[flaw.severity] * percent // 100 for flaw in flaws)
