"""The tables of draws: the frozen frame and its seed, the sites, swaps and visits.

A frame holds public ids and strata, and no row names anybody. None is ever changed.
"""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId


class DrawnAs(StrEnum):
    DRAWN = "drawn"
    RESERVE = "reserve"


class SwapReason(StrEnum):
    """Why a site cannot be visited. That another would be handier is no reason."""

    ACCESS_REFUSED = "access_refused"
    """Nobody was let in; that is a sign of its own and is followed up."""
    UNSAFE = "unsafe"
    UNREACHABLE = "unreachable"
    """The way there is cut."""
    CLOSED = "closed"
    NO_HARVEST = "no_harvest"
    """Nothing is picked there this season."""
    OUT_OF_BASE = "out_of_base"
    """It does not deliver to the mill any more."""
    DUPLICATE = "duplicate"
    """It is the same place as another site of the sample."""


class Draw(Base):
    """A draw from the supply base of a mill in a season."""

    __tablename__ = "draw"
    __table_args__ = (
        # What has not changed is not drawn again until the outcome pleases.
        UniqueConstraint("owner_id", "frame_sha256"),
        UniqueConstraint("mill_id", "season", "number"),
        CheckConstraint("size + reserves <= sites AND size >= 1", name="sizes"),
        Index("ix_draw_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    mill_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    season: Mapped[str] = mapped_column(String(20))
    commodity: Mapped[str] = mapped_column(String(20))
    programme_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("programme.id"), index=True
    )
    number: Mapped[int]  # of the mill and the season, from 1
    stated_level: Mapped[str] = mapped_column(String(10))
    level: Mapped[str] = mapped_column(String(10))
    sites: Mapped[int]
    size: Mapped[int]
    reserves: Mapped[int]
    base_is_cut: Mapped[bool]
    frame: Mapped[str]  # canonical JSON
    frame_sha256: Mapped[str] = mapped_column(String(64))
    seed: Mapped[str] = mapped_column(String(32))
    drawn_by: Mapped[str] = mapped_column(String(40))
    drawn_at: Mapped[datetime]


class DrawSite(Base):
    """A site that was drawn, or is in reserve, and whom to hear there."""

    __tablename__ = "draw_site"
    __table_args__ = (
        UniqueConstraint("draw_id", "role", "ordinal"),
        CheckConstraint(
            "(quota_unknown IS NULL) = (workers IS NOT NULL)"
            " AND (workers IS NULL) = (auditor_days IS NULL)"
            " AND (workers IS NULL) = (individual IS NULL)"
            " AND (workers IS NULL) = (group_count IS NULL)"
            " AND (workers IS NULL) = (group_size IS NULL)"
            " AND (workers IS NULL) = (files IS NULL)",
            name="quota_whole",
        ),
    )

    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    site_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("site.id"), primary_key=True, index=True
    )
    owner_id: Mapped[Owner]
    role: Mapped[str] = mapped_column(String(10))
    ordinal: Mapped[int]
    workers: Mapped[int | None]
    auditor_days: Mapped[int | None]
    individual: Mapped[int | None]
    group_count: Mapped[int | None]
    group_size: Mapped[int | None]
    files: Mapped[int | None]
    quota_unknown: Mapped[str | None] = mapped_column(String(20))


class DrawSwap(Base):
    """A site of the sample cannot be visited, and which reserve takes its place."""

    __tablename__ = "draw_swap"
    __table_args__ = (
        UniqueConstraint("draw_id", "ordinal"),
        UniqueConstraint("draw_id", "out_site_id"),
        UniqueConstraint("draw_id", "in_site_id"),
        CheckConstraint(
            "reason IN ('access_refused', 'unsafe', 'unreachable', 'closed',"
            " 'no_harvest', 'out_of_base', 'duplicate')",
            name="reason_known",
        ),
        CheckConstraint("out_site_id <> in_site_id", name="two_sites"),
    )

    id: Mapped[Key]
    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draw.id"))
    owner_id: Mapped[Owner]
    ordinal: Mapped[int]
    out_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    in_site_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("site.id"), index=True
    )
    reason: Mapped[str] = mapped_column(String(20))
    swapped_by: Mapped[str] = mapped_column(String(40))
    swapped_at: Mapped[datetime]


class DrawVisit(Base):
    """An audit that was planned because a draw says so."""

    __tablename__ = "draw_visit"

    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    audit_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("audit.id"), primary_key=True, index=True
    )
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    owner_id: Mapped[Owner]
    planned_by: Mapped[str] = mapped_column(String(40))
    planned_at: Mapped[datetime]
