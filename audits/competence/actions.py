"""What can be done about qualifications: record one that somebody was given, revoke it."""

from datetime import date, timedelta

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from audits.competence.models import Qualification, QualificationKind
from audits.competence.queries import QualificationRecord, qualification
from compliance import clock, trail
from compliance.clocks.actions import start, stop
from compliance.clocks.models import ClockKind
from compliance.clocks.passing import end_of
from compliance.identifiers import new_id, new_public_id
from compliance.identity.auditors import auditor_named
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_


class NeverQualified(Problem):
    kind = Kind.INVALID
    title = N_("The qualification would never have held")
    detail = N_(
        "'expires_on' is {expires_on} and 'issued_on' {issued_on}; it must expire after "
        "it was issued, and cannot be issued after today."
    )


class QualificationRevoked(Problem):
    kind = Kind.CONFLICT
    title = N_("The qualification was revoked already")
    detail = N_(
        "{qualification} was revoked before. Record a new one if it was renewed."
    )


def record_qualification(
    session: Session,
    scope: Scope,
    *,
    person: str,
    kind: QualificationKind,
    issuer: str,
    issued_on: date,
    expires_on: date,
    reference: str | None = None,
) -> QualificationRecord:
    """Record what a member was found able to do; a clock tells before it expires."""
    scope.require(Permission.MANAGE_FIELDWORK)
    if not issued_on < expires_on or issued_on > clock.today():
        raise NeverQualified(
            issued_on=issued_on.isoformat(), expires_on=expires_on.isoformat()
        )
    holder = auditor_named(session, scope, person)
    public_id, now = new_public_id("qualification"), clock.now()
    session.execute(
        insert(Qualification).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            person_id=holder.id,
            kind=kind,
            issuer=issuer,
            reference=reference,
            issued_on=issued_on,
            expires_on=expires_on,
            recorded_by=scope.actor,
            recorded_at=now,
        )
    )
    start(
        session,
        scope,
        owner_id=scope.organisation_id,
        site_id=None,
        subject=public_id,
        kind=ClockKind.QUALIFICATION,
        due_at=end_of(expires_on - timedelta(days=1)),
        started_at=now,
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="qualification.recorded",
        subject_id=public_id,
        person=person,
        kind=kind,
        expires_on=expires_on.isoformat(),
    )
    return qualification(session, scope, public_id)


def revoke_qualification(
    session: Session, scope: Scope, public_id: str
) -> QualificationRecord:
    """Take a qualification back: from now on it counts as never held."""
    found = qualification(session, scope, public_id)
    changed = session.execute(
        update(Qualification)
        .where(Qualification.id == found.id, Qualification.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_by=scope.actor)
        .returning(Qualification.id)
    ).all()
    if not changed:
        raise QualificationRevoked(qualification=public_id)
    stop(session, public_id, ClockKind.QUALIFICATION)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="qualification.revoked",
        subject_id=public_id,
        person=found.person,
        kind=found.kind,
    )
    return qualification(session, scope, public_id)
