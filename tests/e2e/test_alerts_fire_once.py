"""Deadlines, mails and webhooks happen once, whoever is killed while they fall due.

What the database holds happens exactly once. A mail or a webhook leaves the house: whom
a kill meets between the receiver's yes and our commit sends it again, under the same id,
and a receiver drops what it has. So the law is of ids, and how many repeats there were
is told.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from sqlalchemy import select

from compliance import clock, trail
from compliance.alerts.addresses import networks_of
from compliance.alerts.models import AlertDelivery, Channel, DeliveryState
from compliance.alerts.receivers import make_receiver
from compliance.clocks.actions import start
from compliance.clocks.models import Clock, ClockFired, ClockKind
from compliance.database import Database
from compliance.identity.actions import add_person
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.sealing import Keyring
from tests.conftest import Tenant
from tests.e2e.receiving import Receivers, receiving
from tests.e2e.serving import free_port
from tests.jobs import wait_until

NURSERY = Path(__file__).parent / "quick_clocks.py"
ROOT = Path(__file__).parents[2]
SERVER, WORKERS = 0, (1, 2)
# Whom each of the twenty kills meets.
KILLED = (
    1,
    2,
    1,
    SERVER,
    2,
    1,
    2,
    1,
    2,
    SERVER,
    1,
    2,
    1,
    2,
    SERVER,
    1,
    2,
    1,
    2,
    SERVER,
)
OWN_MACHINE = "127.0.0.0/8"
DESK, MEMBER = "desk@atalaya.example", "admin@atalaya.example"
RECEIVERS = 3  # a program, a mail box, and a member's own mail
OF_EACH_FAMILY = 10
SPAN_SECONDS = 12.0
HOUR = timedelta(hours=1)
# When such clocks were started and by when what they tell is due, from now on; and the
# two events that a kill can meet.
FAMILIES = (
    (0 * HOUR, 2 * HOUR, ("due_soon", "due")),
    (0 * HOUR, 0 * HOUR, ("due", "late")),
    (-4 * HOUR, -4 * HOUR, ("late", "escalated")),
)


@dataclass
class Nursery:
    """Where processes come from; each is killed unwarned, and another takes its place."""

    process: subprocess.Popen[str]
    port: int
    living: dict[int, int]

    def bear(self, who: int) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"serve {self.port}\n" if who == SERVER else "work\n")
        self.process.stdin.flush()
        self.living[who] = int(self.process.stdout.readline())

    def kill(self, who: int) -> None:
        os.kill(self.living.pop(who), signal.SIGKILL)

    def is_serving(self) -> bool:
        try:
            return (
                httpx2.get(
                    f"http://127.0.0.1:{self.port}/readyz", timeout=5
                ).status_code
                == 200
            )
        except httpx2.TransportError:
            return False


@contextmanager
def nursery(database_url: str, folder: Path, receivers: Receivers) -> Iterator[Nursery]:
    """Bear processes while the context lasts, and let none outlive it."""
    settings = {
        "ATALAYA_DATA": str(folder / "data"),
        "ATALAYA_DATABASE_URL": database_url,
        "ATALAYA_ODK_VALIDATE": "off",
        "ATALAYA_JOB_LEASE_SECONDS": "2",
        "ATALAYA_SMTP_URL": receivers.smtp_url,
        "ATALAYA_MAIL_FROM": "alerts@atalaya.example",
        "ATALAYA_WEBHOOK_NETWORKS": OWN_MACHINE,
    }
    with (folder / "killed.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(NURSERY)],
            env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    made = Nursery(process, free_port(), {})
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield made
    finally:
        for who in tuple(made.living):
            made.kill(who)
        process.kill()
        process.communicate()


def furnish(
    database: Database, tenant: Tenant, folder: Path, receivers: Receivers
) -> None:
    """Give the organisation a program, a mail box and a member who are told."""
    keyring = Keyring(folder / "data" / "sealing_keys.json")
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        add_person(
            session,
            organisation_id=tenant.id,
            email=MEMBER,
            name="Administradora",
            language="es",
            role=Role.ADMINISTRATOR,
            password="una contraseña que nadie más tiene",
        )
        for kind, address in (
            (Channel.WEBHOOK, receivers.webhook),
            (Channel.MAIL, DESK),
        ):
            make_receiver(
                session,
                scope,
                keyring,
                networks_of(OWN_MACHINE),
                kind=kind,
                address=address,
                language="en",
            )
        trail.seal(session)


def start_clocks(
    database: Database, tenant: Tenant, chance: random.Random
) -> dict[str, tuple[str, ...]]:
    """Start clocks that tell something in the next seconds; return what each shall."""
    now = datetime.now(UTC)
    expected: dict[str, tuple[str, ...]] = {}
    for family, (since, due, events) in enumerate(FAMILIES):
        with (
            clock.set_to(lambda since=since: now + since),  # type: ignore[misc]  # mypy knows no default here
            database.writing() as session,
        ):
            scope = scope_of(session, KeyGiven(tenant.keys[Role.REVIEWER]))
            for number in range(OF_EACH_FAMILY):
                subject = f"F-{family}{number:07}"
                seconds = timedelta(seconds=2 + chance.random() * SPAN_SECONDS)
                start(
                    session,
                    scope,
                    owner_id=tenant.id,
                    site_id=None,
                    subject=subject,
                    kind=ClockKind.ACKNOWLEDGE,
                    due_at=now + due + seconds,
                    started_at=now,
                )
                expected[subject] = events
            trail.seal(session)
    return expected


def fired(database: Database) -> dict[str, tuple[str, ...]]:
    """Return what each clock has told, in the order in which it did."""
    told = defaultdict(list)
    with database.reading() as session:
        rows = session.execute(
            select(Clock.subject, ClockFired.event)
            .join(Clock, Clock.id == ClockFired.clock_id)
            .order_by(ClockFired.fired_at)
        )
        for row in rows:
            told[row.subject].append(row.event)
    return {subject: tuple(events) for subject, events in told.items()}


def deliveries(database: Database) -> dict[str, tuple[str, str]]:
    """Return the id of every delivery, with its channel and how it stands."""
    with database.reading() as session:
        rows = session.execute(
            select(AlertDelivery.public_id, AlertDelivery.channel, AlertDelivery.state)
        ).all()
    return {row.public_id: (row.channel, row.state) for row in rows}


def is_all_told(database: Database, expected: dict[str, tuple[str, ...]]) -> bool:
    """Tell whether every clock has told its last, and everybody has been told of it."""
    told = fired(database)
    if any(told.get(one, ("",))[-1] != events[-1] for one, events in expected.items()):
        return False
    delivered = [
        state for _, state in deliveries(database).values() if state == "delivered"
    ]
    return len(delivered) == RECEIVERS * sum(len(events) for events in told.values())


def test_twenty_kills_while_deadlines_fall_due_lose_and_double_nothing(
    database: Database,
    database_url: str,
    tenant: Tenant,
    tmp_path: Path,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(6)  # noqa: S311 - when to kill is no secret
    with receiving() as receivers:
        furnish(database, tenant, tmp_path, receivers)
        with nursery(database_url, tmp_path, receivers) as born:
            for who in (SERVER, *WORKERS):
                born.bear(who)
            wait_until(born.is_serving)
            expected = start_clocks(database, tenant, chance)
            for who in KILLED:
                time.sleep(chance.random() * 2 * SPAN_SECONDS / len(KILLED))
                born.kill(who)
                born.bear(who)
            wait_until(lambda: is_all_told(database, expected))
        mails = [
            str(one["Message-ID"])[1:].partition("@")[0] for one in receivers.mails
        ]
        calls = [call.id for call in receivers.calls]
    known = deliveries(database)
    repeats = len(mails) + len(calls) - len({*mails, *calls})
    kind = "sqlite" if database.is_sqlite else "postgresql"
    record_testsuite_property(f"alerts repeated by kills on {kind}", repeats)

    told = fired(database)
    # Whom a kill kept from looking until the second tells the first no more.
    overtaken = [one for one in expected if told[one] == expected[one][1:]]
    assert told == expected | {one: expected[one][1:] for one in overtaken}
    assert len(overtaken) < len(expected) / 4
    assert {*mails, *calls} == set(known), "each id was taken, and none without its row"
    assert {state for _, state in known.values()} == {DeliveryState.DELIVERED}
    assert set(calls) == {one for one, (way, _) in known.items() if way == "webhook"}
    said = Counter(
        (call.document["data"]["subject"], call.document["data"]["event"])
        for call in {call.id: call for call in receivers.calls}.values()
    )
    assert set(said.values()) == {1}, "no two ids for one alert and receiver"
    assert repeats <= len(KILLED), "a kill repeats one message at most"
