"""Where the demonstration happens: real places, and invented points around them."""

import csv
import math
from dataclasses import dataclass
from functools import cache

from api.demonstration.chance import Chance
from api.demonstration.story import DATA

KILOMETRES_PER_DEGREE = 111.2
# Not in the middle of a town, and not in the next valley.
NEAREST_METRES, FURTHEST_METRES = 900, 5_200


@dataclass(frozen=True)
class Place:
    """A populated place of GeoNames."""

    id: int
    name: str
    latitude: float
    longitude: float
    country: str
    municipality: str


@cache
def places() -> dict[int, Place]:
    """Return the places the demonstration knows, by their GeoNames id."""
    text = (DATA / "places.csv").read_text(encoding="utf-8")
    return {
        int(row["geonameid"]): Place(
            id=int(row["geonameid"]),
            name=row["name"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            country=row["country_iso2"],
            municipality=row["municipality"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def point_near(
    place: Place,
    chance: Chance,
    nearest: int = NEAREST_METRES,
    furthest: int = FURTHEST_METRES,
) -> tuple[float, float]:
    """Return a latitude and longitude between two distances from a place."""
    kilometres = chance.between(nearest, furthest) / 1000
    bearing = 2 * math.pi * chance.part()
    north = kilometres * math.cos(bearing) / KILOMETRES_PER_DEGREE
    shrink = KILOMETRES_PER_DEGREE * math.cos(math.radians(place.latitude))
    east = kilometres * math.sin(bearing) / shrink
    return round(place.latitude + north, 5), round(place.longitude + east, 5)
