"""The trail: who did what to which thing and when, chained so that none can be lost.

An action records its entry in its own transaction. Just before the commit the entries
are sealed: each is numbered within its organisation and carries the SHA-256 of the
entry before it, so a missing, changed or reordered entry shows. The organisation's head
row is locked last, which keeps the chain from holding up the work before it.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from compliance import clock
from compliance.database import Base, Key
from compliance.identifiers import OrganisationId, new_id

START = bytes(32)


class TrailHead(Base):
    __tablename__ = "trail_head"

    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    sequence: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


class TrailEntry(Base):
    __tablename__ = "trail"
    __table_args__ = (UniqueConstraint("organisation_id", "sequence"),)

    id: Mapped[Key]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    sequence: Mapped[int]
    subject_id: Mapped[str] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    leaf: Mapped[bytes]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


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
        _extend(session, organisation_id, by_organisation[organisation_id])


def _extend(
    session: Session, organisation_id: OrganisationId, entries: Sequence[Waiting]
) -> None:
    head = session.execute(
        select(TrailHead.sequence, TrailHead.sha256)
        .where(TrailHead.organisation_id == organisation_id)
        .with_for_update()
    ).one()
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
                "subject_id": entry.subject_id,
                "recorded_at": entry.at,
                "leaf": leaf,
                "sha256": digest,
            }
        )
    session.execute(insert(TrailEntry), rows)

    session.execute(
        update(TrailHead)
        .where(TrailHead.organisation_id == organisation_id)
        .values(sequence=sequence, sha256=digest)
    )


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
