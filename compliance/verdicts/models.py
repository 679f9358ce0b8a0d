"""The tables of assessments and their verdicts; rows are only ever added."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key

OUTCOMES = (
    "outcome IN ('conformity', 'non_conformity', 'undetermined', 'not_applicable')"
)


class Assessment(Base):
    """One submission judged by one edition of the book.

    The audit and the submission stand above this package, so they are known by their
    ids only; whether a submission still holds is for those above to say.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("submission_id", "book_sha256"),
        Index("ix_assessment_site_id_observed_on", "site_id", "observed_on"),
    )

    id: Mapped[Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    audit_id: Mapped[uuid.UUID]
    submission_id: Mapped[uuid.UUID]
    edition: Mapped[str] = mapped_column(String(20))
    book_sha256: Mapped[str] = mapped_column(String(64))
    observed_on: Mapped[date]
    decided_at: Mapped[datetime]


class Verdict(Base):
    """What one rule said; its trace is computed again from the facts when asked for."""

    __tablename__ = "verdict"
    __table_args__ = (
        UniqueConstraint("assessment_id", "rule_id"),
        CheckConstraint(OUTCOMES, name="outcome_known"),
    )

    id: Mapped[Key]
    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"))
    place: Mapped[int]  # in the order of the book
    rule_id: Mapped[str] = mapped_column(String(100))
    topic: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(20))
    grounds: Mapped[str] = mapped_column(String(20))
    is_shadow: Mapped[bool]
    logic_hash: Mapped[str] = mapped_column(String(80))
