"""By when a finding must be dealt with: dated data, read and checked at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from compliance.policies.dated import Bound, Entry, at_most, latest, read_policy
from compliance.texts import N_
from rules import Severity

NAME, TITLE = "deadlines", N_("Deadlines of findings")
FILE = Path(__file__).parent / "deadlines.yaml"
RED_FLAGS = frozenset({Severity.ZERO_TOLERANCE, Severity.CRITICAL})


class Deadlines(Entry):
    """By when a finding is due, and the first hours of a red flag.

    Hours run from the time of observation; days from the day on which it was raised.
    """

    # Of the gravest things a programme may ask more haste, and never less.
    bounds: ClassVar[tuple[Bound, ...]] = (
        at_most("due_days", Severity.ZERO_TOLERANCE),
        at_most("acknowledge_hours"),
        at_most("referral_hours"),
    )

    due_days: Annotated[
        Mapping[Severity, Annotated[int, Field(ge=0, le=730)]],
        Field(description="Days from the raising of a finding until it is due."),
    ]
    acknowledge_hours: Annotated[
        int,
        Field(
            ge=1,
            le=720,
            description="Hours from the observation until a red flag is acknowledged.",
        ),
    ]
    referral_hours: Annotated[
        int,
        Field(
            ge=1,
            le=720,
            description="Hours from the observation until it is decided who is told.",
        ),
    ]

    @model_validator(mode="after")
    def gives_the_graver_no_more_time(self) -> "Deadlines":
        """Refuse a policy that forgets a severity, or is slower for a heavier one."""
        days = [self.due_days.get(severity, -1) for severity in Severity]
        if -1 in days or days != sorted(days):
            raise ValueError(
                "Every severity has a deadline; the heaviest the shortest."
            )
        return self


@dataclass(frozen=True)
class Clock:
    """The deadlines of one finding; only a red flag has hours."""

    due_on: date
    acknowledge_by: datetime | None
    refer_by: datetime | None


def read_deadlines(file: Path = FILE) -> tuple[Deadlines, ...]:
    """Return every entry, the oldest first, or raise ValueError saying what is wrong."""
    return read_policy(NAME, TITLE, Deadlines, file).entries


DEADLINES = read_policy(NAME, TITLE, Deadlines, FILE)


def clock_of(
    severity: Severity,
    *,
    raised_on: date,
    observed_at: datetime,
    entries: tuple[Deadlines, ...] = DEADLINES.entries,
) -> Clock:
    """Return the deadlines of a finding raised on a day and observed at an instant."""
    entry = latest(entries, raised_on) or entries[0]
    due_on = raised_on + timedelta(days=entry.due_days[severity])
    if severity not in RED_FLAGS:
        return Clock(due_on, None, None)
    return Clock(
        due_on,
        observed_at + timedelta(hours=entry.acknowledge_hours),
        observed_at + timedelta(hours=entry.referral_hours),
    )
