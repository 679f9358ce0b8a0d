"""An organisation that goes by public lists; whoever is excluded here is invented."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.testclient import TestClient

from compliance import trail
from compliance.database import Database
from compliance.exclusions.working import keep, prepare
from compliance.identity.models import Role
from compliance.identity.scope import scope_of_system
from compliance.jobs import JSON
from compliance.sealing import Keyring
from tests.conftest import Tenant

DATA = Path(__file__).parent / "data" / "public_lists"
GOODS = {
    "code": "goods",
    "category": "goods",
    "name": "Goods made with child or forced labour",
    "publisher": "US Department of Labor",
}
BANNED = {
    "code": "banned",
    "category": "import_ban",
    "name": "Invented orders",
    "publisher": "An invented customs authority",
}
SAID = {"source": "https://example.org/list", "licence": "public domain"}
FARM_NAME = "Finca La Inventada"
ORDER = "Entity,Country,Order\nFinca La Inventada S.A.S.,Colombia,{order}\n"
NOBODY = "Entity,Country,Order\nOtra Empresa Ficticia Ltda,Colombia,1\n"


@dataclass(frozen=True)
class Listing:
    """Public lists as one organisation speaks of them."""

    client: TestClient
    tenant: Tenant
    database: Database
    keyring: Keyring

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        role: Role = Role.ADMINISTRATOR,
        **headers: str,
    ) -> Any:
        """Send something and return the answer, whatever it is."""
        sent: dict[str, Any] = (
            {"content": body} if isinstance(body, bytes) else {"json": body}
        )
        headers = {**self.tenant.headers(role), **headers}
        return self.client.request(method, f"/v1{path}", headers=headers, **sent)

    def get(self, path: str, role: Role = Role.ANALYST) -> Any:
        answer = self.send("GET", path, role=role)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add(self, **changes: object) -> str:
        """Add a list of companies, unless said otherwise, and return its id."""
        answer = self.send("POST", "/public-lists", {**BANNED, **changes})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def import_(
        self,
        public_list: str,
        content: bytes | str,
        edition: str = "2026-11-01",
        **said: str,
    ) -> Any:
        """Import an edition as an administrator and return the answer, whatever it is."""
        query = urlencode({"edition": edition, **SAID, **said})
        body = content.encode() if isinstance(content, str) else content
        path = f"/public-lists/{public_list}/editions?{query}"
        return self.send("POST", path, body)

    def done(self, public_list: str, content: bytes | str, edition: str) -> Any:
        """Import an edition that is taken, compare, and return what was told."""
        answer = self.import_(public_list, content, edition)
        assert answer.status_code == 201, answer.text
        self.compare()
        return answer.json()

    def compare(self, *, only_if_changed: bool = False) -> dict[str, JSON]:
        """Do at once what a job does: compare the register with the lists."""

        with self.database.writing() as session:
            scope = scope_of_system(session, self.tenant.id)
            prepared = prepare(
                session, scope, self.keyring, only_if_changed=only_if_changed
            )
            found = keep(session, scope, prepared)
            trail.seal(session)
        return found

    def matches(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/list-matches{query}")["items"]
        return found

    def exclusions(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/exclusions{query}")["items"]
        return found

    def say(
        self,
        match: str,
        decision: str,
        reason: str,
        role: Role = Role.REVIEWER,
        **rest: str,
    ) -> Any:
        """Decide on a match and return the answer, whatever it is."""
        body = {"decision": decision, "reason": reason, **rest}
        return self.send("POST", f"/list-matches/{match}/decisions", body, role)

    def decide(
        self,
        exclusion: str,
        verdict: str,
        reason: str,
        role: Role = Role.ADMINISTRATOR,
        **rest: str,
    ) -> Any:
        """Decide on a proposal and return the answer, whatever it is."""
        body = {"verdict": verdict, "reason": reason, **rest}
        return self.send("POST", f"/exclusions/{exclusion}/decision", body, role)
