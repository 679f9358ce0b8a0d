"""Each statement of what happens to an audit is made to fail once: nothing is half done."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from audits.competence.actions import record_qualification
from audits.competence.models import QualificationKind
from audits.reviews import actions as reviewing
from audits.reviews.actions import NewRemark
from audits.reviews.models import RemarkKind, ReplyCode
from audits.reviews.queries import replies
from audits.reviews.replying import answer_reply
from audits.visits.actions import NewMember, plan, set_team
from audits.visits.lifecycle import State
from audits.visits.models import TeamRole, VoidReason
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.people import people
from compliance.identity.scope import Scope
from tests.browsing import add_people
from tests.conftest import Tenant
from tests.failing import fail_each_statement
from tests.offices import Office, opened_office

NEWEST_IS_NOTED = text(
    "SELECT count(*) FROM intake_fault WHERE submission_id = "
    "(SELECT id FROM submission ORDER BY received_at DESC, id DESC LIMIT 1)"
)


@pytest.fixture
def office(database: Database, tenant: Tenant, tmp_path: Path) -> Office:
    return opened_office(database, tenant, tmp_path)


def tried(office: Office, role: Role, work: Callable[[Session, Scope], object]) -> int:
    return fail_each_statement(office.database, lambda: office.do(role, work))


def test_a_submission_is_taken_in_whole_or_not_at_all(office: Office) -> None:
    """What fails while it is assessed is undone and noted, and the visit is kept."""
    count = fail_each_statement(
        office.database,
        lambda: office.send(papers="yes"),
        is_noted=lambda session: bool(session.scalar(NEWEST_IS_NOTED)),
    )

    assert count > 20


def test_an_audit_is_made_final_whole_or_not_at_all(office: Office) -> None:
    office.send(papers="yes")
    audit = office.last_audit().public_id
    office.do(
        Role.REVIEWER, lambda session, scope: reviewing.take(session, scope, audit)
    )
    office.do(
        Role.REVIEWER,
        lambda session, scope: reviewing.offer_reply(session, scope, audit),
    )
    office.do(
        Role.MANAGER, lambda session, scope: reply_to_last(office, session, scope)
    )

    count = tried(
        office,
        Role.REVIEWER,
        lambda session, scope: reviewing.finalise(session, scope, audit),
    )

    assert count > 8
    assert office.last_audit().status is State.FINAL


def test_a_reply_is_offered_and_given_whole_or_not_at_all(office: Office) -> None:
    office.send(papers="yes")
    audit = office.last_audit().public_id

    taking = tried(
        office,
        Role.REVIEWER,
        lambda session, scope: reviewing.take(session, scope, audit),
    )
    offering = tried(
        office,
        Role.REVIEWER,
        lambda session, scope: reviewing.offer_reply(session, scope, audit),
    )
    giving = tried(
        office,
        Role.MANAGER,
        lambda session, scope: reply_to_last(office, session, scope),
    )

    assert min(taking, offering, giving) > 5
    assert office.last_audit().status is State.IN_REVIEW


def test_an_audit_is_returned_and_voided_whole_or_not_at_all(office: Office) -> None:
    office.send()
    audit = office.last_audit().public_id
    office.do(
        Role.REVIEWER, lambda session, scope: reviewing.take(session, scope, audit)
    )
    remarks = [NewRemark(RemarkKind.UNCLEAR, text="Who said so?")] * 2

    returning = tried(
        office,
        Role.REVIEWER,
        lambda session, scope: reviewing.return_audit(
            session, scope, office.keyring, audit, remarks
        ),
    )
    voiding = tried(
        office,
        Role.REVIEWER,
        lambda session, scope: reviewing.void(
            session, scope, audit, VoidReason.TEST_DATA
        ),
    )

    assert min(returning, voiding) > 5
    assert office.last_audit().status is State.VOIDED


def reply_to_last(office: Office, session: Session, scope: Scope) -> object:
    (offered,) = replies(session, scope, rows=2, is_open=True).rows
    return answer_reply(
        session,
        scope,
        office.keyring,
        offered.public_id,
        code=ReplyCode.AGREES,
        text="We know, and have begun.",
    )


def test_a_plan_with_its_team_is_made_whole_or_not_at_all(
    office: Office, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.AUDITOR)
    person = office.do(
        Role.ADMINISTRATOR,
        lambda session, scope: people(session, scope, rows=1).rows[0].public_id,
    )
    member = NewMember(TeamRole.LEAD, person=person, languages=("es", "qu"))
    day = date(2026, 12, 1)

    planning = tried(
        office,
        Role.AUDITOR,
        lambda session, scope: plan(
            session, scope, site=office.farm, fieldwork_from=day, fieldwork_to=day
        ),
    )
    audit = office.last_audit().public_id
    naming = tried(
        office,
        Role.REVIEWER,
        lambda session, scope: set_team(session, scope, audit, members=[member]),
    )
    qualifying = tried(
        office,
        Role.REVIEWER,
        lambda session, scope: record_qualification(
            session,
            scope,
            person=person,
            kind=QualificationKind.LEAD_AUDITOR,
            issuer="Una escuela",
            issued_on=date(2026, 1, 1),
            expires_on=date(2027, 1, 1),
        ),
    )

    assert min(planning, naming, qualifying) > 5
