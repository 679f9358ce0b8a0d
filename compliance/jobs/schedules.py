"""Clocks of the product: at every tick a schedule makes one job, whoever looks first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from compliance import clock
from compliance.database import insert_new
from compliance.identifiers import OrganisationId, new_id
from compliance.jobs.actions import as_text, enqueue
from compliance.jobs.models import Schedule
from compliance.jobs.waking import ring_after_commit
from compliance.jobs.work import JSON

SCHEDULE = cast(Table, Schedule.__table__)
DUE = (
    select(SCHEDULE)
    .where(SCHEDULE.c.next_at <= bindparam("now"))
    .order_by(SCHEDULE.c.name)
    .with_for_update(skip_locked=True)
)
NEXT = (
    update(SCHEDULE)
    .where(SCHEDULE.c.id == bindparam("schedule_id"))
    .values(next_at=bindparam("next"))
)


@dataclass(frozen=True)
class Regular:
    """Work that is asked for again and again: a job of `kind` at every `every`."""

    name: str
    kind: str
    every: timedelta
    organisation_id: OrganisationId | None = None
    arguments: Mapping[str, JSON] = field(default_factory=dict)


def set_schedule(
    session: Session, regular: Regular, *, first_at: datetime | None = None
) -> None:
    """Ask for regular work from `first_at` on, which is now where it is not given.

    What is asked for already keeps its next tick and takes the rest as it is given now.
    """
    values: dict[str, object] = {
        "kind": regular.kind,
        "organisation_id": regular.organisation_id,
        "arguments": as_text(regular.arguments),
        "every_seconds": int(regular.every.total_seconds()),
    }
    first = first_at or clock.now()
    if not insert_new(
        session, Schedule, id=new_id(), name=regular.name, next_at=first, **values
    ):
        session.execute(
            update(SCHEDULE).where(SCHEDULE.c.name == regular.name).values(**values)
        )
    ring_after_commit(session)


def tick(session: Session) -> int:
    """Make the jobs of every schedule whose time has come; return how many.

    Ticks that were missed while nothing ran are made up for by one job. The key
    name@tick lets a tick make one job only, whatever happens to the schedule's row.
    """
    now = clock.now()
    made = 0
    for row in session.execute(DUE, {"now": now}).all():
        every = timedelta(seconds=row.every_seconds)
        latest = latest_tick(row.next_at, every, now)
        job = enqueue(
            session,
            kind=row.kind,
            organisation_id=row.organisation_id,
            arguments=json.loads(row.arguments),
            dedup_key=f"{row.name}@{latest.isoformat()}",
        )
        session.execute(NEXT, {"schedule_id": row.id, "next": latest + every})
        made += job is not None
    return made


def latest_tick(due: datetime, every: timedelta, now: datetime) -> datetime:
    """Return the last tick at or before `now` of a clock that was due at `due`."""
    return due + (now - due) // every * every
