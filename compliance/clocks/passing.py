"""What a clock has to tell at an instant: pure, and the same whenever it is asked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from compliance.clocks.models import ClockEvent, ClockKind, LateBecause
from compliance.clocks.policy import OF_RED_FLAGS, Telling

# The last place on Earth where a day ends lies twelve hours behind UTC.
LAST_DAY_ENDS = timedelta(hours=12)


@dataclass(frozen=True)
class Times:
    """When a clock tells what, in the order in which it does."""

    soon_at: datetime
    last_at: datetime
    due_at: datetime
    escalate_at: datetime

    def __post_init__(self) -> None:
        in_order = (self.soon_at, self.last_at, self.due_at, self.escalate_at)
        if any(later < earlier for earlier, later in pairwise(in_order)):
            raise ValueError("A clock tells in order.")

    def of_events(self) -> tuple[tuple[ClockEvent, datetime], ...]:
        return (
            (ClockEvent.DUE_SOON, self.soon_at),
            (ClockEvent.DUE, self.last_at),
            (ClockEvent.LATE, self.due_at),
            (ClockEvent.ESCALATED, self.escalate_at),
        )


def times_of(telling: Telling, *, due_at: datetime, known_at: datetime) -> Times:
    """Return when to tell of something due at `due_at`, which is known since `known_at`.

    What was over before it was known is escalated only after people had their time.
    """
    return Times(
        due_at - timedelta(hours=telling.soon_hours),
        due_at - timedelta(hours=telling.last_hours),
        due_at,
        max(due_at, known_at) + timedelta(hours=telling.escalate_hours),
    )


def come(times: Times, now: datetime) -> tuple[ClockEvent, ...]:
    """Return what there is to tell at `now`: how near or late it is, and who else hears.

    What a later event has overtaken is not told any more: nobody needs to hear that it
    is due soon once it is late.
    """
    passed = [event for event, at in times.of_events() if at <= now]
    if ClockEvent.ESCALATED in passed:
        return (ClockEvent.LATE, ClockEvent.ESCALATED)
    return tuple(passed[-1:])


def next_look(times: Times, now: datetime) -> datetime | None:
    """Return when there will be something else to tell; None: never."""
    return min((at for _, at in times.of_events() if at > now), default=None)


def late_because(
    kind: ClockKind, *, due_at: datetime, known_at: datetime
) -> LateBecause | None:
    """Return why nobody could have been in time; None where somebody could.

    The clock of a red flag runs from the time of observation: it is over before it is
    known where the visit came after it, for want of signal.
    """
    if known_at < due_at:
        return None
    is_of_visit = kind in OF_RED_FLAGS
    return LateBecause.NO_SIGNAL if is_of_visit else LateBecause.STARTED_LATE


def end_of(day: date) -> datetime:
    """Return the instant when a day is over everywhere on Earth.

    A due date is a whole day where the site lies. A country can have several zones, and
    whoever owes something gets the benefit: nobody is late while it is still that day
    anywhere.
    """
    return datetime.combine(day + timedelta(days=1), time(), UTC) + LAST_DAY_ENDS
