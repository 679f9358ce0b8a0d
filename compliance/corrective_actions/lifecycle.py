"""The life of a corrective action as a table, and who may take which step of it."""

from collections.abc import Mapping
from enum import StrEnum

from compliance.corrective_actions.codes import StepReason
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource, reach
from compliance.problems import Kind, Problem
from compliance.texts import N_


class State(StrEnum):
    PROPOSED = "proposed"
    SENT_BACK = "sent_back"
    AGREED = "agreed"
    IN_PROGRESS = "in_progress"
    REPORTED_DONE = "reported_done"
    VERIFIED = "verified"
    NOT_EFFECTIVE = "not_effective"
    CANCELLED = "cancelled"


class Step(StrEnum):
    PROPOSE = "propose"
    PROPOSE_AGAIN = "propose_again"
    AGREE = "agree"
    SEND_BACK = "send_back"
    START = "start"
    REPORT_DONE = "report_done"
    VERIFY = "verify"
    FIND_INEFFECTIVE = "find_ineffective"
    CANCEL = "cancel"


STEPS: Mapping[State, Mapping[Step, State]] = {
    State.PROPOSED: {
        Step.AGREE: State.AGREED,
        Step.SEND_BACK: State.SENT_BACK,
        Step.CANCEL: State.CANCELLED,
    },
    State.SENT_BACK: {
        Step.PROPOSE_AGAIN: State.PROPOSED,
        Step.CANCEL: State.CANCELLED,
    },
    State.AGREED: {Step.START: State.IN_PROGRESS, Step.CANCEL: State.CANCELLED},
    State.IN_PROGRESS: {
        Step.REPORT_DONE: State.REPORTED_DONE,
        Step.CANCEL: State.CANCELLED,
    },
    State.REPORTED_DONE: {
        Step.VERIFY: State.VERIFIED,
        Step.FIND_INEFFECTIVE: State.NOT_EFFECTIVE,
    },
    State.NOT_EFFECTIVE: {
        Step.START: State.IN_PROGRESS,
        Step.CANCEL: State.CANCELLED,
    },
    State.VERIFIED: {},
    State.CANCELLED: {},
}
ENDED = frozenset({State.VERIFIED, State.CANCELLED})
# What stands in the plan: somebody independent agreed to it, and it was not given up.
PLANNED = frozenset(
    {
        State.AGREED,
        State.IN_PROGRESS,
        State.REPORTED_DONE,
        State.NOT_EFFECTIVE,
        State.VERIFIED,
    }
)
# Where the site still owes something; what it reported waits for somebody else.
OWED = frozenset(
    {
        State.PROPOSED,
        State.SENT_BACK,
        State.AGREED,
        State.IN_PROGRESS,
        State.NOT_EFFECTIVE,
    }
)

# The site proposes and does; somebody independent agrees and verifies.
PERMISSIONS: Mapping[Step, Permission] = {
    Step.PROPOSE_AGAIN: Permission.ANSWER_FINDINGS,
    Step.START: Permission.ANSWER_FINDINGS,
    Step.REPORT_DONE: Permission.ANSWER_FINDINGS,
    Step.AGREE: Permission.DECIDE_FINDINGS,
    Step.SEND_BACK: Permission.DECIDE_FINDINGS,
    Step.VERIFY: Permission.DECIDE_FINDINGS,
    Step.FIND_INEFFECTIVE: Permission.DECIDE_FINDINGS,
    Step.CANCEL: Permission.DECIDE_FINDINGS,
}
OF_SITE = frozenset({Step.PROPOSE, Step.PROPOSE_AGAIN, Step.START, Step.REPORT_DONE})
ACTIONS: Mapping[Permission, Action] = {
    Permission.ANSWER_FINDINGS: Action.ANSWER,
    Permission.DECIDE_FINDINGS: Action.DECIDE,
}
REASONS: Mapping[Step, frozenset[StepReason]] = {
    Step.SEND_BACK: frozenset(
        {
            StepReason.CAUSE_NOT_MET,
            StepReason.NOT_ENOUGH,
            StepReason.TOO_LATE,
            StepReason.CANNOT_BE_CHECKED,
        }
    ),
    Step.FIND_INEFFECTIVE: frozenset(
        {
            StepReason.NOT_DONE,
            StepReason.DONE_IN_PART,
            StepReason.PROOF_DOES_NOT_SHOW_IT,
            StepReason.CAUSE_STILL_THERE,
        }
    ),
    Step.CANCEL: frozenset(
        {
            StepReason.REPLACED_BY_ANOTHER,
            StepReason.PROPOSED_TWICE,
            StepReason.SITE_CLOSED,
            StepReason.NO_LONGER_APPLIES,
        }
    ),
}


class ActionStepNotAllowed(Problem):
    kind = Kind.CONFLICT
    title = N_("The corrective action cannot take this step")
    detail = N_(
        "A corrective action that is {state} cannot take the step {step}. Steps it can "
        "take: {possible}."
    )


def reached_by(wanted: Step) -> frozenset[Relation]:
    """Return how somebody may stand to an action of which they take a step."""
    return reach(Resource.CORRECTIVE_ACTION, ACTIONS[PERMISSIONS[wanted]])


def step(current: State, wanted: Step) -> State:
    """Return the state that follows, or say which steps are possible from here."""
    if wanted not in STEPS[current]:
        possible = ", ".join(sorted(STEPS[current])) or "-"
        raise ActionStepNotAllowed(state=current, step=wanted, possible=possible)
    return STEPS[current][wanted]
