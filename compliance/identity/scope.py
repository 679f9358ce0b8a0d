"""The Scope of a caller: whose data it sees and what it may do with them.

Every query and every action takes a Scope, and only `scope_of` makes one, so that
tenancy cannot be forgotten.
"""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.identifiers import OrganisationId
from compliance.identity.models import ApiKey, Organisation, Person, Role, SignIn
from compliance.identity.models import Membership as Member
from compliance.identity.permissions import (
    PERMISSIONS,
    NotAllowed,
    Permission,
    roles_that_may,
)
from compliance.problems import Kind, Problem
from compliance.texts import N_

KEY_MARK = "atl"


class NotSignedIn(Problem):
    """No credential, or one that is not, or no longer, good."""

    kind = Kind.UNAUTHENTICATED
    title = N_("Not signed in")
    detail = N_(
        "No valid credential came with the request. Send the header "
        "'Authorization: Bearer <API key>', or sign in at /sign-in. A key that was "
        "revoked or has expired must be replaced."
    )


@dataclass(frozen=True)
class KeyGiven:
    """An API key as it was sent."""

    text: str


@dataclass(frozen=True)
class CookieGiven:
    """A session cookie as it was sent."""

    text: str


Credential = KeyGiven | CookieGiven


@dataclass(frozen=True)
class Scope:
    """Whose data a caller sees, in which role, and how the trail names the caller."""

    organisation_id: OrganisationId
    organisation_public_id: str
    organisation_name: str
    role: Role
    actor: str
    language: str | None = None
    person_name: str | None = None

    def require(self, permission: Permission) -> None:
        """Go on only where the caller's role holds `permission`."""
        if permission not in PERMISSIONS[self.role]:
            raise NotAllowed(
                role=self.role,
                permission=permission,
                roles=", ".join(roles_that_may(permission)),
            )

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


KEY_OF = (
    select(
        ApiKey.public_id,
        ApiKey.role,
        ApiKey.secret_sha256,
        ApiKey.expires_at,
        ApiKey.revoked_at,
        Organisation.id.label("organisation_id"),
        Organisation.public_id.label("organisation_public_id"),
        Organisation.name.label("organisation_name"),
    )
    .join(Organisation, Organisation.id == ApiKey.organisation_id)
    .where(ApiKey.public_id == bindparam("public_id"))
)

SIGN_IN_OF = (
    select(
        Person.public_id,
        Person.name,
        Person.language,
        Member.role,
        SignIn.expires_at,
        SignIn.ended_at,
        Organisation.id.label("organisation_id"),
        Organisation.public_id.label("organisation_public_id"),
        Organisation.name.label("organisation_name"),
    )
    .join(Person, Person.id == SignIn.person_id)
    .join(Organisation, Organisation.id == SignIn.organisation_id)
    .join(
        Member,
        (Member.person_id == SignIn.person_id)
        & (Member.organisation_id == SignIn.organisation_id),
    )
    .where(SignIn.token_sha256 == bindparam("token_sha256"))
)


def scope_of(session: Session, credential: Credential | None) -> Scope:
    """Return the caller's Scope, or raise NotSignedIn. Nothing else makes a Scope."""
    match credential:
        case KeyGiven(text):
            return _scope_of_key(session, text)
        case CookieGiven(text):
            return _scope_of_cookie(session, text)
        case None:
            raise NotSignedIn


def split_key(text: str) -> tuple[str, str]:
    """Return the public id and the secret of a key, or raise NotSignedIn."""
    mark, _, rest = text.partition("_")
    name, _, secret = rest.partition("_")
    if mark != KEY_MARK or not name or not secret:
        raise NotSignedIn
    return f"{KEY_MARK}_{name}", secret


def digest_of(secret: str) -> bytes:
    """Return what is kept of a random secret: it needs no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _scope_of_key(session: Session, text: str) -> Scope:
    public_id, secret = split_key(text)
    found = session.execute(KEY_OF, {"public_id": public_id}).one_or_none()
    if found is None or not hmac.compare_digest(found.secret_sha256, digest_of(secret)):
        raise NotSignedIn
    if found.revoked_at or (found.expires_at and found.expires_at <= clock.now()):
        raise NotSignedIn
    return Scope(
        organisation_id=OrganisationId(found.organisation_id),
        organisation_public_id=found.organisation_public_id,
        organisation_name=found.organisation_name,
        role=Role(found.role),
        actor=found.public_id,
    )


def _scope_of_cookie(session: Session, text: str) -> Scope:
    found = session.execute(SIGN_IN_OF, {"token_sha256": digest_of(text)}).one_or_none()
    if found is None or found.ended_at or found.expires_at <= clock.now():
        raise NotSignedIn
    return Scope(
        organisation_id=OrganisationId(found.organisation_id),
        organisation_public_id=found.organisation_public_id,
        organisation_name=found.organisation_name,
        role=Role(found.role),
        actor=found.public_id,
        language=found.language,
        person_name=found.name,
    )
