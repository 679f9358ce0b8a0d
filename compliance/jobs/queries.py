"""What can be read of jobs: one of the caller's organisation, or a page of them."""

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from compliance import limits
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.jobs.models import Job
from compliance.jobs.progress import Progress, progress_here
from compliance.jobs.retrying import Why
from compliance.jobs.work import FINAL, JSON, State
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.texts import N_


class JobNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such job")
    detail = N_(
        "No job of yours has the id {job}. GET /v1/jobs lists them; what was done is "
        "listed for {days} days."
    )


@dataclass(frozen=True)
class JobRecord:
    """A job as readers see it; `why` tells why the last attempt failed."""

    id: uuid.UUID
    public_id: str
    kind: str
    state: State
    parent: str | None
    attempts: int
    most_attempts: int
    progress: Progress | None
    result: Mapping[str, JSON] | None
    why: Why | None
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in FINAL


JOBS: Select[*tuple[Any, ...]] = select(
    Job.id,
    Job.public_id,
    Job.kind,
    Job.state,
    Job.parent,
    Job.attempts,
    Job.most_attempts,
    Job.progress_done,
    Job.progress_total,
    Job.result,
    Job.error,
    Job.created_at,
    Job.run_at,
    Job.started_at,
    Job.finished_at,
).where(Job.organisation_id == bindparam("organisation_id"))
PARTS_OF = (
    select(Job.state, func.count().label("jobs"))
    .where(
        Job.organisation_id == bindparam("organisation_id"),
        Job.parent == bindparam("public_id"),
    )
    .group_by(Job.state)
)


def status(session: Session, scope: Scope, public_id: str) -> JobRecord:
    """Return one job as it stands, or raise JobNotFound."""
    scope.require(Permission.READ_JOBS)
    missing = JobNotFound(job=public_id, days=limits.JOB_DAYS_KEPT)
    bound = {"organisation_id": scope.organisation_id}
    return LISTED.one(session, bound, public_id, missing)


def parts(session: Session, scope: Scope, public_id: str) -> Counter[State]:
    """Return how many jobs are parts of this one, by their state."""
    scope.require(Permission.READ_JOBS)
    rows = session.execute(
        PARTS_OF, {"organisation_id": scope.organisation_id, "public_id": public_id}
    )
    return Counter({State(row.state): row.jobs for row in rows})


def jobs(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    state: State | None = None,
    kind: str | None = None,
    parent: str | None = None,
    newest_first: bool = False,
) -> Page[JobRecord]:
    """Return a page of the organisation's jobs in the order they were asked for.

    People look for what they asked for last: `newest_first`.
    """
    scope.require(Permission.READ_JOBS)
    return LISTED.page(
        session,
        {"organisation_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted={"state": state, "kind": kind, "parent": parent},
        newest_first=newest_first,
    )


def _record(row: Row[*tuple[Any, ...]]) -> JobRecord:
    return JobRecord(
        id=row.id,
        public_id=row.public_id,
        kind=row.kind,
        state=State(row.state),
        parent=row.parent,
        attempts=row.attempts,
        most_attempts=row.most_attempts,
        progress=_progress(row),
        result=None if row.result is None else json.loads(row.result),
        why=None if row.error is None else _why(row),
        created_at=row.created_at,
        run_at=row.run_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _progress(row: Row[*tuple[Any, ...]]) -> Progress | None:
    here = progress_here(row.public_id) if row.state == State.RUNNING else None
    if here is not None or row.progress_total is None:
        return here
    return Progress(row.progress_done, row.progress_total)


def _why(row: Row[*tuple[Any, ...]]) -> Why:
    """Return the kept reason; that of the reaper is told with the row's attempts."""
    kept = json.loads(row.error)
    facts = {"attempt": row.attempts, "most": row.most_attempts, **kept["facts"]}
    return Why(kept["text"], facts)


LISTED = Listing(
    JOBS,
    Job.id,
    Job.public_id,
    _record,
    equal_to(state=Job.state, kind=Job.kind, parent=Job.parent),
)
