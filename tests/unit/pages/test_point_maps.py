"""The map of a point: what is drawn, how far apart, and when nothing can be."""

import json
from decimal import Decimal
from typing import Any

import pytest

from api.pages.point_maps import HEIGHT, WIDTH, point_map
from audits.checklists.metadata import Location
from compliance.clock import now
from compliance.registry.models import PlotKind, Source
from compliance.registry.plots.queries import PlotRecord
from compliance.registry.queries import SiteRecord
from rules.vocabulary import Commodity, SiteKind


def site(latitude: float | None = 3.2, longitude: float | None = -75.6) -> SiteRecord:
    known: Any = {
        "id": None,
        "public_id": "site_a",
        "kind": SiteKind.PRODUCER,
        "name": "El Recuerdo",
        "country": "CO",
        "admin1": None,
        "municipality": None,
        "commodity": Commodity.COFFEE,
        "latitude": latitude,
        "longitude": longitude,
        "area_square_metres": None,
        "group_public_id": None,
        "group_name": None,
    }
    return SiteRecord(**known)


def location(latitude: str, longitude: str, accuracy: str | None = "10") -> Location:
    told = None if accuracy is None else Decimal(accuracy)
    return Location(Decimal(latitude), Decimal(longitude), None, told)


def test_the_distance_is_told_and_both_points_lie_on_the_map() -> None:
    drawn = point_map(site(), [], location("3.201", "-75.6"))

    assert drawn.distance == 111
    assert drawn.accuracy == 10
    assert drawn.bar_metres == 20
    assert drawn.registered is not None
    assert drawn.submitted is not None
    assert drawn.submitted[1] < drawn.registered[1]  # the north is above
    assert all(
        0 < x < WIDTH and 0 < y < HEIGHT for x, y in (drawn.registered, drawn.submitted)
    )


@pytest.mark.parametrize(
    ("place", "here"),
    [
        (site(None, None), location("3.2", "-75.6", None)),
        (site(), None),
        (None, location("3.2", "-75.6")),
    ],
)
def test_one_point_alone_is_drawn_without_a_distance(
    place: SiteRecord | None, here: Location | None
) -> None:
    drawn = point_map(place, [], here)

    assert drawn.is_drawn
    assert drawn.distance is None


def test_without_any_point_nothing_is_drawn() -> None:
    assert not point_map(site(None, None), [], None).is_drawn


def test_a_point_across_the_world_still_fits() -> None:
    drawn = point_map(site(), [], location("51.5", "7.4", None))

    assert drawn.submitted is not None
    assert 0 < drawn.submitted[0] < WIDTH
    assert 0 < drawn.bar < WIDTH / 2


def test_the_outline_of_a_plot_is_drawn_with_its_holes() -> None:
    ring = [[-75.601, 3.199], [-75.599, 3.199], [-75.599, 3.201], [-75.601, 3.199]]
    hole = [[-75.6, 3.1995], [-75.5995, 3.1995], [-75.5995, 3.2], [-75.6, 3.1995]]
    plot = PlotRecord(
        public_id="plot_a",
        site_public_id="site_a",
        site_name="El Recuerdo",
        label=None,
        kind=PlotKind.POLYGON,
        geometry=json.dumps({"type": "Polygon", "coordinates": [ring, hole]}),
        original="",
        area_square_metres=None,
        declared_area_square_metres=None,
        source=Source.MANUAL,
        source_reference=None,
        registered_at=now(),
        ended_at=None,
    )

    drawn = point_map(site(), [plot], None)

    assert len(drawn.outlines) == 2
    assert all(one.startswith("M") and one.endswith("Z") for one in drawn.outlines)
