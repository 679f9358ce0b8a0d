"""The tables of findings and of every step they took.

Neither can hold a person: no free text, no key of a roster member, no count of people.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId

NOT_WITHDRAWN = text("state <> 'withdrawn'")


class SourceKind(StrEnum):
    """What a finding came from; it knows its source by kind and id only."""

    SUBMISSION = "submission"


class Finding(Base):
    __tablename__ = "finding"
    __table_args__ = (
        # What is broken at a site stands once, however often it is seen.
        Index(
            "uq_finding_site_id_rule_id",
            "site_id",
            "rule_id",
            unique=True,
            sqlite_where=NOT_WITHDRAWN,
            postgresql_where=NOT_WITHDRAWN,
        ),
        UniqueConstraint("site_id", "number"),
        CheckConstraint(
            "state IN ('raised', 'disputed', 'accepted', 'closed', 'withdrawn')",
            name="state_known",
        ),
        CheckConstraint(
            "(state = 'closed') = (closed_on IS NOT NULL)", name="closed_has_a_day"
        ),
        Index("ix_finding_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    number: Mapped[int]  # within the site, as the scorecard refers to it
    rule_id: Mapped[str] = mapped_column(String(100))
    topic: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    raised_at: Mapped[datetime]
    raised_by: Mapped[str] = mapped_column(String(40))
    observed_on: Mapped[date]
    observed_at: Mapped[datetime]
    last_seen_on: Mapped[date]
    due_on: Mapped[date]
    acknowledge_by: Mapped[datetime | None]
    refer_by: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    plan_agreed_on: Mapped[date | None]
    plan_due_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    source_kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(40))
    first_verdict_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("verdict.id"))
    last_verdict_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("verdict.id"))


class FindingStep(Base):
    """One step of a finding's life; rows are only ever added."""

    __tablename__ = "finding_step"
    __table_args__ = (UniqueConstraint("finding_id", "ordinal"),)

    id: Mapped[Key]
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"))
    ordinal: Mapped[int]
    step: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    evidence_kind: Mapped[str | None] = mapped_column(String(10))
    due_on: Mapped[date | None]
    source: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime]
