"""One's own page: the password, and the organisation one works for just now."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import (
    HTML,
    OURS,
    PASSWORD,
    add_people,
    email_of,
    path_of,
    read,
    sign_in,
)
from tests.conftest import Tenant
from tests.visits import TODAY

CHOSEN = "las mulas suben despacio"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def browser(client: TestClient, database: Database, tenant: Tenant) -> TestClient:
    """A browser in which an analyst has signed in."""
    add_people(database, tenant, Role.ANALYST)
    assert sign_in(client, Role.ANALYST) == 303
    return client


def send(client: TestClient, path: str, **fields: str) -> Any:
    return client.post(
        path, data=fields, headers={**HTML, **OURS}, follow_redirects=False
    )


def test_the_page_asks_to_sign_in(client: TestClient) -> None:
    answer = client.get("/account", headers=HTML, follow_redirects=False)

    assert answer.headers["location"] == "/sign-in?next=/account"


def test_every_page_leads_to_ones_account(browser: TestClient) -> None:
    assert '<a href="/account">Alguien analyst</a>' in read(browser, "/rules")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Your account"), ("es", "Su cuenta")]
)
def test_the_page_tells_who_is_signed_in(
    browser: TestClient, language: str, words: str
) -> None:
    text = read(browser, f"/account?language={language}")

    assert words in text
    assert email_of(Role.ANALYST) in text
    assert "Exportadora Puerto Sereno" in text


def test_the_password_is_changed_and_one_stays_signed_in(browser: TestClient) -> None:
    answer = send(
        browser, "/account/password", current=PASSWORD, password=CHOSEN, again=CHOSEN
    )

    assert answer.status_code == 303
    assert "Your password is changed" in read(browser, answer.headers["location"])
    assert sign_in(browser, Role.ANALYST) == 401


@pytest.mark.parametrize(
    ("current", "password", "again", "words"),
    [
        ("wrong", CHOSEN, CHOSEN, "Type the password you signed in with"),
        (PASSWORD, CHOSEN, "other", "the same both times"),
        (PASSWORD, "short", "short", "at least 15 characters"),
    ],
)
def test_a_change_that_will_not_do_is_told_on_the_page(
    browser: TestClient, current: str, password: str, again: str, words: str
) -> None:
    answer = send(
        browser, "/account/password", current=current, password=password, again=again
    )

    assert answer.status_code == 422
    assert words in answer.text
    assert sign_in(browser, Role.ANALYST) == 303


@pytest.mark.parametrize("path", ["/account/password", "/account/organisation"])
def test_a_form_of_another_site_is_refused(browser: TestClient, path: str) -> None:
    answer = browser.post(path, headers={**HTML, "Origin": "https://evil.example"})

    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/account/password", "/account/organisation"])
def test_a_form_of_nobody_is_refused(client: TestClient, path: str) -> None:
    assert send(client, path).status_code == 401


def test_one_goes_on_in_another_organisation(
    browser: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    link = browser.post(
        "/v1/people/invitations",
        json={"email": email_of(Role.ANALYST), "role": "reviewer", "language": "en"},
        headers=stranger.headers(),
    ).json()["link"]
    send(browser, path_of(link), password=PASSWORD)
    offered = read(browser, "/account")

    answer = send(browser, "/account/organisation", organisation=tenant.public_id)

    assert f'value="{tenant.public_id}"' in offered
    assert f'value="{stranger.public_id}"' not in offered
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/v1/me").json()["organisation_id"] == tenant.public_id


def test_one_does_not_go_on_where_one_does_not_belong(
    browser: TestClient, stranger: Tenant
) -> None:
    answer = send(browser, "/account/organisation", organisation=stranger.public_id)

    assert answer.status_code == 404
