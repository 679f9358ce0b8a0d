"""What a clock tells when: the table of its events, and where a day ends."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.clocks.models import ClockEvent, ClockKind, LateBecause
from compliance.clocks.passing import (
    Times,
    come,
    end_of,
    late_because,
    next_look,
    times_of,
)
from compliance.clocks.policy import CLOCKS

DUE = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIMES = Times(DUE - 6 * HOUR, DUE - 2 * HOUR, DUE, DUE + 4 * HOUR)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "told", "again"),
    [
        (TIMES.soon_at - SECOND, (), TIMES.soon_at),
        (TIMES.soon_at, (ClockEvent.DUE_SOON,), TIMES.last_at),
        (TIMES.last_at - SECOND, (ClockEvent.DUE_SOON,), TIMES.last_at),
        (TIMES.last_at, (ClockEvent.DUE,), DUE),
        (DUE - SECOND, (ClockEvent.DUE,), DUE),
        (DUE, (ClockEvent.LATE,), TIMES.escalate_at),
        (TIMES.escalate_at, (ClockEvent.LATE, ClockEvent.ESCALATED), None),
    ],
)
def test_a_clock_tells_how_near_or_late_it_is(
    now: datetime, told: tuple[ClockEvent, ...], again: datetime | None
) -> None:
    assert come(TIMES, now) == told
    assert next_look(TIMES, now) == again


def test_a_day_is_over_when_it_is_over_everywhere() -> None:
    ended = end_of(date(2026, 11, 22))

    assert ended == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert ended.astimezone(UTC) - timedelta(hours=12) == datetime(
        2026, 11, 23, tzinfo=UTC
    ), "midnight where it is twelve hours earlier than in UTC"


def test_what_was_over_before_it_was_known_is_escalated_from_then_on() -> None:
    telling = CLOCKS.entries[0].kinds[ClockKind.ACKNOWLEDGE]
    known_at = DUE + timedelta(days=2)

    times = times_of(telling, due_at=DUE, known_at=known_at)

    assert times.due_at == DUE
    assert times.escalate_at == known_at + timedelta(hours=telling.escalate_hours)


@pytest.mark.parametrize(
    ("kind", "known_at", "because"),
    [
        (ClockKind.ACKNOWLEDGE, DUE - SECOND, None),
        (ClockKind.ACKNOWLEDGE, DUE, LateBecause.NO_SIGNAL),
        (ClockKind.REFERRAL, DUE + HOUR, LateBecause.NO_SIGNAL),
        (ClockKind.REMEDY, DUE + HOUR, LateBecause.STARTED_LATE),
    ],
)
def test_who_could_not_have_been_in_time_is_told_why(
    kind: ClockKind, known_at: datetime, because: LateBecause | None
) -> None:
    assert late_because(kind, due_at=DUE, known_at=known_at) == because
