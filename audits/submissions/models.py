"""The tables of what came from the field; all but the faults are only ever added to."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId

INSTANCE_ID_CHARACTERS = 255
DEVICE_ID_CHARACTERS = 200
NOT_CLEARED = text("cleared_at IS NULL")


class Stage(StrEnum):
    """What happens to a submission after it is stored, and may fail without losing it."""

    READING = "reading"
    FACTS = "facts"
    ASSESSMENT = "assessment"


class Submission(Base):
    """One filled checklist, byte for byte as it came."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("checklist_id", "instance_id"),
        Index("ix_submission_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    checklist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checklist.id"))
    checklist_version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("checklist_version.id"), index=True
    )
    instance_id: Mapped[str] = mapped_column(String(INSTANCE_ID_CHARACTERS))
    # A submission is edited at most once: the second editor finds the place taken.
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("submission.id"), unique=True
    )
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    # What "the same again" is judged by: of XML its bytes, of JSON its canonical form.
    meaning_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    observed_on: Mapped[date]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    device_id: Mapped[str | None] = mapped_column(String(DEVICE_ID_CHARACTERS))
    actor: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime]


class ExpectedAttachment(Base):
    """A file that the answers name; derived from them when they were received."""

    __tablename__ = "expected_attachment"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)


class Attachment(Base):
    """A file that came with a submission; the highest ordinal of a name is in force."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("submission_id", "name", "ordinal"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"))
    name: Mapped[str]
    ordinal: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    received_at: Mapped[datetime]


class SubmissionRefused(Base):
    """Answers that contradicted what was there, kept aside for a supervisor."""

    __tablename__ = "submission_refused"
    __table_args__ = (UniqueConstraint("checklist_id", "instance_id", "sha256"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    checklist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checklist.id"))
    instance_id: Mapped[str] = mapped_column(String(INSTANCE_ID_CHARACTERS))
    reason: Mapped[str] = mapped_column(String(30))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    device_id: Mapped[str | None] = mapped_column(String(DEVICE_ID_CHARACTERS))
    actor: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime]


class SealedRecord(Base):
    """The exact bytes of a submission that names people, sealed under a key of its own."""

    __tablename__ = "sealed_record"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    # No foreign key: destroying the key is how what it seals is forgotten.
    key_id: Mapped[uuid.UUID]
    sealed: Mapped[bytes]


class SealedAnswer(Base):
    """One answer about a person, sealed under its record's key for its very place."""

    __tablename__ = "sealed_answer"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("sealed_record.submission_id"), primary_key=True
    )
    path: Mapped[str] = mapped_column(primary_key=True)
    entry: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner_id: Mapped[Owner]
    kind: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bytes]


class SealedRefusal(Base):
    """The exact bytes of refused answers that name people."""

    __tablename__ = "sealed_refusal"

    refused_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission_refused.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    key_id: Mapped[uuid.UUID]
    sealed: Mapped[bytes]


class SealedFile(Base):
    """Where the original of an attachment lies, sealed; without this row it is plain."""

    __tablename__ = "sealed_file"

    attachment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("attachment.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    key_id: Mapped[uuid.UUID]
    file_sha256: Mapped[str] = mapped_column(String(64))
    # It answers a question about a person, or repeats such answers: never handed out.
    is_sensitive: Mapped[bool]


class Derivative(Base):
    """What was made of an attachment to be looked at, and what its own data betrayed."""

    __tablename__ = "derivative"

    attachment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("attachment.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(30))
    media_type: Mapped[str | None] = mapped_column(String(100))
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    # From where the visit says it was to where the picture says it was taken.
    distance_metres: Mapped[int | None]
    # From the beginning of the visit to the picture, by the device's own clock.
    minutes_after_start: Mapped[int | None]
    made_at: Mapped[datetime]


class Decryption(Base):
    """An encrypted submission that somebody with the private key has opened."""

    __tablename__ = "decryption"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    media_type: Mapped[str] = mapped_column(String(100))
    # What may be read of it, and the whole under the key of the sealed record.
    content: Mapped[bytes]
    sealed: Mapped[bytes]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    observed_on: Mapped[date]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    key_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    actor: Mapped[str] = mapped_column(String(40))
    decrypted_at: Mapped[datetime]


class Placement(Base):
    """To which audit a submission belongs; without one it waits for a supervisor."""

    __tablename__ = "placement"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    audit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit.id"), index=True)
    actor: Mapped[str] = mapped_column(String(40))
    placed_at: Mapped[datetime]


class Withdrawal(Base):
    """A submission that a supervisor took out; it may not be sent again."""

    __tablename__ = "withdrawal"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    reason: Mapped[str]
    actor: Mapped[str] = mapped_column(String(40))
    withdrawn_at: Mapped[datetime]


class FactSet(Base):
    """The facts of a submission under one vocabulary, derived from its bytes alone."""

    __tablename__ = "fact_set"
    __table_args__ = (UniqueConstraint("submission_id", "vocabulary_sha256"),)

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"))
    vocabulary_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    document: Mapped[bytes]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    # Answers that were given and could not be read, as JSON; they count as blank.
    faults: Mapped[bytes]
    derived_at: Mapped[datetime]


class IntakeFault(Base):
    """A stage that failed after a submission was stored; cleared when it succeeds."""

    __tablename__ = "intake_fault"
    __table_args__ = (
        Index(
            "ix_intake_fault_standing",
            "owner_id",
            "submission_id",
            sqlite_where=NOT_CLEARED,
            postgresql_where=NOT_CLEARED,
        ),
    )

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), index=True
    )
    stage: Mapped[str] = mapped_column(String(20))
    fault: Mapped[str] = mapped_column(String(100))
    noted_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
