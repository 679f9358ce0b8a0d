"""Two records of one site: merged by people, read as one, and taken apart again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.identity.scope import KeyGiven, scope_of
from compliance.registry.merging import same_site
from compliance.registry.models import Site, SupplyLink
from compliance.registry.queries import site as site_named
from tests.conftest import Tenant
from tests.register import Register

POINT = {"type": "Point", "coordinates": [-75.645061, 3.196981]}
DAYS = {"valid_from": "2026-01-01", "valid_until": "2026-12-31"}


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    """The register of the organisation the test acts for."""
    return Register(client, tenant)


def merge(register: Register, keep: str, gone: str) -> str:
    body = {"keep": keep, "gone": gone, "reason": "same_place"}
    return str(register.post("/v1/site-merges", body)["id"])


def test_a_merged_id_is_answered_with_the_record_that_is_kept(
    register: Register,
) -> None:
    kept, gone = register.farm("Kept"), register.farm("Gone")

    merge(register, kept, gone)
    answer = register.send("GET", f"/v1/producers/{gone}")

    assert answer.json()["id"] == kept
    assert answer.json()["merged"] == [gone]
    assert answer.headers["content-location"] == f"/v1/producers/{kept}"
    assert register.ids("/v1/producers") == [kept]


def test_all_that_belongs_to_either_record_is_read_of_the_kept_one(
    register: Register,
) -> None:
    mill, group = register.mill(), register.group()
    broker = register.post(
        "/v1/brokers", {"kind": "broker", "name": "B", "country": "CO"}
    )["id"]
    numbers = ("A1", "B2")
    kept, gone = (
        register.farm(name, identifiers=[{"scheme": "own_number", "value": name}])
        for name in numbers
    )
    made = [register.link(kept, mill, season="2025"), register.link(gone, mill)]
    for number, site in enumerate((kept, gone)):
        point = {**POINT, "coordinates": [-75.645061, 3.196981 + number / 1000]}
        register.post(f"/v1/sites/{site}/plots", {"geometry": point})
        register.post(f"/v1/sites/{site}/workforce", {"season": f"202{number}"})
        named = {"site": site, "season": f"202{number}"}
        register.post(f"/v1/groups/{group}/members", named)
        register.post(f"/v1/brokers/{broker}/sites", named)
        paper = {"scheme": "4c", "number": f"4C-1000{number}", "site": site, **DAYS}
        register.post("/v1/certificates", paper)

    merge(register, kept, gone)

    read = register.get(f"/v1/sites/{kept}")
    links = register.get(f"/v1/supply-links?from_site={kept}")["items"]
    assert [one["value"] for one in read["identifiers"]] == ["A1", "B2"]
    assert [one["id"] for one in links] == made
    assert {one["from_site"] for one in links} == {kept}
    assert len(register.get(f"/v1/sites/{kept}/plots")["features"]) == 2
    assert len(register.get(f"/v1/sites/{kept}/workforce")["items"]) == 2
    assert len(register.get(f"/v1/sites/{kept}/groups")["items"]) == 2
    assert len(register.get(f"/v1/sites/{kept}/brokers")["items"]) == 2
    assert len(register.get(f"/v1/certificates?site={kept}")["items"]) == 2
    assert register.get(f"/v1/groups/{group}")["members"] == 1
    assert register.get(f"/v1/brokers/{broker}")["sites"] == 1
    assert register.ids(f"/v1/supply-links?from_site={gone}") == made


def test_nothing_that_refers_to_a_merged_site_is_rewritten(
    register: Register, database: Database
) -> None:
    mill, kept, gone = register.mill(), register.farm("Kept"), register.farm("Gone")
    link = register.link(gone, mill)

    merge(register, kept, gone)

    with database.reading() as session:
        named = session.execute(
            select(Site.public_id)
            .join(SupplyLink, SupplyLink.from_site_id == Site.id)
            .where(SupplyLink.public_id == link)
        ).scalar_one()
    assert named == gone


def test_what_is_read_by_the_key_of_the_kept_site_is_of_both(
    register: Register, database: Database, tenant: Tenant
) -> None:
    mill, kept, gone = register.mill(), register.farm("Kept"), register.farm("Gone")
    made = [register.link(kept, mill, season="2025"), register.link(gone, mill)]
    merge(register, kept, gone)
    key = KeyGiven(tenant.headers()["Authorization"].removeprefix("Bearer "))

    with database.reading() as session:
        found = site_named(session, scope_of(session, key), gone)
        links = session.scalars(
            select(SupplyLink.public_id)
            .where(same_site(SupplyLink.from_site_id))
            .order_by(SupplyLink.id),
            {"site_id": found.id},
        ).all()

    assert found.public_id == kept
    assert list(links) == made


def test_numbers_that_clash_are_told_and_kept(register: Register) -> None:
    kept, gone = (
        register.farm(
            name,
            identifiers=[
                {"scheme": "own_number", "value": name},
                {"scheme": scheme, "value": number},
            ],
        )
        for name, scheme, number in (
            ("A1", "rspo", "RSPO-1106123"),
            ("B2", "4c", "4C-0012345"),
        )
    )

    made = register.post(
        "/v1/site-merges", {"keep": kept, "gone": gone, "reason": "same_place"}
    )
    read = register.get(f"/v1/site-merges/{made['id']}")
    undone = register.post(f"/v1/site-merges/{made['id']}/undo", None)

    assert made["clashes"] == [{"scheme": "own_number", "values": ["A1", "B2"]}]
    assert read["clashes"] == made["clashes"]
    assert undone["clashes"] == []


def test_undoing_a_merge_lets_each_record_stand_for_itself(register: Register) -> None:
    mill, kept, gone = register.mill(), register.farm("Kept"), register.farm("Gone")
    link = register.link(gone, mill)
    made = merge(register, kept, gone)

    undone = register.post(f"/v1/site-merges/{made}/undo", None)

    assert undone["undone_by"]
    assert register.get(f"/v1/sites/{gone}")["id"] == gone
    assert register.get(f"/v1/sites/{kept}")["merged"] == []
    assert register.ids(f"/v1/supply-links?from_site={gone}") == [link]
    assert register.ids(f"/v1/supply-links?from_site={kept}") == []
    assert register.ids("/v1/producers") == [kept, gone]


def test_what_was_noted_in_the_meantime_stays_with_the_kept_site(
    register: Register,
) -> None:
    kept, gone = register.farm("Kept"), register.farm("Gone")
    made = merge(register, kept, gone)

    register.post(f"/v1/sites/{gone}/workforce", {"season": "2026"})
    register.post(f"/v1/site-merges/{made}/undo", None)

    assert len(register.get(f"/v1/sites/{kept}/workforce")["items"]) == 1
    assert register.get(f"/v1/sites/{gone}/workforce")["items"] == []


def test_three_records_become_one_and_come_apart_in_any_order(
    register: Register,
) -> None:
    a, b, c = (register.farm(name) for name in "ABC")
    first = merge(register, b, c)
    second = merge(register, a, b)

    together = register.get(f"/v1/sites/{c}")
    register.post(f"/v1/site-merges/{second}/undo", None)
    apart = {one: register.get(f"/v1/sites/{one}")["id"] for one in (a, b, c)}
    register.post(f"/v1/site-merges/{first}/undo", None)

    assert together["id"] == a
    assert set(together["merged"]) == {b, c}
    assert apart == {a: a, b: b, c: b}
    assert register.ids("/v1/producers") == [a, b, c]


def test_an_inner_merge_is_undone_while_the_outer_one_stands(
    register: Register,
) -> None:
    a, b, c = (register.farm(name) for name in "ABC")
    inner = merge(register, b, c)
    merge(register, a, b)

    register.post(f"/v1/site-merges/{inner}/undo", None)

    assert register.get(f"/v1/sites/{c}")["id"] == c
    assert register.get(f"/v1/sites/{b}")["id"] == a


def test_a_kept_site_that_was_itself_merged_leads_to_its_own(
    register: Register,
) -> None:
    a, b, c = (register.farm(name) for name in "ABC")
    merge(register, a, b)

    made = register.post(
        "/v1/site-merges", {"keep": b, "gone": c, "reason": "same_number"}
    )

    assert made["keep"] == a
    assert register.get(f"/v1/sites/{c}")["id"] == a


@pytest.mark.parametrize("difference", [{"country": "EC"}, {"commodity": "palm_oil"}])
def test_sites_that_differ_in_what_is_judged_are_not_merged(
    register: Register, difference: dict[str, str]
) -> None:
    kept, gone = register.farm("A"), register.farm("B", **difference)

    answer = register.send(
        "POST", "/v1/site-merges", {"keep": kept, "gone": gone, "reason": "same_name"}
    )

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/merge-of-different-sites"
    assert answer.json()["fields"] == next(iter(difference))


def test_a_farm_is_not_merged_into_a_mill(register: Register) -> None:
    body = {"keep": register.mill(), "gone": register.farm(), "reason": "same_name"}

    assert register.send("POST", "/v1/site-merges", body).status_code == 409


def test_what_was_merged_is_not_merged_again(register: Register) -> None:
    a, b, c = (register.farm(name) for name in "ABC")
    made = merge(register, a, b)

    elsewhere = register.send(
        "POST", "/v1/site-merges", {"keep": c, "gone": b, "reason": "same_name"}
    )
    again = register.send(
        "POST", "/v1/site-merges", {"keep": a, "gone": b, "reason": "same_name"}
    )
    turned = register.send(
        "POST", "/v1/site-merges", {"keep": b, "gone": a, "reason": "same_name"}
    )
    itself = register.send(
        "POST", "/v1/site-merges", {"keep": c, "gone": c, "reason": "same_name"}
    )

    assert elsewhere.json()["type"] == "/problems/already-merged"
    assert elsewhere.json()["merge"] == made
    for answer in (again, turned, itself):
        assert answer.status_code == 409
        assert answer.json()["type"] == "/problems/merge-with-itself"


def test_a_merge_is_undone_once(register: Register) -> None:
    made = merge(register, register.farm("A"), register.farm("B"))
    register.post(f"/v1/site-merges/{made}/undo", None)

    answer = register.send("POST", f"/v1/site-merges/{made}/undo")

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/merge-undone"


def test_a_reason_is_a_word_that_names_nobody(register: Register) -> None:
    body = {"keep": "site_a", "gone": "site_b", "reason": "Juan says so"}

    answer = register.send("POST", "/v1/site-merges", body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.reason"


def test_the_trail_tells_who_merged_what_into_what_and_who_took_it_back(
    register: Register,
) -> None:
    kept, gone = register.farm("A"), register.farm("B")
    made = merge(register, kept, gone)
    register.post(f"/v1/site-merges/{made}/undo", None)

    entries = register.get("/v1/trail?rows=200")["items"]

    told = [one for one in entries if one["action"].startswith("site.")]
    assert [one["action"] for one in told] == ["site.merged", "site.unmerged"]
    assert {one["subject"] for one in told} == {gone}
    assert register.ids(f"/v1/site-merges?site={gone}") == [made]


def test_two_at_once_merge_a_site_once(register: Register) -> None:
    a, b, c = (register.farm(name) for name in "ABC")
    bodies = [{"keep": keep, "gone": c, "reason": "same_name"} for keep in (a, b) * 4]

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda body: register.send("POST", "/v1/site-merges", body), bodies
            )
        )

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert register.get(f"/v1/sites/{c}")["id"] in {a, b}
