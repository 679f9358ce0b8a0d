"""Clients of OAuth 2 as their organisation sees them: made, listed, revoked."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.permissions import PERMISSIONS, Permission, roles_that_may
from compliance.trail import TrailEntry
from tests.conftest import Tenant

NEW = {"name": "Portfolio of the buyer", "role": "analyst"}
OTHERS = [role for role in Role if role not in roles_that_may(Permission.MANAGE_KEYS)]
CALLS = [
    ("GET", "/v1/clients", None),
    ("POST", "/v1/clients", NEW),
    ("GET", "/v1/clients/client_x", None),
    ("DELETE", "/v1/clients/client_x", None),
]


def make(client: TestClient, tenant: Tenant, **changes: object) -> dict[str, Any]:
    answer = client.post(
        "/v1/clients", json={**NEW, **changes}, headers=tenant.headers()
    )
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_clients_are_nobody_elses_business(
    client: TestClient, method: str, path: str, body: object
) -> None:
    assert client.request(method, path, json=body).status_code == 401


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_only_who_manages_keys_sees_or_makes_clients(
    client: TestClient, tenant: Tenant, method: str, path: str, body: object, role: Role
) -> None:
    answer = client.request(method, path, json=body, headers=tenant.headers(role))

    assert answer.status_code == 403


def test_another_organisations_client_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    theirs = make(client, stranger)["id"]

    answers = [
        client.request(method, f"/v1/clients/{theirs}", headers=tenant.headers())
        for method in ("GET", "DELETE")
    ]
    listed = client.get("/v1/clients", headers=tenant.headers()).json()

    assert [one.status_code for one in answers] == [404, 404]
    assert listed["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"role": "root"},
        {"scopes": []},
        {"scopes": ["read_register", 1]},
        {"scopes": ["rule_the_world"]},
        {"scopes": ["manage_people"]},  # beyond the role of the client itself
        {"scopes": "read_register"},
        {"client_secret": "mine"},
        {"expires_at": "2001-01-01T00:00:00Z"},
    ],
)
def test_a_client_that_cannot_be_made_is_refused(
    client: TestClient, tenant: Tenant, wrong: dict[str, object]
) -> None:
    answer = client.post("/v1/clients", json={**NEW, **wrong}, headers=tenant.headers())

    assert answer.status_code == 422


def test_an_unknown_scope_is_told_with_those_there_are(
    client: TestClient, tenant: Tenant
) -> None:
    answer = client.post(
        "/v1/clients", json={**NEW, "scopes": ["x"]}, headers=tenant.headers()
    )

    assert answer.json()["scope"] == "x"
    assert "read_register" in answer.json()["scopes"].split()


def test_a_client_is_made_with_a_secret_that_is_shown_once(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    headers = {**tenant.headers(), "Idempotency-Key": "one"}
    body = {**NEW, "scopes": ["read_scorecards", "read_register"]}

    answer = client.post("/v1/clients", json=body, headers=headers)
    again = client.post("/v1/clients", json=body, headers=headers)
    read = client.get(answer.headers["location"], headers=tenant.headers()).json()

    with database.engine.connect() as connection:
        rows = [
            repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608 - two names of ours
            for table in ("oauth_client", "idempotency")
        ]
    made = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert [made["client_secret"] in one for one in rows] == [False, False]
    assert again.json() == {**made, "client_secret": None}
    assert read == {name: made[name] for name in made if name != "client_secret"}
    assert made["scopes"] == ["read_register", "read_scorecards"]


def test_a_client_without_scopes_may_do_what_its_role_may(
    client: TestClient, tenant: Tenant
) -> None:
    made = make(client, tenant)

    assert set(made["scopes"]) == {
        one.name.lower() for one in PERMISSIONS[Role.ANALYST]
    }


def test_clients_are_listed_by_pages_and_by_role(
    client: TestClient, tenant: Tenant
) -> None:
    ids = [make(client, tenant, role=role)["id"] for role in Role]

    first = client.get("/v1/clients?rows=3", headers=tenant.headers())
    second = client.get(first.json()["next"], headers=tenant.headers())
    managers = client.get("/v1/clients?role=manager", headers=tenant.headers()).json()

    seen = [one["id"] for page in (first, second) for one in page.json()["items"]]
    assert seen == ids
    assert [one["role"] for one in managers["items"]] == ["manager"]


def test_revoking_twice_is_no_mistake(client: TestClient, tenant: Tenant) -> None:
    path = f"/v1/clients/{make(client, tenant)['id']}"

    answers = [client.delete(path, headers=tenant.headers()) for _ in range(2)]

    told = client.get(path, headers=tenant.headers()).json()
    assert [one.status_code for one in answers] == [204, 204]
    assert told["state"] == "revoked"


def test_the_trail_tells_of_clients_by_their_id_alone(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    made = make(client, tenant)
    client.delete(f"/v1/clients/{made['id']}", headers=tenant.headers())
    client.delete(f"/v1/clients/{made['id']}", headers=tenant.headers())

    with database.reading() as session:
        leaves = session.scalars(
            select(TrailEntry.leaf)
            .where(TrailEntry.subject_id == made["id"])
            .order_by(TrailEntry.sequence)
        ).all()

    assert [json.loads(leaf)["action"] for leaf in leaves] == [
        "client.created",
        "client.revoked",
    ]
    assert made["client_secret"] not in repr(leaves)
