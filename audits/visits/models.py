"""The table of audits: one visit to one site, and what is known of its circumstances."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId

NOT_VOIDED = text("status <> 'voided'")


class AuditKind(StrEnum):
    FARM_VISIT = "farm_visit"
    MILL_AUDIT = "mill_audit"
    SELF_ASSESSMENT = "self_assessment"


class Notice(StrEnum):
    """Whether the site knew that somebody would come."""

    ANNOUNCED = "announced"
    SEMI_ANNOUNCED = "semi_announced"
    UNANNOUNCED = "unannounced"
    UNKNOWN = "unknown"


class Audit(Base):
    """A visit. Circumstances that nobody stated stay empty or `unknown`."""

    __tablename__ = "audit"
    __table_args__ = (
        # Two first submissions of one day meet here and make one audit.
        Index(
            "uq_audit_site_id_kind_fieldwork_from",
            "site_id",
            "kind",
            "fieldwork_from",
            unique=True,
            sqlite_where=NOT_VOIDED,
            postgresql_where=NOT_VOIDED,
        ),
        CheckConstraint("fieldwork_from <= fieldwork_to", name="fieldwork_in_order"),
        CheckConstraint("planned_minutes >= 0", name="planned_minutes"),
        CheckConstraint("spent_minutes >= 0", name="spent_minutes"),
        Index("ix_audit_owner_id_season_id", "owner_id", "season", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    notice: Mapped[str] = mapped_column(String(20))
    payer: Mapped[str | None] = mapped_column(String(40))
    season: Mapped[str | None] = mapped_column(String(20))
    fieldwork_from: Mapped[date]
    fieldwork_to: Mapped[date]
    planned_minutes: Mapped[int | None]
    spent_minutes: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20))
    observed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
