"""How large land is on the ellipsoid of WGS 84, and how far apart two points are.

RFC 7946 (3.1.1) draws the line between two positions straight in longitude and latitude.
The area below such a line is the mean of the authalic function along it, times the
longitudes it spans; Simpson's rule gives that mean to more digits than a receiver has.
"""

import math
from itertools import pairwise

from compliance.registry.plots.geometry import UNITS, Geometry, Ring

EQUATOR_METRES = 6_378_137.0
FLATTENING = 1 / 298.257223563
SQUARED = FLATTENING * (2 - FLATTENING)  # the eccentricity, squared
ECCENTRICITY = math.sqrt(SQUARED)
MEAN_METRES = 6_371_008.8


def area_square_metres(geometry: Geometry) -> int | None:
    """Return the area, holes taken out, in whole square metres; None of a point."""
    if geometry.point is not None:
        return None
    total = sum(
        _area(rings[0]) - sum(_area(hole) for hole in rings[1:])
        for rings in geometry.polygons
    )
    return round(total)


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance between two latitudes and longitudes, to half a percent."""
    (south, west), (north, east) = (
        tuple(map(math.radians, end)) for end in (one, other)
    )
    chord = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    )
    return 2 * MEAN_METRES * math.asin(min(1.0, math.sqrt(chord)))


def _area(ring: Ring) -> float:
    # Measured from the ring's own latitude, so that nothing is lost between large sums.
    start = _authalic(ring[0][1])
    total = 0.0
    for (west, south), (east, north) in pairwise(ring):
        mean = _authalic(south) + 4 * _authalic((south + north) / 2) + _authalic(north)
        total += math.radians((east - west) / UNITS) * (mean / 6 - start)
    return abs(total) * EQUATOR_METRES**2 / 2


def _authalic(latitude: float) -> float:
    """Return the area from the equator to a latitude in units, by radian and a²/2."""
    sine = math.sin(math.radians(latitude / UNITS))
    return (1 - SQUARED) * (
        sine / (1 - SQUARED * sine**2) + math.atanh(ECCENTRICITY * sine) / ECCENTRICITY
    )
