"""The life of a commitment: the table, the sides, and what each kind is measured in."""

import pytest

from compliance.commitments.actions import MeasureUnfitting, Promise
from compliance.commitments.lifecycle import (
    MEASURES,
    OUTSTANDING,
    SIDES,
    STEPS,
    CommitmentKind,
    NotYourSide,
    Side,
    State,
    Step,
    require_side,
)


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
