"""The tables of clocks: what is owed by when, and what was fired for it, once each."""

import uuid
from datetime import datetime
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

from compliance.database import Base, Key, Owner

RUNS = text("next_at IS NOT NULL")
NOT_STOPPED = text("stopped_at IS NULL")


class ClockKind(StrEnum):
    """What is owed."""

    ACKNOWLEDGE = "acknowledge"
    REFERRAL = "referral"
    PLAN = "plan"
    CORRECTION = "correction"
    EXTENSION_ANSWER = "extension_answer"
    REPLY = "reply"
    VERIFICATION = "verification"
    REMEDY = "remedy"
    COMMITMENT = "commitment"
    QUALIFICATION = "qualification"
    FIELDWORK = "fieldwork"
    LIST_MATCH = "list_match"
    EXCLUSION = "exclusion"


class ClockEvent(StrEnum):
    """What a clock tells: soon, in the last hours, over, and still not done."""

    DUE_SOON = "due_soon"
    DUE = "due"
    LATE = "late"
    ESCALATED = "escalated"


class LateBecause(StrEnum):
    """Why a clock was over before anybody here could know of it."""

    NO_SIGNAL = "no_signal"
    STARTED_LATE = "started_late"


class Clock(Base):
    """Something owed of a subject (its public id); one row for each kind of it."""

    __tablename__ = "clock"
    __table_args__ = (
        UniqueConstraint("subject", "kind"),
        CheckConstraint(
            "stopped_at IS NULL OR next_at IS NULL", name="stopped_is_still"
        ),
        CheckConstraint("round >= 1", name="round_counts"),
        Index("ix_clock_next_at", "next_at", sqlite_where=RUNS, postgresql_where=RUNS),
        Index(
            "ix_clock_running",
            "owner_id",
            "kind",
            "due_at",
            "subject",
            sqlite_where=NOT_STOPPED,
            postgresql_where=NOT_STOPPED,
        ),
    )

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str | None] = mapped_column(String(20))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    # When this due date was set here: nobody could know of it before.
    known_at: Mapped[datetime]
    # How often it was given a due date.
    round: Mapped[int]
    soon_at: Mapped[datetime]
    last_at: Mapped[datetime]
    escalate_at: Mapped[datetime]
    # When to look again; empty when it stands still, or has nothing more to tell.
    next_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]


class ClockFired(Base):
    """One event of a clock for one due date; rows are only ever added."""

    __tablename__ = "clock_event"
    __table_args__ = (UniqueConstraint("clock_id", "due_at", "event"),)

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    clock_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clock.id"))
    event: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime]
    because: Mapped[str | None] = mapped_column(String(20))
    fired_at: Mapped[datetime]
