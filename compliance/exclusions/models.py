"""The table of exclusions: what a match calls for, and what a second person decided."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId


class Exclusion(Base):
    """A proposal to suspend the card of a site, or to lift that; decided once.

    `occasion` is what it was proposed for: the same is not proposed twice.
    """

    __tablename__ = "exclusion"
    __table_args__ = (
        UniqueConstraint("match_id", "site_id", "occasion"),
        CheckConstraint("effect IN ('suspend', 'lift')", name="effect_known"),
        CheckConstraint(
            "state IN ('proposed', 'accepted', 'declined', 'withdrawn')",
            name="state_known",
        ),
        CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided_whole",
        ),
        CheckConstraint("(key_id IS NULL) = (sealed IS NULL)", name="sealed_whole"),
        Index("ix_exclusion_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("list_match.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    effect: Mapped[str] = mapped_column(String(10))
    occasion: Mapped[str] = mapped_column(String(100))
    scorecard: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    # Who said that it is the same: somebody else decides what follows.
    matched_by: Mapped[str] = mapped_column(String(40))
    proposed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(30))
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    key_id: Mapped[uuid.UUID | None]
    sealed: Mapped[bytes | None]
