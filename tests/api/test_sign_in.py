"""Signing in and out: who is let in, what the cookie is, and where it leads."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

from api.hop import COOKIE
from api.pages.readers import local_path
from compliance import clock, limits
from compliance.database import Database
from compliance.identity.models import Membership, Role
from compliance.settings import Settings
from tests.browsing import (
    HTML,
    OURS,
    PASSWORD,
    add_people,
    email_of,
    sign_in,
    with_cookie,
)
from tests.conftest import Tenant
from tests.visits import TODAY

NOBODY = "nobody@example.org"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def browser(client: TestClient, database: Database, tenant: Tenant) -> TestClient:
    """A browser in which the administrator has signed in."""
    add_people(database, tenant, Role.ADMINISTRATOR)
    assert sign_in(client, Role.ADMINISTRATOR) == 303
    return client


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\nb", "", "x"],
)
def test_signing_in_leads_nowhere_else(elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"


def test_signing_in_leads_back_to_the_page_that_was_wanted() -> None:
    assert local_path("/sites/site_a?language=es") == "/sites/site_a?language=es"


def test_a_wrong_password_and_an_unknown_person_are_told_alike(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)

    answers = [
        client.post(
            "/sign-in",
            data={"email": email, "password": "wrong"},
            headers={**HTML, **OURS},
        )
        for email in (email_of(Role.ANALYST), NOBODY)
    ]

    texts = {
        one.text.replace(email_of(Role.ANALYST), "").replace(NOBODY, "")
        for one in answers
    }
    assert [one.status_code for one in answers] == [401, 401]
    assert len(texts) == 1
    assert 'role="alert"' in answers[0].text
    assert COOKIE not in client.cookies


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
@pytest.mark.parametrize(
    "origin",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}],
)
def test_a_form_of_another_site_is_refused(
    client: TestClient, path: str, origin: dict[str, str]
) -> None:
    answer = client.post(path, data={"email": NOBODY}, headers={**HTML, **origin})

    assert answer.status_code == 403
    assert "This request came from another site" in answer.text


def test_a_flood_of_fields_is_a_wrong_password_and_no_fault(client: TestClient) -> None:
    body = "&".join(f"f{number}=1" for number in range(500))

    answer = client.post("/sign-in", content=body, headers={**HTML, **OURS})

    assert answer.status_code == 401


def test_the_cookie_is_hidden_from_scripts_and_other_sites(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)

    answer = client.post(
        "/sign-in",
        data={"email": email_of(Role.ANALYST), "password": PASSWORD},
        headers=OURS,
        follow_redirects=False,
    )

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_the_cookie_travels_encrypted_where_the_server_is_reached_so(
    app: FastAPI, client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    reach(app, "https://a.b")

    answer = client.post(
        "/sign-in",
        data={"email": email_of(Role.ANALYST), "password": PASSWORD},
        headers=OURS,
        follow_redirects=False,
    )

    assert "secure" in answer.headers["set-cookie"].lower()


def test_over_https_the_cookie_is_this_very_hosts(
    app: FastAPI, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    with TestClient(app, base_url="https://testserver") as client:
        reach(app, "https://testserver")

        sign_in(client, Role.ANALYST)
        me = client.get("/v1/me").status_code
        cookies = set(client.cookies)
        client.post("/sign-out", headers=OURS, follow_redirects=False)

    assert cookies == {f"__Host-{COOKIE}"}
    assert me == 200
    assert set(client.cookies) == set()


def test_over_https_a_cookie_of_a_neighbour_is_not_taken(
    app: FastAPI, browser: TestClient
) -> None:
    reach(app, "https://testserver")

    assert browser.get("/v1/me").status_code == 401


def reach(app: FastAPI, url: str) -> None:
    """Let the product be reached at another address."""
    service = app.state.service
    reached = Settings(**{**service.settings.model_dump(), "public_url": url})
    object.__setattr__(service, "settings", reached)


def test_signing_in_again_ends_the_session_before(browser: TestClient) -> None:
    before = browser.cookies[COOKIE]

    sign_in(browser, Role.ADMINISTRATOR)

    assert browser.cookies[COOKIE] != before
    assert with_cookie(browser, before).get("/v1/me").status_code == 401


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (60, 401)])
def test_a_session_that_is_left_alone_ends(
    browser: TestClient, minutes: int, status: int
) -> None:
    with clock.set_to(lambda: TODAY + timedelta(minutes=minutes)):
        assert browser.get("/v1/me").status_code == status


def test_a_session_that_is_used_goes_on_until_its_end(
    app: FastAPI, browser: TestClient
) -> None:
    service, statuses = app.state.service, []

    for minutes in (*range(50, 12 * 60, 50), 12 * 60 - 1, 12 * 60):
        with clock.set_to(lambda at=TODAY + timedelta(minutes=minutes): at):  # type: ignore[misc]
            statuses.append(browser.get("/v1/me").status_code)
            service.write_now(service.usage.write, system=True)

    assert set(statuses[:-1]) == {200}
    assert statuses[-1] == 401


def test_too_many_wrong_passwords_must_wait_and_then_may_go_on(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    for _ in range(limits.FREE_SIGN_INS):
        wrong_password(client)

    delayed = wrong_password(client)
    right = sign_in(client, Role.ANALYST)
    with clock.set_to(lambda: TODAY + timedelta(seconds=1)):
        later = sign_in(client, Role.ANALYST)

    assert delayed.status_code == right == 429
    assert delayed.headers["retry-after"] == "1"
    assert "Try again in 1 s" in delayed.text
    assert later == 303


def test_a_throttled_password_is_not_looked_at(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    for _ in range(limits.FREE_SIGN_INS):
        wrong_password(client)
    before = time.process_time()

    for _ in range(20):
        wrong_password(client)

    # Twenty passwords would be most of a second of argon2.
    assert time.process_time() - before < 20 * 0.045


def wrong_password(client: TestClient) -> Any:
    return client.post(
        "/sign-in",
        data={"email": email_of(Role.ANALYST), "password": "wrong"},
        headers={**HTML, **OURS},
    )


def test_who_belongs_nowhere_any_more_is_told_so(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    with database.writing() as session:
        session.execute(update(Membership).values(status="removed"))

    answer = client.post(
        "/sign-in",
        data={"email": email_of(Role.ANALYST), "password": PASSWORD},
        headers={**HTML, **OURS},
    )

    assert answer.status_code == 403
    assert "no organisation has you as a member" in answer.text


def test_no_password_and_no_address_comes_into_the_log(
    client: TestClient,
    database: Database,
    tenant: Tenant,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_people(database, tenant, Role.ANALYST)

    sign_in(client, Role.ANALYST)
    wrong_password(client)

    told = capsys.readouterr()
    logged = told.out + told.err
    assert '"route": "/sign-in"' in logged
    assert PASSWORD not in logged
    assert email_of(Role.ANALYST) not in logged
    assert client.cookies[COOKIE] not in logged


def test_signing_out_ends_the_session_for_good(browser: TestClient) -> None:
    kept = browser.cookies[COOKIE]

    answer = browser.post("/sign-out", headers=OURS, follow_redirects=False)

    browser.cookies.set(COOKIE, kept)
    again = browser.get("/", headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in"
    assert again.headers["location"] == "/sign-in"


def test_the_first_page_leads_to_signing_in(client: TestClient) -> None:
    answer = client.get("/", headers=HTML, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("path", ["/sites/site_a", "/submissions/submission_a?x=1"])
def test_a_page_asks_to_sign_in_and_is_returned_to(
    client: TestClient, path: str
) -> None:
    answer = client.get(path, headers=HTML, follow_redirects=False)

    asked = client.get(answer.headers["location"], headers=HTML)
    assert answer.status_code == 303
    assert f'name="next" value="{path}"' in asked.text
