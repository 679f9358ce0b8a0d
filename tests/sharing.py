"""Organisations that share: a supplier's visited farm, the mill that runs it, a buyer."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from starlette.testclient import TestClient

from compliance import trail
from compliance.database import Database
from compliance.identity.models import Role
from compliance.registry.models import Site
from tests.conftest import Tenant

IN_A_YEAR = "2027-11-22T12:00:00Z"


@dataclass(frozen=True)
class Sharing:
    """A way to give consents as one organisation and to look as another."""

    client: TestClient
    giver: Tenant
    grantee: Tenant

    def give(
        self, site: str, subject: str = "scorecard", **changes: object
    ) -> dict[str, Any]:
        """Give a consent and return it as the giver sees it."""
        body = {
            "grantee": self.grantee.public_id,
            "site": site,
            "subject": subject,
            "valid_until": IN_A_YEAR,
            **changes,
        }
        answer = self.client.post(
            "/v1/consents", json=body, headers=self.giver.headers()
        )
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def take_back(self, consent: str) -> dict[str, Any]:
        answer = self.client.delete(
            f"/v1/consents/{consent}", headers=self.giver.headers()
        )
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def ask(self, **changes: object) -> str:
        """Ask the giver for its scorecards, as the grantee, and return the request's id."""
        body = {"supplier": self.giver.public_id, "subject": "scorecard", **changes}
        answer = self.client.post(
            "/v1/consents/requests", json=body, headers=self.grantee.headers()
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def status(self, path: str, tenant: Tenant, role: Role = Role.ANALYST) -> int:
        """Return the status that a reader of an organisation gets."""
        return self.client.get(path, headers=tenant.headers(role)).status_code

    def items(self, path: str, tenant: Tenant) -> list[dict[str, Any]]:
        answer = self.client.get(path, headers=tenant.headers(Role.ANALYST))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


def let_operate(database: Database, site: str, operator: Tenant | None) -> None:
    """Say who runs a site."""
    with database.writing(system=True) as session:
        session.execute(
            update(Site)
            .where(Site.public_id == site)
            .values(operator_id=operator and operator.id)
        )
        trail.seal(session)


# What stands in a trail between the rest, whenever a worker comes to it.
OF_WORKERS = ("clock.", "risk.", "scorecard.signed")


def trail_of(
    database: Database, tenant: Tenant, but: tuple[str, ...] = OF_WORKERS
) -> list[tuple[str, str]]:
    """Return what stands in an organisation's trail: action and subject."""
    with database.reading(system=True) as session:
        entries = session.scalars(
            select(trail.TrailEntry)
            .where(trail.TrailEntry.organisation_id == tenant.id)
            .order_by(trail.TrailEntry.sequence)
        ).all()
    told = [json.loads(entry.leaf) for entry in entries]
    return [
        (one["action"], one["subject"])
        for one in told
        if not one["action"].startswith(but)
    ]
