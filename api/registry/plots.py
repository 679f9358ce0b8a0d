"""Plots over HTTP, as GeoJSON (RFC 7946), for those who keep or run their site alone."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Query, Request
from pydantic import Field, JsonValue, WithJsonSchema
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, csv_bytes
from api.registry.common import (
    CHANGE_PROBLEMS,
    CameIn,
    Label,
    RemarkWire,
    SiteNamed,
    remark_documents,
)
from api.registry.sites_wire import Area
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Wire
from compliance import limits
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry import queries as registered
from compliance.registry.models import PlotKind, Source
from compliance.registry.plots import actions, queries
from compliance.registry.plots.geometry import text_of_member
from compliance.registry.plots.queries import PlotRecord
from compliance.registry.queries import RUN

GEOJSON = "application/geo+json"

plots = feature_router("/v1/plots", "plots")
site_plots = feature_router("/v1/sites", "plots")

POSITION = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 3,
    "description": "Longitude, latitude, perhaps a height.",
}
RING = {"type": "array", "items": POSITION, "minItems": 4}
RINGS = {"type": "array", "items": RING, "minItems": 1}


def _geometry_schema(name: str, coordinates: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"const": name}, "coordinates": coordinates},
    }


GEOMETRY = {
    "title": "Geometry",
    "oneOf": [
        _geometry_schema("Point", POSITION),
        _geometry_schema("Polygon", RINGS),
        _geometry_schema(
            "MultiPolygon", {"type": "array", "items": RINGS, "minItems": 1}
        ),
    ],
}
GeometryWire = Annotated[dict[str, JsonValue], WithJsonSchema(GEOMETRY)]


class Form(StrEnum):
    """Which of its two geometries a plot is told with."""

    KEPT = "kept"  # set right, to seven decimals
    ORIGINAL = "original"  # digit for digit as it was given


class NewPlot(CameIn):
    """A piece of land of the site, WGS 84, longitude first."""

    geometry: GeometryWire
    label: Label | None = None
    declared_area_square_metres: Area | None = None


class PlotProperties(Wire):
    site: str
    site_name: str
    label: str | None
    kind: PlotKind
    area_square_metres: Annotated[
        int | None, Field(description="Measured on the ellipsoid; null of a point.")
    ]
    declared_area_square_metres: int | None
    source: Source
    source_reference: str | None
    registered_at: datetime
    ended_at: datetime | None


class PlotWire(Wire):
    """A plot as a GeoJSON Feature."""

    type: str
    id: str
    geometry: GeometryWire
    properties: PlotProperties


class NotedPlotWire(PlotWire):
    """A plot that was just noted, with what somebody should look at again."""

    remarks: list[RemarkWire]


class PlotPage(Wire):
    """A page of plots as a GeoJSON FeatureCollection; `next` leads on."""

    type: str
    features: list[PlotWire]
    next: str | None


COLLECTION: dict[int | str, dict[str, Any]] = {
    200: {"model": PlotPage, "content": {GEOJSON: {}, "text/csv": {}}}
}
FormAsked = Annotated[Form, Query(description="Set right, or as it was given.")]
Ended = Annotated[bool, Query(description="Also those that have ended.")]


def plot_document(plot: PlotRecord, form: Form = Form.KEPT) -> dict[str, Any]:
    """Return a plot as a Feature; its geometry goes out as it is written."""
    text = plot.original if form is Form.ORIGINAL else plot.geometry
    return {
        "type": "Feature",
        "id": plot.public_id,
        "geometry": orjson.Fragment(text),
        "properties": properties(plot),
    }


def properties(plot: PlotRecord) -> dict[str, Any]:
    """Return what is known of a plot beside its geometry."""
    return {
        "site": plot.site_public_id,
        "site_name": plot.site_name,
        "label": plot.label,
        "kind": plot.kind,
        "area_square_metres": plot.area_square_metres,
        "declared_area_square_metres": plot.declared_area_square_metres,
        "source": plot.source,
        "source_reference": plot.source_reference,
        "registered_at": plot.registered_at,
        "ended_at": plot.ended_at,
    }


def collection(request: Request, page: Page[PlotRecord], form: Form) -> Response:
    """Answer with a page of plots as GeoJSON or, when asked for, as CSV."""
    headers, following = {}, None
    if page.next_after is not None:
        query = {**request.query_params, "after": page.next_after}
        following = f"{request.url.path}?{urlencode(query)}"
        headers["Link"] = f'<{following}>; rel="next"'
    if "text/csv" in request.headers.get("accept", ""):
        rows = [
            {"id": plot.public_id, **properties(plot), "geometry": plot.geometry}
            for plot in page.rows
        ]
        return Response(csv_bytes(rows), headers=headers, media_type="text/csv")
    body = orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [plot_document(plot, form) for plot in page.rows],
            "next": following,
        }
    )
    return Response(body, headers=headers, media_type=GEOJSON)


@plots.get("", responses={**COLLECTION, **PROBLEMS})
async def list_plots(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: SiteNamed = None,
    kind: PlotKind | None = None,
    source: Source | None = None,
    form: FormAsked = Form.KEPT,
    *,
    ended: Ended = False,
) -> Response:
    """List the plots of the sites you keep or run."""
    page = await hop.read(
        request,
        lambda session, scope: queries.plots(
            session,
            scope,
            rows=rows,
            after=after,
            ended=ended,
            site=site,
            kind=kind,
            source=source,
        ),
    )
    return collection(request, page, form)


@plots.get("/{plot}", responses={200: {"model": PlotWire}, **ONE_PROBLEMS})
async def read_plot(
    request: Request, plot: str, form: FormAsked = Form.KEPT
) -> Response:
    """Read one plot as a GeoJSON Feature."""
    record = await hop.read(
        request, lambda session, scope: queries.plot(session, scope, plot)
    )
    answer = hop.json_answer(200, plot_document(record, form), content_type=GEOJSON)
    return hop.respond(answer)


@plots.post("/{plot}/end", responses={200: {"model": PlotWire}, **ONE_PROBLEMS})
async def end_plot(request: Request, plot: str) -> Response:
    """Note that a plot is its site's no more; what it was stays readable."""

    def work(session: Session, scope: Scope) -> Answer:
        record = actions.end_plot(session, scope, plot)
        return hop.json_answer(200, plot_document(record), content_type=GEOJSON)

    return await hop.write(request, work)


@site_plots.get("/{site}/plots", responses={**COLLECTION, **ONE_PROBLEMS})
async def list_plots_of_site(
    request: Request,
    site: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    form: FormAsked = Form.KEPT,
    *,
    ended: Ended = False,
) -> Response:
    """List the plots of a site."""

    def read(session: Session, scope: Scope) -> Page[PlotRecord]:
        found = registered.site(session, scope, site, among=RUN)
        return queries.plots(
            session, scope, rows=rows, after=after, ended=ended, site=found.public_id
        )

    return collection(request, await hop.read(request, read), form)


@site_plots.post(
    "/{site}/plots",
    status_code=201,
    responses={201: {"model": NotedPlotWire}, **CHANGE_PROBLEMS},
)
async def register_plot(request: Request, site: str, body: NewPlot) -> Response:
    """Note a piece of land; what looks odd about it comes back as remarks."""
    # The digits as they were sent: a number that was read has lost its last zeros.
    geometry = text_of_member(await request.body(), "geometry")

    def work(session: Session, scope: Scope) -> Answer:
        found = registered.site(session, scope, site)
        noted = actions.register_plot(
            session,
            scope,
            site=found.public_id,
            geometry=geometry,
            **body.model_dump(exclude={"geometry"}),
        )
        document = {
            **plot_document(noted.plot),
            "remarks": remark_documents(request, noted.remarks),
        }
        return hop.json_answer(
            201,
            document,
            location=f"/v1/plots/{noted.plot.public_id}",
            content_type=GEOJSON,
        )

    return await hop.write(request, work)
