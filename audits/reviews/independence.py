"""Who may review an audit: nobody who went along, and nobody who sent its answers."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.models import Placement, Submission
from audits.visits.queries import AuditRecord, names_on, team_of
from compliance.identity.models import (
    Device,
    Membership,
    MembershipStatus,
    Person,
    Role,
)
from compliance.identity.permissions import Permission, roles_that_may
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_


class ReviewerNotIndependent(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Somebody else must review this audit")
    detail = N_(
        "Whoever was on the team of {audit}, or sent any of its answers, cannot review "
        "it. Ask another reviewer or administrator of your organisation."
    )


@dataclass(frozen=True)
class Colleague:
    """Somebody of the caller's own organisation, by the name they work under."""

    public_id: str
    name: str
    role: Role
    is_active: bool

    @property
    def may_review(self) -> bool:
        return self.is_active and self.role in roles_that_may(
            Permission.SUPERVISE_VISITS
        )


COLLEAGUES = (
    select(Person.public_id, Person.name, Membership.role, Membership.status)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.organisation_id == bindparam("organisation_id"))
    .order_by(Person.name, Person.public_id)
)
Carrier = aliased(Person)
SENT_BY = (
    select(Submission.actor, Carrier.public_id.label("carrier"))
    .join(Placement, Placement.submission_id == Submission.id)
    .outerjoin(Device, Device.public_id == Submission.actor)
    .outerjoin(Carrier, Carrier.id == Device.person_id)
    .where(Placement.audit_id == bindparam("audit_id"))
)


def require_independence(session: Session, scope: Scope, found: AuditRecord) -> None:
    """Go on only where the caller had no part in the audit, else ReviewerNotIndependent.

    Somebody who signs in is known in person, and so is whoever's device it is; of a
    program's key nobody knows who stands behind it, so there it is the key that counts.
    """
    if scope.actor in takers_of_part(session, scope, found):
        raise ReviewerNotIndependent(audit=found.public_id)


def takers_of_part(
    session: Session, scope: Scope, found: AuditRecord
) -> frozenset[str]:
    """Return the public ids of all who went along or sent answers, and of their devices."""
    sent = session.execute(SENT_BY, {"audit_id": found.id}).all()
    senders = {name for row in sent for name in (row.actor, row.carrier) if name}
    return names_on(team_of(session, scope, found)) | senders


def colleagues(session: Session, scope: Scope) -> tuple[Colleague, ...]:
    """Return the people of the caller's organisation, for who supervises their visits."""
    scope.require(Permission.SUPERVISE_VISITS)
    rows = session.execute(COLLEAGUES, {"organisation_id": scope.organisation_id})
    return tuple(
        Colleague(
            row.public_id,
            row.name,
            Role(row.role),
            is_active=row.status == MembershipStatus.ACTIVE,
        )
        for row in rows
    )
