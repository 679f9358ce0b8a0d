"""Filled checklists a second over OpenRosa, against the bare commits of the same disk.

Run by hand: `./run bench intake`. A server of its own on a durable PostgreSQL gets ODK's
form of 250 questions, first so many a second for so long, whatever it answers, and then
as fast as a few devices can send. The floor is the same bytes inserted and committed by
the bare driver, by as many connections as the server writes with.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg
from sqlalchemy import func, insert, select

from api.migrating import migrate
from audits.checklists.form import schema_to_json
from audits.checklists.models import Checklist, ChecklistVersion
from audits.checklists.xform import schema_from_xform
from audits.checklists.xlsform import Conversion
from audits.submissions.models import Submission
from compliance import clock, trail
from compliance.database import Database, open_database
from compliance.identifiers import OrganisationId, new_id, new_public_id
from compliance.identity import actions
from compliance.identity.devices import enrol
from compliance.identity.models import OrganisationKind
from compliance.identity.scope import scope_of_system
from compliance.settings import Settings
from tests import postgres
from tests.e2e.serving import serving
from tests.field import BOUNDARY, OPENROSA, XML_PART, body_of

ODK = Path(__file__).parents[1] / "data" / "odk"
DURABLE = {"fsync": "on", "full_page_writes": "on"}
SENDERS = 16
TAKEN = {201, 202}


@dataclass
class Sending:
    """What was sent, what was answered, and how long each took, in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lasted: float = 0.0

    @property
    def failures(self) -> int:
        return sum(n for status, n in self.statuses.items() if status not in TAKEN)

    @property
    def count(self) -> int:
        return len(self.seconds)

    def told(self) -> dict[str, object]:
        ranked = sorted(self.seconds)
        return {
            "sent": self.count,
            "failures": self.failures,
            "a_second": round(self.count / self.lasted, 1),
            "median_ms": round(1000 * ranked[len(ranked) // 2], 1),
            "p99_ms": round(1000 * ranked[int(len(ranked) * 0.99)], 1),
        }


class Device:
    """Field apps that send filled forms, each form with an id of its own."""

    def __init__(self, address: str) -> None:
        self.address = f"{address}/submission?deviceID=bench"
        self.template = (ODK / "250q-submission.template.xml").read_text()
        self.client = httpx2.Client(
            headers={
                **OPENROSA,
                "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            },
            limits=httpx2.Limits(max_connections=SENDERS),
            timeout=60,
        )
        self.lock = threading.Lock()

    def filled(self) -> bytes:
        figure = str(random.randint(0, 9999))  # noqa: S311 - an answer, no secret
        filled = self.template.replace("{{uuid}}", str(uuid.uuid4()))
        return filled.replace("{{randInt}}", figure).encode()

    def send(self, sending: Sending) -> None:
        body = body_of([(XML_PART, self.filled())])
        began = time.perf_counter()
        try:
            status = self.client.post(self.address, content=body).status_code
        except httpx2.TransportError:
            status = 0
        spent = time.perf_counter() - began
        with self.lock:
            sending.statuses[status] += 1
            sending.seconds.append(spent)


def at_a_rate(device: Device, rate: float, seconds: float) -> Sending:
    """Send so many a second for so long, however long the answers take."""
    sending, count = Sending(), round(rate * seconds)
    began = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as pool:
        for number in range(count):
            pause = began + number / rate - time.perf_counter()
            time.sleep(max(0.0, pause))
            pool.submit(device.send, sending)
    sending.lasted = time.perf_counter() - began
    return sending


def at_full_speed(device: Device, senders: int, seconds: float) -> Sending:
    """Send for so long, each sender its next as soon as the last was answered."""
    sending = Sending()
    began = time.perf_counter()

    def send_on() -> None:
        while time.perf_counter() - began < seconds:
            device.send(sending)

    _together([send_on] * senders)
    sending.lasted = time.perf_counter() - began
    return sending


def bare_commits(url: str, content: bytes, connections: int, seconds: float) -> float:
    """Return how many rows of `content` a second the bare driver commits."""
    counts: list[int] = []
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE TABLE bare (id uuid PRIMARY KEY, content bytea)")
    began = time.perf_counter()

    def commit_on() -> None:
        count = 0
        with psycopg.connect(url) as connection:
            while time.perf_counter() - began < seconds:
                connection.execute(
                    "INSERT INTO bare VALUES (%s, %s)", (uuid.uuid4(), content)
                )
                connection.commit()
                count += 1
        counts.append(count)

    _together([commit_on] * connections)
    lasted = time.perf_counter() - began
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DROP TABLE bare")
    return sum(counts) / lasted


def _together(works: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


def furnish(database: Database) -> tuple[OrganisationId, str]:
    """Make a programme with the form and a device; return the device's secret."""
    migrate(database)
    xform = (ODK / "250q-form.xml").read_bytes()
    converted = Conversion(
        xform, "250_questions", "", "250 flat text questions", (), {}
    )
    with database.writing() as session:
        made = actions.found_organisation(
            session, kind=OrganisationKind.EXPORTER, name="Puerto Sereno", country="CO"
        )
        checklist_id = new_id()
        session.execute(
            insert(Checklist).values(
                id=checklist_id,
                public_id=new_public_id("checklist"),
                owner_id=made.id,
                form_id=converted.form_id,
                created_at=clock.now(),
            )
        )
        session.execute(
            insert(ChecklistVersion).values(
                id=new_id(),
                public_id=new_public_id("form"),
                owner_id=made.id,
                checklist_id=checklist_id,
                version=converted.version,
                title=converted.title,
                xlsform=b"",
                xlsform_sha256=bytes(32),
                xform=xform,
                xform_md5=converted.md5,
                schema=schema_to_json(schema_from_xform(xform, {})),
                purpose="visit",
                published_by="bench",
                published_at=clock.now(),
            )
        )
        secret = enrol(session, scope_of_system(session, made.id), label="x").secret
        trail.seal(session)
    return made.id, secret


@contextmanager
def database_of_its_own(folder: Path) -> Iterator[str]:
    with postgres.cluster(folder, DURABLE) as cluster:
        with psycopg.connect(cluster.database("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE intake")
        yield cluster.database("intake")


def measured(
    rate: float, seconds: float, senders: int, full: float
) -> dict[str, object]:
    with (
        tempfile.TemporaryDirectory() as first,
        tempfile.TemporaryDirectory() as second,
        database_of_its_own(Path(first)) as url,
    ):
        opened = open_database(
            url.replace("postgresql://", "postgresql+psycopg://"), is_system=True
        )
        _, secret = furnish(opened)
        with serving(url, Path(second) / "data") as server:
            device = Device(f"{server.url}/d/{secret}/openrosa")
            at_full_speed(device, 1, 1.0)  # the first of everything
            warmed = _stored(opened)
            steady = at_a_rate(device, rate, seconds)
            after_steady = _stored(opened)
            fast = at_full_speed(device, senders, full)
            after_fast = _stored(opened)
        writers = Settings().writer_threads
        floor = bare_commits(url, device.filled(), writers, min(5.0, full))
        opened.close()
    speed = fast.count / fast.lasted
    return {
        "steady": {
            **steady.told(),
            "stored": after_steady - warmed,
            "is_exact": after_steady - warmed == steady.count,
        },
        "full_speed": {
            **fast.told(),
            "senders": senders,
            "is_exact": after_fast - after_steady == fast.count,
        },
        "bare_commits_a_second": round(floor, 1),
        "bare_connections": writers,
        "ratio": round(speed / floor, 3),
    }


def _stored(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50, help="forms a second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--senders", type=int, default=8, help="at full speed")
    parser.add_argument("--full-seconds", type=float, default=10)
    given = parser.parse_args()
    told = measured(given.rate, given.seconds, given.senders, given.full_seconds)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
