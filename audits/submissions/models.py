"""The tables of what came from the field; all but the faults are only ever added to."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId

INSTANCE_ID_CHARACTERS = 255
DEVICE_ID_CHARACTERS = 200


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

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), index=True
    )
    stage: Mapped[str] = mapped_column(String(20))
    fault: Mapped[str] = mapped_column(String(100))
    noted_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
