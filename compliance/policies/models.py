"""The tables of programmes, and of what was decided otherwise than what ships."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId
from compliance.policies.dated import SOURCE_CHARACTERS

PROGRAMME_NAME_CHARACTERS = 200


class Programme(Base):
    """A standard or a buyer's programme that an organisation's audits are made for."""

    __tablename__ = "programme"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        Index("ix_programme_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(PROGRAMME_NAME_CHARACTERS))
    named_by: Mapped[str] = mapped_column(String(40))
    named_at: Mapped[datetime]


class PolicyEntry(Base):
    """What an organisation, or one of its programmes, goes by from a day on.

    Rows are only ever added; of two with one first day the later decision holds.
    """

    __tablename__ = "policy_entry"
    __table_args__ = (Index("ix_policy_entry_owner_id_policy", "owner_id", "policy"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    programme_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("programme.id"), index=True
    )
    policy: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(SOURCE_CHARACTERS))
    document: Mapped[str]  # the whole entry as JSON
    decided_by: Mapped[str] = mapped_column(String(40))
    decided_at: Mapped[datetime]
