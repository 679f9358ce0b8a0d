"""The page of a card: from a grade to gates, flags, rule and law, and the site's answer."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.browsing import HTML, OURS, add_people, read, sign_in
from tests.conftest import FoundTenant, Tenant
from tests.sharing import Sharing
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, visited

RULE = "child_labour.minimum_age"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    """A farm where a child of thirteen was seen at work."""
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_13])
    return found


def test_a_grade_is_followed_to_its_gate_its_flag_its_rule_and_its_law(
    client: TestClient, database: Database, tenant: Tenant, farm: Visited
) -> None:
    card = farm.issue()
    add_people(database, tenant, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)

    site = read(client, f"/sites/{farm.site}")
    told = read(client, f"/scorecards/{card['id']}")
    in_spanish = read(client, f"/scorecards/{card['id']}?language=es", "es")
    plain = read(client, f"/scorecards/{card['id']}/plain?language=en")
    rule = read(client, f"/rules/{RULE}?country=CO&on=2026-11-03")

    assert f'href="/scorecards/{card["id"]}"' in site
    assert '<a href="#flags">Zero-tolerance suspicion, no agreed plan</a>' in told
    flags = told.partition('id="flags"')[2].partition("</section>")[0]
    assert f"/rules/{RULE}?country=CO&amp;on=2026-11-03#law" in flags
    assert 'id="law"' in rule
    assert "A child below the minimum age works" in flags
    assert "Un niño por debajo de la edad mínima trabaja" in in_spanish
    assert "There is no grade now" in plain
    assert 'class="letter' in plain
    for text in (told, in_spanish, plain):
        assert "style=" not in text
        assert "<script" not in text


def test_who_may_not_see_a_card_has_no_page_of_it(
    client: TestClient,
    database: Database,
    stranger: Tenant,
    found_tenant: FoundTenant,
    tenant: Tenant,
    farm: Visited,
) -> None:
    path = f"/scorecards/{farm.issue()['id']}"
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    consent = Sharing(client, tenant, buyer).give(farm.site)["id"]

    program = client.get(path)
    nobody = client.get(path, headers=HTML, follow_redirects=False)
    add_people(database, buyer, Role.ANALYST)
    sign_in(client, Role.ANALYST)
    shown = read(client, path)
    Sharing(client, tenant, buyer).take_back(consent)
    after = client.get(path, headers=HTML)
    client.cookies.clear()
    add_people(database, stranger, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)
    strangers = [
        client.get(path, headers=HTML),
        client.get(f"{path}/plain", headers=HTML),
        client.post(
            f"{path}/answers",
            content=b"code=visit_unlike_usual",
            headers={**HTML, **OURS},
        ),
    ]

    assert program.status_code == 401
    assert nobody.status_code == 303
    assert "/sign-in" in nobody.headers["location"]
    assert "Add an answer" not in shown
    assert "/sites/" not in shown
    assert after.status_code == 404
    assert [one.status_code for one in strangers] == [404, 404, 404]


def test_the_site_answers_on_the_page_and_everybody_who_sees_the_card_reads_it(
    client: TestClient, database: Database, tenant: Tenant, farm: Visited
) -> None:
    path = f"/scorecards/{farm.issue()['id']}"
    add_people(database, tenant, Role.MANAGER)
    sign_in(client, Role.MANAGER)
    headers = {**HTML, **OURS}

    empty = read(client, path)
    given = client.post(
        f"{path}/answers",
        content=b"code=price_does_not_cover&flag=",
        headers=headers,
        follow_redirects=False,
    )
    malformed = client.post(f"{path}/answers", content=b"code=x", headers=headers)
    foreign = client.post(
        f"{path}/answers",
        content=b"code=visit_unlike_usual",
        headers={**HTML, "Sec-Fetch-Site": "cross-site"},
    )
    told = read(client, path)
    plain = read(client, f"{path}/plain")

    assert "The site has not answered yet" in empty
    assert (given.status_code, given.headers["location"]) == (303, f"{path}#answers")
    assert (malformed.status_code, foreign.status_code) == (422, 403)
    answers = told.partition('<ul class="answers">')[2].partition("</ul>")[0]
    assert "The price we are paid does not cover what is asked." in answers
    assert "22 Nov 2026 · entered by the keeper of the record" in answers
    assert '<li class="said">The price we are paid' in plain


def test_a_card_that_was_replaced_says_so_above_all(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_16])
    first, second = farm.issue(), farm.issue()
    add_people(database, tenant, Role.ANALYST)
    sign_in(client, Role.ANALYST)

    told = read(client, f"/scorecards/{first['id']}")
    plain = read(client, f"/scorecards/{first['id']}/plain")

    assert 'class="banner state-superseded"' in told
    assert f'<a href="/scorecards/{second["id"]}">Open the newer version' in told
    assert ">Valid<" not in told
    assert "There is a newer card. This one does not count any more." in plain
