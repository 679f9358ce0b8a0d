"""Laws of the register: land is the same however it is drawn, harvests never overlap."""

import json
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from compliance.registry.harvest.calendar import Month, Months, harvest_on
from compliance.registry.plots.geodesy import area_square_metres
from compliance.registry.plots.geometry import Geometry, read_geometry, read_kept
from compliance.registry.shares import WHOLE, basis_points

MONTHS = st.lists(st.sampled_from(list(Month)), min_size=12, max_size=12).map(tuple)
DAYS = st.dates(date(2001, 1, 1), date(2098, 12, 31))
DEGREES = st.integers(-17_000, 17_000).map(lambda tenths: tenths / 100)
Ring = list[tuple[float, float]]


@st.composite
def rings(draw: st.DrawFn) -> Ring:
    """Draw a field around a middle: corners by bearing, so that no side crosses."""
    east = draw(DEGREES)
    north = draw(st.integers(-8_000, 8_000)) / 100
    corners = draw(st.integers(3, 12))
    reaches = draw(st.lists(st.integers(20, 900), min_size=corners, max_size=corners))
    octant = [(1, 0), (2, 1), (1, 1), (1, 2), (0, 1), (-1, 2), (-1, 1), (-2, 1)]
    around = [*octant, *[(-x, -y) for x, y in octant[:8]]]
    step = len(around) // corners
    return [
        (
            round(east + around[place * step][0] * reach * 1e-6, 7),
            round(north + around[place * step][1] * reach * 1e-6, 7),
        )
        for place, reach in enumerate(reaches)
    ]


def land(ring: Ring) -> Geometry:
    closed = [list(corner) for corner in (*ring, ring[0])]
    return read_geometry(json.dumps({"type": "Polygon", "coordinates": [closed]}))


@given(rings(), st.integers(0, 11))
def test_land_has_one_area_wherever_its_ring_begins_and_whichever_way_it_turns(
    ring: Ring, start: int
) -> None:
    turned = [*ring[start % len(ring) :], *ring[: start % len(ring)]]

    areas = {area_square_metres(land(one)) for one in (ring, turned, ring[::-1])}

    known = [area for area in areas if area is not None]
    assert max(known) - min(known) <= 1
    assert min(known) >= 0


@given(rings())
def test_what_is_kept_is_what_was_read(ring: Ring) -> None:
    read = land(ring)

    kept = read_kept(read.text)

    assert kept.polygons == read.polygons
    assert land(ring[::-1]).box == read.box
    west, south, east, north = read.box
    assert all(
        west <= x <= east and south <= y <= north for x, y in read.polygons[0][0]
    )


@given(MONTHS, DAYS)
def test_two_days_in_a_row_are_of_one_harvest_unless_the_month_changes_it(
    months: Months, day: date
) -> None:
    after = day + timedelta(days=1)
    one, other = harvest_on(day, months), harvest_on(after, months)
    is_new_year = len(set(months)) == 1 and day.year != after.year

    assert (one.season == other.season) or one.month != other.month or is_new_year


@given(MONTHS, DAYS)
def test_a_season_begins_in_its_year_or_the_year_before_the_day(
    months: Months, day: date
) -> None:
    season = harvest_on(day, months).season

    assert season is None or day.year - int(season[:4]) in {0, 1}
    assert (season is None) == (months[day.month - 1] is Month.NONE)


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=60))
def test_shares_that_make_the_whole_are_never_kept_as_more(weights: list[int]) -> None:
    total = sum(weights)
    shares = [float(Fraction(weight, total)) for weight in weights]

    kept = sum(basis_points(share) or 0 for share in shares)

    assert WHOLE - len(weights) <= kept <= WHOLE
