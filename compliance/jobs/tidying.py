"""What was done long ago is taken off the list, once a day; what failed stays."""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Table, bindparam, delete
from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.jobs.models import Job
from compliance.jobs.schedules import Regular
from compliance.jobs.work import Doing, Result, State, Work

TIDY = "jobs.tidy"
JOB = cast(Table, Job.__table__)
LONG_DONE = delete(JOB).where(
    JOB.c.state == State.DONE, JOB.c.finished_at < bindparam("before")
)


def tidy(session: Session, _work: Work) -> Result:
    """Delete the jobs that were done long ago, and with them their dedup keys."""
    before = clock.now() - timedelta(days=limits.JOB_DAYS_KEPT)
    deleted = session.execute(LONG_DONE, {"before": before})
    return {"deleted": cast(CursorResult[Any], deleted).rowcount}


def handlers() -> dict[str, Doing]:
    """Return the kinds of work that look after the list itself."""
    return {TIDY: tidy}


def regular_work() -> tuple[Regular, ...]:
    """Return what is to be done every so often: the list is tidied once a day."""
    return (Regular(TIDY, kind=TIDY, every=timedelta(days=1)),)
