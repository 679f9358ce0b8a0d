"""The tables of supply: who delivers to whom, and who belongs to which group."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId
from compliance.registry.models.sources import Source


class SupplyLink(Base):
    """From whom to whom, what, in which season; the share is of the taker's volume.

    The giver is a site or a producer group, never both.
    """

    __tablename__ = "supply_link"
    __table_args__ = (
        UniqueConstraint("from_site_id", "to_site_id", "commodity", "season"),
        UniqueConstraint("from_group_id", "to_site_id", "commodity", "season"),
        CheckConstraint(
            "(from_site_id IS NULL) <> (from_group_id IS NULL)", name="one_giver"
        ),
        CheckConstraint("from_site_id <> to_site_id", name="two_sites"),
        CheckConstraint(
            "volume_share_basis_points BETWEEN 0 AND 10000", name="volume_share"
        ),
        CheckConstraint("valid_from <= valid_until", name="valid_in_order"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    from_site_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("site.id"), index=True
    )
    from_group_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    to_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    commodity: Mapped[str] = mapped_column(String(20))
    season: Mapped[str] = mapped_column(String(20))
    volume_share_basis_points: Mapped[int | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(12), default=Source.MANUAL)
    source_reference: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(default=1)
    registered_at: Mapped[datetime]


class GroupMembership(Base):
    """A site belongs to a producer group in a season; the share is of its volume."""

    __tablename__ = "group_membership"
    __table_args__ = (
        UniqueConstraint("group_id", "site_id", "season"),
        CheckConstraint(
            "volume_share_basis_points BETWEEN 0 AND 10000", name="volume_share"
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    season: Mapped[str] = mapped_column(String(20))
    volume_share_basis_points: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(12), default=Source.MANUAL)
    source_reference: Mapped[str | None] = mapped_column(String(100))
    registered_at: Mapped[datetime]
