"""Hamburg: a buyer hears that a mill's scorecard was suspended, checks it, and sees why.

Forced labour is suspected at the mill. Seconds later her own program has a signed message
without a name in it, the verify page says the same, and what is left to do is in front of
her: the rule, its law, and the money her own company promised and has not paid.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.demonstration.story import read_answering
from audits.checklists.filling import Answers, fill
from compliance import clock
from compliance.identity.models import OrganisationKind, Role
from compliance.settings import Settings
from tests.conftest import FoundTenant, Tenant
from tests.e2e.receiving import Called, Receivers, receiving
from tests.field import Phone, publish
from tests.jobs import wait_until
from tests.promising import Promising
from tests.register import Register
from tests.sharing import Sharing
from tests.unit.checklists.samples import LIBRARY, library_schema
from tests.visits import TODAY, Visited

CHECKLIST = "mill_audit"
PUBLIC_URL = "https://atalaya.example"
# What keeps a mill from more than a C: an open flag, and what lacks besides.
SO_SO = ("contracts_missing", "no_risk_assessment", "machines_unguarded")
FLAGGED = {
    "housing_provided": True,
    "exit_from_housing": "free",
    "phone_contact_possible": False,
    "transport_available": False,
    "visits_allowed_at_housing": False,
}
# May not leave, and is threatened: the two halves of forced labour. Two workers say so:
# what one alone says supports no more than a critical finding.
HELD = {
    "worker_free_to_resign": False,
    "worker_leaving_penalised": True,
    "worker_menace_on_leaving": ["blacklist"],
}


@dataclass(frozen=True)
class Mill:
    """The mill, its supplier's client, and the visits that are made to it."""

    visited: Visited
    phone: Phone

    def is_audited(self, number: int, day: str, worker: Mapping[str, object]) -> None:
        """Send the filled checklist of an audit as a phone does."""
        answering = read_answering(CHECKLIST)
        answers: dict[str, object] = {
            **answering.good,
            **FLAGGED,
            "site_ref": self.visited.site,
            "observed_on": datetime.fromisoformat(day).date(),
            "visit_notice": "unannounced",
            "visit_season": "main_harvest",
            "visit_payer": "buyer",
            "person_hours": Decimal(28),
            "legal_minimum_per_day": 47_450,
            "lowest_pay_per_day": 60_000,
            "child": [],
        }
        usual = {**answering.worker, "worker_pay_per_day": 60_000}
        for name in SO_SO:
            rest = dict(answering.departures[name])
            usual.update(cast(dict[str, Any], rest.pop("worker", {})))
            answers.update(rest)
        began = datetime.fromisoformat(f"{day}T08:00:00-05:00")
        content = fill(
            library_schema(CHECKLIST),
            cast(
                Answers,
                {**answers, "worker": [*[{**usual, **worker}] * 2, *[usual] * 4]},
            ),
            instance_id=f"uuid:{number}",
            started_at=began,
            ended_at=began + timedelta(hours=7),
        )
        assert self.phone.send(content).status == 201


@pytest.fixture
def _time_goes_on() -> Iterator[None]:
    """It is a day of the main harvest, and the seconds pass."""
    began = time.monotonic()
    with clock.set_to(lambda: TODAY + timedelta(seconds=time.monotonic() - began)):
        yield


@pytest.fixture
def program() -> Iterator[Receivers]:
    """The buyer's own program, that listens."""
    with receiving() as taken:
        yield taken


@pytest.fixture
def speaking(
    database_url: str,
    tmp_path: Path,
    _time_goes_on: None,
) -> Iterator[TestClient]:
    app = create_app(
        Settings(
            data=tmp_path / "data",
            database_url=database_url,
            odk_validate="off",
            public_url=PUBLIC_URL,
            webhook_networks="127.0.0.0/8",
        )
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def buyer(found_tenant: FoundTenant) -> Tenant:
    return found_tenant("Hansen Kaffee GmbH", OrganisationKind.BUYER)


@pytest.fixture
def mill(speaking: TestClient, tenant: Tenant) -> Mill:
    publish(speaking, tenant, (LIBRARY / f"{CHECKLIST}.xlsx").read_bytes())
    site = Register(speaking, tenant).mill()
    return Mill(Visited(speaking, tenant, site), Phone(speaking, tenant))


def is_genuine(call: Called, secret: str) -> bool:
    """Check a signature as the ten lines of docs/alerts.md do."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{call.id}.{call.headers['webhook-timestamp']}.".encode() + call.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    signatures = call.headers["webhook-signature"].split()
    return any(hmac.compare_digest(one, f"v1,{expected}") for one in signatures)


def test_a_buyer_hears_that_a_card_was_suspended_and_sees_why_and_what_is_hers(
    speaking: TestClient,
    tenant: Tenant,
    buyer: Tenant,
    mill: Mill,
    program: Receivers,
    record_testsuite_property: Callable[[str, object], None],
    database_url: str,
) -> None:
    analyst = buyer.headers(Role.ANALYST)
    Sharing(speaking, tenant, buyer).give(mill.visited.site)
    receiver = speaking.post(
        "/v1/alert-receivers",
        json={
            "kind": "webhook",
            "address": program.webhook,
            "events": ["card_issued", "card_suspended", "card_revoked"],
        },
        headers=buyer.headers(),
    ).json()
    promised = Promising(speaking, buyer, tenant, mill.visited.site).begun()

    # The mill has a C.
    mill.is_audited(1, "2026-11-03", {})
    wait_until(lambda: mill.visited.get("/v1/submissions")["items"] != [])
    card = mill.visited.issue()
    wait_until(lambda: len(program.calls) == 1)
    code = card["verify_code"]
    before = speaking.get(f"/v/{code}").json()["status"]

    # Two there may not leave, and are threatened.
    began = time.perf_counter()
    mill.is_audited(2, "2026-11-20", HELD)
    verified = speaking.get(f"/v/{code}").json()
    verified_after = time.perf_counter() - began
    wait_until(lambda: len(program.calls) == 2)
    told_after = time.perf_counter() - began
    (issued, suspended) = program.calls
    data = suspended.document["data"]
    reasons = speaking.get(
        f"/v1/scorecards/{data['subject']}/reasons", headers=analyst
    ).json()
    kind = database_url.partition(":")[0]
    record_testsuite_property(f"seconds until verified ({kind})", verified_after)
    record_testsuite_property(f"seconds until told ({kind})", told_after)

    assert (card["letter"], before) == ("C", "issued")
    assert issued.document["data"]["change"]["to_letter"] == "C"
    assert (verified["status"], verified["reason"]) == ("suspended", "zero_tolerance")
    assert is_genuine(suspended, receiver["secret"])
    assert not is_genuine(suspended, "whsec_" + base64.b64encode(b"no").decode())
    assert suspended.document["type"] == "alert.card_suspended"
    assert data["change"] == {
        "from": "issued",
        "to": "suspended",
        "reason": "zero_tolerance",
        "topic": "forced_labour",
        "standing": "suspected",
        "version": 1,
        "from_letter": "C",
        "to_letter": None,
        "verify": f"{PUBLIC_URL}/v/{code}",
    }
    assert (data["subject"], data["site"]) == (card["id"], mill.visited.site)
    # Ids, words and addresses: no name, no finding, no day on which anybody spoke.
    assert "Beneficio" not in json.dumps(data)
    assert "2026-11-20" not in suspended.body.decode()

    assert reasons["suspended_for"] == ["zero_tolerance"]
    (why,) = [
        one for one in reasons["reasons"] if one["rule"] == "forced_labour.suspected"
    ]
    assert (why["standing"], why["evidence"]) == ("suspected", "submission")
    assert {"instrument": "ILO C029", "article": "2(1)"} in why["citations"]
    assert (why["plan"], why["is_late"]) == ("none", False)
    (own,) = reasons["your_commitments"]
    assert (own["id"], own["kind"], own["state"]) == (
        promised,
        "co_funding",
        "in_force",
    )
    assert (own["amount"], own["currency"]) == (500_000, "EUR")
