"""The table of plots: where the commodity grows, exactly, for the owner alone."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId
from compliance.registry.models.sources import Source


class PlotKind(StrEnum):
    POINT = "point"
    POLYGON = "polygon"
    MULTIPOLYGON = "multipolygon"


class Plot(Base):
    """A piece of land of a site. It may hold somebody's home, so few may see it.

    `original` is the geometry exactly as it was given; `geometry` is the same land as
    RFC 7946 wants it, to 1e-7 degrees, and the four sides are in that unit. The few that
    are wide are kept apart, so that the neighbours of one are found in a narrow strip.
    A plot that is drawn anew is another plot; the one before ends.
    """

    __tablename__ = "plot"
    __table_args__ = (
        CheckConstraint("kind IN ('point', 'polygon', 'multipolygon')", name="kind"),
        CheckConstraint(
            "west BETWEEN -1800000000 AND 1800000000"
            " AND east BETWEEN west AND 1800000000",
            name="longitudes",
        ),
        CheckConstraint(
            "south BETWEEN -900000000 AND 900000000"
            " AND north BETWEEN south AND 900000000",
            name="latitudes",
        ),
        CheckConstraint(
            "(kind = 'point') = (area_square_metres IS NULL)", name="area_of_land"
        ),
        Index("ix_plot_owner_id_is_wide_west", "owner_id", "is_wide", "west"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    label: Mapped[str | None] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(12))
    original: Mapped[str]
    geometry: Mapped[str]
    geometry_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    west: Mapped[int]
    south: Mapped[int]
    east: Mapped[int]
    north: Mapped[int]
    is_wide: Mapped[bool]
    area_square_metres: Mapped[int | None] = mapped_column(BigInteger)
    declared_area_square_metres: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(12), default=Source.MANUAL)
    source_reference: Mapped[str | None] = mapped_column(String(100))
    registered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
