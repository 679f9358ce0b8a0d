"""The tables of findings and of every step they took.

They cannot hold a person: no free text, no key of a roster member, no count of people.
What people write about a finding is sealed, in tables of its own.
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
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId

NOT_WITHDRAWN = text("state <> 'withdrawn'")
IS_CURRENT = text("is_current")
UNACKNOWLEDGED = text("acknowledged_at IS NULL AND acknowledge_by IS NOT NULL")


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
        # What waits, by when it is due: counted and begun without the rows themselves.
        Index(
            "ix_finding_waiting",
            "owner_id",
            "state",
            "due_on",
            "id",
            "severity",
            "plan_agreed_on",
            "open_actions",
            "verified_actions",
        ),
        Index(
            "ix_finding_unacknowledged",
            "owner_id",
            "acknowledge_by",
            "id",
            "state",
            sqlite_where=UNACKNOWLEDGED,
            postgresql_where=UNACKNOWLEDGED,
        ),
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
    # How sure it is; of other topics than child and forced labour nothing.
    standing: Mapped[str | None] = mapped_column(String(20))
    is_forced_labour: Mapped[bool] = mapped_column(server_default=false())
    late_because: Mapped[str | None] = mapped_column(String(20))
    # How often it came back after it was closed, and its corrective actions since.
    came_back: Mapped[int] = mapped_column(server_default="0")
    open_actions: Mapped[int] = mapped_column(server_default="0")
    verified_actions: Mapped[int] = mapped_column(server_default="0")


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


class FindingStatement(Base):
    """What somebody wrote about one step, sealed; rows are only ever added."""

    __tablename__ = "finding_statement"
    __table_args__ = (UniqueConstraint("finding_id", "ordinal"),)

    id: Mapped[Key]
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"))
    ordinal: Mapped[int]
    owner_id: Mapped[Owner]
    key_id: Mapped[uuid.UUID]
    sealed: Mapped[bytes]


class Confirmation(Base):
    """On what a person confirmed a finding; a body's file number is sealed."""

    __tablename__ = "confirmation"
    __table_args__ = (
        UniqueConstraint("finding_id", "ordinal"),
        CheckConstraint(
            "(basis = 'competent_body') = (body IS NOT NULL)", name="body_is_named"
        ),
    )

    id: Mapped[Key]
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"))
    ordinal: Mapped[int]
    owner_id: Mapped[Owner]
    basis: Mapped[str] = mapped_column(String(30))
    body: Mapped[str | None] = mapped_column(String(40))
    stated_on: Mapped[date | None]
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    key_id: Mapped[uuid.UUID | None]
    sealed: Mapped[bytes | None]
    confirmed_at: Mapped[datetime]


class CaseMark(Base):
    """The random reference of a case, apart from what the site's operator can see."""

    __tablename__ = "case_mark"
    __table_args__ = (
        Index(
            "uq_case_mark_finding_id",
            "finding_id",
            unique=True,
            sqlite_where=IS_CURRENT,
            postgresql_where=IS_CURRENT,
        ),
        UniqueConstraint("reference"),
    )

    id: Mapped[Key]
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"))
    owner_id: Mapped[Owner]
    reference: Mapped[str] = mapped_column(String(40))
    word: Mapped[str] = mapped_column(String(30))
    noted_at: Mapped[datetime]
    is_current: Mapped[bool]
