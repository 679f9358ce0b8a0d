"""The sealed parts of submissions: kept when they come, opened only to derive from them.

The original of a record that names people, each answer about a person, and the original
of every attachment are sealed under a data key of that record.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import cast

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from audits.checklists.form import FormSchema
from audits.checklists.instance import Instance
from audits.submissions.apart import SensitiveAnswer, hidden_names, log_names, seals
from audits.submissions.arriving import ArrivedFile
from audits.submissions.models import (
    Attachment,
    Decryption,
    SealedAnswer,
    SealedFile,
    SealedRecord,
    SealedRefusal,
    Submission,
    SubmissionRefused,
)
from compliance.files import Files
from compliance.identity.scope import Scope
from compliance.sealing import (
    DataKey,
    Keyring,
    data_key,
    new_data_key,
    opaque_name,
    seal,
    seal_file,
    sealed_each,
    unseal,
    unsealed_pieces,
)

# Of the tables themselves: a visit has hundreds of answers, and no object is needed.
ADD_RECORD = insert(cast(Table, SealedRecord.__table__))
ADD_ANSWERS = insert(cast(Table, SealedAnswer.__table__))
ADD_REFUSAL = insert(cast(Table, SealedRefusal.__table__))
ADD_FILE = insert(cast(Table, SealedFile.__table__))
RECORD = select(SealedRecord.key_id, SealedRecord.sealed).where(
    SealedRecord.submission_id == bindparam("submission_id")
)


@dataclass(frozen=True)
class Names:
    """How the files of a record are called outside of it.

    A file that answers a question about a person may be named for that person.
    """

    hidden: frozenset[str] = frozenset()
    logs: frozenset[str] = frozenset()
    hides_all: bool = False
    key: DataKey | None = None

    def is_sensitive(self, name: str) -> bool:
        return self.hides_all or name in self.hidden or name in self.logs

    def stored(self, name: str) -> str:
        """Return the name a file is kept under."""
        if self.key is None or not (self.hides_all or name in self.hidden):
            return name
        return opaque_name(self.key.secret, name)


def names_of(
    schema: FormSchema, instance: Instance | None, key: DataKey | None
) -> Names:
    """Return the names of a record; without an instance it could not be read."""
    if key is None or not (seals(schema) or (instance and instance.is_encrypted)):
        return Names()
    if instance is None or instance.is_encrypted:
        return Names(hides_all=True, key=key)
    return Names(hidden_names(schema, instance), log_names(schema, instance), key=key)


def keep_record(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    submission_id: uuid.UUID,
    content: bytes,
    answers: Sequence[SensitiveAnswer],
) -> DataKey:
    """Seal the original of a submission, and each answer about a person by itself."""
    key = new_data_key(session, keyring, scope.organisation_id)
    session.execute(
        ADD_RECORD,
        {
            "submission_id": submission_id,
            "owner_id": scope.organisation_id,
            "key_id": key.id,
            "sealed": seal(key.secret, content, _record_place(submission_id)),
        },
    )
    keep_answers(session, scope, key, submission_id, answers)
    return key


def keep_answers(
    session: Session,
    scope: Scope,
    key: DataKey,
    submission_id: uuid.UUID,
    answers: Sequence[SensitiveAnswer],
) -> None:
    """Seal each answer about a person by itself, for its very place."""
    sealed = sealed_each(
        key.secret,
        (
            (one.text.encode(), answer_place(submission_id, one.path, one.entry))
            for one in answers
        ),
    )
    rows = [
        {
            "submission_id": submission_id,
            "path": one.path,
            "entry": one.entry,
            "owner_id": scope.organisation_id,
            "kind": one.kind,
            "sealed": content,
        }
        for one, content in zip(answers, sealed, strict=True)
    ]
    if rows:
        session.execute(ADD_ANSWERS, rows)


def keep_refusal(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    refused_id: uuid.UUID,
    content: bytes,
) -> None:
    """Seal the original of refused answers."""
    key = new_data_key(session, keyring, scope.organisation_id)
    session.execute(
        ADD_REFUSAL,
        {
            "refused_id": refused_id,
            "owner_id": scope.organisation_id,
            "key_id": key.id,
            "sealed": seal(key.secret, content, _refusal_place(refused_id)),
        },
    )


def key_of(
    session: Session, keyring: Keyring, submission_id: uuid.UUID
) -> DataKey | None:
    """Return the key of a submission that names people, None of any other."""
    row = session.execute(RECORD, {"submission_id": submission_id}).one_or_none()
    return None if row is None else data_key(session, keyring, row.key_id)


def original_of(session: Session, keyring: Keyring, submission_id: uuid.UUID) -> bytes:
    """Return the exact bytes of a submission, for deriving from them and no more.

    Of one that came encrypted and was opened, these are what was in the envelope.
    """
    row = session.execute(RECORD, {"submission_id": submission_id}).one_or_none()
    if row is None:
        return session.execute(
            select(Submission.content).where(Submission.id == submission_id)
        ).scalar_one()
    key = data_key(session, keyring, row.key_id)
    inside = session.scalar(
        select(Decryption.sealed).where(Decryption.submission_id == submission_id)
    )
    if inside is not None:
        return unseal(key.secret, inside, decrypted_place(submission_id))
    return unseal(key.secret, row.sealed, _record_place(submission_id))


def refused_original_of(
    session: Session, keyring: Keyring, refused_id: uuid.UUID
) -> bytes:
    """Return the exact bytes of refused answers."""
    row = session.execute(
        select(SealedRefusal.key_id, SealedRefusal.sealed).where(
            SealedRefusal.refused_id == refused_id
        )
    ).one_or_none()
    if row is not None:
        key = data_key(session, keyring, row.key_id)
        return unseal(key.secret, row.sealed, _refusal_place(refused_id))
    return session.execute(
        select(SubmissionRefused.content).where(SubmissionRefused.id == refused_id)
    ).scalar_one()


def file_key(
    session: Session, scope: Scope, keyring: Keyring, submission_id: uuid.UUID
) -> DataKey:
    """Return the key that files of a submission are sealed under."""
    known = key_of(session, keyring, submission_id)
    return known or new_data_key(session, keyring, scope.organisation_id)


def sealed_on_disk(files: Files, key: DataKey, arrived: ArrivedFile) -> str:
    """Put a file into the store, sealed, and remove it as it came; return its place."""
    with NamedTemporaryFile(dir=files.incoming(), delete=False) as target:
        digest = seal_file(
            key.secret, arrived.path, target.file, _file_place(key.id, arrived.sha256)
        )
    files.take(files.incoming() / target.name, digest)
    arrived.path.unlink(missing_ok=True)
    return digest


def note_file(
    session: Session,
    scope: Scope,
    attachment_id: uuid.UUID,
    key_id: uuid.UUID,
    file_sha256: str,
    *,
    is_sensitive: bool,
) -> None:
    session.execute(
        ADD_FILE,
        {
            "attachment_id": attachment_id,
            "owner_id": scope.organisation_id,
            "key_id": key_id,
            "file_sha256": file_sha256,
            "is_sensitive": is_sensitive,
        },
    )


def file_pieces(
    session: Session, keyring: Keyring, files: Files, attachment_id: uuid.UUID
) -> Iterator[bytes]:
    """Yield the original of an attachment piece by piece, wherever it lies."""
    row = session.execute(
        select(Attachment.sha256, SealedFile.key_id, SealedFile.file_sha256)
        .outerjoin(SealedFile, SealedFile.attachment_id == Attachment.id)
        .where(Attachment.id == attachment_id)
    ).one()
    if row.file_sha256 is None:
        return iter([files.read(row.sha256.hex())])
    key = data_key(session, keyring, row.key_id)
    place = _file_place(key.id, row.sha256.hex())
    return unsealed_pieces(key.secret, files.path(row.file_sha256), place)


def answer_place(submission_id: uuid.UUID, path: str, entry: str) -> str:
    """Return what a sealed answer is bound to; the vault opens it with the same."""
    return f"answer\n{submission_id}\n{path}\n{entry}"


def decrypted_place(submission_id: uuid.UUID) -> str:
    return f"decrypted\n{submission_id}"


def _record_place(submission_id: uuid.UUID) -> str:
    return f"record\n{submission_id}"


def _refusal_place(refused_id: uuid.UUID) -> str:
    return f"refusal\n{refused_id}"


def _file_place(key_id: uuid.UUID, sha256: str) -> str:
    return f"file\n{key_id}\n{sha256}"
