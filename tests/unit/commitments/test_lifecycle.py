"""The life of a commitment: the table, the sides, and what each kind is measured in."""

import pytest

from compliance.commitments.actions import MeasureUnfitting, Promise
from compliance.commitments.lifecycle import (
    MEASURES,
    OUTSTANDING,
    SIDES,
    STEPS,
    CommitmentKind,
    CommitmentStepNotAllowed,
    NotYourSide,
    Side,
    State,
    Step,
    require_side,
    step,
)

ALLOWED = [
    (State.OFFERED, Step.ACCEPT, State.ACCEPTED),
    (State.OFFERED, Step.DECLINE, State.DECLINED),
    (State.OFFERED, Step.WITHDRAW, State.WITHDRAWN),
    (State.ACCEPTED, Step.BEGIN, State.IN_FORCE),
    (State.ACCEPTED, Step.BREAK, State.BROKEN),
    (State.IN_FORCE, Step.REPORT_KEPT, State.KEPT_REPORTED),
    (State.IN_FORCE, Step.BREAK, State.BROKEN),
    (State.KEPT_REPORTED, Step.CONFIRM, State.KEPT_CONFIRMED),
    (State.KEPT_REPORTED, Step.CONTEST, State.IN_FORCE),
]
REFUSED = [
    (state, wanted)
    for state in State
    for wanted in Step
    if (state, wanted) not in {(before, taken) for before, taken, _ in ALLOWED}
]


@pytest.mark.parametrize(("before", "taken", "after"), ALLOWED)
def test_a_step_leads_where_the_table_says(
    before: State, taken: Step, after: State
) -> None:
    assert step(before, taken) is after


@pytest.mark.parametrize(("before", "taken"), REFUSED)
def test_every_other_step_is_refused(before: State, taken: Step) -> None:
    with pytest.raises(CommitmentStepNotAllowed) as refused:
        step(before, taken)

    assert refused.value.facts["state"] == before


@pytest.mark.parametrize(
    ("taken", "maker", "supplier"),
    [
        (Step.OFFER, False, False),
        (Step.ACCEPT, False, True),
        (Step.DECLINE, False, True),
        (Step.WITHDRAW, True, False),
        (Step.BEGIN, True, False),
        (Step.REPORT_KEPT, True, False),
        (Step.CONFIRM, False, True),
        (Step.CONTEST, False, True),
        (Step.BREAK, True, True),
    ],
)
def test_each_side_takes_its_own_steps(
    taken: Step, *, maker: bool, supplier: bool
) -> None:
    taking = SIDES.get(taken, frozenset())

    assert (Side.MAKER in taking, Side.SUPPLIER in taking) == (maker, supplier)


def test_who_made_a_commitment_never_confirms_it() -> None:
    with pytest.raises(NotYourSide):
        require_side(Step.CONFIRM, Side.MAKER)


def test_only_what_binds_and_is_not_done_can_be_late() -> None:
    assert {State.ACCEPTED, State.IN_FORCE} == OUTSTANDING
    assert all(STEPS[state] for state in OUTSTANDING)


@pytest.mark.parametrize("kind", CommitmentKind)
def test_every_kind_is_measured_in_something(kind: CommitmentKind) -> None:
    assert MEASURES[kind]


@pytest.mark.parametrize(
    "promise",
    [
        Promise(CommitmentKind.PRICE, amount=100, currency="USD"),
        Promise(CommitmentKind.PRICE, basis_points=500),
        Promise(CommitmentKind.LEAD_TIME, days=14),
        Promise(CommitmentKind.CO_FUNDING, basis_points=5_000),
        Promise(CommitmentKind.VOLUME_ASSURANCE, basis_points=8_000),
        Promise(CommitmentKind.TRAINING, days=3),
    ],
)
def test_one_measure_that_fits_is_taken(promise: Promise) -> None:
    promise.require_fitting()


@pytest.mark.parametrize(
    "promise",
    [
        Promise(CommitmentKind.PRICE),
        Promise(CommitmentKind.PRICE, amount=100),
        Promise(CommitmentKind.PRICE, basis_points=1, currency="USD"),
        Promise(CommitmentKind.PRICE, amount=100, currency="USD", basis_points=1),
        Promise(CommitmentKind.PRICE, days=1),
        Promise(CommitmentKind.LEAD_TIME, amount=100, currency="USD"),
        Promise(CommitmentKind.TRAINING, basis_points=1),
    ],
)
def test_any_other_is_refused(promise: Promise) -> None:
    with pytest.raises(MeasureUnfitting):
        promise.require_fitting()
