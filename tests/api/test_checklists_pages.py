"""The author's errand with a checklist, page by page: mended, compared, published."""

import re

import pytest
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, OURS, add_people, read, sign_in
from tests.conftest import Tenant
from tests.field import CHOICES, SURVEY, publish, workbook
from tests.unit.checklists.samples import SETTINGS, changed, markdown

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRONG = markdown(SURVEY)


def without_papers(version: str = "2") -> bytes:
    settings = {**SETTINGS, "form_id": "small_visit", "version": version}
    return markdown(changed(SURVEY, 8, fact=""), CHOICES, settings)


@pytest.fixture
def author(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of somebody who may publish checklists."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.AUDITOR)
    sign_in(client, Role.ADMINISTRATOR)
    return client


def looked_at(client: TestClient, content: bytes, status: int = 200) -> str:
    """Upload a workbook as the form does, and return the page that follows."""
    answer = client.post(
        "/checklists/check",
        data={"once": ""},
        files={"workbook": ("visit.xlsx", content, XLSX)},
        headers={**HTML, **OURS, "Accept-Language": "en"},
    )
    assert answer.status_code == status, answer.text
    return answer.text


def carried(shown: str) -> dict[str, str]:
    """Return the hidden fields of the form that publishes."""
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown)
    return dict(fields)


def sent(client: TestClient, path: str, fields: dict[str, str]) -> tuple[int, str]:
    answer = client.post(
        path, data=fields, headers={**HTML, **OURS}, follow_redirects=False
    )
    return answer.status_code, answer.headers.get("location", answer.text)


@pytest.mark.parametrize("path", ["/checklists", "/checklists/small_visit"])
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_a_workbook_with_mistakes_tells_each_with_its_place(author: TestClient) -> None:
    shown = looked_at(author, WRONG, 422)

    assert "Mistakes in the workbook" in shown
    assert "survey, row" in shown
    assert "Nothing was published and nothing was kept" in shown
    assert "There is no checklist yet" in shown


@pytest.mark.parametrize("content", [b"", b"nothing"])
def test_what_is_no_workbook_is_told_and_not_taken(
    author: TestClient, content: bytes
) -> None:
    shown = looked_at(author, content, 422)

    assert "Upload a workbook" in shown


def test_a_mended_workbook_goes_from_the_form_to_the_devices(
    author: TestClient, tenant: Tenant
) -> None:
    shown = looked_at(author, workbook())
    nothing_yet = author.get("/v1/checklists", headers=tenant.headers()).json()
    status, page = sent(author, "/checklists", carried(shown))
    published = read(author, page)
    listed = read(author, "/checklists")

    assert "The workbook has no mistake" in shown
    assert "It is the first version" in shown
    assert nothing_yet["items"] == []
    assert (status, page) == (
        303,
        "/checklists/small_visit/versions/1?done=published",
    )
    assert "The version is published." in published
    assert "longest_week" in published
    assert "Pregunta" in published
    assert "Small visit" in listed


def test_a_double_click_publishes_once(author: TestClient, tenant: Tenant) -> None:
    fields = carried(looked_at(author, workbook()))

    answers = [sent(author, "/checklists", fields) for _ in range(2)]

    assert answers[0] == answers[1]
    trail = author.get("/v1/trail", headers=tenant.headers()).json()["items"]
    assert [one["action"] for one in trail].count("checklist.published") == 1


def test_rules_that_are_lost_are_told_before_and_after_publishing(
    author: TestClient, tenant: Tenant
) -> None:
    publish(author, tenant, workbook())

    shown = looked_at(author, without_papers())
    sent(author, "/checklists", carried(shown))
    after = read(author, "/checklists/small_visit/versions/2?site_kind=producer")
    both = read(author, "/checklists/small_visit")

    assert "What changed since version 1" in shown
    assert "can no longer be decided" in shown
    assert "can no longer be decided" in after
    assert "Version 1" in both


def test_another_workbook_of_a_published_version_is_refused_with_the_form_kept(
    author: TestClient, tenant: Tenant
) -> None:
    publish(author, tenant, workbook())

    shown = looked_at(author, without_papers("1"))
    status, again = sent(author, "/checklists", carried(shown))

    assert "This version is published already" in shown
    assert status == 409
    assert 'name="workbook" value="' in again
    assert "never changes" in again


@pytest.mark.parametrize("kept", ["", "@@@", "bm90aGluZw=="])
def test_a_form_without_a_workbook_publishes_nothing(
    author: TestClient, tenant: Tenant, kept: str
) -> None:
    status, _ = sent(author, "/checklists", {"workbook": kept})

    assert status == 422
    listed = author.get("/v1/checklists", headers=tenant.headers()).json()
    assert listed["items"] == []


def test_a_checklist_is_closed_and_opened_again(
    author: TestClient, tenant: Tenant
) -> None:
    publish(author, tenant, workbook())

    closed = sent(author, "/checklists/small_visit/close", {"once": "a"})
    shown = read(author, closed[1])
    reopened = sent(author, "/checklists/small_visit/reopen", {"once": "b"})
    again = read(author, reopened[1])

    assert "The checklist is closed" in shown
    assert "The checklist is open again" in again


def test_the_list_is_a_spreadsheet_as_well(author: TestClient, tenant: Tenant) -> None:
    publish(author, tenant, workbook())

    lists = author.get("/checklists?format=csv").text
    versions = author.get("/checklists/small_visit?format=csv").text

    assert "rules_decided" in lists
    assert "small_visit" in lists
    assert "small_visit" in versions


def test_another_organisations_checklist_is_not_found(
    author: TestClient, stranger: Tenant
) -> None:
    publish(author, stranger, workbook())

    pages = [
        author.get(f"/checklists/small_visit{path}", headers=HTML).status_code
        for path in ("", "/versions/1")
    ]
    closed, _ = sent(author, "/checklists/small_visit/close", {})

    assert [*pages, closed] == [404, 404, 404]
    assert "Small visit" not in read(author, "/checklists")


def test_who_may_not_publish_reads_and_is_refused(
    author: TestClient, tenant: Tenant
) -> None:
    publish(author, tenant, workbook())
    fields = carried(looked_at(author, workbook("2")))
    author.cookies.clear()
    sign_in(author, Role.AUDITOR)

    listed = read(author, "/checklists")
    statuses = [
        sent(author, "/checklists", fields)[0],
        sent(author, "/checklists/small_visit/close", {})[0],
    ]

    assert "Upload a workbook" not in listed
    assert statuses == [403, 403]
    looked_at(author, workbook("2"), 403)


def test_an_unknown_kind_of_site_is_told_in_words(
    author: TestClient, tenant: Tenant
) -> None:
    publish(author, tenant, workbook())

    answer = author.get(
        "/checklists/small_visit/versions/1?site_kind=castle", headers=HTML
    )

    assert answer.status_code == 422
