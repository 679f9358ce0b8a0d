"""The invented supply chain is the same every time, plausible, and in its country."""

import json
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

import pytest

from api.demonstration.places import places
from api.demonstration.story import read_story
from api.demonstration.supply import SiteInvented, SupplyChain, invent
from rules.vocabulary import Commodity, SiteKind

Line = Sequence[Sequence[float]]

# Wide boxes around Planadas (Tolima) and Quevedo (Los Ríos), in degrees.
AROUND = {
    Commodity.COFFEE: ((2.9, 3.4), (-76.0, -75.4)),
    Commodity.PALM_OIL: ((-1.4, -0.7), (-79.8, -79.2)),
}


@pytest.fixture(scope="module")
def chain() -> SupplyChain:
    return invent(read_story())


def outlines() -> dict[str, list[Line]]:
    text = (files("compliance.scorecards.boundaries") / "outlines.json").read_text()
    found: dict[str, list[Line]] = json.loads(text)
    return found


def is_inside(lines: Sequence[Line], latitude: float, longitude: float) -> bool:
    """Count the crossings of a ray to the east: an odd number is inside."""
    crossings = 0
    for line in lines:
        for (x1, y1), (x2, y2) in zip(line, [*line[1:], line[0]], strict=True):
            is_beside = (y1 > latitude) != (y2 > latitude)
            crossings += is_beside and longitude < x1 + (x2 - x1) * (latitude - y1) / (
                y2 - y1
            )
    return crossings % 2 == 1


def test_the_same_story_gives_the_same_chain(chain: SupplyChain) -> None:
    again = invent(read_story())

    assert again == chain


def test_the_chain_is_as_large_as_the_story_promises(chain: SupplyChain) -> None:
    counted = Counter((site.kind, site.commodity) for site in chain.sites)

    assert counted == {
        (SiteKind.PRODUCER, Commodity.COFFEE): 67,
        (SiteKind.PRODUCER, Commodity.PALM_OIL): 40,
        (SiteKind.MILL, Commodity.COFFEE): 1,
        (SiteKind.MILL, Commodity.PALM_OIL): 1,
    }


def test_every_site_lies_in_its_country(chain: SupplyChain) -> None:
    known = outlines()

    outside = [
        site.key
        for site in chain.sites
        if not is_inside(known[site.country], site.latitude, site.longitude)
    ]

    assert outside == []


def test_every_site_lies_where_its_chain_is(chain: SupplyChain) -> None:
    def is_near(site: SiteInvented) -> bool:
        (south, north), (west, east) = AROUND[site.commodity]
        return south < site.latitude < north and west < site.longitude < east

    assert [site.key for site in chain.sites if not is_near(site)] == []


def test_the_places_themselves_lie_in_their_country() -> None:
    known = outlines()

    outside = [
        place.name
        for place in places().values()
        if not is_inside(known[place.country], place.latitude, place.longitude)
    ]

    assert outside == []


def test_no_two_sites_share_a_name_a_number_or_a_point(chain: SupplyChain) -> None:
    count = len(chain.sites)

    assert len({site.name for site in chain.sites}) == count
    assert len({site.tax_number for site in chain.sites}) == count
    assert len({(site.latitude, site.longitude) for site in chain.sites}) == count


def test_whatever_has_a_name_or_a_number_is_marked_as_invented(
    chain: SupplyChain,
) -> None:
    story = read_story()
    named = [story.exporter.name, *(one.group for one in story.chains)]
    named += [one.mill.name for one in story.chains]

    assert [name for name in named if "DEMO" not in name] == []
    assert [one.key for one in chain.sites if "DEMO" not in one.tax_number] == []


def test_a_mill_takes_in_no_more_than_all_and_most_of_it_is_known(
    chain: SupplyChain,
) -> None:
    shares: Counter[tuple[str, int]] = Counter()
    for link in chain.links:
        shares[link.to_key, link.year] += link.basis_points

    assert len(shares) == 6
    assert min(shares.values()) > 8_700
    assert max(shares.values()) <= 9_400


def test_a_farm_supplies_from_the_season_it_joined(chain: SupplyChain) -> None:
    joined = {site.key: site.first_year for site in chain.sites}

    early = [one for one in chain.links if one.year < joined[one.from_key]]

    assert early == []
    assert {site.first_year for site in chain.sites} == {2024, 2025, 2026}
