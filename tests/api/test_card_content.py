"""What a card says of people, of what is done for them, and of the visit itself."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from audits.integrity.queries import integrity_of
from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.scope import KeyGiven, scope_of
from tests.conftest import FoundTenant, Tenant
from tests.owing import Owing
from tests.promising import Promising
from tests.register import Register
from tests.reviews import Reviewing
from tests.sharing import Sharing
from tests.visits import A_CHILD_OF_16, TODAY, Visited, visited

PAPERS = "forced_labour.documents_held"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@pytest.fixture
def firm(found_tenant: FoundTenant) -> Tenant:
    return found_tenant("Verificadora Andina", OrganisationKind.AUDIT_FIRM)


def workers(many: int, held: int) -> list[dict[str, object]]:
    """Return workers who were heard, some of whom have their papers held."""
    return [
        {
            "key": f"w{place}",
            "documents_held": place < held,
            "interviewed_alone": True,
        }
        for place in range(many)
    ]


def card_of(farm: Visited) -> dict[str, Any]:
    issued = farm.issue()
    told: dict[str, Any] = farm.get(f"/v1/scorecards/{issued['id']}")
    return told


def state_workforce(farm: Visited, permanent: int, temporary: int) -> None:
    Register(farm.client, farm.tenant).post(
        f"/v1/sites/{farm.site}/workforce",
        {
            "season": "2026",
            "permanent": {"total": permanent},
            "temporary": {"total": temporary},
        },
    )


def test_a_card_tells_the_days_of_the_answers_and_not_of_the_plan(
    client: TestClient, firm: Tenant
) -> None:
    farm = visited(client, firm)
    window = {"fieldwork_from": "2026-11-01", "fieldwork_to": "2026-12-20"}
    Reviewing(client, firm).plan(farm.site, **window)
    farm.send(observed_on="2026-11-03")
    farm.send(observed_on="2026-11-05")

    card = card_of(farm)

    assert (card["fieldwork"]["from_on"], card["fieldwork"]["to_on"]) == (
        "2026-11-03",
        "2026-11-05",
    )


def test_a_card_tells_people_in_ranges_and_what_is_done_for_them(
    client: TestClient, firm: Tenant, found_tenant: FoundTenant
) -> None:
    farm = visited(client, firm)
    state_workforce(farm, 20, 45)
    farm.send(
        facts={"documents_held": True},
        workers=workers(14, 11),
        children=[A_CHILD_OF_16],
    )
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == PAPERS]
    farm.step(ref, Role.MANAGER, step="accept")
    done = farm.propose(ref, action="give_documents_back")
    farm.act(done, Role.REVIEWER, "agree")
    farm.act(done, Role.MANAGER, "start")
    ledger = Owing(client, firm, farm, ref)
    ledger.pay(ledger.enter_papers(people=12), None, people=7)
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    Sharing(client, firm, buyer).give(farm.site)
    Promising(client, buyer, firm, farm.site).begun()

    told = card_of(farm)

    scope, flags = told["scope"], {one["indicator"]: one for one in told["flags"]}
    rows = {one["text_code"]: one for one in told["actions"]}
    assert told["schema_version"] == "1.1"
    assert told["issuer"]["audit_firm"] == "Verificadora Andina"
    assert (scope["workers_total"], scope["workers_range"]) == (None, None)
    assert scope["workers_withheld"] == "parts_shown"
    assert scope["interviews_range"] == "10-24"
    assert scope["child_cases"] == "none"
    assert flags[PAPERS]["people_range"] == "10-24"
    assert flags[PAPERS]["sources"] == 2
    assert rows["give_documents_back"]["share_done"] == 33
    assert rows["remedy_documents_returned"]["share_done"] == 50
    assert rows["remedy_documents_returned"]["status"] == "in_progress"
    assert (rows["buyer_co_funding"]["ref"], rows["buyer_co_funding"]["status"]) == (
        "BC-01",
        "in_progress",
    )


def test_a_family_farm_tells_nobody(client: TestClient, tenant: Tenant) -> None:
    farm = visited(client, tenant)
    state_workforce(farm, 2, 5)
    farm.send(facts={"documents_held": True}, workers=workers(6, 4))

    told = card_of(farm)

    assert told["scope"]["workers_withheld"] == "fewer_than_ten"
    assert told["scope"]["interviews_range"] is None
    assert {one["people_range"] for one in told["flags"]} == {None}
    assert told["issuer"]["audit_firm"] is None


def test_the_word_for_the_signals_of_a_visit_follows_its_review(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    farm = visited(client, tenant)
    farm.send()

    told = card_of(farm)

    with database.reading() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.REVIEWER]))
        none = integrity_of(session, scope, ())
    assert told["fieldwork"]["integrity"] in {"none", "not_read", "explained"}
    assert none == "none"


def test_one_voice_alone_supports_a_critical_finding_and_a_second_the_gravest(
    client: TestClient, tenant: Tenant
) -> None:
    forced = {"free_to_resign": False, "menace_on_leaving": ["blacklist"]}
    farm = visited(client, tenant)

    farm.send(workers=[{"key": "w1", **forced}])
    alone = {one["rule"]: one["severity"] for one in farm.findings()}
    farm.send(
        observed_on="2026-11-20",
        workers=[{"key": "w1", **forced}, {"key": "w2", **forced}],
    )
    agreed = {one["rule"]: one["severity"] for one in farm.findings()}

    assert alone["forced_labour.suspected"] == "critical"
    assert agreed["forced_labour.suspected"] == "zero_tolerance"
