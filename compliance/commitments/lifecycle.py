"""The life of a commitment: a table of states, and which side takes which step.

The buyer reports that it kept its word; that it did, only the supplier's side says.
"""

from collections.abc import Mapping
from enum import StrEnum

from compliance.problems import Kind, Problem
from compliance.texts import N_


class CommitmentKind(StrEnum):
    """What a buyer or exporter promises."""

    PRICE = "price"
    LEAD_TIME = "lead_time"
    CO_FUNDING = "co_funding"
    VOLUME_ASSURANCE = "volume_assurance"
    TRAINING = "training"


class Measure(StrEnum):
    """What a promise is measured in."""

    AMOUNT = "amount"
    BASIS_POINTS = "basis_points"
    DAYS = "days"


MEASURES: Mapping[CommitmentKind, frozenset[Measure]] = {
    CommitmentKind.PRICE: frozenset({Measure.AMOUNT, Measure.BASIS_POINTS}),
    CommitmentKind.LEAD_TIME: frozenset({Measure.DAYS}),
    CommitmentKind.CO_FUNDING: frozenset({Measure.AMOUNT, Measure.BASIS_POINTS}),
    CommitmentKind.VOLUME_ASSURANCE: frozenset({Measure.AMOUNT, Measure.BASIS_POINTS}),
    CommitmentKind.TRAINING: frozenset({Measure.AMOUNT, Measure.DAYS}),
}


class State(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    IN_FORCE = "in_force"
    KEPT_REPORTED = "kept_reported"
    KEPT_CONFIRMED = "kept_confirmed"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What can happen to a commitment once it was offered."""

    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    BEGIN = "begin"
    REPORT_KEPT = "report_kept"
    CONFIRM = "confirm"
    CONTEST = "contest"
    BREAK = "break"


class Side(StrEnum):
    """Who made the commitment, and whose site it was made to."""

    MAKER = "maker"
    SUPPLIER = "supplier"


class CommitmentProof(StrEnum):
    """How a buyer shows that it kept its word, or a supplier that it did not."""

    CONTRACT = "contract"
    PURCHASE_ORDER = "purchase_order"
    INVOICE = "invoice"
    BANK_TRANSFER = "bank_transfer"
    TRAINING_RECORD = "training_record"
    SITE_VISIT = "site_visit"


STEPS: Mapping[State, Mapping[Step, State]] = {
    State.OFFERED: {
        Step.ACCEPT: State.ACCEPTED,
        Step.DECLINE: State.DECLINED,
        Step.WITHDRAW: State.WITHDRAWN,
    },
    State.ACCEPTED: {Step.BEGIN: State.IN_FORCE, Step.BREAK: State.BROKEN},
    State.IN_FORCE: {Step.REPORT_KEPT: State.KEPT_REPORTED, Step.BREAK: State.BROKEN},
    State.KEPT_REPORTED: {
        Step.CONFIRM: State.KEPT_CONFIRMED,
        Step.CONTEST: State.IN_FORCE,
    },
    State.DECLINED: {},
    State.KEPT_CONFIRMED: {},
    State.BROKEN: {},
    State.WITHDRAWN: {},
}
# What binds and is not done: it can be late, and its clock runs.
OUTSTANDING = frozenset({State.ACCEPTED, State.IN_FORCE})
SIDES: Mapping[Step, frozenset[Side]] = {
    Step.ACCEPT: frozenset({Side.SUPPLIER}),
    Step.DECLINE: frozenset({Side.SUPPLIER}),
    Step.WITHDRAW: frozenset({Side.MAKER}),
    Step.BEGIN: frozenset({Side.MAKER}),
    Step.REPORT_KEPT: frozenset({Side.MAKER}),
    Step.CONFIRM: frozenset({Side.SUPPLIER}),
    Step.CONTEST: frozenset({Side.SUPPLIER}),
    # The maker may say so any time; the supplier, once the day is over.
    Step.BREAK: frozenset(Side),
}


class CommitmentStepNotAllowed(Problem):
    kind = Kind.CONFLICT
    title = N_("The commitment cannot take this step")
    detail = N_(
        "A commitment that is {state} cannot take the step {step}. Steps it can take: "
        "{possible}."
    )


class NotYourSide(Problem):
    kind = Kind.FORBIDDEN
    title = N_("The other side takes this step")
    detail = N_(
        "You are on the side of the {side}; the step {step} is for the other. Who made "
        "a commitment never confirms that it was kept."
    )


def step(current: State, wanted: Step) -> State:
    """Return the state that follows, or say which steps are possible from here."""
    if wanted not in STEPS[current]:
        possible = ", ".join(sorted(STEPS[current])) or "-"
        raise CommitmentStepNotAllowed(state=current, step=wanted, possible=possible)
    return STEPS[current][wanted]


def require_side(wanted: Step, side: Side) -> None:
    """Go on only where the caller's side takes such a step."""
    if side not in SIDES.get(wanted, frozenset()):
        raise NotYourSide(side=side, step=wanted)
