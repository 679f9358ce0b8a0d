"""From the original of an attachment to what may be looked at: a job behind the intake.

Originals stay sealed and are opened in memory only. What is about a person gets no
derivative; how far from the visit it was taken is a signal all the same.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audits.checklists.form import FormSchema, schema_from_json
from audits.checklists.instance import InstanceRejected, read_instance
from audits.checklists.metadata import Location, metadata_of
from audits.checklists.models import ChecklistVersion
from audits.submissions.attachments import Kept, Store
from audits.submissions.models import (
    Attachment,
    Derivative,
    SealedFile,
    Submission,
)
from audits.submissions.papers import harmless
from audits.submissions.pictures import (
    KINDS,
    PictureRefused,
    Position,
    Taken,
    metres_between,
    read_picture,
)
from audits.submissions.sealed import file_pieces, original_of
from compliance import clock, jobs
from compliance.database import insert_new
from compliance.identity.scope import Scope
from compliance.jobs import JSON, Doing, TwoSteps, Work
from compliance.limits import DERIVED_FROM_BYTES
from compliance.sealing import SealBroken, SealingKeyMissing

DERIVE = "attachments.derive"
PDF = "application/pdf"
MADE, NOT_MADE, REFUSED, SEALED = "made", "not_made", "refused", "sealed"
MOST_MINUTES = 2_000_000  # about four years; a clock farther off tells nothing


@dataclass(frozen=True)
class Visited:
    """Where a visit says it was, and when it began by the device's own clock."""

    position: Position | None = None
    began_at: datetime | None = None


@dataclass(frozen=True)
class Derived:
    """A row of what was made of an attachment, or why nothing was."""

    attachment_id: uuid.UUID
    owner_id: uuid.UUID
    state: str
    reason: str | None = None
    media_type: str | None = None
    file_sha256: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    distance_metres: int | None = None
    minutes_after_start: int | None = None


@dataclass(frozen=True)
class _Waiting:
    id: uuid.UUID
    owner_id: uuid.UUID
    media_type: str
    size: int
    is_sensitive: bool


def ask_for_derivatives(
    session: Session, scope: Scope, submission: str, added: Sequence[Kept]
) -> None:
    """Have derivatives made of files that have just come, in the same transaction."""
    if added:
        jobs.enqueue(
            session,
            kind=DERIVE,
            organisation_id=scope.organisation_id,
            arguments={"submission": submission},
        )


def handlers(store: Store) -> dict[str, Doing]:
    """Return what makes derivatives."""

    def prepare(session: Session, work: Work) -> tuple[Derived, ...]:
        return _prepare(session, store, work)

    return {DERIVE: TwoSteps(prepare=prepare, keep=_keep)}


def _prepare(session: Session, store: Store, work: Work) -> tuple[Derived, ...]:
    submission_id = _submission_id(session, work)
    if submission_id is None:
        return ()
    waiting = _waiting(session, submission_id)
    visited = _visited(session, store, submission_id)
    made = []
    for number, one in enumerate(waiting, start=1):
        made.append(_derived(session, store, one, visited))
        work.report(number, len(waiting))
    return tuple(made)


def _keep(
    session: Session, _work: Work, made: tuple[Derived, ...]
) -> Mapping[str, JSON]:
    for one in made:
        insert_new(session, Derivative, **vars(one), made_at=clock.now())
    return {"derivatives": sum(one.state == MADE for one in made)}


def _submission_id(session: Session, work: Work) -> uuid.UUID | None:
    return session.scalar(
        select(Submission.id).where(
            Submission.owner_id == work.organisation_id,
            Submission.public_id == str(work.arguments["submission"]),
        )
    )


def _waiting(session: Session, submission_id: uuid.UUID) -> tuple[_Waiting, ...]:
    rows = session.execute(
        select(
            Attachment.id,
            Attachment.owner_id,
            Attachment.media_type,
            Attachment.size,
            SealedFile.is_sensitive,
        )
        .outerjoin(SealedFile, SealedFile.attachment_id == Attachment.id)
        .outerjoin(Derivative, Derivative.attachment_id == Attachment.id)
        .where(
            Attachment.submission_id == submission_id,
            Derivative.attachment_id.is_(None),
        )
        .order_by(Attachment.id)
    )
    return tuple(
        _Waiting(row.id, row.owner_id, row.media_type, row.size, bool(row.is_sensitive))
        for row in rows
    )


def _visited(session: Session, store: Store, submission_id: uuid.UUID) -> Visited:
    """Read from the record where it was made; what cannot be read tells nothing."""
    try:
        instance = read_instance(original_of(session, store.keyring, submission_id))
        metadata = metadata_of(_schema(session, submission_id), instance)
    except (InstanceRejected, SealBroken, SealingKeyMissing):
        return Visited()
    began_at = metadata.started_at
    return Visited(
        _position(metadata.location),
        began_at.replace(tzinfo=None) if began_at else None,
    )


def _schema(session: Session, submission_id: uuid.UUID) -> FormSchema:
    return schema_from_json(
        session.execute(
            select(ChecklistVersion.schema)
            .join(Submission, Submission.checklist_version_id == ChecklistVersion.id)
            .where(Submission.id == submission_id)
        ).scalar_one()
    )


def _position(location: Location | None) -> Position | None:
    if location is None:
        return None
    return Position(float(location.latitude), float(location.longitude))


def _derived(
    session: Session, store: Store, one: _Waiting, visited: Visited
) -> Derived:
    nothing = Derived(one.id, one.owner_id, SEALED if one.is_sensitive else NOT_MADE)
    if one.media_type not in {*KINDS, PDF}:
        return replace(nothing, reason="kind")
    if one.size > DERIVED_FROM_BYTES:
        return replace(nothing, reason="too_large")
    if one.is_sensitive and one.media_type == PDF:
        return nothing
    try:
        content = b"".join(file_pieces(session, store.keyring, store.files, one.id))
        if one.media_type == PDF:
            return _paper(store, nothing, content)
        return _picture(store, nothing, content, one, visited)
    except PictureRefused as refused:
        state = SEALED if one.is_sensitive else REFUSED
        return replace(nothing, state=state, reason=refused.reason)


def _paper(store: Store, nothing: Derived, content: bytes) -> Derived:
    made = harmless(content)
    return replace(
        nothing,
        state=MADE,
        media_type=PDF,
        file_sha256=store.files.keep(made),
        size=len(made),
    )


def _picture(
    store: Store, nothing: Derived, content: bytes, one: _Waiting, visited: Visited
) -> Derived:
    picture = read_picture(content, one.media_type)
    known = replace(
        nothing,
        distance_metres=_distance(picture.taken, visited),
        minutes_after_start=_minutes(picture.taken, visited),
    )
    if one.is_sensitive:
        return known
    smaller = picture.smaller
    return replace(
        known,
        state=MADE,
        media_type=smaller.media_type,
        file_sha256=store.files.keep(smaller.content),
        size=len(smaller.content),
        width=smaller.width,
        height=smaller.height,
    )


def _distance(taken: Taken, visited: Visited) -> int | None:
    if taken.position is None or visited.position is None:
        return None
    return metres_between(visited.position, taken.position)


def _minutes(taken: Taken, visited: Visited) -> int | None:
    if taken.at is None or visited.began_at is None:
        return None
    minutes = round((taken.at - visited.began_at).total_seconds() / 60)
    return minutes if abs(minutes) <= MOST_MINUTES else None
