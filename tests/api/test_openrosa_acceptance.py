"""Phones fetch what they are to fill in: items 2, 3, 4 and 14 of the acceptance list.

The list is the protocol's; item 1 is in `test_openrosa_acceptance_letting_in.py`, items
5 to 12 in `_sending`, item 13 in `_at_once` and in `tests/e2e/test_uploads_killed.py`.
"""

import csv
import hashlib
import io
from dataclasses import replace
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest
from fastapi import FastAPI
from lxml import etree
from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.devices import (
    enrolled,
    fetched,
    forms_on,
    lists_on,
    path_of,
    phone_of,
)
from tests.field import (
    OPENROSA,
    Phone,
    publish,
    record,
    register_farm,
    told_by,
    workbook,
    workbook_with_list,
)

XFORMS = "{http://openrosa.org/xforms/xformsList}"
PATHS = ["/openrosa/formList", "/openrosa/submission"]


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    """The id of a farm, in a programme that has published the small checklist."""
    publish(client, tenant, workbook())
    return register_farm(client, tenant)


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    return Phone(client, tenant)


def forms(phone: Phone, **headers: str) -> list[dict[str, str]]:
    answer = phone.client.get(
        "/openrosa/formList",
        headers={**OPENROSA, **phone.tenant.headers(Role.AUDITOR), **headers},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    return [
        {member.tag.removeprefix(XFORMS): member.text or "" for member in entry}
        for entry in etree.fromstring(answer.content)
    ]


@pytest.mark.parametrize("path", PATHS)
def test_without_its_version_header_a_request_is_not_openrosa(
    client: TestClient, tenant: Tenant, path: str
) -> None:
    answer = client.get(path, headers=tenant.headers(Role.AUDITOR))

    assert told_by(answer.status_code, answer.content).status == 400
    assert answer.headers["x-openrosa-version"] == "1.0"


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_phone_may_ask_before_it_sends(
    client: TestClient, tenant: Tenant, method: str
) -> None:
    answer = client.request(
        method,
        "/openrosa/submission",
        headers={**OPENROSA, **tenant.headers(Role.AUDITOR)},
    )

    assert answer.status_code == 204
    assert answer.content == b""
    assert answer.headers["x-openrosa-version"] == "1.0"
    assert answer.headers["x-openrosa-accept-content-length"] == "10000000"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.MANAGER, Role.ANALYST])
def test_a_role_that_visits_nobody_sends_nothing(
    phone: Phone, farm: str, role: Role
) -> None:
    other = Phone(phone.client, phone.tenant, phone.tenant.headers(role))

    told = other.send(record(farm))

    assert told.status == 403
    assert phone.submissions() == []


def test_an_error_is_told_in_the_language_of_the_phone(client: TestClient) -> None:
    answer = client.get(
        "/openrosa/formList", headers={**OPENROSA, "Accept-Language": "es-CO,en;q=0.5"}
    )

    assert answer.headers["content-language"] == "es"
    assert told_by(answer.status_code, answer.content).nature == "error"


def test_an_unknown_address_is_told_as_openrosa(client: TestClient) -> None:
    answer = client.get("/openrosa/nothing")

    assert told_by(answer.status_code, answer.content).status == 404


@pytest.mark.usefixtures("farm")
def test_every_hash_is_that_of_the_bytes_then_downloaded(phone: Phone) -> None:
    (entry,) = forms(phone)
    path = entry["downloadUrl"].partition("/openrosa/")[2]
    answer = phone.client.get(
        f"/openrosa/{path}?deviceID=x", headers=phone.tenant.headers(Role.AUDITOR)
    )

    assert entry["formID"] == "small_visit"
    assert entry["version"] == "1"
    assert (
        entry["hash"]
        == f"md5:{hashlib.md5(answer.content, usedforsecurity=False).hexdigest()}"
    )
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"


@pytest.mark.usefixtures("farm")
def test_a_list_that_did_not_change_is_not_sent_again(phone: Phone) -> None:
    headers = {**OPENROSA, **phone.tenant.headers(Role.AUDITOR)}
    first = phone.client.get("/openrosa/formList", headers=headers)

    again = phone.client.get(
        "/openrosa/formList",
        headers={**headers, "If-None-Match": first.headers["etag"]},
    )

    assert again.status_code == 304
    assert again.headers["x-openrosa-version"] == "1.0"


def test_a_title_survives_with_signs_and_accents(
    client: TestClient, tenant: Tenant, phone: Phone
) -> None:
    title = "Café & \"Co\" <ñandú> 'x'"
    publish(client, tenant, workbook(title=title))

    (entry,) = forms(phone)

    assert entry["name"] == title


def test_the_list_holds_the_newest_version_of_each_open_checklist(
    client: TestClient, tenant: Tenant, phone: Phone
) -> None:
    for content in (
        workbook("1"),
        workbook("2"),
        workbook("1", "other_visit", "A first"),
        workbook("1", "closed_visit"),
    ):
        publish(client, tenant, content)
    client.post("/v1/checklists/closed_visit/close", headers=tenant.headers())

    listed = [(entry["formID"], entry["version"]) for entry in forms(phone)]

    assert listed == [("other_visit", "1"), ("small_visit", "2")]


@pytest.mark.usefixtures("farm")
def test_a_list_can_be_narrowed_to_one_form(phone: Phone) -> None:
    answer = phone.client.get(
        "/openrosa/formList?formID=nothing&verbose=true&deviceID=x",
        headers={**OPENROSA, **phone.tenant.headers(Role.AUDITOR)},
    )

    assert answer.status_code == 200
    assert len(etree.fromstring(answer.content)) == 0


@pytest.mark.usefixtures("farm")
def test_another_organisations_forms_are_not_listed_and_not_found(
    phone: Phone, stranger: Tenant
) -> None:
    (entry,) = forms(phone)
    path = "/openrosa/" + entry["downloadUrl"].partition("/openrosa/")[2]
    other = Phone(phone.client, stranger)

    assert forms(other) == []
    for address in (path, path.replace(".xml", "/manifest")):
        answer = phone.client.get(
            address, headers={**OPENROSA, **stranger.headers(Role.AUDITOR)}
        )
        assert told_by(answer.status_code, answer.content).status == 404


@pytest.mark.usefixtures("farm")
def test_the_manifest_of_a_form_without_media_is_empty(phone: Phone) -> None:
    (entry,) = forms(phone)
    path = "/openrosa/" + entry["downloadUrl"].partition("/openrosa/")[2]

    answer = phone.client.get(
        path.replace(".xml", "/manifest"),
        headers={**OPENROSA, **phone.tenant.headers(Role.AUDITOR)},
    )

    root = etree.fromstring(answer.content)
    assert root.tag == "{http://openrosa.org/xforms/xformsManifest}manifest"
    assert len(root) == 0


NAME = "Finca \"La Ñ\" & 'hijos' <1>"


def test_names_with_signs_and_accents_survive_in_lists_addresses_and_messages(
    client: TestClient, tenant: Tenant
) -> None:
    version = "2026 ñ & <1>"
    publish(client, tenant, workbook_with_list(version))
    farm, made = register_farm(client, tenant, name=NAME), enrolled(client, tenant)
    phone = phone_of(client, tenant, made)

    (entry,) = forms_on(client, path_of(made))
    form = fetched(client, urlsplit(entry["downloadUrl"]).path)
    listed = lists_on(client, path_of(made), "visit_with_list")["producers.csv"]
    told = phone.send(
        record(
            farm,
            form_id="visit_with_list",
            version=escape(version),
            photo='foto "1" & <ñ>.jpg',
        )
    )

    assert entry["version"] == version
    assert form.status_code == 200
    assert NAME in [row["label"] for row in rows_of(listed)]
    assert told.message.endswith(
        'Still missing: foto "1" & <ñ>.jpg. Send the record again from the device '
        "that holds them."
    )
    assert [one["version"] for one in phone.submissions()] == [version]


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/formList", {"X-OpenRosa-Version": ""}, 400),
        ("GET", "/formList", {"Authorization": ""}, 401),
        ("GET", "/formList", {"Authorization": "Digest nonsense"}, 401),
        ("GET", "/forms/form_x.xml", {}, 404),
        ("GET", "/forms/form_x/manifest", {}, 404),
        ("GET", "/forms/form_x/media/producers.csv", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("GET", "/", {}, 404),
        ("GET", "/%01%7F%EF%BF%BE", {}, 404),
        ("GET", "/forms/%00.xml", {}, 404),
        ("GET", "/formList?formID=%00", {}, 400),
        ("PUT", "/submission", {}, 405),
        ("DELETE", "/formList", {}, 405),
        ("POST", "/submission", {"Content-Type": "text/xml"}, 415),
        ("POST", "/submission", {"Content-Type": "multipart/form-data"}, 400),
        ("POST", "/submission", {"Content-Length": "120000001"}, 413),
    ],
)
def test_every_error_is_an_openrosa_answer_that_says_something(
    client: TestClient,
    tenant: Tenant,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    given = {**OPENROSA, **tenant.headers(Role.AUDITOR), **headers}

    answers = [
        client.request(
            method, f"/openrosa{path}", headers={**given, "Accept-Language": language}
        )
        for language in ("en", "es-CO", "fr", "nonsense;;")
    ]

    told = [told_by(one.status_code, one.content) for one in answers]
    assert {(one.status, one.nature) for one in told} == {(status, "error")}
    assert [one.headers["content-language"] for one in answers] == [
        "en",
        "es",
        "en",
        "en",
    ]
    for one in answers:
        assert one.headers["content-type"] == "text/xml; charset=utf-8"
        assert one.headers["x-openrosa-version"] == "1.0"
        assert one.headers["x-openrosa-accept-content-length"] == "10000000"


@pytest.mark.parametrize("path", ["/formList", "/submission", "/forms/x.xml"])
def test_a_fault_of_ours_is_told_as_one_and_never_as_an_empty_list(
    app: FastAPI, client: TestClient, tenant: Tenant, path: str
) -> None:
    whole = app.state.service
    headers = {**OPENROSA, **tenant.headers(Role.AUDITOR)}

    app.state.service = replace(whole, shelf=None)
    answer = client.get(f"/openrosa{path}", headers=headers)
    app.state.service = whole

    told = told_by(answer.status_code, answer.content)
    assert (told.status, told.nature) == (500, "error")
