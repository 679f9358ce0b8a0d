"""The tables of background work: jobs, and the schedules that make them.

A job is a row beside the change that asks for it, committed with it or not at all.
"""

import uuid
from datetime import datetime

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

READY = text("state = 'ready'")
RUNNING = text("state = 'running'")
IS_CHILD = text("parent IS NOT NULL")
FAILED = text("state = 'failed'")


class Job(Base):
    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("dedup_key"),
        CheckConstraint(
            "state IN ('ready', 'running', 'done', 'failed')", name="state_known"
        ),
        CheckConstraint(
            "(state = 'running') = (lease_token IS NOT NULL)", name="running_is_leased"
        ),
        CheckConstraint(
            "(lease_token IS NULL) = (lease_until IS NULL)", name="lease_is_whole"
        ),
        CheckConstraint(
            "(state IN ('done', 'failed')) = (finished_at IS NOT NULL)",
            name="final_is_finished",
        ),
        CheckConstraint(
            "state <> 'failed' OR error IS NOT NULL", name="failed_has_a_reason"
        ),
        # Small, however many jobs are done: what can be claimed, and what can be lost.
        Index(
            "ix_job_ready",
            text("priority DESC"),
            "run_at",
            "id",
            sqlite_where=READY,
            postgresql_where=READY,
        ),
        Index(
            "ix_job_running",
            "lease_until",
            sqlite_where=RUNNING,
            postgresql_where=RUNNING,
        ),
        Index(
            "ix_job_parent", "parent", sqlite_where=IS_CHILD, postgresql_where=IS_CHILD
        ),
        Index("ix_job_organisation_id_id", "organisation_id", "id"),
        Index(
            "ix_job_failed",
            "organisation_id",
            "finished_at",
            "id",
            sqlite_where=FAILED,
            postgresql_where=FAILED,
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    # None: work of the product itself, which no organisation sees.
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organisation.id")
    )
    queue: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[str]
    dedup_key: Mapped[str | None] = mapped_column(String(300))
    parent: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    priority: Mapped[int]
    run_at: Mapped[datetime]
    attempts: Mapped[int]
    most_attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[uuid.UUID | None]
    progress_done: Mapped[int | None]
    progress_total: Mapped[int | None]
    # Why the last attempt failed: a text of the catalogue and its facts, as JSON.
    error: Mapped[str | None]
    result: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Schedule(Base):
    """A clock of the product: it makes a job at every tick."""

    __tablename__ = "schedule"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("every_seconds > 0", name="goes_forward"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organisation.id")
    )
    arguments: Mapped[str]
    every_seconds: Mapped[int]
    next_at: Mapped[datetime]
