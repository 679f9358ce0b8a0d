"""Supply links and groups: shares that never exceed the whole, corrections, seasons."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.register import Register


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    """The register of the organisation the test acts for."""
    return Register(client, tenant)


def link(giver: str, taker: str, **fields: object) -> dict[str, object]:
    body = {"from_site": giver, "to_site": taker, "commodity": "coffee"}
    return {**body, "season": "2026", **fields}


def test_shares_of_one_season_never_sum_above_the_whole(register: Register) -> None:
    mill = register.mill()
    first, second, third = (register.farm(name) for name in "ABC")
    register.link(first, mill, volume_share=0.6)
    register.link(second, mill, volume_share=0.4)

    refused = register.send(
        "POST", "/v1/supply-links", link(third, mill, volume_share=0.0001)
    )
    unknown = register.send("POST", "/v1/supply-links", link(third, mill))

    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/shares-over-whole"
    assert refused.json()["total"] == "100.01"
    assert unknown.status_code == 201


def test_another_season_commodity_or_taker_has_its_own_whole(
    register: Register,
) -> None:
    farm, mill, other = register.farm(), register.mill(), register.mill("Otro")
    register.link(farm, mill, volume_share=1.0)

    for body in (
        link(farm, mill, volume_share=1.0, season="2026-main"),
        link(farm, mill, volume_share=1.0, season="2025"),
        link(farm, mill, volume_share=1.0, commodity="palm_oil"),
        link(farm, other, volume_share=1.0),
    ):
        assert register.send("POST", "/v1/supply-links", body).status_code == 201


def test_a_groups_share_counts_beside_those_of_sites(register: Register) -> None:
    farm, mill, group = register.farm(), register.mill(), register.group()
    made = register.link(group, mill, volume_share=0.7)

    answer = register.send(
        "POST", "/v1/supply-links", link(farm, mill, volume_share=0.31)
    )
    read = register.get(f"/v1/supply-links/{made}")

    assert answer.status_code == 409
    assert (read["from_site"], read["from_kind"]) == (group, "producer_group")
    assert register.ids(f"/v1/supply-links?from_group={group}") == [made]


def test_shares_of_both_records_of_a_merged_mill_count_together(
    register: Register,
) -> None:
    farm, other = register.farm("A"), register.farm("B")
    mill, twin = register.mill("M"), register.mill("M 2")
    register.link(farm, twin, volume_share=0.8)
    body = {"keep": mill, "gone": twin, "reason": "same_place"}
    register.post("/v1/site-merges", body)

    over = register.send(
        "POST", "/v1/supply-links", link(other, mill, volume_share=0.3)
    )
    twice = register.send("POST", "/v1/supply-links", link(farm, mill))

    assert over.json()["type"] == "/problems/shares-over-whole"
    assert twice.json()["type"] == "/problems/link-exists"


def test_two_at_once_do_not_exceed_the_whole(register: Register) -> None:
    mill = register.mill()
    farms = [register.farm(str(number)) for number in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda farm: register.send(
                    "POST", "/v1/supply-links", link(farm, mill, volume_share=0.4)
                ),
                farms,
            )
        )

    assert sorted(one.status_code for one in answers) == [201, 201, 409, 409]


def test_a_share_is_corrected_within_the_whole(register: Register) -> None:
    mill, farm, other = register.mill(), register.farm("A"), register.farm("B")
    register.link(other, mill, volume_share=0.5)
    path = f"/v1/supply-links/{register.link(farm, mill, volume_share=0.1)}"

    taken = register.send("PATCH", path, {"volume_share": 0.5})
    refused = register.send("PATCH", path, {"volume_share": 0.5001})
    emptied = register.send("PATCH", path, {"volume_share": None})

    assert taken.json()["volume_share"] == 0.5
    assert refused.json()["others"] == "50"
    assert emptied.json()["volume_share"] is None


def test_a_link_that_was_changed_meanwhile_is_not_changed(register: Register) -> None:
    path = f"/v1/supply-links/{register.link(register.farm(), register.mill())}"
    etag = register.send("GET", path).headers["etag"]
    register.send("PATCH", path, {"volume_share": 0.1})

    answer = register.send("PATCH", path, {"volume_share": 0.2}, if_match=etag)

    assert answer.status_code == 412


def test_days_of_a_link_come_in_their_order(register: Register) -> None:
    farm, mill = register.farm(), register.mill()
    days = {"valid_from": "2026-02-01", "valid_until": "2026-01-31"}
    path = f"/v1/supply-links/{register.link(farm, mill, valid_from='2026-02-01')}"

    new = register.send("POST", "/v1/supply-links", link(mill, farm, **days))
    changed = register.send("PATCH", path, {"valid_until": "2026-01-31"})

    assert new.status_code == changed.status_code == 422
    assert new.json()["type"] == "/problems/days-out-of-order"


@pytest.mark.parametrize("giver", [{}, {"from_site": "a", "from_group": "b"}])
def test_a_link_comes_from_a_site_or_from_a_group(
    register: Register, giver: dict[str, str]
) -> None:
    body = {
        **giver,
        "to_site": register.mill(),
        "commodity": "coffee",
        "season": "2026",
    }

    answer = register.send("POST", "/v1/supply-links", body)

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/one-giver"


def test_a_site_does_not_supply_itself_by_another_of_its_ids(
    register: Register,
) -> None:
    kept, gone = register.farm("A"), register.farm("B")
    register.post(
        "/v1/site-merges", {"keep": kept, "gone": gone, "reason": "same_name"}
    )

    answer = register.send("POST", "/v1/supply-links", link(gone, kept))

    assert answer.json()["type"] == "/problems/link-to-itself"


def test_a_link_that_was_noted_by_mistake_goes_and_makes_room(
    register: Register,
) -> None:
    farm, mill = register.farm(), register.mill()
    made = register.link(farm, mill, volume_share=1.0)

    gone = register.send("DELETE", f"/v1/supply-links/{made}")
    again = register.send(
        "POST", "/v1/supply-links", link(farm, mill, volume_share=1.0)
    )

    assert (gone.status_code, gone.content) == (204, b"")
    assert again.status_code == 201
    assert register.send("GET", f"/v1/supply-links/{made}").status_code == 404


def test_how_a_link_came_in_is_told_and_filtered_by(register: Register) -> None:
    farm, mill = register.farm(), register.mill()
    register.link(farm, mill)
    came = {"source": "import", "source_reference": "job_7", "season": "2025"}
    imported = register.link(farm, mill, **came)

    items = register.get("/v1/supply-links?source=import")["items"]

    assert [item["id"] for item in items] == [imported]
    assert items[0]["source_reference"] == "job_7"


def test_a_site_belongs_to_a_group_season_by_season(register: Register) -> None:
    group, farm = register.group(), register.farm()
    path = f"/v1/groups/{group}/members"
    made = [
        register.post(path, {"site": farm, "season": season, "volume_share": share})
        for season, share in (("2025", 0.25), ("2026", 1.0))
    ]

    again = register.send("POST", path, {"site": farm, "season": "2026"})

    assert again.status_code == 409
    assert again.json()["membership"] == made[1]["id"]
    assert register.ids(f"{path}?season=2025") == [made[0]["id"]]
    assert register.ids(f"/v1/sites/{farm}/groups?season=2026") == [made[1]["id"]]
    assert register.get(f"/v1/groups/{group}")["members"] == 1


def test_shares_of_a_groups_season_never_sum_above_the_whole(
    register: Register,
) -> None:
    group, path = register.group(), ""
    path = f"/v1/groups/{group}/members"
    first, second = register.farm("A"), register.farm("B")
    made = register.post(path, {"site": first, "season": "2026", "volume_share": 0.9})
    body = {"site": second, "season": "2026", "volume_share": 0.2}

    refused = register.send("POST", path, body)
    register.send("DELETE", f"/v1/memberships/{made['id']}")
    taken = register.send("POST", path, body)

    assert refused.json()["type"] == "/problems/shares-over-whole"
    assert taken.status_code == 201


def test_only_producer_groups_are_groups(register: Register) -> None:
    group = register.group()
    buyer = register.post(
        "/v1/organisations", {"kind": "buyer", "name": "B", "country": "DE"}
    )["id"]

    assert register.ids("/v1/groups") == [group]
    assert register.send("GET", f"/v1/groups/{buyer}").status_code == 404


def test_a_new_groups_address_is_told(register: Register) -> None:
    body = {"kind": "producer_group", "name": "G", "country": "CO"}

    answer = register.send("POST", "/v1/organisations", body)

    assert answer.headers["location"] == f"/v1/groups/{answer.json()['id']}"
    assert register.get(answer.headers["location"])["name"] == "G"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"volume_share": 1.1}, "body.volume_share"),
        ({"volume_share": "0.5"}, "body.volume_share"),
        ({"season": "26"}, "body.season"),
        ({"valid_from": "0"}, "body.valid_from"),
        ({"valid_from": "2026-1-1"}, "body.valid_from"),
        ({"source": "gossip"}, "body.source"),
    ],
)
def test_a_malformed_link_names_its_field(
    register: Register, body: dict[str, object], field: str
) -> None:
    answer = register.send("POST", "/v1/supply-links", link("site_a", "site_b", **body))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_the_page_of_a_mill_names_a_group_that_supplies_it(register: Register) -> None:
    mill, group = register.mill(), register.group("Asociación Bruma")
    register.link(group, mill, volume_share=0.5)

    answer = register.send("GET", f"/sites/{mill}")

    assert answer.status_code == 200
    assert "Asociación Bruma" in answer.text
    assert f"/sites/{group}" not in answer.text
