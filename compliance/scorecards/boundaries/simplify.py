"""Makes `outlines.json` from Natural Earth's countries; run by hand, see README.md."""

import itertools
import json
import sys
from pathlib import Path
from typing import Any

ISO_CODES = {"COL": "CO", "ECU": "EC", "PAN": "PA", "VEN": "VE"}
SMALLEST_PART = 0.01  # of the largest, by area: a dot of a printed map is no outline
TOLERANCE = 0.012  # of the height of the country

Ring = list[tuple[float, float]]


def outlines(source: Path) -> dict[str, list[Ring]]:
    features = json.loads(source.read_text("utf-8"))["features"]
    return {
        ISO_CODES[feature["properties"]["iso_a3"]]: _parts(feature["geometry"])
        for feature in features
        if feature["properties"]["iso_a3"] in ISO_CODES
        and not feature["properties"]["clipped"]
    }


def _parts(geometry: dict[str, Any]) -> list[Ring]:
    polygons: list[list[Ring]] = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [geometry["coordinates"]]
    rings = sorted((polygon[0] for polygon in polygons), key=_area, reverse=True)
    mainland = rings[0]
    height = max(lat for _, lat in mainland) - min(lat for _, lat in mainland)
    return [
        [(round(lon, 2), round(lat, 2)) for lon, lat in simplified]
        for ring in rings
        if _area(ring) >= SMALLEST_PART * _area(mainland) and _meet(ring, mainland)
        for simplified in [_simplify(ring, TOLERANCE * height)]
    ]


def _meet(ring: Ring, mainland: Ring) -> bool:
    """Tell whether a part lies off the coast and not far out at sea."""
    return all(
        min(point[axis] for point in ring) <= max(point[axis] for point in mainland)
        and max(point[axis] for point in ring) >= min(point[axis] for point in mainland)
        for axis in (0, 1)
    )


def _area(ring: Ring) -> float:
    pairs = itertools.pairwise(ring)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _simplify(ring: Ring, tolerance: float) -> Ring:
    """Ramer, Douglas and Peucker, on the two halves of a closed line."""
    middle = len(ring) // 2
    first = _thinned(ring[: middle + 1], tolerance)
    return first[:-1] + _thinned(ring[middle:], tolerance)


def _thinned(line: Ring, tolerance: float) -> Ring:
    distances = [_distance(point, line[0], line[-1]) for point in line[1:-1]]
    if not distances or max(distances) <= tolerance:
        return [line[0], line[-1]]
    farthest = distances.index(max(distances)) + 1
    before = _thinned(line[: farthest + 1], tolerance)
    return before[:-1] + _thinned(line[farthest:], tolerance)


def _distance(
    point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]
) -> float:
    right, up = end[0] - start[0], end[1] - start[1]
    length = (right * right + up * up) ** 0.5
    if length == 0:
        return float(((point[0] - start[0]) ** 2 + (point[1] - start[1]) ** 2) ** 0.5)
    cross = right * (start[1] - point[1]) - up * (start[0] - point[0])
    return abs(float(cross)) / float(length)


if __name__ == "__main__":
    target = Path(__file__).parent / "outlines.json"
    made = json.dumps(outlines(Path(sys.argv[1])), separators=(",", ":"))
    target.write_text(made + "\n", "utf-8")
