"""Acknowledged is durable: whatever kills the server, nothing it said yes to is lost."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx2
from sqlalchemy import select

from api.service import book_in_force
from audits.checklists import queries
from audits.checklists.actions import publish_library
from audits.checklists.filling import fill
from audits.checklists.form import FormSchema
from audits.submissions.models import Submission
from compliance import trail
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.registry.actions import register_site
from rules.vocabulary import Commodity, SiteKind
from tests.conftest import Tenant
from tests.e2e.serving import Server, serving

SENDERS = 4
# VISITS=300 takes some minutes; each kill comes somewhere in the next tenth of them.
VISITS = int(os.environ.get("VISITS", "100"))
KILLS = 10


@dataclass
class Device:
    """A field app: it keeps every visit until the server has said that it has it."""

    key: str
    visits: dict[str, bytes]
    acknowledged: set[str] = field(default_factory=set)

    def send(self, url: str, instance_id: str) -> bool:
        answer = httpx2.post(
            f"{url}/openrosa/submission",
            files={"xml_submission_file": ("v.xml", self.visits[instance_id])},
            headers={"X-OpenRosa-Version": "1.0"},
            auth=("device", self.key),
            timeout=30,
        )
        if answer.status_code == 201:
            self.acknowledged.add(instance_id)
        return answer.status_code == 201

    def waiting(self) -> list[str]:
        return [one for one in self.visits if one not in self.acknowledged]


def device_with(count: int, database: Database, tenant: Tenant) -> Device:
    """Return a device with `count` filled visits to one farm."""
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        publish_library(session, scope, book_in_force().vocabulary)
        farm = register_site(
            session,
            scope,
            kind=SiteKind.PRODUCER,
            name="Finca El Recuerdo",
            country="CO",
            commodity=Commodity.COFFEE,
        )
        version = queries.version(session, scope, "farm_visit")
        schema = queries.schema_of_version(session, version)
        trail.seal(session)
    ids = [f"uuid:00000000-0000-4000-8000-{number:012d}" for number in range(count)]
    visits = {one: visit(schema, farm.public_id, one) for one in ids}
    return Device(tenant.keys[Role.AUDITOR], visits)


def visit(schema: FormSchema, site: str, instance_id: str) -> bytes:
    answers = {
        "site_ref": site,
        "observed_on": date(2026, 11, 3),
        "visit_notice": "unannounced",
        "visit_season": "main_harvest",
        "visit_payer": "buyer",
        "person_hours": 3,
        "consent": "yes",
    }
    return fill(schema, answers, instance_id=instance_id)


def send_until_killed(device: Device, server: Server, kill_at: int) -> None:
    """Send what waits; the moment the `kill_at`th yes is heard, kill the server."""
    before = len(device.acknowledged)

    def send(instance_id: str) -> None:
        if server.process.poll() is not None:
            return
        try:
            heard = device.send(server.url, instance_id)
        except httpx2.TransportError:
            return
        if heard and len(device.acknowledged) - before >= kill_at:
            server.process.kill()

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, device.waiting()))
    server.kill()


def stored(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Submission.instance_id)))


def test_ten_kills_among_submissions_lose_and_double_none(
    database: Database, database_url: str, tenant: Tenant, tmp_path: Path
) -> None:
    device = device_with(VISITS, database, tenant)
    chance = random.Random(1)  # noqa: S311 - when to kill is no secret

    boots = set()
    for _ in range(KILLS):
        with serving(database_url, tmp_path / "data") as server:
            boots.add(server.boot_id)
            send_until_killed(
                device, server, kill_at=chance.randint(1, VISITS // KILLS - 1)
            )
        assert device.acknowledged <= set(stored(database))
    with serving(database_url, tmp_path / "data") as server:
        sent = [device.send(server.url, one) for one in device.waiting()]

    assert len(boots) == KILLS
    assert all(sent)
    assert sorted(stored(database)) == sorted(device.visits)


def test_a_server_that_commits_after_it_answers_is_found_out(
    database: Database, database_url: str, tenant: Tenant, tmp_path: Path
) -> None:
    device = device_with(6, database, tenant)
    wrong = (str(Path(__file__).parent / "commits_later.py"),)

    with serving(database_url, tmp_path / "data", program=wrong) as server:
        send_until_killed(device, server, kill_at=1)

    assert device.acknowledged
    assert not device.acknowledged <= set(stored(database))
