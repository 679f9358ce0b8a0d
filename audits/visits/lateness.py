"""Whether answers came long after their visit: pure, and kind to wrong device clocks."""

from datetime import UTC, date, datetime, time, timedelta

A_DAY = timedelta(days=1)


def ended_by(observed_on: date, ended_at: datetime | None) -> datetime:
    """Return when a visit was over at the latest.

    A device's clock is believed where it agrees with the day of the visit, give or take
    one for its zone; of any other the end of that day is taken.
    """
    end_of_day = datetime.combine(observed_on, time(), UTC) + A_DAY
    if ended_at is None or abs(ended_at - end_of_day) > 2 * A_DAY:
        return end_of_day
    return ended_at


def is_late(
    observed_on: date,
    ended_at: datetime | None,
    received_at: datetime,
    *,
    after_hours: int,
) -> bool:
    """Tell answers that came more than so many hours after the visit was over."""
    waited = received_at - ended_by(observed_on, ended_at)
    return waited > timedelta(hours=after_hours)
