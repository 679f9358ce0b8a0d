"""The tables of commitments: what a buyer or exporter promised a supplier's site.

A commitment is between organisations that share the site for a time only. So its row
keeps the names both sides knew it by when it was made, and stays readable to those that
it binds, whatever becomes of the consent.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId


class Commitment(Base):
    """A promise with one measure: an amount in minor units, basis points, or days."""

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("maker_id <> owner_id", name="two_organisations"),
        CheckConstraint(
            "(amount IS NULL) = (currency IS NULL)"
            " AND (amount IS NULL OR (basis_points IS NULL AND days IS NULL))"
            " AND (basis_points IS NULL OR days IS NULL)",
            name="one_measure",
        ),
        Index("ix_commitment_maker_id_id", "maker_id", "id"),
        Index("ix_commitment_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    maker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    maker: Mapped[str] = mapped_column(String(40))
    maker_name: Mapped[str] = mapped_column(String(200))
    # Who keeps the record of the site; who operates it may change, and reads it too.
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    keeper: Mapped[str] = mapped_column(String(40))
    keeper_name: Mapped[str] = mapped_column(String(200))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    site: Mapped[str] = mapped_column(String(40))
    site_name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    basis_points: Mapped[int | None]
    days: Mapped[int | None]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]


class CommitmentFinding(Base):
    """A finding that a commitment helps with, by the number that the card has of it."""

    __tablename__ = "commitment_finding"

    commitment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("commitment.id"), primary_key=True
    )
    finding_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("finding.id"), primary_key=True, index=True
    )
    number: Mapped[int]


class CommitmentStep(Base):
    """One step of a commitment's life; a note that somebody wrote with it is sealed."""

    __tablename__ = "commitment_step"
    __table_args__ = (UniqueConstraint("commitment_id", "ordinal"),)

    id: Mapped[Key]
    commitment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commitment.id"))
    ordinal: Mapped[int]
    step: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(10))
    proof: Mapped[str | None] = mapped_column(String(30))
    evidence_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    key_id: Mapped[uuid.UUID | None]
    sealed: Mapped[bytes | None]
    actor: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime]
