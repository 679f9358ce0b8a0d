"""What looks odd about a plot is remarked, and nothing else is."""

import json
from dataclasses import replace

from compliance.registry.plots.checks import (
    Known,
    Neighbour,
    overlap_percent,
    remarks_on,
)
from compliance.registry.plots.geometry import Geometry, read_geometry

NOTHING = Known(
    area=None,
    declared=None,
    site_area=None,
    site_point=None,
    mapped=0,
    neighbours=(),
)


def square(east: float = 0, north: float = 0, side: float = 0.001) -> Geometry:
    """A square of some 1.2 ha at the equator, its corners to six decimals."""
    corners = [
        (east, north),
        (east + side, north),
        (east + side, north + side),
        (east, north + side),
        (east, north),
    ]
    told = ",".join(f"[{x:.6f},{y:.6f}]" for x, y in corners)
    return read_geometry(f'{{"type":"Polygon","coordinates":[[{told}]]}}')


def point(longitude: str, latitude: str) -> Geometry:
    return read_geometry(f'{{"type":"Point","coordinates":[{longitude},{latitude}]}}')


def codes(geometry: Geometry, known: Known) -> list[str]:
    return [remark.code for remark in remarks_on(geometry, known)]


def test_land_as_it_was_declared_is_not_remarked() -> None:
    known = replace(NOTHING, area=12_000, declared=10_000, site_area=20_000)

    assert codes(square(), known) == []


def test_an_area_more_than_a_quarter_off_is_remarked_either_way() -> None:
    for area in (12_501, 7_499):
        known = replace(NOTHING, area=area, declared=10_000)
        assert codes(square(), known) == ["area_differs"]
    for area in (12_500, 7_500):
        known = replace(NOTHING, area=area, declared=10_000)
        assert codes(square(), known) == []


def test_an_area_that_nobody_declared_is_not_compared() -> None:
    assert codes(square(), replace(NOTHING, area=10_000, declared=0)) == []
    assert codes(square(), replace(NOTHING, area=10_000)) == []


def test_plots_that_together_are_more_than_their_site_are_remarked() -> None:
    known = replace(NOTHING, area=10_000, mapped=15_001, site_area=20_000)

    remarks = remarks_on(square(), known)

    assert [remark.code for remark in remarks] == ["more_than_site"]
    assert remarks[0].facts == {"hectares": "2.50", "declared": "2.00"}


def test_above_four_hectares_a_polygon_is_wanted() -> None:
    dot = point("-75.645061", "3.196981")

    assert codes(dot, replace(NOTHING, declared=40_001)) == ["wants_polygon"]
    assert codes(dot, replace(NOTHING, site_area=40_001)) == ["wants_polygon"]
    assert codes(dot, replace(NOTHING, declared=40_000)) == []
    assert codes(dot, replace(NOTHING, declared=1, site_area=90_000)) == []


def test_fewer_than_six_decimals_are_remarked() -> None:
    assert codes(point("-75.64506", "3.19698"), NOTHING) == ["few_decimals"]
    assert codes(point("-75.645060", "3.19698"), NOTHING) == []


def test_land_far_from_its_site_may_be_the_wrong_way_round() -> None:
    dot = point("3.196981", "-75.645061")
    known = replace(NOTHING, site_point=(3.196981, -75.645061))

    remarks = remarks_on(dot, known)

    assert [remark.code for remark in remarks] == ["far_from_site"]
    assert "wrong" not in remarks[0].told("en")
    assert "right way round" in remarks[0].told("en")


def test_land_near_its_site_is_not_remarked() -> None:
    known = replace(NOTHING, site_point=(0.1, 0.1))

    assert codes(square(), known) == []


def test_land_upon_land_is_told_with_its_share_of_the_smaller() -> None:
    half = Neighbour("plot_a", "site_a", square(east=0.0005))
    touching = Neighbour("plot_b", "site_b", square(east=0.001))
    sliver = Neighbour("plot_c", "site_c", square(east=0.000995))

    remarks = remarks_on(
        square(), replace(NOTHING, neighbours=(half, touching, sliver))
    )

    assert [(one.code, one.facts) for one in remarks] == [
        ("overlaps", {"plot": "plot_a", "site": "site_a", "percent": 50})
    ]


def test_a_small_plot_within_a_large_one_lies_wholly_upon_it() -> None:
    assert overlap_percent(square(side=0.01), square(0.004, 0.004)) == 100


def test_only_the_five_largest_overlaps_are_told() -> None:
    neighbours = tuple(
        Neighbour(f"plot_{number}", "site_a", square(east=0.0001 * number))
        for number in range(8)
    )

    remarks = remarks_on(square(), replace(NOTHING, neighbours=neighbours))

    assert [remark.facts["plot"] for remark in remarks] == [
        f"plot_{number}" for number in range(5)
    ]


def test_a_point_within_land_and_the_same_point_again_are_remarked() -> None:
    dot = point("0.000500", "0.000500")
    around = Neighbour("plot_a", "site_a", square())
    same = Neighbour("plot_b", "site_b", point("0.0005000", "0.0005000"))
    beside = Neighbour("plot_c", "site_c", point("0.0005001", "0.0005000"))

    remarks = remarks_on(dot, replace(NOTHING, neighbours=(around, same, beside)))

    assert [(one.code, one.facts["plot"]) for one in remarks] == [
        ("same_point", "plot_a"),
        ("same_point", "plot_b"),
    ]


def test_remarks_are_told_in_the_readers_language() -> None:
    known = replace(NOTHING, area=20_000, declared=10_000)

    remark = remarks_on(square(), known)[0]

    assert "2.00 ha" in remark.told("en")
    assert json.dumps(dict(remark.facts))
