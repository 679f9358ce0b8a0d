"""Land as GeoJSON: what is taken, what is refused and where, and what is kept."""

import json
from decimal import Decimal
from itertools import pairwise

import pytest

from compliance import limits
from compliance.registry.models import PlotKind
from compliance.registry.plots.geodesy import area_square_metres, metres_between
from compliance.registry.plots.geometry import (
    GeometryRefused,
    degrees_text,
    read_geometry,
    read_kept,
    text_of_member,
)

Positions = list[list[float]]

SQUARE: Positions = [[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]
CLOCKWISE: Positions = SQUARE[::-1]
HOLE: Positions = [
    [0.0002, 0.0002],
    [0.0008, 0.0002],
    [0.0008, 0.0008],
    [0.0002, 0.0008],
    [0.0002, 0.0002],
]


def polygon(*rings: object) -> str:
    return json.dumps({"type": "Polygon", "coordinates": rings})


def moved(ring: Positions, east: float) -> Positions:
    return [[x + east, y] for x, y in ring]


def signed_area(ring: Positions) -> float:
    return sum(
        x * later_y - later_x * y for (x, y), (later_x, later_y) in pairwise(ring)
    )


REFUSED: list[tuple[str, str, str]] = [
    ("{", "not JSON", "geometry"),
    ('{"type": "Point", "coordinates": [NaN, 1]}', "not JSON", "geometry"),
    ("[" * 100_000, "not JSON", "geometry"),
    ("7", "not a GeoJSON object", "geometry"),
    ('{"type": "Feature", "geometry": null}', "not a GeoJSON object", "geometry"),
    ('{"type": "LineString", "coordinates": [[0, 0]]}', "'type'", "geometry.type"),
    (
        '{"type": "Point", "coordinates": [0, 1], "crs": {}}',
        "'crs'",
        "geometry.crs",
    ),
    ('{"type": "Point", "coordinates": []}', "a position", "coordinates"),
    ('{"type": "Point", "coordinates": [1]}', "a position", "coordinates"),
    ('{"type": "Point", "coordinates": [1, 2, 3, 4]}', "a position", "coordinates"),
    ('{"type": "Point", "coordinates": ["1", 2]}', "a position", "coordinates"),
    ('{"type": "Point", "coordinates": [true, 2]}', "a position", "coordinates"),
    ('{"type": "Point", "coordinates": [180.1, 2]}', "±180", "coordinates"),
    ('{"type": "Point", "coordinates": [3.2, -95.6]}', "longitude is first", "coord"),
    ('{"type": "Point", "coordinates": [1e999999999, 2]}', "±180", "coordinates"),
    (polygon(), "square brackets", "coordinates"),
    (polygon([]), "square brackets", "coordinates.0"),
    (polygon(SQUARE[:3]), "four positions", "coordinates.0"),
    (polygon(SQUARE[:4]), "the last position", "coordinates.0.3"),
    (polygon([*SQUARE[:2], [9], *SQUARE[3:]]), "a position", "coordinates.0.2"),
    (
        polygon([[0, 0], [0.001, 0.001], [0.001, 0], [0, 0.001], [0, 0]]),
        "crosses",
        "0.0005, 0.0005",
    ),
    (polygon(SQUARE, moved(HOLE, 1)), "hole lies outside", "1.0002"),
    (polygon(SQUARE, HOLE, HOLE), "crosses", "0.000"),
    (polygon([[0, 0]] * 4), "no area", "0, 0"),
    (polygon([[0, 0], [1.1, 0], [1.1, 1], [0, 0]]), "more than one degree", "geometry"),
    (
        json.dumps(
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [moved(HOLE, 0)]]}
        ),
        "upon one another",
        "0.0002",
    ),
    ('{"type": "MultiPolygon", "coordinates": []}', "square brackets", "coordinates"),
    (
        json.dumps({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE[:4]]]}),
        "the last position",
        "coordinates.1.0.3",
    ),
]


@pytest.mark.parametrize(("text", "why", "where"), REFUSED)
def test_what_is_no_land_is_refused_with_the_reason_and_the_place(
    text: str, why: str, where: str
) -> None:
    with pytest.raises(GeometryRefused) as refused:
        read_geometry(text)

    assert why in str(refused.value.facts["why"])
    assert where in str(refused.value.facts["where"])


def test_too_many_positions_are_refused() -> None:
    ring = [[0, place / 1e6] for place in range(limits.PLOT_POSITIONS * 2)]

    with pytest.raises(GeometryRefused, match="too many positions"):
        read_geometry(polygon([*ring, ring[0]]))


def test_a_point_keeps_its_digits_and_its_height_as_they_were_given() -> None:
    text = '{"type": "Point", "coordinates": [-75.6450600, 3.1969800, 1740.50]}'

    read = read_geometry(text)

    assert read.kind is PlotKind.POINT
    assert "[-75.6450600,3.1969800,1740.50]" in read.original
    assert read.text == '{"type":"Point","coordinates":[-75.64506,3.19698]}'
    assert read.decimals == 7


def test_outer_rings_turn_counter_clockwise_and_holes_clockwise() -> None:
    read = read_geometry(polygon(CLOCKWISE, HOLE))

    outer, hole = json.loads(read.text)["coordinates"]
    assert signed_area(outer) > 0 > signed_area(hole)
    assert json.loads(read.original)["coordinates"] == [CLOCKWISE, HOLE]


def test_land_is_the_same_whichever_way_its_ring_turns() -> None:
    one = read_geometry(polygon(SQUARE))
    other = read_geometry(
        polygon([[0, 0], [0, 0.001], *SQUARE[2:1:-1], [0.001, 0], [0, 0]])
    )

    assert one.sha256 == other.sha256


def test_what_is_kept_reads_as_it_was_checked() -> None:
    texts = [
        polygon(SQUARE, HOLE),
        '{"type": "Point", "coordinates": [-75.6450601, 3.1969802]}',
        json.dumps(
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [moved(SQUARE, 0.01)]]}
        ),
    ]

    for text in texts:
        read = read_geometry(text)
        kept = read_kept(read.text)
        assert (kept.polygons, kept.point) == (read.polygons, read.point)
        assert kept.text == read.text


def test_a_multipolygon_of_one_part_stays_one() -> None:
    text = json.dumps({"type": "MultiPolygon", "coordinates": [[SQUARE]]})

    read = read_geometry(text)

    assert read.kind is PlotKind.MULTIPOLYGON
    assert json.loads(read.text)["coordinates"] == [[SQUARE]]


def test_the_box_is_in_units_of_a_ten_millionth_of_a_degree() -> None:
    assert read_geometry(polygon(SQUARE)).box == (0, 0, 10_000, 10_000)


@pytest.mark.parametrize(
    ("units", "told"),
    [
        (0, "0"),
        (1, "0.0000001"),
        (-1, "-0.0000001"),
        (-756450600, "-75.64506"),
        (1_800_000_000, "180"),
        (100_000_000, "10"),
    ],
)
def test_units_are_written_as_degrees(units: int, told: str) -> None:
    assert degrees_text(units) == told
    assert Decimal(told) * 10_000_000 == units


def test_the_geometry_of_a_body_is_taken_digit_for_digit() -> None:
    body = b'{"label": "x", "geometry": {"type": "Point", "coordinates": [1.50, 2]}}'

    assert text_of_member(body, "geometry") == (
        '{"type":"Point","coordinates":[1.50,2]}'
    )


def cell(south: int) -> str:
    corners = [[0, south], [1, south], [1, south + 1], [0, south + 1], [0, south]]
    return polygon(corners)


def test_all_the_cells_of_a_degree_make_the_surface_of_the_ellipsoid() -> None:
    strip = [area_square_metres(read_geometry(cell(south))) for south in range(-90, 90)]

    # The surface of WGS 84, as its definition gives it, in square kilometres.
    assert 360 * sum(area or 0 for area in strip) / 1e6 == pytest.approx(
        510_065_621.724, abs=0.01
    )


def test_a_hole_is_taken_out_of_the_area() -> None:
    whole = area_square_metres(read_geometry(polygon(SQUARE)))
    hole = area_square_metres(read_geometry(polygon(HOLE)))
    left = area_square_metres(read_geometry(polygon(SQUARE, HOLE)))

    assert whole is not None
    assert hole is not None
    assert left is not None
    assert abs(whole - hole - left) <= 1
    assert hole / whole == pytest.approx(0.36, abs=0.001)


def test_a_hectare_measures_a_hectare() -> None:
    # On the equator a degree of longitude is 111.3195 km, of latitude 110.5743 km.
    east, north = 0.1 / 111.3195, 0.1 / 110.5743
    ring = [[0, 0], [east, 0], [east, north], [0, north], [0, 0]]

    assert area_square_metres(read_geometry(polygon(ring))) == pytest.approx(
        10_000, abs=2
    )


def test_a_point_has_no_area() -> None:
    text = '{"type": "Point", "coordinates": [0, 0]}'

    assert area_square_metres(read_geometry(text)) is None


def test_distances_hold_to_half_a_percent() -> None:
    # Bogotá to Planadas along the geodesic, as GeographicLib reckons it.
    assert metres_between((4.711, -74.0721), (3.19698, -75.64506)) == pytest.approx(
        241_956.9, rel=0.005
    )
