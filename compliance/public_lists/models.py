"""The tables of public lists: lists, their editions as they came, and who is on them.

An edition and its entries are evidence: never changed, never deleted. A natural person
on a list has no name here and no number, only a keyed digest of one.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId


class Category(StrEnum):
    """What a list is; all but the first name companies."""

    GOODS = "goods"
    IMPORT_BAN = "import_ban"
    EMPLOYER_REGISTER = "employer_register"
    AUTHORITY_DECISION = "authority_decision"
    OWN_LIST = "own_list"


class SubjectKind(StrEnum):
    """What of the register may be on a list."""

    SITE = "site"
    ORGANISATION = "organisation"
    BROKER = "broker"


class PublicList(Base):
    """A list that somebody publishes, as one organisation goes by it."""

    __tablename__ = "public_list"
    __table_args__ = (
        UniqueConstraint("owner_id", "code"),
        CheckConstraint(
            "category IN ('goods', 'import_ban', 'employer_register',"
            " 'authority_decision', 'own_list')",
            name="category_known",
        ),
        Index("ix_public_list_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    publisher: Mapped[str] = mapped_column(String(200))
    added_by: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime]


class ListEdition(Base):
    """One edition: the day somebody said it is of, where it came from, its bytes' hash."""

    __tablename__ = "public_list_edition"
    __table_args__ = (
        UniqueConstraint("list_id", "edition_on"),
        Index("ix_public_list_edition_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("public_list.id"))
    edition_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(500))
    licence: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    file_bytes: Mapped[int]
    # A file that names people is not kept; its hash tells which it was.
    is_file_kept: Mapped[bool]
    entries: Mapped[int]
    people: Mapped[int]
    received_by: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime]


class ListEntry(Base):
    """A line of an edition. What is not told to be listed is unknown, never free of it.

    `entry_key` is whom or what it is about, the same in every edition; `fingerprint`
    changes with anything that is said of it.
    """

    __tablename__ = "public_list_entry"
    __table_args__ = (
        UniqueConstraint("edition_id", "entry_key"),
        CheckConstraint("NOT is_person OR name IS NULL", name="people_are_unnamed"),
        Index("ix_public_list_entry_edition_id_id", "edition_id", "id"),
        Index(
            "ix_public_list_entry_owner_id_country_commodity",
            "owner_id",
            "country",
            "commodity",
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("public_list_edition.id"))
    row: Mapped[int]
    entry_key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    is_person: Mapped[bool]
    name: Mapped[str | None] = mapped_column(String(300))
    country: Mapped[str | None] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(200))
    good: Mapped[str | None] = mapped_column(String(200))
    commodity: Mapped[str | None] = mapped_column(String(20))
    child_labour: Mapped[bool]
    forced_labour: Mapped[bool]
    forced_child_labour: Mapped[bool]
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


class ListNumber(Base):
    """A number of an entry: as it is, or of a person the keyed digest of it alone."""

    __tablename__ = "public_list_number"
    __table_args__ = (
        UniqueConstraint("entry_id", "scheme"),
        CheckConstraint("(value IS NULL) <> (digest IS NULL)", name="one_way"),
    )

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("public_list_entry.id"))
    scheme: Mapped[str] = mapped_column(String(30))
    value: Mapped[str | None] = mapped_column(String(100))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class ListKey(Base):
    """Which data key of an organisation digests the numbers of people on its lists."""

    __tablename__ = "public_list_key"

    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    key_id: Mapped[uuid.UUID]
    made_at: Mapped[datetime]


class ListLook(Base):
    """What of an organisation was last compared with its lists, as a digest."""

    __tablename__ = "public_list_look"

    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    seen: Mapped[str] = mapped_column(String(64))
    looked_at: Mapped[datetime]


class ListMatch(Base):
    """An entry that may be somebody of the register, until a person says whether it is.

    `version` counts what became of it; `left_on` is the day of the edition that no
    longer has the entry, or the last on which the entry itself says that it holds.
    """

    __tablename__ = "list_match"
    __table_args__ = (
        UniqueConstraint("list_id", "entry_key", "subject"),
        CheckConstraint(
            "(site_id IS NOT NULL AND company_id IS NULL AND broker_id IS NULL)"
            " OR (site_id IS NULL AND company_id IS NOT NULL"
            " AND broker_id IS NULL) OR (site_id IS NULL AND company_id IS NULL"
            " AND broker_id IS NOT NULL)",
            name="one_subject",
        ),
        CheckConstraint(
            "state IN ('proposed', 'same', 'not_same', 'watch', 'gone')",
            name="state_known",
        ),
        Index("ix_list_match_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("public_list.id"))
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("public_list_entry.id"))
    entry_key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(40))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    company_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    broker_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("broker.id"), index=True
    )
    score: Mapped[int]
    evidence: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    left_on: Mapped[date | None]
    proposed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]


class MatchStep(Base):
    """One thing that became of a match; what was written about it is sealed."""

    __tablename__ = "list_match_step"
    __table_args__ = (
        UniqueConstraint("match_id", "ordinal"),
        CheckConstraint("(key_id IS NULL) = (sealed IS NULL)", name="sealed_whole"),
    )

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_match.id"))
    ordinal: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(30))
    key_id: Mapped[uuid.UUID | None]
    sealed: Mapped[bytes | None]
    actor: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime]
