"""Sessions of browsers: started with a password, for one organisation at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.identifiers import OrganisationId, PersonId, new_id
from compliance.identity.links import fresh_token
from compliance.identity.models import (
    Membership,
    MembershipStatus,
    Organisation,
    Person,
    Role,
    SignIn,
)
from compliance.identity.passwords import PasswordHash
from compliance.identity.scope import NotSignedIn, digest_of
from compliance.problems import Kind, Problem
from compliance.texts import N_


class NoMembership(Problem):
    """The person is who they say, and belongs nowhere."""

    kind = Kind.FORBIDDEN
    title = N_("You belong to no organisation here any more")
    detail = N_(
        "Your password is right, but no organisation has you as a member now. Ask an "
        "administrator of yours for an invitation."
    )


class OrganisationNotYours(Problem):
    kind = Kind.NOT_FOUND
    title = N_("You do not belong to this organisation")
    detail = N_(
        "You are no member of {organisation}. GET /v1/me lists the organisations you "
        "can switch to."
    )


@dataclass(frozen=True)
class KnownPerson:
    """Somebody with an account, and what is kept of the password."""

    id: PersonId
    public_id: str
    email: str
    name: str
    password_hash: PasswordHash


@dataclass(frozen=True)
class Belonging:
    """One organisation that somebody belongs to, and as what."""

    organisation_id: OrganisationId
    public_id: str
    name: str
    kind: str
    role: Role


@dataclass(frozen=True)
class StartedSession:
    """A session at the one moment when its token is known."""

    token: str
    expires_at: datetime


def normal_email(email: str) -> str:
    """Return an e-mail address as it is kept and compared."""
    return email.strip().lower()


def known_person(session: Session, email: str) -> KnownPerson | None:
    """Return who has this address, None where nobody has."""
    return _known(session, Person.email == normal_email(email))


def person_of(session: Session, person_id: PersonId) -> KnownPerson:
    """Return the person of a Scope."""
    found = _known(session, Person.id == person_id)
    if found is None:
        raise NotSignedIn
    return found


def _known(session: Session, is_the_one: object) -> KnownPerson | None:
    found = session.execute(
        select(
            Person.id,
            Person.public_id,
            Person.email,
            Person.name,
            Person.password_hash,
        ).where(is_the_one)  # type: ignore[arg-type]  # a comparison of columns
    ).one_or_none()
    if found is None:
        return None
    return KnownPerson(
        PersonId(found.id),
        found.public_id,
        found.email,
        found.name,
        PasswordHash(found.password_hash),
    )


def belongings(session: Session, person_id: PersonId) -> tuple[Belonging, ...]:
    """Return where somebody is a member now, where they signed in last first."""
    last = (
        select(func.max(SignIn.started_at))
        .where(
            SignIn.person_id == Membership.person_id,
            SignIn.organisation_id == Membership.organisation_id,
        )
        .scalar_subquery()
    )
    found = session.execute(
        select(
            Membership.organisation_id,
            Membership.role,
            Organisation.public_id,
            Organisation.name,
            Organisation.kind,
        )
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Membership.person_id == person_id,
            Membership.status == MembershipStatus.ACTIVE,
        )
        .order_by(last.desc().nulls_last(), Membership.id)
    )
    return tuple(
        Belonging(
            OrganisationId(one.organisation_id),
            one.public_id,
            one.name,
            one.kind,
            Role(one.role),
        )
        for one in found
    )


def start_session(
    session: Session,
    person: KnownPerson,
    *,
    address_sha256: bytes | None = None,
    by: str = "password",
    into: OrganisationId | None = None,
) -> StartedSession:
    """Start the session of somebody who has just shown who they are.

    It is for the organisation named, or the one they signed in to last. A password
    that was changed since it was checked is no longer one: NotSignedIn.
    """
    if person_of(session, person.id).password_hash != person.password_hash:
        raise NotSignedIn
    places = belongings(session, person.id)
    if into is not None:
        places = tuple(one for one in places if one.organisation_id == into)
    if not places:
        raise NoMembership
    expires_at = clock.now() + timedelta(hours=limits.SESSION_HOURS)
    started = _start(
        session, person.id, places[0].organisation_id, expires_at, address_sha256
    )
    trail.record(
        session,
        organisation_id=places[0].organisation_id,
        actor=person.public_id,
        action="session.started",
        subject_id=person.public_id,
        by=by,
    )
    return started


def switch_organisation(
    session: Session, token: str, person: KnownPerson, organisation: str
) -> StartedSession:
    """End the session of `token` and go on in another organisation of the person's.

    The new session ends when the old one would have.
    """
    before = session.execute(
        select(SignIn.expires_at, SignIn.address_sha256).where(
            SignIn.token_sha256 == digest_of(token), SignIn.person_id == person.id
        )
    ).one()
    place = next(
        (
            one
            for one in belongings(session, person.id)
            if one.public_id == organisation
        ),
        None,
    )
    if place is None:
        raise OrganisationNotYours(organisation=organisation)
    end_session(session, token)
    trail.record(
        session,
        organisation_id=place.organisation_id,
        actor=person.public_id,
        action="session.started",
        subject_id=person.public_id,
        by="switching",
    )
    return _start(
        session,
        person.id,
        place.organisation_id,
        before.expires_at,
        before.address_sha256,
    )


def _start(
    session: Session,
    person_id: PersonId,
    organisation_id: OrganisationId,
    expires_at: datetime,
    address_sha256: bytes | None,
) -> StartedSession:
    token, token_sha256 = fresh_token()
    session.execute(
        insert(SignIn).values(
            id=new_id(),
            token_sha256=token_sha256,
            person_id=person_id,
            organisation_id=organisation_id,
            started_at=clock.now(),
            last_seen_at=clock.now(),
            expires_at=expires_at,
            address_sha256=address_sha256,
        )
    )
    return StartedSession(token, expires_at)


def end_session(session: Session, token: str) -> None:
    """End a session; ending one twice is no mistake."""
    ended = session.execute(
        update(SignIn)
        .where(SignIn.token_sha256 == digest_of(token), SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(SignIn.person_id, SignIn.organisation_id)
    ).one_or_none()
    if ended is None:
        return
    person = person_of(session, PersonId(ended.person_id))
    trail.record(
        session,
        organisation_id=OrganisationId(ended.organisation_id),
        actor=person.public_id,
        action="session.ended",
        subject_id=person.public_id,
    )


def end_sessions(
    session: Session,
    person_id: PersonId,
    organisation_id: OrganisationId | None = None,
) -> None:
    """End every session of somebody, or every one in an organisation."""
    ending = update(SignIn).where(
        SignIn.person_id == person_id, SignIn.ended_at.is_(None)
    )
    if organisation_id is not None:
        ending = ending.where(SignIn.organisation_id == organisation_id)
    session.execute(ending.values(ended_at=clock.now()))
