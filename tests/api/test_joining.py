"""Links that open once: joining an organisation, and setting a new password."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.hop import COOKIE
from compliance import clock, limits
from compliance.database import Database
from compliance.identity.models import Role
from compliance.trail import TrailEntry
from tests.browsing import (
    HTML,
    OURS,
    PASSWORD,
    add_people,
    email_of,
    path_of,
    read,
    sign_in,
    with_cookie,
)
from tests.conftest import Tenant
from tests.visits import TODAY, on

EMAIL = "rosalba@laderas.example"
CHOSEN = "las mulas suben despacio"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


def invited(
    client: TestClient, tenant: Tenant, email: str = EMAIL, **rest: object
) -> str:
    """Invite somebody and return the path of the link."""
    body = {"email": email, "role": "auditor", "language": "es", **rest}
    answer = client.post("/v1/people/invitations", json=body, headers=tenant.headers())
    assert answer.status_code == 201, answer.text
    return path_of(answer.json()["link"])


def send(client: TestClient, path: str, **fields: str) -> Any:
    return client.post(
        path, data=fields, headers={**HTML, **OURS}, follow_redirects=False
    )


def join(client: TestClient, path: str, **changes: str) -> Any:
    fields = {"name": "Rosalba Quintero", "password": CHOSEN, "again": CHOSEN}
    return send(client, path, **{**fields, **changes})


def password_link(client: TestClient, tenant: Tenant) -> str:
    """Return the path of a link for the password of the only person there is."""
    listed = client.get("/v1/people", headers=tenant.headers()).json()["items"]
    answer = client.post(
        f"/v1/people/{listed[0]['id']}/password-links", headers=tenant.headers()
    )
    return path_of(answer.json()["link"])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Join Exportadora Puerto Sereno"),
        ("es", "Unirse a Exportadora Puerto Sereno"),
    ],
)
def test_the_link_tells_where_it_leads_in_the_readers_language(
    client: TestClient, tenant: Tenant, language: str, words: str
) -> None:
    path = invited(client, tenant)

    text = read(client, f"{path}?language={language}")

    assert words in text
    assert EMAIL in text
    assert f'<html lang="{language}">' in text


def test_looking_at_a_link_uses_nothing_up(client: TestClient, tenant: Tenant) -> None:
    path = invited(client, tenant)

    looks = [client.get(path).status_code for _ in range(3)]

    assert looks == [200] * 3
    assert join(client, path).status_code == 303


def test_the_invited_joins_and_is_signed_in(client: TestClient, tenant: Tenant) -> None:
    path = invited(client, tenant)

    answer = join(client, path)

    me = client.get("/v1/me").json()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert me["person"] == {
        "id": me["actor"],
        "name": "Rosalba Quintero",
        "email": EMAIL,
        "language": "es",
    }
    assert (me["role"], me["organisation_id"]) == ("auditor", tenant.public_id)


def test_a_link_opens_once(client: TestClient, tenant: Tenant) -> None:
    path = invited(client, tenant)
    join(client, path)

    again = join(client, path)

    assert again.status_code == 404
    assert client.get(path).status_code == 404


def test_a_link_opens_for_a_week(client: TestClient, tenant: Tenant) -> None:
    with on(2026, 11, 15):
        path = invited(client, tenant)
        first_day = client.get(path).status_code

    last_moment = join(client, path)

    assert first_day == 200
    assert last_moment.status_code == 404


@pytest.mark.parametrize("path", ["/join/x", "/password/x", "/join/" + "0" * 52])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_was_never_made_is_told_like_one_that_is_over(
    client: TestClient, path: str, method: str
) -> None:
    answer = client.request(method, path, headers={**HTML, **OURS})

    assert answer.status_code == 404
    assert "This link cannot be used" in answer.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"again": "something else entirely"}, "the same both times"),
        ({"password": "short", "again": "short"}, "at least 15 characters"),
        (
            {"password": "Rosalba Quintero 1", "again": "Rosalba Quintero 1"},
            "tried first",
        ),
        (
            {"password": "puerto sereno 2026", "again": "puerto sereno 2026"},
            "tried first",
        ),
        ({"name": " "}, "Write your name"),
        ({"name": "a\nb"}, "Write your name"),
        ({"name": "x" * 201}, "Write your name"),
    ],
)
def test_what_will_not_do_is_told_and_the_link_stays_good(
    client: TestClient, tenant: Tenant, changes: dict[str, str], words: str
) -> None:
    path = invited(client, tenant)

    answer = join(client, path, **changes)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'role="alert"' in answer.text
    assert CHOSEN not in answer.text
    assert COOKIE not in client.cookies
    assert join(client, path).status_code == 303


def test_what_was_typed_as_a_name_is_still_there(
    client: TestClient, tenant: Tenant
) -> None:
    path = invited(client, tenant, name="R. Quintero")
    before = read(client, path)

    answer = join(client, path, name='Ros"alba', again="x")

    assert 'value="R. Quintero"' in before
    assert "Ros&#34;alba" in answer.text


@pytest.mark.parametrize("page", ["join", "password"])
@pytest.mark.parametrize(
    "origin",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}],
)
def test_a_form_of_another_site_is_refused(
    client: TestClient, page: str, origin: dict[str, str]
) -> None:
    answer = client.post(f"/{page}/x", headers={**HTML, **origin})

    assert answer.status_code == 403


def test_who_has_an_account_joins_with_its_password_alone(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    add_people(database, stranger, Role.ANALYST)
    path = invited(client, tenant, email_of(Role.ANALYST))

    asked = read(client, path)
    answer = send(client, path, password=PASSWORD)

    me = client.get("/v1/me").json()
    assert "You have an account here already" in asked
    assert 'autocomplete="new-password"' not in asked
    assert answer.status_code == 303
    assert (me["role"], me["organisation_id"]) == ("auditor", tenant.public_id)
    assert len(me["organisations"]) == 2


def test_whoever_made_the_link_cannot_take_an_account_with_it(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    add_people(database, stranger, Role.ANALYST)
    path = invited(client, tenant, email_of(Role.ANALYST))

    answer = join(client, path)

    assert answer.status_code == 401
    assert COOKIE not in client.cookies
    assert sign_in(client, Role.ANALYST) == 303


def test_the_password_of_an_account_is_not_tried_for_ever_through_a_link(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    add_people(database, stranger, Role.ANALYST)
    path = invited(client, tenant, email_of(Role.ANALYST))

    answers = [
        send(client, path, password="wrong").status_code
        for _ in range(limits.FREE_SIGN_INS + 1)
    ]

    assert answers == [401] * limits.FREE_SIGN_INS + [429]


def test_who_was_removed_comes_back_by_a_new_invitation(
    client: TestClient, tenant: Tenant
) -> None:
    join(client, invited(client, tenant))
    person = client.get("/v1/me").json()["actor"]
    client.delete(f"/v1/people/{person}", headers=tenant.headers())

    answer = send(client, invited(client, tenant, role="manager"), password=CHOSEN)

    me = client.get("/v1/me").json()
    assert answer.status_code == 303
    assert (me["actor"], me["role"]) == (person, "manager")


def test_a_link_for_a_password_is_void_once_its_owner_belongs_elsewhere_too(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    link = password_link(client, tenant)

    send(client, invited(client, stranger, email_of(Role.ANALYST)), password=PASSWORD)

    assert client.get(link).status_code == 404


def test_a_new_password_is_set_with_a_link_once(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    sign_in(client, Role.ANALYST)
    link = password_link(client, tenant)

    asked = read(client, link)
    answer = send(client, link, password=CHOSEN, again=CHOSEN)

    done = read(client, answer.headers["location"])
    old = sign_in(client, Role.ANALYST)
    new = send(client, "/sign-in", email=email_of(Role.ANALYST), password=CHOSEN)
    assert email_of(Role.ANALYST) in asked
    assert answer.status_code == 303
    assert "Your new password is set" in done
    assert (old, new.status_code) == (401, 303)
    assert send(client, link, password=CHOSEN, again=CHOSEN).status_code == 404


def test_a_new_password_ends_the_sessions_of_the_old(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    sign_in(client, Role.ANALYST)
    kept = client.cookies[COOKIE]

    send(client, password_link(client, tenant), password=CHOSEN, again=CHOSEN)

    assert with_cookie(client, kept).get("/v1/me").status_code == 401


def test_a_link_for_a_password_opens_for_a_day(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    with on(2026, 11, 21):
        add_people(database, tenant, Role.ANALYST)
        link = password_link(client, tenant)
        first_day = client.get(link).status_code

    assert (first_day, client.get(link).status_code) == (200, 404)


@pytest.mark.parametrize(
    ("password", "again"), [("short", "short"), (CHOSEN, "another"), ("", "")]
)
def test_a_password_that_will_not_do_leaves_the_link_good(
    client: TestClient, database: Database, tenant: Tenant, password: str, again: str
) -> None:
    add_people(database, tenant, Role.ANALYST)
    link = password_link(client, tenant)

    answer = send(client, link, password=password, again=again)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert client.get(link).status_code == 200


def test_the_trail_tells_who_joined_and_names_nobody(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    join(client, invited(client, tenant))
    person = client.get("/v1/me").json()["actor"]
    send(client, password_link(client, tenant), password=CHOSEN, again=CHOSEN)

    with database.reading() as session:
        leaves = session.scalars(
            select(TrailEntry.leaf).order_by(TrailEntry.sequence)
        ).all()

    done = [(one["action"], one["actor"]) for one in map(json.loads, leaves)]
    assert done[-4:] == [
        ("invitation.accepted", person),
        ("session.started", person),
        ("person.password_link_made", done[-2][1]),
        ("person.password_changed", person),
    ]
    assert b"Rosalba" not in b"".join(leaves)
    assert b"@" not in b"".join(leaves)
