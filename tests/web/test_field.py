"""The doors of the web form: what a device takes along, and sealed records that arrive."""

from collections.abc import Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.field_keys import public_point, seal
from compliance import limits
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import email_of, sign_in
from tests.conftest import Tenant
from tests.devices import assigned, auditor
from tests.field import (
    BOUNDARY,
    JPEG,
    XML_PART,
    Phone,
    body_of,
    publish,
    record,
    register_farm,
    workbook,
)

DOORS = ("/field/start", "/field/checklists/form_0000000000000000")


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    """The id of a farm, in a programme that has published the small checklist."""
    publish(client, tenant, workbook())
    return register_farm(client, tenant, municipality="Planadas", admin1="Tolima")


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    return Phone(client, tenant)


@pytest.fixture
def point(app: FastAPI, client: TestClient) -> bytes:
    """The server's public key, once the server is there."""
    assert client.get("/livez").status_code == 200
    settings = app.state.service.settings
    return public_point(settings.resolved_field_key_file)


def get(client: TestClient, tenant: Tenant, path: str, role: Role) -> Any:
    answer = client.get(path, headers=tenant.headers(role))
    assert answer.status_code == 200, answer.text
    return answer.json()


def send(
    client: TestClient,
    tenant: Tenant,
    parts: Sequence[tuple[str, bytes]],
    role: Role = Role.AUDITOR,
    finished_by: str | None = None,
) -> Any:
    named = {} if finished_by is None else {"X-Finished-By": finished_by}
    return client.post(
        "/field/submission",
        content=body_of(parts),
        headers={
            **tenant.headers(role),
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            **named,
        },
    )


def sealed(point: bytes, *parts: tuple[str, bytes]) -> list[tuple[str, bytes]]:
    return [(name, seal(point, name, content)) for name, content in parts]


@pytest.mark.parametrize("path", DOORS)
def test_nobody_takes_anything_along_without_signing_in(
    client: TestClient, path: str
) -> None:
    assert client.get(path).status_code == 401


def test_the_shell_is_for_those_who_may_submit(
    client: TestClient, tenant: Tenant
) -> None:
    by_auditor = client.get("/field", headers=tenant.headers(Role.AUDITOR))
    by_analyst = client.get("/field", headers=tenant.headers(Role.ANALYST))

    assert by_auditor.status_code == 200
    assert by_analyst.status_code == 403
    policy = by_auditor.headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "unsafe-inline" not in policy
    assert tenant.public_id not in by_auditor.text


def test_the_worker_may_look_after_the_form_and_nothing_else(
    client: TestClient,
) -> None:
    answer = client.get("/field/worker.js")

    assert answer.headers["service-worker-allowed"] == "/field"
    assert client.get("/static/form/nothing.js").status_code == 404
    assert client.get("/static/form/..%2Fstyle.css").status_code == 404


def test_a_device_takes_along_form_sites_and_law(
    client: TestClient, tenant: Tenant, farm: str
) -> None:
    start = get(client, tenant, "/field/start", Role.AUDITOR)
    (offered,) = start["checklists"]

    taken = get(client, tenant, f"/field/checklists/{offered['id']}", Role.AUDITOR)

    assert offered["form_id"] == "small_visit"
    assert len(bytes.fromhex(start["key"])) == 65
    assert 'id="small_visit"' in taken["xform"]
    assert taken["sites"] == [
        {
            "id": farm,
            "name": "Finca El Recuerdo",
            "place": "Planadas, Tolima",
            "country": "CO",
            "commodity": "coffee",
            "kind": "producer",
        }
    ]
    (part,) = taken["parts"]
    assert {rule["id"] for rule in part["rules"]} <= {
        one["id"] for one in get(client, tenant, "/v1/rules", Role.AUDITOR)["items"]
    }
    assert taken["reading"]["site_question"] == "/data/site_ref"


def test_whoever_has_visits_assigned_takes_along_their_sites_alone(
    client: TestClient, tenant: Tenant, database: Database, farm: str
) -> None:
    other = register_farm(client, tenant, name="La Esperanza")
    marta = auditor(database, tenant, email_of(Role.AUDITOR))
    assigned(client, tenant, other, person=marta)
    sign_in(client, Role.AUDITOR)

    start = client.get("/field/start").json()
    version = start["checklists"][0]["id"]
    taken = client.get(f"/field/checklists/{version}").json()

    assert [one["id"] for one in taken["sites"]] == [other]
    assert farm not in str(taken)


def test_what_another_organisation_has_is_not_taken_along(
    client: TestClient, tenant: Tenant, stranger: Tenant, farm: str
) -> None:
    start = get(client, tenant, "/field/start", Role.AUDITOR)
    path = f"/field/checklists/{start['checklists'][0]['id']}"

    answer = client.get(path, headers=stranger.headers(Role.AUDITOR))

    assert answer.status_code == 404
    assert farm not in answer.text


def test_a_sealed_record_arrives_once_with_its_files(
    client: TestClient, tenant: Tenant, phone: Phone, farm: str, point: bytes
) -> None:
    record_part = (XML_PART, record(farm, photo="a.jpg", second_photo="b.jpg"))
    first = sealed(point, record_part, ("a.jpg", JPEG))
    last = sealed(point, record_part, ("b.jpg", JPEG + b"2"))

    begun = send(client, tenant, [*first, ("*isIncomplete*", b"yes")])
    done = send(client, tenant, last)
    again = send(client, tenant, sealed(point, record_part))

    assert [one.status_code for one in (begun, done, again)] == [202, 201, 201]
    assert done.json()["missing"] == []
    (kept,) = phone.submissions()
    assert len(phone.attachments(kept["id"])["items"]) == 2


def test_the_phones_door_knows_a_sealed_record_again(
    client: TestClient, tenant: Tenant, phone: Phone, farm: str, point: bytes
) -> None:
    xml = record(farm)
    send(client, tenant, sealed(point, (XML_PART, xml)))

    told = phone.send(xml)

    assert told.status == 201
    assert len(phone.submissions()) == 1


@pytest.mark.parametrize("damage", ["clear", "swapped", "changed", "short"])
def test_what_was_not_sealed_for_us_is_refused_and_nothing_is_kept(
    client: TestClient,
    tenant: Tenant,
    phone: Phone,
    farm: str,
    point: bytes,
    damage: str,
) -> None:
    xml = record(farm)
    good = seal(point, XML_PART, xml)
    parts = {
        "clear": xml,
        "swapped": seal(point, "another.jpg", xml),
        "changed": good[:-1] + bytes([good[-1] ^ 1]),
        "short": good[:40],
    }

    answer = send(client, tenant, [(XML_PART, parts[damage])])

    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/not-sealed-for-us")
    assert phone.submissions() == []


def test_a_record_is_not_sent_in_the_name_of_another(
    client: TestClient, tenant: Tenant, phone: Phone, farm: str, point: bytes
) -> None:
    parts = sealed(point, (XML_PART, record(farm)))

    answer = send(client, tenant, parts, finished_by="person_somebodyelse")

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/device-of-somebody-else")
    assert phone.submissions() == []


def test_an_analyst_sends_nothing(
    client: TestClient, tenant: Tenant, farm: str, point: bytes
) -> None:
    parts = sealed(point, (XML_PART, record(farm)))

    assert send(client, tenant, parts, Role.ANALYST).status_code == 403


def test_a_sealed_file_that_is_too_large_is_refused_before_it_is_opened(
    client: TestClient,
    tenant: Tenant,
    farm: str,
    point: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "FIELD_PART_BYTES", 1_000)
    parts = sealed(point, (XML_PART, record(farm)), ("a.jpg", JPEG * 100))

    answer = send(client, tenant, parts)

    assert answer.status_code == 413
    assert "a.jpg" in answer.json()["detail"]
