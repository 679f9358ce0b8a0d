"""The files of a submission: which are expected, which came, which is in force."""

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.arriving import ArrivedFile
from audits.submissions.models import Attachment, ExpectedAttachment
from audits.submissions.sniffing import sniffed_type
from compliance import clock
from compliance.database import insert_new
from compliance.files import Files
from compliance.identifiers import new_id, new_public_id
from compliance.identity.scope import Scope


@dataclass(frozen=True)
class AttachmentRecord:
    public_id: str
    name: str
    ordinal: int
    sha256: bytes
    size: int
    media_type: str
    received_at: datetime


Later = aliased(Attachment)
HISTORY = (
    select(
        Attachment.public_id,
        Attachment.name,
        Attachment.ordinal,
        Attachment.sha256,
        Attachment.size,
        Attachment.media_type,
        Attachment.received_at,
    )
    .where(Attachment.submission_id == bindparam("submission_id"))
    .order_by(Attachment.name, Attachment.ordinal)
)
IN_FORCE = HISTORY.where(
    ~select(Later.id)
    .where(
        Later.submission_id == Attachment.submission_id,
        Later.name == Attachment.name,
        Later.ordinal > Attachment.ordinal,
    )
    .exists()
)
ONE_IN_FORCE = IN_FORCE.where(Attachment.name == bindparam("name"))


def in_force(
    session: Session, submission_id: uuid.UUID
) -> tuple[AttachmentRecord, ...]:
    """Return the newest file of each name."""
    rows = session.execute(IN_FORCE, {"submission_id": submission_id})
    return tuple(AttachmentRecord(*row) for row in rows)


def history(session: Session, submission_id: uuid.UUID) -> tuple[AttachmentRecord, ...]:
    """Return every file that ever came, by name and then in the order of arrival."""
    rows = session.execute(HISTORY, {"submission_id": submission_id})
    return tuple(AttachmentRecord(*row) for row in rows)


def expect(session: Session, submission_id: uuid.UUID, names: Sequence[str]) -> None:
    """Note the files that the answers name; noting them again changes nothing."""
    for name in names:
        insert_new(session, ExpectedAttachment, submission_id=submission_id, name=name)


def missing(session: Session, submission_id: uuid.UUID) -> tuple[str, ...]:
    """Return the names of expected files that have not come."""
    came = select(Attachment.name).where(Attachment.submission_id == submission_id)
    return tuple(
        session.scalars(
            select(ExpectedAttachment.name)
            .where(
                ExpectedAttachment.submission_id == submission_id,
                ExpectedAttachment.name.not_in(came),
            )
            .order_by(ExpectedAttachment.name)
        )
    )


def wanted(
    files: Iterable[ArrivedFile], names: Sequence[str] | None
) -> tuple[tuple[str, ArrivedFile], ...]:
    """Return the files that the answers name, under the name they have there.

    None stands for answers that could not be read: then every file is kept. A name is
    the same name however a device composes its accents.
    """
    if names is None:
        return tuple((file.name, file) for file in files)
    written = {unicodedata.normalize("NFC", name): name for name in names}
    return tuple(
        (written[composed], file)
        for file in files
        if (composed := unicodedata.normalize("NFC", file.name)) in written
    )


def keep(
    session: Session,
    scope: Scope,
    files: Files,
    submission_id: uuid.UUID,
    arrived: Iterable[tuple[str, ArrivedFile]],
) -> tuple[str, ...]:
    """Store files and note them; return the SHA-256 of those that are new."""
    added = []
    for name, file in arrived:
        # On disk first: the row that names a file is never committed before it.
        files.take(file.path, file.sha256)
        is_new = _add(
            session,
            scope,
            submission_id,
            name,
            bytes.fromhex(file.sha256),
            file.size,
            sniffed_type(file.beginning),
        )
        if is_new:
            added.append(file.sha256)
    return tuple(added)


def carry_over(
    session: Session,
    scope: Scope,
    edited_id: uuid.UUID,
    submission_id: uuid.UUID,
    names: Sequence[str],
) -> None:
    """Give an edit the files of what it edits, as far as it still names them."""
    for file in in_force(session, edited_id):
        if file.name in names:
            _add(
                session,
                scope,
                submission_id,
                file.name,
                file.sha256,
                file.size,
                file.media_type,
            )


def _add(
    session: Session,
    scope: Scope,
    submission_id: uuid.UUID,
    name: str,
    sha256: bytes,
    size: int,
    media_type: str,
) -> bool:
    """Put a file in force unless it is; a twin that came first is found by going round."""
    while True:
        current = session.execute(
            ONE_IN_FORCE, {"submission_id": submission_id, "name": name}
        ).one_or_none()
        if current is not None and current.sha256 == sha256:
            return False
        added = insert_new(
            session,
            Attachment,
            id=new_id(),
            public_id=new_public_id("file"),
            owner_id=scope.organisation_id,
            submission_id=submission_id,
            name=name,
            ordinal=1 if current is None else current.ordinal + 1,
            sha256=sha256,
            size=size,
            media_type=media_type,
            received_at=clock.now(),
        )
        if added:
            return True
