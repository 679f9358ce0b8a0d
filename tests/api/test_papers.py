"""Certificates, workforce, brokers and harvest calendars over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from starlette.testclient import TestClient

from compliance import clock
from tests.conftest import Tenant
from tests.register import Register
from tests.visits import TODAY

PAPER = {
    "scheme": "rainforest_alliance",
    "number": "RA_00123456",
    "certifying_body": "Certificadora Ejemplo",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
}
BROKER = {
    "kind": "broker",
    "name": "Servicios del Campo",
    "country": "CO",
    "licence_number": "L-17",
    "licence_valid_until": "2026-11-21",
}
AUTUMN = ["none"] * 9 + ["main"] * 3


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    """The register of the organisation the test acts for."""
    return Register(client, tenant)


def test_a_certificate_reads_as_it_was_given_with_its_standing(
    register: Register,
) -> None:
    farm = register.farm()

    made = register.post("/v1/certificates", {**PAPER, "site": farm})

    assert register.get(f"/v1/certificates/{made['id']}") == made
    assert {name: made[name] for name in PAPER} == PAPER
    assert (made["site"], made["group"]) == (farm, None)
    assert (made["status"], made["standing"]) == ("active", "in_force")


def test_a_renewal_is_another_certificate_and_the_same_one_is_refused(
    register: Register,
) -> None:
    group = register.group()
    first = register.post("/v1/certificates", {**PAPER, "group": group})
    renewed = {**PAPER, "valid_from": "2027-01-01", "valid_until": "2027-12-31"}

    again = register.send("POST", "/v1/certificates", {**PAPER, "group": group})
    second = register.post("/v1/certificates", {**renewed, "group": group})

    assert again.status_code == 409
    assert again.json()["type"] == "/problems/certificate-exists"
    assert second["standing"] == "not_yet"
    assert register.ids(f"/v1/certificates?group={group}") == [
        first["id"],
        second["id"],
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("valid_on=2026-06-30", 1),
        ("valid_on=2027-01-01", 0),
        ("expires_by=2026-12-31", 1),
        ("expires_by=2026-12-30", 0),
        ("scheme=rspo", 0),
        ("number=RA_00123456", 1),
        ("status=withdrawn", 0),
    ],
)
def test_certificates_are_filtered(register: Register, query: str, found: int) -> None:
    register.post("/v1/certificates", {**PAPER, "site": register.farm()})

    assert len(register.get(f"/v1/certificates?{query}")["items"]) == found


def test_a_suspension_has_a_day_and_ends_with_it(register: Register) -> None:
    made = register.post("/v1/certificates", {**PAPER, "site": register.farm()})
    path = f"/v1/certificates/{made['id']}"

    dayless = register.send("PATCH", path, {"status": "suspended"})
    suspended = register.send(
        "PATCH", path, {"status": "suspended", "status_since": "2026-06-01"}
    )
    lifted = register.send("PATCH", path, {"status": "active", "status_since": None})

    assert dayless.json()["type"] == "/problems/status-needs-day"
    assert suspended.json()["standing"] == "suspended"
    assert lifted.json()["standing"] == "in_force"


@pytest.mark.parametrize("holder", [{}, {"site": "a", "group": "b"}])
def test_a_certificate_has_one_holder(
    register: Register, holder: dict[str, str]
) -> None:
    answer = register.send("POST", "/v1/certificates", {**PAPER, **holder})

    assert answer.json()["type"] == "/problems/one-holder"


def test_a_certificate_that_was_changed_meanwhile_is_not_changed(
    register: Register,
) -> None:
    made = register.post("/v1/certificates", {**PAPER, "site": register.farm()})
    path = f"/v1/certificates/{made['id']}"
    etag = register.send("GET", path).headers["etag"]
    register.send("PATCH", path, {"valid_until": "2026-11-30"})

    answer = register.send("PATCH", path, {"certifying_body": None}, if_match=etag)

    assert answer.status_code == 412


def test_days_of_a_certificate_come_in_their_order(register: Register) -> None:
    made = register.post("/v1/certificates", {**PAPER, "site": register.farm()})
    path = f"/v1/certificates/{made['id']}"

    answer = register.send("PATCH", path, {"valid_until": "2025-12-31"})

    assert answer.json()["type"] == "/problems/days-out-of-order"


def test_a_workforce_is_stated_and_a_correction_keeps_what_was_said(
    register: Register,
) -> None:
    farm = register.farm()
    path = f"/v1/sites/{farm}/workforce"
    first = {"season": "2026", "permanent": {"women": 2, "men": 3}}
    second = {**first, "temporary": {"total": 20}, "migrant": {"total": 25, "women": 9}}

    made = register.post(path, first)
    corrected = register.post(path, second)

    assert made["permanent"] == {"total": 5, "women": 2, "men": 3}
    assert made["family_help"] == {"total": None, "women": None, "men": None}
    assert (made["revision"], corrected["revision"]) == (1, 2)
    assert register.get(path)["items"] == [corrected]
    assert register.get(f"{path}?history=true")["items"] == [made, corrected]
    assert register.get(f"{path}?season=2025")["items"] == []


@pytest.mark.parametrize(
    ("counts", "problem"),
    [
        ({"permanent": {"total": 4, "women": 3, "men": 2}}, "parts-over-total"),
        (
            {
                "permanent": {"total": 1},
                "temporary": {"total": 1},
                "migrant": {"total": 3},
            },
            "more-than-hired",
        ),
    ],
)
def test_counts_that_do_not_add_up_are_refused(
    register: Register, counts: dict[str, object], problem: str
) -> None:
    farm = register.farm()

    answer = register.send(
        "POST", f"/v1/sites/{farm}/workforce", {"season": "2026", **counts}
    )

    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{problem}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"season": "2026", "permanent": {"women": -1}}, "body.permanent.women"),
        ({"season": "2026", "permanent": {"women": True}}, "body.permanent.women"),
        ({"season": "2026", "immigrants": {"total": 1}}, "body.immigrants"),
        ({"season": "2026", "migrant": {"papers": 1}}, "body.migrant.papers"),
        ({"permanent": {"women": 1}}, "body.season"),
    ],
)
def test_a_workforce_has_counts_and_nothing_of_papers(
    register: Register, body: dict[str, object], field: str
) -> None:
    farm = register.farm()

    answer = register.send("POST", f"/v1/sites/{farm}/workforce", body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_the_newest_statement_of_a_merged_site_counts(register: Register) -> None:
    kept, gone = register.farm("A"), register.farm("B")
    register.post(f"/v1/sites/{kept}/workforce", {"season": "2026"})
    moments = iter(range(100))
    with clock.set_to(lambda: TODAY.replace(hour=13, second=next(moments) % 60)):
        newer = register.post(f"/v1/sites/{gone}/workforce", {"season": "2026"})
    register.post(
        "/v1/site-merges", {"keep": kept, "gone": gone, "reason": "same_name"}
    )

    assert register.ids(f"/v1/sites/{kept}/workforce") == [newer["id"]]


def test_a_brokers_sites_are_listed_wherever_they_are(register: Register) -> None:
    broker = register.post("/v1/brokers", BROKER)
    path = f"/v1/brokers/{broker['id']}/sites"
    farms = [register.farm("A"), register.farm("B")]
    for farm, season in zip(farms, ("2025", "2026"), strict=True):
        register.post(path, {"site": farm, "season": season, "workers": 12})

    again = register.send("POST", path, {"site": farms[0], "season": "2025"})

    assert [item["site"] for item in register.get(path)["items"]] == farms
    assert [item["site"] for item in register.get(f"{path}?season=2026")["items"]] == [
        farms[1]
    ]
    assert register.get(f"/v1/brokers/{broker['id']}")["sites"] == 2
    assert register.get(f"/v1/sites/{farms[0]}/brokers")["items"][0]["workers"] == 12
    assert again.json()["type"] == "/problems/engagement-exists"


def test_a_licence_is_worth_what_its_days_say(register: Register) -> None:
    made = register.post("/v1/brokers", BROKER)
    path = f"/v1/brokers/{made['id']}"

    renewed = register.send("PATCH", path, {"licence_valid_until": "2026-11-22"})
    gone = register.send(
        "PATCH", path, {"licence_number": None, "licence_valid_until": None}
    )

    assert made["licence"] == "expired"
    assert renewed.json()["licence"] == "in_force"
    assert gone.json()["licence"] == "not_known"


def test_a_licence_belongs_to_one_broker_of_a_country(register: Register) -> None:
    first = register.post("/v1/brokers", BROKER)
    second = register.post("/v1/brokers", {**BROKER, "country": "EC"})

    again = register.send("POST", "/v1/brokers", {**BROKER, "name": "Otro"})
    moved = register.send("PATCH", f"/v1/brokers/{second['id']}", {"country": "CO"})

    for answer in (again, moved):
        assert answer.status_code == 409
        assert answer.json()["broker"] == first["id"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"licence_number": None}, "licence-without-number"),
        ({"licence_valid_from": "2026-12-01"}, "days-out-of-order"),
    ],
)
def test_a_licence_is_whole(
    register: Register, change: dict[str, object], problem: str
) -> None:
    made = register.post("/v1/brokers", BROKER)

    answer = register.send("PATCH", f"/v1/brokers/{made['id']}", change)

    assert answer.json()["type"] == f"/problems/{problem}"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=CAMPO", 1),
        ("name=ampó", 1),
        ("kind=crew_leader", 0),
        ("country=CO", 1),
        ("licence_number=L-17", 1),
        ("licence_expires_by=2026-11-21", 1),
        ("licence_expires_by=2026-11-20", 0),
    ],
)
def test_brokers_are_filtered(register: Register, query: str, found: int) -> None:
    register.post("/v1/brokers", BROKER)

    assert len(register.get(f"/v1/brokers?{query}")["items"]) == found


def test_a_broker_renamed_is_found_by_its_new_name(register: Register) -> None:
    made = register.post("/v1/brokers", BROKER)

    register.send("PATCH", f"/v1/brokers/{made['id']}", {"name": "Ñandú"})

    assert register.ids("/v1/brokers?name=nandu") == [made["id"]]
    assert register.ids("/v1/brokers?name=campo") == []


def test_an_engagement_noted_by_mistake_goes(register: Register) -> None:
    broker = register.post("/v1/brokers", BROKER)["id"]
    body = {"site": register.farm(), "season": "2026"}
    made = register.post(f"/v1/brokers/{broker}/sites", body)

    gone = register.send("DELETE", f"/v1/engagements/{made['id']}")

    assert gone.status_code == 204
    assert register.get(f"/v1/brokers/{broker}")["sites"] == 0


def calendar(**place: object) -> dict[str, object]:
    body = {"country": "CO", "commodity": "coffee", "months": AUTUMN}
    return {**body, "stated_by": "Comité de Cafeteros", **place}


def test_a_day_is_told_by_the_nearest_calendar(register: Register) -> None:
    farm, elsewhere = register.farm(), register.farm("B", admin1="Huila")
    register.post("/v1/harvest-calendars", calendar())
    spring = ["none"] * 3 + ["main"] * 3 + ["mid"] + ["none"] * 5
    register.post("/v1/harvest-calendars", calendar(admin1="TOLIMA", months=spring))
    path = f"/v1/sites/{farm}/season"

    told = [
        register.get(f"{path}?on=2026-05-01"),
        register.get(f"{path}?on=2026-07-31"),
        register.get(path),
        register.get(f"/v1/sites/{elsewhere}/season"),
    ]

    assert [one["season"] for one in told] == [
        "2026-main",
        "2026-mid",
        None,
        "2026-main",
    ]
    assert [one["month"] for one in told] == ["main", "mid", "none", "main"]


def test_without_a_calendar_nothing_is_known_of_a_day(register: Register) -> None:
    told = register.get(f"/v1/sites/{register.farm()}/season")

    assert told == {"on": "2026-11-22", "month": None, "season": None}


def test_a_place_has_one_calendar_which_is_corrected_and_removed(
    register: Register,
) -> None:
    made = register.post("/v1/harvest-calendars", calendar(admin1="Nariño"))
    path = f"/v1/harvest-calendars/{made['id']}"

    again = register.send("POST", "/v1/harvest-calendars", calendar(admin1="  narino "))
    changed = register.send(
        "PUT", path, {"months": ["main"] * 12, "stated_by": "The owner"}
    )
    gone = register.send("DELETE", path)

    assert again.status_code == 409
    assert again.json()["calendar"] == made["id"]
    assert changed.json()["months"] == ["main"] * 12
    assert gone.status_code == 204
    assert register.ids("/v1/harvest-calendars") == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (calendar(months=["main"] * 11), 422),
        (calendar(months=["spring"] * 12), 422),
        (calendar(municipality="Planadas"), 422),
        (calendar(stated_by=""), 422),
    ],
)
def test_a_malformed_calendar_is_refused(
    register: Register, body: dict[str, object], status: int
) -> None:
    answer = register.send("POST", "/v1/harvest-calendars", body)

    assert answer.status_code == status
