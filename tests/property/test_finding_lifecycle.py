"""Whatever is asked of a finding, in whatever order, its life never leaves its table."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from starlette.testclient import TestClient

from compliance import clock
from compliance.findings.lifecycle import (
    OPEN,
    PERMISSIONS,
    STEPS,
    State,
    Step,
    StepNotAllowed,
    step,
)
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited

RULE = "child_labour.minimum_age"
SAID = {
    Step.DISPUTE: {"reason": "facts_wrong"},
    Step.WITHDRAW: {"reason": "facts_wrong"},
    Step.CONFIRM: {"basis": "proof_of_age"},
    Step.CLOSE: {"evidence_kind": "site"},
}
# Who asks for what; an administrator can stand on either side.
asked = some.lists(
    some.tuples(
        some.sampled_from(
            [Role.ADMINISTRATOR, Role.MANAGER, Role.REVIEWER, Role.AUDITOR]
        ),
        some.sampled_from(sorted(PERMISSIONS)),
    ),
    min_size=3,
    max_size=10,
)
farms = count(1)
steps = some.lists(some.sampled_from(Step), max_size=30)


def lived(wanted: list[Step]) -> list[tuple[State, Step, State]]:
    """Return the steps that were taken; those that were refused changed nothing."""
    state, taken = State.RAISED, []
    for one in wanted:
        try:
            after = step(state, one)
        except StepNotAllowed:
            continue
        taken.append((state, one, after))
        state = after
    return taken


@given(steps)
def test_every_step_that_is_taken_stands_in_the_table(wanted: list[Step]) -> None:
    for before, taken, after in lived(wanted):
        assert STEPS[before][taken] is after


@given(steps)
def test_what_is_withdrawn_stays_withdrawn(wanted: list[Step]) -> None:
    visited = [after for _, _, after in lived(wanted)]

    ends = [place for place, state in enumerate(visited) if state is State.WITHDRAWN]

    assert ends in ([], [len(visited) - 1])


@given(steps)
def test_nothing_is_closed_that_was_not_accepted(wanted: list[Step]) -> None:
    for before, _, after in lived(wanted):
        assert after is not State.CLOSED or before in {State.ACCEPTED, State.CLOSED}


@given(steps)
def test_seeing_it_again_never_ends_a_finding(wanted: list[Step]) -> None:
    for before, taken, after in lived(wanted):
        assert (
            taken not in {Step.SEE_AGAIN, Step.REOPEN}
            or before is after
            or (after in OPEN)
        )


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Iterator[Visited]:
    with clock.set_to(lambda: TODAY):
        yield visited(client, tenant)


@settings(max_examples=8)
@given(asked)
def test_through_the_doors_it_never_leaves_its_table_and_who_decides_had_no_part(
    client: TestClient, tenant: Tenant, farm: Visited, asked: list[tuple[Role, Step]]
) -> None:
    site = client.post(
        "/v1/producers",
        json={"name": f"Finca {next(farms)}", "country": "CO", "commodity": "coffee"},
        headers=tenant.headers(),
    ).json()["id"]
    own = Visited(client, tenant, site, farm.numbers)
    own.send(children=[A_CHILD_OF_13])
    (ref,) = [
        one["ref"] for one in own.findings(f"?site={site}") if one["rule"] == RULE
    ]
    path = f"/v1/findings/{ref}"

    state = State.RAISED
    for role, wanted in asked:
        answer = client.post(
            f"{path}/steps",
            json={"step": wanted, **SAID.get(wanted, {})},
            headers=tenant.headers(role),
        )
        found = own.get(path)
        now = State(found["state"])
        if answer.status_code == 201:
            assert STEPS[state][wanted] is now
        else:
            assert answer.status_code in {403, 409}, answer.text
            assert now is state
        # Nothing was corrected and nobody signed in, so neither can have happened.
        assert now is not State.CLOSED
        assert found["standing"] in {"suspected", None}
        state = now

    raised, *decided = own.get(path)["steps"]
    disputed = {one["actor"] for one in decided if one["step"] == Step.DISPUTE}
    answered = {
        one["actor"] for one in decided if one["step"] in {"uphold", "withdraw"}
    }
    assert answered.isdisjoint({raised["actor"], *disputed})
