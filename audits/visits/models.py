"""The tables of audits: one visit to one site, its circumstances, and its team."""

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

from compliance.database import Base, Key, Owner, PublicId

NOT_VOIDED = text("status <> 'voided'")


class AuditKind(StrEnum):
    FARM_VISIT = "farm_visit"
    MILL_AUDIT = "mill_audit"
    SELF_ASSESSMENT = "self_assessment"


class Purpose(StrEnum):
    """What a visit is for, whatever kind of site it goes to."""

    UNSTATED = "unstated"
    INITIAL = "initial"
    FULL = "full"
    FOLLOW_UP = "follow_up"
    SPOT_CHECK = "spot_check"
    INVESTIGATION = "investigation"


class TeamRole(StrEnum):
    """What somebody does on a visit."""

    LEAD = "lead"
    AUDITOR = "auditor"
    INTERVIEWER = "interviewer"
    INTERPRETER = "interpreter"
    OBSERVER = "observer"


class VoidReason(StrEnum):
    """Why an audit does not count; a code, so that it can name nobody."""

    CALLED_OFF = "called_off"
    NOT_LET_IN = "not_let_in"
    NOBODY_THERE = "nobody_there"
    UNSAFE = "unsafe"
    ENTERED_TWICE = "entered_twice"
    ANOTHER_SITE = "another_site"
    NOT_INDEPENDENT = "not_independent"
    TEST_DATA = "test_data"


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
        CheckConstraint("women >= 0 AND men >= 0", name="team_mix"),
        Index("ix_audit_owner_id_season_id", "owner_id", "season", "id"),
        Index(
            "ix_audit_waiting",
            "owner_id",
            "status",
            "fieldwork_to",
            "id",
            "fieldwork_from",
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20), server_default=Purpose.UNSTATED)
    programme: Mapped[str | None] = mapped_column(String(40))
    notice: Mapped[str] = mapped_column(String(20))
    payer: Mapped[str | None] = mapped_column(String(40))
    season: Mapped[str | None] = mapped_column(String(20))
    fieldwork_from: Mapped[date]
    fieldwork_to: Mapped[date]
    planned_minutes: Mapped[int | None]
    spent_minutes: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20))
    observed_at: Mapped[datetime | None]
    # How many of the team are women and men: numbers, and no names.
    women: Mapped[int | None]
    men: Mapped[int | None]
    # Who has it in review: the person, or the key of a program.
    reviewer: Mapped[str | None] = mapped_column(String(40), index=True)
    review_began_at: Mapped[datetime | None]
    finalised_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime]


class TeamMember(Base):
    """Somebody of the organisation's own people, or a device, who goes along."""

    __tablename__ = "audit_member"
    __table_args__ = (
        UniqueConstraint("audit_id", "person_id"),
        UniqueConstraint("audit_id", "device_id"),
        CheckConstraint(
            "(person_id IS NULL) <> (device_id IS NULL)", name="person_or_device"
        ),
    )

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    audit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit.id"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("person.id"), index=True
    )
    device_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("device.id"), index=True
    )
    role: Mapped[str] = mapped_column(String(20))
    # Codes of ISO 639 with a space between two.
    languages: Mapped[str] = mapped_column(String(60))
    attended: Mapped[bool | None]
