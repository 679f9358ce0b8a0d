"""Who of an organisation's people can be sent into the field."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from compliance.identifiers import PersonId
from compliance.identity.models import Membership, MembershipStatus, Person
from compliance.identity.permissions import Permission, roles_that_may
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_


class AuditorUnknown(Problem):
    kind = Kind.INVALID
    title = N_("Nobody of this id visits sites for you")
    detail = N_(
        "'person' is {person}; give the id of somebody who belongs to your organisation "
        "as one of: {roles}. GET /v1/people lists who does."
    )


@dataclass(frozen=True)
class Auditor:
    id: PersonId
    public_id: str
    name: str


ONE_MEMBER = (
    select(Person.id, Person.public_id, Person.name, Membership.role)
    .join(Membership, Membership.person_id == Person.id)
    .where(
        Membership.organisation_id == bindparam("organisation_id"),
        Membership.status == MembershipStatus.ACTIVE,
        Person.public_id == bindparam("public_id"),
    )
)


MEMBERS = (
    select(Person.id, Person.public_id, Person.name)
    .join(Membership, Membership.person_id == Person.id)
    .where(
        Membership.organisation_id == bindparam("organisation_id"),
        Membership.status == MembershipStatus.ACTIVE,
        Membership.role.in_(sorted(roles_that_may(Permission.SUBMIT_VISITS))),
    )
    .order_by(Person.name, Person.id)
)


def auditors(session: Session, scope: Scope) -> tuple[Auditor, ...]:
    """Return the active members whose role visits sites, by name."""
    scope.require(Permission.MANAGE_FIELDWORK)
    found = session.execute(MEMBERS, {"organisation_id": scope.organisation_id})
    return tuple(Auditor(PersonId(row.id), row.public_id, row.name) for row in found)


def auditor_named(session: Session, scope: Scope, public_id: str) -> Auditor:
    """Return an active member whose role visits sites, or raise AuditorUnknown."""
    roles = roles_that_may(Permission.SUBMIT_VISITS)
    found = session.execute(
        ONE_MEMBER, {"organisation_id": scope.organisation_id, "public_id": public_id}
    ).one_or_none()
    if found is None or found.role not in roles:
        raise AuditorUnknown(person=public_id, roles=", ".join(roles))
    return Auditor(PersonId(found.id), found.public_id, found.name)
