"""Dated answers to a card over HTTP: codes alone, that travel with it and stay."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.conftest import FoundTenant, Tenant
from tests.sharing import Sharing, let_operate, trail_of
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    """A farm whose card has a red flag."""
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_13])
    return found


def asked(
    client: TestClient,
    tenant: Tenant,
    path: str,
    body: object = None,
    role: Role = Role.MANAGER,
) -> tuple[int, dict[str, Any]]:
    """Ask as somebody; with a body it is sent, without it is read."""
    headers = tenant.headers(role)
    if body is None:
        answer = client.get(path, headers=headers)
    else:
        answer = client.post(path, json=body, headers=headers)
    document: dict[str, Any] = answer.json()
    return answer.status_code, document


def test_answers_need_a_key_a_form_and_the_right_role(
    client: TestClient, tenant: Tenant, stranger: Tenant, farm: Visited
) -> None:
    card = farm.issue()["id"]
    path = f"/v1/scorecards/{card}/answers"
    flag = farm.get(f"/v1/scorecards/{card}")["flags"][0]["ref"]

    anonymous = [
        client.get(path),
        client.post(path, json={"code": "visit_unlike_usual"}),
    ]
    foreign = [
        asked(client, stranger, path)[0],
        asked(client, stranger, path, {"code": "visit_unlike_usual"})[0],
    ]
    malformed = [
        asked(client, tenant, path, body)
        for body in (
            {"code": "because_i_say_so"},
            {"code": "visit_unlike_usual", "text": "Ana María vino el lunes"},
            {"code": "already_corrected"},
            {"code": "already_corrected", "flag": "RF-999"},
            {"code": "visit_unlike_usual", "flag": flag},
        )
    ]
    refused, _ = asked(
        client, tenant, path, {"code": "visit_unlike_usual"}, Role.ANALYST
    )

    assert [one.status_code for one in anonymous] == [401, 401]
    assert foreign == [404, 404]
    assert [status for status, _ in malformed] == [422] * 5
    assert [document["title"] for _, document in malformed[2:]] == [
        "Say which red flag is meant",
        "No such red flag on the scorecard",
        "The answer is about the whole visit",
    ]
    assert refused == 403


def test_an_answer_travels_with_the_card_until_the_site_takes_it_back(
    client: TestClient,
    database: Database,
    tenant: Tenant,
    found_tenant: FoundTenant,
    farm: Visited,
) -> None:
    mill = found_tenant("Beneficio", OrganisationKind.PRODUCER_GROUP)
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    card = farm.issue()["id"]
    flag = farm.get(f"/v1/scorecards/{card}")["flags"][0]["ref"]
    path = f"/v1/scorecards/{card}/answers"
    Sharing(client, tenant, buyer).give(farm.site)
    let_operate(database, farm.site, mill)
    disagrees = {"code": "disagree_with_finding", "flag": flag}

    status, given = asked(client, mill, path, disagrees)
    again, _ = asked(client, mill, path, disagrees)
    kept, entered = asked(client, tenant, path, {"code": "price_does_not_cover"})
    not_the_buyers, _ = asked(client, buyer, path, {"code": "visit_unlike_usual"})
    not_the_keepers, _ = asked(
        client, tenant, f"{path}/{given['id']}/withdraw", body={}
    )
    back, withdrawn = asked(client, mill, f"{path}/{given['id']}/withdraw", body={})
    twice, _ = asked(client, mill, f"{path}/{given['id']}/withdraw", body={})
    anew, _ = asked(client, mill, path, disagrees)
    _, seen = asked(client, buyer, path, role=Role.ANALYST)
    _, standing = asked(client, buyer, f"{path}?standing=true", role=Role.ANALYST)
    linked = client.get(
        f"/v1/scorecards/{card}", headers=buyer.headers(Role.ANALYST)
    ).headers["link"]

    assert (status, again, kept, anew) == (201, 409, 201, 201)
    assert (given["given_by"], entered["given_by"]) == ("site", "keeper")
    assert (given["flag"], given["given_at"]) == (flag, "2026-11-22T12:00:00+00:00")
    assert (not_the_buyers, not_the_keepers, back, twice) == (404, 403, 200, 409)
    assert withdrawn["withdrawn_at"] == "2026-11-22T12:00:00+00:00"
    assert [one["code"] for one in seen["items"]] == [
        "disagree_with_finding",
        "price_does_not_cover",
        "disagree_with_finding",
    ]
    assert [one["withdrawn_at"] is None for one in seen["items"]] == [False, True, True]
    assert len(standing["items"]) == 2
    assert linked == f'<{path}>; rel="related"; title="answers"'
    for party in (tenant, mill):
        entries = trail_of(database, party)
        assert ("scorecard_answer.given", given["id"]) in entries
        assert ("scorecard_answer.withdrawn", given["id"]) in entries


def test_an_answer_is_never_changed_and_a_past_card_takes_none(
    client: TestClient, database: Database, tenant: Tenant, farm: Visited
) -> None:
    first = farm.issue()["id"]
    body = {"code": "visit_unlike_usual"}
    asked(client, tenant, f"/v1/scorecards/{first}/answers", body)
    farm.issue()

    late, problem = asked(
        client,
        tenant,
        f"/v1/scorecards/{first}/answers",
        {"code": "price_does_not_cover"},
    )

    assert (late, problem["title"]) == (
        409,
        "The scorecard cannot be answered any more",
    )
    for statement in (
        "UPDATE scorecard_answer SET side = 'site'",
        "DELETE FROM scorecard_answer",
    ):
        with (
            pytest.raises(DBAPIError, match="evidence"),
            database.writing(system=True) as session,
        ):
            session.execute(text(statement))
