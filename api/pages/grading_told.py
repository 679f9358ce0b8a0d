"""Grading in words: the letters, the gates before them, and what each does to a grade."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.scorecards.codes import Cap, GateCode, GateValue, Letter
from compliance.scorecards.drawing.words import Words
from compliance.scorecards.policy import GradingPolicy
from compliance.texts import N_, translate
from rules import Severity

BEST = 100
WHY: Mapping[GateCode, tuple[str, str]] = {
    GateCode.ZERO_TOLERANCE: (
        N_("Zero tolerance"),
        N_("A suspicion of the gravest kind is open, and what is being done about it."),
    ),
    GateCode.ACCESS: (N_("Access"), N_("The visit was let in everywhere, or not.")),
    GateCode.RECORDS: (N_("Records"), N_("Papers were as they should be, or not.")),
    GateCode.COACHING: (
        N_("Coaching"),
        N_("Workers spoke freely, or had been told what to say."),
    ),
    GateCode.CHILD_LABOUR_FLAG: (
        N_("Critical child labour"),
        N_("A critical red flag about child labour is open."),
    ),
    GateCode.FORCED_LABOUR_FLAG: (
        N_("Critical forced labour"),
        N_("A critical red flag about forced labour is open."),
    ),
    GateCode.DETERMINATE_SHARE: (
        N_("How much could be determined"),
        N_(
            "The share of the rules that apply to which the visit found a clear answer."
        ),
    ),
    GateCode.CHILD_LABOUR_SHARE: (
        N_("Child labour determined"),
        N_("The same share, of the rules about child labour alone."),
    ),
    GateCode.FORCED_LABOUR_SHARE: (
        N_("Forced labour determined"),
        N_("The same share, of the rules about forced labour alone."),
    ),
    GateCode.OPEN_QUESTIONS: (
        N_("Open questions"),
        N_(
            "The letter must hold even if every question without an answer were answered "
            "against the site. So leaving a bad answer out never raises it."
        ),
    ),
    GateCode.FIELDWORK_AGE: (
        N_("Age of the visit"),
        N_("How long ago somebody was there."),
    ),
    GateCode.SEASON: (
        N_("Season"),
        N_("Outside harvest fewer people work, and less can be seen."),
    ),
    GateCode.NOTICE: (
        N_("Notice"),
        N_(
            "An announced visit sees what was made ready, unless people were heard away."
        ),
    ),
}
BELOW = N_("fewer than {share} of them")
OLDER = N_("older than {months} months")
OUTSIDE = N_("outside harvest, or not recorded")
ANNOUNCED = N_("announced and nobody heard off site, or not recorded")
Cases = tuple[tuple[str, Cap], ...]


@dataclass(frozen=True)
class ToldBand:
    """A letter: from which score to which, and how long a card with it is valid."""

    letter: Letter
    least: int
    most: int
    months: int


@dataclass(frozen=True)
class ToldGate:
    title: str
    why: str
    cases: tuple[tuple[str, Cap, str], ...]


def told_weights(policy: GradingPolicy) -> tuple[tuple[Severity, int], ...]:
    """Return what a finding of each severity weighs."""
    weights = policy.weights.items()
    return tuple((Severity(one.value), weight) for one, weight in weights)


def told_bands(policy: GradingPolicy) -> tuple[ToldBand, ...]:
    """Return the letters from A to E with the scores that have them."""
    told: list[ToldBand] = []
    most = BEST
    for letter in Letter:
        least = policy.bands[letter]
        told.append(ToldBand(letter, least, most, policy.validity_months[letter]))
        most = least - 1
    return tuple(told)


def told_gates(policy: GradingPolicy, language: str) -> tuple[ToldGate, ...]:
    """Return every gate, why it is there, and what it can do to a grade."""
    words = Words(language)
    cases = _cases(policy, words)
    return tuple(
        ToldGate(
            translate(WHY[code][0], language),
            translate(WHY[code][1], language),
            tuple((text, cap, words.code("effect", cap)) for text, cap in cases[code]),
        )
        for code in GateCode
    )


def _cases(policy: GradingPolicy, words: Words) -> Mapping[GateCode, Cases]:
    """Return what can be found at each gate, and what it then does to the grade."""
    language = words.language

    def coded(code: GateCode, caps: Mapping[GateValue, Cap]) -> Cases:
        return tuple((words.code("gate", code, value), caps[value]) for value in caps)

    def below(steps: Mapping[int, Cap]) -> Cases:
        return tuple(
            (translate(BELOW, language, share=words.percent(share)), cap)
            for share, cap in sorted(steps.items(), reverse=True)
        )

    hidden = {GateValue.FOUND: policy.concealment}
    flagged = (GateCode.CHILD_LABOUR_FLAG, GateCode.FORCED_LABOUR_FLAG)
    return {
        GateCode.ZERO_TOLERANCE: coded(GateCode.ZERO_TOLERANCE, policy.zero_tolerance),
        **{
            code: coded(code, hidden)
            for code in (GateCode.ACCESS, GateCode.RECORDS, GateCode.COACHING)
        },
        **{code: coded(code, policy.high_flag) for code in flagged},
        GateCode.DETERMINATE_SHARE: below(policy.determinate_share),
        GateCode.CHILD_LABOUR_SHARE: below(policy.topic_share),
        GateCode.FORCED_LABOUR_SHARE: below(policy.topic_share),
        GateCode.OPEN_QUESTIONS: (),
        GateCode.FIELDWORK_AGE: tuple(
            (translate(OLDER, language, months=months), cap)
            for months, cap in sorted(policy.fieldwork_months.items())
        ),
        GateCode.SEASON: ((translate(OUTSIDE, language), policy.season),),
        GateCode.NOTICE: ((translate(ANNOUNCED, language), policy.notice),),
    }
