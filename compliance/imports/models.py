"""The tables of imports: the list, its rows as read, what became of them, its columns."""

import uuid
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId


class SiteImport(Base):
    """A list that somebody uploaded, and how far it has come. JSON stands as text."""

    __tablename__ = "site_import"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    state: Mapped[str] = mapped_column(String(10))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(255))
    file_bytes: Mapped[int]
    format: Mapped[str | None] = mapped_column(String(10))
    encoding: Mapped[str | None] = mapped_column(String(20))
    sheet: Mapped[str | None] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10))
    commodity: Mapped[str] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    headings: Mapped[str] = mapped_column(Text)
    layout_sha256: Mapped[str | None] = mapped_column(String(64))
    columns: Mapped[str] = mapped_column(Text)
    columns_source: Mapped[str | None] = mapped_column(String(12))
    noticed: Mapped[str] = mapped_column(Text)
    problem: Mapped[str | None] = mapped_column(Text)
    job: Mapped[str | None] = mapped_column(String(40))
    counts: Mapped[str] = mapped_column(Text)
    manifest_sha256: Mapped[str | None] = mapped_column(String(64))
    started_by: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(40))
    applied_at: Mapped[datetime | None]


class SiteImportRow(Base):
    """A row as it was read, with what it was found to be and what somebody decided."""

    __tablename__ = "site_import_row"
    __table_args__ = (
        Index(
            "ix_site_import_row_import_id_state_number", "import_id", "state", "number"
        ),
    )

    import_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("site_import.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[str] = mapped_column(String(10))
    is_warned: Mapped[bool]
    best_score: Mapped[int | None]
    cells: Mapped[str] = mapped_column(Text)
    # "values" is a word of SQL.
    found: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text)
    candidates: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    occurrence: Mapped[int]
    choice: Mapped[str | None] = mapped_column(String(10))
    chosen_site: Mapped[str | None] = mapped_column(String(40))
    chosen_row: Mapped[int | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))


class SiteOrigin(Base):
    """Which row of which import made a site, met one that was there, or was left out.

    By `fingerprint` and `occurrence`, the how-manieth row of a list that says the same,
    the same rows are known again whenever and in whatever format they come.
    """

    __tablename__ = "site_origin"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        ForeignKeyConstraint(["import_id"], ["site_import.id"]),
        Index("ix_site_origin_owner_id_fingerprint", "owner_id", "fingerprint"),
    )

    id: Mapped[Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    import_id: Mapped[uuid.UUID]
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    occurrence: Mapped[int]


class ImportColumns(Base):
    """What the columns of a layout mean to an organisation: mapped once, remembered."""

    __tablename__ = "import_columns"
    __table_args__ = (UniqueConstraint("owner_id", "layout_sha256"),)

    id: Mapped[Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    layout_sha256: Mapped[str] = mapped_column(String(64))
    columns: Mapped[str] = mapped_column(Text)
    remembered_by: Mapped[str] = mapped_column(String(40))
    remembered_at: Mapped[datetime]
