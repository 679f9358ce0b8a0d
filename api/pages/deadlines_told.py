"""How far a day or an hour is: what is left of it, or how long it has passed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_timedelta

from compliance import clock
from compliance.clocks.passing import end_of
from compliance.findings.queries import FindingRecord
from compliance.texts import N_

SHORTEST = timedelta(hours=1)


@dataclass(frozen=True)
class Deadline:
    """Something owed by an instant or a day, in words; `is_over` only while it is owed."""

    label: str
    at: datetime | date
    in_words: str
    is_done: bool
    is_over: bool

    @property
    def is_day(self) -> bool:
        return not isinstance(self.at, datetime)


def away(at: datetime | date, language: str) -> str:
    """Return how far something is: in 3 days, 2 hours ago; of a day, when it ends."""
    if not isinstance(at, datetime):
        days = (at - clock.today()).days
        left = timedelta(days=days)
        if not days:
            return ""
    else:
        left = at - clock.now()
    if abs(left) < SHORTEST:
        left = SHORTEST if left > timedelta() else -SHORTEST
    return format_timedelta(left, add_direction=True, threshold=1.5, locale=language)


def deadline(
    label: str, at: datetime | date, language: str, *, is_done: bool
) -> Deadline:
    ends = at if isinstance(at, datetime) else end_of(at)
    is_over = not is_done and clock.now() >= ends
    return Deadline(label, at, away(at, language), is_done, is_over)


def deadlines_of(
    found: FindingRecord, language: str, *, tells_referral: bool
) -> tuple[Deadline, ...]:
    """Return what a finding asks by when; of a referral, only whom it is told to."""
    told = []
    if found.acknowledge_by is not None:
        is_done = found.acknowledged_at is not None
        label = N_("The red flag is acknowledged")
        told.append(deadline(label, found.acknowledge_by, language, is_done=is_done))
    if found.refer_by is not None and tells_referral:
        label = N_("A decision who is told of it")
        told.append(
            deadline(label, found.refer_by, language, is_done=not found.is_open)
        )
    is_closed = not found.is_open
    if found.plan_due_on is not None:
        label = N_("The agreed plan is done")
        told.append(deadline(label, found.plan_due_on, language, is_done=is_closed))
    else:
        label = N_("The cause is gone, or a plan is agreed")
        told.append(deadline(label, found.due_on, language, is_done=is_closed))
    return tuple(told)
