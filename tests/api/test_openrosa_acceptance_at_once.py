"""Many uploads at once: one record, one set of files, one set of events: item 13."""

import asyncio
import hashlib
import json
import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.app import create_app
from audits.submissions.models import Attachment, Submission
from compliance.database import Database
from compliance.identity.models import Role
from compliance.settings import Settings
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.devices import enrolled, path_of
from tests.field import (
    BOUNDARY,
    JPEG,
    OPENROSA,
    XML_PART,
    Phone,
    body_of,
    publish,
    record,
    register_farm,
    workbook,
)
from tests.isolation.speaking import Answer, Request, hear

FILES = (
    ("a.jpg", JPEG + b"a"),
    ("b ñ.jpg", JPEG + b"b"),
    ("audit.csv", b"event,node,start,end\n"),
)
UPLOAD = {**OPENROSA, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> FastAPI:
    """The product without limits on the rate of requests: a thousand come at once."""
    return create_app(
        Settings(
            data=tmp_path / "data",
            database_url=database_url,
            odk_validate="off",
            rate_limits="off",
        )
    )


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    """The id of a farm, in a programme that has published the small checklist."""
    publish(client, tenant, workbook())
    return register_farm(client, tenant)


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    return Phone(client, tenant)


def at_once(
    client: TestClient, app: FastAPI, requests: Sequence[Request]
) -> list[Answer]:
    """Send requests all at the same time, and return the answers in their order."""

    async def everybody() -> list[Answer]:
        heard = await asyncio.gather(*(hear(app, [one]) for one in requests))
        return [answer for (answer,) in heard]

    assert client.portal is not None
    return client.portal.call(everybody)


def uploads(
    xml: bytes, files: Sequence[tuple[str, bytes]], *, count: int, seed: int
) -> list[bytes]:
    """Return uploads of one record with any of its files, in any order of parts."""
    chance = random.Random(seed)  # noqa: S311 - an order is no secret
    bodies = []
    for _ in range(count):
        some = chance.sample(files, chance.randint(0, len(files)))
        parts = [(XML_PART, xml), *some, *chance.choice(FLAGS)]
        chance.shuffle(parts)
        bodies.append(body_of(parts))
    return bodies


FLAGS: tuple[list[tuple[str, bytes]], ...] = ([], [("*isIncomplete*", b"yes")])


def test_a_thousand_uploads_of_one_record_make_one_of_everything(
    client: TestClient, app: FastAPI, database: Database, tenant: Tenant, farm: str
) -> None:
    names = [name for name, _ in FILES]
    xml = record(farm, photo=names[0], second_photo=names[1], audit=names[2])
    headers = {**UPLOAD, **tenant.headers(Role.AUDITOR)}
    requests = [
        Request("POST", "/openrosa/submission", headers, body)
        for body in uploads(xml, FILES, count=1000, seed=1)
    ]

    answers = at_once(client, app, requests)

    with database.reading() as session:
        kept = session.execute(select(Submission.public_id, Submission.content)).all()
        files = session.execute(
            select(Attachment.name, Attachment.ordinal, Attachment.sha256)
        ).all()
        leaves = session.scalars(select(TrailEntry.leaf)).all()
    events = [json.loads(leaf) for leaf in leaves]
    told = [digest for one in events for digest in one["facts"].get("files", [])]
    assert {one.status for one in answers} <= {201, 202}
    assert [tuple(one) for one in kept] == [(kept[0].public_id, xml)]
    assert {tuple(one) for one in files} == {
        (name, 1, hashlib.sha256(content).digest()) for name, content in FILES
    }
    assert Counter(one["action"] for one in events)["submission.received"] == 1
    assert sorted(told) == sorted(
        hashlib.sha256(content).hexdigest() for _, content in FILES
    )
    assert list(app.state.service.files.incoming().iterdir()) == []


def test_twenty_devices_with_five_visits_each_arrive_once_each(
    client: TestClient, app: FastAPI, database: Database, tenant: Tenant, farm: str
) -> None:
    devices = [enrolled(client, tenant) for _ in range(20)]
    photos = {
        f"uuid:{device}-{visit}": JPEG + bytes([device, visit]) * 10_000
        for device, visit in product(range(20), range(5))
    }
    requests = []
    for instance_id in [*photos, *(one for one in photos if one.endswith("-0"))]:
        place = int(instance_id.removeprefix("uuid:").partition("-")[0])
        xml = record(farm, instance_id=instance_id, photo="image.jpg")
        body = body_of([(XML_PART, xml), ("image.jpg", photos[instance_id])])
        address = f"{path_of(devices[place])}/submission?deviceID=collect%3A{place}"
        requests.append(Request("POST", address, UPLOAD, body))
    random.Random(2).shuffle(requests)  # noqa: S311 - an order is no secret

    answers = at_once(client, app, requests)

    with database.reading() as session:
        by_actor = session.execute(
            select(Submission.actor, func.count().label("visits")).group_by(
                Submission.actor
            )
        ).all()
        files = session.execute(
            select(Submission.instance_id, Attachment.sha256).join(
                Attachment, Attachment.submission_id == Submission.id
            )
        ).all()
    assert {one.status for one in answers} == {201}
    assert sorted((row.actor, row.visits) for row in by_actor) == sorted(
        (one["id"], 5) for one in devices
    )
    assert sorted(tuple(one) for one in files) == sorted(
        (instance_id, hashlib.sha256(photo).digest())
        for instance_id, photo in photos.items()
    )


def test_two_edits_of_one_record_at_once_leave_one_current(
    phone: Phone, farm: str
) -> None:
    phone.send(record(farm, instance_id="uuid:A"))
    edits = [
        record(farm, instance_id=f"uuid:{number}", edits="uuid:A")
        for number in range(8)
    ]

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(phone.send, edits))

    assert sorted(one.status for one in told) == [201, *[409] * 7]
    states = [one["state"] for one in phone.submissions()]
    assert sorted(states) == ["current", "superseded"]


def test_visits_of_one_day_at_once_share_an_audit(phone: Phone, farm: str) -> None:
    records = [record(farm, instance_id=f"uuid:{number}") for number in range(8)]

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(phone.send, records))

    assert {one.status for one in told} == {201}
    assert len({one["audit"] for one in phone.submissions()}) == 1
