"""Findings over HTTP: raised by a visit, answered by the site, decided by another."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, on, visited

RULE = "child_labour.minimum_age"
STEPS = "/v1/findings/F-00000000/steps"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    return visited(client, tenant)


@pytest.fixture
def ref(farm: Visited) -> str:
    """A finding that an auditor's visit raised: a child of thirteen at work."""
    farm.send(children=[A_CHILD_OF_13])
    (found,) = [one for one in farm.findings() if one["rule"] == RULE]
    return str(found["ref"])


def closed(farm: Visited, ref: str) -> None:
    farm.step(ref, Role.MANAGER, step="accept")
    farm.step(ref, Role.REVIEWER, step="close", evidence_kind="site")


@pytest.mark.parametrize("path", ["/v1/findings", "/v1/findings/F-00000000"])
def test_reading_needs_a_key(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


def test_a_step_needs_a_key(client: TestClient) -> None:
    assert client.post(STEPS, json={"step": "accept"}).status_code == 401


def test_a_finding_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, ref: str
) -> None:
    path, headers = f"/v1/findings/{ref}", stranger.headers()

    read = client.get(path, headers=headers)
    stepped = client.post(f"{path}/steps", json={"step": "accept"}, headers=headers)
    listed = client.get("/v1/findings", headers=headers)

    assert (read.status_code, stepped.status_code) == (404, 404)
    assert read.json()["type"] == "/problems/finding-not-found"
    assert listed.json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.step"),
        ({"step": "reopen"}, "body.step"),
        ({"step": "accept", "remark": "María Pérez, 310 555 0101"}, "body.remark"),
        ({"step": "dispute", "reason": "the mother says so"}, "body.reason"),
        ({"step": "agree_plan", "due_on": 0}, "body.due_on"),
    ],
)
def test_a_malformed_step_is_told(
    client: TestClient, tenant: Tenant, ref: str, body: dict[str, object], field: str
) -> None:
    answer = client.post(
        f"/v1/findings/{ref}/steps", json=body, headers=tenant.headers()
    )

    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["errors"]]


@pytest.mark.parametrize("query", ["severity=bad", "topic=coffee", "rows=0"])
def test_a_malformed_list_is_told(
    client: TestClient, tenant: Tenant, query: str
) -> None:
    answer = client.get(f"/v1/findings?{query}", headers=tenant.headers())

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("role", "body"),
    [
        (Role.ANALYST, {"step": "accept"}),
        (Role.AUDITOR, {"step": "accept"}),
        (Role.REVIEWER, {"step": "accept"}),
        (Role.MANAGER, {"step": "close", "evidence_kind": "desk"}),
        (Role.MANAGER, {"step": "withdraw", "reason": "facts_wrong"}),
        (Role.MANAGER, {"step": "agree_plan", "due_on": "2026-12-31"}),
    ],
)
def test_a_step_of_another_role_is_refused(
    client: TestClient, tenant: Tenant, ref: str, role: Role, body: dict[str, str]
) -> None:
    answer = client.post(
        f"/v1/findings/{ref}/steps", json=body, headers=tenant.headers(role)
    )

    assert answer.status_code == 403


def test_a_visit_raises_what_is_broken_with_its_clocks(farm: Visited, ref: str) -> None:
    """Zero tolerance: a plan within 7 days of the day it was raised."""
    found = farm.get(f"/v1/findings/{ref}", Role.MANAGER)

    assert found["site"] == farm.site
    assert (found["severity"], found["state"]) == ("zero_tolerance", "raised")
    assert found["is_red_flag"]
    assert (found["observed_on"], found["due_on"]) == ("2026-11-03", "2026-11-29")
    assert found["acknowledge_by"] == "2026-11-04T00:00:00+00:00"
    assert found["refer_by"] == "2026-11-06T00:00:00+00:00"
    assert [one["step"] for one in found["steps"]] == ["raise"]
    assert found["possible_steps"] == ["accept", "dispute"]


def test_the_clock_of_a_red_flag_runs_from_the_time_of_observation(
    farm: Visited,
) -> None:
    farm.send(children=[A_CHILD_OF_13], started_at="2026-11-03T08:30:00-05:00")

    (found,) = [one for one in farm.findings() if one["rule"] == RULE]

    assert found["acknowledge_by"] == "2026-11-04T13:30:00+00:00"


def test_a_finding_cannot_tell_who_it_is_about(farm: Visited) -> None:
    farm.send(children=[{**A_CHILD_OF_13, "key": "maria_perez"}])

    told = json.dumps(farm.findings())

    assert "maria" not in told
    assert '"age"' not in told


def test_the_manager_accepts_a_plan_is_agreed_and_another_closes(
    farm: Visited, ref: str
) -> None:
    accepted = farm.step(ref, Role.MANAGER, step="accept")
    planned = farm.step(ref, Role.REVIEWER, step="agree_plan", due_on="2026-12-15")
    closing = farm.step(ref, Role.REVIEWER, step="close", evidence_kind="site")

    assert accepted["state"] == planned["state"] == "accepted"
    assert accepted["acknowledged_at"] == "2026-11-22T12:00:00+00:00"
    assert (planned["plan_agreed_on"], planned["plan_due_on"]) == (
        "2026-11-22",
        "2026-12-15",
    )
    assert (closing["state"], closing["closed_on"]) == ("closed", "2026-11-22")
    assert [(one["step"], one["state"]) for one in closing["steps"]] == [
        ("raise", "raised"),
        ("accept", "accepted"),
        ("agree_plan", "accepted"),
        ("close", "closed"),
    ]
    assert closing["steps"][-1]["evidence_kind"] == "site"
    assert closing["possible_steps"] == []


@pytest.mark.parametrize(("decision", "state"), [("uphold", 1), ("withdraw", 0)])
def test_a_dispute_is_decided_by_somebody_else(
    farm: Visited, ref: str, decision: str, state: int
) -> None:
    words = {"withdraw": {"reason": "facts_wrong"}, "uphold": {}}
    farm.step(ref, Role.MANAGER, step="dispute", reason="another_site")

    decided = farm.step(ref, Role.REVIEWER, step=decision, **words[decision])

    assert decided["state"] == ("withdrawn", "accepted")[state]


def test_every_step_stands_in_the_trail(
    farm: Visited, ref: str, database: Database
) -> None:
    closed(farm, ref)

    with database.reading() as session:
        leaves = session.scalars(
            text("SELECT leaf FROM trail WHERE subject_id = :ref ORDER BY sequence"),
            {"ref": ref},
        ).all()

    actions = [json.loads(leaf)["action"] for leaf in leaves]
    assert actions == ["finding.raise", "finding.accept", "finding.close"]


@pytest.mark.parametrize(
    ("role", "body", "problem"),
    [
        (Role.REVIEWER, {"step": "close", "evidence_kind": "desk"}, "step-not-allowed"),
        (Role.REVIEWER, {"step": "uphold"}, "step-not-allowed"),
        (Role.MANAGER, {"step": "dispute"}, "step-incomplete"),
        (
            Role.MANAGER,
            {"step": "accept", "reason": "facts_wrong"},
            "step-says-too-much",
        ),
    ],
)
def test_a_step_that_cannot_be_taken_says_what_can(
    client: TestClient,
    tenant: Tenant,
    ref: str,
    role: Role,
    body: dict[str, str],
    problem: str,
) -> None:
    answer = client.post(
        f"/v1/findings/{ref}/steps", json=body, headers=tenant.headers(role)
    )

    assert answer.status_code in {409, 422}
    assert answer.json()["type"] == f"/problems/{problem}"


def test_closing_needs_evidence(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    farm.step(ref, Role.MANAGER, step="accept")

    answer = client.post(
        f"/v1/findings/{ref}/steps",
        json={"step": "close"},
        headers=tenant.headers(Role.REVIEWER),
    )

    assert answer.status_code == 422
    assert answer.json()["field"] == "evidence_kind"
    assert answer.json()["remedy"] == "desk, site"


def test_a_plan_does_not_end_before_it_is_agreed(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    farm.step(ref, Role.MANAGER, step="accept")

    answer = client.post(
        f"/v1/findings/{ref}/steps",
        json={"step": "agree_plan", "due_on": "2026-11-21"},
        headers=tenant.headers(Role.REVIEWER),
    )

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/plan-in-the-past"


def test_whoever_raised_a_finding_does_not_close_it(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    farm.send(children=[A_CHILD_OF_13], role=Role.ADMINISTRATOR)
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]
    farm.step(ref, Role.MANAGER, step="accept")
    closing = {"step": "close", "evidence_kind": "desk"}

    answer = client.post(
        f"/v1/findings/{ref}/steps", json=closing, headers=tenant.headers()
    )

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/not-independent"
    assert farm.step(ref, Role.REVIEWER, **closing)["state"] == "closed"


def test_what_is_open_is_seen_again_and_not_doubled(farm: Visited, ref: str) -> None:
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")

    (found,) = [one for one in farm.findings() if one["rule"] == RULE]
    steps = farm.get(f"/v1/findings/{ref}")["steps"]
    assert (found["ref"], found["state"]) == (ref, "raised")
    assert (found["observed_on"], found["last_seen_on"]) == ("2026-11-03", "2026-11-20")
    assert found["due_on"] == "2026-11-29"
    assert [one["step"] for one in steps] == ["raise", "see_again"]


def test_a_closed_finding_that_is_seen_again_reopens_with_new_clocks(
    farm: Visited, ref: str
) -> None:
    closed(farm, ref)

    with on(2027, 4, 10):
        farm.send(children=[A_CHILD_OF_13], observed_on="2027-04-08")
        (found,) = [one for one in farm.findings() if one["rule"] == RULE]

    assert (found["ref"], found["state"]) == (ref, "accepted")
    assert (found["due_on"], found["observed_on"]) == ("2027-04-17", "2027-04-08")
    assert (found["closed_on"], found["acknowledged_at"]) == (None, None)


def test_what_was_observed_before_the_closing_reopens_nothing(
    farm: Visited, ref: str
) -> None:
    closed(farm, ref)

    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-10")

    assert farm.get(f"/v1/findings/{ref}")["state"] == "closed"


def test_a_rule_that_is_kept_later_closes_nothing_by_itself(
    farm: Visited, ref: str
) -> None:
    farm.send(children=[A_CHILD_OF_16], observed_on="2026-11-20")

    assert farm.get(f"/v1/findings/{ref}")["state"] == "raised"


def test_a_withdrawn_finding_that_is_found_anew_is_another(
    farm: Visited, ref: str
) -> None:
    farm.step(ref, Role.MANAGER, step="dispute", reason="facts_wrong")
    farm.step(ref, Role.REVIEWER, step="withdraw", reason="facts_wrong")

    with on(2026, 11, 25):
        farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-24")

    states = [one["state"] for one in farm.findings() if one["rule"] == RULE]
    assert states == ["withdrawn", "raised"]


def test_visits_that_arrive_together_raise_one_finding(farm: Visited) -> None:
    days = [f"2026-11-{day:02}" for day in range(3, 9)]

    with ThreadPoolExecutor(6) as pool:
        sent = list(
            pool.map(
                lambda day: farm.send(children=[A_CHILD_OF_13], observed_on=day), days
            )
        )

    (found,) = [one for one in farm.findings() if one["rule"] == RULE]
    steps = farm.get(f"/v1/findings/{found['ref']}")["steps"]
    assert len(set(sent)) == 6
    assert len(steps) == 6


def test_the_database_itself_refuses_a_second_open_finding(
    ref: str, database: Database
) -> None:
    """Whatever the code forgets, one rule stands once at a site."""
    columns = text("SELECT * FROM finding WHERE public_id = :ref")
    with database.reading() as session:
        row = dict(session.execute(columns, {"ref": ref}).mappings().one())
    row.update(id=bytes(16).hex(), public_id="F-DOUBLE", number=99)
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)

    with (
        pytest.raises(IntegrityError, match=r"uq_finding_site_id_rule_id|rule_id"),
        database.writing() as session,
    ):
        session.execute(text(f"INSERT INTO finding ({names}) VALUES ({values})"), row)  # noqa: S608 - names of our own columns


@pytest.mark.parametrize(
    "change", ["UPDATE finding_step SET actor = 'x'", "DELETE FROM finding_step"]
)
def test_the_history_of_a_finding_is_never_changed(
    ref: str, database: Database, change: str
) -> None:
    assert ref
    with (
        pytest.raises(DBAPIError, match="never changed"),
        database.writing() as session,
    ):
        session.execute(text(change))


def test_findings_are_filtered_and_paged(farm: Visited, ref: str) -> None:
    farm.send(facts={"documents_held": True}, observed_on="2026-11-21")
    everything = farm.findings()

    by_rule = farm.findings("?topic=child_labour&severity=zero_tolerance&state=raised")
    first = farm.get("/v1/findings?rows=1")
    second = farm.get(first["next"])

    assert [one["ref"] for one in by_rule] == [ref]
    assert farm.findings("?site=site_nowhere") == []
    assert farm.findings("?state=closed") == []
    assert [one["ref"] for one in (*first["items"], *second["items"])] == [
        one["ref"] for one in everything[:2]
    ]


def test_findings_are_exported_as_csv(
    client: TestClient, tenant: Tenant, ref: str
) -> None:
    answer = client.get(
        "/v1/findings", headers={**tenant.headers(), "Accept": "text/csv"}
    )

    header, row = answer.content.decode("utf-8-sig").splitlines()[:2]
    assert header.startswith("ref,site,site_name,rule")
    assert row.startswith(ref)


def test_the_same_step_sent_again_is_one_step(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    headers = {**tenant.headers(Role.MANAGER), "Idempotency-Key": "accept-1"}

    answers = [
        client.post(
            f"/v1/findings/{ref}/steps", json={"step": "accept"}, headers=headers
        )
        for _ in range(2)
    ]

    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert len(farm.get(f"/v1/findings/{ref}")["steps"]) == 2
