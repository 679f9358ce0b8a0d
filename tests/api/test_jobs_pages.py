"""Background work on a page: listed, followed, and tried again by who may."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from compliance import jobs
from compliance.database import Database
from compliance.identity.models import Role
from compliance.jobs import GiveUp, State, Work, work_off
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.jobs import workplace
from tests.planning import once_of, post

Enqueue = Callable[[str], str]


@pytest.fixture
def enqueue(database: Database, tenant: Tenant) -> Enqueue:
    """A function that asks for work of the tenant and returns its public id."""

    def ask(kind: str) -> str:
        with database.writing() as session:
            made = jobs.enqueue(
                session, kind=kind, organisation_id=tenant.id, arguments={}
            )
        assert made is not None
        return made

    return ask


@pytest.fixture
def failed(database: Database, enqueue: Enqueue) -> str:
    """A job that failed for good."""
    job = enqueue("test.fails")
    work_off(workplace(database, {"test.fails": give_up}))
    return job


@pytest.fixture
def browser(client: TestClient, database: Database, tenant: Tenant) -> TestClient:
    """A browser in which an administrator has signed in."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    assert sign_in(client, Role.ADMINISTRATOR) == 303
    return client


def give_up(_session: Session, _work: Work) -> None:
    raise GiveUp("The list holds {rows} rows.", rows=3)


def count(_session: Session, _work: Work) -> dict[str, jobs.JSON]:
    return {"counted": 3}


def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient) -> None:
    answer = client.get("/jobs", headers=HTML, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/jobs"


def test_a_job_of_another_organisation_is_not_found(
    client: TestClient, database: Database, stranger: Tenant, failed: str
) -> None:
    add_people(database, stranger, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)

    page = client.get(f"/jobs/{failed}", headers=HTML)
    retried = post(client, f"/jobs/{failed}/retry")

    assert (page.status_code, retried[0]) == (404, 404)
    assert failed not in read(client, "/jobs")


@pytest.mark.parametrize("path", ["/jobs?state=castle", "/jobs?after=job_none"])
def test_a_malformed_address_is_told_in_words(browser: TestClient, path: str) -> None:
    answer = browser.get(path, headers=HTML)

    assert answer.status_code == 422
    assert "<h1>" in answer.text


def test_a_failed_job_says_why_and_is_tried_again_by_an_administrator(
    browser: TestClient, failed: str
) -> None:
    listed = read(browser, "/jobs?state=failed")
    page = read(browser, f"/jobs/{failed}")

    status, where, _ = post(browser, f"/jobs/{failed}/retry", once=once_of(page))

    assert f'href="/jobs/{failed}"' in listed
    assert "The list holds 3 rows." in page
    assert (status, where) == (303, f"/jobs/{failed}?done=retried")
    again = read(browser, where)
    assert "It is tried again." in again
    assert f'data-job="{failed}"' in again
    assert f'href="/jobs/{failed}"' in read(browser, "/jobs?state=ready")


def test_who_may_not_retry_is_told_who_can(browser: TestClient, failed: str) -> None:
    sign_in(browser, Role.ANALYST)

    page = read(browser, f"/jobs/{failed}")
    refused = post(browser, f"/jobs/{failed}/retry")

    assert "An administrator of your organisation can" in page
    assert "/retry" not in page
    assert refused[0] == 403


def test_a_job_that_has_not_failed_is_not_tried_again(
    browser: TestClient, enqueue: Enqueue
) -> None:
    status, _, text = post(browser, f"/jobs/{enqueue('test.waits')}/retry")

    assert status == 409
    assert 'role="alert"' in text


def test_what_came_of_a_job_is_told(
    browser: TestClient, database: Database, enqueue: Enqueue
) -> None:
    job = enqueue("test.counts")
    work_off(workplace(database, {"test.counts": count}))

    told = read(browser, f"/jobs/{job}")

    assert "What came of it" in told
    assert "<code>counted</code></dt><dd>3</dd>" in told
    assert "progress.js" not in told


def test_a_page_that_waits_renews_itself_without_a_script(
    browser: TestClient, enqueue: Enqueue
) -> None:
    told = read(browser, f"/jobs/{enqueue('test.waits')}")

    assert '<noscript><meta http-equiv="refresh"' in told
    assert "progress.js" in told


def test_the_spreadsheet_holds_the_filtered_list(
    browser: TestClient, enqueue: Enqueue, failed: str
) -> None:
    waiting = enqueue("test.waits")

    told = browser.get(f"/jobs?state={State.FAILED}&format=csv", headers=HTML).text

    assert failed in told
    assert waiting not in told
