"""Answers are late long after their visit; a wrong device clock makes none so."""

from datetime import UTC, date, datetime

import pytest

from audits.visits.lateness import ended_by, is_late

DAY = date(2026, 11, 3)
EVENING = datetime(2026, 11, 3, 22, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received_at", "late"),
    [
        (datetime(2026, 11, 3, 22, 5, tzinfo=UTC), False),
        (datetime(2026, 11, 5, 22, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 5, 22, 1, tzinfo=UTC), True),
        (datetime(2026, 11, 3, 20, 0, tzinfo=UTC), False),
    ],
)
def test_answers_are_late_more_than_two_days_after_the_visit(
    received_at: datetime, *, late: bool
) -> None:
    assert is_late(DAY, EVENING, received_at, after_hours=48) is late


@pytest.mark.parametrize("year", [1970, 2099])
def test_a_clock_that_is_years_off_is_not_believed(year: int) -> None:
    assert ended_by(DAY, EVENING.replace(year=year)) == MIDNIGHT


def test_a_visit_whose_device_tells_no_end_ended_with_its_day() -> None:
    assert ended_by(DAY, None) == MIDNIGHT
    assert ended_by(DAY, EVENING) == EVENING
