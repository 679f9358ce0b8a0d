"""The life of a match as a table, and the reasons in words: nothing decides by itself.

What a person said stays said until the entry changes, which asks again, or leaves the
list, which is noted beside the decision. Only what nobody has decided on goes with it.
"""

from collections.abc import Mapping
from enum import StrEnum

from compliance.problems import Kind, Problem
from compliance.texts import N_


class MatchState(StrEnum):
    """Where a match stands; gone: its entry left the list before anybody decided."""

    PROPOSED = "proposed"
    SAME = "same"
    NOT_SAME = "not_same"
    WATCH = "watch"
    GONE = "gone"


class Decision(StrEnum):
    """What a person says of a match."""

    SAME = "same"
    NOT_SAME = "not_same"
    WATCH = "watch"


class MatchReason(StrEnum):
    """Why a match stands where it does: those a person gives, then those of the lists."""

    NUMBER_CONFIRMED = "number_confirmed"
    REGISTER_LOOKED_UP = "register_looked_up"
    CONFIRMED_BY_SITE = "confirmed_by_site"
    PUBLISHER_CONFIRMED = "publisher_confirmed"
    OTHER_NUMBER = "other_number"
    OTHER_PLACE = "other_place"
    OTHER_OWNER = "other_owner"
    NAME_ALONE = "name_alone"
    WAITING_FOR_PUBLISHER = "waiting_for_publisher"
    WAITING_FOR_SITE = "waiting_for_site"
    DECIDED_WRONGLY = "decided_wrongly"
    FOUND = "found"
    ENTRY_CHANGED = "entry_changed"
    LEFT_THE_LIST = "left_the_list"
    BACK_ON_THE_LIST = "back_on_the_list"


REASONS: Mapping[Decision, frozenset[MatchReason]] = {
    Decision.SAME: frozenset(
        {
            MatchReason.NUMBER_CONFIRMED,
            MatchReason.REGISTER_LOOKED_UP,
            MatchReason.CONFIRMED_BY_SITE,
            MatchReason.PUBLISHER_CONFIRMED,
            MatchReason.DECIDED_WRONGLY,
        }
    ),
    Decision.NOT_SAME: frozenset(
        {
            MatchReason.OTHER_NUMBER,
            MatchReason.OTHER_PLACE,
            MatchReason.OTHER_OWNER,
            MatchReason.NAME_ALONE,
            MatchReason.PUBLISHER_CONFIRMED,
            MatchReason.DECIDED_WRONGLY,
        }
    ),
    Decision.WATCH: frozenset(
        {
            MatchReason.NAME_ALONE,
            MatchReason.WAITING_FOR_PUBLISHER,
            MatchReason.WAITING_FOR_SITE,
        }
    ),
}

STEPS: Mapping[MatchState, frozenset[MatchState]] = {
    MatchState.PROPOSED: frozenset(
        {
            MatchState.SAME,
            MatchState.NOT_SAME,
            MatchState.WATCH,
            MatchState.GONE,
        }
    ),
    MatchState.SAME: frozenset({MatchState.NOT_SAME}),
    MatchState.NOT_SAME: frozenset({MatchState.SAME, MatchState.PROPOSED}),
    MatchState.WATCH: frozenset(
        {MatchState.SAME, MatchState.NOT_SAME, MatchState.PROPOSED}
    ),
    MatchState.GONE: frozenset({MatchState.PROPOSED}),
}
# What waits for a person, and has a clock.
OPEN = frozenset({MatchState.PROPOSED})


class MatchStepNotAllowed(Problem):
    kind = Kind.CONFLICT
    title = N_("The match cannot be decided so now")
    detail = N_("A match that is {state} can become {reachable}, not {wanted}.")


class ReasonUnfitting(Problem):
    kind = Kind.INVALID
    title = N_("The reason does not fit the decision")
    detail = N_("For {decision} give one of these reasons: {reasons}.")


def step(current: MatchState, wanted: MatchState) -> MatchState:
    """Return the wanted state, or say which can be reached from here."""
    if wanted not in STEPS[current]:
        reachable = ", ".join(sorted(STEPS[current] - {MatchState.GONE})) or "-"
        raise MatchStepNotAllowed(state=current, wanted=wanted, reachable=reachable)
    return wanted


def require_fitting(decision: Decision, reason: MatchReason) -> None:
    """Raise ReasonUnfitting unless the reason can be one for the decision."""
    if reason not in REASONS[decision]:
        raise ReasonUnfitting(
            decision=decision, reasons=", ".join(sorted(REASONS[decision]))
        )


def after_edition(
    current: MatchState, *, is_listed: bool, is_changed: bool
) -> MatchState:
    """Return where a match stands once another edition was read.

    What nobody decided goes with its entry and comes back with it; what a person said
    to be another, or to watch, is asked again where the entry changed.
    """
    if not is_listed:
        return MatchState.GONE if current in OPEN else current
    if current is MatchState.GONE:
        return MatchState.PROPOSED
    asks_again = {MatchState.NOT_SAME, MatchState.WATCH}
    return MatchState.PROPOSED if is_changed and current in asks_again else current
