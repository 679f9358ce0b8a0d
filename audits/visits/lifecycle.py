"""The life of an audit as a table: which state can follow which."""

from enum import StrEnum

from compliance.problems import Kind, Problem
from compliance.texts import N_


class State(StrEnum):
    PLANNED = "planned"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    RIGHT_OF_REPLY = "right_of_reply"
    FINAL = "final"
    VOIDED = "voided"


STEPS: dict[State, set[State]] = {
    State.PLANNED: {State.SUBMITTED, State.VOIDED},
    State.SUBMITTED: {State.IN_REVIEW, State.VOIDED},
    State.IN_REVIEW: {
        State.RETURNED,
        State.RIGHT_OF_REPLY,
        State.FINAL,
        State.VOIDED,
    },
    State.RETURNED: {State.SUBMITTED, State.VOIDED},
    State.RIGHT_OF_REPLY: {State.IN_REVIEW, State.FINAL},
    State.FINAL: set(),
    State.VOIDED: set(),
}


class AuditStepNotAllowed(Problem):
    kind = Kind.CONFLICT
    title = N_("The audit cannot take this step")
    detail = N_("An audit that is {current} can become {reachable}, not {wanted}.")


def step(current: State, wanted: State) -> State:
    """Return the wanted state, or say which states can be reached from here."""
    if wanted not in STEPS[current]:
        reachable = ", ".join(sorted(STEPS[current])) or N_("nothing")
        raise AuditStepNotAllowed(current=current, wanted=wanted, reachable=reachable)
    return wanted
