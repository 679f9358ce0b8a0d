"""Same request, same effect: what was answered to an `Idempotency-Key` is kept.

The record is written in the transaction of the change itself, so a key that is known
has had its effect, and the lost answer can be asked for again.
"""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from compliance import clock
from compliance.database import Base, Key
from compliance.identifiers import OrganisationId, new_id
from compliance.problems import Kind, Problem
from compliance.texts import N_


class IdempotencyRecord(Base):
    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("organisation_id", "key"),)

    id: Mapped[Key]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    key: Mapped[str] = mapped_column(String(200))
    request_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    headers: Mapped[str]
    body: Mapped[bytes]
    answered_at: Mapped[datetime]


class KeyUsedForAnother(Problem):
    kind = Kind.CONFLICT
    title = N_("This Idempotency-Key was used for another request")
    detail = N_(
        "The key {key} came before with a different method, address or body. Use a "
        "fresh key for each new request, and the same key only to repeat one."
    )


@dataclass(frozen=True)
class Answer:
    """What a request is answered with: status, headers and body."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def digest_of_request(method: str, path: str, body: bytes) -> bytes:
    """Return what tells one request from another under the same key."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).digest()


def claim(
    session: Session, organisation_id: OrganisationId, key: str, request: bytes
) -> Answer | None:
    """Return the answer given before, or None when this request is the first.

    Two equal requests at once: the second waits here until the first has committed.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    claimed = session.execute(
        dialect.insert(IdempotencyRecord)
        .values(
            id=new_id(),
            organisation_id=organisation_id,
            key=key,
            request_sha256=request,
            status=0,
            headers="[]",
            body=b"",
            answered_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["organisation_id", "key"])
        .returning(IdempotencyRecord.id)
    ).scalar_one_or_none()
    if claimed is not None:
        return None
    known = session.execute(
        select(
            IdempotencyRecord.request_sha256,
            IdempotencyRecord.status,
            IdempotencyRecord.headers,
            IdempotencyRecord.body,
        ).where(
            IdempotencyRecord.organisation_id == organisation_id,
            IdempotencyRecord.key == key,
        )
    ).one()
    if known.request_sha256 != request:
        raise KeyUsedForAnother(key=key)
    headers = tuple((name, value) for name, value in json.loads(known.headers))
    return Answer(known.status, known.body, headers)


def keep(
    session: Session, organisation_id: OrganisationId, key: str, answer: Answer
) -> None:
    """Keep the answer of the request that claimed `key`, in the same transaction."""
    session.execute(
        update(IdempotencyRecord)
        .where(
            IdempotencyRecord.organisation_id == organisation_id,
            IdempotencyRecord.key == key,
        )
        .values(
            status=answer.status,
            headers=json.dumps(answer.headers),
            body=answer.body,
            answered_at=clock.now(),
        )
    )
