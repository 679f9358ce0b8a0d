"""A farm that is visited: answers sent as programs send them, and what follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from starlette.testclient import TestClient

from compliance import clock
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.field import publish, register_farm, workbook

# Colombia admits to work from 15 (Ley 1098 de 2006, art. 35).
A_CHILD_OF_13 = {"key": "c1", "works": True, "age": 13}
A_CHILD_OF_16 = {"key": "c1", "works": True, "age": 16}
TODAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@contextmanager
def on(year: int, month: int, day: int) -> Iterator[None]:
    """Let it be noon of a day, for everybody, while the context lasts."""
    instant = datetime(year, month, day, 12, 0, tzinfo=UTC)
    with clock.set_to(lambda: instant):
        yield


@dataclass(frozen=True)
class Visited:
    """A farm in Tolima, and the organisation that keeps its record."""

    client: TestClient
    tenant: Tenant
    site: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def send(
        self,
        *,
        facts: dict[str, Any] | None = None,
        observed_on: str = "2026-11-03",
        role: Role = Role.AUDITOR,
        **rest: object,
    ) -> str:
        """Send the answers of a visit and return the submission's id."""
        body = {
            "checklist": "small_visit",
            "instance_id": f"uuid:{next(self.numbers)}",
            "site": self.site,
            "observed_on": observed_on,
            "facts": facts or {},
            **rest,
        }
        answer = self.client.post(
            "/v1/submissions", json=body, headers=self.tenant.headers(role)
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def get(self, path: str, role: Role = Role.ADMINISTRATOR) -> Any:
        answer = self.client.get(path, headers=self.tenant.headers(role))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def findings(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/v1/findings{query}")["items"]
        return found

    def step(self, ref: str, role: Role, **body: str) -> dict[str, Any]:
        """Take a step that is allowed and return the finding as it then is."""
        answer = self.client.post(
            f"/v1/findings/{ref}/steps", json=body, headers=self.tenant.headers(role)
        )
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def issue(self, role: Role = Role.REVIEWER, **stated: object) -> dict[str, Any]:
        """Issue a card and return it as the list tells it."""
        body = {"notice": "unannounced", "payer": "programme", **stated}
        answer = self.client.post(
            f"/v1/sites/{self.site}/scorecards",
            json=body,
            headers=self.tenant.headers(role),
        )
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document


def visited(client: TestClient, tenant: Tenant, **changes: object) -> Visited:
    """Publish a checklist and register a farm that can be visited with it."""
    publish(client, tenant, workbook())
    known = {"admin1": "Tolima", "municipality": "Planadas", **changes}
    return Visited(client, tenant, register_farm(client, tenant, **known))
