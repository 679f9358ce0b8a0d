"""Scorecards over HTTP: issued from a visit, read as they were issued, verified by code."""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fastapi import FastAPI
from joserfc import jws
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.testclient import TestClient

from api.card_making import press_of
from audits.assessments.visits import last_visit
from compliance import clock, trail
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.registry.queries import site as site_named
from compliance.scorecards import actions
from compliance.scorecards.codes import GateCode, Notice, PayerKind
from compliance.scorecards.content import Scorecard, canonical_bytes, is_intact
from compliance.scorecards.material import Statement
from tests.conftest import Tenant
from tests.field import register_farm
from tests.register import Register
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, on, visited

RULE = "child_labour.minimum_age"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    """A farm whose only visit found nothing broken, and left most of it open."""
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_16])
    return found


def content_of(farm: Visited, card: dict[str, object]) -> Scorecard:
    headers = farm.tenant.headers(Role.ANALYST)
    answer = farm.client.get(f"/v1/scorecards/{card['id']}", headers=headers)
    return Scorecard.model_validate_json(answer.content, strict=True)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/scorecards",
        "/v1/scorecards/SC-2026-CO-A",
        "/v1/scorecards/SC-2026-CO-A.pdf",
    ],
)
def test_reading_needs_a_key(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


def test_issuing_needs_a_key(client: TestClient) -> None:
    assert client.post("/v1/sites/site_a/scorecards", json={}).status_code == 401


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ANALYST])
def test_only_reviewers_and_administrators_issue(
    client: TestClient, tenant: Tenant, farm: Visited, role: Role
) -> None:
    answer = client.post(
        f"/v1/sites/{farm.site}/scorecards", json={}, headers=tenant.headers(role)
    )

    assert answer.status_code == 403


def test_a_card_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, farm: Visited
) -> None:
    card, headers = farm.issue(), stranger.headers()

    answers = [
        client.get(f"/v1/scorecards/{card['id']}", headers=headers),
        client.get(f"/v1/scorecards/{card['id']}.pdf", headers=headers),
        client.post(f"/v1/sites/{farm.site}/scorecards", json={}, headers=headers),
    ]

    assert [one.status_code for one in answers] == [404, 404, 404]
    assert client.get("/v1/scorecards", headers=headers).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"payer": "a friend"}, "body.payer"),
        ({"had_off_site_interviews": "no"}, "body.had_off_site_interviews"),
        ({"concealment": {"access": "maybe"}}, "body.concealment.access"),
        ({"remark": "María Pérez said so"}, "body.remark"),
    ],
)
def test_a_malformed_statement_is_told(
    client: TestClient,
    tenant: Tenant,
    farm: Visited,
    body: dict[str, object],
    field: str,
) -> None:
    answer = client.post(
        f"/v1/sites/{farm.site}/scorecards", json=body, headers=tenant.headers()
    )

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_card_says_what_it_lacks(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    farm.make_final()
    answer = client.post(
        f"/v1/sites/{farm.site}/scorecards", json={}, headers=tenant.headers()
    )

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/scorecard-incomplete"
    assert [one["what"] for one in answer.json()["missing"]] == ["notice", "payer"]


def test_a_visit_that_nobody_reviewed_has_no_card_yet(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    answer = client.post(
        f"/v1/sites/{farm.site}/scorecards", json={}, headers=tenant.headers()
    )

    (audit,) = farm.get(f"/v1/audits?site={farm.site}")["items"]
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/audit-not-final"
    assert answer.json()["audit"] == audit["id"]
    assert answer.json()["step"] == "submitted"


def test_a_site_without_a_region_cannot_be_printed(
    client: TestClient, tenant: Tenant
) -> None:
    nowhere = visited(client, tenant, admin1=None)
    nowhere.send(children=[A_CHILD_OF_16])
    nowhere.make_final()

    answer = client.post(
        f"/v1/sites/{nowhere.site}/scorecards",
        json={"notice": "announced", "payer": "buyer"},
        headers=tenant.headers(),
    )

    assert answer.status_code == 409
    assert [one["what"] for one in answer.json()["missing"]] == ["producer.admin1"]


def test_a_site_that_was_never_assessed_has_no_card(
    client: TestClient, tenant: Tenant
) -> None:
    site = register_farm(client, tenant)

    answer = client.post(
        f"/v1/sites/{site}/scorecards", json={}, headers=tenant.headers()
    )

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/nothing-to-grade"


def test_a_card_reads_byte_for_byte_as_it_was_issued(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    card = farm.issue()

    answer = client.get(f"/v1/scorecards/{card['id']}", headers=tenant.headers())

    told = Scorecard.model_validate_json(answer.content, strict=True)
    assert is_intact(told)
    assert canonical_bytes(told) == answer.content
    assert told.integrity.sha256 == card["sha256"]
    assert answer.headers["etag"] == f'"{card["sha256"]}"'


def test_who_has_the_card_gets_no_second_copy(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    path = f"/v1/scorecards/{farm.issue()['id']}"
    etag = client.get(path, headers=tenant.headers()).headers["etag"]

    answer = client.get(path, headers={**tenant.headers(), "If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pdf_is_the_one_that_was_issued(
    client: TestClient, tenant: Tenant, farm: Visited, language: str
) -> None:
    card = farm.printed(farm.issue())

    answer = client.get(
        f"/v1/scorecards/{card['id']}.pdf?language={language}",
        headers=tenant.headers(Role.ANALYST),
    )

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    digest = hashlib.sha256(answer.content).hexdigest()
    assert digest == card["pdf_sha256"][language]


def test_a_card_speaks_of_the_last_visit(farm: Visited) -> None:
    told = content_of(farm, farm.issue(notice="announced", payer="site"))

    assert told.producer.name == "Finca El Recuerdo"
    assert told.scope.municipality == "Planadas"
    assert str(told.fieldwork.from_on) == str(told.fieldwork.to_on) == "2026-11-03"
    assert told.rulebook.edition == "2026.11"
    assert told.rulebook.sha256 == farm.get("/v1/rules")["rulebook_sha256"]
    assert {"announced", "paid_by_site", "first_audit"} <= set(told.limits)


def test_what_was_hardly_looked_at_is_not_graded(farm: Visited) -> None:
    card = farm.issue()

    gates = {one.code: one for one in content_of(farm, card).grade.gates}
    assert (card["status"], card["letter"]) == ("issued", None)
    assert gates[GateCode.DETERMINATE_SHARE].caps_at == "not_graded"
    assert card["valid_until"] == "2027-02-21"


def test_zero_tolerance_without_a_plan_is_born_suspended(farm: Visited) -> None:
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")

    card = farm.issue()

    told = content_of(farm, card)
    assert (card["status"], card["letter"]) == ("suspended", None)
    (flag,) = [one for one in told.flags if one.indicator == RULE]
    assert (flag.status, str(flag.due_on)) == ("raised", "2026-11-29")
    assert flag.people_range is None
    cited = {(one.instrument, one.article) for one in flag.citations}
    assert cited == {("ILO C138", "2(3), 7(1)"), ("CO Ley 1098", "35")}


def test_an_agreed_plan_stands_on_the_card_as_an_action(farm: Visited) -> None:
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]
    farm.step(ref, Role.MANAGER, step="accept")
    farm.plan(ref, due_on="2026-12-15")

    told = content_of(farm, farm.issue())

    gates = {one.code: one for one in told.grade.gates}
    stopped, trained = told.actions
    told_gate = gates[GateCode.ZERO_TOLERANCE]
    assert (told_gate.value, told_gate.caps_at) == ("plan_in_time", "D")
    assert (stopped.text_code, stopped.share_done) == ("stop_and_protect", 0)
    assert (trained.text_code, str(trained.due_on)) == ("train", "2026-12-15")
    assert told.scope.child_cases == "open"


def test_the_next_card_supersedes_the_one_before(farm: Visited) -> None:
    first = farm.issue()
    farm.send(children=[A_CHILD_OF_16], observed_on="2026-11-20")
    second = farm.issue()

    cards = {one["id"]: one for one in farm.get("/v1/scorecards")["items"]}
    told = content_of(farm, second)
    assert (told.version, told.supersedes) == (2, 1)
    assert [(one.year, one.score) for one in told.history] == [(2026, first["score"])]
    assert str(told.fieldwork.to_on) == "2026-11-20"
    assert cards[first["id"]]["status"] == "superseded"
    assert not cards[first["id"]]["is_in_force"]
    assert cards[second["id"]]["status"] == "issued"
    assert [one["id"] for one in farm.get("/v1/scorecards?in_force=true")["items"]] == [
        second["id"]
    ]


def test_cards_issued_at_once_leave_one_in_force(farm: Visited) -> None:
    with ThreadPoolExecutor(4) as pool:
        issued = list(pool.map(lambda _: farm.issue(), range(4)))

    in_force = farm.get("/v1/scorecards?in_force=true")["items"]
    assert sorted(one["version"] for one in issued) == [1, 2, 3, 4]
    assert [one["version"] for one in in_force] == [4]


def test_the_database_itself_refuses_a_second_card_in_force(
    farm: Visited, database: Database
) -> None:
    first, second = farm.issue(), farm.issue()
    assert first != second
    both = text(
        "INSERT INTO scorecard_in_force (site_id, scorecard_id) "
        "SELECT site_id, id FROM scorecard WHERE version = 1"
    )

    with (
        pytest.raises(IntegrityError, match=r"scorecard_in_force"),
        database.writing() as session,
    ):
        session.execute(both)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE scorecard SET letter = 'A'",
        "DELETE FROM scorecard",
        "UPDATE scorecard_status SET status = 'issued'",
        "DELETE FROM scorecard_status",
    ],
)
def test_what_was_published_is_never_changed(
    farm: Visited, database: Database, change: str
) -> None:
    farm.issue()

    with (
        pytest.raises(DBAPIError, match="never changed"),
        database.writing() as session,
    ):
        session.execute(text(change))


def test_zero_tolerance_suspends_the_card_at_once_and_everybody_can_see_it(
    client: TestClient, farm: Visited
) -> None:
    card = farm.issue()

    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")

    told = client.get(f"/v/{card['verify_code']}").json()
    assert (told["status"], told["reason"]) == ("suspended", "zero_tolerance")


def test_a_plan_alone_does_not_bring_the_old_letter_back(farm: Visited) -> None:
    card = farm.issue()
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]

    farm.step(ref, Role.MANAGER, step="accept")
    farm.plan(ref, due_on="2026-12-15")

    (now,) = farm.get("/v1/scorecards")["items"]
    assert (now["id"], now["status"]) == (card["id"], "suspended")


def test_the_suspension_is_lifted_when_the_finding_is_closed(
    client: TestClient, farm: Visited
) -> None:
    card = farm.issue()
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]

    farm.close(ref)

    told = client.get(f"/v/{card['verify_code']}").json()
    assert (told["status"], told["reason"]) == ("issued", "zero_tolerance_ended")


def test_a_card_expires_when_it_is_read_after_its_last_day(
    client: TestClient, farm: Visited
) -> None:
    path = f"/v/{farm.issue()['verify_code']}"

    with on(2027, 2, 21):
        last_day = client.get(path).json()["status"]
    with on(2027, 2, 22):
        after = client.get(path).json()["status"]

    assert (last_day, after) == ("issued", "expired")


CHECKED = ("checks", "is_genuine", "signer", "key_kind", "kid", "json_sha256")


def test_anybody_verifies_a_card_and_learns_no_grade(
    client: TestClient, farm: Visited
) -> None:
    card = farm.issue()

    answer = client.get(f"/v/{card['verify_code']}")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.json() == {
        "id": card["id"],
        "version": 1,
        "status": "issued",
        "reason": "issued",
        "since": "2026-11-22T12:00:00+00:00",
        "producer": "Finca El Recuerdo",
        "country": "CO",
        "region": "Tolima",
        "issuer": "Exportadora Puerto Sereno",
        "issued_at": "2026-11-22T12:00:00+00:00",
        "valid_until": card["valid_until"],
        "sha256": card["sha256"],
        "pdf_sha256": card["pdf_sha256"],
        "successor": None,
        "successor_code": None,
        # What is checked is asked in test_verification_checks.
        **{name: answer.json()[name] for name in CHECKED},
    }


def test_a_superseded_card_names_its_successor(
    client: TestClient, farm: Visited
) -> None:
    first, second = farm.issue(), farm.issue()

    told = client.get(f"/v/{first['verify_code']}").json()

    assert (told["status"], told["successor"]) == ("superseded", second["id"])


def test_a_code_may_be_typed_as_it_was_read_aloud(
    client: TestClient, farm: Visited
) -> None:
    code = farm.issue()["verify_code"]

    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert client.get(f"/v/{typed}").status_code == 200


@pytest.mark.parametrize("code", ["AAAA-BBBB-CCCC", "1", "x" * 500])
def test_an_unknown_code_is_not_found(client: TestClient, code: str) -> None:
    answer = client.get(f"/v/{code}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/code-unknown"


def test_a_card_and_its_trail_name_nobody_who_was_met(
    client: TestClient, tenant: Tenant, farm: Visited, database: Database
) -> None:
    farm.send(
        children=[{**A_CHILD_OF_13, "key": "yesenia"}],
        workers=[{"key": "yesenia", "documents_held": True, "interviewed_alone": True}],
        observed_on="2026-11-20",
        device_id="yesenia's phone",
        payer="yesenia",
    )
    card = farm.printed(farm.issue())
    path = f"/v1/scorecards/{card['id']}"

    told = [
        client.get(one, headers=tenant.headers()).content.lower()
        for one in (path, f"{path}.pdf", f"/v/{card['verify_code']}", "/v1/findings")
    ]
    line = client.get(f"{path}.vc", headers=tenant.headers()).content
    told.append(jws.extract_compact(line).payload.lower())

    with database.reading() as session:
        leaves = session.scalars(text("SELECT leaf FROM trail")).all()
    assert not any(b"yesenia" in one for one in (*told, *leaves))


def test_the_issue_stands_in_the_trail_with_the_hash(
    farm: Visited, database: Database
) -> None:
    card = farm.printed(farm.issue())

    with database.reading() as session:
        leaves = session.scalars(
            text("SELECT leaf FROM trail WHERE subject_id = :id"), {"id": card["id"]}
        ).all()

    told = {entry["action"]: entry for entry in map(json.loads, leaves)}
    assert told["scorecard.issued"]["facts"]["sha256"] == card["sha256"]
    assert told["scorecard.signed"]["actor"] == "system"
    assert told["scorecard.signed"]["facts"]["pdf"] == card["pdf_sha256"]


def test_the_same_issue_sent_again_is_one_card(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    farm.make_final()
    headers = {**tenant.headers(), "Idempotency-Key": "card-1"}
    body = {"notice": "unannounced", "payer": "programme"}

    answers = [
        client.post(f"/v1/sites/{farm.site}/scorecards", json=body, headers=headers)
        for _ in range(2)
    ]

    assert answers[0].content == answers[1].content
    assert len(farm.get("/v1/scorecards")["items"]) == 1


def test_concealment_that_was_found_stays_until_somebody_says_otherwise(
    farm: Visited,
) -> None:
    farm.issue(concealment={"access": "found"})

    forgotten = content_of(farm, farm.issue())
    cleared = content_of(farm, farm.issue(concealment={"access": "clear"}))

    gates = [
        next(gate for gate in told.grade.gates if gate.code == "access")
        for told in (forgotten, cleared)
    ]
    assert [gate.value for gate in gates] == ["found", "clear"]


def test_a_withdrawn_finding_is_not_on_the_card_and_its_rule_is_undetermined(
    farm: Visited,
) -> None:
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]
    with_it = content_of(farm, farm.issue()).topics[0]
    farm.step(ref, Role.MANAGER, step="dispute", reason="facts_wrong")
    farm.step(ref, Role.REVIEWER, step="withdraw", reason="facts_wrong")

    told = content_of(farm, farm.issue())

    assert RULE not in {flag.indicator for flag in told.flags}
    assert told.topics[0].not_met == with_it.not_met - 1
    assert told.topics[0].undetermined == with_it.undetermined + 1


def test_the_card_of_a_mill_tells_its_suppliers_and_hides_where_people_live(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    """Two farms supply 70.5 % of its volume, one of them was assessed."""
    headers = tenant.headers()
    other = register_farm(client, tenant)
    mill = client.post(
        "/v1/mills",
        json={
            "name": "Beneficio La Cumbre",
            "country": "CO",
            "commodity": "coffee",
            "admin1": "Tolima",
            "latitude": 3.19698,
            "longitude": -75.64506,
            "identifiers": [
                {"scheme": "gln", "value": "7701234000011"},
                {"scheme": "tax_number", "value": "900123456"},
            ],
        },
        headers=headers,
    ).json()["id"]
    for site, share in ((farm.site, 0.5), (other, 0.205)):
        client.post(
            "/v1/supply-links",
            json={
                "from_site": site,
                "to_site": mill,
                "commodity": "coffee",
                "season": "2026-main",
                "volume_share": share,
            },
            headers=headers,
        )
    at_mill = Visited(client, tenant, mill)
    at_mill.send(instance_id="uuid:mill")

    told = content_of(farm, at_mill.issue())

    assert (told.scope.sites, told.scope.sites_visited) == (3, 2)
    assert told.scope.volume_traced_share == 70
    assert [(one.tier, one.count) for one in told.chain] == [("farms", 2), ("mills", 1)]
    assert told.scope.point is not None
    assert told.scope.point.latitude_tenths == 32
    assert [one.value for one in told.producer.register_ids] == ["7701234000011"]
    assert "not_all_sites" in told.limits


def test_a_group_and_a_merged_record_count_as_the_sites_they_stand_for(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    """Two members of a group bring half of it, a farm registered twice a fifth more."""
    register = Register(client, tenant)
    mill, group = register.mill(), register.group()
    kept, gone = register.farm("Finca Doble"), register.farm("Finca Doble (copia)")
    for member, share in ((farm.site, 0.6), (register.farm("Finca Vecina"), 0.4)):
        joined = {"site": member, "season": "2026", "volume_share": share}
        register.post(f"/v1/groups/{group}/members", joined)
    register.link(group, mill, volume_share=0.5)
    register.link(gone, mill, volume_share=0.2)
    merged = {"keep": kept, "gone": gone, "reason": "same_place"}
    register.post("/v1/site-merges", merged)
    at_mill = Visited(client, tenant, mill)
    at_mill.send(instance_id="uuid:mill")

    told = content_of(farm, at_mill.issue())

    assert (told.scope.sites, told.scope.sites_visited) == (4, 2)
    assert told.scope.volume_traced_share == 70


def registered_mill(client: TestClient, tenant: Tenant, name: str) -> str:
    mill = {"name": name, "country": "CO", "commodity": "coffee", "admin1": "Tolima"}
    answer = client.post("/v1/mills", json=mill, headers=tenant.headers())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def supplies(farm: Visited, taker: str, season: str, share: float | None) -> None:
    link = {
        "from_site": farm.site,
        "to_site": taker,
        "commodity": "coffee",
        "season": season,
        "volume_share": share,
    }
    answer = farm.client.post(
        "/v1/supply-links", json=link, headers=farm.tenant.headers()
    )
    assert answer.status_code == 201, answer.text


def chain_of(card: Scorecard) -> list[tuple[str, int, int | None]]:
    return [(one.tier, one.count, one.volume_share) for one in card.chain]


@pytest.mark.parametrize(
    ("share", "told"), [(0.0149, 1), (0.004, 0), (1.0, 100), (None, None)]
)
def test_the_card_of_a_farm_counts_the_mill_it_supplies_and_does_not_name_it(
    client: TestClient,
    tenant: Tenant,
    farm: Visited,
    share: float | None,
    told: int | None,
) -> None:
    mill = registered_mill(client, tenant, "Beneficio La Cumbre")
    supplies(farm, mill, "2026-main", share)

    card = content_of(farm, farm.issue())

    assert chain_of(card) == [("farms", 1, told), ("mills", 1, None)]
    assert b"La Cumbre" not in canonical_bytes(card)


def test_a_farm_that_supplies_two_mills_has_no_one_share(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    for name, share in (("Beneficio Uno", 0.25), ("Beneficio Dos", 0.05)):
        supplies(farm, registered_mill(client, tenant, name), "2026-main", share)

    card = content_of(farm, farm.issue())

    assert chain_of(card) == [("farms", 1, None), ("mills", 2, None)]


def test_only_the_mills_of_the_newest_season_are_counted(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    """Who took the harvest before, and a neighbour who is no mill, do not count."""
    before = registered_mill(client, tenant, "Beneficio Uno")
    now = registered_mill(client, tenant, "Beneficio Dos")
    neighbour = register_farm(client, tenant)
    supplies(farm, before, "2025-main", 0.5)
    supplies(farm, now, "2026-main", 0.25)
    supplies(farm, neighbour, "2027-main", 0.9)

    card = content_of(farm, farm.issue())

    assert chain_of(card) == [("farms", 1, 25), ("mills", 1, None)]


def test_a_farm_without_a_link_has_no_chain(farm: Visited) -> None:
    assert content_of(farm, farm.issue()).chain == ()


def test_a_card_says_that_its_key_is_a_test_key(farm: Visited) -> None:
    issued = farm.issue()

    card = content_of(farm, issued)

    assert card.issuer.key_kind == "test"
    assert card.issuer.did == "did:web:127.0.0.1%3A8000"
    assert "test_authority" in card.limits


def test_every_later_card_of_the_demonstration_says_that_it_is_invented(
    client: TestClient, app: FastAPI, tenant: Tenant, farm: Visited
) -> None:
    """The first is issued by the loading, the others over HTTP, also of other sites."""
    farm.make_final()
    press = replace(press_of(app.state.service), is_demonstration=True)
    with app.state.service.database.writing() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.REVIEWER]))
        found = site_named(session, scope, farm.site)
        actions.issue(
            session,
            scope,
            press,
            site=found,
            visit=last_visit(session, scope, found.id),
            statement=Statement(notice=Notice.UNANNOUNCED, payer=PayerKind.BUYER),
        )
        trail.seal(session)
    other = Visited(client, tenant, registered_mill(client, tenant, "Beneficio Uno"))
    other.send(instance_id="uuid:mill")

    limits = [content_of(farm, one.issue()).limits for one in (farm, other, farm)]

    assert ["demonstration" in told for told in limits] == [True, True, True]


def test_a_card_of_real_sites_is_no_demonstration(farm: Visited) -> None:
    first, second = farm.issue(), farm.issue()

    limits = [content_of(farm, one).limits for one in (first, second)]

    assert ["demonstration" in told for told in limits] == [False, False]


@pytest.mark.parametrize("ending", ["corrected", "withdrawn"])
def test_what_no_longer_holds_is_not_graded(
    client: TestClient, tenant: Tenant, farm: Visited, ending: str
) -> None:
    """The newer visit is corrected by an older day's, or taken out altogether."""
    newer = farm.send(
        children=[A_CHILD_OF_16], observed_on="2026-11-20", instance_id="uuid:newer"
    )
    ends: dict[str, Callable[[], object]] = {
        "corrected": lambda: farm.send(
            children=[A_CHILD_OF_16],
            observed_on="2026-11-10",
            deprecated_id="uuid:newer",
        ),
        "withdrawn": lambda: client.post(
            f"/v1/submissions/{newer}/withdraw",
            json={"reason": "sent for the wrong farm"},
            headers=tenant.headers(Role.REVIEWER),
        ),
    }
    ends[ending]()

    told = content_of(farm, farm.issue())

    days = {"corrected": "2026-11-10", "withdrawn": "2026-11-03"}
    assert str(told.fieldwork.to_on) == days[ending]
