"""Public lists on pages: imported, compared, decided on by one person and by another."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.intake import keyring_of
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, OURS, add_people, read, sign_in
from tests.conftest import Tenant
from tests.listing import FARM_NAME, ORDER, Listing
from tests.visits import TODAY, Visited, visited

SECRET = "Lo dijo Fulana Ficticia."
ORDERS = ORDER.format(order=1)
LISTS = "/list-matches/lists"
NEW = {
    "name": "Invented orders",
    "publisher": "An invented authority",
    "category": "import_ban",
    "code": "banned",
}
SAID = {"edition_on": "2026-11-01", "source": "https://example.org", "licence": "free"}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def listing(
    app: FastAPI, client: TestClient, tenant: Tenant, database: Database
) -> Listing:
    add_people(database, tenant, Role.ADMINISTRATOR, Role.REVIEWER, Role.ANALYST)
    return Listing(client, tenant, database, keyring_of(app.state.service))


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    """A farm that a list names, with a card in force."""
    farm = visited(client, tenant, name=FARM_NAME)
    farm.send()
    farm.issue()
    return farm


@pytest.fixture
def match(listing: Listing, farm: Visited) -> str:
    """A match of the farm with a list of import bans."""
    assert farm.site
    listing.done(listing.add(), ORDERS, "2026-11-01")
    (found,) = listing.matches()
    return str(found["id"])


def as_role(client: TestClient, role: Role) -> TestClient:
    client.cookies.clear()
    assert sign_in(client, role) == 303
    return client


def sent(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    answer = client.post(
        path,
        data=fields,
        headers={**HTML, **OURS, "Accept-Language": "en"},
        follow_redirects=False,
    )
    return answer.status_code, answer.headers.get("location", answer.text)


def uploaded(
    client: TestClient, path: str, content: str, **fields: str
) -> tuple[int, str]:
    answer = client.post(
        f"{path}/editions",
        data={**SAID, "step": "import", **fields},
        files={"file": ("a.csv", content.encode(), "text/csv")},
        headers={**HTML, **OURS, "Accept-Language": "en"},
        follow_redirects=False,
    )
    return answer.status_code, answer.headers.get("location", answer.text)


@pytest.mark.parametrize(
    "path", ["/list-matches", "/list-matches/exclusions", LISTS, "/list-matches/m"]
)
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML, follow_redirects=False)

    assert answer.status_code == 303


def test_a_list_is_added_looked_at_and_imported(
    client: TestClient, listing: Listing
) -> None:
    browser = as_role(client, Role.ADMINISTRATOR)

    empty = read(browser, LISTS)
    _, there = sent(browser, LISTS, **NEW)
    path = there.partition("?")[0]
    tried = uploaded(browser, path, ORDERS, step="try")
    nothing = listing.get(f"/public-lists/{path.rpartition('/')[2]}/editions")["items"]
    done = uploaded(browser, path, ORDERS)
    again = uploaded(browser, path, ORDERS)
    shown = read(browser, path)
    (edition,) = listing.get(f"/public-lists/{path.rpartition('/')[2]}/editions")[
        "items"
    ]
    entries = read(browser, f"{path}/editions/{edition['id']}")

    assert "You keep no list here yet" in empty
    assert tried[0] == 200
    assert "It was only looked at" in tried[1]
    assert nothing == []
    assert done == (303, f"{path}?done=imported")
    assert again == (303, f"{path}?done=same")
    assert "In force" in shown
    assert "Finca La Inventada" in entries


def test_rows_that_cannot_be_used_are_told_and_nothing_is_imported(
    client: TestClient, listing: Listing
) -> None:
    browser = as_role(client, Role.ADMINISTRATOR)
    path = f"{LISTS}/{listing.add()}"

    status, shown = uploaded(browser, path, "Entity,Country\nUna Ltda,Atlantis\n")

    assert status == 422
    assert "Atlantis is no country that is known." in shown
    assert 'value="2026-11-01"' in shown
    assert "None yet." in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [("edition_on", "tomorrow"), ("country", "Colombia"), ("source", "")],
)
def test_a_form_that_is_wrong_says_so_beside_its_field(
    client: TestClient, listing: Listing, field: str, value: str
) -> None:
    browser = as_role(client, Role.ADMINISTRATOR)
    path = f"{LISTS}/{listing.add()}"

    status, shown = uploaded(browser, path, ORDERS, **{field: value})

    assert status == 422
    assert f'id="{field}-error"' in shown
    assert 'value="free"' in shown


def test_a_code_that_is_taken_or_no_code_is_told_with_the_form_kept(
    client: TestClient, listing: Listing
) -> None:
    listing.add()
    browser = as_role(client, Role.ADMINISTRATOR)

    taken = sent(browser, LISTS, **NEW)
    unfit = sent(browser, LISTS, **{**NEW, "code": "No Code"})

    assert [taken[0], unfit[0]] == [409, 422]
    assert 'id="code-error"' in unfit[1]
    assert 'value="An invented authority"' in unfit[1]


def test_one_person_says_it_is_the_same_and_another_suspends(
    client: TestClient, listing: Listing, match: str
) -> None:
    page = f"/list-matches/{match}"
    browser = as_role(client, Role.REVIEWER)
    listed = read(browser, "/list-matches?state=proposed")
    before = read(browser, page)
    wrong = sent(browser, f"{page}/decisions", decision="", note=SECRET)
    unfit = sent(browser, f"{page}/decisions", decision="same:other_place")
    said = sent(
        browser, f"{page}/decisions", decision="same:number_confirmed", note=SECRET
    )
    (proposal,) = listing.exclusions("?state=proposed")
    second = f"{page}/exclusions/{proposal['id']}"
    by_first = read(browser, page)
    refused = sent(browser, second, decision="accept:listing_in_force")
    browser = as_role(client, Role.ADMINISTRATOR)
    waiting = read(browser, "/list-matches/exclusions?state=proposed")
    accepted = sent(browser, second, decision="accept:listing_in_force")
    after = read(browser, page)

    assert FARM_NAME in listed
    assert "The same name, legal forms aside" in before
    assert wrong[0] == unfit[0] == 422
    assert SECRET in wrong[1]
    assert said == (303, f"{page}?done=followed")
    assert "You decided on the match, so somebody else decides this" in by_first
    assert refused[0] == 403
    assert FARM_NAME in waiting
    assert accepted == (303, f"{page}?done=decided")
    assert "Accepted" in after
    assert SECRET in after
    assert "Alguien reviewer, " in after
    assert "The product itself, " in after
    assert "person_" not in after


def test_who_may_not_decide_reads_without_the_note(
    client: TestClient, listing: Listing, match: str
) -> None:
    listing.say(match, "not_same", "other_place", note=SECRET)
    browser = as_role(client, Role.ANALYST)
    page = f"/list-matches/{match}"

    shown = read(browser, page)
    refused = [
        sent(browser, f"{page}/decisions", decision="same:number_confirmed")[0],
        sent(browser, LISTS, **NEW)[0],
    ]

    assert "It is another" in shown
    assert SECRET not in shown
    assert "with a sealed note" in shown
    assert refused == [403, 403]


def test_a_decision_can_be_taken_otherwise_later(
    client: TestClient, listing: Listing, match: str
) -> None:
    listing.say(match, "not_same", "other_place")
    browser = as_role(client, Role.REVIEWER)
    page = f"/list-matches/{match}"

    shown = read(browser, page)
    done = sent(browser, f"{page}/decisions", decision="same:decided_wrongly")
    impossible = sent(browser, f"{page}/decisions", decision="watch:name_alone")

    assert "Decide otherwise" in shown
    assert done[0] == 303
    assert impossible[0] == 409


def test_another_organisations_match_and_list_are_not_found(
    client: TestClient,
    app: FastAPI,
    database: Database,
    stranger: Tenant,
    tenant: Tenant,
    farm: Visited,
) -> None:
    theirs = Listing(client, stranger, database, keyring_of(app.state.service))
    public_list = theirs.add()
    add_people(database, tenant, Role.ADMINISTRATOR)
    browser = as_role(client, Role.ADMINISTRATOR)
    assert farm.site

    statuses = [
        browser.get(path, headers=HTML).status_code
        for path in ("/list-matches/match_x", f"{LISTS}/{public_list}")
    ]
    statuses.append(uploaded(browser, f"{LISTS}/{public_list}", ORDERS)[0])
    statuses.append(sent(browser, "/list-matches/m/exclusions/e", decision="a:b")[0])

    assert statuses == [404, 404, 404, 404]
    assert "Invented orders" not in read(browser, LISTS)


@pytest.mark.parametrize(
    "path", ["/list-matches?state=lost", f"{LISTS}?category=castle"]
)
def test_a_filter_that_is_none_is_told_in_words(
    client: TestClient, listing: Listing, path: str
) -> None:
    browser = as_role(listing.client, Role.ANALYST)
    assert browser is client

    assert browser.get(path, headers=HTML).status_code == 422


def test_every_list_is_a_spreadsheet_without_names(
    client: TestClient, listing: Listing, match: str
) -> None:
    browser = as_role(client, Role.ANALYST)
    assert listing.matches()

    sheets = [
        browser.get(f"{path}?format=csv").text
        for path in ("/list-matches", "/list-matches/exclusions", LISTS)
    ]

    assert match in sheets[0]
    assert "La Inventada" not in sheets[0]
    assert "banned" in sheets[2]
