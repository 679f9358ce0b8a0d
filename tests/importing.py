"""A list on its way into the register, as a program sends it over HTTP."""

import time
from typing import Any

from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant

AT_WORK = {"reading", "applying"}
SECONDS = 60.0


def list_of(*rows: str, heading: str = "name,country,municipality") -> bytes:
    """Return a list as CSV."""
    return "\n".join((heading, *rows)).encode()


def upload(
    client: TestClient,
    tenant: Tenant,
    content: bytes,
    name: str = "list.csv",
    **wanted: str,
) -> dict[str, Any]:
    """Upload a list and return the import when it has been read."""
    answer = client.post(
        "/v1/imports",
        params={"name": name, **wanted},
        content=content,
        headers=tenant.headers(),
    )
    assert answer.status_code == 201, answer.text
    return settled(client, tenant, answer.json()["id"])


def settled(client: TestClient, tenant: Tenant, site_import: str) -> dict[str, Any]:
    """Return an import when no background work is under way for it."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        document = read(client, tenant, f"/v1/imports/{site_import}")
        if document["state"] not in AT_WORK:
            return document
        time.sleep(0.02)
    raise TimeoutError(f"{site_import} is still at work")


def read(client: TestClient, tenant: Tenant, path: str) -> dict[str, Any]:
    answer = client.get(path, headers=tenant.headers())
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def rows_of(
    client: TestClient, tenant: Tenant, site_import: str, query: str = ""
) -> list[dict[str, Any]]:
    """Return all rows of a list, page by page."""
    found: list[dict[str, Any]] = []
    path: str | None = f"/v1/imports/{site_import}/rows?rows=200{query}"
    while path is not None:
        page = read(client, tenant, path)
        found += page["items"]
        path = page["next"]
    return found


def confirm(
    client: TestClient, tenant: Tenant, site_import: str, **body: str
) -> dict[str, Any]:
    """Confirm an import and return it when its rows are taken over."""
    answer = client.post(
        f"/v1/imports/{site_import}/confirm", json=body, headers=tenant.headers()
    )
    assert answer.status_code == 202, answer.text
    return settled(client, tenant, site_import)


def producers(client: TestClient, tenant: Tenant) -> list[dict[str, Any]]:
    """Return the registered producers, at most a page of them."""
    items: list[dict[str, Any]] = read(client, tenant, "/v1/producers?rows=200")[
        "items"
    ]
    return items


READER = Role.ANALYST
