"""What can be done about jobs: ask for one."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime

from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.database import as_system, insert_new
from compliance.identifiers import OrganisationId, new_id, new_public_id
from compliance.jobs.models import Job
from compliance.jobs.waking import ring_after_commit
from compliance.jobs.work import JSON, State

QUEUE = "default"


def enqueue(
    session: Session,
    *,
    kind: str,
    organisation_id: OrganisationId | None,
    arguments: Mapping[str, JSON],
    dedup_key: str | None = None,
    run_at: datetime | None = None,
    parent: str | None = None,
    priority: int = 0,
    queue: str = QUEUE,
    most_attempts: int = limits.JOB_ATTEMPTS,
) -> str | None:
    """Ask for work in the transaction that makes it necessary; return its public id.

    None means that a job of this kind and organisation with this `dedup_key` exists,
    whatever its state. Higher priorities go first, then what has waited longest.
    `parent` is the public id of the job this one is a part of.
    """
    now = clock.now()
    public_id = new_public_id("job")
    values: dict[str, object] = {
        "id": new_id(),
        "public_id": public_id,
        "organisation_id": organisation_id,
        "queue": queue,
        "kind": kind,
        "arguments": as_text(arguments),
        "dedup_key": _whole_key(kind, organisation_id, dedup_key),
        "parent": parent,
        "state": State.READY,
        "priority": priority,
        "run_at": run_at or now,
        "attempts": 0,
        "most_attempts": most_attempts,
        "created_at": now,
    }
    # What is no organisation's stands behind the walls of all of them.
    seeing = as_system(session) if organisation_id is None else nullcontext()
    with seeing:
        is_new = insert_new(session, Job, **values)
    if not is_new:
        return None
    ring_after_commit(session)
    return public_id


def as_text(value: Mapping[str, JSON]) -> str:
    """Return JSON as it is kept."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _whole_key(
    kind: str, organisation_id: OrganisationId | None, key: str | None
) -> str | None:
    """Keep the keys of two organisations, and of two kinds, out of each other's way."""
    return None if key is None else f"{kind} {organisation_id or '-'} {key}"
