"""The Scope of a caller: whose data it sees and what it may do with them.

Every query and every action takes a Scope, and only `scope_of` makes one, so that
tenancy cannot be forgotten.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.database import (
    as_system,
    has_walls,
    is_limited_to,
    limit_to,
    limiting,
    note_limit,
)
from compliance.identifiers import OrganisationId, PersonId
from compliance.identity.granting import permissions_named, written
from compliance.identity.models import (
    ApiKey,
    Device,
    DeviceSighting,
    MembershipStatus,
    OauthClient,
    Organisation,
    Person,
    Role,
    SignIn,
    SigningKey,
)
from compliance.identity.models import Membership as Member
from compliance.identity.permissions import (
    PERMISSIONS,
    NotAllowed,
    Permission,
    roles_that_may,
)
from compliance.identity.tokens import Claims, Verifier, kid_named
from compliance.problems import Kind, Problem
from compliance.texts import N_

KEY_MARK = "atl"
SYSTEM = "system"
IDLE = timedelta(minutes=limits.SESSION_IDLE_MINUTES)


class NotSignedIn(Problem):
    """No credential, or one that is not, or no longer, good."""

    kind = Kind.UNAUTHENTICATED
    title = N_("Not signed in")
    detail = N_(
        "No valid credential came with the request. Send the header "
        "'Authorization: Bearer <API key or access token>', or sign in at /sign-in. A "
        "key that was revoked or has expired must be replaced."
    )


class TokenNotGood(NotSignedIn):
    """An access token that is not ours, has expired, or whose client was revoked."""

    title = N_("The access token is not good, or no longer")
    detail = N_(
        "Fetch a fresh access token at /oauth/token. Where that is refused too, the "
        "client was revoked or has expired: ask an administrator of your organisation."
    )


class DeviceNotLetIn(Problem):
    """The address of a device that was never made, was not used in time, or is over."""

    kind = Kind.FORBIDDEN
    title = N_("This device is not let in, or no longer")
    detail = N_(
        "The code this app was set up with is not valid any more. Nothing on the device "
        "is lost: ask your supervisor for a new code and scan it in the same app."
    )


class ScopeTooNarrow(Problem):
    """The role would do; the access token was made for less."""

    kind = Kind.FORBIDDEN
    title = N_("The access token was not made for this")
    detail = N_(
        "This needs the scope {needed}; the token has: {scope}. Ask for it at "
        "/oauth/token, or have a client made that may."
    )


@dataclass(frozen=True)
class KeyGiven:
    """An API key as it was sent."""

    text: str


@dataclass(frozen=True)
class CookieGiven:
    """A session cookie as it was sent."""

    text: str


@dataclass(frozen=True)
class TokenGiven:
    """An access token as it was sent, and who knows whether it is one of ours."""

    text: str
    verifier: Verifier


@dataclass(frozen=True)
class DeviceAddressGiven:
    """The secret of the address a device came by, and what program it says it is."""

    token: str
    user_agent: str | None = None


@dataclass(frozen=True)
class DeviceNamed:
    """The name of a device, and what tells of an HA1 whether its password was known."""

    name: str
    is_proven_by: Callable[[bytes], bool]
    user_agent: str | None = None


Credential = KeyGiven | CookieGiven | TokenGiven | DeviceAddressGiven | DeviceNamed
# What a device may do, whoever carries it: fetch what it needs, and send. What it sends
# is assessed at once beside what was found before; OpenRosa tells it nothing of that.
DEVICE_PERMISSIONS = frozenset(
    {
        Permission.READ_REGISTER,
        Permission.READ_CHECKLISTS,
        Permission.SUBMIT_VISITS,
        Permission.READ_VISITS,
        Permission.READ_FINDINGS,
    }
)
NO_HA1 = bytes(16)


@dataclass(frozen=True)
class Scope:
    """Whose data a caller sees, in which role, and how the trail names the caller.

    An access token may be for less than its role: `granted` then says for what.
    """

    organisation_id: OrganisationId
    organisation_public_id: str
    organisation_name: str
    role: Role
    actor: str
    language: str | None = None
    person_name: str | None = None
    person_id: PersonId | None = None
    granted: frozenset[Permission] | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that the caller may do: what the role holds and the token was made for."""
        held = PERMISSIONS[self.role]
        return held if self.granted is None else held & self.granted

    def require(self, permission: Permission) -> None:
        """Go on only where the caller's role holds `permission`, and its token too."""
        if permission not in PERMISSIONS[self.role]:
            raise NotAllowed(
                role=self.role,
                permission=permission,
                roles=", ".join(roles_that_may(permission)),
            )
        if self.granted is not None and permission not in self.granted:
            raise ScopeTooNarrow(
                needed=written({permission}), scope=written(self.granted)
            )

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


ITS_ORGANISATION = (
    Organisation.id.label("organisation_id"),
    Organisation.public_id.label("organisation_public_id"),
    Organisation.name.label("organisation_name"),
)
# Asked for at every request, so that a key that was revoked is out at the next one. The
# secret is a long random word, so that comparing its hash tells nothing about it.
KEY_IN_FORCE = (
    select(
        ApiKey.public_id,
        ApiKey.role,
        *ITS_ORGANISATION,
    )
    .join(Organisation, Organisation.id == ApiKey.organisation_id)
    .where(
        ApiKey.public_id == bindparam("public_id"),
        ApiKey.secret_sha256 == bindparam("secret_sha256"),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now")),
    )
)
KEY_AND_LIMIT = limiting(KEY_IN_FORCE, Organisation.id)

SIGN_IN_OF = (
    select(
        Person.id.label("person_id"),
        Person.public_id,
        Person.name,
        Person.language,
        Member.role,
        SignIn.last_seen_at,
        SignIn.expires_at,
        SignIn.ended_at,
        *ITS_ORGANISATION,
    )
    .join(Person, Person.id == SignIn.person_id)
    .join(Organisation, Organisation.id == SignIn.organisation_id)
    .join(
        Member,
        (Member.person_id == SignIn.person_id)
        & (Member.organisation_id == SignIn.organisation_id)
        & (Member.status == MembershipStatus.ACTIVE),
    )
    .where(SignIn.token_sha256 == bindparam("token_sha256"))
)

PUBLIC_JWK_OF = select(SigningKey.public_jwk).where(SigningKey.kid == bindparam("kid"))

# Asked for at every request, so that a client that was revoked is out at the next one,
# and so is a signing key that is no longer honoured.
CLIENT_OF = (
    select(
        OauthClient.public_id,
        OauthClient.role,
        OauthClient.scopes,
        OauthClient.expires_at,
        OauthClient.revoked_at,
        *ITS_ORGANISATION,
    )
    .join(Organisation, Organisation.id == OauthClient.organisation_id)
    .join(SigningKey, SigningKey.kid == bindparam("kid"))
    .where(
        OauthClient.public_id == bindparam("public_id"),
        or_(
            SigningKey.honoured_until.is_(None),
            SigningKey.honoured_until > bindparam("now"),
        ),
    )
)

# A device of a person who is not, or no longer, an auditor here finds no role.
DEVICES = (
    select(
        Device.public_id,
        Device.ha1,
        Device.person_id,
        Device.unused_until,
        Device.expires_at,
        Device.revoked_at,
        DeviceSighting.first_seen_at,
        Member.role,
        *ITS_ORGANISATION,
    )
    .join(Organisation, Organisation.id == Device.owner_id)
    .join(DeviceSighting, DeviceSighting.device_id == Device.id)
    .outerjoin(
        Member,
        (Member.person_id == Device.person_id)
        & (Member.organisation_id == Device.owner_id)
        & (Member.status == MembershipStatus.ACTIVE),
    )
)
DEVICE_BY_TOKEN = DEVICES.where(Device.token_sha256 == bindparam("token_sha256"))
DEVICE_BY_NAME = DEVICES.where(
    Device.public_id == bindparam("public_id"), Device.ha1.is_not(None)
)

ORGANISATION_OF = select(*ITS_ORGANISATION).where(Organisation.id == bindparam("id"))


def scope_of(session: Session, credential: Credential | None) -> Scope:
    """Return the caller's Scope, or raise NotSignedIn. Nothing else makes a Scope.

    From then on the transaction sees what the caller's organisation may, and no more.
    """
    with as_system(session):  # whose request it is, only its credential tells
        scope = _scope_of(session, credential)
        if not is_limited_to(session, scope.organisation_id):
            limit_to(session, scope.organisation_id)
    return scope


def scope_of_system(session: Session, organisation_id: OrganisationId) -> Scope:
    """Return the Scope of the product itself at work for an organisation.

    For background jobs. What an organisation's administrator may do, it may; the trail
    names it `system`. From then on the transaction sees that organisation's part alone.
    """
    with as_system(session):
        found = session.execute(ORGANISATION_OF, {"id": organisation_id}).one()
        limit_to(session, organisation_id)
    return _scope(found, Role.ADMINISTRATOR, SYSTEM)


def _scope_of(session: Session, credential: Credential | None) -> Scope:
    match credential:
        case KeyGiven(text):
            return _scope_of_key(session, text)
        case CookieGiven(text):
            return _scope_of_cookie(session, text)
        case TokenGiven(text, verifier):
            return _scope_of_token(session, text, verifier)
        case DeviceAddressGiven(token):
            return _scope_of_address(session, token)
        case DeviceNamed():
            return _scope_of_named(session, credential)
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
    now = clock.now()
    wanted = {
        "public_id": public_id,
        "secret_sha256": digest_of(secret),
        "now": now,
        "limited_at": now.isoformat(),
    }
    statement = KEY_AND_LIMIT if has_walls(session) else KEY_IN_FORCE
    found = session.execute(statement, wanted).one_or_none()
    if found is None:
        raise NotSignedIn
    note_limit(session, found.organisation_id)
    return _scope(found, Role(found.role), found.public_id)


def _scope_of_cookie(session: Session, text: str) -> Scope:
    found = session.execute(SIGN_IN_OF, {"token_sha256": digest_of(text)}).one_or_none()
    if found is None or _is_over(found.ended_at, found.expires_at):
        raise NotSignedIn
    if found.last_seen_at + IDLE <= clock.now():
        raise NotSignedIn
    return _scope(
        found,
        Role(found.role),
        found.public_id,
        language=found.language,
        person_name=found.name,
        person_id=PersonId(found.person_id),
    )


def _scope_of_token(session: Session, text: str, verifier: Verifier) -> Scope:
    claims = verifier.known(text) or _verified(session, text, verifier)
    if claims is None:
        raise TokenNotGood
    found = session.execute(
        CLIENT_OF,
        {"public_id": claims.client_id, "kid": claims.kid, "now": clock.now()},
    ).one_or_none()
    if found is None or _is_over(found.revoked_at, found.expires_at):
        raise TokenNotGood
    granted = permissions_named(claims.scope) & permissions_named(found.scopes)
    return _scope(found, Role(found.role), found.public_id, granted=granted)


def _verified(session: Session, text: str, verifier: Verifier) -> Claims | None:
    kid = kid_named(text)
    public_jwk = session.scalar(PUBLIC_JWK_OF, {"kid": kid}) if kid else None
    return verifier.verify(text, public_jwk) if public_jwk else None


def _scope_of_address(session: Session, token: str) -> Scope:
    found = session.execute(
        DEVICE_BY_TOKEN, {"token_sha256": digest_of(token)}
    ).one_or_none()
    if found is None or not _is_let_in(found):
        raise DeviceNotLetIn
    return _scope_of_device(found)


def _scope_of_named(session: Session, named: DeviceNamed) -> Scope:
    found = session.execute(DEVICE_BY_NAME, {"public_id": named.name}).one_or_none()
    # Weighed in any case, so that a wrong name takes as long as a wrong password.
    is_proven = named.is_proven_by(NO_HA1 if found is None else found.ha1)
    if found is None or not is_proven or not _is_let_in(found):
        raise NotSignedIn
    return _scope_of_device(found)


def _is_let_in(found: Row[*tuple[Any, ...]]) -> bool:
    if _is_over(found.revoked_at, found.expires_at):
        return False
    if found.first_seen_at is None and found.unused_until <= clock.now():
        return False
    is_nobodys = found.person_id is None
    return is_nobodys or found.role in roles_that_may(Permission.SUBMIT_VISITS)


def _scope_of_device(found: Row[*tuple[Any, ...]]) -> Scope:
    person_id = None if found.person_id is None else PersonId(found.person_id)
    return _scope(
        found,
        Role.AUDITOR,
        found.public_id,
        person_id=person_id,
        granted=DEVICE_PERMISSIONS,
    )


def _is_over(ended_at: datetime | None, expires_at: datetime | None) -> bool:
    return ended_at is not None or (
        expires_at is not None and expires_at <= clock.now()
    )


def _scope(found: Row[*tuple[Any, ...]], role: Role, actor: str, **rest: Any) -> Scope:
    return Scope(
        organisation_id=OrganisationId(found.organisation_id),
        organisation_public_id=found.organisation_public_id,
        organisation_name=found.organisation_name,
        role=role,
        actor=actor,
        **rest,
    )
