"""What can be done about plots: note one, and end one. A changed plot is another."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import lock_site, named_site, record_change
from compliance.registry.models import Plot, Site, Source
from compliance.registry.plots.checks import Known, remarks_on
from compliance.registry.plots.geodesy import area_square_metres
from compliance.registry.plots.geometry import Geometry, read_geometry
from compliance.registry.plots.queries import (
    WIDE_UNITS,
    PlotNotFound,
    PlotRecord,
    neighbours,
    plot,
)
from compliance.registry.queries import SiteRecord
from compliance.registry.remarks import Remark
from compliance.texts import N_


class PlotExists(Problem):
    kind = Kind.CONFLICT
    title = N_("The site has this plot already")
    detail = N_("The plot {plot} of {site} is the same land.")


@dataclass(frozen=True)
class NotedPlot:
    """A plot that was just noted, and what somebody should look at again."""

    plot: PlotRecord
    remarks: tuple[Remark, ...]


Own = aliased(Site)


def register_plot(
    session: Session,
    scope: Scope,
    *,
    site: str,
    geometry: str,
    label: str | None = None,
    declared_area_square_metres: int | None = None,
    source: Source = Source.MANUAL,
    source_reference: str | None = None,
) -> NotedPlot:
    """Note a piece of land of a site, given as the text of a GeoJSON geometry.

    What cannot be land is refused (GeometryRefused); what looks odd comes back as
    remarks: an area unlike the declared one, land that another plot has, a point where
    a polygon is asked for, few decimals, a place far from the site's point.
    """
    scope.require(Permission.CHANGE_REGISTER)
    read = read_geometry(geometry)
    holder = named_site(session, scope, site)
    lock_site(session, scope, holder.public_id, None)
    _refuse_known(session, holder, read)
    area = area_square_metres(read)
    remarks = remarks_on(
        read,
        Known(
            area=area,
            declared=declared_area_square_metres,
            site_area=holder.area_square_metres,
            site_point=_point(holder),
            mapped=_mapped(session, holder),
            neighbours=neighbours(session, scope.organisation_id, read),
        ),
    )
    west, south, east, north = read.box
    public_id = new_public_id("plot")
    session.execute(
        insert(Plot).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            site_id=holder.id,
            label=label,
            kind=read.kind,
            original=read.original,
            geometry=read.text,
            geometry_sha256=read.sha256,
            west=west,
            south=south,
            east=east,
            north=north,
            is_wide=east - west > WIDE_UNITS,
            area_square_metres=area,
            declared_area_square_metres=declared_area_square_metres,
            source=source,
            source_reference=source_reference,
            registered_at=clock.now(),
        )
    )
    record_change(
        session,
        scope,
        "plot.registered",
        public_id,
        site=holder.public_id,
        kind=read.kind,
        sha256=read.sha256.hex(),
        remarks=[remark.code for remark in remarks],
        source=source,
    )
    return NotedPlot(plot(session, scope, public_id), remarks)


def end_plot(session: Session, scope: Scope, public_id: str) -> PlotRecord:
    """Note that a plot belongs to its site no more; what it was stays readable."""
    scope.require(Permission.CHANGE_REGISTER)
    kept = session.scalar(
        select(Plot.id)
        .where(Plot.owner_id == scope.organisation_id, Plot.public_id == public_id)
        .with_for_update()
    )
    if kept is None:
        raise PlotNotFound(plot=public_id)
    ended = session.execute(
        update(Plot)
        .where(Plot.id == kept, Plot.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(Plot.id)
    ).one_or_none()
    found = plot(session, scope, public_id)
    if ended is not None:
        record_change(
            session, scope, "plot.ended", public_id, site=found.site_public_id
        )
    return found


def _refuse_known(session: Session, holder: SiteRecord, geometry: Geometry) -> None:
    known = session.scalar(
        select(Plot.public_id)
        .join(Own, Own.id == Plot.site_id)
        .where(
            Own.kept_id == holder.id,
            Plot.geometry_sha256 == geometry.sha256,
            Plot.ended_at.is_(None),
        )
    )
    if known is not None:
        raise PlotExists(plot=known, site=holder.public_id)


def _mapped(session: Session, holder: SiteRecord) -> int:
    known = session.scalar(
        select(func.sum(Plot.area_square_metres))
        .join(Own, Own.id == Plot.site_id)
        .where(Own.kept_id == holder.id, Plot.ended_at.is_(None))
    )
    return int(known or 0)


def _point(holder: SiteRecord) -> tuple[float, float] | None:
    if holder.latitude is None or holder.longitude is None:
        return None
    return holder.latitude, holder.longitude
