"""People as a browser manages them: invited, given a role, suspended, let go."""

import re

import pytest
from starlette.testclient import TestClient

from compliance import trail
from compliance.database import Database
from compliance.identity.actions import add_person
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
from tests.desks import send


@pytest.fixture
def desk(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of an administrator."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    sign_in(client, Role.ADMINISTRATOR)
    return client


def person_of(client: TestClient, tenant: Tenant, role: Role) -> str:
    items = client.get("/v1/people", headers=tenant.headers()).json()["items"]
    return str(next(one["id"] for one in items if one["role"] == role))


@pytest.mark.parametrize("path", ["/people", "/people/roles", "/people/invitations"])
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_somebody_of_another_organisation_is_not_there(
    desk: TestClient, stranger: Tenant, database: Database
) -> None:
    with database.writing() as session:
        add_person(
            session,
            organisation_id=stranger.id,
            role=Role.ANALYST,
            email="otra@example.org",
            name="Otra",
            language="en",
            password=PASSWORD,
        )
        trail.seal(session)
    person = person_of(desk, stranger, Role.ANALYST)

    answer = desk.get(f"/people/{person}", headers=HTML)

    assert answer.status_code == 404


def test_a_role_that_may_not_manage_people_is_refused(
    desk: TestClient, tenant: Tenant
) -> None:
    sign_in(desk, Role.ANALYST)
    person = person_of(desk, tenant, Role.ADMINISTRATOR)

    shown = desk.get("/people", headers=HTML)
    sent = send(desk, f"/people/{person}/role", role="analyst")

    assert shown.status_code == 403
    assert sent.status == 403


def test_an_invitation_shows_its_link_once_and_lets_somebody_join(
    desk: TestClient,
) -> None:
    form = {"email": "nueva@example.org", "role": "auditor", "language": "en"}

    made = send(desk, "/people/invitations", once="one", **form)
    again = send(desk, "/people/invitations", once="one", **form)
    listed = read(desk, "/people/invitations")
    (link,) = re.findall(r"http[^<\s]*/join/[^<\s]*", made.page)
    joined = desk.get(path_of(link), headers=HTML)

    assert made.status == 200
    assert "/join/" not in again.page
    assert "never shown twice" in again.page
    assert "nueva@example.org" in listed
    assert link not in listed
    assert "Auditor" in joined.text


def test_a_link_is_kept_by_no_browser(desk: TestClient) -> None:
    form = {"email": "nueva@example.org", "role": "auditor", "language": "en"}

    answer = desk.post("/people/invitations", data=form, headers={**HTML, **OURS})

    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers.get_list("content-type") == ["text/html; charset=utf-8"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"email": "no address"}, "one e-mail address"),
        ({"role": "king"}, "Choose one of the list"),
        ({"email": email_of(Role.ANALYST)}, "belongs to you already"),
    ],
)
def test_a_wrong_invitation_is_told_beside_its_field_and_kept(
    desk: TestClient, wrong: dict[str, str], told: str
) -> None:
    form = {
        "email": "nueva@example.org",
        "role": "auditor",
        "language": "en",
        "name": "Nueva Persona",
        **wrong,
    }

    sent = send(desk, "/people/invitations", **form)

    assert sent.status == 422
    assert told in sent.page
    assert 'aria-invalid="true"' in sent.page
    assert 'value="Nueva Persona"' in sent.page


def test_an_invitation_that_is_withdrawn_is_open_no_more(desk: TestClient) -> None:
    form = {"email": "nueva@example.org", "role": "auditor", "language": "en"}
    send(desk, "/people/invitations", **form)
    path = re.findall(
        r'action="(/people/invitations/[^"]+/withdrawal)"',
        read(desk, "/people/invitations"),
    )[0]

    sent = send(desk, path)

    assert (sent.status, sent.place) == (303, "/people/invitations?done=withdrawn")
    assert "Withdrawn" in read(desk, sent.place)


def test_a_role_is_changed(desk: TestClient, tenant: Tenant) -> None:
    person = person_of(desk, tenant, Role.ANALYST)

    sent = send(desk, f"/people/{person}/role", role="reviewer")

    assert (sent.status, sent.place) == (303, f"/people/{person}?done=role")
    assert "The role is changed" in read(desk, sent.place)
    assert person_of(desk, tenant, Role.REVIEWER) == person


def test_the_last_administrator_stays_one_and_the_form_says_so(
    desk: TestClient, tenant: Tenant
) -> None:
    person = person_of(desk, tenant, Role.ADMINISTRATOR)

    tried = [
        send(desk, f"/people/{person}/role", role="analyst", what="role"),
        send(desk, f"/people/{person}/status", status="suspended", what="status"),
        send(desk, f"/people/{person}/removal", what="removal"),
    ]

    assert {one.status for one in tried} == {409}
    assert all("last active administrator" in one.page for one in tried)
    assert person_of(desk, tenant, Role.ADMINISTRATOR) == person


def test_who_is_suspended_may_act_again(desk: TestClient, tenant: Tenant) -> None:
    person = person_of(desk, tenant, Role.ANALYST)

    send(desk, f"/people/{person}/status", status="suspended")
    suspended = read(desk, f"/people/{person}")
    send(desk, f"/people/{person}/status", status="active")

    assert "Suspended for now" in suspended
    assert "Suspended for now" not in read(desk, f"/people/{person}")


def test_who_is_let_go_is_listed_only_when_asked_for(
    desk: TestClient, tenant: Tenant
) -> None:
    person = person_of(desk, tenant, Role.ANALYST)

    sent = send(desk, f"/people/{person}/removal", what="removal")

    assert (sent.status, sent.place) == (303, "/people?done=removed")
    assert f"/people/{person}" not in read(desk, "/people")
    assert f"/people/{person}" in read(desk, "/people?status=removed")


def test_a_password_link_is_shown_once(desk: TestClient, tenant: Tenant) -> None:
    person = person_of(desk, tenant, Role.ANALYST)

    sent = send(desk, f"/people/{person}/password-links", what="link")

    assert sent.status == 200
    assert "/password/" in sent.page


def test_a_filter_that_is_unknown_is_a_page_that_says_what_it_can_be(
    desk: TestClient,
) -> None:
    answer = desk.get("/people?role=king", headers=HTML)

    assert answer.status_code == 422
    assert "administrator" in answer.text


def test_the_list_is_a_spreadsheet_too(desk: TestClient) -> None:
    answer = desk.get("/people?role=analyst&format=csv", headers=HTML)

    assert answer.headers["content-type"].startswith("text/csv")
    assert email_of(Role.ANALYST) in answer.text
    assert email_of(Role.ADMINISTRATOR) not in answer.text


def test_the_page_of_roles_says_in_words_who_may_what(desk: TestClient) -> None:
    page = read(desk, "/people/roles")

    assert "manage people" in page
    assert "everybody" in page
