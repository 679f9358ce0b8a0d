"""Pages in a browser: who may see what, in which language, and what is told honestly."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.pages.figures import Grade
from api.pages.words import WORDS
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from compliance.scorecards.codes import Letter, Status
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.field import Phone, record, register_farm
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, on, visited

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


@pytest.fixture
def browser(client: TestClient, database: Database, tenant: Tenant) -> TestClient:
    """A browser in which the administrator has signed in."""
    add_people(database, tenant, Role.ADMINISTRATOR)
    assert sign_in(client, Role.ADMINISTRATOR) == 303
    return client


@pytest.mark.parametrize("path", ["/sites/site_a", "/submissions/submission_a"])
def test_a_program_without_a_key_gets_a_document(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_another_organisation_has_is_not_found(
    client: TestClient, database: Database, stranger: Tenant, farm: Visited
) -> None:
    submission = farm.send(children=[A_CHILD_OF_16], observed_on="2026-11-10")
    add_people(database, stranger, Role.ADMINISTRATOR)
    sign_in(client, Role.ADMINISTRATOR)

    answers = [
        client.get(path, headers=HTML)
        for path in (f"/sites/{farm.site}", f"/submissions/{submission}")
    ]

    assert [one.status_code for one in answers] == [404, 404]
    assert "Finca El Recuerdo" not in read(client, "/supply-base")
    assert "Finca El Recuerdo" not in read(client, "/")


@pytest.mark.parametrize(
    "path",
    [
        "/?kind=castle",
        "/supply-base?after=site_nowhere",
        f"/rules/{RULE}?country=Colombia",
        f"/rules/{RULE}?country=CO&on=tomorrow",
    ],
)
def test_a_malformed_address_is_told_in_words(browser: TestClient, path: str) -> None:
    answer = browser.get(path, headers=HTML)

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>" in answer.text


def test_an_address_that_is_not_there_is_told_in_the_readers_words(
    browser: TestClient,
) -> None:
    page = browser.get("/nowhere", headers=HTML)
    program = browser.get("/nowhere", headers={"Accept": "application/json"})
    of_the_api = browser.get("/v1/nowhere", headers=HTML)

    assert page.status_code == 404
    assert "Nothing is at this address" in page.text
    assert "Alguien administrator" in page.text
    assert program.headers["content-type"] == "application/problem+json"
    assert of_the_api.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ANALYST])
def test_who_may_not_read_visits_sees_no_way_to_them(
    client: TestClient, database: Database, tenant: Tenant, farm: Visited, role: Role
) -> None:
    (submission,) = [one["source"] for one in farm.findings() if one["rule"] == RULE]
    add_people(database, tenant, role)
    sign_in(client, role)

    site = read(client, f"/sites/{farm.site}")
    refused = client.get(f"/submissions/{submission}", headers=HTML)

    assert "A child below the minimum age works" in site
    assert "/submissions/" not in site
    assert refused.status_code == 403
    assert "Your role does not allow this" in refused.text


def test_the_supply_base_tells_a_farm_that_nobody_visited_from_one_that_is_fine(
    browser: TestClient, tenant: Tenant, farm: Visited
) -> None:
    register_farm(browser, tenant, name="Finca Sin Visita")

    rows = (
        read(browser, "/supply-base")
        .partition('id="sites"')[2]
        .split('<tr role="row">')
    )

    (unknown,) = [row for row in rows if "Finca Sin Visita" in row]
    (known,) = [row for row in rows if farm.site in row]
    assert "never visited" in unknown
    assert "not known" in unknown
    assert "3 Nov 2026" in known
    assert "never visited" not in known


def test_the_supply_base_counts_what_the_lists_hold(
    browser: TestClient, farm: Visited
) -> None:
    told = read(browser, "/supply-base")

    zero_tolerance = farm.findings("?severity=zero_tolerance")
    tile = told.partition('class="severity zero_tolerance"')[2].partition("</li>")[0]
    assert f"<b>{len(zero_tolerance)}</b>" in tile
    assert "<b>1</b> visited in 2026" in told
    assert '<b>0</b> <a href="/supply-base?visited=never">never visited</a>' in told


def test_a_visit_that_is_sent_late_does_not_become_the_last_one(
    browser: TestClient, farm: Visited
) -> None:
    with on(2025, 6, 1):
        farm.send(children=[A_CHILD_OF_16], observed_on="2025-05-30")

    assert "3 Nov 2026" in read(browser, "/supply-base").partition('id="sites"')[2]


def test_the_day_of_a_correction_goes_before_what_it_replaces(
    browser: TestClient, tenant: Tenant
) -> None:
    farm = visited(browser, tenant)
    phone = Phone(browser, tenant)
    phone.send(record(farm.site, instance_id="uuid:1", day="2026-11-20"))
    phone.send(
        record(farm.site, instance_id="uuid:2", edits="uuid:1", day="2026-11-05")
    )

    told = read(browser, "/supply-base").partition('id="sites"')[2]

    assert "5 Nov 2026" in told
    assert "20 Nov 2026" not in told


def test_the_sites_are_filtered_and_paged_by_the_address(
    browser: TestClient, tenant: Tenant
) -> None:
    for number in range(26):
        register_farm(browser, tenant, name=f"Finca {number:02}")

    first = read(browser, "/supply-base?kind=producer")
    following = first.partition('rel="next" href="')[2].partition('"')[0]
    second = read(browser, following.replace("&amp;", "&"))
    mills = read(browser, "/supply-base?kind=mill")

    names = [f"Finca {number:02}<" for number in range(26)]
    assert sum(name in first for name in names) == 25
    assert sum(name in second for name in names) == 1
    assert not any(name in mills for name in names)


def test_a_site_tells_its_findings_with_day_and_state_and_where_it_is(
    browser: TestClient, tenant: Tenant
) -> None:
    with on(2026, 11, 3):
        farm = visited(browser, tenant)
        farm.send(children=[A_CHILD_OF_13])

    told = read(browser, f"/sites/{farm.site}")

    # Zero tolerance asks for a plan in seven days.
    assert "Planadas, Tolima, Colombia" in told
    assert "A child below the minimum age works" in told
    assert "Raised, awaiting the site’s answer" in told
    assert "10 Nov 2026" in told
    assert "past due" in told


def test_a_suspended_card_is_told_as_such(browser: TestClient, tenant: Tenant) -> None:
    farm = visited(browser, tenant)
    farm.send(children=[A_CHILD_OF_16])
    farm.issue()

    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")

    assert "Suspended" in read(browser, f"/sites/{farm.site}").partition("</header>")[0]


@pytest.mark.parametrize(
    ("status", "letter"),
    [(Status.ISSUED, Letter.B), (Status.SUSPENDED, None), (Status.EXPIRED, None)],
)
def test_only_a_card_that_holds_shows_its_letter(
    status: Status, letter: Letter | None
) -> None:
    assert Grade(Letter.B, status, TODAY.date()).shown_letter == letter


def test_a_site_links_the_pdf_in_both_languages(
    browser: TestClient, farm: Visited
) -> None:
    card = farm.printed(farm.issue())

    told = read(browser, f"/sites/{farm.site}")

    for language in ("en", "es"):
        path = f"/v1/scorecards/{card['id']}.pdf?language={language}"
        assert path in told
        assert browser.get(path).content.startswith(b"%PDF-")


def test_a_visit_tells_the_reasons_and_which_question_would_settle_it(
    browser: TestClient, farm: Visited
) -> None:
    submission = farm.send(
        children=[{"key": "c1", "works": True}], observed_on="2026-11-12"
    )
    verdicts = farm.get(f"/v1/submissions/{submission}/verdicts")["verdicts"]
    (undecided,) = [one for one in verdicts if one["rule"] == RULE]

    told = read(browser, f"/submissions/{submission}")
    part = told.partition(f'id="{RULE}"')[2].partition("</details>")[0]

    assert undecided["outcome"] == "undetermined"
    assert "Would be settled by: Age in completed years (child 1)" in part
    assert f"/rules/{RULE}?country=CO&amp;on=2026-11-12" in part


def test_a_visit_names_every_rule_once(browser: TestClient, farm: Visited) -> None:
    (submission,) = {one["source"] for one in farm.findings()}
    verdicts = farm.get(f"/v1/submissions/{submission}/verdicts")["verdicts"]

    told = read(browser, f"/submissions/{submission}")

    assert told.count('<details class="verdict ') == len(verdicts) > 50


def test_a_person_is_called_by_their_place_in_the_answers(
    browser: TestClient, farm: Visited
) -> None:
    key = "a6aca7b6-ddd1-5ce1-9164-38363735d003"
    submission = farm.send(
        children=[{"key": "first", "works": False}, {**A_CHILD_OF_13, "key": key}],
        observed_on="2026-11-12",
    )
    (finding,) = (one["ref"] for one in farm.findings() if one["rule"] == RULE)

    for path in (f"/submissions/{submission}", f"/findings/{finding}"):
        told = read(browser, path)

        assert key[:4] not in told
        assert "Child 2: " in told


def test_anybody_reads_a_rule_with_the_law_of_a_country_on_a_day(
    client: TestClient,
) -> None:
    told = read(client, f"/rules/{RULE}?country=CO&on=2026-11-03")

    law = told.partition("Minimum age for work")[2].partition("</section>")[0]
    assert "15 years" in law
    assert "Ley 1098 de 2006 art. 35" in law
    assert "read in its source" in law


def test_disputed_readings_stand_side_by_side(client: TestClient) -> None:
    told = read(client, f"/rules/{RULE}?country=HN&on=2026-11-03")

    law = told.partition("<h4>Minimum age for work")[2].partition("</section>")[0]
    assert "The law is disputed here" in law
    assert law.count('class="reading"') >= 2
    assert "14 years" in law
    assert "16 years" in law


def test_a_country_without_a_value_says_so(client: TestClient) -> None:
    told = read(client, f"/rules/{RULE}?country=CO&on=1900-01-01")

    assert "Nobody has confirmed a value for Colombia on this day" in told


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_rule_of_the_book_has_a_page(
    app: FastAPI, client: TestClient, language: str
) -> None:
    listed = read(client, "/rules", language)

    for rule in app.state.service.book.rules:
        assert f'href="/rules/{rule.id}"' in listed
        title = rule.title.in_language(language)
        heading = read(client, f"/rules/{rule.id}?country=PE", language)
        assert title.replace("'", "&#39;") in heading


def test_a_form_left_empty_chooses_nothing(client: TestClient) -> None:
    assert "Choose one to see them" in read(client, f"/rules/{RULE}?country=&on=")


def test_an_unknown_rule_is_told_in_words(client: TestClient) -> None:
    answer = client.get("/rules/child_labour.nothing", headers=HTML)

    assert answer.status_code == 404
    assert "No such rule" in answer.text


def test_a_browser_sees_a_card_and_a_program_reads_it(
    client: TestClient, farm: Visited
) -> None:
    path = f"/v/{farm.issue()['verify_code']}"

    page = client.get(path, headers=HTML)
    documents = [
        client.get(path, headers={"Accept": accept})
        for accept in ("application/json", "*/*", "application/json, text/html")
    ]

    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["x-robots-tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.text
    assert "Accept" in page.headers["vary"]
    assert {one.headers["content-type"] for one in documents} == {"application/json"}


def test_the_verify_page_tells_no_grade_and_loads_nothing_from_elsewhere(
    client: TestClient, tenant: Tenant
) -> None:
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_16])
    card = farm.issue()

    told = read(client, f"/v/{card['verify_code']}")

    assert 'class="verify issued"' in told
    assert 'class="grade' not in told
    assert "http" not in told.replace("http://www.w3.org/2000/svg", "")


def test_the_verify_page_says_suspended_superseded_and_expired(
    client: TestClient, tenant: Tenant
) -> None:
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_16])
    first, second = farm.issue(), farm.issue()

    with on(2029, 1, 1):
        expired = read(client, f"/v/{second['verify_code']}")
        old = read(client, f"/v/{first['verify_code']}")
    superseded = read(client, f"/v/{first['verify_code']}")
    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-20")
    suspended = read(client, f"/v/{second['verify_code']}")

    assert 'class="verify expired"' in expired
    assert 'class="verify superseded"' in superseded
    assert second["id"] in superseded
    assert "Still within its dates" in superseded
    assert "Past its last day" in old
    assert 'class="verify suspended"' in suspended
    assert "Not published, to protect people" in suspended


def test_an_unknown_code_looks_as_a_card_does(client: TestClient) -> None:
    answer = client.get("/v/AAAA-BBBB-CCCC", headers=HTML)

    assert answer.status_code == 404
    assert answer.headers["x-robots-tag"] == "noindex"
    assert 'class="verify unknown"' in answer.text


def test_the_language_is_chosen_in_the_address_and_remembered(
    browser: TestClient,
) -> None:
    asked = browser.get("/?language=es&kind=review", headers=HTML)
    later = browser.get("/rules", headers=HTML)

    assert asked.headers["content-language"] == "es"
    assert "/?language=en&amp;kind=review" in asked.text
    assert later.headers["content-language"] == "es"


def test_a_name_that_looks_like_markup_stays_text(
    browser: TestClient, tenant: Tenant
) -> None:
    site = register_farm(browser, tenant, name="<script>alert(1)</script>")

    for path in ("/", f"/sites/{site}"):
        assert "<script" not in read(browser, path)


def test_every_code_has_a_word() -> None:
    lacking = [
        member
        for kind, words in WORDS.items()
        for member in kind
        if member not in words
    ]

    assert lacking == []
