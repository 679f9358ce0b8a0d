"""Farms, mills and groups of the tests, registered through the API."""

from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant

FARM = {
    "name": "Finca El Recuerdo",
    "country": "CO",
    "commodity": "coffee",
    "admin1": "Tolima",
    "municipality": "Planadas",
}
MILL = {
    "name": "Beneficio La Cumbre",
    "country": "CO",
    "commodity": "coffee",
    "admin1": "Tolima",
}


@dataclass(frozen=True)
class Register:
    """The register as one organisation speaks to it."""

    client: TestClient
    tenant: Tenant
    headers: dict[str, str] = field(default_factory=dict)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        role: Role = Role.ADMINISTRATOR,
        **headers: str,
    ) -> Any:
        """Send a request and return the answer, whatever it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(
            method, path, json=body, headers={**self.tenant.headers(role), **named}
        )

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Register something that is taken, and return it."""
        answer = self.send("POST", path, body)
        assert answer.status_code in {200, 201}, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def get(self, path: str) -> dict[str, Any]:
        """Read something that is there."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def farm(self, name: str = "Finca El Recuerdo", **fields: object) -> str:
        return str(self.post("/v1/producers", {**FARM, "name": name, **fields})["id"])

    def mill(self, name: str = "Beneficio La Cumbre", **fields: object) -> str:
        return str(self.post("/v1/mills", {**MILL, "name": name, **fields})["id"])

    def group(self, name: str = "Asociación La Neblina") -> str:
        body = {"kind": "producer_group", "name": name, "country": "CO"}
        return str(self.post("/v1/organisations", body)["id"])

    def link(self, giver: str, taker: str, **fields: object) -> str:
        side = "from_group" if giver.startswith("org") else "from_site"
        body = {
            side: giver,
            "to_site": taker,
            "commodity": "coffee",
            "season": "2026",
            **fields,
        }
        return str(self.post("/v1/supply-links", body)["id"])

    def ids(self, path: str) -> list[str]:
        """Return the ids of a list, as it is ordered."""
        return [item["id"] for item in self.get(path)["items"]]
