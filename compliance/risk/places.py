"""Where the sites of a portfolio lie, drawn together in the cells of a grid for a map.

A farm is a home: to others than its owner and operator it lies where the register tells
them, at the nearest tenth of a degree, and it is looked for there as well.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.queries import COARSE_DIGITS
from compliance.registry.visibility import visible
from compliance.risk.codes import RiskLevel
from compliance.risk.many_sites import side_by_side
from compliance.risk.models import SiteRisk
from compliance.risk.narrowing import Asked, Narrowing, Part, asked
from rules import Severity

CELLS = 500  # the most that one answer holds
UNITS = 1_000_000  # of a degree
COARSE = UNITS // 10**COARSE_DIGITS
CELL_AT_ZOOM_0 = 45 * UNITS  # 64 of the 512 pixels that the world is wide there
LAST_ZOOM = 18
NAMED_FROM_ZOOM = 7  # nearer than this a site that is alone in its cell has its name
WEST, SOUTH = 180 * UNITS, 90 * UNITS


class Box(NamedTuple):
    """A part of the world in degrees; where `west` is beyond `east`, across the date line."""

    west: float = -180
    south: float = -90
    east: float = 180
    north: float = 90

    @property
    def width(self) -> float:
        return (self.east - self.west) % 360 or 360


WORLD = Box()


@dataclass(frozen=True)
class Cell:
    """The sites of one cell: the middle of them, how many of each level, and their bounds.

    A site that is alone is named where the map is near enough.
    """

    longitude: float
    latitude: float
    bounds: Box
    levels: dict[RiskLevel, int]
    public_id: str | None
    name: str | None

    @property
    def count(self) -> int:
        return sum(self.levels.values())


def places(
    session: Session,
    scope: Scope,
    *,
    box: Box = WORLD,
    zoom: int = 0,
    seen_as: Relation | None = None,
    has_open: Severity | None = None,
    **wanted: Narrowing,
) -> tuple[Cell, ...]:
    """Return the sites of a portfolio that lie in a box, at most CELLS cells of them.

    `seen_as`, `has_open` and `wanted` narrow it as they do in `portfolio`; sites
    without a point are left out.
    """
    scope.require(Permission.READ_RISK)
    way, values = asked(session, scope, wanted, has_open, seen_as)
    is_near = zoom >= NAMED_FROM_ZOOM
    statement = _statement(way, crosses=box.west > box.east, is_near=is_near)
    bound = {
        **values,
        "west": _units(box.west),
        "south": _units(box.south),
        "east": _units(box.east),
        "north": _units(box.north),
        "size": cell_size(box, zoom),
    }
    with side_by_side(session, scope, way):
        found = session.execute(statement, bound).all()
    return tuple(_cell(row) for row in found)


def bounds_of(cells: Iterable[Cell]) -> Box | None:
    """Return the part of the world that holds all sites of some cells; None of none."""
    boxes = [one.bounds for one in cells]
    if not boxes:
        return None
    return Box(
        min(one.west for one in boxes),
        min(one.south for one in boxes),
        max(one.east for one in boxes),
        max(one.north for one in boxes),
    )


def cell_size(box: Box, zoom: int) -> int:
    """Return how wide the cells are, in units: wider where there would be too many."""
    size = CELL_AT_ZOOM_0 >> max(0, min(zoom, LAST_ZOOM))
    while _number(box.width, size) * _number(box.north - box.south, size) > CELLS:
        size *= 2
    return size


def _number(degrees: float, size: int) -> int:
    """Return how many cells a stretch touches at most, wherever it begins."""
    return int(degrees * UNITS / size) + 2


@functools.cache
def _statement(way: Asked, *, crosses: bool, is_near: bool) -> Select[*tuple[Any, ...]]:
    """Return the one statement, built once for each set of filters."""
    points = union_all(
        *(_points(part, crosses=crosses) for part in way.parts)
    ).subquery()
    column = ((points.c.longitude + WEST) // _bound("size")).label("column")
    row = ((points.c.latitude + SOUTH) // _bound("size")).label("row")
    placed = select(points, column, row).subquery()
    at = placed.c
    # Far away nobody is named, and the least of many texts is dear to find.
    public_id, name = (
        func.min(one) if is_near else null() for one in (at.public_id, at.name)
    )
    return select(
        func.count().label("sites"),
        *(
            func.count().filter(at.level == level.value).label(level.value)
            for level in RiskLevel
        ),
        func.avg(at.longitude).label("longitude"),
        func.avg(at.latitude).label("latitude"),
        func.min(at.longitude).label("west"),
        func.min(at.latitude).label("south"),
        func.max(at.longitude).label("east"),
        func.max(at.latitude).label("north"),
        public_id.label("public_id"),
        name.label("name"),
    ).group_by(at.column, at.row)


def _points(part: Part, *, crosses: bool) -> Select[*tuple[Any, ...]]:
    """Return the points in the box of a part of the portfolio; one's own are exact."""
    longitude: Any = Site.longitude_microdegrees
    latitude: Any = Site.latitude_microdegrees
    if not part.is_own:
        longitude, latitude = _told(longitude, WEST), _told(latitude, SOUTH)
    west, east = _bound("west"), _bound("east")
    return (
        select(
            Site.public_id,
            Site.name,
            longitude.label("longitude"),
            latitude.label("latitude"),
            func.coalesce(SiteRisk.level, RiskLevel.UNKNOWN.value).label("level"),
        )
        .select_from(Site)
        .outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
        .where(
            Site.longitude_microdegrees.is_not(None),
            or_(longitude >= west, longitude <= east)
            if crosses
            else longitude.between(west, east),
            latitude.between(_bound("south"), _bound("north")),
            *part.clauses,
        )
    )


def _told(units: Any, shift: int) -> ColumnElement[int]:
    """Return a coordinate as the caller may know it: to others than who runs it, coarse."""
    rounded = (units + shift + COARSE // 2) // COARSE * COARSE - shift
    is_run = visible(Resource.LAND_AND_PEOPLE, Action.READ)
    return case((is_run, units), else_=rounded)


def _bound(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=Integer())


def _units(degrees: float) -> int:
    return round(degrees * UNITS)


def _cell(row: Row[*tuple[Any, ...]]) -> Cell:
    is_alone = row.sites == 1
    return Cell(
        longitude=float(row.longitude) / UNITS,
        latitude=float(row.latitude) / UNITS,
        bounds=Box(
            *(one / UNITS for one in (row.west, row.south, row.east, row.north))
        ),
        levels={level: getattr(row, level.value) for level in RiskLevel},
        public_id=row.public_id if is_alone else None,
        name=row.name if is_alone else None,
    )
