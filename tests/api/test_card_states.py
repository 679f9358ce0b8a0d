"""Scorecards that are suspended, lifted and revoked over HTTP, and who is told of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from compliance import clock, jobs, trail
from compliance.alerts.models import Alert
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.scorecards import expiring, queries, suspending
from compliance.scorecards.lifecycle import Why
from tests.conftest import FoundTenant, Tenant
from tests.jobs import workplace
from tests.promising import Promising
from tests.sharing import Sharing
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, on, visited

REVIEW = {"reason": "under_review"}
ERROR = {"reason": "issued_in_error"}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_16])
    return found


@pytest.fixture
def buyer(found_tenant: FoundTenant) -> Tenant:
    return found_tenant("Kaffee GmbH", OrganisationKind.BUYER)


def step(farm: Visited, card: str, verb: str, body: object = REVIEW) -> Any:
    return farm.client.post(
        f"/v1/scorecards/{card}/{verb}",
        json=body,
        headers=farm.tenant.headers(Role.REVIEWER),
    )


def verified(farm: Visited, card: dict[str, Any]) -> tuple[str, str]:
    known = farm.client.get(f"/v/{card['verify_code']}").json()
    return known["status"], known["reason"]


def told(client: TestClient, tenant: Tenant, role: Role) -> list[tuple[str, str, Any]]:
    """Return what a role is told of cards: event, card, and the class of reason."""
    answer = client.get("/v1/alerts", headers=tenant.headers(role))
    return [
        (one["event"], one["subject"], one["change"]["reason"])
        for one in answer.json()["items"]
        if one["event"].startswith("card_")
    ]


def list_ground(database: Database, farm: Visited, *, stands: bool) -> bool:
    """Let a public list name the site of the card in force, or name it no more."""
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(farm.tenant.keys[Role.REVIEWER]))
        page = queries.scorecards(session, scope, rows=1, in_force=True)
        act = suspending.suspend if stands else suspending.lift
        done = act(session, scope, page.rows[0], Why.PUBLIC_LIST)
        trail.seal(session)
    return done


def test_the_state_of_a_card_is_nobody_elses_to_change(
    farm: Visited, stranger: Tenant
) -> None:
    card = farm.issue()["id"]

    for verb, body in (("suspend", REVIEW), ("restore", REVIEW), ("revoke", ERROR)):
        path = f"/v1/scorecards/{card}/{verb}"
        post, headers = farm.client.post, farm.tenant.headers
        assert post(path, json=body).status_code == 401
        assert post(path, json=body, headers=stranger.headers()).status_code == 404
        analyst = post(path, json=body, headers=headers(Role.ANALYST))
        assert analyst.status_code == 403
        for wrong in ({}, {"reason": "zero_tolerance"}, {**body, "note": "Ana"}):
            assert step(farm, card, verb, wrong).status_code == 422
    reasons = f"/v1/scorecards/{card}/reasons"
    assert farm.client.get(reasons).status_code == 401
    assert farm.client.get(reasons, headers=stranger.headers()).status_code == 404


def test_a_card_is_suspended_lifted_and_revoked_before_everybodys_eyes(
    client: TestClient, farm: Visited, tenant: Tenant, buyer: Tenant
) -> None:
    Sharing(client, tenant, buyer).give(farm.site)
    card = farm.issue()

    suspended = step(farm, card["id"], "suspend")
    seen_suspended = verified(farm, card)
    again = step(farm, card["id"], "suspend")
    other = step(farm, card["id"], "restore", {"reason": "evidence_doubted"})
    restored = step(farm, card["id"], "restore")
    seen_restored = verified(farm, card)
    revoked = step(farm, card["id"], "revoke", {"reason": "evidence_false"})
    seen_revoked = verified(farm, card)
    never = [step(farm, card["id"], verb) for verb in ("suspend", "restore")]
    twice = step(farm, card["id"], "revoke", ERROR)

    assert (suspended.status_code, suspended.json()["status"]) == (200, "suspended")
    assert suspended.json()["suspended_for"] == ["under_review"]
    assert seen_suspended == ("suspended", "under_review")
    assert (again.status_code, other.status_code) == (409, 409)
    assert (restored.json()["status"], restored.json()["suspended_for"]) == (
        "issued",
        [],
    )
    assert seen_restored == ("issued", "review_ended")
    assert (revoked.json()["status"], revoked.json()["is_in_force"]) == (
        "revoked",
        False,
    )
    assert seen_revoked == ("revoked", "evidence_false")
    assert [one.status_code for one in (*never, twice)] == [409] * 3
    steps = [
        ("card_issued", card["id"], "issued"),
        ("card_suspended", card["id"], "under_review"),
        ("card_restored", card["id"], "review_ended"),
        ("card_revoked", card["id"], "evidence_false"),
    ]
    assert told(client, buyer, Role.ANALYST) == steps
    assert told(client, tenant, Role.REVIEWER) == steps
    assert told(client, buyer, Role.AUDITOR) == []


def test_a_repeated_request_suspends_once(farm: Visited) -> None:
    card = farm.issue()["id"]
    headers = {**farm.tenant.headers(Role.REVIEWER), "Idempotency-Key": "once"}
    path = f"/v1/scorecards/{card}/suspend"

    first, again = (
        farm.client.post(path, json=REVIEW, headers=headers) for _ in range(2)
    )

    assert (first.status_code, again.json()) == (200, first.json())


def test_the_end_of_one_ground_is_not_the_end_of_another(
    farm: Visited, database: Database, client: TestClient, tenant: Tenant
) -> None:
    card = farm.issue()
    step(farm, card["id"], "suspend")
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-05")
    list_ground(database, farm, stands=True)
    path = f"/v1/scorecards/{card['id']}/reasons"

    step(farm, card["id"], "suspend", {"reason": "evidence_doubted"})
    all_of_them = farm.get(path, Role.REVIEWER)["suspended_for"]
    gravest = verified(farm, card)
    step(farm, card["id"], "restore", {"reason": "evidence_doubted"})
    by_hand = step(farm, card["id"], "restore").json()
    findings = [one for one in farm.findings() if one["severity"] == "zero_tolerance"]
    for one in findings:
        farm.close(one["ref"])
    after_findings = verified(farm, card)
    lifted = list_ground(database, farm, stands=False)
    not_twice = list_ground(database, farm, stands=False)

    assert all_of_them == [
        *("zero_tolerance", "public_list", "evidence_doubted", "under_review"),
    ]
    assert gravest == ("suspended", "zero_tolerance")
    assert by_hand["status"] == "suspended"
    assert by_hand["suspended_for"] == ["zero_tolerance", "public_list"]
    assert after_findings == ("suspended", "public_list")
    assert (lifted, not_twice) == (True, False)
    assert verified(farm, card) == ("issued", "public_list_ended")
    steps = [
        (event, reason) for event, _, reason in told(client, tenant, Role.REVIEWER)
    ]
    assert steps == [
        ("card_issued", "issued"),
        ("card_suspended", "under_review"),
        ("card_suspended", "zero_tolerance"),
        ("card_suspended", "public_list"),
        ("card_suspended", "evidence_doubted"),
        # One has ended, and others stand: what is gravest is told again.
        ("card_suspended", "zero_tolerance"),
        ("card_suspended", "zero_tolerance"),
        ("card_suspended", "public_list"),
        ("card_restored", "public_list_ended"),
    ]


def test_a_newer_card_is_suspended_for_what_a_list_says_and_not_for_an_old_doubt(
    farm: Visited, database: Database
) -> None:
    first = farm.issue()
    step(farm, first["id"], "suspend")
    list_ground(database, farm, stands=True)

    second = farm.issue()

    assert verified(farm, first) == ("superseded", "newer_version")
    assert verified(farm, second) == ("suspended", "public_list")
    assert step(farm, second["id"], "restore").status_code == 409


def test_who_may_read_a_card_reads_why_it_is_suspended_and_what_is_theirs_to_do(
    client: TestClient, farm: Visited, tenant: Tenant, buyer: Tenant
) -> None:
    Sharing(client, tenant, buyer).give(farm.site)
    card = farm.issue()
    promised = Promising(client, buyer, tenant, farm.site).begun()
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-05")

    answer = client.get(
        f"/v1/scorecards/{card['id']}/reasons",
        headers={**buyer.headers(Role.ANALYST), "Accept-Language": "es"},
    )

    assert answer.status_code == 200, answer.text
    why = answer.json()
    assert why["suspended_for"] == ["zero_tolerance"]
    assert {one["standing"] for one in why["reasons"]} == {"suspected"}
    first = why["reasons"][0]
    assert first["rule"] == "child_labour.minimum_age"
    assert first["title"] == "Un niño por debajo de la edad mínima trabaja"
    assert first["plan"] == "none"
    assert first["citations"]
    assert [one["id"] for one in why["your_commitments"]] == [promised]
    assert "observed_on" not in answer.text


def test_that_a_card_has_run_out_is_told_once(
    client: TestClient, farm: Visited, tenant: Tenant, database: Database
) -> None:
    card = farm.issue()
    place = workplace(database, expiring.handlers())

    def look() -> None:
        with database.writing(system=True) as session:
            jobs.enqueue(
                session, kind=expiring.LOOK, organisation_id=None, arguments={}
            )
        jobs.work_off(place)

    look()
    before = told(client, tenant, Role.REVIEWER)
    with on(2028, 11, 22):
        look()
        look()

    with database.reading(system=True) as session:
        expired = session.scalars(
            select(Alert).where(Alert.event == "card_expired")
        ).all()
    assert [event for event, _, _ in before] == ["card_issued"]
    assert [one.subject for one in expired] == [card["id"]]
    assert (expired[0].state_before, expired[0].state_after) == ("issued", "expired")
