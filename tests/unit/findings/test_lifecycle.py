"""The life of a finding: the table, its words, and who may take which step."""

import pytest

from compliance.findings.lifecycle import (
    FOLLOWS,
    OPEN,
    PERMISSIONS,
    SEEN,
    STEPS,
    State,
    Step,
    StepNotAllowed,
    step,
)
from compliance.identity.models import Role
from compliance.identity.permissions import roles_that_may

ALLOWED = [
    (State.RAISED, Step.SEE_AGAIN, State.RAISED),
    (State.RAISED, Step.CONFIRM, State.RAISED),
    (State.RAISED, Step.ACCEPT, State.ACCEPTED),
    (State.RAISED, Step.DISPUTE, State.DISPUTED),
    (State.DISPUTED, Step.SEE_AGAIN, State.DISPUTED),
    (State.DISPUTED, Step.CONFIRM, State.DISPUTED),
    (State.DISPUTED, Step.UPHOLD, State.ACCEPTED),
    (State.DISPUTED, Step.WITHDRAW, State.WITHDRAWN),
    (State.ACCEPTED, Step.SEE_AGAIN, State.ACCEPTED),
    (State.ACCEPTED, Step.CONFIRM, State.ACCEPTED),
    (State.ACCEPTED, Step.AGREE_PLAN, State.ACCEPTED),
    (State.ACCEPTED, Step.CLOSE, State.CLOSED),
    (State.CLOSED, Step.SEE_AGAIN, State.CLOSED),
    (State.CLOSED, Step.CONFIRM, State.CLOSED),
    (State.CLOSED, Step.REOPEN, State.ACCEPTED),
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
    with pytest.raises(StepNotAllowed) as refused:
        step(before, taken)

    assert refused.value.facts["state"] == before


def test_a_refused_step_says_what_a_person_can_do() -> None:
    with pytest.raises(StepNotAllowed) as refused:
        step(State.RAISED, Step.CLOSE)

    assert refused.value.facts["possible"] == "accept, confirm, dispute"


def test_a_withdrawn_finding_is_the_end() -> None:
    assert STEPS[State.WITHDRAWN] == {}


def test_only_what_is_closed_or_withdrawn_is_not_open() -> None:
    assert set(State) - OPEN == {State.CLOSED, State.WITHDRAWN}


def test_a_step_is_taken_by_a_visit_by_somebody_or_follows_and_is_never_two() -> None:
    assert sorted([*SEEN, *FOLLOWS, *PERMISSIONS]) == sorted(Step)


@pytest.mark.parametrize(
    ("taken", "roles"),
    [
        (Step.ACCEPT, {Role.ADMINISTRATOR, Role.MANAGER}),
        (Step.DISPUTE, {Role.ADMINISTRATOR, Role.MANAGER}),
        (Step.UPHOLD, {Role.ADMINISTRATOR, Role.REVIEWER}),
        (Step.WITHDRAW, {Role.ADMINISTRATOR, Role.REVIEWER}),
        (Step.CONFIRM, {Role.ADMINISTRATOR, Role.REVIEWER}),
        (Step.CLOSE, {Role.ADMINISTRATOR, Role.REVIEWER}),
    ],
)
def test_the_site_answers_and_the_independent_decide(
    taken: Step, roles: set[Role]
) -> None:
    assert set(roles_that_may(PERMISSIONS[taken])) == roles
