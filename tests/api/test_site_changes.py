"""Sites corrected, closed, numbered, looked up and listed."""

import pytest
from starlette.testclient import TestClient

from compliance.registry.models import IdentifierScheme
from tests.conftest import Tenant
from tests.register import FARM, Register

GLN = {"scheme": "gln", "value": "4012345000009"}


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    """The register of the organisation the test acts for."""
    return Register(client, tenant)


def test_what_is_left_out_of_a_change_stays_and_null_empties(
    register: Register,
) -> None:
    farm = register.farm(latitude=3.2, longitude=-75.6, area_square_metres=9_000)

    changed = register.send(
        "PATCH",
        f"/v1/producers/{farm}",
        {
            "name": "Finca Nueva",
            "municipality": None,
            "latitude": None,
            "longitude": None,
        },
    ).json()

    assert changed["name"] == "Finca Nueva"
    assert changed["municipality"] is changed["latitude"] is None
    assert (changed["admin1"], changed["area_square_metres"]) == ("Tolima", 9_000)
    assert register.get(f"/v1/producers/{farm}") == changed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "body.name"),
        ({"country": None}, "body.country"),
        ({"commodity": None}, "body.commodity"),
        ({"name": ""}, "body.name"),
        ({"kind": "mill"}, "body.kind"),
        ({"admin1": "x" * 101}, "body.admin1"),
        ({"latitude": 3.2}, "body"),
        ({"latitude": 3.2, "longitude": None}, "body"),
    ],
)
def test_a_change_that_cannot_be_names_its_field(
    register: Register, body: dict[str, object], field: str
) -> None:
    farm = register.farm()

    answer = register.send("PATCH", f"/v1/producers/{farm}", body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_change_of_what_was_changed_meanwhile_is_refused(register: Register) -> None:
    farm = register.farm()
    path = f"/v1/producers/{farm}"
    etag = register.send("GET", path).headers["etag"]
    first = register.send("PATCH", path, {"name": "First"}, if_match=etag)

    second = register.send("PATCH", path, {"name": "Second"}, if_match=etag)
    again = register.send(
        "PATCH", path, {"name": "Second"}, if_match=first.headers["etag"]
    )

    assert (first.status_code, second.status_code, again.status_code) == (200, 412, 200)
    assert register.get(path)["name"] == "Second"


def test_a_number_changes_the_etag_as_well(register: Register) -> None:
    farm = register.farm()
    path = f"/v1/producers/{farm}"
    etag = register.send("GET", path).headers["etag"]
    register.post(f"/v1/sites/{farm}/identifiers", GLN)

    answer = register.send("PATCH", path, {"name": "B"}, if_match=etag)

    assert answer.status_code == 412


def test_a_change_that_changes_nothing_leaves_no_trail(register: Register) -> None:
    farm = register.farm()
    entries = len(register.get("/v1/trail?rows=200")["items"])

    answer = register.send("PATCH", f"/v1/producers/{farm}", {"name": FARM["name"]})

    assert answer.status_code == 200
    assert len(register.get("/v1/trail?rows=200")["items"]) == entries


def test_the_trail_of_a_change_names_fields_and_no_name(register: Register) -> None:
    farm = register.farm()

    register.send("PATCH", f"/v1/producers/{farm}", {"name": "De María", "admin1": "H"})

    trail = register.send("GET", "/v1/trail?rows=200").text
    assert "producer.changed" in trail
    assert "María" not in trail


def test_a_site_is_given_to_who_runs_it_and_taken_back(
    register: Register, stranger: Tenant
) -> None:
    mill = register.mill()
    path = f"/v1/mills/{mill}"

    given = register.send("PATCH", path, {"operator": stranger.public_id}).json()
    taken = register.send("PATCH", path, {"operator": None}).json()

    assert given["operator"] == stranger.public_id
    assert given["operator_name"] == "Otra Comercializadora"
    assert taken["operator"] is None


def test_who_runs_a_site_is_somebody_who_signs_in(register: Register) -> None:
    mill, group = register.mill(), register.group()

    answers = [
        register.send("PATCH", f"/v1/mills/{mill}", {"operator": named})
        for named in (group, "org_nobody")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["type"] == "/problems/operator-not-found"


def test_the_operator_sees_the_site_and_its_plots_and_changes_nothing(
    register: Register, client: TestClient, stranger: Tenant
) -> None:
    mill = register.mill(latitude=3.19698, longitude=-75.64506)
    point = {"type": "Point", "coordinates": [-75.645061, 3.196981]}
    register.post(f"/v1/sites/{mill}/plots", {"geometry": point})
    register.send("PATCH", f"/v1/mills/{mill}", {"operator": stranger.public_id})
    operator = Register(client, stranger)

    seen = operator.get(f"/v1/mills/{mill}")
    plots = operator.get(f"/v1/sites/{mill}/plots")["features"]
    refused = operator.send("PATCH", f"/v1/mills/{mill}", {"name": "Mine"})

    assert (seen["relation"], seen["latitude"]) == ("operates", 3.19698)
    assert plots[0]["geometry"]["coordinates"] == [-75.645061, 3.196981]
    assert operator.ids("/v1/mills") == [mill]
    assert refused.status_code == 404


def test_a_site_is_closed_with_a_day_and_a_reason_and_opened_again(
    register: Register,
) -> None:
    farm = register.farm()

    closed = register.post(
        f"/v1/sites/{farm}/close",
        {"reason": "no_longer_supplies", "closed_on": "2024-02-29"},
    )
    listed = register.ids("/v1/producers?state=closed")
    opened = register.post(f"/v1/sites/{farm}/reopen", None)

    assert (closed["state"], closed["closed_on"]) == ("closed", "2024-02-29")
    assert closed["closed_reason"] == "no_longer_supplies"
    assert listed == [farm]
    assert (opened["state"], opened["closed_on"], opened["closed_reason"]) == (
        "active",
        None,
        None,
    )


def test_a_site_is_not_closed_ahead_of_time(register: Register) -> None:
    farm = register.farm()
    body = {"reason": "no_longer_works", "closed_on": "2999-01-01"}

    answer = register.send("POST", f"/v1/sites/{farm}/close", body)

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/closed-in-future"


def test_no_address_deletes_a_site(register: Register) -> None:
    farm = register.farm()

    answers = [
        register.send("DELETE", f"{path}/{farm}").status_code
        for path in ("/v1/producers", "/v1/sites")
    ]

    assert answers == [405, 405]


def test_numbers_stand_side_by_side_and_go_one_by_one(register: Register) -> None:
    farm = register.farm(identifiers=[{"scheme": "own_number", "value": "A17"}])

    both = register.post(
        f"/v1/sites/{farm}/identifiers", {**GLN, "value": "4012345 000009"}
    )
    again = register.post(f"/v1/sites/{farm}/identifiers", GLN)
    gone = register.send(
        "DELETE", f"/v1/sites/{farm}/identifiers?scheme=own_number&value=A17"
    )

    assert both["identifiers"] == [GLN, {"scheme": "own_number", "value": "A17"}]
    assert again["identifiers"] == both["identifiers"]
    assert gone.status_code == 204
    assert register.get(f"/v1/sites/{farm}")["identifiers"] == [GLN]


def test_a_number_that_is_not_there_is_not_taken_away(register: Register) -> None:
    farm = register.farm()

    answer = register.send(
        "DELETE", f"/v1/sites/{farm}/identifiers?scheme=gln&value=4012345000009"
    )

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/identifier-not-found"


def test_a_wrong_number_is_refused_and_an_odd_one_remarked(register: Register) -> None:
    wrong = register.send(
        "POST",
        "/v1/mills",
        {**FARM, "identifiers": [{**GLN, "value": "4012345000008"}]},
    )
    odd = register.send(
        "POST",
        "/v1/mills",
        {**FARM, "identifiers": [{"scheme": "tax_number", "value": "899999068"}]},
        accept_language="es",
    )

    assert wrong.status_code == 422
    assert wrong.json()["type"] == "/problems/number-malformed"
    assert odd.status_code == 201
    assert [remark["code"] for remark in odd.json()["remarks"]] == ["number_looks_odd"]


def test_a_number_of_another_site_is_refused_with_its_id(register: Register) -> None:
    first, second = register.farm(identifiers=[GLN]), register.farm("B")

    answer = register.send("POST", f"/v1/sites/{second}/identifiers", GLN)

    assert answer.status_code == 409
    assert answer.json()["site"] == first


def test_a_site_is_found_by_a_number_however_it_is_written(register: Register) -> None:
    farm = register.farm(identifiers=[GLN])
    register.farm("B", identifiers=[{"scheme": "own_number", "value": "4012345000009"}])

    found = register.ids("/v1/sites?scheme=gln&value=401%202345%20000009")
    any_scheme = register.ids("/v1/sites?value=4012345000009")
    nobody = register.ids("/v1/sites?scheme=lei&value=4012345000009")

    assert found == [farm]
    assert len(any_scheme) == 2
    assert nobody == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=PEN%C3%93N", {"Peñón Alto"}),
        ("name=on%20al", {"Peñón Alto"}),
        ("name=100%25", {"Finca 100%"}),
        ("name=%25", {"Finca 100%"}),
        ("name=_", set()),
        ("admin1=Huila", {"Peñón Alto"}),
        ("municipality=Planadas", {"Peñón Alto", "Finca 100%"}),
        ("country=EC", set()),
        ("commodity=coffee", {"Peñón Alto", "Finca 100%", "Molino"}),
        ("name=fin&admin1=Huila", set()),
    ],
)
def test_a_list_holds_what_its_filters_let_through(
    register: Register, query: str, names: set[str]
) -> None:
    register.farm("Peñón Alto", admin1="Huila")
    register.farm("Finca 100%")
    register.mill("Molino", municipality=None)

    items = register.get(f"/v1/sites?{query}")["items"]

    assert {item["name"] for item in items} == names


def test_a_list_is_filtered_by_group_and_by_operator(
    register: Register, stranger: Tenant
) -> None:
    group = register.group()
    current = register.farm("A", group=group)
    member = register.farm("B", operator=stranger.public_id)
    register.farm("C")
    register.post(f"/v1/groups/{group}/members", {"site": member, "season": "2025"})

    assert register.ids(f"/v1/producers?group={group}") == [current, member]
    assert register.ids(f"/v1/producers?operator={stranger.public_id}") == [member]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("certificate=fairtrade", ["own", "by group", "by membership"]),
        ("certificate=rspo", []),
        ("certified_on=2026-01-01", ["own", "by group", "by membership"]),
        ("certified_on=2026-12-31", ["own", "by group", "by membership"]),
        ("certified_on=2027-01-01", []),
        ("certificate=fairtrade&certified_on=2025-12-31", []),
    ],
)
def test_a_list_is_filtered_by_a_certificate_in_force_on_a_day(
    register: Register, query: str, found: list[str]
) -> None:
    group = register.group()
    days = {"valid_from": "2026-01-01", "valid_until": "2026-12-31"}
    own = register.farm("own")
    register.farm("by group", group=group)
    member = register.farm("by membership")
    register.farm("none")
    register.post(f"/v1/groups/{group}/members", {"site": member, "season": "2026"})
    for number, holder in enumerate(({"site": own}, {"group": group})):
        body = {"scheme": "fairtrade", "number": f"FLO ID {number}", **days, **holder}
        register.post("/v1/certificates", body)

    items = register.get(f"/v1/producers?{query}")["items"]

    assert [item["name"] for item in items] == found


def test_a_suspended_certificate_is_in_force_until_its_suspension(
    register: Register,
) -> None:
    farm = register.farm()
    made = register.post(
        "/v1/certificates",
        {
            "site": farm,
            "scheme": "4c",
            "number": "4C-12345",
            "valid_from": "2026-01-01",
            "valid_until": "2026-12-31",
        },
    )
    suspended = {"status": "suspended", "status_since": "2026-06-01"}
    register.send("PATCH", f"/v1/certificates/{made['id']}", suspended)

    assert register.ids("/v1/producers?certified_on=2026-05-31") == [farm]
    assert register.ids("/v1/producers?certified_on=2026-06-01") == []


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", ["alba", "Álbum", "Zeta", "zeta"]),
        ("-name", ["zeta", "Zeta", "Álbum", "alba"]),
        ("registered", ["Zeta", "alba", "zeta", "Álbum"]),
        ("-registered", ["Álbum", "zeta", "alba", "Zeta"]),
    ],
)
def test_a_list_is_sorted_and_still_paged_without_a_gap(
    register: Register, sort: str, names: list[str]
) -> None:
    for name in ("Zeta", "alba", "zeta", "Álbum"):
        register.farm(name)

    seen: list[str] = []
    following: str | None = f"/v1/producers?sort={sort}&rows=1"
    while following:
        page = register.get(following)
        seen += [item["name"] for item in page["items"]]
        following = page["next"]

    assert seen == names


@pytest.mark.parametrize(
    "query",
    [
        "sort=colour",
        "state=asleep",
        "scheme=passport",
        "certificate=good",
        "certified_on=0",
        "rows=0",
        "country=co",
        "colour=red",
        "name=" + "x" * 201,
    ],
)
def test_a_filter_that_is_none_is_refused(register: Register, query: str) -> None:
    answer = register.send("GET", f"/v1/producers?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"query.{query.partition('=')[0]}"


def test_how_a_site_came_in_is_told(register: Register) -> None:
    farm = register.farm(source="import", source_reference="job_1")

    read = register.get(f"/v1/producers/{farm}")

    assert (read["source"], read["source_reference"]) == ("import", "job_1")


@pytest.mark.parametrize("scheme", list(IdentifierScheme))
def test_every_scheme_has_a_word_on_the_pages(
    register: Register, scheme: IdentifierScheme
) -> None:
    value = {
        IdentifierScheme.GLN: "4012345000009",
        IdentifierScheme.LEI: "529900T8BM49AURSDO55",
        IdentifierScheme.OS_HUB: "CN2021250D1DTN7",
    }.get(scheme, "X1")
    farm = register.farm(identifiers=[{"scheme": scheme, "value": value}])

    answer = register.send("GET", f"/sites/{farm}")

    assert answer.status_code == 200
    assert value in answer.text
