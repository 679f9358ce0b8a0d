"""On the page of a card it is suspended, lifted and revoked by those who may, and only so."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.api.test_card_states import list_ground, told, verified
from tests.browsing import HTML, OURS, add_people, read, sign_in
from tests.conftest import FoundTenant, Tenant
from tests.sharing import Sharing
from tests.visits import A_CHILD_OF_16, TODAY, Visited, visited

DOUBT = {"suspend_for": "evidence_doubted"}
REVIEW = {"suspend_for": "under_review"}
LIFT_DOUBT = {"restore_for": "evidence_doubted"}
IN_ERROR = {"revoke_for": "issued_in_error"}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_16])
    return found


@pytest.fixture
def card(farm: Visited) -> dict[str, Any]:
    return farm.issue()


@pytest.fixture
def reviewer(client: TestClient, database: Database, tenant: Tenant) -> TestClient:
    add_people(database, tenant, Role.REVIEWER)
    sign_in(client, Role.REVIEWER)
    return client


def press(
    browser: TestClient,
    card: dict[str, Any],
    verb: str,
    fields: dict[str, str],
    once: str = "",
) -> Any:
    return browser.post(
        f"/scorecards/{card['id']}/{verb}",
        data={**fields, "once": once},
        headers={**HTML, **OURS},
        follow_redirects=False,
    )


def steps_of(browser: TestClient, card: dict[str, Any], query: str = "") -> str:
    """Return the part of the page where the steps are; empty where there is none."""
    page = read(browser, f"/scorecards/{card['id']}{query}")
    return page.partition('aria-labelledby="steps"')[2].partition("</section>")[0]


def offered(text: str, card: dict[str, Any]) -> list[str]:
    verbs = ("suspend", "restore", "revoke")
    return [one for one in verbs if f'"/scorecards/{card["id"]}/{one}#steps"' in text]


def test_a_reviewer_suspends_a_card_and_lifts_it_again(
    reviewer: TestClient, farm: Visited, card: dict[str, Any]
) -> None:
    path = f"/scorecards/{card['id']}"

    before = steps_of(reviewer, card)
    suspended = press(reviewer, card, "suspend", DOUBT)
    known = verified(farm, card)
    page = read(reviewer, suspended.headers["location"])
    during = steps_of(reviewer, card)
    lifted = press(reviewer, card, "restore", LIFT_DOUBT)
    after = steps_of(reviewer, card)

    assert offered(before, card) == ["suspend", "revoke"]
    assert "What it rests on is in doubt" in before
    assert "A zero-tolerance review was opened" not in before
    assert "tells anybody at once not to rely on" in before
    assert (suspended.status_code, suspended.headers["location"]) == (
        303,
        f"{path}?done=suspended#content",
    )
    assert known == ("suspended", "evidence_doubted")
    assert 'role="status">Suspended. The verify page says so' in page
    assert "It stands suspended for:" in during
    assert offered(during, card) == ["suspend", "restore", "revoke"]
    assert lifted.headers["location"] == f"{path}?done=restored#content"
    assert verified(farm, card) == ("issued", "doubt_ended")
    assert offered(after, card) == ["suspend", "revoke"]


def test_one_reason_is_lifted_and_the_card_stays_suspended_for_the_other(
    reviewer: TestClient, farm: Visited, card: dict[str, Any]
) -> None:
    for reason in (DOUBT, REVIEW):
        press(reviewer, card, "suspend", reason)

    both = steps_of(reviewer, card)
    lifted = press(reviewer, card, "restore", LIFT_DOUBT)
    page = read(reviewer, lifted.headers["location"])

    assert offered(both, card) == ["restore", "revoke"]
    assert "Only what you choose here ends" in both
    assert lifted.headers["location"].endswith("?done=still_suspended#content")
    assert "stays suspended for what else stands" in page
    assert verified(farm, card) == ("suspended", "under_review")


def test_nobody_lifts_on_the_page_what_follows_from_a_public_list(
    reviewer: TestClient, database: Database, farm: Visited, card: dict[str, Any]
) -> None:
    list_ground(database, farm, stands=True)

    shown = steps_of(reviewer, card)
    lifted = press(reviewer, card, "restore", {"restore_for": "public_list"})
    given = press(reviewer, card, "suspend", {"suspend_for": "zero_tolerance"})

    assert offered(shown, card) == ["suspend", "revoke"]
    assert "A public list names its site or who runs it" in shown
    assert "Nobody lifts this here" in shown
    assert (lifted.status_code, given.status_code) == (422, 422)
    assert verified(farm, card) == ("suspended", "public_list")


def test_a_card_is_revoked_by_a_second_press_that_says_it_is_for_good(
    client: TestClient,
    reviewer: TestClient,
    found_tenant: FoundTenant,
    tenant: Tenant,
    farm: Visited,
    card: dict[str, Any],
) -> None:
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    Sharing(client, tenant, buyer).give(farm.site)

    asked = steps_of(reviewer, card)
    revoked = press(reviewer, card, "revoke", {"revoke_for": "evidence_false"})
    page = read(reviewer, revoked.headers["location"])
    late = press(reviewer, card, "revoke", IN_ERROR)

    confirmed = asked.partition('<details class="confirm">')[2]
    assert "This can never be undone" in confirmed
    assert "the buyers who are shown the scorecard are told" in confirmed
    assert '<button class="danger">Revoke it for good</button>' in confirmed
    assert revoked.headers["location"].endswith("?done=revoked#content")
    assert "Revoked for good. The verify page says so" in page
    assert 'id="steps"' not in page
    assert verified(farm, card) == ("revoked", "evidence_false")
    assert told(client, buyer, Role.ANALYST)[-1] == (
        "card_revoked",
        card["id"],
        "evidence_false",
    )
    assert late.status_code == 409
    assert "Somebody took a step with this scorecard before you" in late.text


@pytest.mark.parametrize(
    ("verb", "field"), [("suspend", "suspend_for"), ("revoke", "revoke_for")]
)
def test_what_is_wrong_is_told_beside_its_field_and_in_no_other_form(
    reviewer: TestClient, farm: Visited, card: dict[str, Any], verb: str, field: str
) -> None:
    answer = press(reviewer, card, verb, {field: ""})

    assert answer.status_code == 422
    assert f'id="{field}-error" role="alert">Choose one of the list.' in answer.text
    assert answer.text.count('role="alert"') == 1
    assert verified(farm, card) == ("issued", "issued")


def test_a_step_that_is_sent_twice_is_taken_once(
    client: TestClient,
    reviewer: TestClient,
    tenant: Tenant,
    card: dict[str, Any],
) -> None:
    first, again = (press(reviewer, card, "suspend", DOUBT, "a") for _ in range(2))
    other = press(reviewer, card, "suspend", DOUBT, "b")

    assert (first.status_code, again.status_code, other.status_code) == (303, 303, 409)
    assert again.headers["location"] == first.headers["location"]
    assert len(told(client, tenant, Role.REVIEWER)) == 2


def test_who_may_not_is_offered_nothing_and_changes_nothing(
    client: TestClient,
    database: Database,
    tenant: Tenant,
    stranger: Tenant,
    farm: Visited,
    card: dict[str, Any],
) -> None:
    forms = (
        ("suspend", DOUBT),
        ("restore", LIFT_DOUBT),
        ("revoke", IN_ERROR),
    )

    nobody = [press(client, card, *form).status_code for form in forms]
    add_people(database, tenant, Role.ANALYST)
    sign_in(client, Role.ANALYST)
    shown = read(client, f"/scorecards/{card['id']}?done=revoked_for_nothing")
    analyst = [press(client, card, *form).status_code for form in forms]
    client.cookies.clear()
    add_people(database, stranger, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)
    others = [press(client, card, *form).status_code for form in forms]
    foreign = client.post(
        f"/scorecards/{card['id']}/revoke",
        data=IN_ERROR,
        headers={**HTML, "Sec-Fetch-Site": "cross-site"},
    )

    assert nobody == [401] * 3
    assert "steps" not in shown.partition("<main")[2]
    assert 'role="status"' not in shown
    assert (analyst, others) == ([403] * 3, [404] * 3)
    assert foreign.status_code == 403
    assert verified(farm, card) == ("issued", "issued")


def test_a_buyer_who_is_shown_a_card_is_offered_no_step_of_it(
    client: TestClient,
    database: Database,
    found_tenant: FoundTenant,
    tenant: Tenant,
    farm: Visited,
    card: dict[str, Any],
) -> None:
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    Sharing(client, tenant, buyer).give(farm.site)
    add_people(database, buyer, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)

    shown = steps_of(client, card)
    revoked = press(client, card, "revoke", IN_ERROR)

    assert shown == ""
    assert revoked.status_code == 404
    assert verified(farm, card) == ("issued", "issued")


def test_a_replaced_card_is_offered_no_step(
    reviewer: TestClient, farm: Visited, card: dict[str, Any]
) -> None:
    farm.issue()

    assert steps_of(reviewer, card) == ""
