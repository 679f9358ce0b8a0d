"""The tables of assignments: one site, one auditor or device, some checklists, one day."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId

NOTE_CHARACTERS = 500


class Assignment(Base):
    """A visit that somebody shall make. Whether it was made, the submissions tell."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (device_id IS NULL)", name="to_one"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_whole"
        ),
        Index("ix_assignment_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("person.id"), index=True
    )
    device_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("device.id"), index=True
    )
    due_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(String(NOTE_CHARACTERS))
    assigned_by: Mapped[str] = mapped_column(String(40))
    assigned_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))


class AssignedChecklist(Base):
    """A checklist that an assignment asks for."""

    __tablename__ = "assignment_checklist"

    assignment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("assignment.id"), primary_key=True
    )
    checklist_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("checklist.id"), primary_key=True, index=True
    )
    owner_id: Mapped[Owner]
