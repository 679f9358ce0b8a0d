"""The table of data keys: each wrapped, each for the sealed parts of one record."""

import uuid

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key


class SealedKey(Base):
    """A data key under a wrapping key; without this row nothing under it opens again."""

    __tablename__ = "sealed_key"

    id: Mapped[Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    wrapping_key_id: Mapped[str] = mapped_column(String(40), index=True)
    wrapped: Mapped[bytes]
