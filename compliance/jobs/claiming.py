"""The statements that take jobs and give them back; each is one UPDATE.

A lease is measured by the database's own clock: neither a test's clock nor a machine
whose clock is wrong can make it last or end. The token is the fence: what a worker
writes about a job counts only while the job still carries the token it was claimed with.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    CursorResult,
    Table,
    Update,
    bindparam,
    case,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from compliance import clock
from compliance.database import Instant
from compliance.identifiers import OrganisationId, new_id
from compliance.jobs.actions import as_text
from compliance.jobs.models import Job, Schedule
from compliance.jobs.progress import Progress
from compliance.jobs.retrying import LOST, Outcome, Why
from compliance.jobs.work import JSON, LeaseLost, Result, State

JOB = cast(Table, Job.__table__)
SCHEDULE = cast(Table, Schedule.__table__)


class DatabaseTime(FunctionElement[datetime]):
    """The database server's own time, so many seconds from now."""

    inherit_cache = True
    type = Instant()

    def __init__(self, seconds: BindParameter[float]) -> None:
        super().__init__(seconds)


@compiles(DatabaseTime, "postgresql")
def _on_postgresql(element: DatabaseTime, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"clock_timestamp() + make_interval(secs => {seconds})"


@compiles(DatabaseTime, "sqlite")
def _on_sqlite(element: DatabaseTime, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f', 'now', {seconds} || ' seconds') || '000'"


@dataclass(frozen=True)
class Claimed:
    """A job that this worker holds until its lease ends."""

    id: uuid.UUID
    token: uuid.UUID
    public_id: str
    kind: str
    organisation_id: OrganisationId | None
    attempt: int
    most_attempts: int
    arguments: Mapping[str, JSON] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Done:
    """A job whose effect stands in the transaction, with what its handler told."""

    claimed: Claimed
    result: Result
    progress: Progress | None = None


@dataclass(frozen=True)
class Due:
    """What there is to do, seen without taking anything."""

    ready: bool
    lost: bool
    ticking: bool

    @property
    def anything(self) -> bool:
        return self.ready or self.lost or self.ticking


NOW = DatabaseTime(bindparam("no_seconds", 0.0))
LEASE_END = DatabaseTime(bindparam("lease_seconds", 0.0))
IS_READY = (
    JOB.c.state == State.READY,
    JOB.c.run_at <= bindparam("now"),
    JOB.c.kind.in_(bindparam("kinds", expanding=True)),
    JOB.c.queue.in_(bindparam("queues", expanding=True)),
)
IS_LOST = (JOB.c.state == State.RUNNING, JOB.c.lease_until < NOW)
IS_HELD = (
    JOB.c.id == bindparam("job_id"),
    JOB.c.state == State.RUNNING,
    JOB.c.lease_token == bindparam("token"),
)

_next_ready = (
    select(JOB.c.id)
    .where(*IS_READY)
    .order_by(JOB.c.priority.desc(), JOB.c.run_at, JOB.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("next_ready")
)
CLAIM = (
    update(JOB)
    .where(JOB.c.id.in_(select(_next_ready.c.id)))
    .values(
        state=State.RUNNING,
        attempts=JOB.c.attempts + 1,
        lease_token=bindparam("new_token"),
        lease_until=LEASE_END,
        started_at=func.coalesce(JOB.c.started_at, bindparam("now")),
    )
    .returning(
        JOB.c.id,
        JOB.c.public_id,
        JOB.c.kind,
        JOB.c.organisation_id,
        JOB.c.arguments,
        JOB.c.attempts,
        JOB.c.most_attempts,
        JOB.c.priority,
        JOB.c.run_at,
    )
)
NO_LEASE = {"lease_token": None, "lease_until": None}
FINISH = (
    update(JOB)
    .where(*IS_HELD)
    .values(
        state=State.DONE,
        result=bindparam("result"),
        error=None,
        finished_at=bindparam("now"),
        progress_done=func.coalesce(bindparam("done"), JOB.c.progress_done),
        progress_total=func.coalesce(bindparam("total"), JOB.c.progress_total),
        **NO_LEASE,
    )
)
FAIL = (
    update(JOB)
    .where(*IS_HELD)
    .values(
        state=State.FAILED,
        error=bindparam("why"),
        finished_at=bindparam("now"),
        **NO_LEASE,
    )
)
AGAIN = (
    update(JOB)
    .where(*IS_HELD)
    .values(
        state=State.READY,
        error=func.coalesce(bindparam("why"), JOB.c.error),
        run_at=bindparam("run_at"),
        attempts=JOB.c.attempts - bindparam("uncounted"),
        **NO_LEASE,
    )
)
RENEW = (
    update(JOB)
    .where(
        JOB.c.id.in_(bindparam("jobs", expanding=True)),
        JOB.c.lease_token.in_(bindparam("tokens", expanding=True)),
    )
    .values(lease_until=LEASE_END)
)
REPORT = (
    update(JOB)
    .where(*IS_HELD)
    .values(progress_done=bindparam("done"), progress_total=bindparam("total"))
)
_lost = select(JOB.c.id).where(*IS_LOST).with_for_update(skip_locked=True).cte("lost")
REAP = (
    update(JOB)
    .where(JOB.c.id.in_(select(_lost.c.id)))
    .values(
        state=case(
            (JOB.c.attempts < JOB.c.most_attempts, State.READY), else_=State.FAILED
        ),
        error=case(
            (JOB.c.attempts < JOB.c.most_attempts, JOB.c.error), else_=bindparam("why")
        ),
        finished_at=case(
            (JOB.c.attempts < JOB.c.most_attempts, None), else_=bindparam("now")
        ),
        **NO_LEASE,
    )
    .returning(JOB.c.public_id, JOB.c.state)
)
ANYTHING_DUE = select(
    exists().where(*IS_READY).label("ready"),
    exists().where(*IS_LOST).label("lost"),
    exists().where(SCHEDULE.c.next_at <= bindparam("now")).label("ticking"),
)


def due(session: Session, kinds: Sequence[str], queues: Sequence[str]) -> Due:
    """Tell what there is to do; takes no lock."""
    row = session.execute(
        ANYTHING_DUE, {"now": clock.now(), "kinds": kinds, "queues": queues}
    ).one()
    return Due(bool(row.ready), bool(row.lost), bool(row.ticking))


def claim(
    session: Session,
    *,
    kinds: Sequence[str],
    queues: Sequence[str],
    most: int,
    lease_seconds: float,
) -> tuple[Claimed, ...]:
    """Take up to `most` jobs of the kinds this worker knows; others stay for others."""
    token = new_id()
    rows = session.execute(
        CLAIM,
        {
            "now": clock.now(),
            "kinds": kinds,
            "queues": queues,
            "most": most,
            "new_token": token,
            "lease_seconds": lease_seconds,
        },
    ).all()
    in_order = sorted(rows, key=lambda row: (-row.priority, row.run_at, row.id))
    return tuple(
        Claimed(
            id=row.id,
            token=token,
            public_id=row.public_id,
            kind=row.kind,
            organisation_id=row.organisation_id,
            arguments=json.loads(row.arguments),
            attempt=row.attempts,
            most_attempts=row.most_attempts,
        )
        for row in in_order
    )


def finish(session: Session, done: Sequence[Done]) -> None:
    """Note in the work's own transaction what is done, or raise LeaseLost for all."""
    now = clock.now()
    changed = session.execute(
        FINISH,
        [
            {
                "job_id": one.claimed.id,
                "token": one.claimed.token,
                "result": None if one.result is None else as_text(one.result),
                "now": now,
                "done": None if one.progress is None else one.progress.done,
                "total": None if one.progress is None else one.progress.total,
            }
            for one in done
        ],
    )
    if cast(CursorResult[Any], changed).rowcount != len(done):
        raise LeaseLost(", ".join(one.claimed.public_id for one in done))


def settle(session: Session, claimed: Claimed, decided: Outcome) -> None:
    """Note what becomes of a job whose attempt failed, or raise LeaseLost."""
    why = None if decided.why is None else why_text(decided.why)
    now = clock.now()
    if decided.wait is None:
        _if_held(session, FAIL, claimed, why=why, now=now)
        return
    uncounted = 0 if decided.counts else 1
    run_at = now + decided.wait
    _if_held(session, AGAIN, claimed, why=why, run_at=run_at, uncounted=uncounted)


def renew(session: Session, held: Sequence[Claimed], lease_seconds: float) -> None:
    """Hold jobs for another lease from now; those that were lost stay lost."""
    session.execute(
        RENEW,
        {
            "jobs": [claimed.id for claimed in held],
            "tokens": list({claimed.token for claimed in held}),
            "lease_seconds": lease_seconds,
        },
    )


def report(session: Session, claimed: Claimed, progress: Progress) -> None:
    """Write how far the work is, or raise LeaseLost."""
    _if_held(session, REPORT, claimed, done=progress.done, total=progress.total)


def reap(session: Session) -> tuple[tuple[str, State], ...]:
    """Take back what nobody renewed; return each job's public id and its new state."""
    why = why_text(Why(LOST, {}))
    rows = session.execute(REAP, {"why": why, "now": clock.now()})
    return tuple((row.public_id, State(row.state)) for row in rows)


def why_text(why: Why) -> str:
    return as_text({"text": why.text, "facts": why.facts})


def _if_held(
    session: Session, statement: Update, claimed: Claimed, **values: object
) -> None:
    changed = session.execute(
        statement, {"job_id": claimed.id, "token": claimed.token, **values}
    )
    if cast(CursorResult[Any], changed).rowcount != 1:
        raise LeaseLost(claimed.public_id)
