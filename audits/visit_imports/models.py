"""The tables of visits imported from elsewhere: the file, and what became of each row."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId


class VisitImport(Base):
    """An export somebody uploaded; the file is sealed and forgotten at the end."""

    __tablename__ = "visit_import"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    checklist_version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("checklist_version.id")
    )
    format: Mapped[str] = mapped_column(String(20))
    is_dry_run: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    key_id: Mapped[uuid.UUID]
    file_sha256: Mapped[str] = mapped_column(String(64))
    sealed_sha256: Mapped[str] = mapped_column(String(64))
    file_bytes: Mapped[int]
    rows_found: Mapped[int | None]
    rows_done: Mapped[int]
    # JSON as text.
    notices: Mapped[str] = mapped_column(Text)
    problem: Mapped[str | None] = mapped_column(Text)
    job: Mapped[str | None] = mapped_column(String(40))
    started_by: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class VisitImportRow(Base):
    """A visit of the file: taken in, known already, or what cannot be read in it."""

    __tablename__ = "visit_import_row"

    import_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("visit_import.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[Owner]
    state: Mapped[str] = mapped_column(String(10))
    instance_id: Mapped[str | None] = mapped_column(String(255))
    submission: Mapped[str | None] = mapped_column(String(40))
    # JSON as text: columns, messages and remedies, never what was answered.
    notes: Mapped[str] = mapped_column(Text)
