"""The tables of scorecards: what was issued, what became of it, what is in force."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId


class Scorecard(Base):
    """One issued card: its canonical JSON and the digests of its PDFs, for good."""

    __tablename__ = "scorecard"
    __table_args__ = (
        UniqueConstraint("site_id", "version"),
        Index("ix_scorecard_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    version: Mapped[int]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    content: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))
    pdf_en_sha256: Mapped[str] = mapped_column(String(64))
    pdf_es_sha256: Mapped[str] = mapped_column(String(64))
    letter: Mapped[str | None] = mapped_column(String(1))
    score: Mapped[int | None]
    issued_at: Mapped[datetime]
    valid_until: Mapped[date]


class ScorecardStatus(Base):
    """One change of what a card is worth; rows are only ever added."""

    __tablename__ = "scorecard_status"
    __table_args__ = (
        UniqueConstraint("scorecard_id", "ordinal"),
        CheckConstraint(
            "status IN ('issued', 'suspended', 'superseded', 'revoked')",
            name="status_known",
        ),
    )

    id: Mapped[Key]
    scorecard_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scorecard.id"))
    ordinal: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime]


class ScorecardInForce(Base):
    """The card that speaks for a site; the primary key allows one to a site."""

    __tablename__ = "scorecard_in_force"

    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    scorecard_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("scorecard.id"), unique=True
    )
