"""Whatever is asked of a finding, in whatever order, its life never leaves its table."""

from hypothesis import given
from hypothesis import strategies as some

from compliance.findings.lifecycle import OPEN, STEPS, State, Step, StepNotAllowed, step

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
