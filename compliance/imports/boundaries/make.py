"""Makes `countries.json` from Natural Earth's countries; run by hand, see README.md."""

import json
import sys
from pathlib import Path
from typing import Any

from babel.core import get_global

STEPS_IN_A_DEGREE = 100


def countries(source: Path) -> dict[str, list[list[int]]]:
    """Return ISO code → closed lines, each a start and steps in hundredths of a degree."""
    topology = json.loads(source.read_text("utf-8"))
    arcs = [_degrees(arc, topology["transform"]) for arc in topology["arcs"]]
    found: dict[str, list[list[int]]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        codes = get_global("territory_aliases").get(geometry.get("id", ""), [])
        if len(codes) == 1:
            rings = [_steps(_joined(ring, arcs)) for ring in _rings(geometry)]
            found.setdefault(codes[0], []).extend(
                ring for ring in rings if len(ring) > 6
            )
    return dict(sorted(found.items()))


def _degrees(
    arc: list[list[int]], transform: dict[str, list[float]]
) -> list[tuple[float, float]]:
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append(
            (
                x * transform["scale"][0] + transform["translate"][0],
                y * transform["scale"][1] + transform["translate"][1],
            )
        )
    return points


def _rings(geometry: dict[str, Any]) -> list[list[int]]:
    polygons: list[list[list[int]]] = geometry["arcs"]
    if geometry["type"] == "Polygon":
        polygons = [geometry["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def _joined(
    ring: list[int], arcs: list[list[tuple[float, float]]]
) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def _steps(points: list[tuple[float, float]]) -> list[int]:
    steps: list[int] = []
    last = (0, 0)
    for longitude, latitude in points:
        here = (
            round(longitude * STEPS_IN_A_DEGREE),
            round(latitude * STEPS_IN_A_DEGREE),
        )
        if not steps or here != last:
            steps += (here[0] - last[0], here[1] - last[1])
        last = here
    return steps


if __name__ == "__main__":
    target = Path(__file__).parent / "countries.json"
    made = json.dumps(countries(Path(sys.argv[1])), separators=(",", ":"))
    target.write_text(made + "\n", "utf-8")
