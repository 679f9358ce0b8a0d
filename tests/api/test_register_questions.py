"""The questions that every address of the register is asked: who, whose, and which role."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.register import FARM, Register

POINT = {"type": "Point", "coordinates": [-75.645061, 3.196981]}
MONTHS = ["main"] * 12
CALENDAR = {
    "country": "CO",
    "commodity": "coffee",
    "months": MONTHS,
    "stated_by": "FNC",
}
CERTIFICATE = {
    "scheme": "fairtrade",
    "number": "FLO ID 1",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
}
LINK = {"commodity": "coffee", "season": "2026"}


@dataclass(frozen=True)
class Call:
    """A request whose address and body may name things that are there, in {braces}."""

    method: str
    path: str
    body: Mapping[str, object] = field(default_factory=dict)

    def named(self, things: dict[str, str]) -> "Call":
        body = {
            name: value.format(**things) if isinstance(value, str) else value
            for name, value in self.body.items()
        }
        return Call(self.method, self.path.format(**things), body)


READS = [
    Call("GET", path)
    for path in (
        "/v1/producers/{farm}",
        "/v1/mills/{mill}",
        "/v1/sites/{farm}",
        "/v1/mills/{mill}/supply-base?season=2026",
        "/v1/supply-links/{link}",
        "/v1/groups/{group}",
        "/v1/groups/{group}/members",
        "/v1/memberships/{membership}",
        "/v1/sites/{farm}/groups",
        "/v1/site-merges/{merge}",
        "/v1/plots/{plot}",
        "/v1/sites/{farm}/plots",
        "/v1/certificates/{certificate}",
        "/v1/sites/{farm}/workforce",
        "/v1/brokers/{broker}",
        "/v1/brokers/{broker}/sites",
        "/v1/engagements/{engagement}",
        "/v1/sites/{farm}/brokers",
        "/v1/harvest-calendars/{calendar}",
        "/v1/sites/{farm}/season",
    )
]
LISTS = [
    Call("GET", path)
    for path in (
        "/v1/producers",
        "/v1/mills",
        "/v1/sites",
        "/v1/supply-links",
        "/v1/groups",
        "/v1/memberships",
        "/v1/site-merges",
        "/v1/plots",
        "/v1/certificates",
        "/v1/workforce-profiles",
        "/v1/brokers",
        "/v1/engagements",
        "/v1/harvest-calendars",
    )
]
# Changes of something that is there.
CHANGES = [
    Call("PATCH", "/v1/producers/{farm}", {"name": "B"}),
    Call("PATCH", "/v1/mills/{mill}", {"name": "B"}),
    Call("POST", "/v1/sites/{farm}/close", {"reason": "no_longer_works"}),
    Call("POST", "/v1/sites/{farm}/reopen"),
    Call("POST", "/v1/sites/{farm}/identifiers", {"scheme": "4c", "value": "4C-12345"}),
    Call("DELETE", "/v1/sites/{farm}/identifiers?scheme=own_number&value=A17"),
    Call("PATCH", "/v1/supply-links/{link}", {"volume_share": 0.5}),
    Call("DELETE", "/v1/supply-links/{link}"),
    Call("POST", "/v1/groups/{group}/members", {"site": "{farm}", "season": "2025"}),
    Call("DELETE", "/v1/memberships/{membership}"),
    Call("POST", "/v1/site-merges/{merge}/undo"),
    Call("POST", "/v1/sites/{farm}/plots", {"geometry": POINT, "label": "casa"}),
    Call("POST", "/v1/plots/{plot}/end"),
    Call("PATCH", "/v1/certificates/{certificate}", {"valid_until": "2027-01-31"}),
    Call("POST", "/v1/sites/{farm}/workforce", {"season": "2025"}),
    Call("PATCH", "/v1/brokers/{broker}", {"name": "B"}),
    Call("POST", "/v1/brokers/{broker}/sites", {"site": "{farm}", "season": "2025"}),
    Call("DELETE", "/v1/engagements/{engagement}"),
    Call(
        "PUT", "/v1/harvest-calendars/{calendar}", {"months": MONTHS, "stated_by": "x"}
    ),
    Call("DELETE", "/v1/harvest-calendars/{calendar}"),
]
# New things that name others, or nobody.
NEW = [
    Call("POST", "/v1/producers", dict(FARM)),
    Call("POST", "/v1/mills", dict(FARM)),
    Call(
        "POST", "/v1/supply-links", {**LINK, "from_site": "{farm}", "to_site": "{mill}"}
    ),
    Call("POST", "/v1/certificates", {**CERTIFICATE, "site": "{farm}"}),
    Call("POST", "/v1/certificates", {**CERTIFICATE, "group": "{group}"}),
    Call(
        "POST",
        "/v1/site-merges",
        {"keep": "{farm}", "gone": "{mill}", "reason": "same_name"},
    ),
    Call("POST", "/v1/brokers", {"kind": "broker", "name": "B", "country": "CO"}),
    Call("POST", "/v1/harvest-calendars", CALENDAR),
]


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    """The register of the organisation the test acts for."""
    return Register(client, tenant)


@pytest.fixture
def other(client: TestClient, stranger: Tenant) -> Register:
    """The register of another organisation."""
    return Register(client, stranger)


@pytest.fixture
def things(register: Register) -> dict[str, str]:
    """One of everything, by what the calls call it."""
    farm, mill = register.farm(), register.mill()
    twin, group = register.farm("Finca El Recuerdo 2"), register.group()
    own = {"scheme": "own_number", "value": "A17"}
    register.post(f"/v1/sites/{farm}/identifiers", own)
    broker = register.post(
        "/v1/brokers", {"kind": "crew_leader", "name": "Cuadrilla", "country": "CO"}
    )["id"]
    named = {"site": farm, "season": "2026"}
    merge = {"keep": farm, "gone": twin, "reason": "same_name"}
    return {
        "farm": farm,
        "mill": mill,
        "group": group,
        "broker": broker,
        "link": register.link(farm, mill),
        "membership": register.post(f"/v1/groups/{group}/members", named)["id"],
        "merge": register.post("/v1/site-merges", merge)["id"],
        "plot": register.post(f"/v1/sites/{farm}/plots", {"geometry": POINT})["id"],
        "certificate": register.post(
            "/v1/certificates", {**CERTIFICATE, "site": farm, "number": "FLO ID 2"}
        )["id"],
        "workforce": register.post(f"/v1/sites/{farm}/workforce", {"season": "2026"})[
            "id"
        ],
        "engagement": register.post(f"/v1/brokers/{broker}/sites", named)["id"],
        "calendar": register.post("/v1/harvest-calendars", CALENDAR)["id"],
    }


def test_nothing_is_told_or_done_without_a_key(client: TestClient) -> None:
    calls = [*READS, *LISTS, *CHANGES, *NEW]

    answers = {
        (call.method, call.path): client.request(
            call.method, call.path, json=call.body or None
        )
        for call in calls
    }

    assert {key for key, one in answers.items() if one.status_code != 401} == set()


def test_a_role_that_only_reads_changes_nothing(
    register: Register, things: dict[str, str]
) -> None:
    calls = [call.named(things) for call in (*CHANGES, *NEW)]

    answers = {
        (call.method, call.path): register.send(
            call.method, call.path, call.body or None, role=Role.ANALYST
        )
        for call in calls
    }

    assert {key for key, one in answers.items() if one.status_code != 403} == set()


def test_another_organisations_things_are_not_found(
    other: Register, things: dict[str, str]
) -> None:
    calls = [call.named(things) for call in (*READS, *CHANGES)]

    answers = {
        (call.method, call.path): other.send(call.method, call.path, call.body or None)
        for call in calls
    }

    assert {key for key, one in answers.items() if one.status_code != 404} == set()


def test_another_organisations_things_cannot_be_named(
    other: Register, things: dict[str, str]
) -> None:
    naming = [call for call in NEW if "{" in "".join(map(str, call.body.values()))]
    calls = [call.named(things) for call in naming]

    answers = [
        other.send(call.method, call.path, call.body).status_code for call in calls
    ]

    assert len(calls) == 4
    assert set(answers) <= {404, 422}


@pytest.mark.usefixtures("things")
def test_another_organisations_lists_are_empty(other: Register) -> None:
    documents = {call.path: other.get(call.path) for call in LISTS}

    listed = {
        path: one.get("items", one.get("features")) for path, one in documents.items()
    }
    assert listed == {call.path: [] for call in LISTS}


def test_everything_that_is_there_is_told_to_its_owner(
    register: Register, things: dict[str, str]
) -> None:
    answers = {
        call.path: register.send("GET", call.named(things).path)
        for call in (*READS, *LISTS)
    }

    assert {path for path, one in answers.items() if one.status_code != 200} == set()


def test_every_list_is_also_csv(register: Register, things: dict[str, str]) -> None:
    paths = [call.path for call in LISTS if "workforce" not in call.path]

    answers = {path: register.send("GET", path, accept="text/csv") for path in paths}

    assert things
    for path, answer in answers.items():
        assert answer.headers["content-type"].startswith("text/csv"), path
        assert len(answer.text.splitlines()) >= 2, path


def test_a_list_goes_on_only_from_what_is_in_it(register: Register) -> None:
    answers = {
        call.path: register.send("GET", f"{call.path}?after=nobody").status_code
        for call in LISTS
    }

    assert answers == {call.path: 422 for call in LISTS}


@pytest.mark.usefixtures("things")
def test_every_list_is_told_in_pages_that_miss_and_repeat_nothing(
    register: Register,
) -> None:
    register.farm("B")
    register.farm("C")
    register.mill("D")

    for call in LISTS:
        key = "features" if "plots" in call.path else "items"
        whole = [one["id"] for one in register.get(call.path)[key]]
        pieces: list[str] = []
        following: str | None = f"{call.path}?rows=1"
        while following:
            page = register.get(following)
            pieces += [one["id"] for one in page[key]]
            following = page["next"]
        assert pieces == whole, call.path


def test_the_trail_tells_of_every_change(
    register: Register, things: dict[str, str]
) -> None:
    trail = register.send("GET", "/v1/trail?rows=200").json()["items"]

    told = {entry["action"] for entry in trail}
    assert things
    assert {
        "producer.registered",
        "mill.registered",
        "producer.number_added",
        "supply_link.registered",
        "group.joined",
        "site.merged",
        "plot.registered",
        "certificate.registered",
        "workforce.stated",
        "broker.registered",
        "broker.engaged",
        "harvest_calendar.stated",
    } <= told
