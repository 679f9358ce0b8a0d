"""By when a finding must be dealt with: dated data, read and checked at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from rules import Severity

FILE = Path(__file__).parent / "deadlines.yaml"
RED_FLAGS = frozenset({Severity.ZERO_TOLERANCE, Severity.CRITICAL})


class Deadlines(BaseModel):
    """What was decided about deadlines, and from which day it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: date
    source: Annotated[str, Field(min_length=10)]
    due_days: Mapping[Severity, Annotated[int, Field(ge=0, le=730)]]
    acknowledge_hours: Annotated[int, Field(ge=1, le=720)]
    referral_hours: Annotated[int, Field(ge=1, le=720)]

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
    with file.open("rb") as stream:
        written = yaml.safe_load(stream)
    entries = TypeAdapter(tuple[Deadlines, ...]).validate_python(written)
    days = [entry.valid_from for entry in entries]
    if not days or days != sorted(set(days)):
        raise ValueError(f"{file.name}: entries stand in the order of their first day.")
    return entries


DEADLINES = read_deadlines()


def clock_of(
    severity: Severity,
    *,
    raised_on: date,
    observed_at: datetime,
    entries: tuple[Deadlines, ...] = DEADLINES,
) -> Clock:
    """Return the deadlines of a finding raised on a day and observed at an instant."""
    in_force = [entry for entry in entries if entry.valid_from <= raised_on]
    entry = in_force[-1] if in_force else entries[0]
    due_on = raised_on + timedelta(days=entry.due_days[severity])
    if severity not in RED_FLAGS:
        return Clock(due_on, None, None)
    return Clock(
        due_on,
        observed_at + timedelta(hours=entry.acknowledge_hours),
        observed_at + timedelta(hours=entry.referral_hours),
    )
