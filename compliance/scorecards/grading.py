"""From what is known of a site to its grade, told gate by gate; pure thought.

Two numbers stand behind the letter: the score over what could be determined, which is
printed, and the same score with every open question answered against the site, which
the gate of open questions holds against it. Without the second, leaving a bad answer
out would raise the letter (docs/decisions/0005-dropping-evidence.md).
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from compliance.scorecards.codes import (
    Cap,
    GateCode,
    GateValue,
    Letter,
    Severity,
    Topic,
)
from compliance.scorecards.content import Gate, Grade, letter_after
from compliance.scorecards.policy import GradingPolicy
from rules import Grounds, Outcome

# Child and forced labour have gates of their own, for their flags and their shares.
GUARDED: Mapping[Topic, tuple[GateCode, GateCode]] = {
    Topic.CHILD_LABOUR: (GateCode.CHILD_LABOUR_FLAG, GateCode.CHILD_LABOUR_SHARE),
    Topic.FORCED_LABOUR: (GateCode.FORCED_LABOUR_FLAG, GateCode.FORCED_LABOUR_SHARE),
}
MIXED_WORST_FIRST = (
    Outcome.NON_CONFORMITY,
    Outcome.CONFORMITY,
    Outcome.UNDETERMINED,
    Outcome.NOT_APPLICABLE,
)


class Plan(StrEnum):
    """How far the plan that answers a flag has come."""

    NONE = "none"
    IN_TIME = "in_time"
    LAPSED = "lapsed"


class Sign(StrEnum):
    """Whether something was seen, was looked for in vain, or was not looked for."""

    CLEAR = "clear"
    UNDETERMINED = "undetermined"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule says of the site; `weighs` is the severity it is counted with."""

    rule: str
    topic: Topic
    weighs: Severity
    outcome: Outcome
    grounds: Grounds = Grounds.SETTLED
    is_shadow: bool = False

    @property
    def counts(self) -> bool:
        """A rule on trial and an advisory on disputed law count in nothing."""
        is_advisory = (
            self.outcome is Outcome.NON_CONFORMITY
            and self.grounds is Grounds.DISPUTED_LAW
        )
        return not (self.is_shadow or is_advisory)


@dataclass(frozen=True, slots=True)
class OpenFlag:
    """A finding that is not closed and not withdrawn."""

    topic: Topic
    severity: Severity
    plan: Plan
    is_past_due: bool


@dataclass(frozen=True, slots=True)
class FieldworkFacts:
    """When and how the site was visited; None is what nobody recorded."""

    ended_on: date
    was_in_harvest: bool | None
    was_announced: bool | None
    had_off_site_interviews: bool | None


@dataclass(frozen=True, slots=True)
class Concealment:
    """Access refused, records falsified, workers coached."""

    access: Sign = Sign.UNDETERMINED
    records: Sign = Sign.UNDETERMINED
    coaching: Sign = Sign.UNDETERMINED


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic's whole-number score and its counts; a score needs a clear answer."""

    topic: Topic
    score: int | None
    determinate_share: int | None
    met: int
    not_met: int
    undetermined: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade as it is printed, and the topics it was made of."""

    grade: Grade
    topics: tuple[TopicScore, ...]
    determinate_share: int | None


@dataclass(frozen=True, slots=True)
class _Tally:
    """The counts of some rules and their weights: met, not met, undetermined."""

    counts: Mapping[Outcome, int]
    weights: Mapping[Outcome, int]

    @property
    def determinate(self) -> int:
        return self.counts[Outcome.CONFORMITY] + self.counts[Outcome.NON_CONFORMITY]

    @property
    def applicable(self) -> int:
        return self.determinate + self.counts[Outcome.UNDETERMINED]

    @property
    def score(self) -> Fraction | None:
        """The weighted share met among the rules with a clear answer."""
        return self._met_among(Outcome.CONFORMITY, Outcome.NON_CONFORMITY)

    @property
    def score_at_worst(self) -> Fraction | None:
        """The same, were every open question answered against the site."""
        return self._met_among(
            Outcome.CONFORMITY, Outcome.NON_CONFORMITY, Outcome.UNDETERMINED
        )

    def _met_among(self, *outcomes: Outcome) -> Fraction | None:
        whole = sum(self.weights[outcome] for outcome in outcomes)
        met = self.weights[Outcome.CONFORMITY]
        return Fraction(100 * met, whole) if whole else None


def grade(
    results: Iterable[RuleResult],
    *,
    flags: Collection[OpenFlag],
    fieldwork: FieldworkFacts,
    concealment: Concealment,
    policy: GradingPolicy,
    on: date,
) -> Graded:
    """Return the grade of a site on a day; the order of what is given never matters."""
    counted = [result for result in combined(results) if result.counts]
    tallies = {
        topic: _tally([result for result in counted if result.topic is topic], policy)
        for topic in Topic
    }
    whole = _tally(counted, policy)

    score = _whole_number(
        _mean({topic: tally.score for topic, tally in tallies.items()}, policy)
    )
    at_worst = _whole_number(
        _mean({topic: tally.score_at_worst for topic, tally in tallies.items()}, policy)
    )
    by_score = None if score is None else policy.letter_of(score)
    share = _share(whole.determinate, whole.applicable)

    told = {
        GateCode.ZERO_TOLERANCE: _zero_tolerance(counted, flags, policy),
        GateCode.ACCESS: _sign(GateCode.ACCESS, concealment.access, policy),
        GateCode.RECORDS: _sign(GateCode.RECORDS, concealment.records, policy),
        GateCode.COACHING: _sign(GateCode.COACHING, concealment.coaching, policy),
        GateCode.DETERMINATE_SHARE: _below(
            GateCode.DETERMINATE_SHARE, share, policy.determinate_share
        ),
        GateCode.OPEN_QUESTIONS: _open_questions(by_score, at_worst, policy),
        GateCode.FIELDWORK_AGE: _age(fieldwork.ended_on, on, policy),
        GateCode.SEASON: _season(fieldwork, policy),
        GateCode.NOTICE: _notice(fieldwork, policy),
    }
    for topic, (flag_code, share_code) in GUARDED.items():
        told[flag_code] = _high_flag(flag_code, topic, counted, flags, policy)
        tally = tallies[topic]
        told[share_code] = _below(
            share_code, _share(tally.determinate, tally.applicable), policy.topic_share
        )
    gates = tuple(told[code] for code in GateCode)

    return Graded(
        grade=Grade(
            letter=letter_after(by_score, gates),
            score=score,
            letter_by_score=by_score,
            gates=gates,
        ),
        topics=tuple(_topic_score(topic, tallies[topic]) for topic in Topic),
        determinate_share=share,
    )


def combined(results: Iterable[RuleResult]) -> tuple[RuleResult, ...]:
    """Return one result to a rule where several submissions speak of the same site.

    A rule that is broken anywhere is broken; one that somebody could answer is
    answered. Among equals the heavier and the settled reading goes before.
    """
    by_rule: dict[str, list[RuleResult]] = defaultdict(list)
    for result in results:
        by_rule[result.rule].append(result)
    return tuple(min(by_rule[rule], key=_precedence) for rule in sorted(by_rule))


def _precedence(result: RuleResult) -> tuple[bool, int, int, int, str]:
    return (
        not result.counts,
        MIXED_WORST_FIRST.index(result.outcome),
        list(Severity).index(result.weighs),
        list(Grounds).index(result.grounds),
        result.topic,
    )


def _tally(results: Collection[RuleResult], policy: GradingPolicy) -> _Tally:
    counts = dict.fromkeys(Outcome, 0)
    weights = dict.fromkeys(Outcome, 0)
    for result in results:
        counts[result.outcome] += 1
        weights[result.outcome] += policy.weights[result.weighs]
    return _Tally(counts, weights)


def _mean(
    scores: Mapping[Topic, Fraction | None], policy: GradingPolicy
) -> Fraction | None:
    """Return the weighted mean over the topics that have a score."""
    weighted = [
        (policy.topic_weights[topic], score)
        for topic, score in scores.items()
        if score is not None
    ]
    if not weighted:
        return None
    whole = sum(weight for weight, _ in weighted)
    return sum((weight * score for weight, score in weighted), Fraction()) / whole


def _whole_number(exact: Fraction | None) -> int | None:
    """Round down: then the printed number and the exact one have the same letter."""
    return None if exact is None else exact.numerator // exact.denominator


def _share(part: int, whole: int) -> int | None:
    return 100 * part // whole if whole else None


def _topic_score(topic: Topic, tally: _Tally) -> TopicScore:
    return TopicScore(
        topic=topic,
        score=_whole_number(tally.score),
        determinate_share=_share(tally.determinate, tally.applicable),
        met=tally.counts[Outcome.CONFORMITY],
        not_met=tally.counts[Outcome.NON_CONFORMITY],
        undetermined=tally.counts[Outcome.UNDETERMINED],
        not_applicable=tally.counts[Outcome.NOT_APPLICABLE],
    )


def _gate(
    code: GateCode,
    value: int | GateValue | None,
    caps_at: Cap | None,
    limit: int | None = None,
) -> Gate:
    return Gate(
        code=code,
        limit=limit,
        value=value,
        applied=caps_at is not None,
        caps_at=caps_at,
    )


def _zero_tolerance(
    results: Collection[RuleResult],
    flags: Collection[OpenFlag],
    policy: GradingPolicy,
) -> Gate:
    values = {
        Plan.NONE: GateValue.NO_PLAN,
        Plan.IN_TIME: GateValue.PLAN_IN_TIME,
        Plan.LAPSED: GateValue.PLAN_LAPSED,
    }
    raised = {
        values[flag.plan]: policy.zero_tolerance[values[flag.plan]]
        for flag in flags
        if flag.severity is Severity.ZERO_TOLERANCE
    }
    quiet = _unasked(results, Severity.ZERO_TOLERANCE, tuple(Topic))
    return _hardest(GateCode.ZERO_TOLERANCE, raised, quiet)


def _high_flag(
    code: GateCode,
    topic: Topic,
    results: Collection[RuleResult],
    flags: Collection[OpenFlag],
    policy: GradingPolicy,
) -> Gate:
    states = {
        GateValue.OVERDUE if flag.is_past_due else GateValue.OPEN
        for flag in flags
        if flag.topic is topic and flag.severity is Severity.CRITICAL
    }
    raised = {state: policy.high_flag[state] for state in states}
    return _hardest(code, raised, _unasked(results, Severity.CRITICAL, (topic,)))


def _hardest(
    code: GateCode, raised: Mapping[GateValue, Cap], otherwise: GateValue
) -> Gate:
    """Return the gate with the hardest of the caps, or a gate that did not bite."""
    if not raised:
        return _gate(code, otherwise, None)
    value = max(raised, key=lambda value: _rank(raised[value]))
    return _gate(code, value, raised[value])


def _unasked(
    results: Collection[RuleResult], severity: Severity, topics: Collection[Topic]
) -> GateValue:
    """Tell nothing found from not known whether there is something to find."""
    is_open = any(
        result.outcome is Outcome.UNDETERMINED
        and result.weighs is severity
        and result.topic in topics
        for result in results
    )
    return GateValue.UNDETERMINED if is_open else GateValue.CLEAR


def _sign(code: GateCode, sign: Sign, policy: GradingPolicy) -> Gate:
    caps_at = policy.concealment if sign is Sign.FOUND else None
    return _gate(code, GateValue(sign), caps_at)


def _below(code: GateCode, value: int | None, steps: Mapping[int, Cap]) -> Gate:
    """Compare a share with its limits and print the one that says most."""
    missed = [limit for limit in steps if value is not None and value < limit]
    limit = min(missed) if missed else max(steps)
    return _gate(code, value, steps[limit] if missed else None, limit)


def _open_questions(
    by_score: Letter | None, at_worst: int | None, policy: GradingPolicy
) -> Gate:
    """Hold against the letter what the open questions could still turn out to be."""
    if by_score is None or at_worst is None:
        return _gate(GateCode.OPEN_QUESTIONS, None, None, 0)
    limit = policy.bands[by_score]
    caps_at = None if at_worst >= limit else Cap(policy.letter_of(at_worst))
    return _gate(GateCode.OPEN_QUESTIONS, at_worst, caps_at, limit)


def _age(ended_on: date, on: date, policy: GradingPolicy) -> Gate:
    """Compare the age in days with limits that are calendar months."""
    age = max((on - ended_on).days, 0)
    limits = {
        (months_after(ended_on, months) - ended_on).days: cap
        for months, cap in policy.fieldwork_months.items()
    }
    passed = [limit for limit in limits if age > limit]
    limit = max(passed) if passed else min(limits)
    return _gate(GateCode.FIELDWORK_AGE, age, limits[limit] if passed else None, limit)


def _season(fieldwork: FieldworkFacts, policy: GradingPolicy) -> Gate:
    """What is not shown caps like what is found, or it would pay not to record it."""
    match fieldwork.was_in_harvest:
        case True:
            return _gate(GateCode.SEASON, GateValue.CLEAR, None)
        case False:
            return _gate(GateCode.SEASON, GateValue.FOUND, policy.season)
        case None:
            return _gate(GateCode.SEASON, GateValue.UNDETERMINED, policy.season)


def _notice(fieldwork: FieldworkFacts, policy: GradingPolicy) -> Gate:
    announced, interviews = (
        fieldwork.was_announced,
        fieldwork.had_off_site_interviews,
    )
    if interviews or announced is False:
        return _gate(GateCode.NOTICE, GateValue.CLEAR, None)
    is_known = announced is not None and interviews is not None
    value = GateValue.FOUND if is_known else GateValue.UNDETERMINED
    return _gate(GateCode.NOTICE, value, policy.notice)


def _rank(cap: Cap) -> int:
    return list(Cap).index(cap)


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the month's last if there is none."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
