"""Policies over HTTP: read, decided otherwise from a day on, and never laxer."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from api.cli import main
from compliance import clock
from compliance.database import Database
from compliance.findings.deadlines import DEADLINES
from compliance.identifiers import new_id
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.policies.models import PolicyEntry
from compliance.policies.queries import in_force
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.visits import A_CHILD_OF_16, visited

FOUNDED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = FOUNDED + timedelta(days=2)
ENTRY: dict[str, Any] = {
    "valid_from": "2026-11-22",
    "source": "Decision of the board, November 2026",
    "due_days": {"zero_tolerance": 3, "critical": 14, "major": 60, "minor": 90},
    "acknowledge_hours": 12,
    "referral_hours": 48,
}
CALLS = [
    ("GET", "/v1/policies", None),
    ("GET", "/v1/policies/deadlines", None),
    ("POST", "/v1/policies/deadlines", {"entry": ENTRY}),
    ("GET", "/v1/programmes", None),
    ("POST", "/v1/programmes", {"name": "Programa"}),
    ("GET", "/v1/programmes/programme_x", None),
]


def at(start: datetime) -> Any:
    ticks = count()
    return clock.set_to(lambda: start + timedelta(milliseconds=next(ticks)))


@pytest.fixture(autouse=True)
def _two_days_after_the_founding(request: pytest.FixtureRequest) -> Iterator[None]:
    with at(FOUNDED):
        for name in ("tenant", "stranger", "client"):
            request.getfixturevalue(name)
    with at(TODAY):
        yield


def read(client: TestClient, tenant: Tenant, path: str) -> dict[str, Any]:
    answer = client.get(path, headers=tenant.headers())
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def send(client: TestClient, tenant: Tenant, path: str, body: object) -> Any:
    return client.post(path, json=body, headers=tenant.headers())


def decide(
    client: TestClient, tenant: Tenant, programme: str | None = None, **changes: object
) -> Any:
    body = {"entry": {**ENTRY, **changes}, "programme": programme}
    return send(client, tenant, "/v1/policies/deadlines", body)


def named(client: TestClient, tenant: Tenant, name: str = "Comercio Claro") -> str:
    answer = send(client, tenant, "/v1/programmes", {"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_policies_are_nobody_elses_business(client: TestClient) -> None:
    answers = [client.request(method, path, json=body) for method, path, body in CALLS]

    assert [one.status_code for one in answers] == [401] * len(CALLS)


@pytest.mark.parametrize(
    "role", [Role.AUDITOR, Role.REVIEWER, Role.MANAGER, Role.ANALYST]
)
def test_everybody_reads_policies_and_administrators_set_them(
    client: TestClient, tenant: Tenant, role: Role
) -> None:
    answers = [
        client.request(method, path, json=body, headers=tenant.headers(role))
        for method, path, body in CALLS
    ]

    assert [one.status_code for one in answers] == [200, 200, 403, 200, 403, 404]


def test_what_ships_holds_while_nobody_decided_otherwise(
    client: TestClient, tenant: Tenant
) -> None:
    found = read(client, tenant, "/v1/policies/deadlines")

    assert found["in_force"]["whose"] == "product"
    assert found["in_force"]["entry"]["due_days"]["critical"] == 30
    assert found["schema"]["properties"]["acknowledge_hours"]["maximum"] == 720
    assert "due_days.zero_tolerance" in found["bounds"]


def test_an_organisation_decides_for_itself_from_a_day_on(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    made = decide(client, tenant, valid_from="2026-12-01")
    path = "/v1/policies/deadlines?on="

    assert made.status_code == 201, made.text
    assert read(client, tenant, made.headers["location"])["in_force"] == made.json()
    whose = [
        read(client, tenant, path + "2026-11-30")["in_force"]["whose"],
        read(client, tenant, path + "2026-12-01")["in_force"]["whose"],
        read(client, stranger, path + "2026-12-01")["in_force"]["whose"],
    ]
    assert whose == ["product", "organisation", "product"]
    assert len(read(client, stranger, path + "2026-12-01")["entries"]) == 1


def test_a_programme_decides_for_itself_alone(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    one, other = named(client, tenant), named(client, tenant, "Otro")

    decide(client, tenant, acknowledge_hours=20)
    made = decide(client, tenant, programme=one, acknowledge_hours=6)

    assert made.status_code == 201, made.text
    with database.reading() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.AUDITOR]))
        hours = [
            in_force(
                session, scope, DEADLINES, date(2026, 11, 22), programme=programme
            ).acknowledge_hours
            for programme in (one, other, None)
        ]
    assert hours == [6, 20, 20]
    listed = read(client, tenant, f"/v1/policies?programme={one}")["items"]
    assert {item["name"]: item["whose"] for item in listed}["deadlines"] == "programme"


def test_the_policy_asked_for_is_that_of_the_owner(
    client: TestClient, tenant: Tenant, stranger: Tenant, database: Database
) -> None:
    decide(client, tenant)

    with database.reading() as session:
        scope = scope_of(session, KeyGiven(stranger.keys[Role.AUDITOR]))
        found = in_force(
            session, scope, DEADLINES, date(2026, 11, 22), owner_id=tenant.id
        )

    assert found.acknowledge_hours == 12


@pytest.mark.parametrize(
    ("changes", "field", "remedy"),
    [
        (
            {"acknowledge_hours": 0},
            "acknowledge_hours",
            "Write a number of at least 1.",
        ),
        ({"acknowledge_hours": "soon"}, "acknowledge_hours", "Write a whole number."),
        ({"valid_from": "tomorrow"}, "valid_from", None),
        ({"source": "so"}, "source", "Write at least 10 characters."),
        ({"saucers": 1}, "saucers", "There is no such field here; remove it."),
        (
            {"due_days": {"zero_tolerance": 3, "critical": -1, "major": 1, "minor": 1}},
            "due_days.critical",
            "Write a number of at least 0.",
        ),
    ],
)
def test_what_is_no_entry_is_refused_by_its_field(
    client: TestClient,
    tenant: Tenant,
    changes: dict[str, object],
    field: str,
    remedy: str | None,
) -> None:
    body = {"entry": {**ENTRY, **changes}}

    refused = send(client, tenant, "/v1/policies/deadlines", body)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == f"body.entry.{field}"
    assert remedy in {None, refused.json()["errors"][0]["remedy"]}


def test_what_the_policy_itself_refuses_says_why(
    client: TestClient, tenant: Tenant
) -> None:
    days = {"zero_tolerance": 3, "critical": 60, "major": 30, "minor": 90}

    refused = decide(client, tenant, due_days=days)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["remedy"] == (
        "Every severity has a deadline; the heaviest the shortest."
    )


@pytest.mark.parametrize(
    ("changes", "field", "limit"),
    [
        (
            {"due_days": {**ENTRY["due_days"], "zero_tolerance": 8}},
            "due_days.zero_tolerance",
            "7",
        ),
        ({"acknowledge_hours": 25}, "acknowledge_hours", "24"),
        ({"referral_hours": 73}, "referral_hours", "72"),
    ],
)
def test_the_gravest_is_never_given_more_time(
    client: TestClient,
    tenant: Tenant,
    changes: dict[str, object],
    field: str,
    limit: str,
) -> None:
    programme = named(client, tenant)
    body = {"entry": {**ENTRY, **changes}, "programme": programme}

    refused = send(client, tenant, "/v1/policies/deadlines", body)

    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/laxer-than-shipped"
    assert (refused.json()["field"], refused.json()["limit"]) == (field, limit)


def test_zero_tolerance_caps_no_milder_than_what_ships(
    client: TestClient, tenant: Tenant
) -> None:
    shipped = read(client, tenant, "/v1/policies/grading")["in_force"]["entry"]
    milder = {**shipped["zero_tolerance"], "no_plan": "E"}
    entry = {**shipped, "valid_from": "2026-11-22", "zero_tolerance": milder}

    refused = send(client, tenant, "/v1/policies/grading", {"entry": entry})
    taken = send(
        client,
        tenant,
        "/v1/policies/grading",
        {"entry": {**shipped, "valid_from": "2026-11-22", "season": "C"}},
    )

    assert (refused.status_code, taken.status_code) == (422, 201)
    assert taken.json()["entry"] == {**shipped, "valid_from": "2026-11-22"} | {
        "season": "C"
    }


def test_a_card_is_graded_by_what_its_organisation_decided(
    client: TestClient, tenant: Tenant
) -> None:
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_16], observed_on="2026-11-21")
    shipped = read(client, tenant, "/v1/policies/grading")["in_force"]["entry"]
    a_month = dict.fromkeys(shipped["validity_months"], 1)
    entry = {**shipped, "valid_from": "2026-11-22", "validity_months": a_month}
    shorter = {**entry, "validity_months_without_letter": 1}
    before = farm.issue()

    decided = send(client, tenant, "/v1/policies/grading", {"entry": shorter})
    after = farm.issue(payer="site")

    assert decided.status_code == 201, decided.text
    assert before["valid_until"] > "2027-01"
    # A month from the day of issue on, that day counted in.
    assert after["valid_until"] == "2026-12-21"


def test_no_entry_begins_in_the_past(client: TestClient, tenant: Tenant) -> None:
    past = decide(client, tenant, valid_from="2026-11-21")
    of_today = decide(client, tenant, valid_from="2026-11-22")

    assert (past.status_code, of_today.status_code) == (422, 201)
    assert past.json()["type"] == "/problems/begins-in-the-past"


def test_a_programme_that_is_named_today_may_begin_with_a_past(
    client: TestClient, tenant: Tenant
) -> None:
    new = named(client, tenant)
    at_once = decide(client, tenant, programme=new, valid_from="2025-01-01")
    with at(TODAY + timedelta(days=1)):
        later = decide(client, tenant, programme=new, valid_from="2025-02-01")

    assert (at_once.status_code, later.status_code) == (201, 422)


def test_the_later_decision_of_one_day_holds_and_both_stay(
    client: TestClient, tenant: Tenant
) -> None:
    decide(client, tenant, acknowledge_hours=12)
    decide(client, tenant, acknowledge_hours=10)

    found = read(client, tenant, "/v1/policies/deadlines")

    assert found["in_force"]["entry"]["acknowledge_hours"] == 10
    hours = [one["entry"]["acknowledge_hours"] for one in found["entries"]]
    assert hours == [24, 12, 10]


def test_a_decision_stands_in_the_trail_whole(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    made = decide(client, tenant).json()

    with database.reading() as session:
        leaf = session.scalars(
            select(TrailEntry.leaf).where(TrailEntry.subject_id == made["id"])
        ).one()

    assert json.loads(leaf)["facts"]["entry"] == made["entry"]
    assert json.loads(leaf)["action"] == "policy.decided"


@pytest.mark.parametrize("statement", [update(PolicyEntry), delete(PolicyEntry)])
def test_what_was_decided_is_never_changed(
    client: TestClient, tenant: Tenant, database: Database, statement: Any
) -> None:
    decide(client, tenant)
    change = (
        statement.values(valid_from=date(2020, 1, 1))
        if statement.is_update
        else statement
    )

    with pytest.raises(DBAPIError), database.writing() as session:
        session.execute(change)


def test_programmes_are_told_apart_by_name(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    known = named(client, tenant)

    again = send(client, tenant, "/v1/programmes", {"name": "Comercio Claro"})
    elsewhere = send(client, stranger, "/v1/programmes", {"name": "Comercio Claro"})

    assert (again.status_code, elsewhere.status_code) == (409, 201)
    assert again.json()["programme"] == known
    assert [one["id"] for one in read(client, tenant, "/v1/programmes")["items"]] == [
        known
    ]
    assert read(client, tenant, f"/v1/programmes/{known}")["name"] == "Comercio Claro"


def test_anothers_programme_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    theirs = named(client, stranger)

    answers = [
        client.get(f"/v1/programmes/{theirs}", headers=tenant.headers()),
        client.get(
            f"/v1/policies/deadlines?programme={theirs}", headers=tenant.headers()
        ),
        decide(client, tenant, programme=theirs),
        client.get("/v1/policies/teas", headers=tenant.headers()),
    ]

    assert [one.status_code for one in answers] == [404, 422, 422, 404]


def test_the_check_of_stored_entries_finds_what_does_not_hold(
    client: TestClient,
    tenant: Tenant,
    database: Database,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    monkeypatch.setenv("ATALAYA_DATABASE_URL", url)
    decide(client, tenant)
    arguments = ["policies", "check", "--stored", "--language", "en"]
    arguments += ["--data", str(tmp_path)]
    before = main(arguments)
    bad = {**ENTRY, "acknowledge_hours": 48}
    with database.writing() as session:
        for policy, document in (
            ("deadlines", json.dumps(bad)),
            ("deadlines", "{}"),
            ("teas", "{}"),
        ):
            session.execute(
                insert(PolicyEntry).values(
                    id=new_id(),
                    public_id=f"policy_{new_id().hex}",
                    owner_id=tenant.id,
                    policy=policy,
                    valid_from=date(2026, 11, 22),
                    source="by hand",
                    document=document,
                    decided_by="test",
                    decided_at=clock.now(),
                )
            )

    after = main(arguments)

    told = capsys.readouterr().out
    assert (before, after) == (0, 1)
    assert "acknowledge_hours" in told
    assert "is no entry of this release" in told
    assert "which is no policy" in told
