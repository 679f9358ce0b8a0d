"""The pages of findings: a list that presses, a finding in plain words, and its steps."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import read
from tests.conftest import Tenant
from tests.correcting import Correcting, correcting
from tests.desks import narrowed, status_of
from tests.visits import TODAY

PATHS = ["/findings", "/findings/F-00000000", "/findings/F-00000000/plan"]
NO_FILTERS = ["severity=grave", "state=lost", "topic=x", "overdue=no", "after=F-1"]
WORDS = "Era el hijo del vecino, que estaba de visita."


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def site(client: TestClient, tenant: Tenant, database: Database) -> Correcting:
    return correcting(client, tenant, database)


def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient) -> None:
    assert {status_of(client, path) for path in PATHS} == {303}


def test_findings_of_another_organisation_are_not_found(
    client: TestClient, site: Correcting, stranger: Tenant
) -> None:
    headers = {**stranger.headers(Role.MANAGER), "Accept": "text/html"}

    listed = client.get("/findings", headers=headers)
    answers = [
        client.get(f"/findings/{site.ref}", headers=headers),
        client.get(f"/findings/{site.ref}/plan", headers=headers),
        client.post(
            f"/findings/{site.ref}/steps", data={"step": "accept"}, headers=headers
        ),
        client.post(f"/findings/{site.ref}/plan", data={}, headers=headers),
    ]

    assert [one.status_code for one in answers] == [404, 404, 404, 404]
    assert site.ref not in listed.text


@pytest.mark.parametrize("query", ["", "?format=csv", "?format=csv&mill=site_none"])
def test_who_may_read_no_findings_gets_neither_page_nor_sheet_nor_a_hint(
    client: TestClient, tenant: Tenant, query: str
) -> None:
    headers = narrowed(client, tenant, "read_register")

    answer = client.get(f"/findings{query}", headers=headers)

    assert answer.status_code == 403
    assert answer.json()["needed"] == "read_findings"


def test_a_filter_that_is_none_is_told(site: Correcting) -> None:
    client = site.as_(Role.ANALYST)

    statuses = {status_of(client, f"/findings?{query}") for query in NO_FILTERS}

    assert statuses == {422}


def test_the_list_has_what_is_open_and_narrows_and_travels(site: Correcting) -> None:
    client = site.as_(Role.ANALYST)

    listed = read(client, "/findings?severity=&state=")
    other = read(client, "/findings?topic=wages_and_hours")
    named = read(client, "/findings?name=recuerdo&overdue=yes")
    sheet = client.get("/findings?format=csv&state=any")

    assert site.ref in listed
    assert "No finding is like this" in other
    assert "No finding is like this" in named
    assert sheet.headers["content-type"].startswith("text/csv")
    assert site.ref in sheet.text


def test_the_gravest_comes_first_and_the_list_goes_on_behind_it(
    site: Correcting, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.farm.send(facts={"documents_held": True})
    monkeypatch.setattr("compliance.limits.PAGE_ROWS_DEFAULT", 1)
    known = site.farm.findings()
    client = site.as_(Role.ANALYST)

    seen, path = [], "/findings"
    for _ in known:
        page = read(client, path)
        seen += [one["ref"] for one in known if f'/findings/{one["ref"]}"' in page]
        path = f"/findings?after={seen[-1]}"

    order = ["zero_tolerance", "critical", "major", "minor"]
    weights = {one["ref"]: order.index(one["severity"]) for one in known}
    assert sorted(seen) == sorted(weights)
    assert [weights[ref] for ref in seen] == sorted(weights.values())


def test_a_manager_is_told_the_rule_and_of_nobody_and_no_case(
    site: Correcting,
) -> None:
    told = read(site.as_(Role.MANAGER), f"/findings/{site.ref}")
    reviewer = read(site.as_(Role.REVIEWER), f"/findings/{site.ref}")

    path = f"/v1/findings/{site.ref}"
    of_visit, of_rule = (
        set(site.farm.get(path, role)["explanation"]["sentences"])
        for role in (Role.REVIEWER, Role.MANAGER)
    )
    found = [one for one in of_visit - of_rule if one in reviewer]
    assert found
    assert not any(one in told for one in found)
    assert "so that nobody can be recognised" in told
    assert "Protected case" not in told
    assert "case_" not in told
    assert "Protected case" in reviewer
    assert "case_" in reviewer


def test_a_manager_accepts_and_is_led_on_to_plan(site: Correcting) -> None:
    sent = site.step(Role.MANAGER, "accept")
    page = read(site.client, sent.place)

    assert (sent.status, site.finding()["state"]) == (303, "accepted")
    assert "Now plan what will be done about it" in page
    assert f"/findings/{site.ref}/plan" in page


def test_a_dispute_without_a_reason_is_shown_again_with_its_words(
    site: Correcting,
) -> None:
    sent = site.step(
        Role.MANAGER, "dispute", dispute_reason="", dispute_statement=WORDS
    )

    assert sent.status == 422
    assert WORDS in sent.page
    assert site.finding()["state"] == "raised"


def test_a_dispute_is_decided_by_somebody_else_who_reads_it_on_purpose(
    site: Correcting,
) -> None:
    site.step(
        Role.MANAGER, "dispute", dispute_reason="facts_wrong", dispute_statement=WORDS
    )
    client = site.as_(Role.REVIEWER)
    at_once = read(client, f"/findings/{site.ref}")
    on_purpose = read(client, f"/findings/{site.ref}?words=read")
    upheld = site.step(Role.REVIEWER, "uphold", uphold_statement="No.")

    assert WORDS not in at_once
    assert WORDS in on_purpose
    assert (upheld.status, site.finding()["state"]) == (303, "accepted")


def test_a_role_that_may_not_is_refused(site: Correcting) -> None:
    accepted = site.step(Role.ANALYST, "accept")
    closed = site.step(Role.MANAGER, "close", close_evidence_kind="site")
    page = read(site.as_(Role.ANALYST), f"/findings/{site.ref}")

    assert (accepted.status, closed.status) == (403, 403)
    assert "Accept and set it right" not in page


def test_what_is_not_verified_is_not_closed_and_says_why(site: Correcting) -> None:
    site.accept()

    sent = site.step(Role.REVIEWER, "close", close_evidence_kind="site")

    assert sent.status == 422
    assert "No corrective action was verified" in sent.page


def test_forced_labour_words_of_a_form_are_no_step(site: Correcting) -> None:
    assert site.step(Role.MANAGER, "raise").status == 422
    assert site.step(Role.MANAGER, "explode").status == 422


def test_people_are_owed_something_and_it_is_entered_paid_proven_and_verified(
    site: Correcting,
) -> None:
    path = f"/findings/{site.ref}/remedies"
    owed = {
        "kind": "wages",
        "people": "12",
        "amount": "1500000.50",
        "currency": "COP",
        "period_from": "2026-09-01",
        "period_to": "2026-10-31",
    }

    wrong = site.send(Role.REVIEWER, path, **{**owed, "amount": "1.500.000"})
    entered = site.send(Role.REVIEWER, path, **owed)
    remedy = entered.place.partition("?")[0]
    paid = site.send(
        Role.MANAGER,
        f"{remedy}/payments",
        pay_people="12",
        pay_amount="1500000,50",
        pay_currency="COP",
        pay_paid_on="2026-11-20",
    )
    too_much = site.send(
        Role.MANAGER,
        f"{remedy}/payments",
        pay_people="12",
        pay_amount="1",
        pay_currency="COP",
        pay_paid_on="2026-11-20",
    )
    without = _proven(site, remedy, "bank_transfer", b"")
    proven = _proven(site, remedy, "bank_transfer", b"%PDF-1.4 transfer")
    by_reviewer = site.send(
        Role.REVIEWER, f"{remedy}/verifications", verify_checked_by="desk"
    )
    plan = read(site.as_(Role.MANAGER), f"/sites/{site.farm.site}/plan")

    assert (wrong.status, entered.status) == (422, 303)
    assert "1.500.000" in wrong.page
    assert (paid.status, too_much.status) == (303, 422)
    assert "more than is still owed" in too_much.page
    assert (without, proven) == (422, 303)
    assert by_reviewer.status == 403
    assert "1,500,000.50 COP" in plan


def _proven(site: Correcting, remedy: str, proof: str, paper: bytes) -> int:
    answer = site.as_(Role.MANAGER).post(
        remedy.replace("/remedies/", "/proofs/"),
        data={"proof": proof},
        files={"file": ("papel.pdf", paper, "application/pdf")},
        headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"},
        follow_redirects=False,
    )
    return answer.status_code
