"""Keys and clients as a browser makes them: shown once, listed, revoked."""

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import add_people, read, sign_in
from tests.conftest import Tenant
from tests.desks import send, status_of

ON = re.compile(r'<a rel="next" href="([^"]+)"')
KEY = re.compile(r"atl_[0-9a-z]+_[0-9a-z]+")


@pytest.fixture
def desk(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of an administrator."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.MANAGER)
    sign_in(client, Role.ADMINISTRATOR)
    return client


@pytest.mark.parametrize("path", ["/keys", "/keys/new", "/keys/clients"])
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    assert status_of(client, path) == 303


def test_a_key_of_another_organisation_is_not_there(
    desk: TestClient, stranger: Tenant
) -> None:
    theirs = stranger.keys[Role.ANALYST].rpartition("_")[0]

    sent = send(desk, f"/keys/{theirs}/revocation")

    assert status_of(desk, f"/keys/{theirs}") == 404
    assert sent.status == 404


def test_a_role_that_may_not_manage_keys_is_refused(desk: TestClient) -> None:
    sign_in(desk, Role.MANAGER)

    made = send(desk, "/keys", label="otra", role="analyst")

    assert status_of(desk, "/keys") == 403
    assert made.status == 403


def test_a_long_list_goes_on_leads_back_and_is_one_spreadsheet(
    desk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ["Compras", "Ventas", "Campo"]
    for label in labels:
        send(desk, "/keys", label=label, role="analyst")
    whole = desk.get("/keys?role=analyst&format=csv").text.splitlines()
    monkeypatch.setattr("compliance.limits.PAGE_ROWS_DEFAULT", 1)
    monkeypatch.setattr("compliance.limits.PAGE_ROWS", 2)

    pages, path = [read(desk, "/keys?role=analyst")], "/keys?role=analyst"
    for _ in whole[2:]:
        path = unescape(ON.findall(pages[-1])[0])
        pages.append(read(desk, path))
    sheet = desk.get(f"{path}&format=csv").text.splitlines()

    assert all(any(one in page for page in pages) for one in labels)
    assert not ON.findall(pages[-1])
    assert "First page" not in pages[0]
    assert all('<a href="/keys?role=analyst">First page' in one for one in pages[1:])
    assert sheet == whole


def test_a_key_is_shown_once_works_and_works_no_more_when_revoked(
    desk: TestClient,
) -> None:
    form = {"label": "Sistema de compras", "role": "analyst", "once": "one"}

    made = send(desk, "/keys", **form)
    again = send(desk, "/keys", **form)
    (text,) = set(KEY.findall(made.page))
    begins = text.rpartition("_")[0]
    header = {"Authorization": f"Bearer {text}"}
    desk.cookies.clear()
    works = desk.get("/v1/sites", headers=header).status_code
    sign_in(desk, Role.ADMINISTRATOR)
    listed = read(desk, "/keys")
    revoked = send(desk, f"/keys/{begins}/revocation")
    desk.cookies.clear()

    assert made.status == 200
    assert text not in again.page
    assert "never shown twice" in again.page
    assert "Sistema de compras" in listed
    assert text not in listed
    assert works == 200
    assert revoked.place == "/keys?done=revoked"
    assert desk.get("/v1/sites", headers=header).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"label": ""}, "Fill this in"),
        ({"role": "king"}, "Choose one of the list"),
        ({"last_day": "soon"}, "Write a day"),
        ({"last_day": "9999-12-31"}, "too far away"),
    ],
)
@pytest.mark.parametrize("path", ["/keys", "/keys/clients"])
def test_a_wrong_form_is_told_beside_its_field(
    desk: TestClient, path: str, wrong: dict[str, str], told: str
) -> None:
    sent = send(desk, path, **{"label": "otra", "role": "analyst", **wrong})

    assert sent.status == 422
    assert told in sent.page
    assert 'aria-invalid="true"' in sent.page


def test_a_key_that_would_be_over_already_is_refused(desk: TestClient) -> None:
    sent = send(desk, "/keys", label="otra", role="analyst", last_day="2020-01-01")

    assert sent.status == 422
    assert "give an instant after" in sent.page


def test_a_client_is_shown_once_fetches_a_token_and_is_revoked(
    desk: TestClient,
) -> None:
    made = send(
        desk, "/keys/clients", scopes=["read_risk"], label="ERP", role="analyst"
    )
    (client_id,) = set(re.findall(r"client_[0-9a-z]{16}", made.page))
    secret = re.findall(r'tabindex="0">([^<]+)</code>', made.page)[0]
    token = desk.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client_id, secret),
    )
    one = read(desk, f"/keys/clients/{client_id}")
    revoked = send(desk, f"/keys/clients/{client_id}/revocation")

    assert made.status == 200
    assert token.json()["scope"] == "read_risk"
    assert secret not in one
    assert revoked.place == "/keys/clients?done=revoked"
    assert "Revoked" in read(desk, "/keys/clients")


def test_another_key_like_one_that_is_there_begins_with_its_name_and_role(
    desk: TestClient, tenant: Tenant
) -> None:
    ours = tenant.keys[Role.REVIEWER].rpartition("_")[0]

    page = read(desk, f"/keys/new?like={ours}")

    assert '<option value="reviewer" selected>' in page


def test_the_spreadsheet_has_no_secret(desk: TestClient, tenant: Tenant) -> None:
    answer = desk.get("/keys?format=csv&role=analyst")

    assert tenant.keys[Role.ANALYST].rpartition("_")[0] in answer.text
    assert tenant.keys[Role.ANALYST] not in answer.text
