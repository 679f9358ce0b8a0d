"""The tables of corrective actions: each with its steps, extensions, texts and proofs.

The texts and proofs are sealed: a root cause written in a person's own words, a page of
a payroll, can name somebody. Beside each stands a code, which is all that lists, trails
and scorecards see.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId

ASKED = text("state = 'asked'")


class CorrectiveAction(Base):
    """What a site does about the cause of a finding, by when, and who of it."""

    __tablename__ = "corrective_action"
    __table_args__ = (
        UniqueConstraint("finding_id", "number"),
        CheckConstraint(
            "state IN ('proposed', 'agreed', 'sent_back', 'in_progress', "
            "'reported_done', 'verified', 'not_effective', 'cancelled')",
            name="state_known",
        ),
        CheckConstraint(
            "(state IN ('verified', 'cancelled')) = (ended_on IS NOT NULL)",
            name="ended_has_a_day",
        ),
        Index("ix_corrective_action_owner_id_id", "owner_id", "id"),
        Index("ix_corrective_action_site_id_id", "site_id", "id"),
        Index("ix_corrective_action_waiting", "owner_id", "state", "due_on", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"))
    number: Mapped[int]  # within the finding
    # How often the finding had come back when it was proposed.
    round: Mapped[int]
    root_cause: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(40))
    owner_role: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    first_due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20))
    proposed_at: Mapped[datetime]
    agreed_on: Mapped[date | None]
    reported_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    extended: Mapped[int]  # how often
    key_id: Mapped[uuid.UUID]


class CorrectiveActionStep(Base):
    """One step of an action's life; rows are only ever added."""

    __tablename__ = "corrective_action_step"
    __table_args__ = (UniqueConstraint("action_id", "ordinal"),)

    id: Mapped[Key]
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("corrective_action.id"))
    ordinal: Mapped[int]
    step: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    evidence_kind: Mapped[str | None] = mapped_column(String(10))
    due_on: Mapped[date | None]
    actor: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime]


class CorrectiveActionText(Base):
    """What somebody wrote at a step, sealed; rows are only ever added."""

    __tablename__ = "corrective_action_text"
    __table_args__ = (UniqueConstraint("action_id", "ordinal", "kind"),)

    id: Mapped[Key]
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("corrective_action.id"))
    ordinal: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bytes]


class Extension(Base):
    """More time that was asked for, and what was answered."""

    __tablename__ = "extension"
    __table_args__ = (
        UniqueConstraint("action_id", "ordinal"),
        CheckConstraint(
            "state IN ('asked', 'granted', 'refused', 'lapsed')", name="state_known"
        ),
        CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name="decided_once"
        ),
        Index(
            "uq_extension_action_id",
            "action_id",
            unique=True,
            sqlite_where=ASKED,
            postgresql_where=ASKED,
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("corrective_action.id"))
    ordinal: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    due_before: Mapped[date]
    until: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]


class Proof(Base):
    """A file that shows what was done, sealed as it came; rows are only ever added."""

    __tablename__ = "proof"
    __table_args__ = (UniqueConstraint("action_id", "sha256"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("corrective_action.id"))
    kind: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    file_sha256: Mapped[str] = mapped_column(String(64))
    added_by: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime]
