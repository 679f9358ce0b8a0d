"""Consents over HTTP: given by a supplier, used by a buyer, taken back, asked for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.conftest import FoundTenant, Tenant
from tests.sharing import IN_A_YEAR, Sharing, let_operate, trail_of
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def buyer(found_tenant: FoundTenant) -> Tenant:
    """A roaster in Hamburg."""
    return found_tenant("Rösterei Speicherstadt", OrganisationKind.BUYER)


@pytest.fixture
def mill(found_tenant: FoundTenant) -> Tenant:
    """Who runs the site whose record the exporter keeps."""
    return found_tenant("Trilladora La Palma", OrganisationKind.MILL)


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    """A farm with a scorecard and a finding."""
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_13])
    return found


@pytest.fixture
def sharing(client: TestClient, tenant: Tenant, buyer: Tenant) -> Sharing:
    return Sharing(client, tenant, buyer)


def test_nobody_shares_without_a_key(client: TestClient) -> None:
    body = {
        "grantee": "org_x",
        "site": "site_x",
        "subject": "risk",
        "valid_until": IN_A_YEAR,
    }

    answers = [
        client.get("/v1/consents"),
        client.get("/v1/consents/received"),
        client.get("/v1/consents/requests"),
        client.get("/v1/consents/consent_x"),
        client.post("/v1/consents", json=body),
        client.delete("/v1/consents/consent_x"),
    ]

    assert {one.status_code for one in answers} == {401}


def test_a_buyer_sees_the_scorecard_that_is_shown_to_it(
    farm: Visited, sharing: Sharing, buyer: Tenant
) -> None:
    card = farm.printed(farm.issue())
    before = sharing.status(f"/v1/scorecards/{card['id']}", buyer)

    given = sharing.give(farm.site)

    (listed,) = sharing.items("/v1/scorecards?relation=shared", buyer)
    assert before == 404
    assert (listed["id"], listed["relation"]) == (card["id"], "shared:scorecard")
    assert sharing.status(f"/v1/scorecards/{card['id']}", buyer) == 200
    assert sharing.status(f"/v1/scorecards/{card['id']}.pdf", buyer) == 200
    assert sharing.status(f"/v1/scorecards/{card['id']}.vc", buyer) == 200
    assert sharing.items("/v1/scorecards", buyer) == []
    assert (given["state"], given["site"]) == ("in_force", farm.site)


def test_what_is_taken_back_is_gone_with_the_next_request(
    farm: Visited, sharing: Sharing, buyer: Tenant
) -> None:
    card = farm.issue()
    given = sharing.give(farm.site)
    seen = sharing.status(f"/v1/scorecards/{card['id']}", buyer)

    ended = sharing.take_back(given["id"])

    (received,) = sharing.items("/v1/consents/received", buyer)
    assert seen == 200
    assert sharing.status(f"/v1/scorecards/{card['id']}", buyer) == 404
    assert sharing.status(f"/v1/scorecards/{card['id']}.pdf", buyer) == 404
    assert sharing.items("/v1/scorecards?relation=shared", buyer) == []
    assert (ended["state"], ended["site"]) == ("revoked", farm.site)
    assert (received["state"], received["site"], received["site_name"]) == (
        "revoked",
        None,
        None,
    )


def test_a_known_copy_is_not_confirmed_after_the_consent_ended(
    client: TestClient, farm: Visited, sharing: Sharing, buyer: Tenant
) -> None:
    card = farm.issue()
    given = sharing.give(farm.site)
    path = f"/v1/scorecards/{card['id']}"
    etag = client.get(path, headers=buyer.headers()).headers["etag"]
    sharing.take_back(given["id"])

    answer = client.get(path, headers={**buyer.headers(), "If-None-Match": etag})

    assert answer.status_code == 404


def test_a_consent_ends_by_itself_at_its_hour(
    farm: Visited, sharing: Sharing, buyer: Tenant
) -> None:
    card = farm.issue()
    sharing.give(farm.site, valid_until="2026-11-22T18:00:00Z")
    path = f"/v1/scorecards/{card['id']}"

    with clock.set_to(lambda: TODAY + timedelta(hours=5, minutes=59)):
        just_before = sharing.status(path, buyer)
    with clock.set_to(lambda: TODAY + timedelta(hours=6)):
        at_its_hour = sharing.status(path, buyer)
        (told,) = sharing.items("/v1/consents/received", buyer)

    assert (just_before, at_its_hour) == (200, 404)
    assert told["state"] == "expired"


def test_a_consent_that_begins_later_shows_nothing_before(
    farm: Visited, sharing: Sharing, buyer: Tenant
) -> None:
    card = farm.issue()
    given = sharing.give(farm.site, valid_from="2026-11-23T12:00:00Z")
    path = f"/v1/scorecards/{card['id']}"

    today = sharing.status(path, buyer)
    with clock.set_to(lambda: TODAY + timedelta(days=1)):
        tomorrow = sharing.status(path, buyer)

    assert given["state"] == "upcoming"
    assert (today, tomorrow) == (404, 200)


def test_sight_of_the_risk_is_no_sight_of_the_scorecard(
    farm: Visited, sharing: Sharing, buyer: Tenant
) -> None:
    card = farm.issue()

    sharing.give(farm.site, "risk")

    assert sharing.status(f"/v1/scorecards/{card['id']}", buyer) == 404
    assert sharing.items("/v1/scorecards?relation=shared", buyer) == []


def test_sight_of_one_site_is_no_sight_of_another_or_of_its_findings(
    client: TestClient, farm: Visited, sharing: Sharing, tenant: Tenant, buyer: Tenant
) -> None:
    other = visited_beside(client, tenant)
    card = other.issue()

    sharing.give(farm.site)

    (ref,) = {one["ref"] for one in farm.findings("?topic=child_labour")}
    assert sharing.status(f"/v1/scorecards/{card['id']}", buyer) == 404
    assert sharing.status(f"/v1/findings/{ref}", buyer) == 404
    assert sharing.items("/v1/findings?relation=operates", buyer) == []


def visited_beside(client: TestClient, tenant: Tenant) -> Visited:
    answer = client.post(
        "/v1/producers",
        json={"name": "Finca Otra", "country": "CO", "commodity": "coffee"}
        | {"admin1": "Huila", "municipality": "Pitalito"},
        headers=tenant.headers(),
    )
    beside = Visited(client, tenant, answer.json()["id"])
    beside.send(children=[], instance_id="uuid:beside")
    return beside


def test_the_operator_of_a_site_gives_sight_of_it_and_the_owner_hears_of_it(
    client: TestClient,
    farm: Visited,
    tenant: Tenant,
    buyer: Tenant,
    mill: Tenant,
    database: Database,
) -> None:
    card = farm.issue()
    let_operate(database, farm.site, mill)
    by_mill = Sharing(client, mill, buyer)

    given = by_mill.give(farm.site)

    path = f"/v1/scorecards/{card['id']}"
    entry = ("consent.given", given["id"])
    assert by_mill.status(path, buyer) == 200
    assert entry in trail_of(database, mill)
    assert entry in trail_of(database, buyer)
    assert entry in trail_of(database, tenant)
    let_operate(database, farm.site, None)
    assert by_mill.status(path, buyer) == 404


def test_both_trails_tell_of_a_consent_from_beginning_to_end(
    farm: Visited, sharing: Sharing, tenant: Tenant, buyer: Tenant, database: Database
) -> None:
    given = sharing.give(farm.site)
    sharing.take_back(given["id"])

    told = [
        [
            action
            for action, subject in trail_of(database, one)
            if subject == given["id"]
        ]
        for one in (tenant, buyer)
    ]

    assert told == [["consent.given", "consent.taken_back"]] * 2


def test_taking_back_twice_is_no_mistake_and_one_entry(
    farm: Visited, sharing: Sharing, tenant: Tenant, database: Database
) -> None:
    given = sharing.give(farm.site)

    first, second = (sharing.take_back(given["id"]) for _ in range(2))

    assert first == second
    assert trail_of(database, tenant).count(("consent.taken_back", given["id"])) == 1


def test_another_organisations_consent_is_not_found(
    client: TestClient, farm: Visited, sharing: Sharing, stranger: Tenant
) -> None:
    given = sharing.give(farm.site)
    path = f"/v1/consents/{given['id']}"

    answers = [
        client.get(path, headers=stranger.headers()),
        client.delete(path, headers=stranger.headers()),
    ]

    assert [one.status_code for one in answers] == [404, 404]
    assert sharing.items("/v1/consents", stranger) == []
    assert sharing.items("/v1/consents/received", stranger) == []


def test_another_organisations_site_is_not_shared(
    client: TestClient, farm: Visited, stranger: Tenant, buyer: Tenant
) -> None:
    body = {
        "grantee": buyer.public_id,
        "site": farm.site,
        "subject": "scorecard",
        "valid_until": IN_A_YEAR,
    }

    answer = client.post("/v1/consents", json=body, headers=stranger.headers())

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/site-unknown"


def test_who_receives_a_consent_does_not_end_it(
    client: TestClient, farm: Visited, sharing: Sharing, buyer: Tenant
) -> None:
    given = sharing.give(farm.site)

    answer = client.delete(f"/v1/consents/{given['id']}", headers=buyer.headers())

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/only-the-giver"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEWER, Role.ANALYST])
def test_a_role_that_may_not_share_is_refused(
    client: TestClient, farm: Visited, tenant: Tenant, buyer: Tenant, role: Role
) -> None:
    body = {
        "grantee": buyer.public_id,
        "site": farm.site,
        "subject": "scorecard",
        "valid_until": IN_A_YEAR,
    }

    answer = client.post("/v1/consents", json=body, headers=tenant.headers(role))

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/not-allowed"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"subject": "answers"}, "request-invalid"),
        ({"valid_until": "2027-11-22"}, "request-invalid"),
        ({"valid_until": "2027-11-22T12:00:00"}, "request-invalid"),
        ({"site": "site one"}, "request-invalid"),
        ({"note": "please"}, "request-invalid"),
        ({"valid_until": "2026-11-22T11:59:59Z"}, "period-unusable"),
        ({"valid_until": "2029-12-22T12:00:00Z"}, "period-unusable"),
        ({"valid_from": "2027-11-23T12:00:00Z"}, "period-unusable"),
        ({"grantee": "org_0000000000000000"}, "organisation-unknown"),
    ],
)
def test_a_consent_that_cannot_be_is_refused_with_what_would_be_right(
    client: TestClient,
    farm: Visited,
    tenant: Tenant,
    buyer: Tenant,
    changes: dict[str, str],
    kind: str,
) -> None:
    body = {
        "grantee": buyer.public_id,
        "site": farm.site,
        "subject": "scorecard",
        "valid_until": IN_A_YEAR,
        **changes,
    }

    answer = client.post("/v1/consents", json=body, headers=tenant.headers())

    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{kind}"


def test_sight_is_given_to_buyers_and_exporters_and_never_to_oneself(
    client: TestClient, farm: Visited, tenant: Tenant, mill: Tenant
) -> None:
    body = {"site": farm.site, "subject": "risk", "valid_until": IN_A_YEAR}

    answers = [
        client.post(
            "/v1/consents",
            json={**body, "grantee": one.public_id},
            headers=tenant.headers(),
        )
        for one in (mill, tenant)
    ]

    assert [one.json()["type"] for one in answers] == ["/problems/cannot-receive"] * 2


def test_an_equal_consent_is_given_once_even_by_two_at_once(
    client: TestClient, farm: Visited, tenant: Tenant, buyer: Tenant, sharing: Sharing
) -> None:
    body = {
        "grantee": buyer.public_id,
        "site": farm.site,
        "subject": "risk",
        "valid_until": IN_A_YEAR,
    }

    with ThreadPoolExecutor(4) as pool:
        statuses = list(
            pool.map(
                lambda _: (
                    client.post(
                        "/v1/consents", json=body, headers=tenant.headers()
                    ).status_code
                ),
                range(4),
            )
        )

    assert sorted(statuses) == [201, 409, 409, 409]
    assert len(sharing.items("/v1/consents", tenant)) == 1


def test_a_consent_is_given_anew_after_it_was_taken_back(
    farm: Visited, sharing: Sharing, tenant: Tenant
) -> None:
    sharing.take_back(sharing.give(farm.site)["id"])

    again = sharing.give(farm.site)

    states = [one["state"] for one in sharing.items("/v1/consents", tenant)]
    assert again["state"] == "in_force"
    assert sorted(states) == ["in_force", "revoked"]


def test_the_same_request_sent_again_is_one_consent(
    client: TestClient, farm: Visited, tenant: Tenant, buyer: Tenant
) -> None:
    body = {
        "grantee": buyer.public_id,
        "site": farm.site,
        "subject": "risk",
        "valid_until": IN_A_YEAR,
    }
    headers = {**tenant.headers(Role.MANAGER), "Idempotency-Key": "consent-1"}

    answers = [client.post("/v1/consents", json=body, headers=headers) for _ in "ab"]

    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["location"] == f"/v1/consents/{answers[0].json()['id']}"


def test_consents_are_filtered_and_paged(
    client: TestClient, farm: Visited, sharing: Sharing, tenant: Tenant, buyer: Tenant
) -> None:
    sharing.take_back(sharing.give(farm.site, "risk")["id"])
    sharing.give(farm.site, "risk")
    sharing.give(farm.site, "scorecard")

    first = client.get("/v1/consents?rows=2", headers=tenant.headers()).json()
    rest = client.get(first["next"], headers=tenant.headers()).json()
    by_state = sharing.items("/v1/consents?state=in_force&subject=risk", tenant)
    by_giver = sharing.items(f"/v1/consents/received?giver={tenant.public_id}", buyer)

    assert (len(first["items"]), len(rest["items"])) == (2, 1)
    assert len(by_state) == 1
    assert len(by_giver) == 3
    assert sharing.items(f"/v1/consents?site={farm.site}&state=revoked", tenant)
    assert sharing.items("/v1/consents?grantee=org_other", tenant) == []
    assert sharing.items(f"/v1/consents/received?site={farm.site}", buyer) != []


def test_a_buyer_asks_and_the_supplier_shows(
    client: TestClient, farm: Visited, sharing: Sharing, tenant: Tenant, buyer: Tenant
) -> None:
    card = farm.issue()
    asked = sharing.ask()
    (waiting,) = sharing.items("/v1/consents/requests?open=true", tenant)

    answer = client.post(
        f"/v1/consents/requests/{asked}/acceptance",
        json={"sites": [farm.site], "valid_until": IN_A_YEAR},
        headers=tenant.headers(Role.MANAGER),
    )

    (given,) = answer.json()["items"]
    told = client.get(f"/v1/consents/requests/{asked}", headers=buyer.headers()).json()
    assert (waiting["id"], waiting["asker"]) == (asked, buyer.public_id)
    assert answer.status_code == 201
    assert (given["request"], given["grantee"]) == (asked, buyer.public_id)
    assert told["reply"] == "accepted"
    assert sharing.status(f"/v1/scorecards/{card['id']}", buyer) == 200


def test_a_supplier_declines_and_nothing_is_shown(
    client: TestClient,
    farm: Visited,
    sharing: Sharing,
    tenant: Tenant,
    buyer: Tenant,
    database: Database,
) -> None:
    card = farm.issue()
    asked = sharing.ask(site=farm.site)

    answer = client.post(
        f"/v1/consents/requests/{asked}/refusal", headers=tenant.headers()
    )

    (told,) = sharing.items("/v1/consents/requests?open=false", buyer)
    assert answer.status_code == 201
    assert told["reply"] == "declined"
    assert sharing.status(f"/v1/scorecards/{card['id']}", buyer) == 404
    for one in (tenant, buyer):
        of_consents = [
            entry
            for entry in trail_of(database, one)
            if entry[0].startswith("consent.")
        ]
        assert of_consents == [
            ("consent.asked_for", asked),
            ("consent.request_declined", asked),
        ]


def test_a_request_is_answered_once_and_by_the_supplier_alone(
    client: TestClient,
    sharing: Sharing,
    tenant: Tenant,
    buyer: Tenant,
    stranger: Tenant,
) -> None:
    path = f"/v1/consents/requests/{sharing.ask()}/refusal"

    by_asker = client.post(path, headers=buyer.headers())
    by_stranger = client.post(path, headers=stranger.headers())
    first = client.post(path, headers=tenant.headers())
    second = client.post(path, headers=tenant.headers())

    assert by_asker.json()["type"] == "/problems/not-yours-to-answer"
    assert [one.status_code for one in (by_asker, by_stranger)] == [403, 404]
    assert [one.status_code for one in (first, second)] == [201, 409]


def test_an_acceptance_that_names_another_site_leaves_the_request_open(
    client: TestClient, farm: Visited, sharing: Sharing, tenant: Tenant
) -> None:
    asked = sharing.ask()
    body = {"sites": [farm.site, "site_nowhere"], "valid_until": IN_A_YEAR}

    answer = client.post(
        f"/v1/consents/requests/{asked}/acceptance",
        json=body,
        headers=tenant.headers(),
    )

    (waiting,) = sharing.items("/v1/consents/requests?open=true", tenant)
    assert answer.status_code == 422
    assert waiting["id"] == asked
    assert sharing.items("/v1/consents", tenant) == []


def test_only_a_buyer_asks_and_it_asks_once(
    client: TestClient, sharing: Sharing, tenant: Tenant, mill: Tenant
) -> None:
    body = {"supplier": tenant.public_id, "subject": "scorecard"}
    sharing.ask()

    again = client.post(
        "/v1/consents/requests", json=body, headers=sharing.grantee.headers()
    )
    by_mill = client.post("/v1/consents/requests", json=body, headers=mill.headers())

    assert again.json()["type"] == "/problems/request-pending"
    assert by_mill.json()["type"] == "/problems/cannot-receive"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM consent",
        "UPDATE consent SET valid_until = given_at",
        "UPDATE consent SET revoked_at = NULL, revoked_by = NULL",
    ],
)
def test_the_history_of_a_consent_is_never_rewritten(
    farm: Visited, sharing: Sharing, database: Database, change: str
) -> None:
    sharing.take_back(sharing.give(farm.site)["id"])

    with (
        pytest.raises(DBAPIError, match="never changed or deleted"),
        database.writing() as session,
    ):
        session.execute(text(change))


def test_the_operator_answers_the_findings_of_its_site_and_the_owner_decides(
    client: TestClient,
    farm: Visited,
    tenant: Tenant,
    mill: Tenant,
    database: Database,
) -> None:
    (ref,) = {one["ref"] for one in farm.findings("?topic=child_labour")}
    path = f"/v1/findings/{ref}"
    before = client.get(path, headers=mill.headers()).status_code
    let_operate(database, farm.site, mill)

    seen = client.get(path, headers=mill.headers()).json()
    answered = client.post(
        f"{path}/steps",
        json={"step": "dispute", "reason": "facts_wrong"},
        headers=mill.headers(Role.MANAGER),
    )
    decided = client.post(
        f"{path}/steps",
        json={"step": "withdraw", "reason": "facts_wrong"},
        headers=mill.headers(),
    )

    assert before == 404
    assert (seen["relation"], seen["possible_steps"]) == (
        "operates",
        ["accept", "dispute"],
    )
    assert (answered.status_code, answered.json()["state"]) == (201, "disputed")
    assert decided.json()["type"] == "/problems/not-yours-to-decide"
    assert ("finding.dispute", ref) in trail_of(database, mill)
    assert ("finding.dispute", ref) in trail_of(database, tenant)
    assert farm.step(ref, Role.REVIEWER, step="uphold")["state"] == "accepted"


def test_the_operator_lists_the_findings_and_cards_of_its_sites_apart(
    farm: Visited, sharing: Sharing, mill: Tenant, database: Database
) -> None:
    card = farm.issue()
    let_operate(database, farm.site, mill)

    findings = sharing.items("/v1/findings?relation=operates&rows=1", mill)
    cards = sharing.items("/v1/scorecards?relation=operates", mill)

    assert findings[0]["relation"] == "operates"
    assert [one["id"] for one in cards] == [card["id"]]
    assert sharing.items("/v1/findings", mill) == []
    assert sharing.items("/v1/scorecards", mill) == []
