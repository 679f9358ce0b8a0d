"""Assignments: who visits which site by when, and that a visit is seen to be made."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from audits.fieldwork.models import Assignment
from compliance.database import Database
from compliance.identity.models import Role
from compliance.trail import TrailEntry
from tests.browsing import add_people, sign_in
from tests.conftest import Tenant
from tests.devices import assigned, auditor, enrolled, in_days, person, phone_of
from tests.field import Phone, publish, record, register_farm, workbook

SITE = "site_0000000000000000"
NEW = {"site": SITE, "checklists": ["small_visit"], "device": "device_x"} | {
    "due_on": "2999-01-31"
}
CALLS = [
    ("GET", "/v1/assignments", None),
    ("POST", "/v1/assignments", NEW),
    ("GET", "/v1/assignments/assignment_x", None),
    ("POST", "/v1/assignments/assignment_x/withdraw", None),
]


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    """The id of a farm, in a programme that has published the small checklist."""
    publish(client, tenant, workbook())
    return register_farm(client, tenant, municipality="Planadas")


@pytest.fixture
def device(client: TestClient, tenant: Tenant) -> dict[str, Any]:
    """A device, with its secret, that is nobody's own."""
    return enrolled(client, tenant)


def read(client: TestClient, tenant: Tenant, assignment: str) -> dict[str, Any]:
    answer = client.get(f"/v1/assignments/{assignment}", headers=tenant.headers())
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def sent(client: TestClient, tenant: Tenant, **changes: object) -> Any:
    body = {"checklists": ["small_visit"], "due_on": in_days(7), **changes}
    return client.post("/v1/assignments", json=body, headers=tenant.headers())


def test_assignments_are_nobody_elses_business(client: TestClient) -> None:
    calls = [*CALLS, ("GET", "/v1/me/assignments", None)]

    answers = [client.request(method, path, json=body) for method, path, body in calls]

    assert [one.status_code for one in answers] == [401] * len(calls)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ANALYST])
def test_only_who_manages_fieldwork_sees_everybodys(
    client: TestClient, tenant: Tenant, role: Role
) -> None:
    answers = [
        client.request(method, path, json=body, headers=tenant.headers(role))
        for method, path, body in CALLS
    ]

    assert [one.status_code for one in answers] == [403] * len(CALLS)


def test_another_organisations_assignment_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    publish(client, stranger, workbook())
    farm = register_farm(client, stranger)
    device = enrolled(client, stranger)["id"]
    theirs = assigned(client, stranger, farm, device=device)["id"]

    answers = [
        client.get(f"/v1/assignments/{theirs}", headers=tenant.headers()),
        client.post(f"/v1/assignments/{theirs}/withdraw", headers=tenant.headers()),
    ]
    listed = client.get("/v1/assignments", headers=tenant.headers()).json()["items"]

    assert [one.status_code for one in answers] == [404, 404]
    assert listed == []


def test_an_assignment_that_cannot_be_made_names_the_field(
    client: TestClient, tenant: Tenant
) -> None:
    wrong: list[dict[str, object]] = [
        {"site": "Finca"},
        {"checklists": []},
        {"checklists": ["x"] * 21},
        {"due_on": "tomorrow"},
        {"note": "x" * 501},
        {"urgent": True},
    ]

    answers = [
        client.post("/v1/assignments", json={**NEW, **one}, headers=tenant.headers())
        for one in wrong
    ]

    assert {one.status_code for one in answers} == {422}
    assert [one.json()["errors"][0]["field"] for one in answers] == [
        f"body.{field}" for one in wrong for field in one
    ]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"site": SITE}, "site-unknown"),
        ({"checklists": ["small_visit", "other"]}, "checklist-unknown"),
        ({"due_on": "2020-01-01"}, "due-already"),
        ({"device": "device_0000000000000000"}, "device-unknown"),
        ({"device": None}, "to-nobody"),
        ({"person": "person_0000000000000000"}, "to-nobody"),
        (
            {"person": "person_0000000000000000", "device": None},
            "auditor-unknown",
        ),
    ],
)
def test_what_is_assigned_must_be_there(
    client: TestClient,
    tenant: Tenant,
    farm: str,
    device: dict[str, Any],
    wrong: dict[str, object],
    problem: str,
) -> None:
    answer = sent(client, tenant, **{"site": farm, "device": device["id"], **wrong})

    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{problem}"


def test_nothing_of_another_organisation_can_be_assigned(
    client: TestClient, tenant: Tenant, stranger: Tenant, farm: str
) -> None:
    theirs = register_farm(client, stranger)
    own, foreign = enrolled(client, tenant)["id"], enrolled(client, stranger)["id"]

    answers = [
        sent(client, tenant, site=theirs, device=own),
        sent(client, tenant, site=farm, device=foreign),
    ]

    assert [one.status_code for one in answers] == [422, 422]


def test_a_closed_site_and_a_closed_checklist_are_not_assigned(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    other = register_farm(client, tenant, name="Finca Cerrada")
    headers = tenant.headers()
    client.post(
        f"/v1/sites/{other}/close", json={"reason": "no_longer_works"}, headers=headers
    )

    closed_site = sent(client, tenant, site=other, device=device["id"])
    client.post("/v1/checklists/small_visit/close", headers=headers)
    closed_checklist = sent(client, tenant, site=farm, device=device["id"])

    assert (closed_site.status_code, closed_checklist.status_code) == (409, 422)


def test_nothing_is_given_to_a_device_or_person_that_is_out(
    client: TestClient, database: Database, tenant: Tenant, farm: str
) -> None:
    revoked = enrolled(client, tenant)["id"]
    client.post(f"/v1/devices/{revoked}/revoke", headers=tenant.headers())
    analyst = person(database, tenant, "analista@example.org", Role.ANALYST)

    answers = [
        sent(client, tenant, site=farm, device=revoked),
        sent(client, tenant, site=farm, person=analyst),
    ]

    assert [one.json()["type"] for one in answers] == [
        "/problems/device-unknown",
        "/problems/auditor-unknown",
    ]


def test_the_same_visit_is_not_given_to_the_same_twice(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    publish(client, tenant, workbook(form_id="other_visit"))
    first = assigned(client, tenant, farm, device=device["id"])
    both = ["other_visit", "small_visit"]

    again = sent(client, tenant, site=farm, device=device["id"], checklists=both)
    other = sent(client, tenant, site=farm, device=device["id"], checklists=both[:1])
    another = sent(client, tenant, site=farm, device=enrolled(client, tenant)["id"])

    assert again.status_code == 409
    assert again.json()["assignment"] == first["id"]
    assert (other.status_code, another.status_code) == (201, 201)


def test_an_assignment_says_who_visits_what_by_when(
    client: TestClient, database: Database, tenant: Tenant, farm: str
) -> None:
    marta = auditor(database, tenant)

    answer = sent(client, tenant, site=farm, person=marta, note="Camino del río")

    made = answer.json()
    assert read(client, tenant, made["id"]) == made
    assert answer.headers["location"] == f"/v1/assignments/{made['id']}"
    assert made["checklists"] == [
        {"checklist": "small_visit", "title": "Small visit", "submission": None}
    ]
    assert {name: made[name] for name in ("site", "person", "device", "state")} == {
        "site": farm,
        "person": marta,
        "device": None,
        "state": "open",
    }
    assert (made["site_name"], made["municipality"], made["person_name"]) == (
        "Finca El Recuerdo",
        "Planadas",
        "Marta Roa",
    )
    assert (made["due_on"], made["note"]) == (in_days(7), "Camino del río")


def test_a_visit_that_arrives_is_seen_whoever_made_it(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    publish(client, tenant, workbook(form_id="other_visit"))
    both = ["other_visit", "small_visit"]
    made = assigned(client, tenant, farm, device=device["id"], checklists=both)
    phone = phone_of(client, tenant, device)

    phone.send(record(farm))
    half = read(client, tenant, made["id"])
    other = record(farm, form_id="other_visit", instance_id="uuid:2")
    Phone(client, tenant).send(other)
    whole = read(client, tenant, made["id"])

    assert (half["state"], whole["state"]) == ("open", "visited")
    by_checklist = {one["instance_id"]: one["id"] for one in phone.submissions()}
    assert half["checklists"] == [
        {"checklist": "other_visit", "title": "Small visit", "submission": None},
        {
            "checklist": "small_visit",
            "title": "Small visit",
            "submission": by_checklist["uuid:1"],
        },
    ]


def test_a_visit_of_before_another_place_or_taken_out_does_not_count(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    phone, elsewhere = Phone(client, tenant), register_farm(client, tenant, name="Otra")
    phone.send(record(farm, instance_id="uuid:before"))
    made = assigned(client, tenant, farm, device=device["id"])
    phone.send(record(elsewhere, instance_id="uuid:elsewhere"))
    phone.send(record(farm, instance_id="uuid:taken-out"))
    taken_out = phone.submissions()[-1]["id"]

    counted = read(client, tenant, made["id"])["state"]
    client.post(
        f"/v1/submissions/{taken_out}/withdraw",
        json={"reason": "a practice run"},
        headers=tenant.headers(),
    )

    assert (counted, read(client, tenant, made["id"])["state"]) == ("visited", "open")


def test_a_corrected_visit_counts_by_its_correction(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    made = assigned(client, tenant, farm, device=device["id"])
    phone = phone_of(client, tenant, device)
    phone.send(record(farm, instance_id="uuid:A"))
    phone.send(record(farm, instance_id="uuid:B", edits="uuid:A"))

    (asked,) = read(client, tenant, made["id"])["checklists"]

    correction = phone.submissions()[1]
    assert correction["instance_id"] == "uuid:B"
    assert asked["submission"] == correction["id"]


def test_a_visit_under_the_id_of_a_merged_record_counts(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    twin = register_farm(client, tenant, name="Finca El Recuerdo 2")
    made = assigned(client, tenant, twin, device=device["id"])
    client.post(
        "/v1/site-merges",
        json={"keep": farm, "gone": twin, "reason": "entered_twice"},
        headers=tenant.headers(),
    )

    phone_of(client, tenant, device).send(record(farm))

    seen = read(client, tenant, made["id"])
    assert (seen["site"], seen["state"]) == (farm, "visited")


def test_an_assignment_is_taken_back_once_and_only_while_it_is_open(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    other = register_farm(client, tenant, name="Otra")
    open_one, made_one = (
        assigned(client, tenant, site, device=device["id"])["id"]
        for site in (farm, other)
    )
    phone_of(client, tenant, device).send(record(other))

    answers = [
        client.post(f"/v1/assignments/{one}/withdraw", headers=tenant.headers())
        for one in (open_one, open_one, made_one)
    ]

    assert [one.status_code for one in answers] == [200, 409, 409]
    assert answers[0].json()["state"] == "withdrawn"
    assert [one.json()["state"] for one in answers[1:]] == ["withdrawn", "visited"]


def test_a_visit_made_after_it_was_taken_back_is_kept_all_the_same(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    made = assigned(client, tenant, farm, device=device["id"])["id"]
    client.post(f"/v1/assignments/{made}/withdraw", headers=tenant.headers())

    told = phone_of(client, tenant, device).send(record(farm))

    assert told.status == 201
    assert read(client, tenant, made)["state"] == "withdrawn"


def test_the_list_is_narrowed_and_goes_on(
    client: TestClient, database: Database, tenant: Tenant, farm: str
) -> None:
    marta, device = auditor(database, tenant), enrolled(client, tenant)["id"]
    publish(client, tenant, workbook(form_id="other_visit"))
    hers = assigned(client, tenant, farm, person=marta)["id"]
    late = {"due_on": in_days(30), "checklists": ["other_visit"]}
    nobodys = assigned(client, tenant, farm, device=device, **late)["id"]

    def ids(query: str) -> list[str]:
        answer = client.get(f"/v1/assignments?{query}", headers=tenant.headers())
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    for query in (
        f"person={marta}",
        "checklist=small_visit",
        f"due_by={in_days(10)}",
        "rows=1",
    ):
        assert ids(query) == [hers], query
    assert ids(f"device={device}") == ids(f"after={hers}") == [nobodys]
    assert ids(f"site={farm}&state=open") == [hers, nobodys]
    assert ids("state=visited") == []


def test_the_list_comes_as_csv(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    made = assigned(client, tenant, farm, device=device["id"])

    answer = client.get(
        "/v1/assignments", headers={**tenant.headers(), "Accept": "text/csv"}
    )

    assert answer.headers["content-type"].startswith("text/csv")
    assert made["id"] in answer.text


def test_a_key_of_nobody_has_no_assignments_of_its_own(
    client: TestClient, tenant: Tenant, farm: str, device: dict[str, Any]
) -> None:
    assigned(client, tenant, farm, device=device["id"])

    answer = client.get("/v1/me/assignments", headers=tenant.headers(Role.AUDITOR))

    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_an_auditor_finds_her_own_visits_at_a_browser(
    client: TestClient, database: Database, tenant: Tenant, farm: str
) -> None:
    add_people(database, tenant, Role.AUDITOR)
    people = client.get("/v1/people", headers=tenant.headers()).json()["items"]
    other = auditor(database, tenant)
    hers = assigned(client, tenant, farm, person=people[0]["id"])
    assigned(client, tenant, farm, person=other)
    sign_in(client, Role.AUDITOR)

    found = client.get("/v1/me/assignments").json()["items"]
    visited = client.get("/v1/me/assignments?state=visited").json()["items"]

    assert (found, visited) == ([hers], [])


def test_giving_and_taking_back_stands_in_the_trail_without_the_note(
    client: TestClient,
    database: Database,
    tenant: Tenant,
    farm: str,
    device: dict[str, Any],
) -> None:
    made = assigned(client, tenant, farm, device=device["id"], note="por Doña Ana")
    client.post(f"/v1/assignments/{made['id']}/withdraw", headers=tenant.headers())

    with database.reading() as session:
        leaves = session.scalars(
            select(TrailEntry.leaf)
            .where(TrailEntry.subject_id == made["id"])
            .order_by(TrailEntry.sequence)
        ).all()

    assert [json.loads(leaf)["action"] for leaf in leaves] == [
        "visit.assigned",
        "visit.taken_back",
    ]
    assert "Ana" not in repr(leaves)


@pytest.mark.parametrize("change", [{"note": "another"}, {"device_id": None}])
def test_an_assignment_ends_once_and_is_otherwise_never_changed(
    client: TestClient,
    database: Database,
    tenant: Tenant,
    farm: str,
    device: dict[str, Any],
    change: dict[str, object],
) -> None:
    assigned(client, tenant, farm, device=device["id"])

    with (
        pytest.raises(DBAPIError, match="rows of assignment are history"),
        database.writing() as session,
    ):
        session.execute(update(Assignment).values(**change))
