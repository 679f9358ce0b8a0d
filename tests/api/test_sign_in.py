"""Signing in and out: who is let in, what the cookie is, and where it leads."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.hop import COOKIE
from api.pages.readers import local_path
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from compliance.settings import Settings
from tests.browsing import HTML, OURS, PASSWORD, add_people, email_of, sign_in
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
    service = app.state.service
    reached = Settings(**{**service.settings.model_dump(), "public_url": "https://a.b"})
    object.__setattr__(service, "settings", reached)

    answer = client.post(
        "/sign-in",
        data={"email": email_of(Role.ANALYST), "password": PASSWORD},
        headers=OURS,
        follow_redirects=False,
    )

    assert "secure" in answer.headers["set-cookie"].lower()


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
