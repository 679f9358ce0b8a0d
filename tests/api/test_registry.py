"""Producers, mills, organisations and supply links over HTTP."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant

FARM = {
    "name": "Finca El Recuerdo",
    "country": "CO",
    "commodity": "coffee",
    "admin1": "Tolima",
    "municipality": "Planadas",
    "latitude": 3.19698,
    "longitude": -75.64506,
    "identifiers": [{"scheme": "national_coffee_register", "value": "73-0001"}],
}
MILL = {"name": "Beneficio La Cumbre", "country": "CO", "commodity": "coffee"}
CHANGES = [
    ("/v1/producers", FARM),
    ("/v1/mills", MILL),
    ("/v1/organisations", {"kind": "producer_group", "name": "G", "country": "CO"}),
    (
        "/v1/supply-links",
        {
            "from_site": "site_a",
            "to_site": "site_b",
            "commodity": "coffee",
            "season": "2026",
        },
    ),
]
READS = ["/v1/producers", "/v1/mills", "/v1/supply-links", "/v1/producers/site_a"]


def post(
    client: TestClient, tenant: Tenant, path: str, body: dict[str, Any]
) -> dict[str, Any]:
    answer = client.post(path, json=body, headers=tenant.headers())
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.parametrize("path", READS)
def test_reading_needs_a_key(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "/problems/not-signed-in"


@pytest.mark.parametrize(("path", "body"), CHANGES)
def test_changing_needs_a_key(
    client: TestClient, path: str, body: dict[str, Any]
) -> None:
    answer = client.post(path, json=body)

    assert answer.status_code == 401


@pytest.mark.parametrize(("path", "body"), CHANGES)
def test_a_role_that_only_reads_changes_nothing(
    client: TestClient, tenant: Tenant, path: str, body: dict[str, Any]
) -> None:
    answer = client.post(path, json=body, headers=tenant.headers(Role.ANALYST))

    assert answer.status_code == 403
    assert "administrator" in answer.json()["roles"]


def test_a_registered_farm_reads_as_it_was_given(
    client: TestClient, tenant: Tenant
) -> None:
    made = post(client, tenant, "/v1/producers", FARM)

    read = client.get(f"/v1/producers/{made['id']}", headers=tenant.headers()).json()

    assert {name: read[name] for name in FARM} == FARM
    assert read["kind"] == "producer"


def test_another_organisations_farm_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    made = post(client, tenant, "/v1/producers", FARM)

    read = client.get(f"/v1/producers/{made['id']}", headers=stranger.headers())
    listed = client.get("/v1/producers", headers=stranger.headers())

    assert read.status_code == 404
    assert read.json()["type"] == "/problems/site-not-found"
    assert listed.json()["items"] == []


def test_a_mill_is_not_found_among_producers(
    client: TestClient, tenant: Tenant
) -> None:
    made = post(client, tenant, "/v1/mills", MILL)

    read = client.get(f"/v1/producers/{made['id']}", headers=tenant.headers())

    assert read.status_code == 404


def test_every_field_that_cannot_be_used_is_named_at_once(
    client: TestClient, tenant: Tenant
) -> None:
    body = {"country": "Colombia", "commodity": "cocoa", "latitude": 91, "colour": 1}

    answer = client.post("/v1/producers", json=body, headers=tenant.headers())

    assert answer.status_code == 422
    errors = {error["field"]: error for error in answer.json()["errors"]}
    assert set(errors) == {
        "body.name",
        "body.country",
        "body.commodity",
        "body.latitude",
        "body.colour",
    }
    assert errors["body.country"]["given"] == "Colombia"
    assert "'coffee'" in errors["body.commodity"]["remedy"]


def test_half_a_point_is_refused_in_the_readers_language(
    client: TestClient, tenant: Tenant
) -> None:
    body = {**MILL, "latitude": 3.2}
    headers = {**tenant.headers(), "Accept-Language": "es-CO,es;q=0.9"}

    answer = client.post("/v1/mills", json=body, headers=headers)

    assert answer.status_code == 422
    assert answer.headers["content-language"] == "es"
    assert answer.json()["errors"][0]["remedy"] == (
        "Dé latitud y longitud juntas, o ninguna."
    )


def test_a_day_given_as_a_number_is_refused(client: TestClient, tenant: Tenant) -> None:
    farm = post(client, tenant, "/v1/producers", FARM)
    mill = post(client, tenant, "/v1/mills", MILL)
    body = {
        "from_site": farm["id"],
        "to_site": mill["id"],
        "commodity": "coffee",
        "season": "2026",
        "valid_from": 0,
    }

    answer = client.post("/v1/supply-links", json=body, headers=tenant.headers())

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.valid_from"


def test_an_identifier_belongs_to_one_site(client: TestClient, tenant: Tenant) -> None:
    first = post(client, tenant, "/v1/producers", FARM)

    again = client.post("/v1/producers", json=FARM, headers=tenant.headers())

    assert again.status_code == 409
    assert again.json()["site"] == first["id"]


def test_two_organisations_may_know_the_same_site(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    post(client, tenant, "/v1/producers", FARM)

    made = post(client, stranger, "/v1/producers", FARM)

    assert made["identifiers"] == FARM["identifiers"]


def test_pages_hold_every_site_once(client: TestClient, tenant: Tenant) -> None:
    ids = [
        post(client, tenant, "/v1/mills", {**MILL, "name": f"Mill {number}"})["id"]
        for number in range(5)
    ]

    first = client.get("/v1/mills?rows=2", headers=tenant.headers())
    second = client.get(first.json()["next"], headers=tenant.headers())
    third = client.get(second.json()["next"], headers=tenant.headers())

    seen = [
        item["id"] for page in (first, second, third) for item in page.json()["items"]
    ]
    assert seen == ids
    assert third.json()["next"] is None
    assert 'rel="next"' in first.headers["link"]


def test_a_list_is_also_csv_that_no_spreadsheet_runs(
    client: TestClient, tenant: Tenant
) -> None:
    post(client, tenant, "/v1/mills", {**MILL, "name": "=HYPERLINK(1)"})
    post(client, tenant, "/v1/mills", {**MILL, "name": "-"})
    headers = {**tenant.headers(), "Accept": "text/csv"}

    text = client.get("/v1/mills", headers=headers).content.decode("utf-8-sig")

    names = [line.split(",")[2] for line in text.splitlines()]
    assert names == ["name", "'=HYPERLINK(1)", "-"]


def test_a_supply_link_is_read_from_both_ends(
    client: TestClient, tenant: Tenant
) -> None:
    farm = post(client, tenant, "/v1/producers", FARM)
    mill = post(client, tenant, "/v1/mills", MILL)
    body = {
        "from_site": farm["id"],
        "to_site": mill["id"],
        "commodity": "coffee",
        "season": "2026-main",
        "volume_share": 0.125,
    }

    made = post(client, tenant, "/v1/supply-links", body)
    from_farm = client.get(
        f"/v1/supply-links?from_site={farm['id']}", headers=tenant.headers()
    ).json()
    to_mill = client.get(
        f"/v1/supply-links?to_site={mill['id']}", headers=tenant.headers()
    ).json()

    assert from_farm == to_mill
    assert from_farm["items"][0]["id"] == made["id"]
    assert from_farm["items"][0]["volume_share"] == 0.125


def test_a_supply_link_cannot_name_a_strangers_site(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    farm = post(client, tenant, "/v1/producers", FARM)
    foreign = post(client, stranger, "/v1/mills", MILL)
    body = {
        "from_site": farm["id"],
        "to_site": foreign["id"],
        "commodity": "coffee",
        "season": "2026",
    }

    answer = client.post("/v1/supply-links", json=body, headers=tenant.headers())

    assert answer.status_code == 422
    assert answer.json()["field"] == "to_site"


def test_the_same_request_with_the_same_key_has_one_effect(
    client: TestClient, tenant: Tenant
) -> None:
    headers = {**tenant.headers(), "Idempotency-Key": "one"}

    first = client.post("/v1/mills", json=MILL, headers=headers)
    second = client.post("/v1/mills", json=MILL, headers=headers)

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.headers["location"] == second.headers["location"]
    listed = client.get("/v1/mills", headers=tenant.headers()).json()
    assert len(listed["items"]) == 1


def test_one_key_for_two_requests_is_refused(
    client: TestClient, tenant: Tenant
) -> None:
    headers = {**tenant.headers(), "Idempotency-Key": "one"}
    client.post("/v1/mills", json=MILL, headers=headers)

    other = client.post("/v1/mills", json={**MILL, "name": "B"}, headers=headers)

    assert other.status_code == 409
    assert other.json()["type"] == "/problems/key-used-for-another"


def test_two_organisations_may_use_the_same_idempotency_key(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    answers = [
        client.post(
            "/v1/mills", json=MILL, headers={**one.headers(), "Idempotency-Key": "k"}
        )
        for one in (tenant, stranger)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]
