"""The tables of integrity: profiles, sketches and their bands, signals, flags.

All of it is derived and can be derived again from the submissions and their files.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId


class SketchKey(Base):
    """Under which data key an organisation's sketches of text are made."""

    __tablename__ = "sketch_key"

    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    # No foreign key: destroying the key is how the sketches are made useless.
    key_id: Mapped[uuid.UUID]
    made_at: Mapped[datetime]


class VisitProfile(Base):
    """What is kept of a visit for its signals: numbers and codes."""

    __tablename__ = "visit_profile"
    __table_args__ = (
        Index("ix_visit_profile_owner_id_alike", "owner_id", "alike", "observed_at"),
        Index("ix_visit_profile_checklist_id", "checklist_id", "observed_at"),
        Index("ix_visit_profile_site_id", "site_id", "observed_at"),
        Index("ix_visit_profile_auditor", "owner_id", "auditor", "observed_at"),
    )

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    checklist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checklist.id"))
    # The person, or the device of nobody in particular; none of a program or an import.
    auditor: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(40))
    alike: Mapped[str] = mapped_column(String(80))  # kind, commodity and country
    observed_at: Mapped[datetime]
    non_conformities: Mapped[int | None]
    document: Mapped[bytes]
    text_sketch: Mapped[bytes | None]
    formula: Mapped[int]
    derived_at: Mapped[datetime]


class TextBand(Base):
    """By what similar texts are found: equal values are likely to mean alike."""

    __tablename__ = "text_band"
    __table_args__ = (Index("ix_text_band_owner_id_value", "owner_id", "value"),)

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    value: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))


class PictureSketch(Base):
    """The perceptual hashes of a picture; none of one that is too even."""

    __tablename__ = "picture_sketch"
    __table_args__ = (Index("ix_picture_sketch_owner_id_sha256", "owner_id", "sha256"),)

    attachment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("attachment.id"), primary_key=True
    )
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), index=True
    )
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    hashes: Mapped[bytes | None]


class PictureBand(Base):
    """By what near pictures are found."""

    __tablename__ = "picture_band"
    __table_args__ = (Index("ix_picture_band_owner_id_value", "owner_id", "value"),)

    attachment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("attachment.id"), primary_key=True
    )
    value: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))


class VisitSignal(Base):
    """How one signal of a visit stands, and what it rests on; no person is in it."""

    __tablename__ = "visit_signal"
    __table_args__ = (
        UniqueConstraint("submission_id", "signal"),
        Index("ix_visit_signal_owner_id_id", "owner_id", "id"),
        Index("ix_visit_signal_owner_id_signal", "owner_id", "signal", "state", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submission.id"))
    signal: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(10))
    is_doubtful: Mapped[bool]
    measure: Mapped[str | None] = mapped_column(String(24))  # a number as JSON has it
    why: Mapped[str | None] = mapped_column(String(30))
    evidence: Mapped[bytes]
    formula: Mapped[int]
    read_at: Mapped[datetime]


class VisitFlag(Base):
    """Whether a visit is flagged for a second look, under which day's policy."""

    __tablename__ = "visit_flag"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    is_flagged: Mapped[bool]
    points: Mapped[int]
    reasons: Mapped[str]  # JSON, the names of the signals
    policy_from: Mapped[date]
    flagged_at: Mapped[datetime]
