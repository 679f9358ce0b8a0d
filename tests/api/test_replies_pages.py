"""The pages of the right of reply, and of what buyers promise."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.browsing import HTML, OURS, read
from tests.conftest import FoundTenant, Tenant
from tests.correcting import Correcting, correcting
from tests.desks import status_of
from tests.reviews import reviewing
from tests.sharing import Sharing, let_operate
from tests.visits import TODAY

WORDS = "El niño del vecino estaba de visita."
OFFER = {
    "kind": "co_funding",
    "measure": "amount",
    "quantity": "6000",
    "currency": "USD",
    "due_on": "2026-12-31",
    "findings": "",
}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def site(client: TestClient, tenant: Tenant, database: Database) -> Correcting:
    return correcting(client, tenant, database)


@pytest.fixture
def reply(site: Correcting) -> str:
    """A reply that the site was offered and has not given."""
    (audit,) = site.farm.get(f"/v1/audits?site={site.farm.site}")["items"]
    return reviewing(site.farm).offer(str(audit["id"]))


@pytest.fixture
def buyer(found_tenant: FoundTenant, client: TestClient, site: Correcting) -> Tenant:
    """A buyer that is shown the farm."""
    made = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    Sharing(client, site.tenant, made).give(site.farm.site)
    return made


def posted(client: TestClient, tenant: Tenant, path: str, **fields: str) -> str:
    """Send a form as a manager with a key does; return where it leads."""
    answer = client.post(
        path,
        data=fields,
        headers={**tenant.headers(Role.MANAGER), **HTML, **OURS},
        follow_redirects=False,
    )
    return answer.headers.get("location", str(answer.status_code))


def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient) -> None:
    paths = ["/replies", "/replies/r", "/commitments", "/commitments/c"]

    assert {status_of(client, path) for path in paths} == {303}


def test_a_reply_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, reply: str
) -> None:
    headers = {**stranger.headers(Role.MANAGER), "Accept": "text/html"}

    answers = [
        client.get(f"/replies/{reply}", headers=headers),
        client.post(f"/replies/{reply}", data={"code": "agrees"}, headers=headers),
    ]

    assert [one.status_code for one in answers] == [404, 404]
    assert reply not in client.get("/replies", headers=headers).text


def test_what_can_be_answered_tells_until_when_and_the_answer_stays_with_its_day(
    site: Correcting, reply: str
) -> None:
    client = site.as_(Role.MANAGER)
    listed = read(client, "/replies")
    form = read(client, f"/replies/{reply}")
    wrong = site.send(Role.MANAGER, f"/replies/{reply}", code="", text=WORDS)
    given = site.send(Role.MANAGER, f"/replies/{reply}", code="disputes", text=WORDS)
    shown = read(site.client, given.place)
    sheet = site.client.get("/replies?format=csv&show=any").text

    assert reply in listed
    assert "in 2 weeks" in form
    assert "The site disputes it" in form
    assert f"/findings/{site.ref}" in form
    assert wrong.status == 422
    assert WORDS in wrong.page
    assert given.status == 303
    assert WORDS in shown
    assert "Nov 2026" in shown
    assert WORDS not in sheet
    assert "Give the answer" not in shown


def test_who_runs_the_site_answers_in_the_words_of_the_site(
    client: TestClient,
    database: Database,
    found_tenant: FoundTenant,
    site: Correcting,
    reply: str,
) -> None:
    runs_it = found_tenant("Finca de otros", OrganisationKind.PRODUCER_GROUP)
    let_operate(database, site.farm.site, runs_it)
    headers = {**runs_it.headers(Role.MANAGER), **HTML}

    form = client.get(f"/replies/{reply}", headers=headers).text

    assert "We dispute it" in form
    assert "The site disputes it" not in form


def test_who_does_not_answer_for_the_site_is_refused(
    site: Correcting, reply: str
) -> None:
    sent = site.send(Role.ANALYST, f"/replies/{reply}", code="agrees")
    page = read(site.client, f"/replies/{reply}")

    assert sent.status == 403
    assert "Give the answer" not in page


def test_a_reply_can_be_waived(site: Correcting, reply: str) -> None:
    sent = site.send(Role.MANAGER, f"/replies/{reply}", code="waives")

    assert sent.status == 303
    assert site.farm.get(f"/v1/replies/{reply}")["code"] == "waives"


def test_a_buyer_promises_and_the_supplier_says_whether_it_was_kept(
    client: TestClient, site: Correcting, buyer: Tenant
) -> None:
    offered = posted(client, buyer, "/commitments/offer", site=site.farm.site, **OFFER)
    path = offered.partition("?")[0]
    steps = [
        posted(client, who, f"{path}/steps", step=step, **more)
        for who, step, more in [
            (site.tenant, "accept", {}),
            (buyer, "begin", {}),
            (buyer, "report_kept", {"report_kept_proof": "invoice"}),
            (site.tenant, "confirm", {}),
        ]
    ]
    plan = read(site.as_(Role.MANAGER), f"/sites/{site.farm.site}/plan")

    assert [one.partition("=")[2] for one in steps] == [
        "accept",
        "begin",
        "report_kept",
        "confirm",
    ]
    assert "6,000 USD" in plan
    assert "Kaffee GmbH" in plan


def test_an_offer_that_says_it_wrong_is_shown_again(
    client: TestClient, site: Correcting, buyer: Tenant
) -> None:
    form = {**OFFER, "site": site.farm.site}
    wrong: list[dict[str, str]] = [
        {"measure": "days"},
        {"measure": "weight"},
        {"quantity": "a lot"},
        {"due_on": "2026-01-01"},
        {"findings": "RF-77"},
        {"currency": "ZZZ"},
    ]

    statuses = [
        posted(client, buyer, "/commitments/offer", **{**form, **change})
        for change in wrong
    ]

    assert statuses == ["422"] * len(wrong)


def test_a_commitment_of_others_and_the_other_sides_step_are_refused(
    client: TestClient, site: Correcting, buyer: Tenant, stranger: Tenant
) -> None:
    offered = posted(client, buyer, "/commitments/offer", site=site.farm.site, **OFFER)
    path = offered.partition("?")[0]

    assert posted(client, stranger, f"{path}/steps", step="accept") == "404"
    assert posted(client, buyer, f"{path}/steps", step="accept") == "403"
    assert posted(client, site.tenant, f"{path}/steps", step="offer") == "422"
