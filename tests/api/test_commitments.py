"""Commitments over HTTP: a buyer promises, the supplier says whether it was kept."""

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.intake import keyring_of
from compliance import clock
from compliance.commitments import actions
from compliance.commitments.lifecycle import CommitmentProof, Step
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.scope import KeyGiven, scope_of
from tests.conftest import FoundTenant, Tenant
from tests.failing import fail_each_statement, in_one_transaction
from tests.owing import Owing, owing
from tests.promising import CO_FUNDING, Promising
from tests.sharing import Sharing, let_operate, trail_of
from tests.visits import A_CHILD_OF_13, TODAY, Visited, on, visited

NOTE = "Habla con Ana María, 310 555 0101"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    """A farm of the supplier where something was found."""
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_13])
    return farm


@pytest.fixture
def buyer(found_tenant: FoundTenant) -> Tenant:
    return found_tenant("Kaffee GmbH", OrganisationKind.BUYER)


@pytest.fixture
def sharing(client: TestClient, tenant: Tenant, buyer: Tenant) -> Sharing:
    return Sharing(client, tenant, buyer)


@pytest.fixture
def consent(sharing: Sharing, farm: Visited) -> str:
    """The id of the consent by which the supplier shows the farm's cards."""
    return str(sharing.give(farm.site)["id"])


@pytest.fixture
def promising(
    client: TestClient, tenant: Tenant, buyer: Tenant, farm: Visited, consent: str
) -> Promising:
    assert consent
    return Promising(client, buyer, tenant, farm.site)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/commitments", None),
        ("POST", "/v1/commitments", {"site": "site_x", **CO_FUNDING}),
        ("GET", "/v1/commitments/commitment_x", None),
        ("POST", "/v1/commitments/commitment_x/steps", {"step": "accept"}),
        ("GET", "/v1/sites/site_x/plan", None),
    ],
)
def test_commitments_need_a_key(
    client: TestClient, method: str, path: str, body: object
) -> None:
    assert client.request(method, path, json=body).status_code == 401


def test_a_commitment_of_others_is_not_found(
    client: TestClient, stranger: Tenant, promising: Promising
) -> None:
    made, headers = promising.make(), stranger.headers()

    read = client.get(f"/v1/commitments/{made}", headers=headers)
    stepped = promising.send(f"/{made}/steps", {"step": "accept"}, stranger)
    listed = client.get("/v1/commitments", headers=headers)
    plan = client.get(f"/v1/sites/{promising.site}/plan", headers=headers)

    assert (read.status_code, stepped.status_code, plan.status_code) == (404, 404, 404)
    assert read.json()["type"] == "/problems/commitment-not-found"
    assert listed.json() == {"items": [], "next": None}


def test_another_buyer_who_is_shown_the_site_sees_none_of_it(
    client: TestClient, tenant: Tenant, found_tenant: FoundTenant, promising: Promising
) -> None:
    other = found_tenant("Another buyer", OrganisationKind.BUYER)
    Sharing(client, tenant, other).give(promising.site)
    made = promising.make()

    read = client.get(f"/v1/commitments/{made}", headers=other.headers())
    listed = client.get("/v1/commitments", headers=other.headers())

    assert read.status_code == 404
    assert listed.json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "goodwill"}, "body.kind"),
        ({"amount": 0}, "body.amount"),
        ({"currency": "EURO"}, "body.currency"),
        ({"basis_points": 10_001}, "body.basis_points"),
        ({"due_on": 0}, "body.due_on"),
        ({"findings": ["F-00000000"]}, "body.findings.0"),
        ({"note": "María Pérez"}, "body.note"),
    ],
)
def test_a_malformed_commitment_is_told(
    promising: Promising, changes: dict[str, object], field: str
) -> None:
    body = {"site": promising.site, **CO_FUNDING, **changes}

    answer = promising.send("", body, promising.buyer)

    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"currency": None}, "measure-unfitting"),
        ({"amount": None}, "measure-unfitting"),
        ({"amount": None, "currency": None}, "measure-unfitting"),
        ({"basis_points": 100}, "measure-unfitting"),
        ({"amount": None, "currency": None, "days": 3}, "measure-unfitting"),
        ({"due_on": "2026-11-21"}, "due-before"),
        ({"findings": ["RF-99"]}, "finding-off-the-card"),
        ({"site": "site_nowhere"}, "site-unknown"),
    ],
)
def test_a_commitment_that_makes_no_sense_is_refused(
    promising: Promising, changes: dict[str, object], problem: str
) -> None:
    body = {"site": promising.site, **CO_FUNDING, **changes}

    answer = promising.send("", body, promising.buyer)

    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{problem}"


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.REVIEWER])
def test_a_commitment_is_made_by_those_who_manage(
    promising: Promising, role: Role
) -> None:
    body = {"site": promising.site, **CO_FUNDING}

    assert promising.send("", body, promising.buyer, role).status_code == 403


def test_nobody_makes_a_commitment_to_its_own_site(
    promising: Promising, tenant: Tenant
) -> None:
    answer = promising.send("", {"site": promising.site, **CO_FUNDING}, tenant)

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/site-unknown"


def test_a_buyer_without_consent_makes_no_commitment(
    client: TestClient, tenant: Tenant, buyer: Tenant, farm: Visited
) -> None:
    unseen = Promising(client, buyer, tenant, farm.site)

    answer = unseen.send("", {"site": farm.site, **CO_FUNDING}, buyer)

    assert answer.json()["type"] == "/problems/site-unknown"


def test_who_is_shown_the_risk_alone_names_no_finding(
    client: TestClient,
    tenant: Tenant,
    buyer: Tenant,
    farm: Visited,
    sharing: Sharing,
) -> None:
    sharing.give(farm.site, "risk")
    promising = Promising(client, buyer, tenant, farm.site)
    body = {"site": farm.site, **CO_FUNDING, "findings": ["RF-01"]}

    refused = promising.send("", body, buyer)

    assert refused.json()["type"] == "/problems/finding-off-the-card"
    assert promising.get(f"/{promising.make()}", buyer)["findings"] == []


def test_what_is_promised_is_told_to_both_sides(
    promising: Promising, buyer: Tenant, tenant: Tenant, farm: Visited
) -> None:
    answer = promising.send(
        "", {"site": farm.site, **CO_FUNDING, "findings": ["RF-01"]}, buyer
    )

    made = answer.json()
    received = promising.get(f"/{made['id']}", tenant, Role.MANAGER)
    assert answer.headers["location"] == f"/v1/commitments/{made['id']}"
    assert (made["relation"], received["relation"]) == ("made", "received")
    assert (made["maker"], made["keeper"]) == (buyer.public_id, tenant.public_id)
    assert (made["amount"], made["currency"], made["currency_exponent"]) == (
        500_000,
        "EUR",
        2,
    )
    assert (made["state"], made["findings"]) == ("offered", ["RF-01"])
    assert made["possible_steps"] == ["withdraw"]
    assert received["possible_steps"] == ["accept", "decline"]


def test_a_commitment_is_kept_when_the_supplier_says_so(
    promising: Promising, buyer: Tenant, tenant: Tenant
) -> None:
    made = promising.begun()

    reported = promising.step(
        made, "report_kept", buyer, proof="bank_transfer", evidence_sha256="ab" * 32
    )
    own = promising.send(f"/{made}/steps", {"step": "confirm"}, buyer)
    confirmed = promising.step(made, "confirm", tenant)

    assert reported["state"] == "kept_reported"
    assert own.status_code == 403
    assert own.json()["type"] == "/problems/not-your-side"
    assert confirmed["state"] == "kept_confirmed"
    assert [(one["step"], one["side"]) for one in confirmed["steps"]] == [
        ("offer", "maker"),
        ("accept", "supplier"),
        ("begin", "maker"),
        ("report_kept", "maker"),
        ("confirm", "supplier"),
    ]
    assert confirmed["steps"][3]["evidence_sha256"] == "ab" * 32
    assert confirmed["possible_steps"] == []


def test_what_was_reported_and_did_not_come_is_contested(
    promising: Promising, buyer: Tenant, tenant: Tenant
) -> None:
    made = promising.begun()
    promising.step(made, "report_kept", buyer, proof="invoice")

    contested = promising.step(made, "contest", tenant)

    assert contested["state"] == "in_force"
    with on(2027, 1, 3):
        assert promising.get(f"/{made}", buyer)["is_late"]


@pytest.mark.parametrize(
    ("by", "body", "status", "problem"),
    [
        ("buyer", {"step": "accept"}, 403, "not-your-side"),
        ("supplier", {"step": "withdraw"}, 403, "not-your-side"),
        ("supplier", {"step": "confirm"}, 409, "commitment-step-not-allowed"),
        ("buyer", {"step": "begin"}, 409, "commitment-step-not-allowed"),
        ("buyer", {"step": "break"}, 409, "commitment-step-not-allowed"),
    ],
)
def test_a_step_that_cannot_be_taken_says_why(
    promising: Promising, by: str, body: object, status: int, problem: str
) -> None:
    sides = {"buyer": promising.buyer, "supplier": promising.supplier}
    made = promising.make()

    answer = promising.send(f"/{made}/steps", body, sides[by])

    assert (answer.status_code, answer.json()["type"]) == (
        status,
        f"/problems/{problem}",
    )


def test_a_commitment_is_withdrawn_only_before_it_is_accepted(
    promising: Promising, buyer: Tenant, tenant: Tenant
) -> None:
    early, late = promising.make(), promising.make()
    promising.step(late, "accept", tenant)

    withdrawn = promising.step(early, "withdraw", buyer)
    refused = promising.send(f"/{late}/steps", {"step": "withdraw"}, buyer)

    assert withdrawn["state"] == "withdrawn"
    assert refused.status_code == 409


def test_that_it_was_kept_is_reported_with_a_proof(
    promising: Promising, buyer: Tenant
) -> None:
    made = promising.begun()

    answer = promising.send(f"/{made}/steps", {"step": "report_kept"}, buyer)

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/proof-missing"


def test_a_supplier_calls_it_broken_once_its_day_is_over(
    promising: Promising, tenant: Tenant
) -> None:
    made = promising.begun()

    early = promising.send(f"/{made}/steps", {"step": "break"}, tenant)
    with on(2027, 1, 2):
        broken = promising.step(made, "break", tenant)

    assert early.status_code == 409
    assert early.json()["type"] == "/problems/not-late-yet"
    assert broken["state"] == "broken"


def test_a_note_is_sealed_and_opens_for_both_sides_only(
    promising: Promising, buyer: Tenant, tenant: Tenant, database: Database
) -> None:
    made = promising.make()
    promising.step(made, "accept", tenant, note=NOTE)

    to_buyer = promising.get(f"/{made}", buyer, Role.MANAGER)["steps"][-1]
    to_analyst = promising.get(f"/{made}", buyer, Role.ANALYST)["steps"][-1]
    with database.reading() as session:
        rows = session.execute(text("SELECT sealed FROM commitment_step")).scalars()
        kept = b"".join(bytes(one) for one in rows if one is not None)
        leaves = session.execute(text("SELECT leaf FROM trail")).scalars().all()

    assert to_buyer["note"] == NOTE
    assert (to_analyst["note"], to_analyst["has_note"]) == (None, True)
    assert NOTE.encode() not in kept
    assert kept
    assert not [one for one in leaves if b"Ana" in bytes(one)]
    assert "Ana" not in json.dumps(promising.get("", buyer, Role.MANAGER))


def test_a_consent_that_ends_hides_no_commitment_that_stands(
    promising: Promising,
    buyer: Tenant,
    tenant: Tenant,
    sharing: Sharing,
    consent: str,
) -> None:
    made = promising.begun()
    sharing.take_back(consent)

    read = promising.get(f"/{made}", buyer)
    listed = promising.get("?relation=made", buyer)["items"]
    reported = promising.step(made, "report_kept", buyer, proof="invoice")
    again = promising.send("", {"site": promising.site, **CO_FUNDING}, buyer)

    assert (read["site"], read["state"]) == (promising.site, "in_force")
    assert [one["id"] for one in listed] == [made]
    assert reported["state"] == "kept_reported"
    assert promising.step(made, "confirm", tenant)["state"] == "kept_confirmed"
    assert again.json()["type"] == "/problems/site-unknown"


@pytest.fixture
def mill(found_tenant: FoundTenant, promising: Promising, database: Database) -> Tenant:
    """Another organisation, which operates the site."""
    operator = found_tenant("Trilladora", OrganisationKind.MILL)
    let_operate(database, promising.site, operator)
    return operator


def test_who_operates_the_site_answers_for_the_supplier(
    promising: Promising, buyer: Tenant, mill: Tenant, tenant: Tenant
) -> None:
    made = promising.make()

    promising.step(made, "accept", mill)
    promising.step(made, "begin", buyer)
    promising.step(made, "report_kept", buyer, proof="contract")
    confirmed = promising.step(made, "confirm", mill)

    assert confirmed["state"] == "kept_confirmed"
    assert confirmed["relation"] == "received"
    assert promising.get(f"/{made}", tenant)["state"] == "kept_confirmed"


def test_every_step_stands_in_the_trails_of_all_it_binds(
    promising: Promising,
    buyer: Tenant,
    mill: Tenant,
    tenant: Tenant,
    database: Database,
) -> None:
    made = promising.begun()

    told = [
        [
            done
            for done, of in trail_of(database, party)
            if of == made and done.startswith("commitment.")
        ]
        for party in (buyer, mill, tenant)
    ]

    assert told == [["commitment.offer", "commitment.accept", "commitment.begin"]] * 3


def test_the_clock_of_a_commitment_runs_while_it_binds(
    promising: Promising, buyer: Tenant, tenant: Tenant, database: Database
) -> None:
    made = promising.make()
    before = clock_of(database, made)
    promising.step(made, "accept", tenant)
    accepted = clock_of(database, made)
    promising.step(made, "begin", buyer)
    promising.step(made, "report_kept", buyer, proof="invoice")
    reported = clock_of(database, made)
    promising.step(made, "contest", tenant)

    assert before == []
    assert accepted == [("2027-01-01T12:00", False)]
    assert reported == [("2027-01-01T12:00", True)]
    assert clock_of(database, made) == accepted


def clock_of(database: Database, commitment: str) -> list[tuple[str, bool]]:
    """Return when the clock of a commitment comes, and whether it stands still."""
    asked = text("SELECT due_at, stopped_at FROM clock WHERE subject = :subject")
    with database.reading() as session:
        rows = session.execute(asked, {"subject": commitment}).all()
    return [
        (str(due_at).replace(" ", "T")[:16], stopped_at is not None)
        for due_at, stopped_at in rows
    ]


def test_commitments_are_filtered_and_paged(
    promising: Promising, buyer: Tenant, tenant: Tenant
) -> None:
    money = promising.begun()
    days = promising.make(kind="lead_time", amount=None, currency=None, days=30)

    def ids(query: str, by: Tenant = buyer) -> list[str]:
        return [one["id"] for one in promising.get(f"?{query}", by)["items"]]

    assert ids("relation=made") == ids("relation=received", tenant) == [money, days]
    assert ids("relation=received") == ids("relation=made", tenant) == []
    assert ids(f"site={promising.site}&kind=lead_time") == [days]
    assert ids("state=in_force") == [money]
    assert ids("site=site_nowhere") == []
    with on(2027, 1, 3):
        assert (ids("late=true"), ids("late=false")) == ([money], [days])
    first = promising.get("?rows=1", buyer)
    assert first["next"] == f"/v1/commitments?rows=1&after={money}"
    assert ids(f"rows=1&after={money}") == [days]


def test_commitments_are_exported_as_csv(
    client: TestClient, promising: Promising, buyer: Tenant
) -> None:
    made = promising.make()
    headers = {**buyer.headers(), "Accept": "text/csv"}

    answer = client.get("/v1/commitments", headers=headers)

    header, row = answer.content.decode("utf-8-sig").splitlines()
    assert header.startswith("id,relation,maker,maker_name,keeper")
    assert row.startswith(f"{made},made,{buyer.public_id}")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE commitment_step SET actor = 'x'",
        "DELETE FROM commitment_step",
        "UPDATE commitment SET amount = 1",
        "DELETE FROM commitment",
    ],
)
def test_the_history_of_a_commitment_is_never_changed(
    promising: Promising, database: Database, change: str
) -> None:
    promising.make()

    with (
        pytest.raises(DBAPIError, match="never changed"),
        database.writing() as session,
    ):
        session.execute(text(change))


@pytest.fixture
def ledger(client: TestClient, tenant: Tenant, promising: Promising) -> Owing:
    """The ledger of the farm that the promises are made to."""
    found = owing(client, tenant, visits_from=100, name="Finca del plan")
    Sharing(client, tenant, promising.buyer).give(found.farm.site)
    return found


def test_the_plan_of_a_site_has_everybodys_part_and_what_is_late_first(
    client: TestClient, ledger: Owing, buyer: Tenant
) -> None:
    site = ledger.farm.site
    theirs = Promising(client, buyer, ledger.tenant, site)
    wages = ledger.enter()
    made = theirs.begun(due_on="2026-12-01", findings=["RF-01"])
    gone = theirs.make()
    theirs.step(gone, "withdraw", buyer)
    papers = ledger.enter_papers()
    ledger.pay(papers, None, people=12)
    ledger.prove(papers)
    headers = ledger.tenant.headers(Role.ANALYST)

    with on(2026, 12, 10):
        items = client.get(f"/v1/sites/{site}/plan", headers=headers).json()["items"]
        late = client.get(f"/v1/sites/{site}/plan?late=true", headers=headers).json()

    assert [one["id"] for one in items] == [made, wages, papers]
    assert [one["part"] for one in items] == ["commitment", "remedy", "remedy"]
    assert [one["is_late"] for one in items] == [True, False, False]
    assert [one["is_done"] for one in items] == [False, False, True]
    assert [one["whose"] for one in items] == ["buyer", "keeper", "keeper"]
    assert items[0]["organisation"] == buyer.public_id
    assert items[0]["findings"] == [ledger.finding]
    assert items[1]["amount_left"] == 90_000
    assert [one["id"] for one in late["items"]] == [made]


def test_the_plan_is_exported_as_csv_and_hidden_from_buyers(
    client: TestClient, ledger: Owing, buyer: Tenant
) -> None:
    path = f"/v1/sites/{ledger.farm.site}/plan"
    remedy = ledger.enter()

    answer = client.get(path, headers={**ledger.tenant.headers(), "Accept": "text/csv"})
    hidden = client.get(path, headers=buyer.headers())

    header, row = answer.content.decode("utf-8-sig").splitlines()
    assert header.startswith("part,id,findings,kind,state,whose")
    assert row.startswith(f"remedy,{remedy}")
    assert hidden.status_code == 404


def test_a_confirmation_of_which_any_statement_fails_is_not_half_done(
    app: FastAPI,
    tenant: Tenant,
    found_tenant: FoundTenant,
    database: Database,
) -> None:
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    with TestClient(app) as client:
        farm = visited(client, tenant)
        Sharing(client, tenant, buyer).give(farm.site)
        promising = Promising(client, buyer, tenant, farm.site)
        made = promising.begun()
        promising.step(made, "report_kept", buyer, proof=CommitmentProof.INVOICE)
        keyring = keyring_of(app.state.service)

    def work(session: Session) -> object:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.MANAGER]))
        return actions.take_step(
            session, scope, keyring, made, Step.CONFIRM, note="Llegó."
        )

    failed = fail_each_statement(database, in_one_transaction(database, work))

    with database.reading() as session:
        state = session.scalars(text("SELECT state FROM commitment")).one()
    assert failed > 5
    assert state == "kept_confirmed"
