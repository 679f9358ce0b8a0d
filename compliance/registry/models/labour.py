"""The tables of labour: who works at a site in a season, and who brought them.

They hold counts and organisations, never a worker. Where somebody's papers are from
has no column: `migrant` is whoever comes from elsewhere for the season.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId
from compliance.registry.folding import folded
from compliance.registry.models.sources import Source


def _parts_within(name: str) -> CheckConstraint:
    parts = f"coalesce({name}_women, 0) + coalesce({name}_men, 0)"
    return CheckConstraint(
        f"{name} >= {parts} AND {name}_women >= 0 AND {name}_men >= 0", name=name
    )


class WorkforceProfile(Base):
    """How many people work at a site in a season; empty is unknown, and never zero.

    Permanent and temporary are two, and make the hired; migrant and piece-rate are
    among the hired; family help is not hired. A correction is a further revision.
    """

    __tablename__ = "workforce_profile"
    __table_args__ = (
        UniqueConstraint("site_id", "season", "revision"),
        _parts_within("permanent"),
        _parts_within("temporary"),
        _parts_within("migrant"),
        _parts_within("piece_rate"),
        _parts_within("family_help"),
        CheckConstraint("migrant <= permanent + temporary", name="migrants_are_hired"),
        CheckConstraint(
            "piece_rate <= permanent + temporary", name="piece_workers_are_hired"
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    season: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    permanent: Mapped[int | None]
    permanent_women: Mapped[int | None]
    permanent_men: Mapped[int | None]
    temporary: Mapped[int | None]
    temporary_women: Mapped[int | None]
    temporary_men: Mapped[int | None]
    migrant: Mapped[int | None]
    migrant_women: Mapped[int | None]
    migrant_men: Mapped[int | None]
    piece_rate: Mapped[int | None]
    piece_rate_women: Mapped[int | None]
    piece_rate_men: Mapped[int | None]
    family_help: Mapped[int | None]
    family_help_women: Mapped[int | None]
    family_help_men: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(12), default=Source.MANUAL)
    source_reference: Mapped[str | None] = mapped_column(String(100))
    stated_by: Mapped[str] = mapped_column(String(40))  # the actor, as in the trail
    stated_at: Mapped[datetime]


class BrokerKind(StrEnum):
    BROKER = "broker"
    CREW_LEADER = "crew_leader"


class Broker(Base):
    """Who brings workers to sites: an actor of its own, known by its trading name."""

    __tablename__ = "broker"
    __table_args__ = (
        UniqueConstraint("owner_id", "country", "licence_number"),
        CheckConstraint("kind IN ('broker', 'crew_leader')", name="kind_known"),
        CheckConstraint(
            "licence_valid_from <= licence_valid_until", name="licence_in_order"
        ),
        CheckConstraint(
            "licence_number IS NOT NULL OR"
            " (licence_valid_from IS NULL AND licence_valid_until IS NULL)",
            name="licence_whole",
        ),
        Index("ix_broker_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(
        String(800),
        default=lambda context: folded(context.get_current_parameters()["name"]),
    )
    country: Mapped[str] = mapped_column(String(2))
    licence_number: Mapped[str | None] = mapped_column(String(100))
    licence_valid_from: Mapped[date | None]
    licence_valid_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(12), default=Source.MANUAL)
    source_reference: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(default=1)
    registered_at: Mapped[datetime]


class Engagement(Base):
    """A broker brought workers to a site in a season."""

    __tablename__ = "engagement"
    __table_args__ = (
        UniqueConstraint("broker_id", "site_id", "season"),
        CheckConstraint("workers >= 0", name="workers"),
        CheckConstraint("engaged_from <= engaged_until", name="in_order"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    broker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("broker.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    season: Mapped[str] = mapped_column(String(20))
    workers: Mapped[int | None]
    engaged_from: Mapped[date | None]
    engaged_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(12), default=Source.MANUAL)
    source_reference: Mapped[str | None] = mapped_column(String(100))
    registered_at: Mapped[datetime]
