"""What somebody wrote when the session ends: kept, unless it must not be."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from starlette.testclient import TestClient

from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, OURS, add_people, sign_in
from tests.conftest import Tenant
from tests.planning import once_of

REMARK = 'Falta la hoja 3: dice "más tarde" <pronto>'


def posted(
    client: TestClient, path: str, fields: Mapping[str, Any], **headers: str
) -> str:
    """Send a form without a session, and return the page that comes back."""
    answer = client.post(path, data=fields, headers={**HTML, **OURS, **headers})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert "Bearer" not in answer.text
    return answer.text


def kept(page: str) -> list[tuple[str, str]]:
    """Return the fields that a page would send again."""
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return [(unescape(name), unescape(value)) for name, value in pairs]


def test_what_was_written_is_kept_and_can_be_sent_once_signed_in(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)
    form = client.get("/people/invitations/new", headers=HTML).text
    client.cookies.clear()
    fields = [
        ("once", once_of(form)),
        ("email", "nueva@example.org"),
        ("role", "auditor"),
        ("language", "es"),
    ]

    page = posted(client, "/people/invitations", dict(fields))

    assert kept(page) == fields
    assert 'hreflang="es"' not in page
    assert '<form method="post" action="/people/invitations">' in page
    sign_in(client, Role.ADMINISTRATOR)
    for _twice in range(2):
        client.post(
            "/people/invitations", data=dict(kept(page)), headers={**HTML, **OURS}
        )
    listed = client.get("/people/invitations", headers=HTML).text
    assert listed.count("nueva@example.org") == 1


def test_it_is_kept_letter_for_letter_with_every_value_of_a_name(
    client: TestClient,
) -> None:
    fields = {"remark": REMARK, "question": ["edad", "horas"]}

    page = posted(client, "/audits/audit_a/return?from=%22x", fields)

    assert kept(page) == [
        ("remark", REMARK),
        ("question", "edad"),
        ("question", "horas"),
    ]
    assert 'action="/audits/audit_a/return?from=%22x"' in page
    assert "<pronto>" not in page


def test_what_came_from_another_site_is_not_kept(client: TestClient) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}

    page = posted(client, "/audits/audit_a/return", {"remark": REMARK}, **foreign)

    assert kept(page) == []
    assert "Nothing was sent" in page


def test_a_password_is_not_kept(client: TestClient) -> None:
    fields = {"current": "secreto", "password": "secreto", "again": "secreto"}

    page = posted(client, "/account/password", fields)

    assert kept(page) == []
    assert "secreto" not in page


def test_a_file_is_not_kept_and_one_is_told_to_choose_it_anew(
    client: TestClient,
) -> None:
    answer = client.post(
        "/evidence/action_a",
        files={"file": ("foto.jpg", b"secreto", "image/jpeg")},
        headers={**HTML, **OURS},
    )

    assert answer.status_code == 401
    assert kept(answer.text) == []
    assert "a file has to be chosen anew" in answer.text
