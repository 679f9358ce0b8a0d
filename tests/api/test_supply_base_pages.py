"""The supply base as a planner gets it: counted, narrowed, ordered, mapped and taken along."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.field import register_farm
from tests.planning import lines, once_of, post, refused
from tests.register import Register
from tests.risks import Risk, note_risk
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, database: Database, tenant: Tenant) -> Visited:
    """A farm where a child of thirteen was seen at work, and people who sign in."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    found = visited(client, tenant, admin1="Tolima", municipality="Planadas")
    found.send(children=[A_CHILD_OF_13])
    return found


@pytest.fixture
def browser(farm: Visited) -> TestClient:
    """A browser in which the administrator has signed in."""
    assert sign_in(farm.client, Role.ADMINISTRATOR) == 303
    return farm.client


@pytest.fixture
def unseen(browser: TestClient, tenant: Tenant) -> str:
    """A farm that nobody visited."""
    return register_farm(browser, tenant, name="Finca Sin Visita", admin1="Huila")


def found_by(browser: TestClient, query: str) -> set[str]:
    """Return which of the two farms a list shows."""
    told = "".join(lines(read(browser, f"/supply-base?{query}")))
    return {name for name in ("Sin Visita", "El Recuerdo") if name in told}


def test_nobody_known_is_led_to_sign_in(client: TestClient) -> None:
    answer = client.get("/supply-base", headers=HTML, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_another_organisations_sites_are_not_there(
    browser: TestClient, stranger: Tenant
) -> None:
    with_theirs = register_farm(browser, stranger, name="Finca Ajena")

    told = read(browser, "/supply-base")
    by_id = read(browser, f"/supply-base?name={with_theirs}")

    assert "Finca Ajena" not in told
    assert "Finca Ajena" not in by_id
    assert refused(browser, f"/supply-base/{with_theirs}/plan-visit") == 404


def test_it_tells_a_farm_that_nobody_visited_from_one_that_is_fine(
    browser: TestClient, farm: Visited, unseen: str
) -> None:
    rows = lines(read(browser, "/supply-base"))

    (unknown,) = [row for row in rows if unseen in row]
    (known,) = [row for row in rows if farm.site in row]
    assert "never visited" in unknown
    assert "not known" in unknown
    assert "3 Nov 2026" in known
    assert "3 weeks ago" in known
    assert "never visited" not in known


def test_it_counts_what_the_lists_hold(browser: TestClient, farm: Visited) -> None:
    told = read(browser, "/supply-base")

    zero_tolerance = farm.findings("?severity=zero_tolerance")
    tile = told.partition('class="severity zero_tolerance"')[2].partition("</li>")[0]
    assert f"<b>{len(zero_tolerance)}</b>" in tile
    assert "<b>1</b> visited in 2026" in told


def test_a_harvest_in_which_nobody_came_is_named(
    browser: TestClient, tenant: Tenant, farm: Visited
) -> None:
    months = ["none"] * 8 + ["main"] * 4
    calendar = {"country": "CO", "commodity": "coffee", "months": months}
    Register(browser, tenant).post(
        "/v1/harvest-calendars", {**calendar, "stated_by": "Comité"}
    )
    earlier = register_farm(browser, tenant, name="Finca De Marzo")
    Visited(browser, tenant, earlier).send(
        observed_on="2026-03-03", instance_id="uuid:march"
    )

    rows = lines(read(browser, "/supply-base"))

    (missed,) = [row for row in rows if earlier in row]
    (seen,) = [row for row in rows if farm.site in row]
    assert "this harvest: no visit" in missed
    assert "harvest: no visit" not in seen


def test_it_is_narrowed_by_everything_that_tells_sites_apart(
    browser: TestClient, database: Database, tenant: Tenant, farm: Visited, unseen: str
) -> None:
    note_risk(database, {farm.site: Risk(level="high", score=90)})
    register = Register(browser, tenant)
    mill, group = register.mill(), register.group()
    register.link(farm.site, mill)
    register.post(f"/v1/groups/{group}/members", {"site": unseen, "season": "2026"})
    number = {"scheme": "own_number", "value": "K-77"}
    register.post(f"/v1/sites/{unseen}/identifiers", number)
    both = {"Sin Visita", "El Recuerdo"}

    seen = {
        query: found_by(browser, query)
        for query in (
            "",
            "name=SIN+vísita",
            "name=K-77",
            f"name={farm.site}",
            "level=high",
            "level=unknown&kind=producer",
            "confidence=medium",
            "visited=never",
            "visited_before=2026-01-01",
            "open=any",
            "has_open=zero_tolerance",
            f"mill={mill}",
            f"mill={mill}&season=2019",
            f"group={group}",
            "admin1=Huila",
            "municipality=Planadas&country=CO",
            "kind=mill",
        )
    }

    assert seen == {
        "": both,
        "name=SIN+vísita": {"Sin Visita"},
        "name=K-77": {"Sin Visita"},
        f"name={farm.site}": {"El Recuerdo"},
        "level=high": {"El Recuerdo"},
        "level=unknown&kind=producer": {"Sin Visita"},
        "confidence=medium": {"El Recuerdo"},
        "visited=never": {"Sin Visita"},
        "visited_before=2026-01-01": both,
        "open=any": {"El Recuerdo"},
        "has_open=zero_tolerance": set(),
        f"mill={mill}": {"El Recuerdo"},
        f"mill={mill}&season=2019": set(),
        f"group={group}": {"Sin Visita"},
        "admin1=Huila": {"Sin Visita"},
        "municipality=Planadas&country=CO": {"El Recuerdo"},
        "kind=mill": set(),
    }


@pytest.mark.parametrize(
    "query",
    [
        "kind=castle",
        "level=x",
        "visited=often",
        "open=x",
        "visited_before=soon",
        "mill=site_nowhere",
        "after=site_nowhere",
        "sort=x",
    ],
)
def test_a_filter_that_cannot_be_is_told_in_words(
    browser: TestClient, query: str
) -> None:
    answer = browser.get(f"/supply-base?{query}", headers=HTML)

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_a_list_goes_on_where_it_ended_and_is_whole_as_a_spreadsheet(
    browser: TestClient, tenant: Tenant
) -> None:
    names = [f"Finca {number:02}" for number in range(30)]
    for name in names:
        register_farm(browser, tenant, name=name)

    first = read(browser, "/supply-base?sort=registered&name=finca")
    following = first.partition('rel="next" href="')[2].partition('"')[0]
    second = read(browser, following.replace("&amp;", "&"))
    sheet = browser.get("/supply-base?format=csv&name=finca", headers=HTML).text

    assert len(lines(first)) == 25
    assert len(lines(second)) == 6
    assert [name for name in names if name not in first + second] == []
    assert len(sheet.splitlines()) == 32
    assert "level" in sheet.splitlines()[0]


def test_the_map_is_narrowed_as_the_table_is(
    browser: TestClient, tenant: Tenant
) -> None:
    register_farm(browser, tenant, name="Con Punto", latitude=3.2, longitude=-75.6)

    every = browser.get("/supply-base/points.geojson", headers=HTML).json()
    none = browser.get("/supply-base/points.geojson?open=any", headers=HTML).json()

    assert [one["properties"]["count"] for one in every["features"]] == [1]
    assert none["features"] == []


def test_who_is_visited_next_is_not_told_to_those_who_may_not_know(
    browser: TestClient, farm: Visited
) -> None:
    post(
        browser,
        f"/supply-base/{farm.site}/plan-visit",
        fieldwork_from="2026-12-01",
        fieldwork_to="2026-12-03",
        notice="unannounced",
    )

    planner = read(browser, "/supply-base"), read(browser, f"/sites/{farm.site}")
    sign_in(browser, Role.ANALYST)
    analyst = read(browser, "/supply-base"), read(browser, f"/sites/{farm.site}")

    assert ["1 Dec 2026" in one for one in planner] == [True, True]
    assert ["1 Dec 2026" in one for one in analyst] == [False, False]
    assert "Plan a visit" not in analyst[1]


def test_a_visit_is_planned_by_hand_with_its_team_and_once(
    browser: TestClient, farm: Visited
) -> None:
    form = read(browser, f"/supply-base/{farm.site}/plan-visit")
    person = form.partition('name="role.')[2].partition('"')[0]
    fields = {
        "fieldwork_from": "2026-12-01",
        "fieldwork_to": "2026-12-03",
        "notice": "unannounced",
        "purpose": "full",
        "payer": "buyer",
        "hours": "16",
        "season": "",
        f"role.{person}": "lead",
        "once": once_of(form),
    }

    first = post(browser, f"/supply-base/{farm.site}/plan-visit", **fields)
    again = post(browser, f"/supply-base/{farm.site}/plan-visit", **fields)

    (planned,) = farm.get(f"/v1/audits?site={farm.site}&status=planned")["items"]
    detail = farm.get(f"/v1/audits/{planned['id']}")
    assert first[:2] == again[:2] == (303, f"/sites/{farm.site}?done=planned")
    assert planned["planned_minutes"] == 960
    assert planned["payer"] == "buyer"
    assert [one["role"] for one in detail["members"]] == ["lead"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"fieldwork_from": "soon"},
        {"fieldwork_to": "2026-11-30"},
        {"hours": "many"},
        {"hours": "1001"},
        {"payer": "somebody"},
        {"notice": ""},
        {"purpose": "x"},
        {"role.person_x": "lead"},
        {"season": "soon"},
    ],
)
def test_a_plan_that_cannot_be_is_shown_again_as_it_was_filled_in(
    browser: TestClient, farm: Visited, wrong: dict[str, str]
) -> None:
    fields = {
        "fieldwork_from": "2026-12-01",
        "fieldwork_to": "2026-12-03",
        "notice": "semi_announced",
        "hours": "7",
        **wrong,
    }

    status, _, text = post(browser, f"/supply-base/{farm.site}/plan-visit", **fields)

    assert status == 422
    assert f'value="{fields["fieldwork_to"]}"' in text
    assert 'role="alert"' in text


def test_the_page_of_a_site_tells_its_risk_and_leads_on(
    browser: TestClient, database: Database, farm: Visited
) -> None:
    note_risk(database, {farm.site: Risk(level="high", score=90)})

    told = read(browser, f"/sites/{farm.site}")

    assert "High risk" in told
    assert "partly founded" in told
    assert f'href="/portfolio/{farm.site}"' in told
    assert f'href="/audits?site={farm.site}"' in told
    assert f'href="/supply-base/{farm.site}/plan-visit"' in told


def test_an_empty_register_says_how_to_begin(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)

    told = read(client, "/supply-base")

    assert "No site is registered yet" in told
    assert 'href="/imports"' in told
