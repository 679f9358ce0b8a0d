"""A new password: with the old one, or with a link that opens once."""

from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.database import as_system
from compliance.identifiers import PersonId, new_id
from compliance.identity.links import LinkNotGood, MadeLink, fresh_token
from compliance.identity.models import PasswordLink, Person
from compliance.identity.passwords import PasswordHash
from compliance.identity.people import changeable
from compliance.identity.permissions import Permission
from compliance.identity.scope import SYSTEM, Scope, digest_of
from compliance.identity.sessions import (
    KnownPerson,
    belongings,
    end_sessions,
    known_person,
    person_of,
)
from compliance.problems import Kind, Problem
from compliance.texts import N_


class NobodyHasAddress(Problem):
    kind = Kind.NOT_FOUND
    title = N_("Nobody has this address")
    detail = N_("Nobody is registered with the address {email}.")


class PasswordNotYours(Problem):
    """A link for the password would open what another organisation keeps as well."""

    kind = Kind.CONFLICT
    title = N_("This password is not your organisation's alone")
    detail = N_(
        "{person} signs in elsewhere with the same password, so no administrator can "
        "hand out a link for it. The person can change it after signing in, and the "
        "operator of the server can make a link: atalaya people password-link."
    )


class PasswordChanged(Problem):
    """Somebody else was a moment earlier."""

    kind = Kind.CONFLICT
    title = N_("The password was changed meanwhile")
    detail = N_("Nothing was changed now. Sign in with the password that was set.")


def issue_password_link(session: Session, scope: Scope, public_id: str) -> MadeLink:
    """Make a link with which somebody sets a new password; the one before is void.

    It opens all that the person may, so it is refused for somebody whose role is beyond
    the caller's, and for a member of another organisation.
    """
    scope.require(Permission.MANAGE_PEOPLE)
    known = changeable(session, scope, public_id)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="person.password_link_made",
        subject_id=known.public_id,
    )
    # A password is a person's, not an organisation's: nor are the links for it, and
    # whether it opens another organisation too, only that one's memberships tell.
    with as_system(session):
        places = {one.organisation_id for one in belongings(session, known.id)}
        if places - {scope.organisation_id}:
            raise PasswordNotYours(person=public_id)
        return _make_link(session, known.id)


def make_password_link(session: Session, email: str) -> MadeLink:
    """Make a link for a new password: the operator's way, for any person."""
    known = known_person(session, email)
    if known is None:
        raise NobodyHasAddress(email=email)
    _record_everywhere(session, known, SYSTEM, "person.password_link_made")
    return _make_link(session, known.id)


def _make_link(session: Session, person_id: PersonId) -> MadeLink:
    void_password_links(session, person_id)
    token, token_sha256 = fresh_token()
    expires_at = clock.now() + timedelta(hours=limits.PASSWORD_LINK_HOURS)
    session.execute(
        insert(PasswordLink).values(
            id=new_id(),
            person_id=person_id,
            token_sha256=token_sha256,
            issued_at=clock.now(),
            expires_at=expires_at,
        )
    )
    return MadeLink(token, expires_at)


def void_password_links(session: Session, person_id: PersonId) -> None:
    """Let no link for somebody's password that was made before be good any more."""
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.person_id == person_id, PasswordLink.used_at.is_(None))
        .values(used_at=clock.now())
    )


def person_of_link(session: Session, token: str) -> KnownPerson:
    """Return whose password a link is for, or raise LinkNotGood."""
    person_id = session.scalar(
        select(PasswordLink.person_id).where(
            PasswordLink.token_sha256 == digest_of(token),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > clock.now(),
        )
    )
    if person_id is None:
        raise LinkNotGood
    return person_of(session, PersonId(person_id))


def use_password_link(session: Session, token: str, chosen: PasswordHash) -> None:
    """Set the password that the holder of a link chose; the link is used up."""
    known = person_of_link(session, token)
    change_password(session, known, chosen)


def change_password(
    session: Session, known: KnownPerson, chosen: PasswordHash
) -> KnownPerson:
    """Set somebody's new password and end every session; return the person as now known.

    `known` is the person as the old password was checked: two changes at once are one.
    """
    changed = session.execute(
        update(Person)
        .where(Person.id == known.id, Person.password_hash == known.password_hash)
        .values(password_hash=chosen)
        .returning(Person.id)
    ).one_or_none()
    if changed is None:
        raise PasswordChanged
    void_password_links(session, known.id)
    end_sessions(session, known.id)
    _record_everywhere(session, known, known.public_id, "person.password_changed")
    return person_of(session, known.id)


def _record_everywhere(
    session: Session, known: KnownPerson, actor: str, action: str
) -> None:
    """Tell every organisation of a person what was done about their account."""
    for place in belongings(session, known.id):
        trail.record(
            session,
            organisation_id=place.organisation_id,
            actor=actor,
            action=action,
            subject_id=known.public_id,
        )
