"""Where the device was against where the site is: a small map, drawn by the server."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audits.checklists.metadata import Location
from audits.submissions.pictures import Position, metres_between
from compliance.registry.plots.queries import PlotRecord
from compliance.registry.queries import SiteRecord

WIDTH, HEIGHT = 360.0, 280.0
MARGIN = 30.0
LEAST_METRES = 60.0  # across, so that a metre of scatter does not fill the map
METRES_PER_DEGREE = 111_320.0
SCALES = tuple(int(step * 10**power) for power in range(1, 8) for step in (1, 2, 5))

Point = tuple[float, float]  # metres to the east and to the north of the middle
Line = tuple[Point, ...]


@dataclass(frozen=True)
class PointMap:
    """What is drawn, in the units of the picture, and what is said of it."""

    registered: Point | None
    submitted: Point | None
    accuracy_radius: float | None
    outlines: tuple[str, ...]
    bar: float
    bar_metres: int
    distance: int | None
    accuracy: int | None

    @property
    def is_drawn(self) -> bool:
        return self.registered is not None or self.submitted is not None


def point_map(
    site: SiteRecord | None, plots: Sequence[PlotRecord], location: Location | None
) -> PointMap:
    """Return the map of a visit; without any point there is nothing to draw."""
    there = None
    if site is not None and site.latitude is not None and site.longitude is not None:
        there = Position(site.latitude, site.longitude)
    here = None
    accuracy = None
    if location is not None:
        here = Position(float(location.latitude), float(location.longitude))
        accuracy = None if location.accuracy is None else float(location.accuracy)
    middle = there or here
    if middle is None:
        return PointMap(None, None, None, (), 0.0, 0, None, None)
    rings = [
        tuple(_metres(middle, Position(y, x)) for x, y in ring)
        for plot in plots
        for ring in _rings(plot.geometry)
    ]
    registered = None if there is None else _metres(middle, there)
    submitted = None if here is None else _metres(middle, here)
    shown = [*(one for one in (registered, submitted) if one is not None)]
    shown += [point for ring in rings for point in ring]
    if submitted is not None and accuracy is not None:
        east, north = submitted
        shown += [(east - accuracy, north - accuracy)]
        shown += [(east + accuracy, north + accuracy)]
    frame = _Frame(shown)
    bar_metres = _bar(frame.scale)
    return PointMap(
        registered=frame.place(registered),
        submitted=frame.place(submitted),
        accuracy_radius=None
        if accuracy is None or submitted is None
        else round(max(accuracy * frame.scale, 2.0), 1),
        outlines=tuple(frame.path(ring) for ring in rings),
        bar=round(bar_metres * frame.scale, 1),
        bar_metres=bar_metres,
        distance=None if here is None or there is None else metres_between(here, there),
        accuracy=None if accuracy is None else round(accuracy),
    )


class _Frame:
    """From metres around the middle to the units of the picture."""

    def __init__(self, shown: Sequence[Point]) -> None:
        east, north = [one[0] for one in shown], [one[1] for one in shown]
        across = max(max(east) - min(east), LEAST_METRES)
        upward = max(max(north) - min(north), LEAST_METRES)
        self.scale = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / upward)
        self._east = (max(east) + min(east)) / 2
        self._north = (max(north) + min(north)) / 2

    def place(self, point: Point | None) -> Point | None:
        if point is None:
            return None
        return (
            round(WIDTH / 2 + (point[0] - self._east) * self.scale, 1),
            round(HEIGHT / 2 - (point[1] - self._north) * self.scale, 1),
        )

    def path(self, ring: Line) -> str:
        placed = [self.place(point) or (0.0, 0.0) for point in ring]
        return "M" + "L".join(f"{x} {y}" for x, y in placed) + "Z"


def _metres(middle: Position, point: Position) -> Point:
    across = math.cos(math.radians(middle.latitude))
    return (
        (point.longitude - middle.longitude) * METRES_PER_DEGREE * across,
        (point.latitude - middle.latitude) * METRES_PER_DEGREE,
    )


def _rings(geometry: str) -> Iterator[Sequence[Point]]:
    """Yield the boundaries of a plot; one that is only a point has none."""
    document = json.loads(geometry)
    polygons = {
        "Polygon": [document["coordinates"]],
        "MultiPolygon": document["coordinates"],
    }.get(document["type"], [])
    for polygon in polygons:
        for ring in polygon:
            yield [(position[0], position[1]) for position in ring]


def _bar(scale: float) -> int:
    """Return the round number of metres that a bar of about a quarter stands for."""
    wanted = WIDTH / 4 / scale
    return max((one for one in SCALES if one <= wanted), default=SCALES[0])
