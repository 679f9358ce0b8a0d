"""The tables of the register: sites, their identifiers, and supply links."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId


class IdentifierScheme(StrEnum):
    """Registers that know a site by a number of their own."""

    TAX_NUMBER = "tax_number"
    GLN = "gln"
    OS_HUB = "os_hub"
    UNIVERSAL_MILL_LIST = "universal_mill_list"
    RSPO = "rspo"
    RAINFOREST_ALLIANCE = "rainforest_alliance"
    FAIRTRADE = "fairtrade"
    FOUR_C = "4c"
    NATIONAL_COFFEE_REGISTER = "national_coffee_register"


class Site(Base):
    """One place of work that can be visited: a producer's farm or a mill."""

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("kind IN ('producer', 'mill')", name="kind_known"),
        CheckConstraint(
            "(latitude_microdegrees IS NULL) = (longitude_microdegrees IS NULL)",
            name="point_whole",
        ),
        CheckConstraint(
            "latitude_microdegrees BETWEEN -90000000 AND 90000000", name="latitude"
        ),
        CheckConstraint(
            "longitude_microdegrees BETWEEN -180000000 AND 180000000",
            name="longitude",
        ),
        Index("ix_site_owner_id_kind_id", "owner_id", "kind", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    admin1: Mapped[str | None] = mapped_column(String(100))
    municipality: Mapped[str | None] = mapped_column(String(100))
    commodity: Mapped[str] = mapped_column(String(20))
    latitude_microdegrees: Mapped[int | None]
    longitude_microdegrees: Mapped[int | None]
    area_square_metres: Mapped[int | None]
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    registered_at: Mapped[datetime]


class SiteIdentifier(Base):
    """What another register calls a site; unique among one organisation's sites."""

    __tablename__ = "site_identifier"
    __table_args__ = (UniqueConstraint("owner_id", "scheme", "value"),)

    id: Mapped[Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    scheme: Mapped[str] = mapped_column(String(30))
    value: Mapped[str] = mapped_column(String(100))


class SupplyLink(Base):
    """From whom to whom, what, in which season; the share is of the taker's volume."""

    __tablename__ = "supply_link"
    __table_args__ = (
        UniqueConstraint("from_site_id", "to_site_id", "commodity", "season"),
        CheckConstraint("from_site_id <> to_site_id", name="two_sites"),
        CheckConstraint(
            "volume_share_basis_points BETWEEN 0 AND 10000", name="volume_share"
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    from_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    to_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    commodity: Mapped[str] = mapped_column(String(20))
    season: Mapped[str] = mapped_column(String(20))
    volume_share_basis_points: Mapped[int | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    registered_at: Mapped[datetime]
