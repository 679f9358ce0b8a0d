"""Sharing as a browser does it: given, seen, taken back, asked for, answered."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.browsing import add_people, read, sign_in
from tests.conftest import FoundTenant, Tenant
from tests.desks import Sent, send, status_of
from tests.field import FARM
from tests.sharing import Sharing
from tests.visits import TODAY

LATER = "2027-11-21"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def buyer(found_tenant: FoundTenant) -> Tenant:
    return found_tenant("Rösterei Speicherstadt", OrganisationKind.BUYER)


@pytest.fixture
def desk(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of a manager, who may share."""
    add_people(database, tenant, Role.MANAGER, Role.ANALYST)
    sign_in(client, Role.MANAGER)
    return client


@pytest.fixture
def site(client: TestClient, tenant: Tenant) -> str:
    made = client.post("/v1/producers", json=FARM, headers=tenant.headers())
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@pytest.fixture
def sharing(client: TestClient, tenant: Tenant, buyer: Tenant) -> Sharing:
    return Sharing(client, tenant, buyer)


def give(desk: TestClient, buyer: Tenant, *sites: str, **changes: str) -> Sent:
    form = {"grantee": buyer.public_id, "subject": "risk", "last_day": LATER, **changes}
    return send(desk, "/consents", sites=list(sites), sites_marked="yes", **form)


def received(client: TestClient, buyer: Tenant) -> list[tuple[str, str | None]]:
    answer = client.get("/v1/consents/received", headers=buyer.headers())
    return [(one["state"], one["site"]) for one in answer.json()["items"]]


@pytest.mark.parametrize(
    "path", ["/consents", "/consents/received", "/consents/requests", "/consents/new"]
)
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    assert status_of(client, path) == 303


def test_a_site_is_shown_and_taken_back(
    desk: TestClient, site: str, buyer: Tenant
) -> None:
    given = give(desk, buyer, site)
    listed = read(desk, "/consents?state=in_force")
    seen = received(desk, buyer)
    (consent,) = set(re.findall(r'href="(/consents/consent_[0-9a-z]+)"', listed))
    before = read(desk, consent)
    ended = send(desk, f"{consent}/end")

    assert (given.status, given.place) == (303, "/consents?done=given")
    assert seen == [("in_force", site)]
    assert "a PDF or a spreadsheet that was downloaded" in before
    assert ended.place.endswith("done=taken_back")
    assert received(desk, buyer) == [("revoked", None)]
    assert "Taken back" in read(desk, ended.place)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"grantee": "org_nobody"}, "no organisation that works here"),
        ({"subject": "secrets"}, "Choose one of the list"),
        ({"last_day": "2026-01-01"}, "Choose a last day after today"),
        ({"last_day": ""}, "Write a day"),
        ({"first_day": "9999-12-31"}, "too far away"),
    ],
)
def test_a_wrong_form_is_told_beside_its_field_and_kept(
    desk: TestClient, site: str, buyer: Tenant, wrong: dict[str, str], told: str
) -> None:
    sent = give(desk, buyer, site, **wrong)

    assert sent.status == 422
    assert told in sent.page
    assert f'value="{site}" checked' in sent.page
    assert received(desk, buyer) == []


def test_without_a_site_nothing_is_shown(desk: TestClient, buyer: Tenant) -> None:
    sent = give(desk, buyer)

    assert sent.status == 422
    assert "Mark at least one site" in sent.page


def test_the_same_twice_is_refused_and_nothing_of_the_rest_is_given(
    desk: TestClient, site: str, buyer: Tenant
) -> None:
    give(desk, buyer, site)

    sent = give(desk, buyer, site)

    assert sent.status == 422
    assert "is shown to them already, until" in sent.page
    assert len(received(desk, buyer)) == 1


def test_all_that_supply_a_mill_are_marked_with_it(
    desk: TestClient, tenant: Tenant, site: str
) -> None:
    headers = tenant.headers()
    mill = desk.post("/v1/mills", json={**FARM, "name": "Trilladora"}, headers=headers)
    mill_id = mill.json()["id"]
    link = {"from_site": site, "to_site": mill_id, "commodity": "coffee"}
    made = desk.post(
        "/v1/supply-links", json={**link, "season": "2026-main"}, headers=headers
    )

    page = read(desk, f"/consents/new?mill={mill_id}")

    assert made.status_code == 201, made.text
    assert f'value="{site}" checked' in page
    assert f'value="{mill_id}" checked' in page


def test_a_role_that_may_not_share_reads_and_gives_nothing(
    desk: TestClient, site: str, buyer: Tenant
) -> None:
    sign_in(desk, Role.ANALYST)

    sent = give(desk, buyer, site)

    assert "/consents/new" not in read(desk, "/consents")
    assert status_of(desk, "/consents/new") == 403
    assert sent.status == 403


def test_what_others_share_among_themselves_is_not_there(
    desk: TestClient, client: TestClient, buyer: Tenant, stranger: Tenant
) -> None:
    made = client.post("/v1/producers", json=FARM, headers=stranger.headers()).json()
    theirs = Sharing(client, stranger, buyer).give(made["id"], "risk")["id"]

    sent = send(desk, f"/consents/{theirs}/end")

    assert status_of(desk, f"/consents/{theirs}") == 404
    assert sent.status == 404


def test_a_request_is_accepted_for_a_site_and_a_time(
    desk: TestClient, site: str, buyer: Tenant, sharing: Sharing
) -> None:
    asked = sharing.ask(subject="risk")
    waiting = read(desk, "/consents/requests?side=received&open=yes")

    accepted = send(
        desk,
        f"/consents/requests/{asked}/acceptance",
        sites=[site],
        sites_marked="yes",
        last_day=LATER,
    )

    assert "Rösterei Speicherstadt" in waiting
    assert (accepted.status, accepted.place) == (303, "/consents?done=given")
    assert received(desk, buyer) == [("in_force", site)]
    assert "no request here" in read(desk, "/consents/requests?open=yes")


def test_a_site_that_they_see_already_is_named_beside_the_list_not_by_its_id(
    desk: TestClient, buyer: Tenant, site: str, sharing: Sharing
) -> None:
    choice: dict[str, str | list[str]] = {
        "sites": [site],
        "sites_marked": "yes",
        "last_day": LATER,
    }
    given: dict[str, str | list[str]] = {
        "grantee": buyer.public_id,
        "subject": "risk",
    }
    send(desk, "/consents", **given, **choice)
    asked = sharing.ask(subject="risk")

    answered = send(desk, f"/consents/requests/{asked}/acceptance", **choice)
    given_again = send(desk, "/consents", **given, **choice)

    assert (answered.status, given_again.status) == (422, 422)
    assert "is shown to them already, until" in answered.page
    assert "is shown to them already, until" in given_again.page
    assert f"risk of {site}" not in answered.page


def test_a_request_is_declined_once(desk: TestClient, sharing: Sharing) -> None:
    asked = sharing.ask(subject="risk")
    path = f"/consents/requests/{asked}/refusal"

    first, second = send(desk, path, once="a"), send(desk, path, once="b")

    assert first.place.endswith("done=declined")
    assert second.status == 409
    assert "was declined on" in second.page


def test_a_buyer_asks_and_finds_its_request(
    client: TestClient, tenant: Tenant, buyer: Tenant, database: Database
) -> None:
    add_people(database, buyer, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)
    form = {"supplier": tenant.public_id, "subject": "scorecard", "site": ""}

    asked = send(client, "/consents/requests", **form)
    again = send(client, "/consents/requests", **form)
    sent_by_us = read(client, "/consents/requests?side=given")

    assert asked.place == "/consents/requests?done=asked"
    assert again.status == 409
    assert "Exportadora Puerto Sereno" in sent_by_us
    assert "no request here" in read(client, "/consents/requests?side=received")


def test_who_cannot_receive_is_told_so_beside_the_field(
    desk: TestClient, site: str, found_tenant: FoundTenant
) -> None:
    mill = found_tenant("Trilladora La Palma", OrganisationKind.MILL)

    sent = give(desk, mill, site)

    assert sent.status == 422
    assert "Only a buyer or an exporter" in sent.page


def test_the_lists_are_spreadsheets_too(
    desk: TestClient, site: str, buyer: Tenant
) -> None:
    give(desk, buyer, site)

    given = desk.get("/consents?format=csv&subject=risk").text
    none = desk.get("/consents?format=csv&subject=scorecard").text

    assert site in given
    assert site not in none


def test_an_unknown_filter_says_what_it_can_be(desk: TestClient) -> None:
    assert status_of(desk, "/consents?state=perhaps") == 422
