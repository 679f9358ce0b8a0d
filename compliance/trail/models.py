"""The tables of the trail: each organisation's entries, and the head of its chain."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key


class TrailHead(Base):
    """Where an organisation's chain ends; the next entry locks and moves it."""

    __tablename__ = "trail_head"

    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    sequence: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


class TrailEntry(Base):
    """One thing done: the bytes that are hashed, and what they are found by."""

    __tablename__ = "trail"
    __table_args__ = (
        UniqueConstraint("organisation_id", "sequence"),
        Index(None, "organisation_id", "actor"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    sequence: Mapped[int]
    actor: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[str] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    leaf: Mapped[bytes]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
