"""Plots over HTTP: GeoJSON in and out, exact, remarked, and for few eyes."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.register import Register

# A hectare and a bit at Planadas, clockwise as many programs draw it.
RING = [
    [-75.645000, 3.196000],
    [-75.645000, 3.197000],
    [-75.644000, 3.197000],
    [-75.644000, 3.196000],
    [-75.645000, 3.196000],
]
FIELD = {"type": "Polygon", "coordinates": [RING]}


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    """The register of the organisation the test acts for."""
    return Register(client, tenant)


def note(register: Register, farm: str, **fields: object) -> Any:
    body = {"geometry": FIELD, **fields}
    return register.send("POST", f"/v1/sites/{farm}/plots", body)


def sent(register: Register, farm: str, text: str) -> Any:
    """Note a plot whose geometry is this very text."""
    return register.client.post(
        f"/v1/sites/{farm}/plots",
        content=f'{{"geometry": {text}}}',
        headers={**register.tenant.headers(), "Content-Type": "application/json"},
    )


def codes(answer: Any) -> list[str]:
    return [remark["code"] for remark in answer.json()["remarks"]]


def test_a_plot_is_measured_and_turned_the_right_way(register: Register) -> None:
    farm = register.farm()

    made = note(register, farm, label="Lote 1", declared_area_square_metres=12_300)
    read = register.get(f"/v1/plots/{made.json()['id']}")

    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/plots/{made.json()['id']}"
    assert made.headers["content-type"] == "application/geo+json"
    assert codes(made) == ["few_decimals"]
    assert read["type"] == "Feature"
    assert read["geometry"]["coordinates"][0] == RING[::-1]
    # 0.001° by 0.001° at 3.2° north: 111.14 m by 110.58 m.
    assert read["properties"]["area_square_metres"] == pytest.approx(12_290, abs=10)
    assert read["properties"]["label"] == "Lote 1"


def test_the_original_is_kept_digit_for_digit(register: Register) -> None:
    farm = register.farm()
    text = '{"type": "Point", "coordinates": [-75.6450600, 3.1969800, 1740.50]}'

    made = sent(register, farm, text)
    path = f"/v1/plots/{made.json()['id']}"
    original = register.send("GET", f"{path}?form=original")
    kept = register.send("GET", path)

    assert codes(made) == []
    assert '"coordinates":[-75.6450600,3.1969800,1740.50]' in original.text
    assert '"coordinates":[-75.64506,3.19698]' in kept.text


@pytest.mark.parametrize(
    ("geometry", "where"),
    [
        ({"type": "Polygon", "coordinates": [RING[:4]]}, "coordinates.0.3"),
        ({"type": "Point", "coordinates": [3.19, -95.6]}, "coordinates"),
        ({"type": "LineString", "coordinates": RING}, "geometry.type"),
        ({"type": "Polygon", "coordinates": [[RING[0]] * 4]}, "-75.645, 3.196"),
        ({}, "geometry"),
    ],
)
def test_what_is_no_land_is_refused_with_its_place(
    register: Register, geometry: object, where: str
) -> None:
    farm = register.farm()

    answer = note(register, farm, geometry=geometry)

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/geometry-refused"
    assert where in answer.json()["where"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"geometry": None}, "body.geometry"),
        ({"geometry": "POINT (1 2)"}, "body.geometry"),
        ({"geometry": FIELD, "colour": "red"}, "body.colour"),
        (
            {"geometry": FIELD, "declared_area_square_metres": -1},
            "body.declared_area_square_metres",
        ),
        ({}, "body.geometry"),
    ],
)
def test_a_malformed_plot_names_its_field(
    register: Register, body: dict[str, object], field: str
) -> None:
    farm = register.farm()

    answer = register.send("POST", f"/v1/sites/{farm}/plots", body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_refusal_is_told_in_the_readers_language(register: Register) -> None:
    farm = register.farm()
    body = {"geometry": {"type": "Polygon", "coordinates": [RING[:4]]}}

    answer = register.send(
        "POST", f"/v1/sites/{farm}/plots", body, accept_language="es"
    )

    assert answer.headers["content-language"] == "es"


def test_land_that_another_site_has_is_remarked(register: Register) -> None:
    first, second = register.farm("A"), register.farm("B")
    plot = note(register, first).json()["id"]
    moved = [[x + 0.0005, y] for x, y in RING]

    answer = note(
        register, second, geometry={"type": "Polygon", "coordinates": [moved]}
    )

    told = [one for one in answer.json()["remarks"] if one["code"] == "overlaps"]
    assert len(told) == 1
    assert plot in told[0]["message"]
    assert "50 %" in told[0]["message"]


def test_a_wide_plot_is_found_by_a_narrow_one_upon_it(register: Register) -> None:
    first, second = register.farm("A"), register.farm("B")
    wide = [[x * 1000 % 1 * 0.3 - 75.9, y] for x, y in RING]
    wide = [[-75.9, 3.1], [-75.5, 3.1], [-75.5, 3.3], [-75.9, 3.3], [-75.9, 3.1]]
    note(register, first, geometry={"type": "Polygon", "coordinates": [wide]})

    answer = note(register, second)

    assert "overlaps" in codes(answer)


def test_land_of_an_ended_plot_is_free_again(register: Register) -> None:
    first, second = register.farm("A"), register.farm("B")
    plot = note(register, first).json()["id"]
    register.post(f"/v1/plots/{plot}/end", None)

    answer = note(register, second)

    assert "overlaps" not in codes(answer)


def test_another_organisations_land_says_nothing(
    register: Register, client: TestClient, stranger: Tenant
) -> None:
    other = Register(client, stranger)
    note(other, other.farm())

    answer = note(register, register.farm())

    assert codes(answer) == ["few_decimals"]


def test_the_same_land_is_noted_once_for_a_site(register: Register) -> None:
    farm = register.farm()
    plot = note(register, farm).json()["id"]
    turned = {"type": "Polygon", "coordinates": [RING[::-1]]}

    again = note(register, farm, geometry=turned)
    register.post(f"/v1/plots/{plot}/end", None)
    after = note(register, farm)

    assert again.status_code == 409
    assert again.json()["plot"] == plot
    assert after.status_code == 201


def test_what_does_not_fit_the_site_is_remarked(register: Register) -> None:
    farm = register.farm(latitude=4.2, longitude=-75.6, area_square_metres=9_000)
    point = {"type": "Point", "coordinates": [-75.644501, 3.196501]}

    field = note(register, farm, declared_area_square_metres=24_000)
    dot = note(register, farm, geometry=point, declared_area_square_metres=50_000)

    assert codes(field) == [
        "area_differs",
        "more_than_site",
        "few_decimals",
        "far_from_site",
    ]
    assert codes(dot) == ["wants_polygon", "far_from_site", "same_point"]


def test_plots_are_a_feature_collection_without_those_that_ended(
    register: Register,
) -> None:
    farm = register.farm()
    old = note(register, farm).json()["id"]
    register.post(f"/v1/plots/{old}/end", None)
    new = note(register, farm).json()["id"]

    now = register.send("GET", f"/v1/sites/{farm}/plots")
    ever = register.get(f"/v1/plots?site={farm}&ended=true")
    points = register.get("/v1/plots?kind=point")

    assert now.headers["content-type"] == "application/geo+json"
    assert now.json()["type"] == "FeatureCollection"
    assert [one["id"] for one in now.json()["features"]] == [new]
    assert [one["id"] for one in ever["features"]] == [old, new]
    assert ever["features"][0]["properties"]["ended_at"]
    assert points["features"] == []


def test_an_ended_plot_stays_readable_and_ends_once(register: Register) -> None:
    plot = note(register, register.farm()).json()["id"]
    first = register.post(f"/v1/plots/{plot}/end", None)

    again = register.post(f"/v1/plots/{plot}/end", None)

    assert again["properties"]["ended_at"] == first["properties"]["ended_at"]
    assert register.get(f"/v1/plots/{plot}") == again


def test_plots_are_also_a_table(register: Register) -> None:
    note(register, register.farm())

    answer = register.send("GET", "/v1/plots", accept="text/csv")

    header, row = answer.content.decode("utf-8-sig").splitlines()
    assert header.split(",")[0] == "id"
    assert "Polygon" in row


def test_every_role_of_the_owner_reads_plots(register: Register) -> None:
    farm = register.farm()
    note(register, farm)

    answers = [
        register.send("GET", f"/v1/sites/{farm}/plots", role=role) for role in Role
    ]

    assert {len(answer.json()["features"]) for answer in answers} == {1}


def test_positions_never_enter_the_trail(register: Register) -> None:
    note(register, register.farm())

    trail = register.send("GET", "/v1/trail?rows=200").text

    assert "plot.registered" in trail
    assert "75.64" not in trail
    assert json.dumps(RING[0]) not in trail
