"""Whether points lie in the country their rows name, and how far outside if not."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy
from numpy.typing import NDArray

COUNTRIES = Path(__file__).parent / "boundaries" / "countries.json"
STEPS_IN_A_DEGREE = 100
KILOMETRES_IN_A_DEGREE = 111.2
SQUARES_IN_A_DEGREE = 10
MOST_SQUARES = 100_000
# What is nearer than this to its country is not asked about: the lines are rough.
NEAR_KILOMETRES = 5.0

Numbers = NDArray[numpy.float64]
Truths = NDArray[numpy.bool_]
Point = tuple[float, float]
Square = tuple[int, int]


def outside(country: str, points: Sequence[Point]) -> list[float | None]:
    """Return for each (latitude, longitude) the kilometres it lies outside of `country`.

    Inside, or nearer than NEAR_KILOMETRES, is 0. None where the country's outline is
    not known.
    """
    rings = _rings(country)
    if not rings:
        return [None] * len(points)
    known = _squares(country)
    asked = [point for point in points if known.get(_square(*point)) is None]
    exactly: dict[Point, bool] = {}
    if asked:
        latitudes, longitudes = numpy.array(asked).T
        within = _inside(rings, latitudes, longitudes).tolist()
        exactly = dict(zip(asked, within, strict=True))
        _remember(known, exactly)
    return [
        0.0 if exactly.get(point, known.get(_square(*point))) else _far(rings, *point)
        for point in points
    ]


def countries_at(latitude: float, longitude: float) -> tuple[str, ...]:
    """Return the countries whose outline holds a point."""
    there = numpy.array([latitude]), numpy.array([longitude])
    return tuple(
        country
        for country, (west, south, east, north) in _boxes().items()
        if west <= longitude <= east and south <= latitude <= north
        if _inside(_rings(country), *there)[0]
    )


def _far(rings: tuple[Numbers, ...], latitude: float, longitude: float) -> float:
    kilometres = min(_distance(ring, latitude, longitude) for ring in rings)
    return 0.0 if kilometres < NEAR_KILOMETRES else round(kilometres, 1)


def _inside(
    rings: tuple[Numbers, ...], latitudes: Numbers, longitudes: Numbers
) -> Truths:
    """Count crossings of a ray to the east: an odd number is inside (holes too)."""
    within = numpy.zeros(len(latitudes), dtype=bool)
    for ring in rings:
        x, y = ring[:, 0], ring[:, 1]
        near = (latitudes >= y.min()) & (latitudes <= y.max()) & (longitudes <= x.max())
        if not near.any():
            continue
        lats, lons = latitudes[near][:, None], longitudes[near][:, None]
        x1, y1, x2, y2 = x[:-1], y[:-1], x[1:], y[1:]
        spans = (y1 <= lats) != (y2 <= lats)
        with numpy.errstate(divide="ignore", invalid="ignore"):
            crossing = x1 + (lats - y1) * (x2 - x1) / (y2 - y1)
        within[near] ^= (
            numpy.count_nonzero(spans & (lons < crossing), axis=1) % 2
        ) == 1
    return within


def _distance(ring: Numbers, latitude: float, longitude: float) -> float:
    """Return the kilometres from a point to the nearest side of a line."""
    shrink = math.cos(math.radians(latitude))
    x = (ring[:, 0] - longitude) * shrink * KILOMETRES_IN_A_DEGREE
    y = (ring[:, 1] - latitude) * KILOMETRES_IN_A_DEGREE
    x1, y1, dx, dy = x[:-1], y[:-1], numpy.diff(x), numpy.diff(y)
    length = numpy.maximum(dx * dx + dy * dy, 1e-12)
    along = numpy.clip(-(x1 * dx + y1 * dy) / length, 0.0, 1.0)
    return float(numpy.hypot(x1 + along * dx, y1 + along * dy).min())


@cache
def _all() -> dict[str, list[list[int]]]:
    found: dict[str, list[list[int]]] = json.loads(COUNTRIES.read_text("utf-8"))
    return found


@cache
def _rings(country: str) -> tuple[Numbers, ...]:
    return tuple(
        numpy.cumsum(numpy.array(steps, dtype=float).reshape(-1, 2), axis=0)
        / STEPS_IN_A_DEGREE
        for steps in _all().get(country, [])
    )


@cache
def _squares(country: str) -> dict[Square, bool | None]:
    """Return the squares of a tenth of a degree of which it is known where they lie.

    None are those that a line may run through: there each point is looked at. The others
    are wholly inside or wholly outside, and are added when their first point is.
    """
    found: dict[Square, bool | None] = {}
    for ring in _rings(country):
        ends = numpy.floor(ring * SQUARES_IN_A_DEGREE).astype(int).tolist()
        for (x1, y1), (x2, y2) in pairwise(ends):
            for x in range(min(x1, x2), max(x1, x2) + 1):
                for y in range(min(y1, y2), max(y1, y2) + 1):
                    found[y, x] = None
    return found


def _square(latitude: float, longitude: float) -> Square:
    return (
        math.floor(latitude * SQUARES_IN_A_DEGREE),
        math.floor(longitude * SQUARES_IN_A_DEGREE),
    )


def _remember(known: dict[Square, bool | None], exactly: Mapping[Point, bool]) -> None:
    if len(known) < MOST_SQUARES:
        for point, within in exactly.items():
            known.setdefault(_square(*point), within)


@cache
def _boxes() -> dict[str, tuple[float, float, float, float]]:
    boxes = {}
    for country in _all():
        points = numpy.concatenate(_rings(country))
        west, south = points.min(axis=0)
        east, north = points.max(axis=0)
        boxes[country] = (float(west), float(south), float(east), float(north))
    return boxes
