"""Files of a visit over HTTP: what may be looked at, what it betrays, what is refused."""

import io
from datetime import datetime
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.field import CHOICES, Phone, publish, register_farm
from tests.jobs import wait_until
from tests.pictures import enormous_png, locked_pdf, photo, scheming_pdf
from tests.unit.checklists.samples import SETTINGS, Row, markdown

PATH = "/v1/attachments"
HALF_PAST_EIGHT = datetime(2026, 11, 3, 8, 30)  # noqa: DTZ001 - a camera's clock
# A thousandth of a degree of latitude is some 111 metres.
NEARBY = (3.201, -75.6)


def _asked(type_: str, name: str, **cells: str) -> Row:
    return {"type": type_, "name": name, "en": "Question", "es": "Pregunta"} | cells


SURVEY: tuple[Row, ...] = (
    {"type": "start", "name": "start"},
    _asked("text", "site_ref"),
    _asked("geopoint", "location"),
    _asked("image", "photo"),
    _asked("file", "paper"),
    _asked("image", "portrait", sensitive="worker"),
)


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    settings = {**SETTINGS, "form_id": "look", "version": "1", "form_title": "Look"}
    publish(client, tenant, markdown(SURVEY, CHOICES, settings))
    return Phone(client, tenant)


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    return register_farm(client, tenant)


def sent(phone: Phone, farm: str, question: str, name: str, content: bytes) -> Any:
    """Send one file and return what is known of it when it has been looked at."""
    xml = (
        '<data id="look" version="1"><start>2026-11-03T08:00:00.000-05:00</start>'
        f"<site_ref>{farm}</site_ref><location>3.2 -75.6 0 5</location>"
        f"<{question}>{name}</{question}>"
        "<meta><instanceID>uuid:1</instanceID></meta></data>"
    )
    told = phone.send(xml.encode(), [(name, content)])
    assert told.status == 201

    def file() -> Any:
        (kept,) = phone.submissions()
        (found,) = phone.attachments(kept["id"])["items"]
        return found

    wait_until(lambda: file()["derivative"]["state"] != "pending")
    return file()


def test_a_picture_is_made_smaller_and_tells_how_far_it_was_taken(
    phone: Phone, farm: str
) -> None:
    camera = photo(position=NEARBY, taken=HALF_PAST_EIGHT, maker="Somebody")

    file = sent(phone, farm, "photo", "a.jpg", camera)
    shown = phone.client.get(
        file["derivative"]["url"], headers=phone.tenant.headers(Role.AUDITOR)
    )

    assert file["derivative"]["state"] == "made"
    assert (file["derivative"]["width"], file["derivative"]["height"]) == (1600, 800)
    assert (file["distance_metres"], file["minutes_after_start"]) == (111, 30)
    assert file == phone.get(f"{PATH}/{file['id']}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"] == "inline"
    assert shown.headers["x-content-type-options"] == "nosniff"
    with Image.open(io.BytesIO(shown.content)) as picture:
        assert picture.size == (1600, 800)
        assert len(picture.getexif()) == 0


def test_a_picture_of_a_person_tells_its_distance_and_is_not_shown(
    phone: Phone, farm: str
) -> None:
    file = sent(phone, farm, "portrait", "Maria.jpg", photo(position=NEARBY))

    shown = phone.client.get(
        f"{PATH}/{file['id']}/derivative", headers=phone.tenant.headers()
    )

    assert file["derivative"]["state"] == "sealed"
    assert file["derivative"]["url"] is None
    assert (file["is_sealed"], file["distance_metres"]) == (True, 111)
    assert file["name"].startswith("sealed-")
    assert shown.status_code == 404


def test_a_paper_is_saved_without_what_it_would_do(phone: Phone, farm: str) -> None:
    file = sent(phone, farm, "paper", "contract.pdf", scheming_pdf())

    saved = phone.client.get(
        file["derivative"]["url"], headers=phone.tenant.headers(Role.AUDITOR)
    )

    assert saved.headers["content-type"] == "application/pdf"
    assert saved.headers["content-disposition"].startswith("attachment")
    assert b"JavaScript" not in saved.content


@pytest.mark.parametrize(
    ("name", "content", "state", "reason"),
    [
        ("bomb.png", enormous_png(), "refused", "too_many_pixels"),
        ("a.jpg", b"\xff\xd8\xff\xe0 no picture", "refused", "unreadable"),
        ("a.pdf", locked_pdf(), "refused", "locked"),
        ("a.svg", b"<svg onload='x'/>", "not_made", "kind"),
        ("a.html", b"<html><script>x</script></html>", "not_made", "kind"),
        ("a.xlsx", b"PK\x03\x04 a bomb, perhaps", "not_made", "kind"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic", "not_made", "kind"),
    ],
)
def test_what_cannot_be_shown_says_why_and_is_only_ever_saved(
    phone: Phone, farm: str, name: str, content: bytes, state: str, reason: str
) -> None:
    file = sent(phone, farm, "paper", name, content)
    (kept,) = phone.submissions()

    shown = phone.client.get(
        f"{PATH}/{file['id']}/derivative", headers=phone.tenant.headers()
    )
    saved = phone.client.get(
        f"/v1/submissions/{kept['id']}/attachments/{file['id']}",
        headers=phone.tenant.headers(),
    )

    assert (file["derivative"]["state"], file["derivative"]["reason"]) == (
        state,
        reason,
    )
    assert shown.status_code == 404
    assert shown.json()["type"] == "/problems/no-derivative"
    assert saved.content == content
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["x-content-type-options"] == "nosniff"


def test_reading_a_file_needs_a_key_and_a_role(
    client: TestClient, tenant: Tenant, stranger: Tenant, phone: Phone, farm: str
) -> None:
    file = sent(phone, farm, "photo", "a.jpg", photo((30, 20)))
    paths = (f"{PATH}/{file['id']}", f"{PATH}/{file['id']}/derivative")

    told = [
        (
            client.get(path).status_code,
            client.get(path, headers=tenant.headers(Role.ANALYST)).status_code,
            client.get(path, headers=stranger.headers()).status_code,
        )
        for path in paths
    ]

    assert told == [(401, 403, 404), (401, 403, 404)]
