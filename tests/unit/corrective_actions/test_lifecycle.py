"""The life of a corrective action: the table, its words, and who may take which step."""

import pytest

from compliance.corrective_actions.lifecycle import (
    ENDED,
    OF_SITE,
    OWED,
    PERMISSIONS,
    PLANNED,
    REASONS,
    STEPS,
    State,
    Step,
    reached_by,
)
from compliance.identity.models import Role
from compliance.identity.permissions import roles_that_may
from compliance.identity.policy import Relation

OF_DECIDERS = {
    Step.AGREE,
    Step.SEND_BACK,
    Step.VERIFY,
    Step.FIND_INEFFECTIVE,
    Step.CANCEL,
}


def test_what_is_verified_or_cancelled_is_the_end() -> None:
    assert {state for state in State if not STEPS[state]} == ENDED


def test_a_plan_holds_what_somebody_agreed_and_nobody_gave_up() -> None:
    assert set(State) - PLANNED == {State.PROPOSED, State.SENT_BACK, State.CANCELLED}


def test_what_was_reported_is_not_owed_by_the_site_any_more() -> None:
    assert set(State) - OWED == ENDED | {State.REPORTED_DONE}


@pytest.mark.parametrize("taken", sorted(OF_DECIDERS))
def test_only_whoever_keeps_the_record_agrees_and_verifies(taken: Step) -> None:
    roles = set(roles_that_may(PERMISSIONS[taken]))

    assert roles == {Role.ADMINISTRATOR, Role.REVIEWER}
    assert reached_by(taken) == {Relation.OWN}


@pytest.mark.parametrize("taken", sorted(OF_SITE - {Step.PROPOSE}))
def test_the_site_does_and_reports(taken: Step) -> None:
    roles = set(roles_that_may(PERMISSIONS[taken]))

    assert roles == {Role.ADMINISTRATOR, Role.MANAGER}
    assert reached_by(taken) == {Relation.OWN, Relation.OPERATES}


def test_whoever_takes_something_back_says_why() -> None:
    assert set(REASONS) == {Step.SEND_BACK, Step.FIND_INEFFECTIVE, Step.CANCEL}
    assert all(REASONS.values())
