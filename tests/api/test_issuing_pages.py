"""On its page a card is issued from the last visit, once its grade was seen."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, OURS, add_people, read, sign_in
from tests.conftest import Tenant
from tests.field import register_farm
from tests.planning import once_of, refused
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, visited

STATED = {"notice": "unannounced", "payer": "programme"}
SAID = "notice=unannounced&payer=programme"


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
def reviewer(client: TestClient, database: Database, tenant: Tenant) -> TestClient:
    add_people(database, tenant, Role.REVIEWER, Role.ANALYST)
    sign_in(client, Role.REVIEWER)
    return client


def cards(farm: Visited) -> list[dict[str, Any]]:
    return list(farm.get(f"/v1/scorecards?site={farm.site}")["items"])


def send(browser: TestClient, farm: Visited, fields: dict[str, str]) -> Any:
    return browser.post(
        f"/sites/{farm.site}/scorecard",
        data=fields,
        headers={**HTML, **OURS},
        follow_redirects=False,
    )


def standing_of(page: str) -> str:
    """Return the letter that a page shows, or why there is none."""
    (shown,) = re.findall(r'class="letter (\w+)', page)
    return str(shown)


def biting(page: str) -> list[str]:
    """Return what a page says that holds the grade down."""
    gates = re.findall(r'<li class="bites">.*?<span>(.*?)</span>', page)
    return [str(one) for one in gates]


def test_the_grade_that_was_seen_is_the_grade_that_is_issued(
    reviewer: TestClient, farm: Visited
) -> None:
    farm.make_final()
    page = read(reviewer, f"/sites/{farm.site}/scorecard?{SAID}")
    assert cards(farm) == []

    fields = {**STATED, "once": once_of(page)}
    issued = send(reviewer, farm, fields)
    twice = send(reviewer, farm, fields)

    (card,) = cards(farm)
    assert (issued.status_code, twice.status_code) == (303, 303)
    assert issued.headers["location"] == f"/scorecards/{card['id']}?done=issued"
    shown = read(reviewer, issued.headers["location"])
    assert standing_of(page) == standing_of(shown)
    assert biting(page) == re.findall(r'<li class="bites">.*?<a[^>]*>(.*?)</a>', shown)
    assert "Issued. Its PDF is being signed" in shown


def test_a_grade_that_changed_since_it_was_seen_is_not_issued(
    reviewer: TestClient, farm: Visited
) -> None:
    farm.make_final()
    page = read(reviewer, f"/sites/{farm.site}/scorecard?{SAID}")
    (seen,) = re.findall(r'name="seen" value="(.*?)"', page)
    assert seen.startswith("not_graded.")
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-10")
    farm.make_final()

    changed = send(reviewer, farm, {**STATED, "seen": seen, "once": once_of(page)})

    assert changed.status_code == 409
    assert "nothing was issued" in changed.text
    assert cards(farm) == []
    page = read(reviewer, f"/sites/{farm.site}/scorecard?{SAID}")
    (seen,) = re.findall(r'name="seen" value="(.*?)"', page)
    assert seen.startswith("suspended.")
    issued = send(reviewer, farm, {**STATED, "seen": seen, "once": once_of(page)})
    assert issued.status_code == 303
    assert len(cards(farm)) == 1


def test_what_is_stated_counts(reviewer: TestClient, farm: Visited) -> None:
    farm.make_final()

    honest = read(reviewer, f"/sites/{farm.site}/scorecard?{SAID}")
    hidden = read(reviewer, f"/sites/{farm.site}/scorecard?{SAID}&records=found")
    send(reviewer, farm, {**STATED, "records": "found", "once": once_of(hidden)})

    (card,) = cards(farm)
    gates = farm.get(f"/v1/scorecards/{card['id']}")["grade"]["gates"]
    assert set(biting(hidden)) - set(biting(honest))
    assert [one["value"] for one in gates if one["code"] == "records"] == ["found"]


def test_a_child_at_work_is_issued_as_suspended_and_the_page_says_so_before(
    reviewer: TestClient, farm: Visited
) -> None:
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-10")
    farm.make_final()

    page = read(reviewer, f"/sites/{farm.site}/scorecard?{SAID}")
    send(reviewer, farm, {**STATED, "once": once_of(page)})

    assert standing_of(page) == "suspended"
    assert [card["status"] for card in cards(farm)] == ["suspended"]


def test_it_asks_for_what_the_visit_left_open_and_issues_nothing_before(
    reviewer: TestClient, farm: Visited
) -> None:
    farm.make_final()

    page = read(reviewer, f"/sites/{farm.site}/scorecard")
    without = send(reviewer, farm, {"payer": "programme", "once": "a" * 20})
    nonsense = send(reviewer, farm, {**STATED, "payer": "nobody", "once": "b" * 20})

    assert "The visit does not say who paid it." in page
    assert 'class="danger"' not in page
    assert (without.status_code, nonsense.status_code) == (409, 422)
    assert "Choose one of the list." in nonsense.text
    assert cards(farm) == []


def test_a_visit_that_is_not_final_leads_to_its_review(
    reviewer: TestClient, farm: Visited
) -> None:
    page = read(reviewer, f"/sites/{farm.site}/scorecard?{SAID}")

    (audit,) = farm.get(f"/v1/audits?site={farm.site}")["items"]
    assert f'href="/audits/{audit["id"]}"' in page
    assert 'class="danger"' not in page
    assert send(reviewer, farm, {**STATED, "once": "c" * 20}).status_code == 409


def test_a_site_that_nobody_visited_has_nothing_to_grade(
    reviewer: TestClient, tenant: Tenant
) -> None:
    unseen = register_farm(reviewer, tenant, name="Finca Sin Visita")

    page = read(reviewer, f"/sites/{unseen}/scorecard?{SAID}")

    assert f'href="/supply-base/{unseen}/plan-visit"' in page
    assert f'/sites/{unseen}/scorecard"' not in read(reviewer, f"/sites/{unseen}")


def test_only_who_may_issue_is_offered_it(reviewer: TestClient, farm: Visited) -> None:
    farm.make_final()
    link = f'href="/sites/{farm.site}/scorecard"'
    (audit,) = farm.get(f"/v1/audits?site={farm.site}")["items"]

    assert link in read(reviewer, f"/sites/{farm.site}")
    assert link in read(reviewer, f"/audits/{audit['id']}")

    farm.send(children=[A_CHILD_OF_16], observed_on="2026-11-12")
    farm.make_final()
    assert link not in read(reviewer, f"/audits/{audit['id']}")

    sign_in(reviewer, Role.ANALYST)
    assert link not in read(reviewer, f"/sites/{farm.site}")
    assert refused(reviewer, f"/sites/{farm.site}/scorecard") == 403
    assert send(reviewer, farm, {**STATED, "once": "d" * 20}).status_code == 403
    assert cards(farm) == []
