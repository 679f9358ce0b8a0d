"""What is wrong with a form is told in the language its page is shown in: the profile's."""

from collections.abc import Callable

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from compliance import trail
from compliance.database import Database
from compliance.identity.actions import add_person
from compliance.identity.models import Role
from tests.browsing import HTML, OURS, PASSWORD
from tests.conftest import Tenant

EMAIL = "rosa@example.org"
ENGLISH = {**HTML, **OURS, "Accept-Language": "en"}

Sending = Callable[[TestClient], Response]


@pytest.fixture
def desk(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """An English browser in which somebody signed in whose profile says Spanish."""
    with database.writing() as session:
        add_person(
            session,
            organisation_id=tenant.id,
            role=Role.ADMINISTRATOR,
            email=EMAIL,
            name="Rosa",
            language="es",
            password=PASSWORD,
        )
        trail.seal(session)
    client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=OURS)
    return client


def a_form(path: str, **fields: str) -> Sending:
    return lambda desk: desk.post(path, data=fields, headers=ENGLISH)


def a_file(path: str, field: str) -> Sending:
    files = {field: ("some.bin", b"no such file", "application/octet-stream")}
    return lambda desk: desk.post(path, files=files, headers=ENGLISH)


@pytest.mark.parametrize(
    ("send", "told"),
    [
        (a_form("/policies/programmes", name=""), "Complete este campo."),
        (a_form("/portfolio/ask", names=""), "Complete este campo."),
        (a_file("/editions/try", "book"), "No es un zip que se pueda leer"),
        (a_file("/checklists/check", "nothing"), "Elija un archivo"),
        (
            lambda desk: desk.get("/verify?code=x", headers=ENGLISH),
            "Escriba el código",
        ),
    ],
)
def test_what_is_wrong_is_told_in_the_language_of_the_page(
    desk: TestClient, send: Sending, told: str
) -> None:
    answer = send(desk)

    assert 400 <= answer.status_code < 500
    assert answer.headers["content-language"] == "es"
    assert told in answer.text


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://testserver/checklists?state=open", "/checklists?state=open&amp;"),
        ("", "/checklists/check?"),
        ("http://elsewhere.example/checklists", "/checklists/check?"),
        ("http://testserver//elsewhere.example/", "/checklists/check?"),
    ],
)
def test_the_other_language_leads_back_to_the_page_with_the_form(
    desk: TestClient, came_from: str, leads_to: str
) -> None:
    headers = {**ENGLISH, "Referer": came_from}
    files = {"nothing": ("some.bin", b"no such file", "application/octet-stream")}

    answer = desk.post("/checklists/check", files=files, headers=headers)

    assert answer.status_code == 422
    assert f'<a href="{leads_to}language=en"' in answer.text
