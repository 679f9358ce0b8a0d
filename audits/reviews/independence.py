"""Who may review an audit: nobody who went along, and nobody who sent its answers."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.models import Placement, Submission
from audits.visits.queries import AuditRecord, names_on, team_of
from compliance.identity.models import Device, Person
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
