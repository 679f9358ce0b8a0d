"""A buyer that is shown a farm, and what it promises the supplier of it."""

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant

CO_FUNDING = {
    "kind": "co_funding",
    "amount": 500_000,
    "currency": "EUR",
    "due_on": "2026-12-31",
}


@dataclass(frozen=True)
class Promising:
    """The commitments between a buyer and a supplier, as either of them speaks."""

    client: TestClient
    buyer: Tenant
    supplier: Tenant
    site: str

    def send(
        self, path: str, body: object, tenant: Tenant, role: Role = Role.MANAGER
    ) -> Any:
        return self.client.post(
            f"/v1/commitments{path}", json=body, headers=tenant.headers(role)
        )

    def make(self, **changes: object) -> str:
        """Make a commitment that is taken, and return its id."""
        body = {"site": self.site, **CO_FUNDING, **changes}
        answer = self.send("", body, self.buyer)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def step(self, commitment: str, step: str, by: Tenant, **words: object) -> Any:
        """Take a step that is allowed, and return the commitment as it then is."""
        answer = self.send(f"/{commitment}/steps", {"step": step, **words}, by)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def begun(self, **changes: object) -> str:
        """Make a commitment that was accepted and is in force; return its id."""
        made = self.make(**changes)
        self.step(made, "accept", self.supplier)
        self.step(made, "begin", self.buyer)
        return made

    def get(self, path: str, tenant: Tenant, role: Role = Role.ANALYST) -> Any:
        answer = self.client.get(f"/v1/commitments{path}", headers=tenant.headers(role))
        assert answer.status_code == 200, answer.text
        return answer.json()
