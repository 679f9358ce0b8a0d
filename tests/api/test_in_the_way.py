"""What was undone because another transaction stood in its way is done again, whole."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from api import hop
from compliance.registry import actions
from tests.conftest import Tenant

FARM = {
    "name": "Finca La Esperanza",
    "country": "CO",
    "commodity": "coffee",
    "latitude": 3.1,
    "longitude": -75.6,
}


def failing(times: int, fault: type[Exception]) -> Callable[..., Any]:
    """Return the registration of a site that ends `times` in a fault after its work."""
    register, done = actions.register_site, []

    def registering(*given: Any, **named: Any) -> Any:
        made = register(*given, **named)
        done.append(made)
        if len(done) <= times:
            raise OperationalError("INSERT", {}, fault())
        return made

    return registering


def posted(client: TestClient, tenant: Tenant) -> int:
    answer = client.post(
        "/v1/producers",
        json=FARM,
        headers={**tenant.headers(), "Idempotency-Key": "the-farm"},
    )
    return answer.status_code


def registered(client: TestClient, tenant: Tenant) -> list[str]:
    listed = client.get("/v1/sites", headers=tenant.headers()).json()["items"]
    entries = client.get("/v1/trail", headers=tenant.headers()).json()["items"]
    noted = [one["subject"] for one in entries if one["subject"].startswith("site_")]
    assert sorted(noted) == sorted(one["id"] for one in listed)
    return [one["name"] for one in listed]


def test_it_is_done_again_and_once(
    client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "register_site", failing(2, DeadlockDetected))

    assert posted(client, tenant) == 201
    assert posted(client, tenant) == 201
    assert registered(client, tenant) == [FARM["name"]]


@pytest.mark.parametrize(
    ("times", "fault"), [(hop.TIMES, DeadlockDetected), (1, LockNotAvailable)]
)
def test_what_stays_in_the_way_is_told_and_leaves_nothing(
    client: TestClient,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
    fault: type[Exception],
) -> None:
    monkeypatch.setattr(actions, "register_site", failing(times, fault))

    assert posted(client, tenant) == 503
    assert registered(client, tenant) == []
