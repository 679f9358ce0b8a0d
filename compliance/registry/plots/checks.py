"""What looks odd about a plot beside what else is known: remarks, never refusals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compliance.registry.plots.geodesy import metres_between
from compliance.registry.plots.geometry import UNITS, Geometry
from compliance.registry.remarks import Remark
from compliance.texts import N_

# Above four hectares a point does not do (Regulation (EU) 2023/1115, article 2(28)),
# which also asks for six decimals.
POINT_SQUARE_METRES = 40_000
DECIMALS_WANTED = 6
AREA_PERCENT = 25
OVERLAP_PERCENT = 1  # of the smaller one: receivers err by metres
FAR_METRES = 25_000
OVERLAPS_TOLD = 5

AREA_DIFFERS = N_(
    "The land measures {hectares} ha, and {declared} ha were declared: more than "
    "{percent} % apart."
)
WANTS_POLYGON = N_(
    "{hectares} ha are marked by a point; above {limit} ha a polygon is asked for."
)
FEW_DECIMALS = N_(
    "The positions have {decimals} decimals; with fewer than {wanted} a plot may lie "
    "metres off."
)
OVERLAPS = N_("It lies upon {percent} % of the plot {plot} of {site}.")
SAME_POINT = N_("The plot {plot} of {site} has the same point, or holds it.")
FAR_AWAY = N_(
    "It lies {kilometres} km from the point of its site. Are longitude and latitude the "
    "right way round?"
)
MORE_THAN_SITE = N_(
    "The plots of the site measure {hectares} ha together, and the site has {declared} ha."
)


@dataclass(frozen=True)
class Neighbour:
    """Another plot that may lie upon this one."""

    plot: str
    site: str
    geometry: Geometry


@dataclass(frozen=True)
class Known:
    """What is known beside the plot: of its site, of other plots, and what was declared.

    Areas are in square metres; `mapped` is that of the site's other plots.
    """

    area: int | None
    declared: int | None
    site_area: int | None
    site_point: tuple[float, float] | None
    mapped: int
    neighbours: tuple[Neighbour, ...]


def remarks_on(geometry: Geometry, known: Known) -> tuple[Remark, ...]:
    """Return all that somebody should look at again."""
    return (
        *_on_area(known),
        *_on_point(geometry, known),
        *_on_place(geometry, known),
        *_on_neighbours(geometry, known.neighbours),
    )


def _on_area(known: Known) -> Iterator[Remark]:
    if known.area is None:
        return
    declared = known.declared
    if declared and abs(known.area - declared) * 100 > AREA_PERCENT * declared:
        facts = {
            "hectares": hectares(known.area),
            "declared": hectares(declared),
            "percent": AREA_PERCENT,
        }
        yield Remark("area_differs", AREA_DIFFERS, facts)
    together = known.area + known.mapped
    if known.site_area and together * 100 > (100 + AREA_PERCENT) * known.site_area:
        facts = {
            "hectares": hectares(together),
            "declared": hectares(known.site_area),
        }
        yield Remark("more_than_site", MORE_THAN_SITE, facts)


def _on_point(geometry: Geometry, known: Known) -> Iterator[Remark]:
    area = known.declared or known.site_area
    if geometry.point is not None and area and area > POINT_SQUARE_METRES:
        facts: dict[str, object] = {
            "hectares": hectares(area),
            "limit": hectares(POINT_SQUARE_METRES),
        }
        yield Remark("wants_polygon", WANTS_POLYGON, facts)
    if geometry.decimals < DECIMALS_WANTED:
        facts = {"decimals": geometry.decimals, "wanted": DECIMALS_WANTED}
        yield Remark("few_decimals", FEW_DECIMALS, facts)


def _on_place(geometry: Geometry, known: Known) -> Iterator[Remark]:
    if known.site_point is None:
        return
    west, south, east, north = geometry.box
    middle = ((south + north) / 2 / UNITS, (west + east) / 2 / UNITS)
    metres = metres_between(known.site_point, middle)
    if metres > FAR_METRES:
        kilometres = round(metres / 1000)
        yield Remark("far_from_site", FAR_AWAY, {"kilometres": kilometres})


def _on_neighbours(
    geometry: Geometry, neighbours: Iterable[Neighbour]
) -> Iterator[Remark]:
    found = [
        (share, one)
        for one in neighbours
        if (share := overlap_percent(geometry, one.geometry)) >= OVERLAP_PERCENT
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1].plot))
    for share, one in found[:OVERLAPS_TOLD]:
        facts: dict[str, object] = {"plot": one.plot, "site": one.site}
        is_point = geometry.point is not None or one.geometry.point is not None
        if is_point:
            yield Remark("same_point", SAME_POINT, facts)
        else:
            yield Remark("overlaps", OVERLAPS, {**facts, "percent": share})


def overlap_percent(one: Geometry, other: Geometry) -> int:
    """Return how much of the smaller land the two share; of a point all or nothing."""
    first, second = one.shape, other.shape
    if one.point is not None or other.point is not None:
        return 100 if first.intersects(second) else 0
    shared = first.intersection(second).area
    return int(100 * shared / min(first.area, second.area))


def hectares(square_metres: int) -> str:
    """Return an area in hectares with two decimals."""
    return f"{square_metres / 10_000:.2f}"
