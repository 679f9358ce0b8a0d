"""A job that failed for good is tried again because a person says so."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.jobs.models import Job
from compliance.jobs.queries import JobRecord, status
from compliance.jobs.waking import ring_after_commit
from compliance.jobs.work import State
from compliance.problems import Kind, Problem
from compliance.texts import N_


class JobHasNotFailed(Problem):
    kind = Kind.CONFLICT
    title = N_("This job has not failed")
    detail = N_(
        "{job} is {state}. Only a job that has failed for good is tried again; one that "
        "is ready will be tried by itself."
    )


def retry(session: Session, scope: Scope, public_id: str) -> JobRecord:
    """Let a failed job be tried as often as a new one; it keeps its id and arguments.

    How often it was tried before, and that it failed, stands in the trail.
    """
    scope.require(Permission.RETRY_JOBS)
    found = status(session, scope, public_id)
    again = session.execute(
        update(Job)
        .where(
            Job.organisation_id == scope.organisation_id,
            Job.public_id == public_id,
            Job.state == State.FAILED,
        )
        .values(
            state=State.READY,
            run_at=clock.now(),
            attempts=0,
            error=None,
            finished_at=None,
            progress_done=None,
            progress_total=None,
        )
        .returning(Job.id)
    ).one_or_none()
    if again is None:
        raise JobHasNotFailed(job=public_id, state=found.state)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="job.retried",
        subject_id=public_id,
        kind=found.kind,
        attempts=found.attempts,
    )
    ring_after_commit(session)
    return status(session, scope, public_id)
