"""Risk over HTTP: of a list of names, of a portfolio, of one site and what it was."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance import clock, limits
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.conftest import FoundTenant, Tenant
from tests.register import Register
from tests.risks import NEVER, Risk, note_risk
from tests.sharing import Sharing, let_operate
from tests.visits import TODAY, on

MILL_LIST = "PO1000000123"
GONE = "site_0000000000000000"
HIGH = Risk(level="high", score=81, confidence=70, word="high", open_zero_tolerance=1)
LOW = Risk(level="low", score=12, open_major=0, last_visit_on=date(2026, 10, 2))
UNKNOWN = Risk(
    level="unknown",
    score=50,
    confidence=0,
    word="none",
    open_major=0,
    last_visit_on=None,
    gaps=(NEVER,),
)


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@pytest.fixture
def buyer(found_tenant: FoundTenant) -> Tenant:
    """A roaster in Hamburg."""
    return found_tenant("Rösterei Speicherstadt", OrganisationKind.BUYER)


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    return Register(client, tenant)


@pytest.fixture
def sharing(client: TestClient, tenant: Tenant, buyer: Tenant) -> Sharing:
    return Sharing(client, tenant, buyer)


def ask(register: Register, *identifiers: object, **rest: Any) -> dict[str, Any]:
    """Ask about names and return the answer."""
    body = {"identifiers": list(identifiers), **rest}
    answer = register.send("POST", "/v1/risk/query", body, Role.ANALYST)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def sites(register: Register, path: str) -> list[str]:
    """Return the sites of a page, as it is ordered."""
    return [one["site"] for one in register.get(path)["items"]]


def outcomes(answered: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one["because"]) for one in answered["items"]]


def test_nobody_learns_a_risk_without_a_key(client: TestClient) -> None:
    answers = [
        client.get("/v1/risk"),
        client.get("/v1/sites/site_x/risk"),
        client.get("/v1/sites/site_x/risk/history"),
        client.post("/v1/risk/query", json={"identifiers": ["site_x"]}),
    ]

    assert {one.status_code for one in answers} == {401}


def test_a_list_is_answered_in_its_order_by_whatever_names_a_site(
    register: Register, database: Database
) -> None:
    farm = register.farm(
        identifiers=[{"scheme": "tax_number", "value": "900123456"}],
        municipality="Planadas",
    )
    mill = register.mill(
        identifiers=[
            {"scheme": "universal_mill_list", "value": MILL_LIST},
            {"scheme": "gln", "value": "4006381333931"},
        ]
    )
    twins = [
        register.farm(name, identifiers=[{"scheme": "own_number", "value": value}])
        for name, value in (("A", "7"), ("B", "8"))
    ]
    register.post(f"/v1/sites/{twins[1]}/identifiers", {"scheme": "iscc", "value": "7"})
    note_risk(database, {farm: HIGH, mill: LOW, twins[0]: UNKNOWN})

    answered = ask(
        register,
        mill,
        {"scheme": "tax_number", "value": "900.123.456-8"},
        "400-6381-333931",
        MILL_LIST,
        "7",
        {"scheme": "own_number", "value": "7"},
        "nobody's",
    )

    told = [one["risk"] and one["risk"]["site"] for one in answered["items"]]
    assert told == [mill, farm, mill, mill, None, twins[0], None]
    assert outcomes(answered)[4:] == [
        ("ambiguous", None),
        ("found", None),
        ("not_found", None),
    ]
    assert answered["items"][4]["candidates"] == sorted(twins)
    assert answered["not_found"] == [{"scheme": None, "value": "nobody's"}]
    summary = answered["summary"]
    assert (summary["asked"], summary["found"], summary["sites"]) == (7, 5, 3)
    assert summary["by_level"] == {"high": 1, "medium": 0, "low": 1, "unknown": 1}
    assert (summary["never_visited"], summary["oldest_last_visit_on"]) == (
        1,
        "2025-11-03",
    )
    assert summary["open_findings"]["zero_tolerance"] == 1
    assert summary["gaps"] == {"never_visited": 1, "not_visited_this_harvest": 2}
    assert summary["volume"] is None


def test_a_risk_is_told_with_its_reasons_in_the_language_of_the_caller(
    register: Register, client: TestClient, tenant: Tenant, database: Database
) -> None:
    farm, unknown = register.farm(), register.farm("Finca Nueva")
    note_risk(database, {farm: HIGH}, is_due=True)

    headers = {**tenant.headers(Role.MANAGER), "Accept-Language": "es"}
    answer = client.post(
        "/v1/risk/query", json={"identifiers": [farm, unknown]}, headers=headers
    )

    told, new = [one["risk"] for one in answer.json()["items"]]
    assert answer.headers["content-language"] == "es"
    assert (told["level"], told["score"], told["confidence"]) == ("high", 81, 70)
    assert told["is_being_assessed"]
    assert [(one["part"], one["code"]) for one in told["reasons"]] == [
        ("inherent", "goods_child_labour"),
        ("outcome", "open_major"),
    ]
    assert told["reasons"][0]["params"]["points"] == 20
    assert told["gaps"][0]["code"] == "not_visited_this_harvest"
    assert told["open_actions"] == {"open": 0, "past_due": 0}
    assert told["last_visit_on"] == "2025-11-03"
    assert (new["level"], new["score"], new["confidence_word"]) == (
        "unknown",
        None,
        "none",
    )


def test_who_is_shown_a_risk_sees_it_and_none_of_the_plan(
    register: Register, sharing: Sharing, buyer: Tenant, database: Database
) -> None:
    farm = register.farm(
        identifiers=[
            {"scheme": "tax_number", "value": "900123456"},
            {"scheme": "fairtrade", "value": "FLO ID 1234"},
        ]
    )
    note_risk(database, {farm: HIGH})
    sharing.give(farm, "risk")
    shown = Register(register.client, buyer)

    answered = ask(shown, farm, "FLO ID 1234", "900123456")

    assert outcomes(answered) == [
        ("found", None),
        ("found", None),
        ("not_found", None),
    ]
    told = answered["items"][0]["risk"]
    assert (told["relation"], told["level"]) == ("shared:risk", "high")
    assert told["open_findings"]["zero_tolerance"] == 1
    assert told["open_actions"] is None
    assert sites(shown, "/v1/risk?relation=shared:risk") == [farm]


def test_a_site_of_somebody_else_is_not_found_unless_the_caller_knows_of_it(
    register: Register, sharing: Sharing, buyer: Tenant, database: Database
) -> None:
    numbered = [{"scheme": "fairtrade", "value": "FLO ID 77"}]
    hidden = register.farm("Oculta", identifiers=numbered)
    ended, carded, coming, asked = (register.farm(name) for name in "ABCD")
    note_risk(database, dict.fromkeys((hidden, ended, carded, coming, asked), HIGH))
    sharing.take_back(sharing.give(ended, "risk")["id"])
    sharing.give(carded, "scorecard")
    sharing.give(coming, "risk", valid_from="2027-01-01T00:00:00Z")
    declined = sharing.ask(subject="risk", site=asked)
    path = f"/v1/consents/requests/{declined}/refusal"
    assert register.send("POST", path).status_code == 201
    sharing.ask(subject="risk", site=GONE)

    answered = ask(
        Register(register.client, buyer),
        *(hidden, "FLO ID 77", ended, carded, coming, asked, GONE),
    )

    assert outcomes(answered) == [
        ("not_found", None),
        ("not_found", None),
        ("not_shared", "consent_ended"),
        ("not_shared", "scorecards_only"),
        ("not_found", None),
        ("not_shared", "request_declined"),
        # There is no such site: what the caller itself asked for tells it nothing.
        ("not_shared", "request_waits"),
    ]
    assert [one["value"] for one in answered["not_shared"]] == [
        *(ended, carded, asked, GONE)
    ]
    assert all(one["risk"] is None for one in answered["items"])


@pytest.mark.parametrize(
    ("identifiers", "kind", "told"),
    [
        ([], "request-invalid", "at least 1"),
        (["x"] * (limits.RISK_NAMES + 1), "request-invalid", "at most 5000"),
        (["a", "b", " a"], "named-twice", "place 0"),
        ([{"scheme": "gln", "value": "123"}], "numbers-malformed", "13 digits"),
        ([{"scheme": "passport", "value": "1"}], "request-invalid", "one of"),
        ([7], "request-invalid", "quotation marks"),
        (["x" * 101], "request-invalid", "at most 100"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_what_would_be_right(
    register: Register, identifiers: list[object], kind: str, told: str
) -> None:
    answer = register.send("POST", "/v1/risk/query", {"identifiers": identifiers})

    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{kind}"
    assert told in str(answer.json()["errors"])


def test_a_question_names_a_list_or_a_mill(register: Register) -> None:
    base = {"mill": "site_x", "season": "2026"}

    neither = register.send("POST", "/v1/risk/query", {})
    both = register.send(
        "POST", "/v1/risk/query", {"identifiers": ["a"], "supply_base": base}
    )
    nowhere = register.send("POST", "/v1/risk/query", {"supply_base": base})

    assert [one.status_code for one in (neither, both, nowhere)] == [422, 422, 404]


def test_the_portfolio_is_narrowed_ordered_paged_and_saved_as_csv(
    register: Register, database: Database, found_tenant: FoundTenant
) -> None:
    new, low = register.farm("Nueva"), register.farm("Baja")
    high, mill = register.farm("Alta", municipality="Neiva"), register.mill()
    note_risk(database, {low: LOW, high: HIGH, mill: UNKNOWN})
    other = found_tenant("Trilladora", OrganisationKind.MILL)
    let_operate(database, low, other)

    worst = register.get("/v1/risk?sort=-score&rows=3")
    rest = register.get(worst["next"])
    csv = register.send("GET", "/v1/risk?sort=score", accept="text/csv")

    ids = partial(sites, register)
    assert [one["site"] for one in worst["items"]] == [new, high, mill]
    assert [one["site"] for one in rest["items"]] == [low]
    assert ids("/v1/risk?sort=last_visit") == [new, mill, high, low]
    assert ids("/v1/risk?sort=-last_visit&rows=2") == [low, high]
    assert ids("/v1/risk") == [new, low, high, mill]
    assert ids("/v1/risk?level=unknown") == [new, mill]
    assert ids("/v1/risk?confidence=high") == [high]
    assert ids("/v1/risk?has_open=zero_tolerance") == [high]
    assert ids("/v1/risk?visited_before=2026-01-01&kind=producer") == [new, high]
    assert ids("/v1/risk?municipality=Neiva&country=CO&commodity=coffee") == [high]
    assert ids("/v1/risk?relation=operates") == []
    assert sites(Register(register.client, other), "/v1/risk") == [low]
    assert worst["items"][1]["gaps"] == ["not_visited_this_harvest"]
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("site,name,kind,country")
    assert lines[1].startswith(f"{low},Baja,producer,CO")
    assert register.send("GET", "/v1/risk?after=site_x").status_code == 422


def test_one_risk_is_explained_and_sent_again_only_when_it_changed(
    register: Register, stranger: Tenant, database: Database
) -> None:
    farm = register.farm()
    note_risk(database, {farm: LOW})
    path = f"/v1/sites/{farm}/risk"

    first = register.send("GET", path, role=Role.AUDITOR)
    again = register.send("GET", path, if_none_match=first.headers["etag"])
    note_risk(database, {farm: HIGH})
    changed = register.send("GET", path, if_none_match=first.headers["etag"])
    history = register.get(f"{path}/history?rows=1")
    earlier = register.get(history["next"])

    told = first.json()
    assert told["decided_by"]["code"] == "score"
    assert told["parts"]["management"] == {"score": None, "reasons": []}
    assert told["confidence_factors"][0]["share"] == 100
    assert (told["policy_from"], told["formula"]) == ("2026-01-01", "1")
    assert (again.status_code, again.content) == (304, b"")
    assert (changed.status_code, changed.json()["level"]) == (200, "high")
    assert [one["level"] for one in history["items"] + earlier["items"]] == [
        "high",
        "low",
    ]
    assert register.send("GET", f"{path}/history?after=x").status_code == 422
    others = Register(register.client, stranger)
    for one in (path, f"{path}/history"):
        assert others.send("GET", one).status_code == 404
    assert outcomes(ask(others, farm)) == [("not_found", None)]


def test_a_consent_that_runs_out_takes_the_risk_along(
    register: Register, sharing: Sharing, buyer: Tenant, database: Database
) -> None:
    farm = register.farm()
    note_risk(database, {farm: HIGH})
    sharing.give(farm, "risk", valid_until="2026-12-01T00:00:00Z")
    path = f"/v1/sites/{farm}/risk"
    before = sharing.status(path, buyer)

    with on(2026, 12, 2):
        after = sharing.status(path, buyer)

    assert (before, after) == (200, 404)
