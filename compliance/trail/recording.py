"""Recording: an entry in the action's own transaction, chained just before the commit.

Each entry is numbered within its organisation and carries the SHA-256 of the entry
before it, so a missing, changed or reordered entry shows. The organisation's head row
is locked last, which keeps the chain from holding up the work before it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import rfc8785
from sqlalchemy import Table, Uuid, bindparam, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock
from compliance.database import on_behalf_of
from compliance.identifiers import OrganisationId, new_id
from compliance.trail.models import TrailEntry, TrailHead

START = bytes(32)
ENTRY = cast(Table, TrailEntry.__table__)
HEAD = cast(Table, TrailHead.__table__)

# Built once: this is done in every transaction that changes something. The type of the
# column is that of the organisation's id, which is not known yet at this place.
OWNER = bindparam("owner_id", type_=Uuid())
ADD = insert(ENTRY)
LOCK = (
    select(HEAD.c.sequence, HEAD.c.sha256)
    .where(HEAD.c.organisation_id == OWNER)
    .with_for_update()
)
MOVE = (
    update(HEAD)
    .where(HEAD.c.organisation_id == OWNER)
    .values(sequence=bindparam("last"), sha256=bindparam("digest"))
)


@dataclass(frozen=True)
class Waiting:
    """An entry that is recorded but not yet numbered and chained."""

    organisation_id: OrganisationId
    actor: str
    action: str
    subject_id: str
    facts: dict[str, object]
    at: datetime


def begin(session: Session, organisation_id: OrganisationId) -> None:
    """Start the trail of a new organisation, so that its head can always be locked."""
    session.execute(
        insert(TrailHead).values(
            organisation_id=organisation_id, sequence=0, sha256=START
        )
    )


def record(
    session: Session,
    *,
    organisation_id: OrganisationId,
    actor: str,
    action: str,
    subject_id: str,
    **facts: object,
) -> None:
    """Note that `actor` did `action` to the thing with public id `subject_id`.

    Facts are JSON values that tell what changed. They never hold answers, names of
    workers or children, or anything else that belongs in the vault.
    """
    session.info.setdefault("trail", []).append(
        Waiting(organisation_id, actor, action, subject_id, facts, clock.now())
    )


def seal(session: Session) -> None:
    """Number and chain what was recorded; the last thing before a commit."""
    by_organisation: dict[OrganisationId, list[Waiting]] = defaultdict(list)
    for waiting in session.info.pop("trail", []):
        by_organisation[waiting.organisation_id].append(waiting)
    session.flush()
    for organisation_id in sorted(by_organisation):
        # What concerns two organisations stands in the trails of both.
        with on_behalf_of(session, organisation_id):
            _extend(session, organisation_id, by_organisation[organisation_id])


def _extend(
    session: Session, organisation_id: OrganisationId, entries: Sequence[Waiting]
) -> None:
    owner = {"owner_id": organisation_id}
    head = session.execute(LOCK, owner).one()
    sequence, digest = head.sequence, head.sha256

    rows = []
    for entry in entries:
        sequence += 1
        leaf = leaf_of(entry, sequence, digest)
        digest = hashlib.sha256(leaf).digest()
        rows.append(
            {
                "id": new_id(),
                "organisation_id": organisation_id,
                "sequence": sequence,
                "actor": entry.actor,
                "subject_id": entry.subject_id,
                "recorded_at": entry.at,
                "leaf": leaf,
                "sha256": digest,
            }
        )
    session.execute(ADD, rows)
    session.execute(MOVE, {**owner, "last": sequence, "digest": digest})


def leaf_of(entry: Waiting, sequence: int, previous: bytes) -> bytes:
    """Return the bytes that are hashed and kept: RFC 8785 canonical JSON."""
    return rfc8785.dumps(
        {
            "organisation": str(entry.organisation_id),
            "sequence": sequence,
            "previous": previous.hex(),
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject_id,
            "facts": entry.facts,  # type: ignore[dict-item]  # JSON values by contract
        }
    )
