"""The supply base of a mill: who is upstream, and how far it was really assessed."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from starlette.testclient import TestClient

from compliance import clock
from tests.conftest import Tenant
from tests.field import publish, workbook
from tests.register import Register
from tests.visits import A_CHILD_OF_16, TODAY, Visited


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    """The register of the organisation the test acts for."""
    return Register(client, tenant)


def visit(register: Register, farm: str, *days: str) -> None:
    """Let a farm be visited on some days."""
    visits = Visited(register.client, register.tenant, farm)
    for number, day in enumerate(days):
        visits.send(
            children=[A_CHILD_OF_16],
            observed_on=day,
            instance_id=f"uuid:{farm}-{number}",
        )


def test_a_supply_base_tells_tiers_shares_papers_and_visits(
    register: Register, client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    mill, group = register.mill(), register.group()
    direct, member, unseen = (register.farm(name) for name in ("A", "B", "C"))
    register.link(direct, mill, volume_share=0.25, source="import")
    register.link(group, mill, volume_share=0.5)
    for site, share in ((member, 0.5), (unseen, 0.1)):
        body = {"site": site, "season": "2026", "volume_share": share}
        register.post(f"/v1/groups/{group}/members", body)
    broker = register.post(
        "/v1/brokers", {"kind": "broker", "name": "Brazos", "country": "CO"}
    )["id"]
    register.post(f"/v1/brokers/{broker}/sites", {"site": member, "season": "2026"})
    paper = {"scheme": "4c", "number": "4C-12345", "site": direct}
    days = {"valid_from": "2026-01-01", "valid_until": "2026-12-31"}
    register.post("/v1/certificates", {**paper, **days})
    visit(register, direct, "2024-05-02")
    visit(register, member, "2025-03-01", "2026-05-02")

    base = register.get(f"/v1/mills/{mill}/supply-base?season=2026")

    told = [
        (one["tier"], one["id"], one["delivers_to"], one["share_of_mill"])
        for one in base["suppliers"]
    ]
    by_id = {one["id"]: one for one in base["suppliers"]}
    assert told == [
        (1, group, mill, 0.5),
        (1, direct, mill, 0.25),
        (2, member, group, 0.25),
        (2, unseen, group, 0.05),
    ]
    assert by_id[direct]["source"] == "import"
    assert [one["standing"] for one in by_id[direct]["certificates"]] == ["in_force"]
    assert [one["broker"] for one in by_id[member]["brokers"]] == [broker]
    assert [one["group"] for one in by_id[member]["groups"]] == [group]
    assert by_id[group]["assessed"] is None
    assert by_id[member]["assessed"] == {
        "last_on": "2026-05-02",
        "in_season": True,
        "within_12_months": True,
    }
    assert base["coverage"] == {
        "suppliers": 3,
        "assessed_in_season": 1,
        "assessed_within_12_months": 1,
        "never_assessed": 1,
        "share_of_suppliers_assessed_in_season": 0.3333,
        "share_of_suppliers_assessed_within_12_months": 0.3333,
        "oldest_visit_on": "2024-05-02",
        "oldest_visit_days": 934,
        "known_share": 0.75,
        "unknown_share": 0.25,
        "share_traced_to_producers": 0.55,
        "share_assessed_in_season": 0.25,
        "share_assessed_within_12_months": 0.25,
    }


def test_a_visit_before_a_merge_counts_for_the_kept_site(
    register: Register, client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    mill, kept, gone = register.mill(), register.farm("A"), register.farm("B")
    register.link(kept, mill, volume_share=1.0)
    visit(register, gone, "2026-05-02")
    register.post(
        "/v1/site-merges", {"keep": kept, "gone": gone, "reason": "same_place"}
    )

    base = register.get(f"/v1/mills/{mill}/supply-base?season=2026")

    assert base["suppliers"][0]["id"] == kept
    assert base["suppliers"][0]["assessed"]["last_on"] == "2026-05-02"
    assert base["coverage"]["share_assessed_in_season"] == 1


def test_a_visit_that_was_withdrawn_does_not_count(
    register: Register, client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    mill, farm = register.mill(), register.farm()
    register.link(farm, mill, volume_share=1.0)
    visit(register, farm, "2026-05-02")
    sent = client.get("/v1/submissions", headers=tenant.headers()).json()["items"][0]

    withdrawn = register.send(
        "POST", f"/v1/submissions/{sent['id']}/withdraw", {"reason": "A test visit."}
    )
    base = register.get(f"/v1/mills/{mill}/supply-base?season=2026")

    assert withdrawn.status_code in {200, 204}, withdrawn.text
    assert base["coverage"]["never_assessed"] == 1


def test_a_day_in_the_past_does_not_know_later_visits(
    register: Register, client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    mill, farm = register.mill(), register.farm()
    register.link(farm, mill)
    visit(register, farm, "2026-05-02")

    before = register.get(f"/v1/mills/{mill}/supply-base?season=2026&on=2026-05-01")
    after = register.get(f"/v1/mills/{mill}/supply-base?season=2026&on=2027-05-02")

    assert before["coverage"]["never_assessed"] == 1
    assert after["coverage"]["assessed_in_season"] == 1
    assert after["coverage"]["assessed_within_12_months"] == 0


def test_a_harvest_across_the_new_year_is_one_season(
    register: Register, client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    mill, farm = register.mill(), register.farm()
    register.link(farm, mill, season="2025-main")
    visit(register, farm, "2026-01-15")
    path = f"/v1/mills/{mill}/supply-base?season=2025-main"

    without = register.get(path)["coverage"]["assessed_in_season"]
    register.post(
        "/v1/harvest-calendars",
        {
            "country": "CO",
            "commodity": "coffee",
            "months": ["main", *["none"] * 8, *["main"] * 3],
            "stated_by": "Comité de Cafeteros",
        },
    )
    within = register.get(path)["coverage"]["assessed_in_season"]

    assert (without, within) == (0, 1)


def test_a_circle_of_mills_ends(register: Register) -> None:
    one, two, farm = register.mill("One"), register.mill("Two"), register.farm()
    register.link(two, one, volume_share=0.5)
    register.link(one, two, volume_share=0.5)
    register.link(farm, two, volume_share=0.5)

    base = register.get(f"/v1/mills/{one}/supply-base?season=2026")

    assert [(item["tier"], item["id"]) for item in base["suppliers"]] == [
        (1, two),
        (2, farm),
    ]
    assert base["is_cut"] is True


def test_a_mill_without_links_has_an_empty_base_and_no_share_of_nobody(
    register: Register,
) -> None:
    base = register.get(f"/v1/mills/{register.mill()}/supply-base?season=2026")

    assert base["suppliers"] == []
    assert base["coverage"]["unknown_share"] == 1
    assert base["coverage"]["share_of_suppliers_assessed_in_season"] is None


def test_a_supply_base_is_also_a_table(register: Register) -> None:
    mill, farm = register.mill(), register.farm("=Finca")
    register.link(farm, mill, volume_share=0.5)

    answer = register.send(
        "GET", f"/v1/mills/{mill}/supply-base?season=2026", accept="text/csv"
    )

    header, row = answer.content.decode("utf-8-sig").splitlines()
    assert header.startswith("tier,id,name,kind")
    assert "'=Finca" in row


@pytest.mark.parametrize("query", ["", "?season=26", "?season=2026&on=0"])
def test_a_base_is_of_a_season(register: Register, query: str) -> None:
    answer = register.send("GET", f"/v1/mills/{register.mill()}/supply-base{query}")

    assert answer.status_code == 422


def test_a_producer_has_no_supply_base(register: Register) -> None:
    farm = register.farm()

    answer = register.send("GET", f"/v1/mills/{farm}/supply-base?season=2026")

    assert answer.status_code == 404
