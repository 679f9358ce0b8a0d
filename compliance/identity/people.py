"""The people of an organisation: who they are, their role, and whether they may act."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.database import Page
from compliance.identifiers import PersonId
from compliance.identity.granting import require_within
from compliance.identity.models import (
    Invitation,
    Membership,
    MembershipStatus,
    Person,
    Role,
)
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.identity.sessions import end_sessions
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.texts import N_


class PersonNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such person")
    detail = N_(
        "Nobody of your organisation has the id {person}. GET /v1/people lists who "
        "belongs to it."
    )


class LastAdministrator(Problem):
    """Without one nobody could let anybody in any more."""

    kind = Kind.CONFLICT
    title = N_("An organisation keeps at least one administrator")
    detail = N_(
        "{person} is the last active administrator. Make somebody else an "
        "administrator first."
    )


class MembershipEnded(Problem):
    kind = Kind.CONFLICT
    title = N_("This person was removed")
    detail = N_("{person} belongs to your organisation no more. Invite them again.")


@dataclass(frozen=True)
class PersonRecord:
    """Somebody as their organisation knows them."""

    id: PersonId
    public_id: str
    name: str
    email: str
    language: str
    role: Role
    status: MembershipStatus
    joined_at: datetime


PEOPLE = (
    select(
        Membership.id,
        Membership.person_id,
        Person.public_id,
        Person.name,
        Person.email,
        Person.language,
        Membership.role,
        Membership.status,
        Membership.joined_at,
    )
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.organisation_id == bindparam("organisation_id"))
)

NAMES = (
    select(Person.public_id, Person.name)
    .join(Membership, Membership.person_id == Person.id)
    .where(
        Membership.organisation_id == bindparam("organisation_id"),
        Person.public_id.in_(bindparam("public_ids", expanding=True)),
    )
)


def people(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    role: Role | None = None,
    status: MembershipStatus | None = None,
) -> Page[PersonRecord]:
    """Return a page of the organisation's people, the longest with it first.

    Those who were removed are told only when their status is asked for.
    """
    scope.require(Permission.MANAGE_PEOPLE)
    return LISTED.page(
        session,
        {"organisation_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted={
            "role": role,
            "status": status,
            "belongs": True if status is None else None,
        },
    )


def person(session: Session, scope: Scope, public_id: str) -> PersonRecord:
    """Return one of the organisation's people, or raise PersonNotFound."""
    scope.require(Permission.MANAGE_PEOPLE)
    missing = PersonNotFound(person=public_id)
    return LISTED.one(
        session, {"organisation_id": scope.organisation_id}, public_id, missing
    )


def names_of(
    session: Session, scope: Scope, public_ids: Collection[str]
) -> Mapping[str, str]:
    """Return what those of some ids are called who belong, or belonged, to the caller."""
    scope.require(Permission.MANAGE_PEOPLE)
    return colleagues_called(session, scope, public_ids)


def colleagues_called(
    session: Session, scope: Scope, public_ids: Collection[str]
) -> Mapping[str, str]:
    """Return the names of colleagues, also of former ones, by their public ids.

    Every role may know by whom something was decided; of another organisation's people
    nobody is named.
    """
    found = session.execute(
        NAMES,
        {"organisation_id": scope.organisation_id, "public_ids": list(public_ids)},
    )
    return {row.public_id: row.name for row in found}


def change_membership(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    role: Role | None = None,
    status: MembershipStatus | None = None,
) -> PersonRecord:
    """Give somebody another role, suspend them, or let them act again.

    Nobody gives a role beyond their own, nor changes somebody whose role is beyond it.
    Who is suspended is signed out at once.
    """
    scope.require(Permission.MANAGE_PEOPLE)
    known = changeable(session, scope, public_id)
    new_role, new_status = role or known.role, status or known.status
    if (new_role, new_status) == (known.role, known.status):
        return known
    require_within(scope.permissions, new_role)
    _change(session, scope, known, new_role, new_status)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="membership.changed",
        subject_id=public_id,
        role=new_role,
        status=new_status,
    )
    return person(session, scope, public_id)


def remove_person(session: Session, scope: Scope, public_id: str) -> None:
    """End somebody's membership, their sessions here, and what they were invited to."""
    scope.require(Permission.MANAGE_PEOPLE)
    known = changeable(session, scope, public_id)
    _change(session, scope, known, known.role, MembershipStatus.REMOVED)
    session.execute(
        update(Invitation)
        .where(
            Invitation.organisation_id == scope.organisation_id,
            Invitation.email == known.email,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=clock.now())
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="membership.ended",
        subject_id=public_id,
    )


def changeable(session: Session, scope: Scope, public_id: str) -> PersonRecord:
    """Return somebody whom the caller may change, held until the end of the work.

    Two who change the same organisation's people wait for each other here.
    """
    session.execute(
        select(Membership.id)
        .where(Membership.organisation_id == scope.organisation_id)
        .order_by(Membership.id)
        .with_for_update()
    ).all()
    known = person(session, scope, public_id)
    if known.status is MembershipStatus.REMOVED:
        raise MembershipEnded(person=public_id)
    require_within(scope.permissions, known.role)
    return known


def _change(
    session: Session,
    scope: Scope,
    known: PersonRecord,
    role: Role,
    status: MembershipStatus,
) -> None:
    if (role, status) != (Role.ADMINISTRATOR, MembershipStatus.ACTIVE):
        _keep_an_administrator(session, scope, known)
    session.execute(
        update(Membership)
        .where(
            Membership.organisation_id == scope.organisation_id,
            Membership.person_id == known.id,
        )
        .values(role=role, status=status)
    )
    if status is not MembershipStatus.ACTIVE:
        end_sessions(session, known.id, scope.organisation_id)


def _keep_an_administrator(session: Session, scope: Scope, but: PersonRecord) -> None:
    """Raise LastAdministrator where nobody else is one."""
    administrators = session.scalars(
        select(Membership.person_id).where(
            Membership.organisation_id == scope.organisation_id,
            Membership.role == Role.ADMINISTRATOR,
            Membership.status == MembershipStatus.ACTIVE,
        )
    )
    if set(administrators) == {but.id}:
        raise LastAdministrator(person=but.public_id)


def _record(row: Row[*tuple[Any, ...]]) -> PersonRecord:
    return PersonRecord(
        id=PersonId(row.person_id),
        public_id=row.public_id,
        name=row.name,
        email=row.email,
        language=row.language,
        role=Role(row.role),
        status=MembershipStatus(row.status),
        joined_at=row.joined_at,
    )


LISTED = Listing(
    PEOPLE,
    Membership.id,
    Person.public_id,
    _record,
    {
        **equal_to(role=Membership.role, status=Membership.status),
        "belongs": Membership.status != MembershipStatus.REMOVED,
    },
)
