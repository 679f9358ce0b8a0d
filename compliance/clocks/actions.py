"""What can be done about clocks: start or move one, stop it, and fire what has come."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks.models import (
    Clock,
    ClockEvent,
    ClockFired,
    ClockKind,
    LateBecause,
)
from compliance.clocks.passing import Times, come, late_because, next_look, times_of
from compliance.clocks.policy import CLOCKS
from compliance.database import as_system, insert_new, on_behalf_of
from compliance.identifiers import OrganisationId, SiteId, new_id
from compliance.identity.scope import SYSTEM, Scope
from compliance.policies.queries import in_force_of
from rules import Severity

AT_ONCE = 100
CLOCK = cast(Table, Clock.__table__)
OF_SUBJECT = (CLOCK.c.subject == bindparam("of"), CLOCK.c.kind == bindparam("what"))
ONE = select(CLOCK).where(*OF_SUBJECT).with_for_update()
STOP = (
    update(CLOCK)
    .where(*OF_SUBJECT, CLOCK.c.stopped_at.is_(None))
    .values(stopped_at=bindparam("now"), next_at=None)
)
COME = (
    select(CLOCK)
    .where(
        CLOCK.c.owner_id == bindparam("organisation_id"),
        CLOCK.c.next_at <= bindparam("now"),
    )
    .order_by(CLOCK.c.next_at, CLOCK.c.id)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
LOOK_AGAIN = (
    update(CLOCK)
    .where(CLOCK.c.id == bindparam("clock_id"))
    .values(next_at=bindparam("look_at"))
)


def start(
    session: Session,
    _scope: Scope,
    *,
    owner_id: OrganisationId,
    site_id: SiteId | None,
    subject: str,
    kind: ClockKind,
    due_at: datetime,
    started_at: datetime,
    severity: Severity | None = None,
) -> None:
    """Let a clock of `subject` (its public id) run, or give it another due date.

    It is one clock for each kind of a subject, however often this is called. Another due
    date starts afresh; for the same one nothing that was fired is fired again, also
    where the clock had been stopped or moved in between. `passing.end_of` makes an
    instant of a due day.
    """
    now = clock.now()
    telling = in_force_of(session, owner_id, CLOCKS, now.date()).kinds[kind]
    times = times_of(telling, due_at=due_at, known_at=now)
    running: dict[str, object] = {
        "due_at": due_at,
        "started_at": started_at,
        "known_at": now,
        "soon_at": times.soon_at,
        "last_at": times.last_at,
        "escalate_at": times.escalate_at,
        "next_at": times.soon_at,
        "stopped_at": None,
    }
    with on_behalf_of(session, owner_id):
        is_new = insert_new(
            session,
            Clock,
            id=new_id(),
            owner_id=owner_id,
            site_id=site_id,
            subject=subject,
            kind=kind,
            severity=severity,
            round=1,
            **running,
        )
        if not is_new:
            _move(session, subject, kind, severity, running)


def _move(
    session: Session,
    subject: str,
    kind: ClockKind,
    severity: Severity | None,
    running: dict[str, object],
) -> None:
    before = session.execute(ONE, {"of": subject, "what": kind}).one()
    is_same = before.due_at == running["due_at"]
    if is_same and before.stopped_at is None:
        return
    if is_same:
        # It runs again towards the same hour: who knew of it still does.
        running = {"stopped_at": None, "next_at": before.soon_at}
    session.execute(
        update(CLOCK)
        .where(CLOCK.c.id == before.id)
        .values(
            **running,
            round=before.round + (not is_same),
            severity=severity or before.severity,
        )
    )


def stop(session: Session, subject: str, kind: ClockKind) -> None:
    """Let a clock stand still, because the thing was done; one that is not there may."""
    # Who does the thing need not be the organisation whose clock it is.
    with as_system(session):
        session.execute(STOP, {"of": subject, "what": kind, "now": clock.now()})


def fire(session: Session, organisation_id: OrganisationId) -> int:
    """Fire what has come of an organisation's clocks; return how many were looked at.

    Each event of a due date is fired once for good, with its alert and its entry in the
    trail, or not at all. Fewer than AT_ONCE: nothing else has come.
    """
    now = clock.now()
    rows = session.execute(COME, {"organisation_id": organisation_id, "now": now}).all()
    for row in rows:
        times = Times(row.soon_at, row.last_at, row.due_at, row.escalate_at)
        for event in come(times, now):
            _fire(session, row, event, now)
        session.execute(
            LOOK_AGAIN, {"clock_id": row.id, "look_at": next_look(times, now)}
        )
    return len(rows)


def _fire(
    session: Session, row: Row[*tuple[Any, ...]], event: ClockEvent, now: datetime
) -> None:
    kind, owner_id = ClockKind(row.kind), OrganisationId(row.owner_id)
    because = _because(row, event)
    fired_id = new_id()
    is_new = insert_new(
        session,
        ClockFired,
        id=fired_id,
        owner_id=owner_id,
        clock_id=row.id,
        event=event,
        due_at=row.due_at,
        because=because,
        fired_at=now,
    )
    if not is_new:
        return
    trail.record(
        session,
        organisation_id=owner_id,
        actor=SYSTEM,
        action=f"clock.{event}",
        subject_id=row.subject,
        clock=kind,
        due_at=row.due_at.isoformat(),
        because=because,
    )
    telling = in_force_of(session, owner_id, CLOCKS, now.date()).kinds[kind]
    is_escalated = event is ClockEvent.ESCALATED
    raise_alert(
        session,
        owner_id=owner_id,
        event=AlertEvent(f"clock_{event}"),
        subject=row.subject,
        site_id=None if row.site_id is None else SiteId(row.site_id),
        at=now,
        severity=None if row.severity is None else Severity(row.severity),
        clock_kind=kind,
        due_at=row.due_at,
        because=because,
        told=telling.escalates_to if is_escalated else telling.tells,
        occasion=f"clock {fired_id}",
    )


def _because(row: Row[*tuple[Any, ...]], event: ClockEvent) -> LateBecause | None:
    if event not in {ClockEvent.LATE, ClockEvent.ESCALATED}:
        return None
    return late_because(ClockKind(row.kind), due_at=row.due_at, known_at=row.known_at)
