"""Whoever asks what of a corrective action, in whatever order: its life stays in its table,
and nobody decides on what they had a part in."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from starlette.testclient import TestClient

from compliance import clock
from compliance.corrective_actions.codes import StepReason
from compliance.corrective_actions.lifecycle import (
    ENDED,
    OF_SITE,
    STEPS,
    ActionStepNotAllowed,
    State,
    Step,
    step,
)
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited

RULE = "child_labour.minimum_age"
PROPOSAL = {
    "root_cause": "not_known_yet",
    "action": "find_root_cause",
    "owner_role": "site_owner",
    "due_on": "2026-12-01",
}
steps = some.lists(some.sampled_from(Step), max_size=30)
# Who asks, and which of the steps from there; the last number stands for any step at all.
ROLES = (Role.ADMINISTRATOR, Role.MANAGER, Role.REVIEWER, Role.AUDITOR)
asked = some.lists(
    some.tuples(
        some.sampled_from(ROLES),
        some.integers(0, 3),
        some.sampled_from([one for one in Step if one is not Step.PROPOSE]),
    ),
    min_size=6,
    max_size=16,
)
raisers = some.sampled_from([Role.AUDITOR, Role.ADMINISTRATOR])
days = count(1)


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Iterator[Visited]:
    with clock.set_to(lambda: TODAY):
        yield visited(client, tenant)


def lived(wanted: list[Step]) -> list[tuple[State, Step, State]]:
    """Return the steps that were taken; those that were refused changed nothing."""
    state, taken = State.PROPOSED, []
    for one in wanted:
        try:
            after = step(state, one)
        except ActionStepNotAllowed:
            continue
        taken.append((state, one, after))
        state = after
    return taken


def said_with(wanted: Step) -> dict[str, object]:
    """Return what a step must say, so that only who and when can be wrong with it."""
    reasons = {
        Step.SEND_BACK: StepReason.NOT_ENOUGH,
        Step.FIND_INEFFECTIVE: StepReason.NOT_DONE,
        Step.CANCEL: StepReason.SITE_CLOSED,
    }
    words: dict[str, object] = {"step": wanted}
    if wanted in reasons:
        words["reason"] = reasons[wanted]
    if wanted in {Step.VERIFY, Step.FIND_INEFFECTIVE}:
        words["evidence_kind"] = "site"
    if wanted is Step.PROPOSE_AGAIN:
        words["proposal"] = PROPOSAL
    return words


@given(steps)
def test_every_step_that_is_taken_stands_in_the_table(wanted: list[Step]) -> None:
    for before, taken, after in lived(wanted):
        assert STEPS[before][taken] is after


@given(steps)
def test_nothing_is_verified_that_was_not_agreed_and_reported(
    wanted: list[Step],
) -> None:
    visited_states = [after for _, _, after in lived(wanted)]

    verified = [
        place for place, state in enumerate(visited_states) if state is State.VERIFIED
    ]
    for place in verified:
        assert {State.AGREED, State.REPORTED_DONE} <= set(visited_states[:place])


@given(steps)
def test_what_has_ended_takes_no_further_step(wanted: list[Step]) -> None:
    ends = [
        place for place, (_, _, after) in enumerate(lived(wanted)) if after in ENDED
    ]

    assert ends in ([], [len(lived(wanted)) - 1])


@settings(max_examples=8)
@given(asked, raisers)
def test_through_the_doors_it_never_leaves_its_table_and_who_decides_had_no_part(
    client: TestClient,
    tenant: Tenant,
    farm: Visited,
    asked: list[tuple[Role, int, Step]],
    raiser: Role,
) -> None:
    site = client.post(
        "/v1/producers",
        json={"name": f"Finca {next(days)}", "country": "CO", "commodity": "coffee"},
        headers=tenant.headers(),
    ).json()["id"]
    own = Visited(client, tenant, site, farm.numbers)
    own.send(children=[A_CHILD_OF_13], role=raiser)
    (ref,) = [
        one["ref"] for one in own.findings(f"?site={site}") if one["rule"] == RULE
    ]
    own.step(ref, Role.MANAGER, step="accept")
    action = own.propose(ref, action="find_root_cause", due_on="2026-12-01")
    path = f"/v1/corrective-actions/{action}"

    state = State.PROPOSED
    for role, number, any_step in asked:
        wanted = dict(enumerate(sorted(STEPS[state]))).get(number, any_step)
        answer = client.post(
            f"{path}/steps", json=said_with(wanted), headers=tenant.headers(role)
        )
        now = State(own.get(path)["state"])
        if answer.status_code == 201:
            assert STEPS[state][wanted] is now
        else:
            assert answer.status_code in {403, 409}, answer.text
            assert now is state
        state = now

    told = own.get(path)["steps"]
    had_a_part: set[str] = {own.get(f"/v1/findings/{ref}")["steps"][0]["actor"]}
    for taken in told:
        if Step(taken["step"]) in OF_SITE:
            had_a_part.add(taken["actor"])
        else:
            assert taken["actor"] not in had_a_part
    assert told[-1]["state"] == state
