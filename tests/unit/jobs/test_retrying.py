"""What becomes of a failed attempt, and how long it waits."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from compliance import clock, limits
from compliance.jobs.retrying import backoff, outcome
from compliance.jobs.worker import BATCH_MOST, batch_size


@given(attempt=st.integers(1, 2000), chance=st.binary(min_size=4, max_size=4))
def test_a_wait_doubles_up_to_its_limit_and_chance_takes_at_most_half(
    attempt: int, chance: bytes
) -> None:
    with clock.drawing_from(lambda count: chance[:count]):
        wait = backoff(attempt).total_seconds()

    longest = min(
        limits.JOB_BACKOFF_SECONDS * 2 ** (attempt - 1),
        limits.JOB_BACKOFF_LONGEST_SECONDS,
    )
    assert longest / 2 <= wait <= longest


@given(most=st.integers(1, 20))
def test_every_attempt_but_the_last_is_followed_by_another(most: int) -> None:
    waits = [
        outcome(ValueError(), attempt, most).wait for attempt in range(1, most + 1)
    ]

    assert None not in waits[:-1]
    assert waits[-1] is None


def test_a_reason_is_told_in_the_readers_language() -> None:
    why = outcome(ValueError("secret"), 2, 3).why

    assert why is not None
    assert "Attempt 2 of 3" in why.told("en")
    assert "secret" not in why.told("en")
    assert why.told("es") != why.told("en")


@given(seconds=st.floats(0, 100))
def test_a_batch_is_never_empty_and_never_keeps_others_waiting(seconds: float) -> None:
    size = batch_size(seconds)

    assert 1 <= size <= BATCH_MOST
    assert size == 1 or timedelta(seconds=size * seconds) <= timedelta(seconds=0.25)
