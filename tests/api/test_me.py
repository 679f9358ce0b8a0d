"""Who the caller is, one's own password, and the organisation one works for just now."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.hop import COOKIE
from compliance import clock, limits
from compliance.database import Database
from compliance.identity.models import Role, SignIn
from compliance.identity.permissions import PERMISSIONS
from tests.browsing import (
    HTML,
    OURS,
    PASSWORD,
    add_people,
    email_of,
    path_of,
    sign_in,
    with_cookie,
)
from tests.conftest import Tenant
from tests.visits import TODAY

NEXT = "  otra contraseña, más larga  "


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


def change(client: TestClient, current: str = PASSWORD, new: str = NEXT) -> Any:
    return client.post(
        "/v1/me/password", json={"current": current, "new": new}, headers=OURS
    )


def sign_in_with(client: TestClient, password: str) -> int:
    return client.post(
        "/sign-in",
        data={"email": email_of(Role.ANALYST), "password": password},
        headers={**HTML, **OURS},
        follow_redirects=False,
    ).status_code


def join(client: TestClient, tenant: Tenant, role: str = "reviewer") -> None:
    """Make the analyst a member of another organisation too."""
    made = client.post(
        "/v1/people/invitations",
        json={"email": email_of(Role.ANALYST), "role": role, "language": "en"},
        headers=tenant.headers(),
    ).json()
    answer = client.post(
        path_of(made["link"]),
        data={"password": PASSWORD},
        headers={**HTML, **OURS},
        follow_redirects=False,
    )
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/me", None),
        ("POST", "/v1/me/password", {"current": "a", "new": "b"}),
        ("PUT", "/v1/me/organisation", {"id": "org_x"}),
    ],
)
def test_nobody_is_nobody(
    client: TestClient, method: str, path: str, body: object
) -> None:
    assert client.request(method, path, json=body, headers=OURS).status_code == 401


def test_a_person_is_told_who_they_are(browser: TestClient, tenant: Tenant) -> None:
    me = browser.get("/v1/me").json()

    assert me["person"]["email"] == email_of(Role.ANALYST)
    assert me["person"]["language"] == "en"
    assert me["person"]["id"] == me["actor"]
    assert me["organisation_id"] == tenant.public_id
    assert me["role"] == "analyst"
    assert me["organisations"] == [
        {
            "id": tenant.public_id,
            "name": "Exportadora Puerto Sereno",
            "kind": "exporter",
            "role": "analyst",
        }
    ]


@pytest.mark.parametrize("role", list(Role))
def test_a_key_is_told_what_it_may_do(
    client: TestClient, tenant: Tenant, role: Role
) -> None:
    me = client.get("/v1/me", headers=tenant.headers(role)).json()

    assert me["person"] is None
    assert me["organisations"] == []
    assert me["role"] == role
    assert set(me["permissions"]) == {one.name.lower() for one in PERMISSIONS[role]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/me/password", {"current": PASSWORD, "new": NEXT}),
        ("/v1/me/organisation", {"id": "org_x"}),
    ],
)
def test_a_key_has_no_password_and_no_other_organisation(
    client: TestClient, tenant: Tenant, path: str, body: dict[str, str]
) -> None:
    method = "POST" if path.endswith("password") else "PUT"

    answer = client.request(method, path, json=body, headers=tenant.headers())

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/person-needed"


def test_a_new_password_is_the_one_from_then_on(browser: TestClient) -> None:
    answer = change(browser)

    still_here = browser.get("/v1/me").status_code
    assert (answer.status_code, answer.content, still_here) == (204, b"", 200)
    assert sign_in_with(browser, PASSWORD) == 401
    assert sign_in_with(browser, NEXT) == 303
    assert sign_in_with(browser, NEXT.strip()) == 401


def test_a_new_password_ends_every_session_but_one(
    browser: TestClient, database: Database
) -> None:
    here = browser.cookies[COOKIE]
    sign_in_with(TestClient(browser.app), PASSWORD)

    change(browser)

    with database.reading() as session:
        open_ones = session.scalars(
            select(SignIn.id).where(SignIn.ended_at.is_(None))
        ).all()
    assert len(open_ones) == 1
    assert with_cookie(browser, here).get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        ("short", "password-too-short"),
        ("x" * 257, "password-too-long"),
        ("passwordpassword", "password-guessable"),
        ("Alguien analyst 2026", "password-guessable"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    browser: TestClient, new: str, problem: str
) -> None:
    answer = change(browser, new=new)

    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{problem}"
    assert sign_in_with(browser, PASSWORD) == 303


@pytest.mark.parametrize(
    "body", [{"current": PASSWORD}, {"new": NEXT}, {"current": 1, "new": NEXT}, {}]
)
def test_half_a_change_is_refused(browser: TestClient, body: dict[str, object]) -> None:
    answer = browser.post("/v1/me/password", json=body, headers=OURS)

    assert answer.status_code == 422


def test_the_current_password_must_be_right_and_is_not_tried_for_ever(
    browser: TestClient,
) -> None:
    answers = [
        change(browser, current="a wrong password")
        for _ in range(limits.FREE_SIGN_INS + 1)
    ]

    assert [one.status_code for one in answers] == [422] * limits.FREE_SIGN_INS + [429]
    assert answers[0].json()["type"] == "/problems/current-password-wrong"
    assert answers[-1].headers["retry-after"] == "1"


def test_another_site_cannot_change_it(browser: TestClient) -> None:
    answer = browser.post(
        "/v1/me/password",
        json={"current": PASSWORD, "new": NEXT},
        headers={"Origin": "https://evil.example"},
    )

    assert answer.status_code == 403


def test_somebody_with_two_organisations_goes_from_one_to_the_other(
    browser: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    join(browser, stranger)
    there = browser.get("/v1/me").json()
    before = browser.cookies[COOKIE]

    answer = browser.put(
        "/v1/me/organisation", json={"id": tenant.public_id}, headers=OURS
    )

    here = browser.get("/v1/me").json()
    assert (there["organisation_id"], there["role"]) == (stranger.public_id, "reviewer")
    assert answer.json() == here
    assert (here["organisation_id"], here["role"]) == (tenant.public_id, "analyst")
    assert len(here["organisations"]) == 2
    assert with_cookie(browser, before).get("/v1/me").status_code == 401


def test_switching_does_not_make_a_session_last_longer(
    browser: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    join(browser, stranger)
    began = TODAY
    for hours in range(1, 12):
        with clock.set_to(lambda now=began + timedelta(minutes=59 * hours): now):  # type: ignore[misc]
            where = tenant if hours % 2 else stranger
            answer = browser.put(
                "/v1/me/organisation", json={"id": where.public_id}, headers=OURS
            )
            assert answer.status_code == 200

    with clock.set_to(lambda: TODAY + timedelta(hours=limits.SESSION_HOURS)):
        assert browser.get("/v1/me").status_code == 401


def test_another_organisation_is_not_found(
    browser: TestClient, stranger: Tenant
) -> None:
    answer = browser.put(
        "/v1/me/organisation", json={"id": stranger.public_id}, headers=OURS
    )

    assert answer.status_code == 404
    assert browser.get("/v1/me").status_code == 200


def test_signing_in_leads_to_the_organisation_one_was_in_last(
    browser: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    join(browser, stranger)
    with clock.set_to(lambda: TODAY + timedelta(minutes=1)):
        browser.put("/v1/me/organisation", json={"id": tenant.public_id}, headers=OURS)

    sign_in(browser, Role.ANALYST)

    assert browser.get("/v1/me").json()["organisation_id"] == tenant.public_id


def test_who_leaves_one_organisation_goes_on_in_the_other(
    browser: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    person = browser.get("/v1/me").json()["actor"]
    join(browser, stranger)

    browser.delete(f"/v1/people/{person}", headers=stranger.headers())

    out = browser.get("/v1/me").status_code
    sign_in(browser, Role.ANALYST)
    assert out == 401
    assert browser.get("/v1/me").json()["organisation_id"] == tenant.public_id
