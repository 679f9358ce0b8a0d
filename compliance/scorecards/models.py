"""The tables of scorecards: what was issued, its papers, what became of it."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId
from compliance.signatures.models import IssuerKey

SUSPENDED = text("status = 'suspended'")


class Scorecard(Base):
    """One issued card: its canonical JSON, for good."""

    __tablename__ = "scorecard"
    __table_args__ = (
        UniqueConstraint("site_id", "version"),
        Index("ix_scorecard_owner_id_id", "owner_id", "id"),
        Index("ix_scorecard_ending", "owner_id", "valid_until", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    version: Mapped[int]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    content: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))
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
        Index(
            "ix_scorecard_status_suspended",
            "scorecard_id",
            "ordinal",
            sqlite_where=SUSPENDED,
            postgresql_where=SUSPENDED,
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


class ScorecardPaper(Base):
    """The PDF of a card in one language, as it was signed; the bytes are a file.

    Those from before cards were signed have no key.
    """

    __tablename__ = "scorecard_paper"

    scorecard_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("scorecard.id"), primary_key=True
    )
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    kid: Mapped[str | None] = mapped_column(ForeignKey(IssuerKey.kid))


class ScorecardCredential(Base):
    """The card as a verifiable credential, signed (VC-JOSE-COSE)."""

    __tablename__ = "scorecard_credential"

    scorecard_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("scorecard.id"), primary_key=True
    )
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    kid: Mapped[str] = mapped_column(ForeignKey(IssuerKey.kid), index=True)


class ScorecardListing(Base):
    """The bit of a card in the status lists: its place was drawn, so it tells nothing."""

    __tablename__ = "scorecard_listing"
    __table_args__ = (UniqueConstraint("list_number", "place"),)

    scorecard_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("scorecard.id"), primary_key=True
    )
    list_number: Mapped[int]
    place: Mapped[int]
