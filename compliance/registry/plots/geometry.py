"""A plot's geometry: GeoJSON read digit for digit, checked, and set right (RFC 7946).

Positions are kept as whole numbers of 1e-7 degrees, some eleven millimetres: finer than
any receiver, and the same in every program.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from shapely import MultiPolygon, Point, Polygon, is_valid_reason
from shapely.geometry.polygon import orient

from compliance import limits
from compliance.problems import Kind, Problem
from compliance.registry.models import PlotKind
from compliance.texts import N_

UNITS = 10_000_000  # to a degree
LONGITUDES, LATITUDES = 180 * UNITS, 90 * UNITS
DECIMALS = 7
RING_POSITIONS = 4
KINDS: Mapping[str, PlotKind] = {
    "Point": PlotKind.POINT,
    "Polygon": PlotKind.POLYGON,
    "MultiPolygon": PlotKind.MULTIPOLYGON,
}
NAMES: Mapping[PlotKind, str] = {kind: name for name, kind in KINDS.items()}

Position = tuple[int, int]  # longitude and latitude, in units of 1e-7 degrees
Ring = tuple[Position, ...]
Rings = tuple[Ring, ...]  # the outer one first

NOT_JSON = N_("it is not JSON")
NOT_GEOJSON = N_("it is not a GeoJSON object with 'type' and 'coordinates'")
NOT_LAND = N_("'type' must be Point, Polygon or MultiPolygon")
OTHER_SYSTEM = N_(
    "'crs' is not part of GeoJSON any more; give longitude and latitude of WGS 84"
)
NO_LIST = N_("there must be a list in square brackets")
NO_POSITION = N_("a position is a longitude, a latitude and perhaps a height")
OFF_EARTH = N_(
    "the longitude lies within ±180 and the latitude within ±90; the longitude is first"
)
TOO_MANY = N_("there are too many positions; leave out those that add nothing")
TOO_SHORT = N_("a ring has four positions at least, the last equal to the first")
NOT_CLOSED = N_("the last position of a ring equals the first")
TOO_WIDE = N_(
    "it reaches over more than one degree; register its parts as plots of their own"
)
CROSSED = N_("its boundary crosses or touches itself")
HOLE_OUTSIDE = N_("a hole lies outside, or lies in another hole")
PARTS_OVERLAP = N_("its parts lie upon one another")
NO_AREA = N_("it has no area")
REASONS = (
    ("Self-intersection", CROSSED),
    ("Ring Self-intersection", CROSSED),
    ("Interior is disconnected", CROSSED),
    ("Hole lies outside shell", HOLE_OUTSIDE),
    ("Holes are nested", HOLE_OUTSIDE),
    ("Nested shells", PARTS_OVERLAP),
    ("Duplicate Rings", PARTS_OVERLAP),
)


class GeometryRefused(Problem):
    kind = Kind.INVALID
    title = N_("The geometry is no plot of land")
    detail = N_("The geometry cannot be used: {why} ({where}).")


@dataclass(frozen=True)
class Geometry:
    """Land as it was given and as it is kept; `decimals` are the most that were given."""

    kind: PlotKind
    original: str
    polygons: tuple[Rings, ...]
    point: Position | None
    decimals: int

    @property
    def shape(self) -> Point | Polygon | MultiPolygon:
        """The land on a plane of units, for what is asked of shapes."""
        if self.point is not None:
            return Point(self.point)
        parts = [Polygon(rings[0], rings[1:]) for rings in self.polygons]
        return parts[0] if len(parts) == 1 else MultiPolygon(parts)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """West, south, east and north, in units."""
        west, south, east, north = self.shape.bounds
        return int(west), int(south), int(east), int(north)

    @property
    def text(self) -> str:
        """The land as GeoJSON, outer rings counter-clockwise, to seven decimals."""
        if self.point is not None:
            coordinates = _told(self.point)
        else:
            parts = [_listed(map(_ring, rings)) for rings in self.polygons]
            is_one = self.kind is PlotKind.POLYGON
            coordinates = parts[0] if is_one else _listed(parts)
        return f'{{"type":"{NAMES[self.kind]}","coordinates":{coordinates}}}'

    @property
    def sha256(self) -> bytes:
        """What tells one land from another, however it was written."""
        return hashlib.sha256(self.text.encode()).digest()


def read_geometry(text: str) -> Geometry:
    """Read the GeoJSON of a Point, Polygon or MultiPolygon, or raise GeometryRefused.

    The digits are kept as they stand. Rings that turn the wrong way are turned round;
    what is open, crosses itself or lies off the earth is refused with its place.
    """
    document = _parsed(text)
    if not isinstance(document, dict) or "coordinates" not in document:
        _refuse(NOT_GEOJSON, "geometry")
    kind = KINDS.get(str(document.get("type")))
    if kind is None:
        _refuse(NOT_LAND, "geometry.type")
    if "crs" in document:
        _refuse(OTHER_SYSTEM, "geometry.crs")
    coordinates = document["coordinates"]
    numbers = list(_numbers(coordinates))
    if len(numbers) > 3 * limits.PLOT_POSITIONS:
        _refuse(TOO_MANY, "geometry.coordinates")
    decimals = max((_decimals(number) for number in numbers), default=0)
    if kind is PlotKind.POINT:
        point = _position(coordinates, "geometry.coordinates")
        return Geometry(kind, _original(kind, coordinates), (), point, decimals)
    parts = (
        [coordinates]
        if kind is PlotKind.POLYGON
        else _list(coordinates, "geometry.coordinates")
    )
    polygons = tuple(
        _polygon(
            part,
            f"geometry.coordinates.{number}"
            if len(parts) > 1
            else "geometry.coordinates",
        )
        for number, part in enumerate(parts)
    )
    read = Geometry(kind, _original(kind, coordinates), polygons, None, decimals)
    _refuse_unsound(read)
    return read


def text_of_member(document: bytes, name: str) -> str:
    """Return a member of a JSON object as text, its numbers digit for digit."""
    return _written(_parsed(document.decode())[name])  # type: ignore[index]  # an object by contract


def read_kept(text: str) -> Geometry:
    """Return a geometry that was checked when it was kept."""
    document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    kind, coordinates = KINDS[document["type"]], document["coordinates"]
    if kind is PlotKind.POINT:
        return Geometry(kind, text, (), _units(coordinates), DECIMALS)
    parts = [coordinates] if kind is PlotKind.POLYGON else coordinates
    polygons = tuple(
        tuple(tuple(_units(one) for one in ring) for ring in part) for part in parts
    )
    return Geometry(kind, text, polygons, None, DECIMALS)


def _original(kind: PlotKind, coordinates: object) -> str:
    return _written({"type": NAMES[kind], "coordinates": coordinates})


def _refuse(why: str, where: str) -> NoReturn:
    raise GeometryRefused(why=why, where=where)


def _parsed(text: str) -> object:
    def refuse_constant(_name: str) -> NoReturn:
        _refuse(NOT_JSON, "geometry")

    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=refuse_constant,
        )
    except (ValueError, RecursionError):
        _refuse(NOT_JSON, "geometry")


def _numbers(value: object) -> Iterator[Decimal]:
    """Yield every number of nested lists, without going down on the call stack."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, Decimal):
            yield one


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list) or not value:
        _refuse(NO_LIST, where)
    return value


def _polygon(value: object, where: str) -> Rings:
    rings = [
        _read_ring(ring, f"{where}.{number}")
        for number, ring in enumerate(_list(value, where))
    ]
    turned = orient(Polygon(rings[0], rings[1:]), sign=1.0)
    return tuple(
        tuple((int(east), int(north)) for east, north in ring.coords)
        for ring in (turned.exterior, *turned.interiors)
    )


def _read_ring(value: object, where: str) -> Ring:
    ring = tuple(
        _position(one, f"{where}.{number}")
        for number, one in enumerate(_list(value, where))
    )
    if len(ring) < RING_POSITIONS:
        _refuse(TOO_SHORT, where)
    if ring[0] != ring[-1]:
        _refuse(NOT_CLOSED, f"{where}.{len(ring) - 1}")
    return ring


def _position(value: object, where: str) -> Position:
    if (
        not isinstance(value, list)
        or len(value) not in {2, 3}
        or not all(isinstance(number, Decimal) for number in value)
    ):
        _refuse(NO_POSITION, where)
    # Compared before anything is reckoned: a number may have a huge exponent.
    if not (-180 <= value[0] <= 180 and -90 <= value[1] <= 90):
        _refuse(OFF_EARTH, where)
    return _units(value)


def _units(value: Sequence[Decimal]) -> Position:
    return round(value[0] * UNITS), round(value[1] * UNITS)


def _refuse_unsound(geometry: Geometry) -> None:
    reason = is_valid_reason(geometry.shape)
    if reason != "Valid Geometry":
        name, _, place = reason.partition("[")
        why = next((told for known, told in REASONS if name == known), NO_AREA)
        _refuse(why, _place(place))
    if not geometry.shape.area:
        _refuse(NO_AREA, "geometry")
    west, south, east, north = geometry.box
    if east - west > UNITS or north - south > UNITS:
        _refuse(TOO_WIDE, "geometry")


def _place(told: str) -> str:
    """Return where the library found the fault, in degrees."""
    found = re.findall(r"-?[\d.]+(?:e[+-]?\d+)?", told)
    if len(found) != 2:
        return "geometry"
    return ", ".join(degrees_text(round(float(one))) for one in found)


def degrees_text(units: int) -> str:
    """Return units of 1e-7 degrees as a decimal number, without zeros at the end."""
    sign, whole = ("-" if units < 0 else ""), abs(units)
    return f"{sign}{whole // UNITS}.{whole % UNITS:07}".rstrip("0").removesuffix(".")


def _told(position: Position) -> str:
    return f"[{degrees_text(position[0])},{degrees_text(position[1])}]"


def _ring(ring: Ring) -> str:
    return _listed(map(_told, ring))


def _listed(parts: Iterator[str] | Sequence[str]) -> str:
    return f"[{','.join(parts)}]"


def _written(value: object) -> str:
    """Return JSON with every number digit for digit as it was given."""
    match value:
        case Decimal():
            return f"{value:f}" if abs(value.adjusted()) < 40 else str(value)
        case list():
            return _listed([_written(one) for one in value])
        case dict():
            told = (
                f"{json.dumps(name)}:{_written(one)}" for name, one in value.items()
            )
            return f"{{{','.join(told)}}}"
        case _:
            return json.dumps(value)
