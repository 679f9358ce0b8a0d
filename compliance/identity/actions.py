"""What the product itself does: found organisations, add people, issue keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.identifiers import (
    OrganisationId,
    PersonId,
    new_id,
    new_public_id,
    random_word,
)
from compliance.identity.models import (
    ApiKey,
    Membership,
    MembershipStatus,
    Organisation,
    OrganisationKind,
    Person,
    Role,
)
from compliance.identity.passwords import hash_password
from compliance.identity.permissions import Permission
from compliance.identity.scope import KEY_MARK, SYSTEM, Scope, digest_of
from compliance.identity.sessions import normal_email
from compliance.problems import Kind, Problem
from compliance.texts import N_

SECRET_CHARACTERS = 52  # 260 random bits


class EmailTaken(Problem):
    kind = Kind.CONFLICT
    title = N_("Somebody has this address")
    detail = N_("A person with the address {email} is already registered.")


@dataclass(frozen=True)
class NewOrganisation:
    id: OrganisationId
    public_id: str


@dataclass(frozen=True)
class IssuedKey:
    """A key at the one moment when its secret is known."""

    public_id: str
    text: str


def found_organisation(
    session: Session, *, kind: OrganisationKind, name: str, country: str
) -> NewOrganisation:
    """Create an organisation that will have members: a tenant with its own trail."""
    identifier, public_id = OrganisationId(new_id()), new_public_id("org")
    _insert_organisation(session, identifier, public_id, kind, name, country, None)
    trail.begin(session, identifier)
    trail.record(
        session,
        organisation_id=identifier,
        actor=SYSTEM,
        action="organisation.founded",
        subject_id=public_id,
        kind=kind,
    )
    return NewOrganisation(identifier, public_id)


def register_organisation(
    session: Session,
    scope: Scope,
    *,
    kind: OrganisationKind,
    name: str,
    country: str,
) -> NewOrganisation:
    """Note an organisation of the supply chain in the caller's register."""
    scope.require(Permission.CHANGE_REGISTER)
    identifier, public_id = OrganisationId(new_id()), new_public_id("org")
    _insert_organisation(
        session, identifier, public_id, kind, name, country, scope.organisation_id
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="organisation.registered",
        subject_id=public_id,
        kind=kind,
    )
    return NewOrganisation(identifier, public_id)


def _insert_organisation(
    session: Session,
    identifier: OrganisationId,
    public_id: str,
    kind: OrganisationKind,
    name: str,
    country: str,
    registered_by_id: OrganisationId | None,
) -> None:
    session.execute(
        insert(Organisation).values(
            id=identifier,
            public_id=public_id,
            kind=kind,
            name=name,
            country=country,
            registered_by_id=registered_by_id,
            created_at=clock.now(),
        )
    )


def add_person(
    session: Session,
    *,
    organisation_id: OrganisationId,
    role: Role,
    email: str,
    name: str,
    language: str,
    password: str,
) -> PersonId:
    """Add a person who can sign in, as a member of an organisation."""
    address = normal_email(email)
    if session.scalar(select(Person.id).where(Person.email == address)):
        raise EmailTaken(email=address)
    person_id, public_id = PersonId(new_id()), new_public_id("person")
    session.execute(
        insert(Person).values(
            id=person_id,
            public_id=public_id,
            email=address,
            name=name,
            language=language,
            password_hash=hash_password(password),
            created_at=clock.now(),
        )
    )
    session.execute(
        insert(Membership).values(
            id=new_id(),
            person_id=person_id,
            organisation_id=organisation_id,
            role=role,
            status=MembershipStatus.ACTIVE,
            joined_at=clock.now(),
        )
    )
    trail.record(
        session,
        organisation_id=organisation_id,
        actor=SYSTEM,
        action="person.added",
        subject_id=public_id,
        role=role,
    )
    return person_id


def issue_key(
    session: Session,
    *,
    organisation_id: OrganisationId,
    role: Role,
    label: str,
    expires_at: datetime | None = None,
    actor: str = SYSTEM,
) -> IssuedKey:
    """Make an API key; its secret is in the answer and nowhere else."""
    public_id = f"{KEY_MARK}_{random_word(12)}"
    secret = random_word(SECRET_CHARACTERS)
    session.execute(
        insert(ApiKey).values(
            id=new_id(),
            public_id=public_id,
            organisation_id=organisation_id,
            role=role,
            label=label,
            secret_sha256=digest_of(secret),
            created_at=clock.now(),
            expires_at=expires_at,
        )
    )
    trail.record(
        session,
        organisation_id=organisation_id,
        actor=actor,
        action="key.issued",
        subject_id=public_id,
        role=role,
    )
    return IssuedKey(public_id, f"{public_id}_{secret}")


def revoke_key(session: Session, *, organisation_id: OrganisationId, label: str) -> int:
    """Revoke the organisation's keys of this label; return how many there were."""
    revoked = session.execute(
        update(ApiKey)
        .where(
            ApiKey.organisation_id == organisation_id,
            ApiKey.label == label,
            ApiKey.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
        .returning(ApiKey.public_id)
    ).scalars()
    count = 0
    for public_id in revoked:
        count += 1
        trail.record(
            session,
            organisation_id=organisation_id,
            actor=SYSTEM,
            action="key.revoked",
            subject_id=public_id,
        )
    return count
