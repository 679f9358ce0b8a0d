"""One card in force for a site that was written down twice, and figures that count once."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.pages import figures
from compliance import clock
from compliance.database import Database
from compliance.identity.scope import KeyGiven, scope_of
from compliance.registry.queries import site as site_named
from rules import SiteKind
from tests.conftest import Tenant
from tests.field import publish, register_farm, workbook
from tests.register import Register
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, on


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


def recorded(client: TestClient, tenant: Tenant, name: str) -> Visited:
    where = {"admin1": "Tolima", "municipality": "Planadas"}
    return Visited(client, tenant, register_farm(client, tenant, name=name, **where))


@pytest.fixture
def farms(client: TestClient, tenant: Tenant) -> tuple[Visited, Visited]:
    """Two records of one farm, each with a visit of its own."""
    publish(client, tenant, workbook())
    first, second = (
        recorded(client, tenant, name) for name in ("El Recuerdo", "Finca El Recuerdo")
    )
    first.send(children=[A_CHILD_OF_16], instance_id="uuid:first")
    second.send(children=[A_CHILD_OF_16], instance_id="uuid:second")
    return first, second


def merged(kept: Visited, gone: Visited) -> str:
    body = {"keep": kept.site, "gone": gone.site, "reason": "same_place"}
    return str(Register(kept.client, kept.tenant).post("/v1/site-merges", body)["id"])


def undo(farm: Visited, merge: str) -> None:
    Register(farm.client, farm.tenant).post(f"/v1/site-merges/{merge}/undo", None)


def told(farm: Visited, card: dict[str, Any]) -> tuple[str, str]:
    """Return what anybody is told of a card: its status, and why."""
    known = farm.client.get(f"/v/{card['verify_code']}").json()
    return known["status"], known["reason"]


def in_force(farm: Visited) -> set[str]:
    return {item["id"] for item in farm.get("/v1/scorecards?in_force=true")["items"]}


def test_of_two_cards_that_of_the_kept_record_stays_in_force(
    farms: tuple[Visited, Visited],
) -> None:
    kept, gone = farms
    ours, theirs = kept.issue(), gone.issue()

    merged(kept, gone)

    assert in_force(kept) == {ours["id"]}
    assert told(kept, ours) == ("issued", "issued")
    assert told(kept, theirs) == ("suspended", "site_merged")


def test_undoing_a_merge_brings_the_other_card_back(
    farms: tuple[Visited, Visited],
) -> None:
    kept, gone = farms
    ours, theirs = kept.issue(), gone.issue()
    made = merged(kept, gone)

    undo(kept, made)

    assert in_force(kept) == {ours["id"], theirs["id"]}
    assert told(kept, theirs) == ("issued", "merge_undone")


def test_the_only_card_speaks_for_the_kept_site_while_the_merge_stands(
    farms: tuple[Visited, Visited],
) -> None:
    kept, gone = farms
    theirs = gone.issue()["id"]

    made = merged(kept, gone)
    while_merged = kept.get(f"/v1/scorecards?site={kept.site}&in_force=true")["items"]
    undo(kept, made)
    of_kept = kept.get(f"/v1/scorecards?site={kept.site}&in_force=true")["items"]

    assert [one["id"] for one in while_merged] == [theirs]
    assert while_merged[0]["status"] == "issued"
    assert of_kept == []
    assert in_force(kept) == {theirs}


def test_a_card_issued_while_the_merge_stands_follows_the_one_that_spoke(
    farms: tuple[Visited, Visited],
) -> None:
    kept, gone = farms
    theirs = gone.issue()
    made = merged(kept, gone)

    ours = kept.issue()
    undo(kept, made)

    assert told(kept, theirs) == ("superseded", "newer_version")
    assert told(kept, ours) == ("issued", "issued")
    assert in_force(kept) == {ours["id"]}


def test_a_merge_brings_its_findings_to_the_card_that_stays(
    farms: tuple[Visited, Visited],
) -> None:
    kept, gone = farms
    ours = kept.issue()
    gone.send(
        children=[A_CHILD_OF_13], observed_on="2026-11-05", instance_id="uuid:third"
    )

    made = merged(kept, gone)
    while_merged = told(kept, ours)
    undo(kept, made)

    assert while_merged == ("suspended", "zero_tolerance")
    assert told(kept, ours) == ("issued", "zero_tolerance_ended")


def test_a_card_suspended_before_is_suspended_after(
    farms: tuple[Visited, Visited],
) -> None:
    kept, gone = farms
    kept.issue()
    theirs = gone.issue()
    gone.send(
        children=[A_CHILD_OF_13], observed_on="2026-11-05", instance_id="uuid:third"
    )

    undo(kept, merged(kept, gone))

    assert told(kept, theirs) == ("suspended", "zero_tolerance")
    assert theirs["id"] in in_force(kept)


def test_three_records_have_one_card_and_each_its_own_when_they_come_apart(
    client: TestClient, tenant: Tenant, farms: tuple[Visited, Visited]
) -> None:
    first, second = farms
    third = recorded(client, tenant, "Recuerdo")
    third.send(children=[A_CHILD_OF_16], instance_id="uuid:third")
    a, b, c = (farm.issue()["id"] for farm in (first, second, third))

    inner = merged(second, third)
    outer = merged(first, second)
    together = in_force(first)
    undo(first, outer)
    apart = in_force(first)
    undo(first, inner)

    assert together == {a}
    assert apart == {a, b}
    assert in_force(first) == {a, b, c}


def test_a_card_that_ran_out_gives_way_to_one_that_holds(
    farms: tuple[Visited, Visited],
) -> None:
    kept, gone = farms
    ours = kept.issue()
    with on(2027, 5, 1):
        theirs = gone.issue()["id"]

    with on(2027, 6, 1):
        merged(kept, gone)
        status, _ = told(kept, ours)
        speaking = in_force(kept)

    assert status == "expired"
    assert speaking == {theirs}


def test_the_overview_counts_a_merged_record_once(
    farms: tuple[Visited, Visited], database: Database, tenant: Tenant
) -> None:
    kept, gone = farms
    kept.issue()
    gone.issue()
    gone.send(
        children=[A_CHILD_OF_13], observed_on="2026-11-05", instance_id="uuid:third"
    )
    merged(kept, gone)
    key = KeyGiven(tenant.headers()["Authorization"].removeprefix("Bearer "))

    with database.reading() as session:
        scope = scope_of(session, key)
        counted = figures.figures(session, scope)
        site = site_named(session, scope, kept.site).id
        last = figures.last_visits(session, scope, [site])
        opened = figures.open_counts(session, scope, [site])
        due = figures.due_findings(session, scope, rows=10)

    assert counted.sites == {SiteKind.PRODUCER: 1}
    assert counted.visited == counted.visited_this_year == 1
    assert counted.never_visited == counted.sites_without_card == 0
    assert last[site].isoformat() == "2026-11-05"
    assert opened[site] == len(due) > 0
    assert {one.site_public_id for one in due} == {kept.site}


def test_who_operates_the_kept_site_sees_what_was_noted_of_the_merged_record(
    farms: tuple[Visited, Visited], tenant: Tenant, stranger: Tenant
) -> None:
    kept, gone = farms
    register = Register(kept.client, tenant)
    operator = Register(kept.client, stranger)
    point = {"type": "Point", "coordinates": [-75.645061, 3.196981]}
    gone.send(
        children=[A_CHILD_OF_13], observed_on="2026-11-05", instance_id="uuid:third"
    )
    card = gone.issue()["id"]
    register.post(f"/v1/sites/{gone.site}/plots", {"geometry": point})
    named = {"operator": stranger.public_id}
    register.send("PATCH", f"/v1/producers/{kept.site}", named)
    path = f"/v1/findings?relation=operates&site={kept.site}"
    before = operator.get(path)["items"]

    made = merged(kept, gone)
    while_merged = operator.get(path)["items"]
    read = operator.get(f"/v1/sites/{gone.site}")
    plots = operator.get(f"/v1/sites/{kept.site}/plots")["features"]
    seen_card = operator.send("GET", f"/v1/scorecards/{card}").status_code
    undo(kept, made)

    assert [one["ref"] for one in while_merged] == [
        one["ref"] for one in kept.findings(f"?site={gone.site}")
    ]
    assert (read["id"], read["merged"]) == (kept.site, [gone.site])
    assert (len(plots), seen_card) == (1, 200)
    assert operator.get(path)["items"] == before == []
    assert operator.send("GET", f"/v1/sites/{gone.site}").status_code == 404
