"""Devices: let in by a code that is shown once, seen, and let in no more at once."""

import base64
import hashlib
import io
import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from audits.submissions.models import Submission
from compliance import clock, limits
from compliance.database import Database
from compliance.idempotency import IdempotencyRecord
from compliance.identity.models import Device, Role
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.devices import (
    auditor,
    enrolled,
    fetched,
    forms_on,
    path_of,
    person,
    phone_of,
    secret_in,
    write_use,
)
from tests.field import OPENROSA, publish, record, register_farm, told_by, workbook
from tests.visits import TODAY

NEW = {"label": "Teléfono de Marta"}
CALLS = [
    ("GET", "/v1/devices", None),
    ("POST", "/v1/devices", NEW),
    ("GET", "/v1/devices/device_x", None),
    ("POST", "/v1/devices/device_x/revoke", None),
]


def read(client: TestClient, tenant: Tenant, made: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"/v1/devices/{made['id']}", headers=tenant.headers())
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def status(client: TestClient, made: dict[str, Any]) -> int:
    answer = fetched(client, f"{path_of(made)}/formList")
    return int(answer.status_code)


def test_devices_are_nobody_elses_business(client: TestClient) -> None:
    answers = [client.request(method, path, json=body) for method, path, body in CALLS]

    assert [one.status_code for one in answers] == [401] * len(CALLS)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ANALYST])
def test_only_who_manages_fieldwork_sees_devices(
    client: TestClient, tenant: Tenant, role: Role
) -> None:
    answers = [
        client.request(method, path, json=body, headers=tenant.headers(role))
        for method, path, body in CALLS
    ]

    assert [one.status_code for one in answers] == [403] * len(CALLS)


def test_a_reviewer_sees_and_revokes_but_lets_nobody_in(
    client: TestClient, tenant: Tenant
) -> None:
    made, reviewer = enrolled(client, tenant), tenant.headers(Role.REVIEWER)

    answers = [
        client.post("/v1/devices", json=NEW, headers=reviewer),
        client.get("/v1/devices", headers=reviewer),
        client.post(f"/v1/devices/{made['id']}/revoke", headers=reviewer),
    ]

    assert [one.status_code for one in answers] == [403, 200, 200]
    assert answers[0].json()["type"] == "/problems/more-than-you-have"


def test_another_organisations_device_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    theirs = enrolled(client, stranger)["id"]

    answers = [
        client.get(f"/v1/devices/{theirs}", headers=tenant.headers()),
        client.post(f"/v1/devices/{theirs}/revoke", headers=tenant.headers()),
    ]
    listed = client.get("/v1/devices", headers=tenant.headers()).json()["items"]

    assert [one.status_code for one in answers] == [404, 404]
    assert listed == []


def test_a_device_that_cannot_be_let_in_names_the_field(
    client: TestClient, tenant: Tenant
) -> None:
    wrong: list[dict[str, object]] = [
        {"label": ""},
        {"label": "x" * 101},
        {"person": "Marta"},
        {"way": "smoke"},
        {"expires_at": "2027-01-01"},
        {"token": "mine"},
    ]

    answers = [
        client.post("/v1/devices", json={**NEW, **one}, headers=tenant.headers())
        for one in wrong
    ]

    assert {one.status_code for one in answers} == {422}
    assert [one.json()["errors"][0]["field"] for one in answers] == [
        f"body.{field}" for one in wrong for field in one
    ]


def test_a_device_belongs_to_somebody_who_visits_sites_here(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    others = [
        "person_unknown",
        auditor(database, stranger, "ajena@example.org"),
        person(database, tenant, "analista@example.org", Role.ANALYST),
    ]

    answers = [
        client.post(
            "/v1/devices", json={**NEW, "person": one}, headers=tenant.headers()
        )
        for one in others
    ]

    assert [one.status_code for one in answers] == [422] * 3
    assert {one.json()["type"] for one in answers} == {"/problems/auditor-unknown"}


@pytest.mark.parametrize(
    ("days", "problem"), [(-1, "already-over"), (1_101, "device-too-long")]
)
def test_a_device_ends_in_the_future_and_within_reason(
    client: TestClient, tenant: Tenant, days: int, problem: str
) -> None:
    end = (clock.now() + timedelta(days=days)).isoformat()

    answer = client.post(
        "/v1/devices", json={**NEW, "expires_at": end}, headers=tenant.headers()
    )

    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{problem}"


def test_the_code_holds_the_settings_of_the_app(
    client: TestClient, tenant: Tenant
) -> None:
    made = enrolled(client, tenant)

    told = json.loads(zlib.decompress(base64.b64decode(made["code"])))
    picture = Image.open(io.BytesIO(base64.b64decode(made["code_png"])))

    assert told == made["settings"]
    assert told["general"] == {
        "server_url": made["address"],
        "form_update_mode": "match_exactly",
        "autosend": "wifi_and_cellular",
    }
    assert told["admin"] == {"change_server": False}
    assert told["project"]["name"] == "Exportadora Puerto Sereno"
    assert picture.format == "PNG"
    assert picture.width == picture.height
    assert made["code_svg"].startswith("<svg")
    assert (made["username"], made["password"]) == (None, None)


def test_a_code_is_small_enough_to_be_scanned_from_a_screen(
    client: TestClient, tenant: Tenant
) -> None:
    made = enrolled(client, tenant)

    picture = Image.open(io.BytesIO(base64.b64decode(made["code_png"])))

    # 77 modules and a quiet zone of 4 on each side, at 6 pixels: QR version 15.
    assert picture.width <= 6 * (77 + 8)


def test_a_device_is_told_once_and_kept_as_a_digest(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    answer = client.post("/v1/devices", json=NEW, headers=tenant.headers())
    made = answer.json()
    secret = secret_in(made)

    known = client.get(answer.headers["location"], headers=tenant.headers()).json()

    with database.engine.connect() as connection:
        rows = repr(connection.exec_driver_sql("SELECT * FROM device").all())
    with database.reading() as session:
        kept = session.scalars(select(Device.token_sha256)).one()
    assert len(secret) == 52
    assert answer.headers["cache-control"] == "no-store"
    assert secret not in answer.headers["location"]
    assert known == {name: made[name] for name in known}
    assert secret not in json.dumps(known)
    assert hashlib.sha256(secret.encode()).digest() == kept
    assert secret[:8] not in rows


def test_a_repeated_request_lets_in_one_device_and_keeps_no_secret(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    headers = {**tenant.headers(), "Idempotency-Key": "one"}

    first = client.post("/v1/devices", json=NEW, headers=headers).json()
    second = client.post("/v1/devices", json=NEW, headers=headers).json()

    with database.reading() as session:
        kept = session.scalars(select(IdempotencyRecord.body)).one().decode()
    assert second["id"] == first["id"]
    assert [second[one] for one in ("address", "code", "code_png")] == [None] * 3
    assert secret_in(first) not in kept
    assert first["code"] not in kept


def test_a_device_fetches_and_sends_by_its_address_alone(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    farm = register_farm(client, tenant)
    made = enrolled(client, tenant)
    phone = phone_of(client, tenant, made)

    forms = forms_on(client, path_of(made))
    asked = client.head(f"{path_of(made)}/submission?deviceID=x", headers=OPENROSA)
    told = phone.send(record(farm, papers="yes"))

    assert [one["formID"] for one in forms] == ["small_visit"]
    assert (asked.status_code, "location" in asked.headers) == (204, False)
    assert told.status == 201
    (kept,) = phone.submissions()
    with database.reading() as session:
        actor = session.scalars(select(Submission.actor)).one()
    assert (actor, kept["processing"]) == (made["id"], "done")


def test_every_address_handed_to_a_device_begins_with_its_own(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    made = enrolled(client, tenant)

    (form,) = forms_on(client, path_of(made))

    assert form["downloadUrl"].startswith(f"{made['address']}/forms/")


def test_a_device_sees_nothing_of_another_organisation(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    publish(client, tenant, workbook())
    own, other = enrolled(client, tenant), enrolled(client, stranger)
    (form,) = forms_on(client, path_of(own))
    theirs = form["downloadUrl"].replace(secret_in(own), secret_in(other))

    answer = fetched(client, theirs)

    assert forms_on(client, path_of(other)) == []
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/formList", "/submission", "/forms/form_x.xml"])
def test_an_address_that_was_never_given_is_refused_not_challenged(
    client: TestClient, path: str
) -> None:
    answer = fetched(client, f"/d/{'x' * 52}/openrosa{path}")

    told = told_by(answer.status_code, answer.content)
    assert (told.status, told.nature) == (403, "error")
    assert "www-authenticate" not in answer.headers
    assert "x" * 52 not in answer.text


def test_a_revoked_device_is_out_at_once_and_stays_in_the_list(
    client: TestClient, tenant: Tenant
) -> None:
    made = enrolled(client, tenant)
    path = f"/v1/devices/{made['id']}/revoke"
    before = status(client, made)

    answers = [client.post(path, headers=tenant.headers()) for _ in range(2)]

    (listed,) = client.get("/v1/devices", headers=tenant.headers()).json()["items"]
    assert (before, status(client, made)) == (200, 403)
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert listed["state"] == "revoked"


def test_a_code_that_nobody_scans_lapses(client: TestClient, tenant: Tenant) -> None:
    with clock.set_to(lambda: TODAY):
        made = enrolled(client, tenant)
    until = TODAY + timedelta(hours=limits.DEVICE_UNUSED_HOURS)

    with clock.set_to(lambda: until - timedelta(seconds=1)):
        before = status(client, made), read(client, tenant, made)["state"]
    with clock.set_to(lambda: until):
        after = status(client, made), read(client, tenant, made)["state"]

    assert (before, after) == ((200, "waiting"), (403, "lapsed"))


def test_a_device_that_came_in_time_may_come_until_it_expires(
    client: TestClient, app: FastAPI, tenant: Tenant
) -> None:
    with clock.set_to(lambda: TODAY):
        made = enrolled(client, tenant)
        status(client, made)
        write_use(client, app)
    until = TODAY + timedelta(days=limits.DEVICE_DAYS)

    with clock.set_to(lambda: until - timedelta(seconds=1)):
        before = status(client, made), read(client, tenant, made)["state"]
    with clock.set_to(lambda: until):
        after = status(client, made), read(client, tenant, made)["state"]

    assert (before, after) == ((200, "in_use"), (403, "expired"))


def test_a_device_is_seen_with_the_program_it_says_it_is(
    client: TestClient, app: FastAPI, tenant: Tenant
) -> None:
    made = enrolled(client, tenant)
    program = "org.odk.collect.android/v2026.3.0 (Android 14)"

    with clock.set_to(lambda: TODAY):
        fetched(client, f"{path_of(made)}/formList", **{"User-Agent": program})
        write_use(client, app)
    with clock.set_to(lambda: TODAY + timedelta(minutes=5)):
        fetched(client, f"{path_of(made)}/formList", **{"User-Agent": program})
        write_use(client, app)

    known = read(client, tenant, made)
    assert known["user_agent"] == program
    assert known["first_seen_at"] == TODAY.isoformat()
    assert known["last_seen_at"] == (TODAY + timedelta(minutes=5)).isoformat()


@pytest.mark.parametrize(
    "change",
    [{"status": "suspended"}, {"role": "analyst"}],
    ids=["suspended", "no longer an auditor"],
)
def test_a_persons_device_goes_where_the_person_goes(
    client: TestClient, database: Database, tenant: Tenant, change: dict[str, str]
) -> None:
    marta = auditor(database, tenant)
    made = enrolled(client, tenant, person=marta)
    before = status(client, made)

    client.patch(f"/v1/people/{marta}", json=change, headers=tenant.headers())

    assert (before, status(client, made)) == (200, 403)


def test_the_list_is_narrowed_by_person_and_state(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    marta = auditor(database, tenant)
    hers, nobodys = enrolled(client, tenant, person=marta), enrolled(client, tenant)
    client.post(f"/v1/devices/{nobodys['id']}/revoke", headers=tenant.headers())

    def ids(query: str) -> list[str]:
        answer = client.get(f"/v1/devices?{query}", headers=tenant.headers())
        return [one["id"] for one in answer.json()["items"]]

    assert ids(f"person={marta}") == ids("state=waiting") == [hers["id"]]
    assert ids("state=revoked") == [nobodys["id"]]
    assert ids(f"after={hers['id']}") == [nobodys["id"]]


def test_the_list_comes_as_csv(client: TestClient, tenant: Tenant) -> None:
    made = enrolled(client, tenant)

    answer = client.get(
        "/v1/devices", headers={**tenant.headers(), "Accept": "text/csv"}
    )

    assert answer.headers["content-type"].startswith("text/csv")
    assert made["id"] in answer.text


def test_letting_in_and_out_stands_in_the_trail(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    made = enrolled(client, tenant)
    client.post(f"/v1/devices/{made['id']}/revoke", headers=tenant.headers())

    with database.reading() as session:
        leaves = session.scalars(
            select(TrailEntry.leaf)
            .where(TrailEntry.subject_id == made["id"])
            .order_by(TrailEntry.sequence)
        ).all()

    assert [json.loads(leaf)["action"] for leaf in leaves] == [
        "device.enrolled",
        "device.revoked",
    ]


@pytest.mark.parametrize(
    "change",
    [{"label": "another"}, {"token_sha256": b"x" * 32}, {"expires_at": TODAY}],
)
def test_a_device_ends_once_and_is_otherwise_never_changed(
    client: TestClient, database: Database, tenant: Tenant, change: dict[str, object]
) -> None:
    enrolled(client, tenant)

    with (
        pytest.raises(DBAPIError, match="rows of device are history"),
        database.writing() as session,
    ):
        session.execute(update(Device).values(**change))
