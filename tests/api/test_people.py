"""The people of an organisation: invited, given a role, suspended, removed."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.idempotency import IdempotencyRecord
from compliance.identity.models import Membership, Role
from compliance.identity.permissions import Permission, roles_that_may
from compliance.trail import TrailEntry
from tests.browsing import HTML, OURS, add_people, email_of, path_of, sign_in
from tests.conftest import Tenant
from tests.visits import TODAY, on

NEW = {"email": "rosalba@laderas.example", "role": "auditor", "language": "es"}
OTHERS = [role for role in Role if role not in roles_that_may(Permission.MANAGE_PEOPLE)]
CALLS = [
    ("GET", "/v1/people", None),
    ("GET", "/v1/people/person_x", None),
    ("PATCH", "/v1/people/person_x", {"role": "auditor"}),
    ("DELETE", "/v1/people/person_x", None),
    ("POST", "/v1/people/person_x/password-links", None),
    ("GET", "/v1/people/invitations", None),
    ("POST", "/v1/people/invitations", NEW),
    ("GET", "/v1/people/invitations/invitation_x", None),
    ("DELETE", "/v1/people/invitations/invitation_x", None),
]


def people(client: TestClient, tenant: Tenant, query: str = "") -> dict[str, Any]:
    """Return the people of an organisation by their role."""
    listed = client.get(f"/v1/people{query}", headers=tenant.headers()).json()
    return {one["role"]: one for one in listed["items"]}


def invite(client: TestClient, tenant: Tenant, **changes: object) -> dict[str, Any]:
    answer = client.post(
        "/v1/people/invitations", json={**NEW, **changes}, headers=tenant.headers()
    )
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def change(client: TestClient, tenant: Tenant, person: str, **wanted: str) -> Any:
    return client.patch(f"/v1/people/{person}", json=wanted, headers=tenant.headers())


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_people_are_nobody_elses_business(
    client: TestClient, method: str, path: str, body: object
) -> None:
    assert client.request(method, path, json=body).status_code == 401


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_only_who_manages_people_sees_or_changes_them(
    client: TestClient, tenant: Tenant, method: str, path: str, body: object, role: Role
) -> None:
    answer = client.request(method, path, json=body, headers=tenant.headers(role))

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/not-allowed"


@pytest.mark.parametrize(
    ("method", "path", "body"), [call for call in CALLS if "_x" in call[1]]
)
def test_whom_there_is_not_is_not_found(
    client: TestClient, tenant: Tenant, method: str, path: str, body: object
) -> None:
    answer = client.request(method, path, json=body, headers=tenant.headers())

    assert answer.status_code == 404


def test_another_organisations_people_are_not_found(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    add_people(database, stranger, Role.ANALYST)
    theirs = people(client, stranger)["analyst"]["id"]
    invited = invite(client, stranger)["id"]
    calls = [
        ("GET", f"/v1/people/{theirs}", None),
        ("PATCH", f"/v1/people/{theirs}", {"role": "auditor"}),
        ("DELETE", f"/v1/people/{theirs}", None),
        ("POST", f"/v1/people/{theirs}/password-links", None),
        ("GET", f"/v1/people/invitations/{invited}", None),
        ("DELETE", f"/v1/people/invitations/{invited}", None),
    ]

    answers = [
        client.request(method, path, json=body, headers=tenant.headers())
        for method, path, body in calls
    ]

    assert [one.status_code for one in answers] == [404] * len(calls)
    assert people(client, tenant) == {}
    assert (
        client.get("/v1/people/invitations", headers=tenant.headers()).json()["items"]
        == []
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@b@c"}, "email"),
        ({"email": "a@b.c\nBcc: all@b.c"}, "email"),
        ({"email": "x" * 65 + "@b.c"}, "email"),
        ({"role": "owner"}, "role"),
        ({"language": "fr"}, "language"),
        ({"name": ""}, "name"),
        ({"is_admin": True}, "is_admin"),
    ],
)
def test_an_invitation_that_cannot_be_used_names_the_field(
    client: TestClient, tenant: Tenant, wrong: dict[str, object], field: str
) -> None:
    answer = client.post(
        "/v1/people/invitations", json={**NEW, **wrong}, headers=tenant.headers()
    )

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [f"body.{field}"]


def test_an_invitation_is_made_with_a_link_that_is_shown_once(
    client: TestClient, tenant: Tenant
) -> None:
    with clock.set_to(lambda: TODAY):
        answer = client.post(
            "/v1/people/invitations", json=NEW, headers=tenant.headers()
        )
        read = client.get(answer.headers["location"], headers=tenant.headers()).json()

    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert "/join/" in made["link"]
    assert made["link"].endswith("?language=es")
    assert {name: made[name] for name in NEW} == NEW
    assert made["state"] == "open"
    assert made["expires_at"] == "2026-11-29T12:00:00+00:00"
    assert "link" not in read


def test_a_repeated_request_invites_once_and_keeps_no_link(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    headers = {**tenant.headers(), "Idempotency-Key": "one"}

    first = client.post("/v1/people/invitations", json=NEW, headers=headers)
    second = client.post("/v1/people/invitations", json=NEW, headers=headers)

    with database.reading() as session:
        kept = session.scalars(select(IdempotencyRecord.body)).one()
    assert second.status_code == 201
    assert second.json() == {**first.json(), "link": None}
    assert second.headers["location"] == first.headers["location"]
    assert json.loads(kept)["link"] is None


def test_the_database_holds_no_token_of_a_link(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    token = invite(client, tenant)["link"].partition("/join/")[2].partition("?")[0]

    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM invitation").all()

    assert len(rows) == 1
    assert token not in repr(rows)


def test_the_last_link_for_an_address_counts(
    client: TestClient, tenant: Tenant
) -> None:
    first = invite(client, tenant)

    second = invite(client, tenant, email="Rosalba@Laderas.example ")

    listed = client.get("/v1/people/invitations", headers=tenant.headers()).json()
    states = {one["id"]: one["state"] for one in listed["items"]}
    assert states == {first["id"]: "withdrawn", second["id"]: "open"}
    assert client.get(first["link"]).status_code == 404
    assert client.get(second["link"]).status_code == 200


def test_a_member_is_not_invited_again(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)

    answer = client.post(
        "/v1/people/invitations",
        json={**NEW, "email": email_of(Role.ANALYST)},
        headers=tenant.headers(),
    )

    assert answer.status_code == 409
    assert answer.json()["person"] == people(client, tenant)["analyst"]["id"]


def test_whether_somebody_is_elsewhere_is_not_told_by_inviting(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    add_people(database, stranger, Role.ANALYST)

    known = invite(client, tenant, email=email_of(Role.ANALYST))
    unknown = invite(client, tenant, email="nobody@example.org")

    assert set(known) == set(unknown)
    assert known["name"] is None


def test_invitations_are_listed_by_their_state(
    client: TestClient, tenant: Tenant
) -> None:
    with on(2026, 11, 1):
        expired = invite(client, tenant, email="a@example.org")["id"]
    with clock.set_to(lambda: TODAY):
        withdrawn = invite(client, tenant, email="b@example.org")["id"]
        still_open = invite(client, tenant, email="c@example.org")["id"]
        client.delete(f"/v1/people/invitations/{withdrawn}", headers=tenant.headers())

        listed = {
            state: [
                one["id"]
                for one in client.get(
                    f"/v1/people/invitations?state={state}", headers=tenant.headers()
                ).json()["items"]
            ]
            for state in ("open", "expired", "withdrawn", "accepted")
        }

    assert listed == {
        "open": [still_open],
        "expired": [expired],
        "withdrawn": [withdrawn],
        "accepted": [],
    }


def test_only_an_open_invitation_is_withdrawn(
    client: TestClient, tenant: Tenant
) -> None:
    path = f"/v1/people/invitations/{invite(client, tenant)['id']}"

    first = client.delete(path, headers=tenant.headers())
    second = client.delete(path, headers=tenant.headers())

    assert (first.status_code, first.content) == (204, b"")
    assert second.status_code == 409
    assert second.json()["state"] == "withdrawn"


def test_people_are_listed_by_pages_and_by_role(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, *Role)

    first = client.get("/v1/people?rows=3", headers=tenant.headers())
    second = client.get(first.json()["next"], headers=tenant.headers())
    seen = [one["role"] for page in (first, second) for one in page.json()["items"]]

    assert seen == list(Role)
    assert 'rel="next"' in first.headers["link"]
    assert list(people(client, tenant, "?role=manager")) == ["manager"]


def test_a_role_is_changed_and_holds_from_the_next_request_on(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    sign_in(client, Role.ANALYST)
    person = people(client, tenant)["analyst"]["id"]

    answer = change(client, tenant, person, role="administrator")

    me = client.get("/v1/me").json()
    assert answer.status_code == 200
    assert answer.json()["role"] == "administrator"
    assert me["role"] == "administrator"


@pytest.mark.parametrize(
    "wrong", [{"role": "owner"}, {"status": "removed"}, {"name": "Other"}, {"role": 1}]
)
def test_a_change_that_cannot_be_used_is_refused(
    client: TestClient, tenant: Tenant, wrong: dict[str, object]
) -> None:
    answer = client.patch("/v1/people/person_x", json=wrong, headers=tenant.headers())

    assert answer.status_code == 422


def test_a_change_of_what_was_changed_meanwhile_is_refused(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    path = f"/v1/people/{people(client, tenant)['analyst']['id']}"
    etag = client.get(path, headers=tenant.headers()).headers["etag"]
    headers = {**tenant.headers(), "If-Match": etag}

    first = client.patch(path, json={"role": "manager"}, headers=headers)
    stale = client.patch(path, json={"role": "auditor"}, headers=headers)
    removed = client.delete(path, headers=headers)
    anew = client.patch(
        path,
        json={"role": "auditor"},
        headers={**headers, "If-Match": first.headers["etag"]},
    )

    assert [one.status_code for one in (first, stale, removed, anew)] == [
        200,
        412,
        412,
        200,
    ]


def test_who_is_suspended_is_out_at_once_and_may_come_back(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    sign_in(client, Role.ANALYST)
    person = people(client, tenant)["analyst"]["id"]

    before = client.get("/v1/me").status_code
    change(client, tenant, person, status="suspended")
    during = client.get("/v1/me").status_code
    refused = sign_in(client, Role.ANALYST)
    change(client, tenant, person, status="active")
    session_before = client.get("/v1/me").status_code
    again = sign_in(client, Role.ANALYST)

    assert (before, during, refused) == (200, 401, 403)
    assert (session_before, again) == (401, 303)


def test_who_is_removed_is_out_at_once_and_no_longer_listed(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    sign_in(client, Role.ANALYST)
    person = people(client, tenant)["analyst"]["id"]

    answer = client.delete(f"/v1/people/{person}", headers=tenant.headers())

    again = change(client, tenant, person, role="auditor")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get("/v1/me").status_code == 401
    assert people(client, tenant) == {}
    assert people(client, tenant, "?status=removed")["analyst"]["id"] == person
    assert again.status_code == 409
    assert sign_in(client, Role.ANALYST) == 403


def test_an_invitation_of_somebody_removed_is_withdrawn(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    add_people(database, stranger, Role.ANALYST)
    link = invite(client, tenant, email=email_of(Role.ANALYST))["link"]
    with database.writing() as session:
        session.execute(update(Membership).values(organisation_id=tenant.id))
        session.commit()
    person = people(client, tenant)["analyst"]["id"]

    client.delete(f"/v1/people/{person}", headers=tenant.headers())

    assert client.get(link).status_code == 404


@pytest.mark.parametrize("wanted", [{"role": "analyst"}, {"status": "suspended"}, None])
def test_the_last_administrator_stays(
    client: TestClient,
    database: Database,
    tenant: Tenant,
    wanted: dict[str, str] | None,
) -> None:
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    person = people(client, tenant)["administrator"]["id"]

    answer = client.request(
        "DELETE" if wanted is None else "PATCH",
        f"/v1/people/{person}",
        json=wanted,
        headers=tenant.headers(),
    )

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/last-administrator"
    assert people(client, tenant)["administrator"]["status"] == "active"


def test_a_suspended_administrator_is_no_other_administrator(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    found = people(client, tenant)
    second = found["analyst"]["id"]
    change(client, tenant, second, role="administrator")
    change(client, tenant, second, status="suspended")

    answer = change(client, tenant, found["administrator"]["id"], role="analyst")

    assert answer.status_code == 409


def test_administrators_who_remove_each_other_at_once_leave_one(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, *Role)
    ids = [one["id"] for one in people(client, tenant).values()]
    for person in ids:
        change(client, tenant, person, role="administrator")

    with ThreadPoolExecutor(5) as pool:
        answers = list(
            pool.map(
                lambda person: (
                    client.delete(
                        f"/v1/people/{person}", headers=tenant.headers()
                    ).status_code
                ),
                ids,
            )
        )

    assert sorted(answers) == [204] * 4 + [409]
    assert list(people(client, tenant)) == ["administrator"]


def test_a_link_for_a_password_is_made_and_the_one_before_is_void(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    path = f"/v1/people/{people(client, tenant)['analyst']['id']}/password-links"

    first = client.post(path, headers=tenant.headers())
    second = client.post(path, headers=tenant.headers())

    assert first.status_code == second.status_code == 201
    assert first.headers["location"] == path.rpartition("/")[0]
    assert first.headers["cache-control"] == "no-store"
    assert client.get(first.json()["link"]).status_code == 404
    assert client.get(second.json()["link"]).status_code == 200


def test_a_link_that_would_open_another_organisation_is_refused(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    add_people(database, tenant, Role.ANALYST)
    link = invite(client, stranger, email=email_of(Role.ANALYST))["link"]
    joined = client.post(
        path_of(link),
        data={"password": "una contraseña larga y buena"},
        headers={**HTML, **OURS},
        follow_redirects=False,
    )
    person = people(client, tenant)["analyst"]["id"]

    answer = client.post(
        f"/v1/people/{person}/password-links", headers=tenant.headers()
    )

    assert joined.status_code == 303
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/password-not-yours"


def test_a_key_gives_no_role_beyond_its_own(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    found = people(client, tenant)
    narrow = {"Authorization": f"Bearer {token(client, tenant, 'manage_people')}"}
    beyond = found["analyst"]["id"]

    answers = [
        client.post("/v1/people/invitations", json=NEW, headers=narrow),
        client.patch(f"/v1/people/{beyond}", json={"role": "auditor"}, headers=narrow),
        client.delete(f"/v1/people/{beyond}", headers=narrow),
        client.post(f"/v1/people/{beyond}/password-links", headers=narrow),
    ]

    assert [one.status_code for one in answers] == [403] * 4
    assert {one.json()["type"] for one in answers} == {"/problems/more-than-you-have"}


def token(client: TestClient, tenant: Tenant, scope: str) -> str:
    """Return an access token of an administrator's client, for one scope."""
    made = client.post(
        "/v1/clients",
        json={"name": "narrow", "role": "administrator", "scopes": [scope]},
        headers=tenant.headers(),
    ).json()
    answer = client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(made["id"], made["client_secret"]),
    )
    return str(answer.json()["access_token"])


def test_the_trail_tells_what_was_done_and_names_nobody(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    person = people(client, tenant)["analyst"]["id"]
    invited = invite(client, tenant, name="Rosalba Quintero")["id"]
    client.delete(f"/v1/people/invitations/{invited}", headers=tenant.headers())
    client.post(f"/v1/people/{person}/password-links", headers=tenant.headers())
    change(client, tenant, person, role="auditor")
    client.delete(f"/v1/people/{person}", headers=tenant.headers())

    with database.reading() as session:
        leaves = [
            json.loads(leaf)
            for leaf in session.scalars(
                select(TrailEntry.leaf).order_by(TrailEntry.sequence)
            )
        ]

    done = [(one["action"], one["subject"]) for one in leaves]
    assert done[-5:] == [
        ("invitation.made", invited),
        ("invitation.withdrawn", invited),
        ("person.password_link_made", person),
        ("membership.changed", person),
        ("membership.ended", person),
    ]
    assert "@" not in json.dumps(leaves)
    assert "Rosalba" not in json.dumps(leaves)
