"""The life of a proposal to suspend or to lift, and the reasons that decide it."""

from collections.abc import Mapping
from enum import StrEnum

from compliance.problems import Kind, Problem
from compliance.texts import N_


class Effect(StrEnum):
    """What is proposed for the card of a site."""

    SUSPEND = "suspend"
    LIFT = "lift"


class ExclusionState(StrEnum):
    """Where a proposal stands; withdrawn: what it was for is no longer so."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a second person says of a proposal."""

    ACCEPT = "accept"
    DECLINE = "decline"


class ExclusionReason(StrEnum):
    """Why it was decided so; no more is told of it, and what is written is sealed."""

    LISTING_IN_FORCE = "listing_in_force"
    AUTHORITY_CONFIRMED = "authority_confirmed"
    PRECAUTION = "precaution"
    OTHER_SITE_MEANT = "other_site_meant"
    OTHER_GOOD_MEANT = "other_good_meant"
    MATCH_DOUBTED = "match_doubted"
    CONDITIONS_MET = "conditions_met"
    LEFT_THE_LIST = "left_the_list"
    NOT_THE_SAME = "not_the_same"
    LISTED_ELSEWHERE = "listed_elsewhere"
    DOUBT_REMAINS = "doubt_remains"


REASONS: Mapping[tuple[Effect, Verdict], frozenset[ExclusionReason]] = {
    (Effect.SUSPEND, Verdict.ACCEPT): frozenset(
        {
            ExclusionReason.LISTING_IN_FORCE,
            ExclusionReason.AUTHORITY_CONFIRMED,
            ExclusionReason.PRECAUTION,
        }
    ),
    (Effect.SUSPEND, Verdict.DECLINE): frozenset(
        {
            ExclusionReason.OTHER_SITE_MEANT,
            ExclusionReason.OTHER_GOOD_MEANT,
            ExclusionReason.MATCH_DOUBTED,
            ExclusionReason.CONDITIONS_MET,
        }
    ),
    (Effect.LIFT, Verdict.ACCEPT): frozenset(
        {
            ExclusionReason.LEFT_THE_LIST,
            ExclusionReason.NOT_THE_SAME,
            ExclusionReason.CONDITIONS_MET,
        }
    ),
    (Effect.LIFT, Verdict.DECLINE): frozenset(
        {ExclusionReason.LISTED_ELSEWHERE, ExclusionReason.DOUBT_REMAINS}
    ),
}
DECIDED: Mapping[Verdict, ExclusionState] = {
    Verdict.ACCEPT: ExclusionState.ACCEPTED,
    Verdict.DECLINE: ExclusionState.DECLINED,
}


class ExclusionDecided(Problem):
    kind = Kind.CONFLICT
    title = N_("The proposal was decided already")
    detail = N_(
        "It is {state} and is decided once. What comes after it is a proposal of its own."
    )


class ExclusionReasonUnfitting(Problem):
    kind = Kind.INVALID
    title = N_("The reason does not fit what is decided")
    detail = N_("To {verdict} a proposal to {effect}, give one of: {reasons}.")


def decided(current: ExclusionState, verdict: Verdict) -> ExclusionState:
    """Return the state after a verdict; raise ExclusionDecided where there was one."""
    if current is not ExclusionState.PROPOSED:
        raise ExclusionDecided(state=current)
    return DECIDED[verdict]


def require_fitting(effect: Effect, verdict: Verdict, reason: ExclusionReason) -> None:
    """Raise ExclusionReasonUnfitting unless the reason can be one for the verdict."""
    fitting = REASONS[effect, verdict]
    if reason not in fitting:
        raise ExclusionReasonUnfitting(
            verdict=verdict, effect=effect, reasons=", ".join(sorted(fitting))
        )


def wanted_effect(*, applies: bool, is_in_effect: bool) -> Effect | None:
    """Return what should be proposed: nothing where things are as they should be."""
    if applies is is_in_effect:
        return None
    return Effect.SUSPEND if applies else Effect.LIFT
