"""One's own alerts on a page: told to the role, read by a person, mailed by choice."""

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.pages.alert_places import place_of
from compliance import trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.alerts.queries import alerts, muted
from compliance.alerts.telling import AlertFacts
from compliance.database import Database
from compliance.identifiers import SiteId
from compliance.identity.models import Role
from compliance.identity.scope import CookieGiven, KeyGiven, Scope, scope_of
from compliance.registry.models import Site
from rules import Severity
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.correcting import correcting
from tests.planning import once_of, post
from tests.visits import TODAY

REF = "F-ABCDEFGH"


@pytest.fixture
def reviewer(client: TestClient, database: Database, tenant: Tenant) -> TestClient:
    """The browser of a reviewer."""
    add_people(database, tenant, Role.REVIEWER)
    assert sign_in(client, Role.REVIEWER) == 303
    return client


def raised(
    database: Database,
    tenant: Tenant,
    event: AlertEvent = AlertEvent.ZERO_TOLERANCE,
    subject: str = REF,
    site: str | None = None,
) -> str:
    with database.writing() as session:
        known = session.scalar(select(Site.id).where(Site.public_id == site))
        (alert,) = raise_alert(
            session,
            owner_id=tenant.id,
            event=event,
            subject=subject,
            site_id=None if known is None else SiteId(known),
            severity=Severity.ZERO_TOLERANCE,
        )
        trail.seal(session)
    return alert


def unread(database: Database, client: TestClient) -> list[str]:
    """Return what the person in the browser has not read, by the query."""
    with database.reading() as session:
        scope = scope_of(session, CookieGiven(client.cookies["atalaya_session"]))
        found = alerts(session, scope, rows=10, unread=True)
    return [one.facts.public_id for one in found.rows]


def scope_of_key(database: Database, tenant: Tenant, role: Role) -> Scope:
    key = tenant.headers(role)["Authorization"].removeprefix("Bearer ")
    with database.reading() as session:
        return scope_of(session, KeyGiven(key))


@pytest.mark.parametrize("path", ["/alerts", "/alerts/preferences"])
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={path}"


def test_an_alert_of_another_organisation_is_not_found(
    reviewer: TestClient, database: Database, stranger: Tenant
) -> None:
    alert = raised(database, stranger)

    opened = post(reviewer, f"/alerts/{alert}/open")
    marked = post(reviewer, "/alerts/read", alert=[alert])

    assert (opened[0], marked[0]) == (404, 404)
    assert REF not in read(reviewer, "/alerts?shown=all")


@pytest.mark.parametrize(
    "path", ["/alerts?shown=some", "/alerts?event=castle", "/alerts?after=alert_none"]
)
def test_a_malformed_address_is_told_in_words(reviewer: TestClient, path: str) -> None:
    answer = reviewer.get(path, headers=HTML)

    assert answer.status_code == 422
    assert "<h1>" in answer.text


def test_opening_an_alert_marks_it_read_and_leads_to_what_it_is_about(
    reviewer: TestClient, database: Database, tenant: Tenant
) -> None:
    alert = raised(database, tenant)
    page = read(reviewer, "/alerts")

    status, where, _ = post(reviewer, f"/alerts/{alert}/open", once=once_of(page))

    assert "Zero tolerance: stop and protect at once" in page
    assert (status, where) == (303, f"/findings/{REF}")
    assert unread(database, reviewer) == []
    assert "You have read everything" in read(reviewer, "/alerts")
    assert REF in read(reviewer, "/alerts?shown=all")


def test_an_alert_names_what_it_is_about_to_who_may_see_it(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    found = correcting(client, tenant, database)
    for told in (tenant, stranger):
        raised(database, told, AlertEvent.VERIFIED, found.ref, found.farm.site)

    ours = read(found.as_(Role.REVIEWER), "/alerts?event=verified")
    theirs = client.get(
        "/alerts", headers={**HTML, **stranger.headers(Role.REVIEWER)}
    ).text

    assert "A child below the minimum age works · Finca El Recuerdo" in ours
    assert found.ref in theirs
    assert "minimum age" not in theirs
    assert "Finca El Recuerdo" not in theirs


def test_what_is_shown_is_marked_read_at_once_and_nothing_else(
    reviewer: TestClient, database: Database, tenant: Tenant
) -> None:
    shown = [raised(database, tenant, subject=f"F-{one}") for one in "ABC"]
    page = read(reviewer, "/alerts?event=zero_tolerance")
    other = raised(database, tenant, AlertEvent.VERIFIED, "action_x")

    marked = re.findall(r'name="alert" value="(\w+)"', page)
    status, where, _ = post(reviewer, "/alerts/read", alert=marked, once=once_of(page))

    assert sorted(marked) == sorted(shown)
    assert (status, where) == (303, "/alerts?done=read")
    assert unread(database, reviewer) == [other]
    assert "are marked as read" in read(reviewer, where)


def test_the_newest_alert_stands_first(
    reviewer: TestClient, database: Database, tenant: Tenant
) -> None:
    for subject in ("F-FIRST", "F-LAST"):
        raised(database, tenant, subject=subject)

    told = read(reviewer, "/alerts")

    assert told.index("F-LAST") < told.index("F-FIRST")


def test_mail_is_turned_off_by_choice_but_never_of_the_gravest(
    reviewer: TestClient, database: Database
) -> None:
    page = read(reviewer, "/alerts/preferences")
    wanted = re.findall(r'name="mail" value="(\w+)" checked', page)

    status, where, _ = post(
        reviewer,
        "/alerts/preferences",
        mail=[one for one in wanted if one != "verified"],
        once=once_of(page),
    )

    with database.reading() as session:
        cookie = CookieGiven(reviewer.cookies["atalaya_session"])
        kept = muted(session, scope_of(session, cookie))
    assert "zero_tolerance" not in wanted
    assert (status, where) == (303, "/alerts/preferences?done=preferences")
    assert kept == (AlertEvent.VERIFIED,)
    assert 'value="verified"> ' in read(reviewer, where)


def test_an_event_that_is_none_keeps_the_form_as_it_was_filled(
    reviewer: TestClient,
) -> None:
    status, _, text = post(reviewer, "/alerts/preferences", mail=["verified", "castle"])

    assert status == 422
    assert "Choose among the events of the list." in text
    assert 'value="verified" checked' in text
    assert 'value="reply_given"> ' in text


def test_the_spreadsheet_holds_the_filtered_list(
    reviewer: TestClient, database: Database, tenant: Tenant
) -> None:
    raised(database, tenant)
    raised(database, tenant, AlertEvent.VERIFIED, "action_x")

    told = reviewer.get("/alerts?event=verified&format=csv", headers=HTML).text

    assert told.splitlines()[0].lstrip("\ufeff").startswith("alert,event,severity")
    assert "action_x" in told
    assert REF not in told


@pytest.mark.parametrize(
    ("role", "subject", "place"),
    [
        (Role.REVIEWER, "audit_1", "/audits/audit_1"),
        (Role.MANAGER, "audit_1", "/sites/site_1"),
        (Role.MANAGER, "reply_1", "/replies/reply_1"),
        (Role.ANALYST, "SC-2026-1", "/scorecards/SC-2026-1"),
        (Role.ANALYST, "remedy_1", "/remedies/remedy_1"),
        (Role.MANAGER, "commitment_1", "/commitments/commitment_1"),
        (Role.MANAGER, "match_1", "/sites/site_1"),
    ],
)
def test_an_alert_leads_only_where_its_reader_may_look(
    database: Database, tenant: Tenant, role: Role, subject: str, place: str
) -> None:
    facts = AlertFacts("alert_1", AlertEvent.VERIFIED, subject, at=TODAY, site="site_1")

    assert place_of(facts, scope_of_key(database, tenant, role)) == place
