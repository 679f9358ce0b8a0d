"""Audits of the tests on their way through a review, step by step over HTTP."""

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.visits import Visited


@dataclass(frozen=True)
class Reviewing:
    """The reviews of one organisation, as it speaks to them."""

    client: TestClient
    tenant: Tenant

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        role: Role = Role.REVIEWER,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Send a request and return the answer, whatever it is."""
        return self.client.request(
            method, path, json=body, headers=headers or self.tenant.headers(role)
        )

    def step(
        self, audit: str, name: str, body: object = None, role: Role = Role.REVIEWER
    ) -> Any:
        return self.ask("POST", f"/v1/audits/{audit}/{name}", body, role)

    def done(
        self, audit: str, name: str, body: object = None, role: Role = Role.REVIEWER
    ) -> dict[str, Any]:
        """Take a step that is allowed and return the audit as it then is."""
        answer = self.step(audit, name, body, role)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def plan(self, site: str, **stated: object) -> dict[str, Any]:
        body = {
            "site": site,
            "fieldwork_from": "2026-12-01",
            "fieldwork_to": "2026-12-02",
            **stated,
        }
        answer = self.ask("POST", "/v1/audits", body, Role.ADMINISTRATOR)
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def offer(self, audit: str) -> str:
        """Take an audit into review, offer the reply, and return the reply's id."""
        self.done(audit, "review")
        self.done(audit, "offer-reply")
        (offered,) = self.ask("GET", "/v1/replies?open=true").json()["items"]
        return str(offered["id"])

    def answer(
        self, reply: str, code: str = "waives", role: Role = Role.MANAGER, **said: str
    ) -> Any:
        return self.ask(
            "POST", f"/v1/replies/{reply}/answer", {"code": code, **said}, role
        )

    def make_final(self, audit: str) -> dict[str, Any]:
        """Let the site waive its reply, and make the audit final."""
        assert self.answer(self.offer(audit)).status_code == 200
        return self.done(audit, "finalise")


def reviewing(farm: Visited) -> Reviewing:
    return Reviewing(farm.client, farm.tenant)


def audit_of(farm: Visited, submission: str) -> str:
    """Return the audit that a submission belongs to."""
    return str(farm.get(f"/v1/submissions/{submission}")["audit"])
