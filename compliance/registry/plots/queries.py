"""What can be read of plots, by their owner and by the operator of their site alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from compliance.database import Page
from compliance.identifiers import OrganisationId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.filters import kept_id_of
from compliance.registry.models import Plot, PlotKind, Site, Source
from compliance.registry.plots.checks import Neighbour
from compliance.registry.plots.geometry import Geometry, read_kept
from compliance.registry.queries import RUN
from compliance.registry.visibility import sight_of, visible
from compliance.texts import N_

# Wider ones are few; each new plot is compared with all of them.
WIDE_UNITS = 200_000  # of 1e-7 degrees: some two kilometres


class PlotNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such plot")
    detail = N_("No plot of yours has the id {plot}. GET /v1/plots lists them.")


@dataclass(frozen=True)
class PlotRecord:
    """A piece of land; areas are in square metres, geometries are GeoJSON texts."""

    public_id: str
    site_public_id: str
    site_name: str
    label: str | None
    kind: PlotKind
    geometry: str
    original: str
    area_square_metres: int | None
    declared_area_square_metres: int | None
    source: Source
    source_reference: str | None
    registered_at: datetime
    ended_at: datetime | None


Own = aliased(Site)

PLOTS: Select[*tuple[Any, ...]] = (
    select(
        Plot.id,
        Plot.public_id,
        Site.public_id.label("site_public_id"),
        Site.name.label("site_name"),
        Plot.label,
        Plot.kind,
        Plot.geometry,
        Plot.original,
        Plot.area_square_metres,
        Plot.declared_area_square_metres,
        Plot.source,
        Plot.source_reference,
        Plot.registered_at,
        Plot.ended_at,
    )
    .join(Own, Own.id == Plot.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(visible(Resource.SITE, Action.READ, RUN))
)
NEAR = (
    select(Plot.public_id, Site.public_id.label("site"), Plot.geometry)
    .join(Own, Own.id == Plot.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(
        Plot.owner_id == bindparam("owner_id"),
        Plot.ended_at.is_(None),
        or_(
            and_(
                Plot.is_wide.is_(False),
                Plot.west.between(bindparam("strip"), bindparam("east")),
            ),
            Plot.is_wide.is_(True),
        ),
        Plot.west <= bindparam("east"),
        Plot.east >= bindparam("west"),
        Plot.south <= bindparam("north"),
        Plot.north >= bindparam("south"),
    )
    .order_by(Plot.id)
)


def plots(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    ended: bool = False,
    **wanted: str | None,
) -> Page[PlotRecord]:
    """Return a page of plots in the order of registration; those ended only on request.

    `wanted` filters by site (public id), kind or source.
    """
    scope.require(Permission.READ_REGISTER)
    return LISTED.page(
        session,
        sight_of(scope),
        rows=rows,
        after=after,
        wanted={**wanted, "standing": None if ended else True},
    )


def plot(session: Session, scope: Scope, public_id: str) -> PlotRecord:
    """Return one plot, ended or not, or raise PlotNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = PlotNotFound(plot=public_id)
    return LISTED.one(session, sight_of(scope), public_id, missing)


def neighbours(
    session: Session,
    owner_id: OrganisationId,
    geometry: Geometry,
    *,
    without: Collection[str] = (),
) -> tuple[Neighbour, ...]:
    """Return the owner's plots whose box meets that of the geometry."""
    west, south, east, north = geometry.box
    values = {
        "owner_id": owner_id,
        "west": west,
        "strip": west - WIDE_UNITS,
        "east": east,
        "south": south,
        "north": north,
    }
    return tuple(
        Neighbour(row.public_id, row.site, read_kept(row.geometry))
        for row in session.execute(NEAR, values)
        if row.public_id not in without
    )


def _record(row: Row[*tuple[Any, ...]]) -> PlotRecord:
    return PlotRecord(
        public_id=row.public_id,
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        label=row.label,
        kind=PlotKind(row.kind),
        geometry=row.geometry,
        original=row.original,
        area_square_metres=row.area_square_metres,
        declared_area_square_metres=row.declared_area_square_metres,
        source=Source(row.source),
        source_reference=row.source_reference,
        registered_at=row.registered_at,
        ended_at=row.ended_at,
    )


LISTED = Listing(
    PLOTS,
    Plot.id,
    Plot.public_id,
    _record,
    {
        **equal_to(kind=Plot.kind, source=Plot.source),
        "site": Site.id == kept_id_of("site"),
        "standing": Plot.ended_at.is_(None),
    },
)
