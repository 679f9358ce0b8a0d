"""API keys: made within one's own role, shown once, listed without secret, revoked."""

import json
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.idempotency import IdempotencyRecord
from compliance.identity.models import Role
from compliance.identity.permissions import PERMISSIONS, Permission, roles_that_may
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.visits import TODAY

NEW = {"label": "ERP of the mill", "role": "analyst"}
OTHERS = [role for role in Role if role not in roles_that_may(Permission.MANAGE_KEYS)]
CALLS = [
    ("GET", "/v1/keys", None),
    ("POST", "/v1/keys", NEW),
    ("GET", "/v1/keys/atl_x", None),
    ("DELETE", "/v1/keys/atl_x", None),
]


def make(client: TestClient, tenant: Tenant, **changes: object) -> dict[str, Any]:
    answer = client.post("/v1/keys", json={**NEW, **changes}, headers=tenant.headers())
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def me(client: TestClient, key: str) -> Any:
    return client.get("/v1/me", headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_keys_are_nobody_elses_business(
    client: TestClient, method: str, path: str, body: object
) -> None:
    assert client.request(method, path, json=body).status_code == 401


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_only_who_manages_keys_sees_or_makes_them(
    client: TestClient, tenant: Tenant, method: str, path: str, body: object, role: Role
) -> None:
    answer = client.request(method, path, json=body, headers=tenant.headers(role))

    assert answer.status_code == 403


def test_another_organisations_key_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    theirs = make(client, stranger)["id"]

    answers = [
        client.request(method, f"/v1/keys/{theirs}", headers=tenant.headers())
        for method in ("GET", "DELETE")
    ]
    listed = client.get("/v1/keys?rows=200", headers=tenant.headers()).json()

    assert [one.status_code for one in answers] == [404, 404]
    assert theirs not in {one["id"] for one in listed["items"]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x" * 101}, "label"),
        ({"role": "root"}, "role"),
        ({"expires_at": "2027-01-01"}, "expires_at"),
        ({"expires_at": 0}, "expires_at"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_a_key_that_cannot_be_made_names_the_field(
    client: TestClient, tenant: Tenant, wrong: dict[str, object], field: str
) -> None:
    answer = client.post("/v1/keys", json={**NEW, **wrong}, headers=tenant.headers())

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [f"body.{field}"]


def test_a_key_works_as_its_role_and_is_shown_once(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    answer = client.post("/v1/keys", json=NEW, headers=tenant.headers())
    made = answer.json()
    path = answer.headers["location"]

    who = me(client, made["key"]).json()
    read = client.get(path, headers=tenant.headers()).json()

    with database.engine.connect() as connection:
        rows = repr(connection.exec_driver_sql("SELECT * FROM api_key").all())
    assert answer.headers["cache-control"] == "no-store"
    assert who["actor"] == made["id"]
    assert who["role"] == "analyst"
    assert made["key"].startswith(made["id"] + "_")
    assert read == {name: made[name] for name in made if name != "key"}
    assert made["key"].rpartition("_")[2] not in rows


def test_a_repeated_request_makes_one_key_and_keeps_no_secret(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    headers = {**tenant.headers(), "Idempotency-Key": "one"}

    first = client.post("/v1/keys", json=NEW, headers=headers)
    second = client.post("/v1/keys", json=NEW, headers=headers)

    with database.reading() as session:
        kept = session.scalars(select(IdempotencyRecord.body)).one()
    assert second.json() == {**first.json(), "key": None}
    assert json.loads(kept)["key"] is None


def test_a_key_ends_when_it_was_to_end(client: TestClient, tenant: Tenant) -> None:
    with clock.set_to(lambda: TODAY):
        made = make(client, tenant, expires_at="2026-11-22T13:00:00-05:00")

    with clock.set_to(lambda: TODAY + timedelta(hours=6) - timedelta(seconds=1)):
        before = me(client, made["key"]).status_code
    with clock.set_to(lambda: TODAY + timedelta(hours=6)):
        after = me(client, made["key"]).status_code
        told = client.get(f"/v1/keys/{made['id']}", headers=tenant.headers()).json()

    assert (before, after) == (200, 401)
    assert told["state"] == "expired"


def test_an_end_in_the_past_is_refused(client: TestClient, tenant: Tenant) -> None:
    with clock.set_to(lambda: TODAY):
        answer = client.post(
            "/v1/keys",
            json={**NEW, "expires_at": "2026-11-22T12:00:00Z"},
            headers=tenant.headers(),
        )

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/already-over"


def test_a_revoked_key_is_out_at_the_next_request_for_good(
    client: TestClient, tenant: Tenant
) -> None:
    made = make(client, tenant)
    path = f"/v1/keys/{made['id']}"
    before = me(client, made["key"]).status_code

    answer = client.delete(path, headers=tenant.headers())
    again = client.delete(path, headers=tenant.headers())

    told = client.get(path, headers=tenant.headers()).json()
    assert (before, me(client, made["key"]).status_code) == (200, 401)
    assert (answer.status_code, answer.content, again.status_code) == (204, b"", 204)
    assert told["state"] == "revoked"


def test_keys_are_listed_by_pages_and_by_role(
    client: TestClient, tenant: Tenant
) -> None:
    first = client.get("/v1/keys?rows=3", headers=tenant.headers())
    second = client.get(first.json()["next"], headers=tenant.headers())
    managers = client.get("/v1/keys?role=manager", headers=tenant.headers()).json()

    seen = [one["role"] for page in (first, second) for one in page.json()["items"]]
    assert seen == list(Role)
    assert [one["role"] for one in managers["items"]] == ["manager"]


def test_the_day_of_the_last_use_is_written_in_batches(
    app: FastAPI, client: TestClient, tenant: Tenant
) -> None:
    service = app.state.service
    path = f"/v1/keys/{tenant.keys[Role.ANALYST].rpartition('_')[0]}"

    with clock.set_to(lambda: TODAY):
        me(client, tenant.keys[Role.ANALYST])
        before = client.get(path, headers=tenant.headers()).json()["last_used_on"]
        service.write_now(service.usage.write, system=True)
        after = client.get(path, headers=tenant.headers()).json()["last_used_on"]

    assert (before, after) == (None, "2026-11-22")


def test_what_was_used_is_written_when_the_server_stops(
    app: FastAPI, tenant: Tenant
) -> None:
    with clock.set_to(lambda: TODAY), TestClient(app) as client:
        me(client, tenant.keys[Role.ANALYST])

    with TestClient(app) as client:
        path = f"/v1/keys/{tenant.keys[Role.ANALYST].rpartition('_')[0]}"
        told = client.get(path, headers=tenant.headers()).json()
    assert told["last_used_on"] == "2026-11-22"


def test_a_wrong_secret_of_a_right_key_is_out(
    client: TestClient, tenant: Tenant
) -> None:
    key = tenant.keys[Role.ADMINISTRATOR]

    answers = [
        me(client, text).status_code
        for text in (key[:-1] + "!", key[:-1], key + "0", key.rpartition("_")[0], "atl")
    ]

    assert answers == [401] * 5


@pytest.mark.parametrize("giver", roles_that_may(Permission.MANAGE_KEYS))
@pytest.mark.parametrize("role", list(Role))
def test_a_key_is_made_only_of_a_role_within_the_makers(
    client: TestClient, tenant: Tenant, giver: Role, role: Role
) -> None:
    answer = client.post(
        "/v1/keys", json={**NEW, "role": role}, headers=tenant.headers(giver)
    )

    assert (answer.status_code == 201) == (PERMISSIONS[role] <= PERMISSIONS[giver])


def test_the_trail_tells_of_keys_by_their_id_alone(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    made = make(client, tenant)
    client.delete(f"/v1/keys/{made['id']}", headers=tenant.headers())

    with database.reading() as session:
        leaves = session.scalars(
            select(TrailEntry.leaf).where(TrailEntry.subject_id == made["id"])
        ).all()

    entries = [json.loads(leaf) for leaf in leaves]
    actor = tenant.keys[Role.ADMINISTRATOR].rpartition("_")[0]
    assert {one["action"] for one in entries} == {"key.issued", "key.revoked"}
    assert {one["actor"] for one in entries} == {actor}
    assert made["key"].rpartition("_")[2] not in repr(leaves)
