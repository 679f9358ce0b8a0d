"""The remedy ledger over HTTP: entered, paid in parts, proven, verified by another."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.scope import KeyGiven, Scope, scope_of
from compliance.remedies import actions
from compliance.remedies.models import Check
from tests.conftest import FoundTenant, Tenant
from tests.failing import fail_each_statement, in_one_transaction
from tests.owing import PAYSLIPS, WAGES, Owing, owing, payment
from tests.sharing import Sharing, let_operate, trail_of
from tests.visits import TODAY, on

NOWHERE = "/v1/remedies/remedy_nowhere"
COP = {"amount": 90_000, "currency": "COP"}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def ledger(client: TestClient, tenant: Tenant) -> Owing:
    return owing(client, tenant)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/remedies"),
        ("POST", "/v1/remedies"),
        ("GET", "/v1/remedies/summary"),
        ("GET", "/v1/remedies/reckoning?monthly_wage=1&deducted=1"),
        ("GET", NOWHERE),
        ("POST", f"{NOWHERE}/adjustments"),
        ("POST", f"{NOWHERE}/payments"),
        ("POST", f"{NOWHERE}/proofs"),
        ("POST", f"{NOWHERE}/verifications"),
    ],
)
def test_the_ledger_needs_a_key(client: TestClient, method: str, path: str) -> None:
    bodies = {
        "/v1/remedies": {"finding": "F-1", **WAGES},
        f"{NOWHERE}/adjustments": {"reason": "people_recounted", "people": 1},
        f"{NOWHERE}/payments": payment(1),
        f"{NOWHERE}/proofs": {"proof": "site_visit"},
        f"{NOWHERE}/verifications": {"checked_by": "desk"},
    }

    assert client.request(method, path, json=bodies.get(path)).status_code == 401


def test_a_remedy_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, ledger: Owing
) -> None:
    path, headers = f"/v1/remedies/{ledger.enter()}", stranger.headers()

    read = client.get(path, headers=headers)
    paid = client.post(f"{path}/payments", json=payment(1), headers=headers)
    verified = client.post(
        f"{path}/verifications", json={"checked_by": "desk"}, headers=headers
    )
    entered = client.post(
        "/v1/remedies", json={"finding": ledger.finding, **WAGES}, headers=headers
    )
    listed = client.get("/v1/remedies", headers=headers)
    summed = client.get("/v1/remedies/summary", headers=headers)

    assert {read.status_code, paid.status_code, verified.status_code} == {404}
    assert read.json()["type"] == "/problems/remedy-not-found"
    assert entered.status_code == 404
    assert listed.json() == {"items": [], "next": None}
    assert summed.json()["items"] == summed.json()["totals"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"people": 0}, "body.people"),
        ({"people": "thirty"}, "body.people"),
        ({"kind": "gratitude"}, "body.kind"),
        ({"money": {"amount": 1.5, "currency": "COP"}}, "body.money.amount"),
        ({"money": {"amount": 0, "currency": "COP"}}, "body.money.amount"),
        ({"money": {"amount": 1, "currency": "XXX"}}, "body.money.currency"),
        ({"money": {"amount": 1, "currency": "cop"}}, "body.money.currency"),
        ({"period_to": 0}, "body.period_to"),
        ({"worker": "María Pérez"}, "body.worker"),
    ],
)
def test_a_malformed_remedy_is_told(
    ledger: Owing, changes: dict[str, object], field: str
) -> None:
    answer = ledger.send("", {"finding": ledger.finding, **WAGES, **changes})

    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"money": None}, "money-missing"),
        ({"kind": "documents_returned"}, "not-money"),
        ({"period_from": "2026-11-01"}, "period-unlikely"),
        ({"period_to": "2026-11-23"}, "period-unlikely"),
        ({"due_on": "2026-11-21"}, "due-too-late"),
        ({"due_on": "2026-12-23"}, "due-too-late"),
    ],
)
def test_what_makes_no_sense_is_not_entered(
    ledger: Owing, changes: dict[str, object], problem: str
) -> None:
    answer = ledger.send("", {"finding": ledger.finding, **WAGES, **changes})

    assert answer.status_code == 422
    assert answer.json()["type"] == f"/problems/{problem}"


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.MANAGER])
def test_what_is_owed_is_entered_by_those_who_decide_on_findings(
    ledger: Owing, role: Role
) -> None:
    answer = ledger.send("", {"finding": ledger.finding, **WAGES}, role)

    assert answer.status_code == 403


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.REVIEWER])
def test_payments_are_reported_by_those_who_answer_findings(
    ledger: Owing, role: Role
) -> None:
    remedy = ledger.enter()

    answer = ledger.send(f"/{remedy}/payments", payment(1), role)

    assert answer.status_code == 403


def test_nothing_is_owed_because_of_a_withdrawn_finding(ledger: Owing) -> None:
    words = {"reason": "facts_wrong", "statement": "No fue así."}
    ledger.farm.step(ledger.finding, Role.MANAGER, step="dispute", **words)
    ledger.farm.step(ledger.finding, Role.REVIEWER, step="withdraw", **words)

    answer = ledger.send("", {"finding": ledger.finding, **WAGES})

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/finding-gone"


def test_what_is_entered_says_how_many_what_how_much_and_by_when(
    ledger: Owing,
) -> None:
    """Wages are due 30 days after they were entered, unless they are due earlier."""
    answer = ledger.send("", {"finding": ledger.finding, **WAGES})

    found = answer.json()
    assert answer.headers["location"] == f"/v1/remedies/{found['id']}"
    assert (found["site"], found["finding"]) == (ledger.farm.site, ledger.finding)
    assert (found["kind"], found["people"]) == ("wages", 30)
    assert (found["amount_owed"], found["amount_paid"], found["amount_left"]) == (
        90_000,
        0,
        90_000,
    )
    assert (found["currency"], found["currency_exponent"]) == ("COP", 2)
    assert (found["due_on"], found["standing"]) == ("2026-12-22", "owed")
    assert not found["is_late"]
    assert [one["entry"] for one in found["entries"]] == ["owed"]


def test_papers_that_are_held_back_are_due_at_once(ledger: Owing) -> None:
    found = ledger.get(f"/{ledger.enter_papers()}")

    assert (found["due_on"], found["people"]) == ("2026-11-22", 12)
    assert found["amount_owed"] is found["currency"] is found["amount_left"] is None


def test_partial_payments_add_up_until_they_are_proven_and_verified(
    ledger: Owing,
) -> None:
    remedy = ledger.enter()

    first = ledger.pay(remedy, 30_000, people=10)
    second = ledger.pay(remedy, 60_000, people=20)
    proven = ledger.prove(remedy)
    verified = ledger.verify(remedy)

    assert [first["standing"], second["standing"]] == ["part_paid", "paid_unproven"]
    assert (first["amount_left"], first["people_left_at_least"]) == (60_000, 20)
    assert (second["amount_left"], second["last_paid_on"]) == (0, "2026-11-20")
    assert (proven["standing"], proven["proven_by"]) == ("proven", ["payroll_extract"])
    assert verified["standing"] == "verified"
    assert [one["entry"] for one in verified["entries"]] == [
        "owed",
        "paid",
        "paid",
        "proven",
        "verified",
    ]
    assert verified["entries"][3]["evidence_sha256"] == PAYSLIPS


def test_papers_are_given_back_to_as_many_as_are_owed_them(ledger: Owing) -> None:
    remedy = ledger.enter_papers()

    first = ledger.pay(remedy, None, people=5)
    refused = ledger.send(f"/{remedy}/payments", payment(None, 8), Role.MANAGER)
    last = ledger.pay(remedy, None, people=7)

    assert (first["standing"], first["people_left_at_least"]) == ("part_paid", 7)
    assert refused.json()["type"] == "/problems/paid-to-too-many"
    assert refused.json()["left"] == 7
    assert last["standing"] == "paid_unproven"


def test_more_than_is_owed_is_refused_with_what_would_be_right(ledger: Owing) -> None:
    remedy = ledger.enter()
    ledger.pay(remedy, 40_000)

    answer = ledger.send(f"/{remedy}/payments", payment(50_001), Role.MANAGER)

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/overpaid"
    assert answer.json()["left"] == 50_000
    assert ledger.get(f"/{remedy}")["amount_paid"] == 40_000


def test_nobody_is_left_out_when_all_the_money_is_paid(ledger: Owing) -> None:
    remedy = ledger.enter()

    answer = ledger.send(f"/{remedy}/payments", payment(90_000, 29), Role.MANAGER)

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/people-left-out"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"money": {"amount": 1, "currency": "USD"}}, "currency-mixed"),
        ({"money": None}, "money-missing"),
        ({"paid_on": "2026-11-23"}, "paid-on-unlikely"),
        ({"paid_on": "2026-07-31"}, "paid-on-unlikely"),
        ({"people": 31}, "paid-to-too-many"),
    ],
)
def test_a_payment_that_cannot_be_is_refused(
    ledger: Owing, changes: dict[str, object], problem: str
) -> None:
    remedy = ledger.enter()

    answer = ledger.send(f"/{remedy}/payments", {**payment(1), **changes}, Role.MANAGER)

    assert answer.status_code in {409, 422}
    assert answer.json()["type"] == f"/problems/{problem}"


def test_what_is_owed_is_adjusted_but_never_below_what_was_paid(ledger: Owing) -> None:
    remedy = ledger.enter()
    ledger.pay(remedy, 60_000)
    path, reason = f"/{remedy}/adjustments", "amount_recalculated"

    more = ledger.done(
        path, {"reason": reason, "money": {"amount": 10_000, "currency": "COP"}}
    )
    refused = ledger.send(
        path, {"reason": reason, "money": {"amount": -40_001, "currency": "COP"}}
    )
    less = ledger.done(
        path, {"reason": reason, "money": {"amount": -40_000, "currency": "COP"}}
    )

    assert (more["amount_owed"], more["amount_left"]) == (100_000, 40_000)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/adjusted-too-far"
    assert refused.json()["paid"] == 60_000
    assert (less["amount_left"], less["standing"]) == (0, "paid_unproven")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "nothing-adjusted"),
        ({"money": {"amount": 1, "currency": "USD"}}, "currency-mixed"),
        ({"people": -30}, "adjusted-too-far"),
        ({"money": {"amount": -90_000, "currency": "COP"}}, "adjusted-too-far"),
    ],
)
def test_an_adjustment_that_cannot_be_is_refused(
    ledger: Owing, body: dict[str, object], problem: str
) -> None:
    remedy = ledger.enter()

    answer = ledger.send(
        f"/{remedy}/adjustments", {"reason": "people_recounted", **body}
    )

    assert answer.json()["type"] == f"/problems/{problem}"


def test_what_was_entered_by_mistake_is_adjusted_to_nothing(ledger: Owing) -> None:
    remedy = ledger.enter()

    gone = ledger.done(
        f"/{remedy}/adjustments",
        {
            "reason": "entered_by_mistake",
            "people": -30,
            "money": {"amount": -90_000, "currency": "COP"},
        },
    )

    assert (gone["standing"], gone["people"], gone["amount_left"]) == (
        "cancelled",
        0,
        0,
    )
    assert ledger.get("/summary")["items"] == []


def test_a_paper_is_proof_by_its_hash(ledger: Owing) -> None:
    remedy = ledger.enter()
    ledger.pay(remedy, 1)
    path = f"/{remedy}/proofs"

    without = ledger.send(path, {"proof": "bank_transfer"}, Role.MANAGER)
    seen = ledger.send(path, {"proof": "signed_receipts_seen"}, Role.MANAGER)

    assert without.status_code == 422
    assert without.json()["type"] == "/problems/evidence-missing"
    assert seen.status_code == 201
    assert seen.json()["standing"] == "part_paid"


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("proofs", {"proof": "site_visit"}, "nothing-paid-yet"),
        ("verifications", {"checked_by": "desk"}, "not-proven-yet"),
    ],
)
def test_nothing_is_proven_or_verified_before_it_is_paid(
    ledger: Owing, path: str, body: dict[str, object], problem: str
) -> None:
    remedy = ledger.enter()

    answer = ledger.send(f"/{remedy}/{path}", body, Role.ADMINISTRATOR)

    assert answer.status_code == 409
    assert answer.json()["type"] == f"/problems/{problem}"


def test_who_entered_or_paid_it_does_not_verify_it(ledger: Owing) -> None:
    remedy = ledger.enter()
    ledger.done(f"/{remedy}/payments", payment(90_000), role=Role.ADMINISTRATOR)
    ledger.prove(remedy)
    path, body = f"/{remedy}/verifications", {"checked_by": "site"}

    entered, paid = (
        ledger.send(path, body, role) for role in (Role.REVIEWER, Role.ADMINISTRATOR)
    )

    assert (entered.status_code, paid.status_code) == (403, 403)
    assert entered.json()["type"] == "/problems/not-independent-of-payment"


def test_what_was_proven_is_not_proven_any_more_once_more_is_owed_and_paid(
    ledger: Owing,
) -> None:
    remedy = ledger.enter()
    ledger.pay(remedy, 90_000)
    ledger.prove(remedy)
    ledger.verify(remedy)
    more = {"amount": 5_000, "currency": "COP"}

    owed = ledger.done(
        f"/{remedy}/adjustments", {"reason": "authority_decided", "money": more}
    )
    paid = ledger.pay(remedy, 5_000, people=1)

    assert (owed["standing"], paid["standing"]) == ("part_paid", "paid_unproven")


def test_a_payment_without_a_proof_stops_no_clock(
    ledger: Owing, database: Database
) -> None:
    remedy = ledger.enter()
    ledger.pay(remedy, 90_000)

    with on(2026, 12, 24):
        late = ledger.get(f"/{remedy}")
        ledger.prove(remedy)
        proven = ledger.get(f"/{remedy}")

    assert (late["standing"], late["is_late"]) == ("paid_unproven", True)
    assert (proven["standing"], proven["is_late"]) == ("proven", False)
    assert clock_of(database, remedy) == ("2026-12-23T12:00", True)


def clock_of(database: Database, remedy: str) -> tuple[str, bool]:
    """Return when the clock of a remedy comes, and whether it was stopped."""
    asked = text("SELECT due_at, stopped_at FROM clock WHERE subject = :subject")
    with database.reading() as session:
        due_at, stopped_at = session.execute(asked, {"subject": remedy}).one()
    written = str(due_at).replace(" ", "T")
    return written[:16], stopped_at is not None


def test_the_clock_runs_again_when_more_is_owed(
    ledger: Owing, database: Database
) -> None:
    remedy = ledger.enter()
    ledger.pay(remedy, 90_000)
    ledger.prove(remedy)
    stopped = clock_of(database, remedy)
    more = {"amount": 5_000, "currency": "COP"}

    ledger.done(
        f"/{remedy}/adjustments", {"reason": "authority_decided", "money": more}
    )

    assert stopped == ("2026-12-23T12:00", True)
    assert clock_of(database, remedy) == ("2026-12-23T12:00", False)


@pytest.fixture
def mill(found_tenant: FoundTenant, ledger: Owing, database: Database) -> Tenant:
    """Another organisation, which operates the site."""
    operator = found_tenant("Trilladora", OrganisationKind.MILL)
    let_operate(database, ledger.farm.site, operator)
    return operator


def test_who_operates_a_site_reports_payments_and_decides_nothing(
    client: TestClient, ledger: Owing, mill: Tenant
) -> None:
    remedy = ledger.enter()
    path, headers = f"/v1/remedies/{remedy}", mill.headers()

    paid = client.post(f"{path}/payments", json=payment(90_000), headers=headers)
    proven = client.post(
        f"{path}/proofs", json={"proof": "worker_interviews"}, headers=headers
    )
    refused = [
        client.post(f"{path}/{part}", json=body, headers=headers)
        for part, body in (
            ("verifications", {"checked_by": "desk"}),
            ("adjustments", {"reason": "people_recounted", "people": -1}),
        )
    ]
    entered = client.post(
        "/v1/remedies", json={"finding": ledger.finding, **WAGES}, headers=headers
    )
    listed = client.get("/v1/remedies?relation=operates", headers=headers).json()

    assert (paid.status_code, proven.json()["standing"]) == (201, "proven")
    assert {one.status_code for one in (*refused, entered)} == {403}
    assert refused[0].json()["type"] == "/problems/only-the-keeper"
    assert [one["id"] for one in listed["items"]] == [remedy]
    assert listed["items"][0]["relation"] == "operates"


def test_every_entry_stands_in_the_trails_of_keeper_and_operator(
    client: TestClient, tenant: Tenant, ledger: Owing, mill: Tenant, database: Database
) -> None:
    remedy = ledger.enter()
    client.post(
        f"/v1/remedies/{remedy}/payments", json=payment(90_000), headers=mill.headers()
    )
    ledger.prove(remedy)
    ledger.verify(remedy)

    kept = [done for done, of in trail_of(database, tenant) if of == remedy]
    operated = [done for done, of in trail_of(database, mill) if of == remedy]
    told = [
        "remedy.entered",
        "remedy.paid",
        "remedy.proven",
        "remedy.verified",
    ]
    assert [one for one in kept if one.startswith("remedy.")] == told
    assert [one for one in operated if one.startswith("remedy.")] == ["remedy.paid"]


def test_a_buyer_who_is_shown_the_scorecards_sees_no_ledger(
    client: TestClient, tenant: Tenant, found_tenant: FoundTenant, ledger: Owing
) -> None:
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    Sharing(client, tenant, buyer).give(ledger.farm.site)
    remedy = ledger.enter()

    read = client.get(f"/v1/remedies/{remedy}", headers=buyer.headers())
    listed = client.get("/v1/remedies", headers=buyer.headers())

    assert read.status_code == 404
    assert listed.json()["items"] == []


def test_remedies_are_filtered_and_paged(ledger: Owing) -> None:
    wages, papers = ledger.enter(), ledger.enter_papers()
    ledger.pay(wages, 1)

    def ids(query: str) -> list[str]:
        return [one["id"] for one in ledger.get(f"?{query}")["items"]]

    assert ids(f"site={ledger.farm.site}&finding={ledger.finding}") == [wages, papers]
    assert ids("kind=documents_returned") == [papers]
    assert ids("standing=part_paid") == ids("currency=COP") == [wages]
    assert ids("site=site_nowhere") == ids("standing=verified") == []
    assert ids("relation=operates") == []
    with on(2026, 11, 24):
        assert (ids("late=true"), ids("late=false")) == ([papers], [wages])
    first = ledger.get("?rows=1")
    assert [one["id"] for one in first["items"]] == [wages]
    assert first["next"] == f"/v1/remedies?rows=1&after={wages}"
    assert ids(f"rows=1&after={wages}") == [papers]


@pytest.mark.parametrize("query", ["standing=late", "kind=x", "late=perhaps", "rows=0"])
def test_a_malformed_list_is_told(ledger: Owing, query: str) -> None:
    answer = ledger.client.get(f"/v1/remedies?{query}", headers=ledger.tenant.headers())

    assert answer.status_code == 422


def test_remedies_are_exported_as_csv(ledger: Owing) -> None:
    remedy = ledger.enter()
    headers = {**ledger.tenant.headers(), "Accept": "text/csv"}

    answer = ledger.client.get("/v1/remedies", headers=headers)

    header, row = answer.content.decode("utf-8-sig").splitlines()
    assert header.startswith("id,site,site_name,finding,kind,people")
    assert row.startswith(f"{remedy},{ledger.farm.site}")


def test_the_summary_keeps_small_counts_back_and_what_betrays_them(
    ledger: Owing,
) -> None:
    """Of the two sites' 4 + 30 people the 30 are told, and neither the 4 nor the sum."""
    other = other_farm(ledger)
    ledger.enter(people=4)
    other.enter(people=30)
    other.enter_papers(people=12)

    found = ledger.get("/summary")

    wages = [one for one in found["items"] if one["kind"] == "wages"]
    papers = [one for one in found["items"] if one["kind"] != "wages"]
    assert found["suppressed_below"] == 5
    assert {one["is_kept_back"]: one["people"] for one in wages} == {
        True: None,
        False: 30,
    }
    assert {one["amount_owed"] for one in wages} == {None, 90_000}
    assert [one["people"] for one in papers] == [12]
    assert {one["kind"]: one["people"] for one in found["totals"]} == {
        "wages": None,
        "documents_returned": 12,
    }


def other_farm(ledger: Owing) -> Owing:
    """Return the ledger of another farm of the same organisation."""
    return owing(ledger.client, ledger.tenant, visits_from=100, name="Finca Otra")


def test_the_summary_is_exported_as_csv(ledger: Owing) -> None:
    ledger.enter()
    headers = {**ledger.tenant.headers(), "Accept": "text/csv"}

    answer = ledger.client.get("/v1/remedies/summary", headers=headers)

    header, row = answer.content.decode("utf-8-sig").splitlines()
    assert header.startswith("site,kind,currency,currency_exponent,people")
    assert row.startswith(f"{ledger.farm.site},wages,COP,2,30,90000,0")


def test_what_a_loan_cost_too_much_is_reckoned(ledger: Owing) -> None:
    """A tenth of 100 000 is 10 000; in the seventh month nothing may be taken."""
    months = "&".join(
        f"deducted={taken}" for taken in (15_000, 8_000, 0, 0, 0, 10_000, 4_000)
    )

    found = ledger.get(f"/reckoning?monthly_wage=100000&{months}")

    assert (found["largest_instalment"], found["loan_months"]) == (10_000, 6)
    assert found["owed_back"] == 9_000


def test_the_same_payment_sent_again_is_one_payment(ledger: Owing) -> None:
    remedy = ledger.enter()

    answers = [
        ledger.send(
            f"/{remedy}/payments",
            payment(40_000),
            Role.MANAGER,
            Idempotency_Key="pay-1",
        )
        for _ in range(2)
    ]

    assert answers[0].content == answers[1].content
    assert ledger.get(f"/{remedy}")["amount_paid"] == 40_000


def test_payments_at_once_never_pay_more_than_is_owed(ledger: Owing) -> None:
    remedy = ledger.enter()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(
                lambda _: (
                    ledger.send(
                        f"/{remedy}/payments", payment(20_000), Role.MANAGER
                    ).status_code
                ),
                range(8),
            )
        )

    found = ledger.get(f"/{remedy}")
    assert sorted(statuses) == [201] * 4 + [409] * 4
    assert (found["amount_paid"], found["amount_left"]) == (80_000, 10_000)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE remedy_entry SET amount = 1",
        "DELETE FROM remedy_entry",
        "UPDATE remedy SET due_on = '2030-01-01'",
        "DELETE FROM remedy",
    ],
)
def test_the_lines_of_the_ledger_are_never_changed(
    ledger: Owing, database: Database, change: str
) -> None:
    ledger.enter()

    with (
        pytest.raises(DBAPIError, match="never changed"),
        database.writing() as session,
    ):
        session.execute(text(change))


def test_the_database_refuses_a_second_entry_of_one_place(
    ledger: Owing, database: Database
) -> None:
    """Two that read the same balance: whatever the code forgets, one of them fails."""
    ledger.enter()
    again = text(
        "INSERT INTO remedy_entry (id, remedy_id, ordinal, entry, actor, made_at)"
        " SELECT :id, remedy_id, 1, 'proven', 'x', made_at FROM remedy_entry"
    )

    with (
        pytest.raises(DBAPIError, match=r"(?i)unique"),
        database.writing() as session,
    ):
        session.execute(again, {"id": bytes(16).hex()})


def test_neither_the_trail_nor_an_alert_says_more_than_numbers(
    ledger: Owing, database: Database
) -> None:
    remedy = ledger.enter()

    with database.reading() as session:
        leaves = session.scalars(
            text("SELECT leaf FROM trail WHERE subject_id = :of"), {"of": remedy}
        ).all()

    entered = next(
        one for one in map(json.loads, leaves) if one["action"] == "remedy.entered"
    )
    assert entered["facts"] == {
        "standing": "owed",
        "amount": 90_000,
        "currency": "COP",
        "people": 30,
        "finding": ledger.finding,
        "kind": "wages",
    }


@pytest.fixture
def paid(app: FastAPI, tenant: Tenant) -> tuple[str, str]:
    """A remedy that is owed and one that waits for its verification, and no server.

    Its jobs would go on beside what is made to fail.
    """
    with TestClient(app) as client:
        ledger = owing(client, tenant)
        owed, proven = ledger.enter(), ledger.enter()
        ledger.pay(proven, 90_000)
        ledger.prove(proven)
    return owed, proven


def as_role(session: Session, tenant: Tenant, role: Role) -> Scope:
    return scope_of(session, KeyGiven(tenant.keys[role]))


def test_a_payment_of_which_any_statement_fails_is_not_half_done(
    paid: tuple[str, str], tenant: Tenant, database: Database
) -> None:
    remedy, _ = paid

    def work(session: Session) -> object:
        return actions.pay(
            session,
            as_role(session, tenant, Role.MANAGER),
            remedy,
            people=30,
            paid_on=TODAY.date(),
            money=actions.Money(90_000, "COP"),
        )

    failed = fail_each_statement(database, in_one_transaction(database, work))

    assert failed > 3
    assert standing_of(database, remedy) == "paid_unproven"


def test_a_verification_of_which_any_statement_fails_is_not_half_done(
    paid: tuple[str, str], tenant: Tenant, database: Database
) -> None:
    _, remedy = paid

    def work(session: Session) -> object:
        scope = as_role(session, tenant, Role.ADMINISTRATOR)
        return actions.verify(session, scope, remedy, checked_by=Check.DESK)

    failed = fail_each_statement(database, in_one_transaction(database, work))

    assert failed > 3
    assert standing_of(database, remedy) == "verified"


def standing_of(database: Database, remedy: str) -> str:
    asked = text("SELECT standing FROM remedy WHERE public_id = :remedy")
    with database.reading() as session:
        return str(session.scalars(asked, {"remedy": remedy}).one())
