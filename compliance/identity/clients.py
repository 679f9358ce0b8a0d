"""Programs that fetch access tokens (OAuth 2, client credentials, RFC 6749, 4.4)."""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.database import Page
from compliance.identifiers import OrganisationId, new_id, new_public_id, random_word
from compliance.identity.actions import SECRET_CHARACTERS
from compliance.identity.granting import (
    SCOPES,
    permissions_named,
    reach,
    require_within,
    written,
)
from compliance.identity.keys import KeyState, require_future, state_of
from compliance.identity.models import OauthClient, Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope, digest_of
from compliance.identity.signing import signing_key
from compliance.identity.tokens import make_token
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.texts import N_

# Compared with when there is no such client, so that both answers take the same time.
NO_SECRET = digest_of("no client has this secret")


class ClientNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such client")
    detail = N_(
        "Your organisation has no client {client}. GET /v1/clients lists those it has."
    )


class ScopeUnknown(Problem):
    kind = Kind.INVALID
    title = N_("There is no such scope")
    detail = N_("'{scope}' is no scope. There are: {scopes}.")


class ScopeBeyondRole(Problem):
    """A scope that the client's own role does not hold would be an empty promise."""

    kind = Kind.INVALID
    title = N_("The role does not reach as far as the scopes")
    detail = N_("The role {role} may not: {beyond}. Leave that out, or choose a role.")


class ClientRefused(Exception):
    """Who asks for a token is no client of ours, or no longer (RFC 6749, 5.2)."""


class ScopeRefused(Exception):
    """A token was asked for that may do more than its client (RFC 6749, 5.2)."""


@dataclass(frozen=True)
class ClientRecord:
    """A client as its organisation knows it: all but the secret."""

    id: uuid.UUID
    public_id: str
    name: str
    role: Role
    scopes: tuple[str, ...]
    state: KeyState
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: date | None


@dataclass(frozen=True)
class IssuedToken:
    """An access token at the one moment when it is known here."""

    text: str
    scope: str
    seconds: int


CLIENTS = select(
    OauthClient.id,
    OauthClient.public_id,
    OauthClient.name,
    OauthClient.role,
    OauthClient.scopes,
    OauthClient.created_at,
    OauthClient.expires_at,
    OauthClient.revoked_at,
    OauthClient.last_used_on,
).where(OauthClient.organisation_id == bindparam("organisation_id"))


def create_client(
    session: Session,
    scope: Scope,
    *,
    name: str,
    role: Role,
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ClientRecord, str]:
    """Make a client; return it and its secret, which is known at this moment alone.

    Without scopes it may do all that its role holds today.
    """
    scope.require(Permission.MANAGE_KEYS)
    wanted = reach(role) if scopes is None else _wanted(role, scopes)
    require_within(scope.permissions, role, wanted)
    require_future(expires_at)
    public_id, secret = new_public_id("client"), random_word(SECRET_CHARACTERS)
    session.execute(
        insert(OauthClient).values(
            id=new_id(),
            public_id=public_id,
            organisation_id=scope.organisation_id,
            name=name,
            role=role,
            scopes=written(wanted),
            secret_sha256=digest_of(secret),
            created_at=clock.now(),
            expires_at=expires_at,
        )
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="client.created",
        subject_id=public_id,
        role=role,
        scopes=written(wanted),
    )
    return client(session, scope, public_id), secret


def _wanted(role: Role, scopes: Sequence[str]) -> frozenset[Permission]:
    for word in scopes:
        if word not in SCOPES:
            raise ScopeUnknown(scope=word, scopes=" ".join(sorted(SCOPES)))
    wanted = frozenset(SCOPES[word] for word in scopes)
    if wanted - reach(role):
        raise ScopeBeyondRole(role=role, beyond=written(wanted - reach(role)))
    return wanted


def clients(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    role: Role | None = None,
) -> Page[ClientRecord]:
    """Return a page of the organisation's clients, revoked ones too, the oldest first."""
    scope.require(Permission.MANAGE_KEYS)
    return LISTED.page(
        session,
        {"organisation_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted={"role": role},
    )


def client(session: Session, scope: Scope, public_id: str) -> ClientRecord:
    """Return one client of the organisation, or raise ClientNotFound."""
    scope.require(Permission.MANAGE_KEYS)
    missing = ClientNotFound(client=public_id)
    return LISTED.one(
        session, {"organisation_id": scope.organisation_id}, public_id, missing
    )


def revoke_client(session: Session, scope: Scope, public_id: str) -> None:
    """Let a client in no more, nor any token it has; twice is no mistake."""
    known = client(session, scope, public_id)
    if known.revoked_at is not None:
        return
    session.execute(
        update(OauthClient)
        .where(OauthClient.id == known.id)
        .values(revoked_at=clock.now())
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="client.revoked",
        subject_id=public_id,
    )


def issue_token(
    session: Session,
    *,
    client_id: str,
    secret: str,
    scope: str | None,
    issuer: str,
    key_file: Path,
) -> IssuedToken:
    """Return an access token for a client that shows its secret.

    It is for the scopes asked for, or for all that the client has. Work of the product
    itself: whose client it is, only the database can tell.
    """
    found = session.execute(
        select(OauthClient).where(OauthClient.public_id == client_id)
    ).scalar_one_or_none()
    kept = NO_SECRET if found is None else found.secret_sha256
    is_right = hmac.compare_digest(kept, digest_of(secret))
    if found is None or not is_right:
        raise ClientRefused
    if state_of(found.expires_at, found.revoked_at) is not KeyState.IN_FORCE:
        raise ClientRefused
    granted = found.scopes if scope is None else _narrowed(found.scopes, scope)
    key = signing_key(session, key_file)
    text = make_token(
        key.key, key.kid, issuer=issuer, client_id=client_id, scope=granted
    )
    trail.record(
        session,
        organisation_id=OrganisationId(found.organisation_id),
        actor=client_id,
        action="token.issued",
        subject_id=client_id,
        scopes=granted,
    )
    return IssuedToken(text, granted, limits.TOKEN_SECONDS)


def _narrowed(held: str, asked: str) -> str:
    words = set(asked.split(" ")) - {""}
    if not words or not words <= set(held.split(" ")):
        raise ScopeRefused
    return written(permissions_named(asked))


def _record(row: Row[*tuple[Any, ...]]) -> ClientRecord:
    return ClientRecord(
        id=row.id,
        public_id=row.public_id,
        name=row.name,
        role=Role(row.role),
        scopes=tuple(row.scopes.split(" ")) if row.scopes else (),
        state=state_of(row.expires_at, row.revoked_at),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_on=row.last_used_on,
    )


LISTED = Listing(
    CLIENTS,
    OauthClient.id,
    OauthClient.public_id,
    _record,
    equal_to(role=OauthClient.role),
)
