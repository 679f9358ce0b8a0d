"""Findings over HTTP: raised by a visit, answered by the site, decided by another."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.testclient import TestClient

from compliance import clock, trail
from compliance.database import Database
from compliance.findings.cases import CaseWord, CaseWordNotAllowed, note_case_status
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from tests.browsing import OURS, add_people, sign_in
from tests.conftest import FoundTenant, Tenant
from tests.sharing import let_operate
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
        ({"step": "agree_plan"}, "body.step"),
        ({"step": "confirm", "body": "neighbour"}, "body.body"),
        ({"step": "confirm", "stated_on": 0}, "body.stated_on"),
        ({"step": "dispute", "statement": ""}, "body.statement"),
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
        (Role.MANAGER, {"step": "confirm", "basis": "proof_of_age"}),
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
    """Zero tolerance: a plan within 7 days of the day it was raised.

    Only the day of the visit is known, so its hours run from where that day began in
    Colombia: on 3 November at 05:00 UTC.
    """
    found = farm.get(f"/v1/findings/{ref}", Role.MANAGER)

    assert found["site"] == farm.site
    assert (found["severity"], found["state"]) == ("zero_tolerance", "raised")
    assert found["is_red_flag"]
    assert (found["observed_on"], found["due_on"]) == ("2026-11-03", "2026-11-29")
    assert found["acknowledge_by"] == "2026-11-04T05:00:00+00:00"
    assert found["refer_by"] == "2026-11-06T05:00:00+00:00"
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
    actions = farm.plan(ref, due_on="2026-12-15")
    planned = farm.get(f"/v1/findings/{ref}")
    farm.correct(*actions)
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
    farm.close(ref)

    with database.reading() as session:
        leaves = session.scalars(
            text("SELECT leaf FROM trail WHERE subject_id = :ref ORDER BY sequence"),
            {"ref": ref},
        ).all()

    actions = [json.loads(leaf)["action"] for leaf in leaves]
    assert [one for one in actions if one.startswith("finding.")] == [
        "finding.raise",
        "finding.accept",
        "finding.agree_plan",
        "finding.close",
    ]


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


def test_whoever_raised_a_finding_does_not_close_it(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    farm.send(children=[A_CHILD_OF_13], role=Role.ADMINISTRATOR)
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]
    farm.step(ref, Role.MANAGER, step="accept")
    farm.correct(*farm.plan(ref, due_on="2026-11-22"))
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
    farm.close(ref)

    with on(2027, 4, 10):
        farm.send(children=[A_CHILD_OF_13], observed_on="2027-04-08")
        (found,) = [one for one in farm.findings() if one["rule"] == RULE]

    assert (found["ref"], found["state"]) == (ref, "accepted")
    assert (found["due_on"], found["observed_on"]) == ("2027-04-17", "2027-04-08")
    assert (found["closed_on"], found["acknowledged_at"]) == (None, None)


def test_what_was_observed_before_the_closing_reopens_nothing(
    farm: Visited, ref: str
) -> None:
    farm.close(ref)

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


# Menace and involuntariness of one worker: the combination that the book calls suspected.
FORCED = {"key": "w1", "free_to_resign": False, "menace_on_leaving": ["blacklist"]}
COURT = {
    "step": "confirm",
    "basis": "competent_body",
    "body": "court",
    "body_reference": "11001-31-05-2026-00412",
    "stated_on": "2026-11-20",
}


@pytest.fixture
def forced(farm: Visited) -> str:
    """A finding of forced labour that the rules take as far as they can."""
    farm.send(workers=[FORCED])
    (found,) = [
        one for one in farm.findings() if one["rule"] == "forced_labour.suspected"
    ]
    return str(found["ref"])


def confirm(
    client: TestClient, database: Database, tenant: Tenant, ref: str, **body: object
) -> tuple[int, dict[str, object]]:
    """Confirm as a reviewer who has signed in; a key is no person."""
    add_people(database, tenant, Role.REVIEWER)
    sign_in(client, Role.REVIEWER)
    answer = client.post(f"/v1/findings/{ref}/steps", json=body, headers=OURS)
    client.cookies.clear()
    return answer.status_code, answer.json()


def test_the_rules_take_a_finding_no_further_than_suspected(
    farm: Visited, ref: str, forced: str
) -> None:
    standing = {one["ref"]: one["standing"] for one in farm.findings()}

    assert (standing[ref], standing[forced]) == ("suspected", "suspected")
    assert set(standing.values()) <= {"indicator", "suspected", None}
    assert [one["ref"] for one in farm.findings("?standing=confirmed")] == []


def test_forced_labour_is_confirmed_by_a_competent_body_and_nothing_else(
    client: TestClient, database: Database, tenant: Tenant, forced: str
) -> None:
    add_people(database, tenant, Role.REVIEWER)
    sign_in(client, Role.REVIEWER)
    path = f"/v1/findings/{forced}/steps"
    halves = [
        {"step": "confirm", "basis": "competent_body"},
        {key: value for key, value in COURT.items() if key != "body_reference"},
        {key: value for key, value in COURT.items() if key != "stated_on"},
    ]

    others = [
        client.post(path, json={"step": "confirm", "basis": basis}, headers=OURS)
        for basis in ("admitted_by_site", "seen_by_two_visits", "proof_of_age")
    ]
    halved = [client.post(path, json=body, headers=OURS) for body in halves]
    whole = client.post(path, json=COURT, headers=OURS)

    assert {(one.status_code, one.json()["type"]) for one in others} == {
        (409, "/problems/competent-body-needed")
    }
    assert {one.status_code for one in halved} == {422}
    assert (whole.status_code, whole.json()["standing"]) == (201, "confirmed")
    assert whole.json()["state"] == "raised"


def test_a_key_confirms_nothing_and_a_person_child_labour_on_a_named_basis(
    client: TestClient, database: Database, tenant: Tenant, ref: str
) -> None:
    body = {"step": "confirm", "basis": "proof_of_age"}

    by_key = client.post(
        f"/v1/findings/{ref}/steps", json=body, headers=tenant.headers(Role.REVIEWER)
    )
    without = confirm(client, database, tenant, ref, step="confirm")
    sign_in(client, Role.REVIEWER)
    by_person = client.post(f"/v1/findings/{ref}/steps", json=body, headers=OURS)

    assert (by_key.status_code, by_key.json()["type"]) == (
        403,
        "/problems/person-needed",
    )
    assert (without[0], without[1]["field"]) == (422, "basis")
    assert by_person.json()["standing"] == "confirmed"


def test_other_topics_have_nothing_to_confirm(
    client: TestClient, database: Database, tenant: Tenant, farm: Visited
) -> None:
    farm.send(facts={"grievance_channel": False})
    refs = [one["ref"] for one in farm.findings() if one["standing"] is None]

    status, problem = confirm(client, database, tenant, refs[0], **COURT)

    assert (status, problem["type"]) == (409, "/problems/nothing-to-confirm")


def test_what_is_confirmed_stays_so_when_it_is_seen_again(
    client: TestClient, database: Database, tenant: Tenant, farm: Visited, ref: str
) -> None:
    confirm(client, database, tenant, ref, step="confirm", basis="proof_of_age")

    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")

    assert farm.get(f"/v1/findings/{ref}")["standing"] == "confirmed"


def test_only_a_dispute_lowers_how_sure_it_is(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    farm.step(ref, Role.MANAGER, step="dispute", reason="facts_wrong")
    path = f"/v1/findings/{ref}/steps"
    headers = tenant.headers(Role.REVIEWER)

    surer = client.post(
        path, json={"step": "uphold", "standing": "confirmed"}, headers=headers
    )
    lower = farm.step(ref, Role.REVIEWER, step="uphold", standing="indicator")

    assert (surer.status_code, surer.json()["type"]) == (409, "/problems/not-lower")
    assert lower["standing"] == "indicator"


def test_what_was_withdrawn_is_not_even_an_indicator(farm: Visited, ref: str) -> None:
    farm.step(ref, Role.MANAGER, step="dispute", reason="facts_wrong")

    found = farm.step(ref, Role.REVIEWER, step="withdraw", reason="facts_wrong")

    assert found["standing"] is None


def test_whoever_disputed_does_not_decide_on_it(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    farm.step(ref, Role.ADMINISTRATOR, step="dispute", reason="facts_wrong")

    answer = client.post(
        f"/v1/findings/{ref}/steps",
        json={"step": "withdraw", "reason": "facts_wrong"},
        headers=tenant.headers(),
    )

    assert (answer.status_code, answer.json()["type"]) == (
        403,
        "/problems/not-independent",
    )


def test_both_sides_write_and_read_and_nobody_else_does(
    client: TestClient,
    tenant: Tenant,
    found_tenant: FoundTenant,
    farm: Visited,
    ref: str,
    database: Database,
) -> None:
    mill = found_tenant("Trilladora La Vega")
    let_operate(database, farm.site, mill)
    path = f"/v1/findings/{ref}"
    written = client.post(
        f"{path}/steps",
        json={
            "step": "dispute",
            "reason": "facts_wrong",
            "statement": "Es hijo de la vecina y sólo miraba.",
        },
        headers=mill.headers(Role.MANAGER),
    )
    farm.step(
        ref, Role.REVIEWER, step="uphold", statement="El registro dice otra cosa."
    )

    seen = [
        client.get(f"{path}/statements", headers=whose.headers(role))
        for whose, role in (
            (tenant, Role.REVIEWER),
            (mill, Role.MANAGER),
            (tenant, Role.ANALYST),
        )
    ]
    with database.reading(system=True) as session:
        leaves = session.scalars(text("SELECT leaf FROM trail")).all()

    assert written.status_code == 201, written.text
    assert [one.status_code for one in seen] == [200, 200, 403]
    assert seen[0].json()["items"] == seen[1].json()["items"]
    assert [(one["step"], one["text"]) for one in seen[0].json()["items"]] == [
        ("dispute", "Es hijo de la vecina y sólo miraba."),
        ("uphold", "El registro dice otra cosa."),
    ]
    assert "vecina" not in json.dumps([farm.get(path), farm.findings()])
    assert not [leaf for leaf in leaves if b"vecina" in bytes(leaf)]


def test_the_number_of_a_body_is_read_by_who_decides_and_never_by_the_operator(
    client: TestClient,
    database: Database,
    tenant: Tenant,
    found_tenant: FoundTenant,
    farm: Visited,
    forced: str,
) -> None:
    confirm(client, database, tenant, forced, **COURT)
    mill = found_tenant("Trilladora La Vega")
    let_operate(database, farm.site, mill)

    def told(whose: Tenant, role: Role) -> list[dict[str, object]]:
        path = f"/v1/findings/{forced}/statements"
        answer = client.get(path, headers=whose.headers(role))
        found: list[dict[str, object]] = answer.json()["confirmations"]
        return found

    (by_reviewer,), (by_manager,) = (
        told(tenant, Role.REVIEWER),
        told(tenant, Role.MANAGER),
    )
    assert by_reviewer["body_reference"] == COURT["body_reference"]
    assert (by_manager["body"], by_manager["body_reference"]) == ("court", None)
    assert told(mill, Role.MANAGER) == []


def test_a_red_flag_gets_a_reference_that_leads_from_nothing(
    farm: Visited, ref: str
) -> None:
    farm.send(facts={"grievance_channel": False}, observed_on="2026-11-04")
    plain = [one["ref"] for one in farm.findings() if not one["is_red_flag"]]

    found = farm.get(f"/v1/findings/{ref}", Role.REVIEWER)
    other = farm.get(f"/v1/findings/{plain[0]}", Role.REVIEWER)

    assert found["case_status"] == "not_opened"
    assert found["case_reference"].startswith("case_")
    assert ref not in found["case_reference"]
    assert (other["case_status"], other["case_reference"]) == (None, None)


def test_of_a_case_the_keeper_reads_a_word_and_the_site_nothing(
    client: TestClient,
    database: Database,
    found_tenant: FoundTenant,
    farm: Visited,
    ref: str,
) -> None:
    mill = found_tenant("Trilladora La Vega")
    let_operate(database, farm.site, mill)
    path = f"/v1/findings/{ref}"

    by_operator = [client.get(path, headers=mill.headers(role)).json() for role in Role]
    by_manager = farm.get(path, Role.MANAGER)
    by_analyst = farm.get(path, Role.ANALYST)
    reference = farm.get(path, Role.REVIEWER)["case_reference"]

    for told in (*by_operator, by_manager):
        assert (told["case_status"], told["case_reference"]) == (None, None)
    assert (by_analyst["case_status"], by_analyst["case_reference"]) == (
        "not_opened",
        None,
    )
    assert reference not in json.dumps([farm.findings(), by_analyst])


def test_the_word_of_a_case_follows_its_table_and_the_trail_tells_no_reference(
    database: Database, tenant: Tenant, farm: Visited, ref: str
) -> None:
    reference = farm.get(f"/v1/findings/{ref}", Role.REVIEWER)["case_reference"]

    def note(word: CaseWord) -> None:
        with database.writing() as session:
            scope = scope_of(session, KeyGiven(tenant.keys[Role.REVIEWER]))
            note_case_status(session, scope, reference=reference, word=word)
            trail.seal(session)

    with pytest.raises(CaseWordNotAllowed):
        note(CaseWord.OUTCOME_VERIFIED)
    note(CaseWord.OPENED)

    with database.reading(system=True) as session:
        leaves = session.scalars(text("SELECT leaf FROM trail")).all()
        running = session.scalars(
            text("SELECT kind FROM clock WHERE stopped_at IS NULL")
        ).all()
    assert farm.get(f"/v1/findings/{ref}")["case_status"] == "opened"
    assert not [leaf for leaf in leaves if reference.encode() in bytes(leaf)]
    assert b"finding.case_noted" in b"".join(bytes(leaf) for leaf in leaves)
    assert "referral" not in running


def test_a_visit_that_came_when_its_hours_were_over_says_so(farm: Visited) -> None:
    farm.send(children=[A_CHILD_OF_13], started_at="2026-11-03T08:30:00-05:00")
    (late,) = [one for one in farm.findings() if one["rule"] == RULE]
    farm.send(
        workers=[FORCED],
        observed_on="2026-11-22",
        started_at="2026-11-22T10:00:00Z",
    )
    (in_time,) = [
        one for one in farm.findings() if one["rule"] == "forced_labour.suspected"
    ]

    assert late["late_because"] == "no_signal"
    assert in_time["late_because"] is None


def test_the_keeper_reads_what_was_found_and_the_site_the_rule_and_its_law(
    client: TestClient,
    database: Database,
    found_tenant: FoundTenant,
    farm: Visited,
    ref: str,
) -> None:
    """What was found of a child is told to nobody who runs the site, in no language."""
    mill = found_tenant("Trilladora La Vega")
    let_operate(database, farm.site, mill)
    headers = {**mill.headers(Role.MANAGER), "Accept-Language": "es"}

    found = farm.get(f"/v1/findings/{ref}", Role.REVIEWER)["explanation"]
    by_manager = farm.get(f"/v1/findings/{ref}", Role.MANAGER)["explanation"]
    by_operator = client.get(f"/v1/findings/{ref}", headers=headers).json()[
        "explanation"
    ]

    of_child = [one for one in found["sentences"] if "Child 1" in one]
    assert (found["tells_of"], len(of_child)) == ("visit", 1)
    assert by_manager["tells_of"] == by_operator["tells_of"] == "rule"
    assert not set(of_child) & set(by_manager["sentences"])
    assert not [one for one in by_operator["sentences"] if "Niño o niña 1" in one]
    assert "tolerancia cero" in by_operator["sentences"][0]
    assert any(
        "Ley 1098" in one and "15 años" in one for one in by_operator["sentences"]
    )
    assert by_operator["remedy"]


def test_what_was_corrected_before_needs_somebody_who_went_there_and_is_no_red_flag(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    farm.send(facts={"grievance_channel": False}, observed_on="2026-11-04")
    plain = next(one["ref"] for one in farm.findings() if not one["is_red_flag"])
    for one in (plain, ref):
        farm.step(one, Role.MANAGER, step="accept")
    closing = {"step": "close", "reason": "corrected_before_visit"}

    def told(which: str, evidence: str) -> tuple[int, str]:
        answer = client.post(
            f"/v1/findings/{which}/steps",
            json={**closing, "evidence_kind": evidence},
            headers=tenant.headers(Role.REVIEWER),
        )
        return answer.status_code, answer.json().get("type", "")

    assert told(ref, "site") == (409, "/problems/nothing-verified")
    assert told(plain, "desk") == (409, "/problems/nothing-verified")
    assert told(plain, "site") == (201, "")
