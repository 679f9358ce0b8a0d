"""The points of the portfolio's map: what lies in view, drawn together as GeoJSON."""

import math
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from api import hop
from api.pages.portfolio_filters import narrowed_by
from api.pages.tables import FilterUnknown, words_chosen
from api.routing import feature_router
from compliance.risk.places import LAST_ZOOM, WORLD, Box, Cell, bounds_of, places

portfolio_map = feature_router("/portfolio/points.geojson", "pages")

EDGES = 4


@portfolio_map.get("", include_in_schema=False)
async def show_points(request: Request) -> Response:
    """Tell where the sites of the portfolio lie: cells with how many of each level.

    `bbox` is west, south, east and north in degrees, the world if left out; `zoom` is
    how near the map is. It is narrowed by the filters of the portfolio's page.
    """
    by, box, zoom = narrowed_by(request), box_of(request), zoom_of(request)
    cells = await hop.read(
        request,
        lambda session, scope: places(
            session,
            scope,
            box=box,
            zoom=zoom,
            seen_as=by.seen_as,
            has_open=by.has_open,
            **by.wanted,
        ),
    )
    return points_response(cells)


def points_response(cells: tuple[Cell, ...]) -> Response:
    """Return cells as GeoJSON (RFC 7946)."""
    document: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [_feature(cell) for cell in cells],
    }
    bounds = bounds_of(cells)
    if bounds is not None:
        document["bbox"] = list(bounds)
    return Response(
        orjson.dumps(document),
        media_type="application/geo+json",
        headers={"Cache-Control": "private, no-store"},
    )


def _feature(cell: Cell) -> dict[str, Any]:
    return {
        "type": "Feature",
        "bbox": list(cell.bounds),
        "geometry": {
            "type": "Point",
            "coordinates": [round(cell.longitude, 6), round(cell.latitude, 6)],
        },
        "properties": {
            "count": cell.count,
            **{level.value: count for level, count in cell.levels.items()},
            "site": cell.public_id,
            "name": cell.name,
        },
    }


def box_of(request: Request) -> Box:
    text = words_chosen(request, "bbox")
    if text is None:
        return WORLD
    try:
        edges = [float(one) for one in text.split(",")]
    except ValueError:
        edges = []
    if len(edges) == EDGES and all(math.isfinite(one) for one in edges):
        box = Box(*edges)
        is_on_earth = -90 <= box.south <= box.north <= 90
        if is_on_earth and all(-180 <= one <= 180 for one in (box.west, box.east)):
            return box
    raise FilterUnknown(filter="bbox", given=text[:40], choices="-79,-4.5,-66.8,12.5")


def zoom_of(request: Request) -> int:
    text = words_chosen(request, "zoom") or "0"
    if not text.isdecimal() or int(text[:9]) > LAST_ZOOM:
        raise FilterUnknown(filter="zoom", given=text[:40], choices=f"0-{LAST_ZOOM}")
    return int(text)
