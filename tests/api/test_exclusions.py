"""From an entry of a list to a suspended card and back: people decide, each their part."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.intake import keyring_of
from compliance import clock
from compliance.clocks.models import Clock
from compliance.database import Database
from compliance.exclusions import actions
from compliance.exclusions.following import follow_matches
from compliance.exclusions.lifecycle import ExclusionReason, Verdict
from compliance.exclusions.queries import exclusions
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, Scope, scope_of
from compliance.public_lists import deciding
from compliance.public_lists.deciding import Note
from compliance.public_lists.lifecycle import Decision, MatchReason
from compliance.scorecards.models import ScorecardStatus
from tests.conftest import FoundTenant, Tenant
from tests.failing import fail_each_statement, in_one_transaction
from tests.field import register_farm
from tests.listing import FARM_NAME, NOBODY, ORDER, Listing
from tests.sharing import let_operate, trail_of
from tests.visits import TODAY, Visited, visited

FIRST, SECOND, THIRD, LAST = "2026-11-01", "2026-11-10", "2026-11-20", "2026-11-21"
SECRET = "Lo dijo Fulana Ficticia."


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def listing(
    app: FastAPI, client: TestClient, tenant: Tenant, database: Database
) -> Listing:
    return Listing(client, tenant, database, keyring_of(app.state.service))


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    """A farm that a list names, with a card in force."""
    farm = visited(client, tenant, name=FARM_NAME)
    farm.send()
    farm.issue()
    return farm


@pytest.fixture
def banned(listing: Listing, farm: Visited) -> str:
    """A list of import bans that names the farm's company."""
    assert farm.site
    public_list = listing.add()
    listing.done(public_list, ORDER.format(order=1), FIRST)
    return public_list


def card_of(farm: Visited) -> dict[str, object]:
    """Return the card in force as anybody sees it on the verify page."""
    (card,) = [
        one
        for one in farm.get(f"/v1/scorecards?site={farm.site}")["items"]
        if one["is_in_force"]
    ]
    answer = farm.client.get(
        f"/v/{card['verify_code']}", headers={"accept": "application/json"}
    )
    document: dict[str, object] = answer.json()
    return document


def status_of(farm: Visited) -> tuple[object, object]:
    card = card_of(farm)
    return card["status"], card["reason"]


def as_role(session: Session, tenant: Tenant, role: Role) -> Scope:
    return scope_of(session, KeyGiven(tenant.keys[role]))


def test_a_listed_site_is_suspended_by_two_people_and_lifted_by_decision(
    listing: Listing, farm: Visited, banned: str, stranger: Tenant
) -> None:
    (match,) = listing.matches()
    assert (match["subject"], match["subject_kind"]) == (farm.site, "site")
    assert (match["score"], match["state"]) == (100, "proposed")
    assert [one["sign"] for one in match["evidence"]] == ["same_name"]
    assert match["due_at"].startswith("2026-11-25T12:00")
    assert listing.exclusions() == []

    forbidden = listing.say(match["id"], "same", "number_confirmed", Role.ANALYST)
    unfit = listing.say(match["id"], "same", "other_place")
    theirs = Listing(listing.client, stranger, listing.database, listing.keyring)
    hidden = theirs.say(match["id"], "same", "number_confirmed")
    said = listing.say(match["id"], "same", "number_confirmed", note=SECRET)
    again = listing.say(match["id"], "same", "number_confirmed")

    assert [forbidden.status_code, unfit.status_code, hidden.status_code] == [
        403,
        422,
        404,
    ]
    assert said.status_code == 201
    assert said.json()["steps"][-1]["note"] == SECRET
    assert again.status_code == 409
    reader = listing.get(f"/list-matches/{match['id']}")
    assert (reader["steps"][-1]["has_note"], reader["steps"][-1]["note"]) == (
        True,
        None,
    )
    assert status_of(farm) == ("issued", "issued")

    (proposal,) = listing.exclusions("?state=proposed")
    by_same = listing.decide(
        proposal["id"], "accept", "listing_in_force", Role.REVIEWER
    )
    wrong = listing.decide(proposal["id"], "accept", "left_the_list")
    not_theirs = theirs.decide(proposal["id"], "accept", "listing_in_force")
    accepted = listing.decide(proposal["id"], "accept", "listing_in_force")
    twice = listing.decide(proposal["id"], "accept", "listing_in_force")

    assert (proposal["effect"], proposal["site"]) == ("suspend", farm.site)
    assert by_same.json()["type"] == "/problems/not-asecond-person"
    assert [wrong.status_code, not_theirs.status_code] == [422, 404]
    assert (accepted.status_code, accepted.json()["state"]) == (201, "accepted")
    assert twice.status_code == 409
    assert status_of(farm) == ("suspended", "public_list")
    # A newer card does not wash it off.
    farm.send(observed_on="2026-11-05")
    farm.issue()
    assert status_of(farm) == ("suspended", "public_list")

    listing.done(banned, NOBODY, SECOND)
    (left,) = listing.matches()
    (lift,) = listing.exclusions("?state=proposed")
    assert (left["state"], left["left_on"]) == ("same", SECOND)
    assert (lift["effect"], lift["matched_by"]) == ("lift", "system")
    assert status_of(farm) == ("suspended", "public_list")
    lifted = listing.decide(lift["id"], "accept", "left_the_list", Role.REVIEWER)
    assert lifted.status_code == 201
    assert status_of(farm)[0] == "issued"

    actions_told = [
        action
        for action, _ in trail_of(listing.database, listing.tenant)
        if action.startswith(("list_match", "exclusion", "scorecard.suspended"))
    ]
    assert actions_told == [
        "list_match.proposed",
        "list_match.same",
        "exclusion.suspend_proposed",
        "exclusion.suspend_accepted",
        "scorecard.suspended",
        "scorecard.suspended",
        "list_match.same",
        "exclusion.lift_proposed",
        "exclusion.lift_accepted",
    ]
    assert clocks_of(listing.database) == {
        "list_match": [False],
        "exclusion": [False, False],
    }


def test_what_people_said_is_remembered_until_the_entry_changes(
    listing: Listing, farm: Visited, banned: str
) -> None:
    (match,) = listing.matches()
    listing.say(match["id"], "not_same", "other_place")

    listing.done(banned, ORDER.format(order=1) + "Tercera Ficticia SA,CO,9\n", SECOND)
    remembered = listing.matches()
    changed = ORDER.format(order=1).replace("Entity,", "Entity,State,")
    changed = changed.replace("S.A.S.,", "S.A.S.,Tolima,")
    listing.done(banned, changed, THIRD)
    asked = listing.matches("?late=false&state=proposed")
    none_yet = listing.exclusions()

    assert [one["state"] for one in remembered] == ["not_same"]
    assert remembered[0]["edition_on"] == SECOND
    assert [(one["id"], one["reason"]) for one in asked] == [
        (match["id"], "entry_changed")
    ]
    assert [one["sign"] for one in asked[0]["evidence"]] == ["same_name"]
    assert none_yet == []

    listing.say(match["id"], "same", "register_looked_up")
    (proposal,) = listing.exclusions()
    declined = listing.decide(
        proposal["id"], "decline", "other_good_meant", note=SECRET
    )
    listing.done(banned, changed, LAST)
    told = listing.get(f"/exclusions/{proposal['id']}")

    assert declined.json()["note"] == SECRET
    assert (told["state"], told["reason"]) == ("declined", "other_good_meant")
    assert (told["has_note"], told["note"]) == (True, None)
    assert len(listing.exclusions()) == 1
    assert SECRET not in listing.send("GET", "/exclusions", accept="text/csv").text
    assert status_of(farm) == ("issued", "issued")


def test_a_match_that_was_decided_wrongly_takes_its_proposal_along(
    listing: Listing, farm: Visited, banned: str
) -> None:
    assert banned
    (match,) = listing.matches()
    listing.say(match["id"], "same", "number_confirmed")

    withdrawn = listing.say(match["id"], "not_same", "decided_wrongly")
    (first,) = listing.exclusions()
    listing.say(match["id"], "same", "publisher_confirmed")
    (second,) = listing.exclusions("?state=proposed")
    listing.decide(second["id"], "accept", "precaution")
    listing.say(match["id"], "not_same", "decided_wrongly", Role.ADMINISTRATOR)
    (lift,) = listing.exclusions("?state=proposed")
    by_same = listing.decide(lift["id"], "accept", "not_the_same")
    suspended = status_of(farm)
    by_other = listing.decide(lift["id"], "accept", "not_the_same", Role.REVIEWER)

    assert withdrawn.status_code == 201
    assert first["state"] == "withdrawn"
    assert by_same.status_code == 403
    assert suspended == ("suspended", "public_list")
    assert by_other.status_code == 201
    assert status_of(farm)[0] == "issued"


def test_two_lists_suspend_until_both_are_lifted(
    listing: Listing, farm: Visited, banned: str
) -> None:
    other = listing.add(code="other", category="authority_decision")
    listing.done(other, ORDER.format(order=2), FIRST)
    for match in listing.matches():
        listing.say(match["id"], "same", "number_confirmed")
    for proposal in listing.exclusions():
        listing.decide(proposal["id"], "accept", "listing_in_force")

    # A card that stands where no other did before has nothing to take over.
    (card,) = farm.get("/v1/scorecards")["items"]
    revoked = farm.client.post(
        f"/v1/scorecards/{card['id']}/revoke",
        json={"reason": "issued_in_error"},
        headers=listing.tenant.headers(),
    )
    farm.issue()
    listing.compare(only_if_changed=True)
    again = status_of(farm)

    states = []
    for public_list in (banned, other):
        listing.done(public_list, NOBODY, SECOND)
        (lift,) = listing.exclusions("?state=proposed")
        listing.decide(lift["id"], "accept", "left_the_list")
        states.append(status_of(farm)[0])

    told = [action for action, _ in trail_of(listing.database, listing.tenant)]
    assert revoked.status_code in {200, 201}
    # Issued twice, and in force again once: not for a moment in between.
    assert told.count("scorecard.issued") == 3
    assert again == ("suspended", "public_list")
    assert states == ["suspended", "issued"]


def test_who_runs_a_site_is_matched_and_a_list_of_ones_own_is_noted_only(
    listing: Listing,
    farm: Visited,
    found_tenant: FoundTenant,
    client: TestClient,
    tenant: Tenant,
) -> None:
    operator = found_tenant("Operadora Ficticia del Sur S.A.")
    let_operate(listing.database, farm.site, operator)
    broker = listing.send(
        "POST",
        "/brokers",
        {"kind": "broker", "name": "Cuadrilla Ficticia", "country": "CO"},
    ).json()["id"]
    own = listing.add(code="own", category="own_list")
    ban = listing.add(code="ban")
    entity = "Name,Country\nOperadora Ficticia del Sur SA,CO\n"
    mine = f"Name,Country\nCuadrilla Ficticia Ltda,CO\n{FARM_NAME} Ltda,CO\n"
    listing.done(own, mine, FIRST)
    listing.done(ban, f"{entity}Finca Venidera Ltda,CO\n", FIRST)
    unchanged = listing.compare(only_if_changed=True)

    later = register_farm(client, tenant, name="Finca Venidera")
    grown = listing.compare(only_if_changed=True)
    by_subject = {one["subject"]: one["id"] for one in listing.matches()}
    for match in by_subject.values():
        listing.say(match, "same", "confirmed_by_site")

    assert unchanged == {"changed": False}
    assert grown["proposed"] == 1
    assert set(by_subject) == {operator.public_id, broker, later, farm.site}
    # One's own list is noted, and the farm that came later has no card.
    assert [(one["site"], one["public_list"]) for one in listing.exclusions()] == [
        (farm.site, ban)
    ]


def test_a_decision_of_which_any_statement_fails_is_not_half_done(
    app: FastAPI, tenant: Tenant, database: Database
) -> None:
    with TestClient(app) as client:  # afterwards nobody works in the background
        farm = visited(client, tenant, name=FARM_NAME)
        farm.send()
        farm.issue()
        keyring = keyring_of(app.state.service)
        listing = Listing(client, tenant, database, keyring)
        listing.done(listing.add(), ORDER.format(order=1), FIRST)
        (match,) = listing.matches()

    def say(session: Session) -> object:
        return deciding.decide(
            session,
            as_role(session, tenant, Role.REVIEWER),
            match["id"],
            decision=Decision.SAME,
            reason=MatchReason.NUMBER_CONFIRMED,
            note=Note(SECRET, keyring),
        )

    def follow(session: Session) -> str:
        scope = as_role(session, tenant, Role.REVIEWER)
        follow_matches(session, scope)
        return exclusions(session, scope, rows=1).rows[0].public_id

    def accept(session: Session) -> object:
        return actions.decide(
            session,
            as_role(session, tenant, Role.ADMINISTRATOR),
            proposal,
            verdict=Verdict.ACCEPT,
            reason=ExclusionReason.LISTING_IN_FORCE,
        )

    failed = fail_each_statement(database, in_one_transaction(database, say))
    proposal = str(in_one_transaction(database, follow)())
    failed_again = fail_each_statement(database, in_one_transaction(database, accept))

    assert failed > 10
    assert failed_again > 10
    assert last_status_of(database) == ("suspended", "public_list")


def last_status_of(database: Database) -> tuple[str, str]:
    """Return what became of the only card last."""
    last = select(ScorecardStatus).order_by(ScorecardStatus.ordinal.desc()).limit(1)
    with database.reading(system=True) as session:
        status = session.scalars(last).one()
        return status.status, status.reason


def clocks_of(database: Database) -> dict[str, list[bool]]:
    """Return which clocks of lists still run."""
    found: dict[str, list[bool]] = {}
    with database.reading(system=True) as session:
        rows = session.execute(
            select(Clock.kind, Clock.stopped_at).where(
                Clock.kind.in_(["list_match", "exclusion"])
            )
        )
        for row in rows:
            found.setdefault(row.kind, []).append(row.stopped_at is None)
    return found
