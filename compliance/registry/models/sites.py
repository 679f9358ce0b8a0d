"""The tables of sites: what they are, their numbers elsewhere, and which are the same."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId
from compliance.registry.folding import folded
from compliance.registry.models.sources import Source

NOT_UNDONE = text("undone_at IS NULL")
IS_KEPT = text("kept_id = id")


class IdentifierScheme(StrEnum):
    """Registers that know a site by a number of their own."""

    TAX_NUMBER = "tax_number"
    GLN = "gln"
    LEI = "lei"
    OS_HUB = "os_hub"
    UNIVERSAL_MILL_LIST = "universal_mill_list"
    RSPO = "rspo"
    ISCC = "iscc"
    RAINFOREST_ALLIANCE = "rainforest_alliance"
    FAIRTRADE = "fairtrade"
    FOUR_C = "4c"
    NATIONAL_COFFEE_REGISTER = "national_coffee_register"
    OWN_NUMBER = "own_number"  # what the owner's other programs call the site


class SiteState(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"


class ClosingReason(StrEnum):
    """Why a site is closed: a word, because a sentence could name somebody."""

    NO_LONGER_WORKS = "no_longer_works"
    NO_LONGER_SUPPLIES = "no_longer_supplies"
    CHANGED_HANDS = "changed_hands"
    REGISTERED_IN_ERROR = "registered_in_error"


class MergeReason(StrEnum):
    """What shows that two records tell of one site."""

    SAME_NUMBER = "same_number"
    SAME_PLACE = "same_place"
    SAME_NAME = "same_name"
    ENTERED_TWICE = "entered_twice"
    CONFIRMED_BY_SITE = "confirmed_by_site"


def _given(context: DefaultExecutionContext) -> dict[str, Any]:
    given = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return cast(dict[str, Any], given)


def _own_id(context: DefaultExecutionContext) -> uuid.UUID:
    return cast(uuid.UUID, _given(context)["id"])


def _folded_name(context: DefaultExecutionContext) -> str:
    return folded(_given(context)["name"])


class Site(Base):
    """One place of work that can be visited: a producer's farm or a mill.

    `kept_id` is the site's own id, or, once people said that two records are of one
    site, the id of the record that is kept. What refers to the other record still does.
    """

    __tablename__ = "site"
    __table_args__ = (
        CheckConstraint("kind IN ('producer', 'mill')", name="kind_known"),
        CheckConstraint("state IN ('active', 'closed')", name="state_known"),
        CheckConstraint(
            "(state = 'closed') = (closed_on IS NOT NULL)"
            " AND (closed_on IS NULL) = (closed_reason IS NULL)",
            name="closed_whole",
        ),
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
        Index(
            "ix_site_kept",
            "owner_id",
            "kind",
            sqlite_where=IS_KEPT,
            postgresql_where=IS_KEPT,
        ),
        Index("ix_site_owner_id_name_folded_id", "owner_id", "name_folded", "id"),
        # All that a whole portfolio is counted by.
        Index(
            "ix_site_portfolio", "owner_id", "id", "kept_id", "operator_id", "country"
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    operator_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    kept_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("site.id"), index=True, default=_own_id
    )
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(String(800), default=_folded_name)
    country: Mapped[str] = mapped_column(String(2))
    admin1: Mapped[str | None] = mapped_column(String(100))
    municipality: Mapped[str | None] = mapped_column(String(100))
    commodity: Mapped[str] = mapped_column(String(20))
    latitude_microdegrees: Mapped[int | None]
    longitude_microdegrees: Mapped[int | None]
    area_square_metres: Mapped[int | None]
    group_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    state: Mapped[str] = mapped_column(String(10), default=SiteState.ACTIVE)
    closed_on: Mapped[date | None]
    closed_reason: Mapped[str | None] = mapped_column(String(30))
    source: Mapped[str] = mapped_column(String(12), default=Source.MANUAL)
    source_reference: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(default=1)
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


class SiteMerge(Base):
    """Somebody said that two records are of one site, and perhaps took it back.

    Rows in force make a tree; `site.kept_id` is the root of the tree a site stands in.
    """

    __tablename__ = "site_merge"
    __table_args__ = (
        Index(
            "uq_site_merge_gone_site_id",
            "gone_site_id",
            unique=True,
            sqlite_where=NOT_UNDONE,
            postgresql_where=NOT_UNDONE,
        ),
        CheckConstraint("kept_site_id <> gone_site_id", name="two_sites"),
        CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name="undone_whole"
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    kept_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    gone_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    reason: Mapped[str] = mapped_column(String(30))
    merged_by: Mapped[str] = mapped_column(String(40))
    merged_at: Mapped[datetime]
    undone_by: Mapped[str | None] = mapped_column(String(40))
    undone_at: Mapped[datetime | None]
