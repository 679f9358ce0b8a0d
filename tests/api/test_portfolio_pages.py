"""The portfolio as a browser gets it: listed, narrowed, mapped, explained and asked."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import FoundTenant, Tenant
from tests.planning import lines, post, refused
from tests.register import Register
from tests.risks import NEVER, Risk, note_risk
from tests.sharing import Sharing
from tests.visits import A_CHILD_OF_16, TODAY, visited

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
POINTS = "/portfolio/points.geojson"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@pytest.fixture
def buyer(found_tenant: FoundTenant, database: Database) -> Tenant:
    """A roaster in Hamburg, whose manager signs in."""
    made = found_tenant("Rösterei Speicherstadt", OrganisationKind.BUYER)
    add_people(database, made, Role.MANAGER)
    return made


@pytest.fixture
def register(client: TestClient, tenant: Tenant, database: Database) -> Register:
    add_people(database, tenant, Role.ANALYST)
    return Register(client, tenant)


@pytest.fixture
def sharing(client: TestClient, tenant: Tenant, buyer: Tenant) -> Sharing:
    return Sharing(client, tenant, buyer)


@pytest.fixture
def farms(register: Register, database: Database) -> Mapping[str, str]:
    """Three farms by their names: of high risk, of low, and one that nobody saw."""
    names = {"El Peñón": HIGH, "La Loma": LOW, "Sin Visita": UNKNOWN}
    made = {
        name: register.farm(name, latitude=3.1234 + 2 * place, longitude=-75.6543)
        for place, name in enumerate(names)
    }
    note_risk(database, {made[name]: risk for name, risk in names.items()})
    return made


@pytest.fixture
def browser(client: TestClient, farms: Mapping[str, str]) -> TestClient:
    """A browser in which an analyst has signed in, who has three farms to see."""
    assert len(farms) == 3
    assert sign_in(client, Role.ANALYST) == 303
    return client


def found_by(browser: TestClient, query: str) -> list[str]:
    """Return which of the farms a list shows, in its order."""
    rows = lines(read(browser, f"/portfolio?{query}"))
    names = ("El Peñón", "La Loma", "Sin Visita")
    return [name for row in rows for name in names if name in row]


def drawn(browser: TestClient, query: str = "") -> list[dict[str, Any]]:
    """Return the features that the map gets."""
    answer = browser.get(f"{POINTS}?{query}")
    assert answer.status_code == 200, answer.text
    features: list[dict[str, Any]] = answer.json()["features"]
    return features


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def test_nobody_known_is_led_to_sign_in(client: TestClient) -> None:
    paths = ("/portfolio", "/portfolio/ask", "/portfolio/site_x", "/scorecards")
    answers = [client.get(path, headers=HTML, follow_redirects=False) for path in paths]

    assert {one.status_code for one in answers} == {303}
    assert all(one.headers["location"].startswith("/sign-in") for one in answers)


def test_the_worst_stands_first_and_every_level_is_counted(
    browser: TestClient,
) -> None:
    told = read(browser, "/portfolio")

    assert found_by(browser, "") == ["El Peñón", "Sin Visita", "La Loma"]
    tiles = told.partition('aria-label="Sites by risk"')[2].partition("</ul>")[0]
    counts = [tile.partition("<b>")[2][0] for tile in tiles.split("<li")[1:]]
    assert counts == ["1", "0", "1", "1"]


NARROWED = {
    "level=high": ["El Peñón"],
    "confidence=none": ["Sin Visita"],
    "has_open=zero_tolerance": ["El Peñón"],
    "visited_before=2026-01-01&sort=name": ["El Peñón", "Sin Visita"],
    "name=PENON": ["El Peñón"],
    "name=no%25": [],
    "sort=-name": ["Sin Visita", "La Loma", "El Peñón"],
    "kind=mill": [],
    "country=CO&admin1=Tolima&level=low": ["La Loma"],
    "relation=operates": [],
    "level=&name=&visited_before=": ["El Peñón", "Sin Visita", "La Loma"],
}
NO_FILTERS = (
    "level=terrible",
    "relation=other",
    "country=colombia",
    "visited_before=yesterday",
    f"name={'x' * 101}",
    "after=site_0000000000000000",
)


def test_the_filters_of_the_address_narrow_the_list(browser: TestClient) -> None:
    assert {query: found_by(browser, query) for query in NARROWED} == NARROWED


def test_a_filter_that_is_none_is_refused(browser: TestClient) -> None:
    answers = {query: refused(browser, f"/portfolio?{query}") for query in NO_FILTERS}

    assert answers == dict.fromkeys(NO_FILTERS, 422)


def test_a_name_is_quoted_in_the_command(browser: TestClient) -> None:
    told = read(browser, "/portfolio?name=o'clock")

    assert "name=o&#39;\\&#39;&#39;clock" in told


def test_the_command_and_the_page_tell_of_the_same_sites(
    browser: TestClient, register: Register
) -> None:
    query = "name=l&sort=name&rows=30"
    told = register.get(f"/v1/risk?{query}")

    assert [one["name"] for one in told["items"]] == ["El Peñón", "La Loma"]
    assert found_by(browser, query) == ["El Peñón", "La Loma"]


def test_the_whole_of_a_filtered_list_is_a_spreadsheet(browser: TestClient) -> None:
    answer = browser.get("/portfolio?format=csv&sort=name", headers=HTML)

    rows = rows_of(answer.text)
    assert [row["name"] for row in rows] == ["El Peñón", "La Loma", "Sin Visita"]
    assert [row["level"] for row in rows] == ["high", "low", "unknown"]


@pytest.mark.usefixtures("buyer")
def test_an_empty_portfolio_says_what_to_do(client: TestClient) -> None:
    sign_in(client, Role.MANAGER)

    assert "There is nothing in your portfolio yet" in read(client, "/portfolio")


def test_a_site_is_explained_with_its_reasons_and_gaps(
    browser: TestClient, farms: Mapping[str, str]
) -> None:
    told = read(browser, f"/portfolio/{farms['El Peñón']}")
    unseen = read(browser, f"/portfolio/{farms['Sin Visita']}")

    assert "Open major findings: 2." in told
    assert "No visit in this harvest." in told
    assert "Notice given before the visit" in told
    assert "Nobody has visited the site." in unseen
    assert "never visited" in unseen


def test_a_strangers_site_is_not_there(
    browser: TestClient, stranger: Tenant, database: Database
) -> None:
    theirs = Register(browser, stranger).farm("Finca Ajena")
    note_risk(database, {theirs: HIGH})

    assert refused(browser, f"/portfolio/{theirs}") == 404
    assert "Finca Ajena" not in read(browser, "/portfolio")


def test_a_buyer_sees_what_it_is_shown_until_it_is_taken_back(
    client: TestClient, farms: Mapping[str, str], sharing: Sharing
) -> None:
    farm = farms["El Peñón"]
    consent = sharing.give(farm, "risk")
    sign_in(client, Role.MANAGER)

    shown = found_by(client, "")
    explained = read(client, f"/portfolio/{farm}")
    by_its_address = read(client, f"/sites/{farm}")
    to_do = read(client, "/")
    sharing.take_back(consent["id"])

    assert shown == ["El Peñón"]
    assert "Who lets you see this site" in explained
    assert "not told" in explained
    assert "Who lets you see this site" in by_its_address
    assert f'href="/sites/{farm}"' not in explained
    assert "Those that you operate or are shown stand in the portfolio." in to_do
    assert found_by(client, "") == []
    assert refused(client, f"/portfolio/{farm}") == 404
    assert refused(client, f"/sites/{farm}") == 404


def test_the_map_draws_sites_together_and_names_who_is_alone(
    browser: TestClient, farms: Mapping[str, str]
) -> None:
    far = drawn(browser)
    near = drawn(browser, "zoom=9&bbox=-76,3,-75,3.5")

    assert sum(one["properties"]["count"] for one in far) == 3
    assert {one["properties"]["site"] for one in far} == {None}
    (alone,) = near
    assert alone["properties"]["site"] == farms["El Peñón"]
    assert alone["properties"]["high"] == 1
    assert alone["geometry"]["coordinates"] == [-75.6543, 3.1234]


def test_the_map_is_narrowed_as_the_list_is(browser: TestClient) -> None:
    (only,) = drawn(browser, "level=low&name=loma")

    assert only["properties"]["low"] == only["properties"]["count"] == 1


def test_a_farm_is_drawn_coarsely_for_others_and_found_there_alone(
    client: TestClient, farms: Mapping[str, str], sharing: Sharing
) -> None:
    sharing.give(farms["El Peñón"], "risk")
    sign_in(client, Role.MANAGER)

    (shown,) = drawn(client, "zoom=15&bbox=-75.8,3,-75.5,3.3")
    at_home = drawn(client, "zoom=15&bbox=-75.655,3.123,-75.654,3.124")

    assert shown["geometry"]["coordinates"] == [-75.7, 3.1]
    assert at_home == []


NO_VIEWS = (
    "bbox=1,2,3",
    "bbox=nan,0,1,1",
    "bbox=-75,5,-76,4",
    "bbox=-190,0,0,1",
    "zoom=99",
    "zoom=-1",
    "level=terrible",
)


def test_a_view_that_is_none_is_refused(browser: TestClient) -> None:
    answers = {
        query: browser.get(f"{POINTS}?{query}").status_code for query in NO_VIEWS
    }

    assert answers == dict.fromkeys(NO_VIEWS, 422)


def test_a_pasted_list_is_answered_name_by_name(
    browser: TestClient, farms: Mapping[str, str]
) -> None:
    names = f"{farms['El Peñón']}\n\n {farms['La Loma']} \nnobody's\nnobody's"

    status, _, told = post(browser, "/portfolio/ask", names=names)

    assert status == 200
    assert "El Peñón" in told
    assert "La Loma" in told
    assert "nobody&#39;s" in told.partition("Not found</h3>")[2]


def test_a_pasted_list_is_a_spreadsheet_in_its_order(
    browser: TestClient, farms: Mapping[str, str]
) -> None:
    names = f"nobody's\n{farms['La Loma']}"

    _, _, told = post(browser, "/portfolio/ask", names=names, format="csv")

    rows = rows_of(told)
    assert [row["outcome"] for row in rows] == ["not_found", "found"]
    assert rows[1]["level"] == "low"


NO_LISTS = {
    "": "Fill this in.",
    " \n ,": "Fill this in.",
    "x" * 101: "Write one id or number on each line.",
    "\n".join(map(str, range(5_001))): "One list has at most 5,000 names.",
}


def test_a_list_that_cannot_be_read_is_told_beside_its_field(
    browser: TestClient,
) -> None:
    answers = [post(browser, "/portfolio/ask", names=names) for names in NO_LISTS]

    assert {status for status, _, _ in answers} == {422}
    told = [one.partition('id="names-error"')[2] for _, _, one in answers]
    assert all(
        why in beside.partition("</p>")[0]
        for why, beside in zip(NO_LISTS.values(), told, strict=True)
    )


@pytest.fixture
def card(client: TestClient, database: Database, tenant: Tenant) -> dict[str, Any]:
    """A card that was issued, before a browser in which an analyst has signed in."""
    add_people(database, tenant, Role.ANALYST)
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_16])
    issued = farm.issue()
    assert sign_in(client, Role.ANALYST) == 303
    return issued


CARDS = {
    "": True,
    "relation=own": True,
    "relation=shared": False,
    "state=revoked": False,
    "state=superseded": False,
    "state=expired": False,
    "letter=A": False,
}


def test_cards_are_listed_with_all_that_can_be_taken_along(
    client: TestClient, card: dict[str, Any]
) -> None:
    told = read(client, "/scorecards")
    (row,) = rows_of(client.get("/scorecards?format=csv", headers=HTML).text)

    assert f"/v1/scorecards/{card['id']}.vc" in told
    assert f"/v/{card['verify_code']}" in told
    assert row["id"] == card["id"]


def test_cards_are_narrowed(client: TestClient, card: dict[str, Any]) -> None:
    found = {
        query: card["id"] in read(client, f"/scorecards?{query}") for query in CARDS
    }

    assert found == CARDS
    assert refused(client, "/scorecards?state=lost") == 422


def test_a_card_is_expired_from_its_day_on(
    client: TestClient, card: dict[str, Any]
) -> None:
    last = TODAY + (date.fromisoformat(card["valid_until"]) - TODAY.date())

    with clock.set_to(lambda: last - timedelta(days=9)):
        sign_in(client, Role.ANALYST)
        ending = read(client, "/scorecards?state=expiring")
    with clock.set_to(lambda: last + timedelta(days=2)):
        sign_in(client, Role.ANALYST)
        ended = read(client, "/scorecards?state=expired")
        valid = read(client, "/scorecards?state=in_force")

    assert card["id"] in ending
    assert card["id"] in ended
    assert card["id"] not in valid
