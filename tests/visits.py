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
from tests.jobs import wait_until

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

    def post(self, path: str, role: Role, **body: object) -> dict[str, Any]:
        """Do what is allowed and return what was made of it."""
        answer = self.client.post(path, json=body, headers=self.tenant.headers(role))
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def propose(self, ref: str, **changes: object) -> str:
        """Propose a corrective action as the manager and return its id."""
        body = {
            "root_cause": "supervision_lacking",
            "action": "stop_and_protect",
            "owner_role": "farm_manager",
            "due_on": clock.today().isoformat(),
            **changes,
        }
        path = f"/v1/findings/{ref}/corrective-actions"
        return str(self.post(path, Role.MANAGER, **body)["id"])

    def act(self, action: str, role: Role, step: str, **rest: object) -> dict[str, Any]:
        """Take a step of a corrective action that is allowed."""
        path = f"/v1/corrective-actions/{action}/steps"
        return self.post(path, role, step=step, **rest)

    def plan(self, ref: str, *, due_on: str) -> tuple[str, str]:
        """Have a plan agreed: the harm stops today, the cause is gone by a day."""
        planned = (self.propose(ref), self.propose(ref, action="train", due_on=due_on))
        for one in planned:
            self.act(one, Role.REVIEWER, "agree")
        return planned

    def correct(self, *actions: str) -> None:
        """Have agreed actions done, reported, and verified on site."""
        for one in actions:
            self.act(one, Role.MANAGER, "start")
            self.act(one, Role.MANAGER, "report_done")
            self.act(one, Role.REVIEWER, "verify", evidence_kind="site")

    def close(self, ref: str) -> dict[str, Any]:
        """Accept a finding, correct it, and close it, all on one day."""
        self.step(ref, Role.MANAGER, step="accept")
        self.correct(*self.plan(ref, due_on=clock.today().isoformat()))
        return self.step(ref, Role.REVIEWER, step="close", evidence_kind="site")

    def make_final(self) -> None:
        """End the review of every audit: where one found something, the site waives."""
        audits = self.get(f"/v1/audits?site={self.site}")["items"]
        for audit in audits:
            if audit["status"] not in {"final", "voided", "planned"}:
                self._finalise(f"/v1/audits/{audit['id']}")

    def _finalise(self, path: str) -> None:
        reviewer = self.tenant.headers(Role.REVIEWER)
        answer = self.client.post(f"{path}/finalise", headers=reviewer)
        if answer.status_code == 409:  # a reply is owed, or another was faster
            self._have_replied(path)
            self.client.post(f"{path}/finalise", headers=reviewer)

    def _have_replied(self, path: str) -> None:
        reviewer = self.tenant.headers(Role.REVIEWER)
        for step in ("review", "offer-reply"):
            answer = self.client.post(f"{path}/{step}", headers=reviewer)
            assert answer.status_code in {200, 409}, answer.text
        for offered in self.get(f"/v1/replies?site={self.site}&open=true")["items"]:
            answer = self.client.post(
                f"/v1/replies/{offered['id']}/answer",
                json={"code": "waives"},
                headers=self.tenant.headers(Role.MANAGER),
            )
            assert answer.status_code == 200, answer.text

    def issue(self, role: Role = Role.REVIEWER, **stated: object) -> dict[str, Any]:
        """Have the last audit made final, issue a card, and return it as listed."""
        self.make_final()
        body = {"notice": "unannounced", "payer": "programme", **stated}
        answer = self.client.post(
            f"/v1/sites/{self.site}/scorecards",
            json=body,
            headers=self.tenant.headers(role),
        )
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def printed(self, card: dict[str, Any]) -> dict[str, Any]:
        """Wait until a card is printed and signed, and return it as the list tells it."""
        path = f"/v1/scorecards?site={self.site}"

        def found() -> dict[str, Any]:
            (one,) = [one for one in self.get(path)["items"] if one["id"] == card["id"]]
            return dict(one)

        wait_until(lambda: bool(found()["pdf_sha256"]))
        return found()


def visited(client: TestClient, tenant: Tenant, **changes: object) -> Visited:
    """Publish a checklist and register a farm that can be visited with it."""
    publish(client, tenant, workbook())
    known = {"admin1": "Tolima", "municipality": "Planadas", **changes}
    return Visited(client, tenant, register_farm(client, tenant, **known))
