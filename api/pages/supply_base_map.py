"""The points of the supply base's map, narrowed as its table is."""

from fastapi import Request
from starlette.responses import Response

from api import hop
from api.pages.portfolio_map import box_of, points_response, zoom_of
from api.pages.supply_base_filters import SEEN_AS, sought
from api.routing import feature_router
from compliance.risk.places import places

supply_base_map = feature_router("/supply-base/points.geojson", "pages")


@supply_base_map.get("", include_in_schema=False)
async def show_points(request: Request) -> Response:
    """Tell where the sites of the supply base lie, drawn together in cells."""
    wish, box, zoom = sought(request), box_of(request), zoom_of(request)
    cells = await hop.read(
        request,
        lambda session, scope: places(
            session,
            scope,
            box=box,
            zoom=zoom,
            seen_as=SEEN_AS,
            has_open=wish.by.has_open,
            **wish.wanted(session, scope),
        ),
    )
    return points_response(cells)
