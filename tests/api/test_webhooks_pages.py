"""Webhooks as a browser manages them: added, tested, sent again, given another secret."""

import base64
import hashlib
import hmac
import re
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.pages import webhooks_telling
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import add_people, read, sign_in
from tests.conftest import Tenant
from tests.desks import Sent, send, status_of

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")
DOCUMENT = Path(__file__).parents[2] / "docs" / "alerts.md"


@pytest.fixture
def desk(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of an administrator."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    sign_in(client, Role.ADMINISTRATOR)
    return client


def add(desk: TestClient, **changes: str) -> Sent:
    form: dict[str, str | list[str]] = {
        "events": ["card_suspended"],
        "kind": "webhook",
        "address": "https://hooks.example/atalaya",
        "language": "en",
        **changes,
    }
    return send(desk, "/webhooks", **form)


def path_of_one(desk: TestClient) -> str:
    page = read(desk, "/webhooks")
    return str(re.findall(r'href="(/webhooks/receiver_[0-9a-z]+)"', page)[0])


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/new"])
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    assert status_of(client, path) == 303


def test_a_role_that_may_not_manage_alerts_is_refused(desk: TestClient) -> None:
    sign_in(desk, Role.ANALYST)

    assert status_of(desk, "/webhooks") == 403
    assert add(desk).status == 403


def test_a_receiver_of_another_organisation_is_not_there(
    desk: TestClient, stranger: Tenant
) -> None:
    body = {"kind": "mail", "address": "desk@example.org"}
    made = desk.post("/v1/alert-receivers", json=body, headers=stranger.headers())
    theirs = made.json()["id"]

    tried = [
        send(desk, f"/webhooks/{theirs}/{what}").status
        for what in ("test", "state", "removal", "replay", "secret", "edit")
    ]

    assert status_of(desk, f"/webhooks/{theirs}") == 404
    assert set(tried) == {404}


def test_a_secret_is_shown_once_and_kept_nowhere(desk: TestClient) -> None:
    made, again = add(desk, once="one"), add(desk, once="one")
    (secret,) = SECRET.findall(made.page)
    path = path_of_one(desk)

    assert made.status == 200
    assert SECRET.findall(again.page) == []
    assert secret not in read(desk, path)
    assert read(desk, "/webhooks").count(path) == 1
    assert "A scorecard is suspended" in read(desk, path)


def test_another_secret_is_shown_once(desk: TestClient) -> None:
    first = SECRET.findall(add(desk).page)

    sent = send(desk, f"{path_of_one(desk)}/secret", once="s")

    assert sent.status == 200
    assert len(SECRET.findall(sent.page)) == 1
    assert SECRET.findall(sent.page) != first


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"address": "http://intern.example/"}, "begins with https://"),
        ({"address": "https://127.0.0.1/"}, "begins with https://"),
        ({"address": "no box", "kind": "mail"}, "one e-mail address"),
        ({"kind": "pigeon"}, "Choose one of the list"),
        ({"events": "nothing_known"}, "Choose one of the list"),
    ],
)
def test_a_wrong_form_is_told_beside_its_field(
    desk: TestClient, wrong: dict[str, str], told: str
) -> None:
    sent = add(desk, **wrong)

    assert sent.status == 422
    assert told in sent.page
    assert "receiver_" not in read(desk, "/webhooks")


def test_a_receiver_is_tested_paused_and_sent_to_again(desk: TestClient) -> None:
    add(desk)
    path = path_of_one(desk)

    tested = send(desk, f"{path}/test")
    shown = read(desk, tested.place)
    paused = send(desk, f"{path}/state", state="stopped")
    while_paused = send(desk, f"{path}/test")
    send(desk, f"{path}/state", state="active")

    assert tested.place == f"{path}?done=tested"
    assert "This is only a test" in shown
    assert paused.place == f"{path}?done=stopped"
    assert while_paused.status == 409
    assert "Is sent alerts" in read(desk, path)


def test_nothing_is_sent_again_where_nothing_happened(desk: TestClient) -> None:
    add(desk)
    path = path_of_one(desk)

    since = send(desk, f"{path}/replay", since="2026-01-01", after_alert="")
    unknown = send(desk, f"{path}/replay", since="", after_alert="alert_nobody")
    neither = send(desk, f"{path}/replay", since="", after_alert="")

    assert since.place == f"{path}?done=nothing_replayed"
    assert unknown.status == 422
    assert "no alert of your organisation" in unknown.page
    assert neither.status == 422


def test_what_it_is_told_is_changed(desk: TestClient) -> None:
    add(desk)
    path = path_of_one(desk)

    sent = send(desk, f"{path}/edit", events=["risk_changed"], language="es")

    assert sent.place == path
    assert "The risk of a site has changed" in read(desk, path)


def test_a_receiver_that_is_removed_is_gone(desk: TestClient) -> None:
    add(desk)
    path = path_of_one(desk)

    sent = send(desk, f"{path}/removal")

    assert sent.place == "/webhooks?done=removed"
    assert path not in read(desk, "/webhooks")


def test_the_lists_are_spreadsheets_too(desk: TestClient) -> None:
    add(desk)
    path = path_of_one(desk)
    send(desk, f"{path}/test")

    receivers = desk.get("/webhooks?format=csv&kind=webhook").text
    deliveries = desk.get(f"{path}?format=csv").text

    assert "https://hooks.example/atalaya" in receivers
    assert "test" in deliveries


def test_the_check_that_is_shown_is_that_of_the_document_and_right() -> None:
    told: dict[str, object] = {}
    exec(webhooks_telling.SIGNATURE_CHECK, told)  # noqa: S102 - our own text
    key, body, sent = b"k" * 32, b'{"a": 1}', str(int(time.time()))
    secret = "whsec_" + base64.b64encode(key).decode()
    mac = hmac.digest(key, f"m.{sent}.".encode() + body, hashlib.sha256)
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": sent,
        "webhook-signature": "v1,other v1," + base64.b64encode(mac).decode(),
    }
    is_genuine = told["is_genuine"]

    assert webhooks_telling.SIGNATURE_CHECK in DOCUMENT.read_text("utf-8")
    assert callable(is_genuine)
    assert is_genuine(secret, headers, body)
    assert not is_genuine(secret, headers, body + b" ")
