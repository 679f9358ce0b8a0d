"""The life of a finding as a table: which step leads from where to where, and for whom."""

from collections.abc import Mapping
from enum import StrEnum

from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource, reach
from compliance.problems import Kind, Problem
from compliance.texts import N_


class State(StrEnum):
    RAISED = "raised"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What can happen to a finding: a visit sees it, or somebody decides."""

    RAISE = "raise"
    SEE_AGAIN = "see_again"
    ACCEPT = "accept"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    AGREE_PLAN = "agree_plan"
    CLOSE = "close"
    REOPEN = "reopen"


class Reason(StrEnum):
    """Why a finding is disputed or withdrawn; a code, so that it can name nobody."""

    FACTS_WRONG = "facts_wrong"
    LAW_DOES_NOT_APPLY = "law_does_not_apply"
    ANOTHER_SITE = "another_site"
    CORRECTED_BEFORE_VISIT = "corrected_before_visit"


class EvidenceKind(StrEnum):
    """How it was checked: by papers at a desk, or by somebody who went there."""

    DESK = "desk"
    SITE = "site"


STEPS: Mapping[State, Mapping[Step, State]] = {
    State.RAISED: {
        Step.SEE_AGAIN: State.RAISED,
        Step.CONFIRM: State.RAISED,
        Step.ACCEPT: State.ACCEPTED,
        Step.DISPUTE: State.DISPUTED,
    },
    State.DISPUTED: {
        Step.SEE_AGAIN: State.DISPUTED,
        Step.CONFIRM: State.DISPUTED,
        Step.UPHOLD: State.ACCEPTED,
        Step.WITHDRAW: State.WITHDRAWN,
    },
    State.ACCEPTED: {
        Step.SEE_AGAIN: State.ACCEPTED,
        Step.CONFIRM: State.ACCEPTED,
        Step.AGREE_PLAN: State.ACCEPTED,
        Step.CLOSE: State.CLOSED,
    },
    State.CLOSED: {
        Step.SEE_AGAIN: State.CLOSED,
        Step.CONFIRM: State.CLOSED,
        Step.REOPEN: State.ACCEPTED,
    },
    State.WITHDRAWN: {},
}
OPEN = frozenset({State.RAISED, State.DISPUTED, State.ACCEPTED})
# What only a visit can do, and what follows by itself when its corrective actions are
# agreed; the rest is decided by somebody with the permission.
SEEN = frozenset({Step.RAISE, Step.SEE_AGAIN, Step.REOPEN})
FOLLOWS = frozenset({Step.AGREE_PLAN})

# The site answers, and somebody independent decides.
PERMISSIONS: Mapping[Step, Permission] = {
    Step.ACCEPT: Permission.ANSWER_FINDINGS,
    Step.DISPUTE: Permission.ANSWER_FINDINGS,
    Step.UPHOLD: Permission.DECIDE_FINDINGS,
    Step.WITHDRAW: Permission.DECIDE_FINDINGS,
    Step.CONFIRM: Permission.DECIDE_FINDINGS,
    Step.CLOSE: Permission.DECIDE_FINDINGS,
}

ACTIONS: Mapping[Permission, Action] = {
    Permission.ANSWER_FINDINGS: Action.ANSWER,
    Permission.DECIDE_FINDINGS: Action.DECIDE,
}


class StepNotAllowed(Problem):
    kind = Kind.CONFLICT
    title = N_("The finding cannot take this step")
    detail = N_(
        "A finding that is {state} cannot take the step {step}. Steps it can take: "
        "{possible}."
    )


def reached_by(wanted: Step) -> frozenset[Relation]:
    """Return how somebody may stand to a finding of which they decide a step."""
    return reach(Resource.FINDING, ACTIONS[PERMISSIONS[wanted]])


def step(current: State, wanted: Step) -> State:
    """Return the state that follows, or say which steps are possible from here."""
    if wanted not in STEPS[current]:
        possible = ", ".join(sorted(STEPS[current].keys() & PERMISSIONS.keys())) or "-"
        raise StepNotAllowed(state=current, step=wanted, possible=possible)
    return STEPS[current][wanted]
