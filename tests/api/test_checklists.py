"""Checklists are published once, kept to the byte, and never change."""

import hashlib

import pytest
from starlette.testclient import TestClient

from audits.checklists import actions, queries
from audits.checklists.queries import VersionRecord
from compliance import trail
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from rules import read_book
from tests.conftest import Tenant
from tests.field import publish, workbook
from tests.unit.checklists.samples import CHOICES, SETTINGS, SURVEY, markdown

FORM = "/v1/checklists/small_visit/versions/1"
READS = ["/v1/checklists", f"{FORM}.xml", f"{FORM}.xlsx"]
WRITES = [
    "/v1/checklists",
    "/v1/checklists/small_visit/close",
    "/v1/checklists/small_visit/reopen",
]


def listed(client: TestClient, tenant: Tenant) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get(
        "/v1/checklists", headers=tenant.headers()
    ).json()["items"]
    return found


@pytest.mark.parametrize("path", READS)
def test_reading_needs_a_key(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", WRITES)
def test_changing_needs_a_key(client: TestClient, path: str) -> None:
    assert client.post(path, content=workbook()).status_code == 401


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEWER, Role.ANALYST])
def test_only_an_administrator_changes_checklists(
    client: TestClient, tenant: Tenant, path: str, role: Role
) -> None:
    publish(client, tenant, workbook())

    answer = client.post(path, content=workbook("2"), headers=tenant.headers(role))

    assert answer.status_code == 403
    assert [one["version"] for one in listed(client, tenant)] == ["1"]


@pytest.mark.parametrize("path", READS[1:])
def test_another_organisations_checklist_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant, path: str
) -> None:
    publish(client, tenant, workbook())

    answer = client.get(path, headers=stranger.headers())

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/checklist-not-found"
    assert listed(client, stranger) == []


@pytest.mark.parametrize("step", ["close", "reopen"])
def test_another_organisations_checklist_cannot_be_closed(
    client: TestClient, tenant: Tenant, stranger: Tenant, step: str
) -> None:
    publish(client, tenant, workbook())

    answer = client.post(
        f"/v1/checklists/small_visit/{step}", headers=stranger.headers()
    )

    assert answer.status_code == 404
    assert [one["is_open"] for one in listed(client, tenant)] == [True]


def test_what_was_published_is_served_to_the_byte(
    client: TestClient, tenant: Tenant
) -> None:
    published = publish(client, tenant, workbook())

    form = client.get(f"{FORM}.xml", headers=tenant.headers())
    uploaded = client.get(f"{FORM}.xlsx", headers=tenant.headers())

    md5 = hashlib.md5(form.content, usedforsecurity=False).hexdigest()
    assert md5 == published["form_md5"]
    assert form.headers["etag"] == f'"{md5}"'
    assert uploaded.content == workbook()
    assert uploaded.headers["content-disposition"].startswith("attachment")


def test_bytes_that_are_there_are_not_sent_again(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    form = client.get(f"{FORM}.xml", headers=tenant.headers())

    again = client.get(
        f"{FORM}.xml",
        headers={**tenant.headers(), "If-None-Match": form.headers["etag"]},
    )

    assert (again.status_code, again.content) == (304, b"")


def test_the_same_workbook_again_is_the_same_version(
    client: TestClient, tenant: Tenant
) -> None:
    first = publish(client, tenant, workbook())

    again = publish(client, tenant, workbook())

    assert again == first
    assert len(listed(client, tenant)) == 1


def test_another_content_under_the_same_version_is_refused(
    client: TestClient, tenant: Tenant
) -> None:
    first = publish(client, tenant, workbook())

    answer = client.post(
        "/v1/checklists", content=workbook(title="Other"), headers=tenant.headers()
    )

    assert answer.status_code == 409
    assert "Raise 'version'" in answer.json()["detail"]
    assert listed(client, tenant) == [first]


def test_a_mistake_is_told_by_sheet_row_and_column(
    client: TestClient, tenant: Tenant
) -> None:
    broken = markdown(SURVEY, CHOICES, SETTINGS)

    answer = client.post(
        "/v1/checklists",
        content=broken,
        headers={**tenant.headers(), "Accept-Language": "en"},
    )

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/checklist-unusable"
    mistake = answer.json()["errors"][0]
    assert mistake["sheet"] == "survey"
    assert mistake["row"] > 1
    assert mistake["column"] == "bind::vf:fact"
    assert mistake["message"]
    assert mistake["remedy"]
    assert listed(client, tenant) == []


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04 broken", b"<xml/>"])
def test_what_is_no_workbook_is_refused(
    client: TestClient, tenant: Tenant, content: bytes
) -> None:
    answer = client.post("/v1/checklists", content=content, headers=tenant.headers())

    assert answer.status_code == 422
    assert listed(client, tenant) == []


def test_a_version_that_was_never_published_names_the_newest(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook("7"))

    answer = client.get(f"{FORM}.xml", headers=tenant.headers())

    assert answer.status_code == 404
    assert answer.json()["newest"] == "7"


def test_the_list_goes_on_page_by_page(client: TestClient, tenant: Tenant) -> None:
    for form_id in ("a_visit", "b_visit", "c_visit"):
        publish(client, tenant, workbook(form_id=form_id))

    first = client.get("/v1/checklists?rows=2", headers=tenant.headers()).json()
    rest = client.get(first["next"], headers=tenant.headers()).json()

    ids = [one["id"] for one in first["items"] + rest["items"]]
    assert ids == ["a_visit", "b_visit", "c_visit"]
    assert rest["next"] is None


def test_a_page_after_nothing_is_told(client: TestClient, tenant: Tenant) -> None:
    answer = client.get("/v1/checklists?after=nothing", headers=tenant.headers())

    assert answer.status_code == 422


def test_a_closed_checklist_can_be_opened_again(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    closed = client.post("/v1/checklists/small_visit/close", headers=tenant.headers())
    was_open = listed(client, tenant)[0]["is_open"]

    client.post("/v1/checklists/small_visit/reopen", headers=tenant.headers())

    assert (closed.status_code, was_open) == (204, False)
    assert listed(client, tenant)[0]["is_open"] is True


def test_the_packaged_checklists_are_published_once(
    database: Database, tenant: Tenant
) -> None:
    def publish_them() -> tuple[VersionRecord, ...]:
        with database.writing() as session:
            scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
            vocabulary = read_book().vocabulary
            published = actions.publish_library(session, scope, vocabulary)
            trail.seal(session)
        return published

    first, again = publish_them(), publish_them()

    with database.reading() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        listed = queries.checklists(session, scope, rows=10).rows
        schema = queries.schema_of_version(session, listed[0])
    assert [f"{one.form_id}.xlsx" for one in first] == [*actions.LIBRARY]
    assert first == again
    assert sorted(first, key=lambda one: one.form_id) == list(listed)
    assert schema.form_id == listed[0].form_id
