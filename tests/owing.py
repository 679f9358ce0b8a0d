"""A visited farm whose workers are owed something, and those who pay and verify it."""

import hashlib
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.visits import Visited, visited

WAGES = {
    "kind": "wages",
    "people": 30,
    "money": {"amount": 90_000, "currency": "COP"},
    "period_from": "2026-08-01",
    "period_to": "2026-10-31",
}
PAPERS = {
    "kind": "documents_returned",
    "people": 12,
    "period_from": "2026-09-01",
    "period_to": "2026-11-03",
}
PAYSLIPS = hashlib.sha256(b"payslips").hexdigest()


@dataclass(frozen=True)
class Owing:
    """The ledger of a farm, as the organisation that keeps it speaks to it."""

    client: TestClient
    tenant: Tenant
    farm: Visited
    finding: str

    def send(
        self, path: str, body: object, role: Role = Role.REVIEWER, **headers: str
    ) -> Any:
        """Send something and return the answer, whatever it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/v1/remedies{path}",
            json=body,
            headers={**self.tenant.headers(role), **named},
        )

    def done(self, path: str, body: object, role: Role = Role.REVIEWER) -> Any:
        """Send something that is taken, and return the remedy as it then is."""
        answer = self.send(path, body, role)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def enter(self, **changes: object) -> str:
        """Enter wages that are owed, unless said otherwise; return the remedy's id."""
        body = {"finding": self.finding, **WAGES, **changes}
        return str(self.done("", body)["id"])

    def enter_papers(self, **changes: object) -> str:
        body = {"finding": self.finding, **PAPERS, **changes}
        return str(self.done("", body)["id"])

    def pay(self, remedy: str, amount: int | None, people: int = 30) -> Any:
        return self.done(
            f"/{remedy}/payments", payment(amount, people), role=Role.MANAGER
        )

    def prove(self, remedy: str, proof: str = "payroll_extract") -> Any:
        body = {"proof": proof, "evidence_sha256": PAYSLIPS}
        return self.done(f"/{remedy}/proofs", body, role=Role.MANAGER)

    def verify(self, remedy: str, role: Role = Role.ADMINISTRATOR) -> Any:
        return self.done(f"/{remedy}/verifications", {"checked_by": "site"}, role)

    def get(self, path: str = "", role: Role = Role.ANALYST) -> Any:
        answer = self.client.get(
            f"/v1/remedies{path}", headers=self.tenant.headers(role)
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


def payment(
    amount: int | None, people: int = 30, paid_on: str = "2026-11-20"
) -> dict[str, object]:
    """Return the report of a payment in pesos, or of things given."""
    money = {} if amount is None else {"money": {"amount": amount, "currency": "COP"}}
    return {"people": people, "paid_on": paid_on, **money}


def owing(
    client: TestClient, tenant: Tenant, *, visits_from: int = 1, **changes: object
) -> Owing:
    """Visit a farm where papers are held back, and keep its ledger."""
    farm = replace(visited(client, tenant, **changes), numbers=count(visits_from))
    farm.send(facts={"documents_held": True})
    (found,) = farm.findings(f"?site={farm.site}")
    return Owing(client, tenant, farm, str(found["ref"]))
