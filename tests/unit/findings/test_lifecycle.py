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
