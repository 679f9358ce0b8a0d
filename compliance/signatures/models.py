"""The issuer's public keys, for whoever checks a card; private halves are never here."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base


class IssuerKey(Base):
    """A key that has signed cards: its public half, and the certificates it came with."""

    __tablename__ = "issuer_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_jwk: Mapped[str] = mapped_column(Text)
    certificates: Mapped[str] = mapped_column(Text)
    is_test: Mapped[bool]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
