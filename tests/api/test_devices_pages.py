"""Devices as whoever lets them in sees them: a code once, and out at once."""

import pytest
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, OURS, add_people, read, sign_in
from tests.conftest import Tenant
from tests.devices import enrolled
from tests.planning import once_of, post, refused
from tests.register import Register


@pytest.fixture
def register(client: TestClient, database: Database, tenant: Tenant) -> Register:
    """An organisation whose administrator has signed in."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.REVIEWER, Role.AUDITOR)
    sign_in(client, Role.ADMINISTRATOR)
    return Register(client, tenant)


def test_only_who_manages_fieldwork_sees_devices(register: Register) -> None:
    client = register.client

    sign_in(client, Role.REVIEWER)
    reviewer = read(client, "/devices")
    forced = post(client, "/devices", label="Mía", way="address")
    sign_in(client, Role.AUDITOR)

    assert "Let a device in" not in reviewer
    assert forced[0] == 403
    assert refused(client, "/devices") == 403
    client.cookies.clear()
    assert refused(client, "/devices") == 303


def test_a_code_is_shown_once_and_written_down_nowhere(register: Register) -> None:
    form = read(register.client, "/devices")
    fields = {"label": "Teléfono de Marta", "way": "address", "once": once_of(form)}

    first = post(register.client, "/devices", **fields)
    again = post(register.client, "/devices", **fields)

    (device,) = register.get("/v1/devices")["items"]
    assert first[0] == again[0] == 200
    assert "<svg" in first[2]
    assert "/openrosa" in first[2]
    assert "<svg" not in again[2].partition("<main")[2]
    assert "/openrosa" not in again[2]
    assert device["label"] == "Teléfono de Marta"


def test_the_page_of_a_code_is_one_that_a_browser_shows(register: Register) -> None:
    fields = {"label": "Teléfono de Marta", "way": "address"}

    made = register.client.post("/devices", data=fields, headers={**HTML, **OURS})

    assert made.headers.get_list("content-type") == ["text/html; charset=utf-8"]
    assert 'viewBox="0 0 ' in made.text.partition('class="code"')[2]


@pytest.mark.parametrize(
    "wrong",
    [{"label": " "}, {"label": "x" * 101}, {"way": "x"}, {"person": "person_x"}],
)
def test_a_device_that_cannot_be_let_in_is_told_beside_the_form(
    register: Register, wrong: dict[str, str]
) -> None:
    fields = {"label": "Teléfono", "way": "address", "person": "", **wrong}

    status, _, text = post(register.client, "/devices", **fields)

    assert status == 422
    assert 'role="alert"' in text
    assert register.get("/v1/devices")["items"] == []


def test_a_lost_device_is_let_in_no_more(register: Register, stranger: Tenant) -> None:
    device = enrolled(register.client, register.tenant)["id"]
    theirs = enrolled(register.client, stranger, label="Ajeno")["id"]

    done = post(register.client, f"/devices/{device}/revoke")
    foreign = post(register.client, f"/devices/{theirs}/revoke")

    told = read(register.client, done[1])
    wrong = register.client.get("/devices?state=x", headers=HTML)
    sheet = register.client.get("/devices?format=csv", headers=HTML).text
    assert done[:2] == (303, "/devices?done=revoked")
    assert foreign[0] == 404
    assert "Let in no more" in told
    assert "Ajeno" not in told
    assert wrong.status_code == 422
    assert device in sheet
