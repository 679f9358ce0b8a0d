"""Corrective actions over HTTP: the site plans and proves, somebody independent verifies."""

import hashlib
import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.intake import keyring_of
from compliance import clock
from compliance.corrective_actions.actions import Words, take_step
from compliance.corrective_actions.closing import close
from compliance.corrective_actions.lifecycle import Step
from compliance.database import Database
from compliance.findings.actions import Words as FindingWords
from compliance.findings.lifecycle import EvidenceKind
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.scorecards.suspending import follow_findings
from tests.conftest import FoundTenant, Tenant
from tests.failing import fail_each_statement, in_one_transaction
from tests.field import JPEG
from tests.sharing import let_operate
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, on, visited

RULE = "child_labour.minimum_age"
PATH = "/v1/corrective-actions"
PROPOSAL = {
    "root_cause": "household_poverty",
    "action": "access_to_school_or_care",
    "owner_role": "farm_manager",
    "due_on": "2026-12-20",
}
OWN_WORDS = "La familia no tiene con quién dejar a los niños."


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    return visited(client, tenant)


@pytest.fixture
def ref(farm: Visited) -> str:
    """An accepted finding that nobody tolerates: a child of thirteen at work."""
    farm.send(children=[A_CHILD_OF_13])
    (found,) = [one for one in farm.findings() if one["rule"] == RULE]
    farm.step(found["ref"], Role.MANAGER, step="accept")
    return str(found["ref"])


@pytest.fixture
def action(farm: Visited, ref: str) -> str:
    """A proposed action with what was written beside its codes."""
    path = f"/v1/findings/{ref}/corrective-actions"
    body = {**PROPOSAL, "root_cause_text": OWN_WORDS}
    return str(farm.post(path, Role.MANAGER, **body)["id"])


def refused(
    client: TestClient, tenant: Tenant, role: Role, path: str, **body: object
) -> tuple[int, str]:
    """Return how something was refused: the status, and the kind of problem."""
    answer = client.post(path, json=body, headers=tenant.headers(role))
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


def send_proof(
    client: TestClient,
    tenant: Tenant,
    action: str,
    content: bytes = JPEG,
    kind: str = "photo_of_place",
) -> tuple[int, dict[str, object]]:
    answer = client.post(
        f"{PATH}/{action}/evidence?kind={kind}",
        content=content,
        headers=tenant.headers(Role.MANAGER),
    )
    return answer.status_code, answer.json()


def test_reading_needs_a_key(client: TestClient) -> None:
    paths = [PATH, f"{PATH}/action_1", f"{PATH}/action_1/statements"]

    assert [client.get(path).status_code for path in paths] == [401] * 3


def test_an_action_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, action: str
) -> None:
    read = client.get(f"{PATH}/{action}", headers=stranger.headers())
    stepped = refused(
        client, stranger, Role.ADMINISTRATOR, f"{PATH}/{action}/steps", step="agree"
    )
    listed = client.get(PATH, headers=stranger.headers()).json()["items"]

    assert (read.status_code, read.json()["type"]) == (
        404,
        "/problems/action-not-found",
    )
    assert stepped == (404, "action-not-found")
    assert listed == []


def test_a_malformed_proposal_is_told(
    client: TestClient, tenant: Tenant, ref: str
) -> None:
    changes: list[dict[str, object]] = [
        {"root_cause": "bad luck"},
        {"owner_role": "Don Jairo"},
        {"due_on": 0},
        {"action_text": ""},
        {"owner": "María Pérez"},
    ]

    told = [
        client.post(
            f"/v1/findings/{ref}/corrective-actions",
            json={**PROPOSAL, **change},
            headers=tenant.headers(),
        ).json()
        for change in changes
    ]

    assert [(one["status"], one["errors"][0]["field"]) for one in told] == [
        (422, f"body.{name}") for change in changes for name in change
    ]


def test_an_action_is_proposed_agreed_done_proven_and_verified(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str, action: str
) -> None:
    farm.act(action, Role.REVIEWER, "agree")
    farm.act(action, Role.MANAGER, "start")
    proof = send_proof(client, tenant, action)
    farm.act(action, Role.MANAGER, "report_done", remark="Hecho.")
    verified = farm.act(action, Role.REVIEWER, "verify", evidence_kind="desk")

    assert proof[0] == 201
    assert (verified["state"], verified["ended_on"]) == ("verified", "2026-11-22")
    assert [(one["step"], one["state"]) for one in verified["steps"]] == [
        ("propose", "proposed"),
        ("agree", "agreed"),
        ("start", "in_progress"),
        ("report_done", "reported_done"),
        ("verify", "verified"),
    ]
    assert [one["kind"] for one in verified["evidence"]] == ["photo_of_place"]
    assert verified["possible_steps"] == []
    assert verified["finding"] == ref


def test_what_is_not_good_enough_goes_back_and_comes_again(
    farm: Visited, action: str
) -> None:
    back = farm.act(action, Role.REVIEWER, "send_back", reason="cause_not_met")
    proposal = {**PROPOSAL, "action": "check_ages", "due_on": "2026-12-01"}
    again = farm.act(action, Role.MANAGER, "propose_again", proposal=proposal)

    assert (back["state"], again["state"]) == ("sent_back", "proposed")
    assert (again["action"], again["due_on"]) == ("check_ages", "2026-12-01")
    assert again["first_due_on"] == "2026-12-20"


def test_what_did_not_help_is_worked_on_again(farm: Visited, action: str) -> None:
    farm.act(action, Role.REVIEWER, "agree")
    farm.act(action, Role.MANAGER, "start")
    farm.act(action, Role.MANAGER, "report_done")

    found = farm.act(
        action,
        Role.REVIEWER,
        "find_ineffective",
        reason="cause_still_there",
        evidence_kind="site",
    )
    again = farm.act(action, Role.MANAGER, "start")

    assert (found["state"], again["state"]) == ("not_effective", "in_progress")


def test_a_step_that_cannot_be_taken_says_why(
    client: TestClient, tenant: Tenant, action: str
) -> None:
    reviewer, manager = Role.REVIEWER, Role.MANAGER
    tried: list[tuple[Role, dict[str, object], int, str]] = [
        (Role.ANALYST, {"step": "agree"}, 403, "not-allowed"),
        (manager, {"step": "agree"}, 403, "not-allowed"),
        (reviewer, {"step": "start"}, 403, "not-allowed"),
        (manager, {"step": "start"}, 409, "action-step-not-allowed"),
        (reviewer, {"step": "send_back"}, 422, "action-step-incomplete"),
        (
            reviewer,
            {"step": "send_back", "reason": "site_closed"},
            422,
            "action-step-incomplete",
        ),
        (
            reviewer,
            {"step": "agree", "evidence_kind": "desk"},
            422,
            "action-step-incomplete",
        ),
        (
            reviewer,
            {"step": "agree", "proposal": PROPOSAL},
            422,
            "action-step-incomplete",
        ),
    ]

    told = [
        refused(client, tenant, role, f"{PATH}/{action}/steps", **body)
        for role, body, _, _ in tried
    ]

    assert told == [(status, problem) for _, _, status, problem in tried]


def test_whoever_proposed_does_not_agree_and_whoever_raised_does_not_either(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    farm.send(children=[A_CHILD_OF_13], role=Role.ADMINISTRATOR)
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]
    farm.step(ref, Role.MANAGER, step="accept")
    action = farm.propose(ref)
    path = f"{PATH}/{action}/steps"

    by_the_raiser = refused(client, tenant, Role.ADMINISTRATOR, path, step="agree")

    assert by_the_raiser == (403, "action-not-independent")
    assert farm.act(action, Role.REVIEWER, "agree")["state"] == "agreed"


def test_whoever_gave_a_proof_or_reported_does_not_verify_nor_close(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    actions = farm.plan(ref, due_on="2026-12-20")
    for one in actions:
        farm.act(one, Role.ADMINISTRATOR, "start")
        farm.act(one, Role.ADMINISTRATOR, "report_done")
    path = f"{PATH}/{actions[0]}/steps"

    verifying = refused(
        client, tenant, Role.ADMINISTRATOR, path, step="verify", evidence_kind="site"
    )
    for one in actions:
        farm.act(one, Role.REVIEWER, "verify", evidence_kind="site")
    closing = refused(
        client,
        tenant,
        Role.ADMINISTRATOR,
        f"/v1/findings/{ref}/steps",
        step="close",
        evidence_kind="site",
    )

    assert verifying == (403, "action-not-independent")
    assert closing == (403, "not-independent")
    assert (
        farm.step(ref, Role.REVIEWER, step="close", evidence_kind="desk")["state"]
        == "closed"
    )


def test_nothing_is_verified_at_a_desk_without_a_proof(
    client: TestClient, tenant: Tenant, farm: Visited, action: str
) -> None:
    farm.act(action, Role.REVIEWER, "agree")
    farm.act(action, Role.MANAGER, "start")
    farm.act(action, Role.MANAGER, "report_done")

    told = refused(
        client,
        tenant,
        Role.REVIEWER,
        f"{PATH}/{action}/steps",
        step="verify",
        evidence_kind="desk",
    )

    assert told == (409, "nothing-proven")


def test_a_day_beyond_the_findings_own_is_refused(
    client: TestClient, tenant: Tenant, ref: str
) -> None:
    """A child of thirteen: the harm stops today, the cause is gone by 22 December."""
    path = f"/v1/findings/{ref}/corrective-actions"
    stop = {"action": "stop_and_protect", "due_on": "2026-11-23"}
    tried = [
        ({"due_on": "2026-11-21"}, "due-in-the-past"),
        ({"due_on": "2026-12-23"}, "due-too-late"),
        (stop, "due-at-once"),
        ({**stop, "extension_reason": "road_or_weather"}, "due-at-once"),
    ]

    told = [
        refused(client, tenant, Role.MANAGER, path, **PROPOSAL | change)
        for change, _ in tried
    ]

    assert told == [(422, problem) for _, problem in tried]


def test_a_longer_proposal_with_a_reason_asks_for_the_days(
    farm: Visited, ref: str
) -> None:
    path = f"/v1/findings/{ref}/corrective-actions"
    body = {**PROPOSAL, "due_on": "2027-02-01", "extension_reason": "out_of_season"}

    proposed = farm.post(path, Role.MANAGER, **body)

    (asked,) = proposed["extensions"]
    assert proposed["due_on"] == "2026-12-22"
    assert (asked["until"], asked["state"]) == ("2027-02-01", "asked")


def test_only_an_accepted_finding_is_corrected(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    farm.send(children=[A_CHILD_OF_13])
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]
    path = f"/v1/findings/{ref}/corrective-actions"

    told = refused(client, tenant, Role.MANAGER, path, **PROPOSAL)

    assert told == (409, "finding-not-accepted")


def test_the_plan_of_what_nobody_tolerates_says_first_how_the_harm_stops(
    farm: Visited, ref: str, action: str
) -> None:
    farm.act(action, Role.REVIEWER, "agree")
    without = farm.get(f"/v1/findings/{ref}")
    farm.act(farm.propose(ref), Role.REVIEWER, "agree")
    planned = farm.get(f"/v1/findings/{ref}")

    assert (without["plan_agreed_on"], without["plan_due_on"]) == (None, None)
    assert (planned["plan_agreed_on"], planned["plan_due_on"]) == (
        "2026-11-22",
        "2026-12-20",
    )
    assert planned["open_actions"] == 2


def test_more_time_is_granted_by_another_and_the_plan_follows(
    farm: Visited, ref: str
) -> None:
    _, action = farm.plan(ref, due_on="2026-12-20")
    asked = farm.post(
        f"{PATH}/{action}/extensions",
        Role.MANAGER,
        reason="permit_pending",
        until="2027-01-20",
    )
    (waiting,) = asked["extensions"]

    granted = farm.post(
        f"{PATH}/{action}/extensions/{waiting['id']}/decision",
        Role.REVIEWER,
        decision="grant",
    )

    assert asked["due_on"] == "2026-12-20"
    assert (granted["due_on"], granted["extended"]) == ("2027-01-20", 1)
    assert granted["extensions"][0]["state"] == "granted"
    assert granted["extensions"][0]["due_before"] == "2026-12-20"
    assert farm.get(f"/v1/findings/{ref}")["plan_due_on"] == "2027-01-20"


def test_more_time_that_is_refused_changes_no_day_and_stays_on_record(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    _, action = farm.plan(ref, due_on="2026-12-20")
    path = f"{PATH}/{action}/extensions"
    until = {"reason": "money_pending", "until": "2027-01-20"}
    (waiting,) = farm.post(path, Role.MANAGER, **until)["extensions"]
    decision = f"{path}/{waiting['id']}/decision"

    twice = refused(client, tenant, Role.MANAGER, path, **until)
    denied = farm.post(decision, Role.REVIEWER, decision="refuse")
    again = refused(client, tenant, Role.REVIEWER, decision, decision="grant")

    assert twice == (409, "extension-asked-already")
    assert (denied["due_on"], denied["extended"]) == ("2026-12-20", 0)
    assert denied["extensions"][0]["state"] == "refused"
    assert again == (409, "extension-decided")


def test_whoever_asked_for_more_time_does_not_grant_it(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    _, action = farm.plan(ref, due_on="2026-12-20")
    path = f"{PATH}/{action}/extensions"
    until = {"reason": "money_pending", "until": "2027-01-20"}
    (waiting,) = farm.post(path, Role.ADMINISTRATOR, **until)["extensions"]

    told = refused(
        client,
        tenant,
        Role.ADMINISTRATOR,
        f"{path}/{waiting['id']}/decision",
        decision="grant",
    )

    assert told == (403, "extension-not-independent")


def test_an_action_is_extended_as_often_as_the_policy_says_and_the_stop_never(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    """The policy that ships allows two."""
    stop, action = farm.plan(ref, due_on="2026-12-20")
    path = f"{PATH}/{action}/extensions"
    for month in ("2027-01-20", "2027-02-20"):
        asked = farm.post(path, Role.MANAGER, reason="money_pending", until=month)
        waiting = asked["extensions"][-1]["id"]
        farm.post(f"{path}/{waiting}/decision", Role.REVIEWER, decision="grant")
    more = {"reason": "money_pending", "until": "2027-03-20"}

    third = refused(client, tenant, Role.MANAGER, path, **more)
    of_the_stop = refused(
        client, tenant, Role.MANAGER, f"{PATH}/{stop}/extensions", **more
    )

    assert third == of_the_stop == (409, "no-more-extensions")


def test_more_time_is_more(client: TestClient, tenant: Tenant, action: str) -> None:
    path = f"{PATH}/{action}/extensions"

    told = {
        refused(client, tenant, Role.MANAGER, path, reason="money_pending", until=until)
        for until in ("2026-12-20", "2026-11-21")
    }

    assert told == {(422, "extension-too-short")}


def test_what_is_cancelled_leaves_the_plan_and_its_request_lapses(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    stop, action = farm.plan(ref, due_on="2026-12-20")
    more = {"reason": "money_pending", "until": "2027-01-20"}
    farm.post(f"{PATH}/{action}/extensions", Role.MANAGER, **more)

    gone = farm.act(action, Role.REVIEWER, "cancel", reason="replaced_by_another")
    late = refused(client, tenant, Role.MANAGER, f"{PATH}/{action}/extensions", **more)

    assert gone["extensions"][0]["state"] == "lapsed"
    assert late == (409, "nothing-to-extend")
    assert farm.get(f"/v1/findings/{ref}")["plan_due_on"] == "2026-11-22"
    assert farm.get(f"{PATH}/{stop}")["state"] == "agreed"


def test_a_finding_closes_when_all_is_verified_or_cancelled_and_one_is_verified(
    client: TestClient, tenant: Tenant, farm: Visited, ref: str
) -> None:
    stop, action = farm.plan(ref, due_on="2026-12-20")
    closing = {"step": "close", "evidence_kind": "site"}
    path = f"/v1/findings/{ref}/steps"

    open_still = refused(client, tenant, Role.REVIEWER, path, **closing)
    farm.act(action, Role.REVIEWER, "cancel", reason="no_longer_applies")
    farm.act(stop, Role.REVIEWER, "cancel", reason="no_longer_applies")
    nothing_done = refused(client, tenant, Role.REVIEWER, path, **closing)
    farm.correct(*farm.plan(ref, due_on="2026-12-20"))

    assert open_still == (409, "actions-not-verified")
    assert nothing_done == (409, "nothing-verified")
    assert farm.step(ref, Role.REVIEWER, **closing)["state"] == "closed"


def test_when_it_is_found_again_a_new_round_begins(farm: Visited, ref: str) -> None:
    actions = farm.plan(ref, due_on="2026-12-20")
    farm.correct(*actions)
    farm.step(ref, Role.REVIEWER, step="close", evidence_kind="site")

    with on(2027, 4, 10):
        farm.send(children=[A_CHILD_OF_13], observed_on="2027-04-08")
        found = farm.get(f"/v1/findings/{ref}")
        anew = farm.propose(ref)
        old, new = farm.get(f"{PATH}/{actions[0]}"), farm.get(f"{PATH}/{anew}")

    assert (found["came_back"], found["open_actions"]) == (1, 0)
    assert (found["verified_actions"], found["plan_due_on"]) == (0, None)
    assert (old["round"], old["is_of_this_round"], old["state"]) == (
        1,
        False,
        "verified",
    )
    assert (new["round"], new["is_of_this_round"], new["number"]) == (2, True, 3)


def test_the_operator_plans_and_reports_and_decides_nothing(
    client: TestClient,
    database: Database,
    tenant: Tenant,
    found_tenant: FoundTenant,
    farm: Visited,
    ref: str,
) -> None:
    mill = found_tenant("Trilladora La Vega")
    let_operate(database, farm.site, mill)
    headers = mill.headers(Role.MANAGER)
    body = {**PROPOSAL, "action_text": OWN_WORDS}
    made = client.post(
        f"/v1/findings/{ref}/corrective-actions", json=body, headers=headers
    )
    path = f"{PATH}/{made.json()['id']}"

    proven = send_proof(client, mill, made.json()["id"])
    deciding = refused(client, mill, Role.REVIEWER, f"{path}/steps", step="agree")
    listed = client.get(f"{PATH}?relation=operates", headers=headers).json()["items"]
    by_keeper = client.get(
        f"{path}/statements", headers=tenant.headers(Role.REVIEWER)
    ).json()["items"]
    copy = client.get(
        f"{path}/evidence/{proven[1]['id']}", headers=tenant.headers(Role.REVIEWER)
    )

    assert made.status_code == 201, made.text
    assert deciding == (403, "action-not-yours")
    assert [one["relation"] for one in listed] == ["operates"]
    assert [(one["kind"], one["text"]) for one in by_keeper] == [("action", OWN_WORDS)]
    assert copy.content == JPEG


def test_own_words_are_read_by_those_the_policy_lets_and_stand_nowhere_else(
    client: TestClient, tenant: Tenant, farm: Visited, action: str, database: Database
) -> None:
    told = farm.get(f"{PATH}/{action}/statements", Role.REVIEWER)["items"]
    by_analyst = client.get(
        f"{PATH}/{action}/statements", headers=tenant.headers(Role.ANALYST)
    )
    everywhere = json.dumps([farm.get(PATH), farm.get(f"{PATH}/{action}")])
    with database.reading(system=True) as session:
        leaves = session.scalars(text("SELECT leaf FROM trail")).all()
        sealed = session.scalars(
            text("SELECT sealed FROM corrective_action_text")
        ).all()

    assert [(one["kind"], one["text"]) for one in told] == [("root_cause", OWN_WORDS)]
    assert by_analyst.status_code == 403
    assert "familia" not in everywhere
    assert not [leaf for leaf in leaves if b"familia" in bytes(leaf)]
    assert [b"familia" in bytes(one) for one in sealed] == [False]


def test_a_proof_is_kept_sealed_once_and_given_back_as_it_came(
    client: TestClient, tenant: Tenant, farm: Visited, action: str, database: Database
) -> None:
    status, proof = send_proof(client, tenant, action)
    again = send_proof(client, tenant, action)
    path = f"{PATH}/{action}/evidence/{proof['id']}"

    copy = client.get(path, headers=tenant.headers(Role.REVIEWER))
    by_analyst = client.get(path, headers=tenant.headers(Role.ANALYST))
    with database.reading(system=True) as session:
        kept = session.execute(text("SELECT sha256, file_sha256 FROM proof")).one()

    assert (status, again) == (201, (201, proof))
    assert proof["sha256"] == hashlib.sha256(JPEG).hexdigest() == kept.sha256
    assert kept.file_sha256 != kept.sha256
    assert (copy.content, by_analyst.status_code) == (JPEG, 403)
    assert copy.headers["content-disposition"].startswith("attachment")
    assert copy.headers["cache-control"] == "no-store"
    assert len(farm.get(f"{PATH}/{action}")["evidence"]) == 1


def test_what_is_no_picture_or_paper_is_refused(
    client: TestClient, tenant: Tenant, action: str
) -> None:
    sent = [b"", b"<html><script>", b"MZ this runs"]

    told = [send_proof(client, tenant, action, content) for content in sent]

    assert [(status, one["type"]) for status, one in told] == [
        (422, "/problems/proof-empty-or-too-large"),
        (415, "/problems/proof-not-taken"),
        (415, "/problems/proof-not-taken"),
    ]


def test_nothing_is_added_to_what_has_ended(
    client: TestClient, tenant: Tenant, farm: Visited, action: str
) -> None:
    farm.act(action, Role.REVIEWER, "cancel", reason="proposed_twice")

    status, problem = send_proof(client, tenant, action)

    assert (status, problem["type"]) == (409, "/problems/action-ended")


def test_actions_are_filtered_as_those_who_follow_them_ask(
    farm: Visited, ref: str
) -> None:
    stop, action = farm.plan(ref, due_on="2026-12-20")

    def ids(query: str) -> list[str]:
        return [one["id"] for one in farm.get(f"{PATH}?{query}")["items"]]

    with on(2026, 11, 24):
        late, in_time = ids("late=true"), ids("late=false")

    assert (late, in_time) == ([stop], [action])
    assert ids("state=agreed") == [stop, action]
    assert ids("state=verified") == []
    assert ids(f"finding={ref}&site={farm.site}") == [stop, action]
    assert ids("finding=F-NOTHING0") == []
    assert ids("due_before=2026-12-01") == [stop]
    assert ids("owner_role=human_resources") == []
    assert ids("rows=1") == [stop]


def test_actions_are_exported_as_csv(
    client: TestClient, tenant: Tenant, action: str
) -> None:
    answer = client.get(PATH, headers={**tenant.headers(), "Accept": "text/csv"})

    header, row = answer.content.decode("utf-8-sig").splitlines()[:2]
    assert header.startswith("id,finding,site,site_name,number")
    assert row.startswith(action)


def test_the_history_of_an_action_is_never_changed(
    client: TestClient, tenant: Tenant, action: str, database: Database
) -> None:
    send_proof(client, tenant, action)

    for change in (
        "UPDATE corrective_action_step SET actor = 'x'",
        "DELETE FROM corrective_action_text",
        "UPDATE proof SET kind = 'receipt'",
    ):
        with (
            pytest.raises(DBAPIError, match="never changed"),
            database.writing() as session,
        ):
            session.execute(text(change))


def test_the_clock_of_whose_turn_it_is_runs(
    farm: Visited, ref: str, database: Database
) -> None:
    """The site owes the correction; then somebody owes the verification, in 30 days."""
    stop, action = farm.plan(ref, due_on="2026-12-20")
    farm.act(action, Role.MANAGER, "start")
    farm.act(action, Role.MANAGER, "report_done")
    clocks = text("SELECT subject, kind FROM clock WHERE stopped_at IS NULL")

    with database.reading(system=True) as session:
        running = {(row.subject, row.kind) for row in session.execute(clocks)}

    mine = {one for one in running if one[0] in {ref, stop, action}}
    assert mine == {
        (ref, "referral"),
        (ref, "correction"),
        (stop, "correction"),
        (action, "verification"),
    }


@pytest.fixture
def corrected(app: FastAPI, tenant: Tenant) -> tuple[str, str]:
    """A finding all but corrected, an action of it reported as done, and no server.

    Its jobs would go on beside what is made to fail.
    """
    with TestClient(app) as client:
        farm = visited(client, tenant)
        farm.send(children=[A_CHILD_OF_16])
        farm.issue()
        farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")
        (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]
        farm.step(ref, Role.MANAGER, step="accept")
        stop, action = farm.plan(ref, due_on="2026-12-20")
        farm.correct(stop)
        farm.act(action, Role.MANAGER, "start")
        farm.act(action, Role.MANAGER, "report_done")
    return ref, action


def test_each_statement_of_verifying_and_of_closing_is_made_to_fail_once(
    app: FastAPI, database: Database, tenant: Tenant, corrected: tuple[str, str]
) -> None:
    ref, action = corrected
    keyring = keyring_of(app.state.service)
    seen = Words(evidence_kind=EvidenceKind.SITE, remark="Visto.")
    gone = FindingWords(evidence_kind=EvidenceKind.SITE)

    def verify(session: Session) -> None:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.REVIEWER]))
        found = take_step(session, scope, keyring, action, Step.VERIFY, seen)
        follow_findings(session, scope, found.site_id)

    def closing(session: Session) -> None:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.REVIEWER]))
        found = close(session, scope, ref, gone)
        follow_findings(session, scope, found.site_id)

    failed = [
        fail_each_statement(database, in_one_transaction(database, work))
        for work in (verify, closing)
    ]

    with database.reading(system=True) as session:
        state = session.scalar(
            text("SELECT state FROM finding WHERE public_id = :ref"), {"ref": ref}
        )
        last = session.scalars(
            text("SELECT status FROM scorecard_status ORDER BY ordinal DESC")
        ).first()
    assert min(failed) > 10
    assert (state, last) == ("closed", "issued")
