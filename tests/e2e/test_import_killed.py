"""Nothing is half imported: a server killed in the middle leaves none, and then all."""

import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from compliance.database import Database
from compliance.identity.models import Role
from compliance.imports.models import SiteOrigin
from compliance.registry.models import Site, SiteIdentifier
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.e2e.serving import Server, serving
from tests.invented import csv_of

ROWS = 12_400  # more than are written at once, so that there is a middle
SECONDS = 240.0


def asked(server: Server, tenant: Tenant, path: str, **sent: Any) -> Any:
    """Ask the server, with GET unless something is sent."""
    method = "POST" if sent else "GET"
    answer = httpx2.request(
        method,
        f"{server.url}{path}",
        headers=tenant.headers(Role.ADMINISTRATOR),
        timeout=60,
        **sent,
    )
    assert answer.is_success, answer.text
    return answer.json()


def waited_for(server: Server, tenant: Tenant, path: str, **wanted: object) -> Any:
    """Return a document when its members are as wanted."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        document = asked(server, tenant, path)
        if all(document[name] == value for name, value in wanted.items()):
            return document
        time.sleep(0.05)
    raise TimeoutError(f"{path} did not become {wanted}")


def killed_in_the_middle(server: Server, tenant: Tenant, job: str) -> None:
    """Kill the server once the first rows of the import are written."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        progress = asked(server, tenant, f"/v1/jobs/{job}")["progress"]
        if progress is not None and progress["done"]:
            server.kill()
            return
        time.sleep(0.005)
    raise TimeoutError("the import was never under way")


def counted(database: Database) -> dict[str, int]:
    with database.reading(system=True) as session:
        tables = {"sites": Site, "numbers": SiteIdentifier, "origins": SiteOrigin}
        counts = {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in tables.items()
        }
        told = [
            one
            for one in session.scalars(select(TrailEntry.leaf))
            if b'"import.applied"' in one
        ]
    return {**counts, "told": len(told)}


def test_a_server_killed_in_the_middle_of_an_import_leaves_none_and_then_all(
    database: Database,
    database_url: str,
    tenant: Tenant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATALAYA_JOB_LEASE_SECONDS", "3")

    with serving(database_url, tmp_path / "data") as server:
        path = "/v1/imports?name=invented.csv"
        begun = asked(server, tenant, path, content=csv_of(ROWS))
        address = f"/v1/imports/{begun['id']}"
        ready = waited_for(server, tenant, address, state="ready")
        confirmed = asked(
            server, tenant, f"{address}/confirm", json={"undecided": "skip"}
        )
        killed_in_the_middle(server, tenant, confirmed["job"])
    after_the_kill = counted(database)

    with serving(database_url, tmp_path / "data") as server:
        done = waited_for(server, tenant, address, state="applied")
    after_all = counted(database)

    expected = ready["counts"]["new"]
    assert after_the_kill == {"sites": 0, "numbers": 0, "origins": 0, "told": 0}
    assert done["counts"]["made"] == expected
    assert after_all == {
        "sites": expected,
        "numbers": expected,
        "origins": ROWS,
        "told": 1,
    }
