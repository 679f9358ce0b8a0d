"""The tables of editions and of their publications; rows are only ever added."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key

EDITION_CHARACTERS = 20


class RuleEdition(Base):
    """One edition: what it is called, the hash of its files, and where they are kept.

    The book is everybody's: an edition belongs to no organisation.
    """

    __tablename__ = "rule_edition"

    id: Mapped[Key]
    edition: Mapped[str] = mapped_column(String(EDITION_CHARACTERS), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    archive_sha256: Mapped[str] = mapped_column(String(64))
    rules: Mapped[int]
    legal_values: Mapped[int]
    facts: Mapped[int]
    valid_until: Mapped[date | None]
    kept_at: Mapped[datetime]
    kept_by: Mapped[str] = mapped_column(String(40))


class EditionPublication(Base):
    """An edition came into force; of all publications the one with the last ordinal holds."""

    __tablename__ = "edition_publication"

    id: Mapped[Key]
    # Two at once meet here, and the second one is numbered after the first.
    ordinal: Mapped[int] = mapped_column(unique=True)
    edition_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("rule_edition.id"), index=True
    )
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(40))
