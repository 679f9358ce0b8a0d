"""Invitations: a place in an organisation, kept for whoever holds the link.

Who has an account joins with their own password: a link alone never opens an account
that is there, because whoever made the link has seen it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.database import Page, insert_new
from compliance.identifiers import OrganisationId, PersonId, new_id, new_public_id
from compliance.identity.granting import require_within
from compliance.identity.links import LinkNotGood, MadeLink, fresh_token
from compliance.identity.models import (
    Invitation,
    Membership,
    MembershipStatus,
    Organisation,
    Person,
    Role,
)
from compliance.identity.password_changes import void_password_links
from compliance.identity.passwords import PasswordHash
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope, digest_of
from compliance.identity.sessions import KnownPerson, known_person, normal_email
from compliance.problems import Kind, Problem
from compliance.texts import N_


class InvitationState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class InvitationNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such invitation")
    detail = N_(
        "No invitation of your organisation has the id {invitation}. "
        "GET /v1/people/invitations lists them."
    )


class AlreadyMember(Problem):
    kind = Kind.CONFLICT
    title = N_("This person belongs to your organisation already")
    detail = N_(
        "{person} has this address. Change the role or the status with "
        "PATCH /v1/people/{person}."
    )


class AlreadyAnswered(Problem):
    kind = Kind.CONFLICT
    title = N_("The invitation is no longer open")
    detail = N_(
        "{invitation} was accepted, withdrawn, or has expired; only an open one can be "
        "withdrawn."
    )


class AccountExists(Problem):
    """Between the page and the answer somebody registered with the address."""

    kind = Kind.CONFLICT
    title = N_("You have an account by now")
    detail = N_("Open the link again and join with the password of your account.")


@dataclass(frozen=True)
class InvitationRecord:
    """An invitation as the organisation that made it knows it."""

    id: uuid.UUID
    public_id: str
    email: str
    name: str | None
    role: Role
    language: str
    state: InvitationState
    invited_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class OpenInvitation:
    """What the invited may know, who holds the link: where to, and as whom."""

    id: uuid.UUID
    public_id: str
    organisation_id: OrganisationId
    organisation_name: str
    email: str
    name: str | None
    role: Role
    language: str
    person: KnownPerson | None


def invite(
    session: Session,
    scope: Scope,
    *,
    email: str,
    role: Role,
    language: str,
    name: str | None = None,
) -> tuple[InvitationRecord, MadeLink]:
    """Keep a place for somebody; the link is in the answer and nowhere else.

    An invitation that was open for the same address is withdrawn: the last link counts.
    """
    scope.require(Permission.MANAGE_PEOPLE)
    require_within(scope.permissions, role)
    address = normal_email(email)
    _refuse_member(session, scope, address)
    for public_id in session.scalars(_withdrawing(scope, Invitation.email == address)):
        _record(session, scope, "invitation.withdrawn", public_id)

    public_id = new_public_id("invitation")
    token, token_sha256 = fresh_token()
    expires_at = clock.now() + timedelta(days=limits.INVITATION_DAYS)
    session.execute(
        insert(Invitation).values(
            id=new_id(),
            public_id=public_id,
            organisation_id=scope.organisation_id,
            email=address,
            name=name,
            role=role,
            language=language,
            token_sha256=token_sha256,
            invited_at=clock.now(),
            expires_at=expires_at,
        )
    )
    _record(session, scope, "invitation.made", public_id, role=role)
    return invitation(session, scope, public_id), MadeLink(token, expires_at)


def _refuse_member(session: Session, scope: Scope, address: str) -> None:
    member = session.execute(
        select(Person.public_id, Membership.status)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.email == address,
            Membership.organisation_id == scope.organisation_id,
            Membership.status != MembershipStatus.REMOVED,
        )
    ).one_or_none()
    if member is not None:
        raise AlreadyMember(person=member.public_id, status=member.status)


def invitations(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    state: InvitationState | None = None,
) -> Page[InvitationRecord]:
    """Return a page of the organisation's invitations, the oldest first."""
    scope.require(Permission.MANAGE_PEOPLE)
    wanted = (
        select(Invitation)
        .where(Invitation.organisation_id == scope.organisation_id)
        .order_by(Invitation.id)
        .limit(rows + 1)
    )
    if state is not None:
        wanted = wanted.where(*_in_state(state))
    if after is not None:
        wanted = wanted.where(Invitation.id > invitation(session, scope, after).id)
    found = session.scalars(wanted).all()
    records = tuple(_told(one) for one in found[:rows])
    return Page(records, records[-1].public_id if len(found) > rows else None)


def invitation(session: Session, scope: Scope, public_id: str) -> InvitationRecord:
    """Return one invitation of the organisation, or raise InvitationNotFound."""
    scope.require(Permission.MANAGE_PEOPLE)
    found = session.scalars(
        select(Invitation).where(
            Invitation.organisation_id == scope.organisation_id,
            Invitation.public_id == public_id,
        )
    ).one_or_none()
    if found is None:
        raise InvitationNotFound(invitation=public_id)
    return _told(found)


def withdraw(session: Session, scope: Scope, public_id: str) -> None:
    """Take an open invitation back; its link is no longer good."""
    known = invitation(session, scope, public_id)
    is_the_one = Invitation.public_id == public_id
    if session.scalars(_withdrawing(scope, is_the_one)).one_or_none() is None:
        raise AlreadyAnswered(invitation=public_id, state=known.state)
    _record(session, scope, "invitation.withdrawn", public_id)


def open_invitation(session: Session, token: str) -> OpenInvitation:
    """Return what a link invites to, or raise LinkNotGood. Its holder is not known yet."""
    found = session.execute(
        select(Invitation, Organisation.name.label("organisation_name"))
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(
            Invitation.token_sha256 == digest_of(token),
            *_in_state(InvitationState.OPEN),
        )
    ).one_or_none()
    if found is None:
        raise LinkNotGood
    return _opened(session, found)


def _opened(session: Session, found: Row[*tuple[Any, ...]]) -> OpenInvitation:
    return OpenInvitation(
        id=found.Invitation.id,
        public_id=found.Invitation.public_id,
        organisation_id=OrganisationId(found.Invitation.organisation_id),
        organisation_name=found.organisation_name,
        email=found.Invitation.email,
        name=found.Invitation.name,
        role=Role(found.Invitation.role),
        language=found.Invitation.language,
        person=known_person(session, found.Invitation.email),
    )


def join_as_new(
    session: Session, token: str, *, name: str, chosen: PasswordHash
) -> KnownPerson:
    """Register the invited with a name and a password of their own, as a member."""
    asked = open_invitation(session, token)
    person_id, public_id = PersonId(new_id()), new_public_id("person")
    is_new = insert_new(
        session,
        Person,
        id=person_id,
        public_id=public_id,
        email=asked.email,
        name=name,
        language=asked.language,
        password_hash=chosen,
        created_at=clock.now(),
    )
    if not is_new:
        raise AccountExists
    person = KnownPerson(person_id, public_id, asked.email, name, chosen)
    _join(session, asked, person)
    return person


def join_as_known(session: Session, token: str, person: KnownPerson) -> None:
    """Make somebody a member who has an account and has just given its password."""
    asked = open_invitation(session, token)
    if asked.person != person:
        raise LinkNotGood
    _join(session, asked, person)


def _join(session: Session, asked: OpenInvitation, person: KnownPerson) -> None:
    accepted = session.execute(
        update(Invitation)
        .where(Invitation.id == asked.id, Invitation.accepted_at.is_(None))
        .values(accepted_at=clock.now())
        .returning(Invitation.id)
    ).one_or_none()
    if accepted is None or not _make_member(session, asked, person):
        raise LinkNotGood
    # A link made while the person belonged elsewhere alone would now open this as well.
    void_password_links(session, person.id)
    trail.record(
        session,
        organisation_id=asked.organisation_id,
        actor=person.public_id,
        action="invitation.accepted",
        subject_id=asked.public_id,
        person=person.public_id,
        role=asked.role,
    )


def _make_member(session: Session, asked: OpenInvitation, person: KnownPerson) -> bool:
    """Add the membership, or renew one that had ended; False where one is in force."""
    given = {
        "role": asked.role,
        "status": MembershipStatus.ACTIVE,
        "joined_at": clock.now(),
    }
    renewed = session.execute(
        update(Membership)
        .where(
            Membership.person_id == person.id,
            Membership.organisation_id == asked.organisation_id,
            Membership.status == MembershipStatus.REMOVED,
        )
        .values(**given)
        .returning(Membership.id)
    ).one_or_none()
    return renewed is not None or insert_new(
        session,
        Membership,
        id=new_id(),
        person_id=person.id,
        organisation_id=asked.organisation_id,
        **given,
    )


def _in_state(state: InvitationState) -> tuple[ColumnElement[bool], ...]:
    unanswered = (Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    match state:
        case InvitationState.OPEN:
            return (*unanswered, Invitation.expires_at > clock.now())
        case InvitationState.ACCEPTED:
            return (Invitation.accepted_at.is_not(None),)
        case InvitationState.WITHDRAWN:
            return (Invitation.withdrawn_at.is_not(None),)
        case InvitationState.EXPIRED:
            return (*unanswered, Invitation.expires_at <= clock.now())


def _state(one: Invitation) -> InvitationState:
    if one.accepted_at is not None:
        return InvitationState.ACCEPTED
    if one.withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    if one.expires_at <= clock.now():
        return InvitationState.EXPIRED
    return InvitationState.OPEN


def _withdrawing(scope: Scope, which: ColumnElement[bool]) -> Any:
    return (
        update(Invitation)
        .where(
            Invitation.organisation_id == scope.organisation_id,
            which,
            *_in_state(InvitationState.OPEN),
        )
        .values(withdrawn_at=clock.now())
        .returning(Invitation.public_id)
    )


def _told(one: Invitation) -> InvitationRecord:
    return InvitationRecord(
        id=one.id,
        public_id=one.public_id,
        email=one.email,
        name=one.name,
        role=Role(one.role),
        language=one.language,
        state=_state(one),
        invited_at=one.invited_at,
        expires_at=one.expires_at,
    )


def _record(
    session: Session, scope: Scope, action: str, public_id: str, **facts: object
) -> None:
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=action,
        subject_id=public_id,
        **facts,
    )
