"""An audit goes from state to state only as the table has it."""

from itertools import product

import pytest

from audits.visits.lifecycle import STEPS, AuditStepNotAllowed, State, step

ALLOWED = [(current, wanted) for current in State for wanted in sorted(STEPS[current])]
REFUSED = sorted(set(product(State, State)) - set(ALLOWED))


@pytest.mark.parametrize(("current", "wanted"), ALLOWED)
def test_a_step_of_the_table_is_taken(current: State, wanted: State) -> None:
    assert step(current, wanted) is wanted


@pytest.mark.parametrize(("current", "wanted"), REFUSED)
def test_a_step_outside_the_table_is_refused(current: State, wanted: State) -> None:
    with pytest.raises(AuditStepNotAllowed):
        step(current, wanted)


def test_a_refused_step_says_what_is_possible() -> None:
    with pytest.raises(AuditStepNotAllowed, match="can become submitted, voided") as no:
        step(State.PLANNED, State.FINAL)

    assert no.value.facts["reachable"] == "submitted, voided"


def test_every_state_but_the_last_two_leads_somewhere() -> None:
    ends = {state for state, next_ones in STEPS.items() if not next_ones}

    assert set(STEPS) == set(State)
    assert ends == {State.FINAL, State.VOIDED}
