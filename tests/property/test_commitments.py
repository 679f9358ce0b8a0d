"""Whoever asks whatever of a commitment, in whatever order, it never leaves its table."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from starlette.testclient import TestClient

from compliance import clock
from compliance.commitments.lifecycle import (
    SIDES,
    STEPS,
    CommitmentStepNotAllowed,
    NotYourSide,
    Side,
    State,
    Step,
    require_side,
    step,
)
from compliance.identity.models import OrganisationKind
from tests.conftest import FoundTenant, Tenant
from tests.promising import Promising
from tests.sharing import Sharing
from tests.visits import TODAY, visited

asked = some.lists(
    some.tuples(some.sampled_from(Step), some.sampled_from(Side)), max_size=30
)
Taken = list[tuple[State, Step, Side, State]]


def lived(wanted: list[tuple[Step, Side]]) -> Taken:
    """Return the steps that were taken; those that were refused changed nothing."""
    state, taken = State.OFFERED, []
    for one, side in wanted:
        try:
            require_side(one, side)
            after = step(state, one)
        except (CommitmentStepNotAllowed, NotYourSide):
            continue
        taken.append((state, one, side, after))
        state = after
    return taken


@given(asked)
def test_every_step_that_is_taken_stands_in_the_table(
    wanted: list[tuple[Step, Side]],
) -> None:
    for before, taken, side, after in lived(wanted):
        assert STEPS[before][taken] is after
        assert side in SIDES[taken]


@given(asked)
def test_nothing_is_confirmed_but_by_the_supplier_after_a_report(
    wanted: list[tuple[Step, Side]],
) -> None:
    for before, _, side, after in lived(wanted):
        if after is State.KEPT_CONFIRMED:
            assert (before, side) == (State.KEPT_REPORTED, Side.SUPPLIER)


@given(asked)
def test_what_has_ended_stays_as_it_is(wanted: list[tuple[Step, Side]]) -> None:
    reached = [after for *_, after in lived(wanted)]

    assert all(STEPS[state] for state in reached[:-1])


@given(asked)
def test_nothing_is_withdrawn_once_it_was_accepted(
    wanted: list[tuple[Step, Side]],
) -> None:
    for before, taken, *_ in lived(wanted):
        assert taken is not Step.WITHDRAW or before is State.OFFERED


@pytest.fixture
def promising(
    client: TestClient, tenant: Tenant, found_tenant: FoundTenant
) -> Iterator[Promising]:
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    with clock.set_to(lambda: TODAY):
        farm = visited(client, tenant)
        Sharing(client, tenant, buyer).give(farm.site)
        yield Promising(client, buyer, tenant, farm.site)


@given(
    wanted=some.lists(
        some.tuples(
            some.sampled_from([one for one in Step if one is not Step.OFFER]),
            some.sampled_from(Side),
            some.booleans(),
        ),
        max_size=8,
    )
)
@settings(max_examples=15)
def test_over_http_too_a_commitment_never_leaves_its_table(
    promising: Promising, wanted: list[tuple[Step, Side, bool]]
) -> None:
    sides = {Side.MAKER: promising.buyer, Side.SUPPLIER: promising.supplier}
    made = promising.make(due_on=TODAY.date().isoformat())
    moments = {False: TODAY, True: TODAY + timedelta(days=3)}

    for one, side, is_later in wanted:
        body: dict[str, Any] = {"step": one, "proof": "contract"}
        with clock.set_to(partial(moments.__getitem__, is_later)):
            answer = promising.send(f"/{made}/steps", body, sides[side])
        assert answer.status_code in {201, 403, 409}

    steps = promising.get(f"/{made}", promising.buyer)["steps"]
    states = [State(one["state"]) for one in steps]
    for before, one, after in zip(states, steps[1:], states[1:], strict=False):
        assert STEPS[before][Step(one["step"])] is after
        assert Side(one["side"]) in SIDES[Step(one["step"])]
