"""Browsers of a site's manager and of a reviewer, before the findings of one farm."""

from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from api.hop import COOKIE
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, OURS, add_people, sign_in, with_cookie
from tests.conftest import Tenant
from tests.desks import Sent, send
from tests.pictures import photo
from tests.visits import A_CHILD_OF_13, Visited, visited

RULE = "child_labour.minimum_age"
PLAN = {
    "root_cause": "household_poverty",
    "action": "access_to_school_or_care",
    "owner_role": "farm_manager",
    "due_on": "2026-12-20",
}


@dataclass(frozen=True)
class Correcting:
    """A finding of a farm, and the people who answer it and decide on it."""

    client: TestClient
    tenant: Tenant
    farm: Visited
    ref: str
    sessions: dict[Role, str] = field(default_factory=dict)

    def as_(self, role: Role) -> TestClient:
        """Return the browser with somebody of this role signed in."""
        self.client.cookies.clear()
        if role not in self.sessions:
            assert sign_in(self.client, role) == 303
            self.sessions[role] = self.client.cookies[COOKIE]
        return with_cookie(self.client, self.sessions[role])

    def send(self, role: Role, path: str, **fields: str) -> Sent:
        return send(self.as_(role), path, **fields)

    def step(self, role: Role, step: str, **fields: str) -> Sent:
        """Take a step of the finding from its page."""
        return self.send(role, f"/findings/{self.ref}/steps", step=step, **fields)

    def act(self, role: Role, action: str, step: str, **fields: str) -> Sent:
        """Take a step of a corrective action from its page."""
        return self.send(role, f"/actions/{action}/steps", step=step, **fields)

    def accept(self) -> None:
        self.farm.step(self.ref, Role.MANAGER, step="accept")

    def finding(self) -> Any:
        return self.farm.get(f"/v1/findings/{self.ref}")

    def action(self, action: str) -> Any:
        return self.farm.get(f"/v1/corrective-actions/{action}")

    def planned(self, *, agreed: bool = False) -> str:
        """Return an action of the accepted finding, planned by a program."""
        found = self.farm.propose(self.ref, **PLAN)
        if agreed:
            self.farm.act(found, Role.REVIEWER, "agree")
        return found

    def upload(
        self, action: str, content: bytes, name: str = "file", **fields: str
    ) -> Sent:
        """Send a file from the page of an action, as the manager's phone does."""
        answer = self.as_(Role.MANAGER).post(
            f"/evidence/{action}",
            data={"kind": "photo_of_place", **fields},
            files={name: ("IMG_1.jpg", content, "image/jpeg")},
            headers={**HTML, **OURS},
            follow_redirects=False,
        )
        place = answer.headers.get("location", "")
        return Sent(answer.status_code, place, answer.text)


def correcting(client: TestClient, tenant: Tenant, database: Database) -> Correcting:
    """Visit a farm where a child of thirteen works, and add those who see to it."""
    add_people(database, tenant, Role.MANAGER, Role.REVIEWER, Role.ANALYST)
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_13])
    (found,) = [one for one in farm.findings() if one["rule"] == RULE]
    return Correcting(client, tenant, farm, str(found["ref"]))


A_PHOTO = photo((400, 300), position=(3.2, -75.6), maker="Una Persona")
