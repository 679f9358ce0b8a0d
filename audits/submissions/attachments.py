"""The files of a submission: which are expected, which came, which is in force."""

import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, false, func, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.arriving import ArrivedFile
from audits.submissions.models import (
    Attachment,
    Derivative,
    ExpectedAttachment,
    SealedFile,
)
from audits.submissions.sealed import Names, file_key, note_file, sealed_on_disk
from audits.submissions.sniffing import sniffed_type
from compliance import clock
from compliance.database import insert_new
from compliance.files import Files
from compliance.identifiers import new_id, new_public_id
from compliance.identity.scope import Scope
from compliance.sealing import DataKey, Keyring

NO_NAMES = Names()


@dataclass(frozen=True)
class Store:
    """Where files lie, and the keys they are sealed with."""

    files: Files
    keyring: Keyring


@dataclass(frozen=True)
class Arriving:
    """A file as it is noted: its name, the SHA-256 and size of the original, its type."""

    name: str
    sha256: bytes
    size: int
    media_type: str


@dataclass(frozen=True)
class SealedAt:
    """Where the sealed original lies, and under which data key."""

    key_id: uuid.UUID
    file_sha256: str
    is_sensitive: bool


@dataclass(frozen=True)
class Kept:
    """A file that is new: its row, and the SHA-256 of the original."""

    attachment_id: uuid.UUID
    sha256: str


@dataclass(frozen=True)
class AttachmentRecord:
    id: uuid.UUID
    public_id: str
    name: str
    ordinal: int
    sha256: bytes
    size: int
    media_type: str
    received_at: datetime
    is_sensitive: bool
    derivative: str | None
    reason: str | None
    derived_type: str | None
    derived_sha256: str | None
    derived_size: int | None
    width: int | None
    height: int | None
    distance_metres: int | None
    minutes_after_start: int | None


Later = aliased(Attachment)
FILES = (
    select(
        Attachment.id,
        Attachment.public_id,
        Attachment.name,
        Attachment.ordinal,
        Attachment.sha256,
        Attachment.size,
        Attachment.media_type,
        Attachment.received_at,
        func.coalesce(SealedFile.is_sensitive, false()),
        Derivative.state,
        Derivative.reason,
        Derivative.media_type,
        Derivative.file_sha256,
        Derivative.size,
        Derivative.width,
        Derivative.height,
        Derivative.distance_metres,
        Derivative.minutes_after_start,
    )
    .outerjoin(SealedFile, SealedFile.attachment_id == Attachment.id)
    .outerjoin(Derivative, Derivative.attachment_id == Attachment.id)
)
HISTORY = FILES.where(Attachment.submission_id == bindparam("submission_id")).order_by(
    Attachment.name, Attachment.ordinal
)
ONE = FILES.where(
    Attachment.owner_id == bindparam("owner_id"),
    Attachment.public_id == bindparam("public_id"),
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
    return tuple(_record(row) for row in rows)


def history(session: Session, submission_id: uuid.UUID) -> tuple[AttachmentRecord, ...]:
    """Return every file that ever came, by name and then in the order of arrival."""
    rows = session.execute(HISTORY, {"submission_id": submission_id})
    return tuple(_record(row) for row in rows)


def one(
    session: Session, owner_id: uuid.UUID, public_id: str
) -> AttachmentRecord | None:
    """Return one file of an organisation, None where it has no such file."""
    row = session.execute(
        ONE, {"owner_id": owner_id, "public_id": public_id}
    ).one_or_none()
    return None if row is None else _record(row)


def _record(row: Row[*tuple[Any, ...]]) -> AttachmentRecord:
    values: tuple[Any, ...] = tuple(row)
    return AttachmentRecord(*values)


def expect(
    session: Session,
    submission_id: uuid.UUID,
    files: Sequence[str],
    names: Names = NO_NAMES,
) -> None:
    """Note the files that the answers name; noting them again changes nothing."""
    for name in files:
        insert_new(
            session,
            ExpectedAttachment,
            submission_id=submission_id,
            name=names.stored(name),
        )


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
    store: Store,
    submission_id: uuid.UUID,
    arrived: Iterable[tuple[str, ArrivedFile]],
    names: Names = NO_NAMES,
) -> tuple[Kept, ...]:
    """Seal and store files and note them; return those that are new."""
    key: DataKey | None = None
    added = []
    # In one order whatever the upload's: two at once wait for each other only one way.
    for name, file in sorted(arrived, key=lambda one: one[0]):
        stored, digest = names.stored(name), bytes.fromhex(file.sha256)
        current = _in_force(session, submission_id, stored)
        if current is not None and current.sha256 == digest:
            continue
        key = key or file_key(session, scope, store.keyring, submission_id)
        # On disk first: the row that names a file is never committed before it.
        place = sealed_on_disk(store.files, key, file)
        sealed = SealedAt(key.id, place, is_sensitive=names.is_sensitive(name))
        arriving = Arriving(stored, digest, file.size, sniffed_type(file.beginning))
        attachment_id = _add(session, scope, submission_id, arriving, sealed)
        if attachment_id is not None:
            added.append(Kept(attachment_id, file.sha256))
    return tuple(added)


def carry_over(
    session: Session,
    scope: Scope,
    edited_id: uuid.UUID,
    submission_id: uuid.UUID,
    wanted_names: Mapping[str, tuple[str, bool]],
) -> None:
    """Give an edit the files of what it edits, as far as it still names them.

    `wanted_names` leads from the name of a file in what is edited to its name in the
    edit, and whether it is about a person there.
    """
    for file in in_force(session, edited_id):
        if file.name not in wanted_names:
            continue
        name, is_sensitive = wanted_names[file.name]
        kept = session.execute(
            select(SealedFile.key_id, SealedFile.file_sha256, SealedFile.is_sensitive)
            .join(Attachment, Attachment.id == SealedFile.attachment_id)
            .where(Attachment.public_id == file.public_id)
        ).one_or_none()
        sealed = None
        if kept is not None:
            is_sensitive = is_sensitive or kept.is_sensitive
            sealed = SealedAt(kept.key_id, kept.file_sha256, is_sensitive=is_sensitive)
        arriving = Arriving(name, file.sha256, file.size, file.media_type)
        _add(session, scope, submission_id, arriving, sealed)


def _in_force(
    session: Session, submission_id: uuid.UUID, name: str
) -> AttachmentRecord | None:
    row = session.execute(
        ONE_IN_FORCE, {"submission_id": submission_id, "name": name}
    ).one_or_none()
    return None if row is None else _record(row)


def _add(
    session: Session,
    scope: Scope,
    submission_id: uuid.UUID,
    arriving: Arriving,
    sealed: SealedAt | None,
) -> uuid.UUID | None:
    """Put a file in force unless it is; a twin that came first is found by going round."""
    while True:
        current = _in_force(session, submission_id, arriving.name)
        if current is not None and current.sha256 == arriving.sha256:
            return None
        attachment_id = new_id()
        is_added = insert_new(
            session,
            Attachment,
            id=attachment_id,
            public_id=new_public_id("file"),
            owner_id=scope.organisation_id,
            submission_id=submission_id,
            ordinal=1 if current is None else current.ordinal + 1,
            received_at=clock.now(),
            **vars(arriving),
        )
        if not is_added:
            continue
        if sealed is not None:
            note_file(
                session,
                scope,
                attachment_id,
                sealed.key_id,
                sealed.file_sha256,
                is_sensitive=sealed.is_sensitive,
            )
        return attachment_id
