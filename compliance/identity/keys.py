"""API keys of an organisation: a role of their own, a secret that is shown once."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.database import Page
from compliance.identity.actions import IssuedKey, issue_key
from compliance.identity.granting import require_within
from compliance.identity.models import ApiKey, Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.texts import N_


class KeyState(StrEnum):
    """Whether a key, or a client, is let in."""

    IN_FORCE = "in_force"
    REVOKED = "revoked"
    EXPIRED = "expired"


class KeyNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such key")
    detail = N_(
        "Your organisation has no key {key}. GET /v1/keys lists them by the beginning "
        "of their text."
    )


class AlreadyOver(Problem):
    """Something that is to expire would have expired when it is made."""

    kind = Kind.INVALID
    title = N_("The end is not in the future")
    detail = N_("'expires_at' is {expires_at}; give an instant after {now}.")


@dataclass(frozen=True)
class KeyRecord:
    """A key as its organisation knows it: all but the secret."""

    id: uuid.UUID
    public_id: str
    label: str
    role: Role
    state: KeyState
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: date | None


KEYS = select(
    ApiKey.id,
    ApiKey.public_id,
    ApiKey.label,
    ApiKey.role,
    ApiKey.created_at,
    ApiKey.expires_at,
    ApiKey.revoked_at,
    ApiKey.last_used_on,
).where(ApiKey.organisation_id == bindparam("organisation_id"))


def create_key(
    session: Session,
    scope: Scope,
    *,
    label: str,
    role: Role,
    expires_at: datetime | None = None,
) -> tuple[KeyRecord, IssuedKey]:
    """Make a key of a role within the caller's own; the secret is in the answer alone."""
    scope.require(Permission.MANAGE_KEYS)
    require_within(scope.permissions, role)
    require_future(expires_at)
    issued = issue_key(
        session,
        organisation_id=scope.organisation_id,
        role=role,
        label=label,
        expires_at=expires_at,
        actor=scope.actor,
    )
    return key(session, scope, issued.public_id), issued


def require_future(expires_at: datetime | None) -> None:
    """Go on only where something would still be good for a while."""
    if expires_at is not None and expires_at <= clock.now():
        now = clock.now().isoformat(timespec="seconds")
        raise AlreadyOver(expires_at=expires_at.isoformat(), now=now)


def keys(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    role: Role | None = None,
) -> Page[KeyRecord]:
    """Return a page of the organisation's keys, revoked ones too, the oldest first."""
    scope.require(Permission.MANAGE_KEYS)
    bound = {"organisation_id": scope.organisation_id}
    return LISTED.page(session, bound, rows=rows, after=after, wanted={"role": role})


def key(session: Session, scope: Scope, public_id: str) -> KeyRecord:
    """Return one key of the organisation, or raise KeyNotFound."""
    scope.require(Permission.MANAGE_KEYS)
    bound = {"organisation_id": scope.organisation_id}
    return LISTED.one(session, bound, public_id, KeyNotFound(key=public_id))


def revoke_one_key(session: Session, scope: Scope, public_id: str) -> None:
    """Let a key in no more; revoking it twice is no mistake."""
    known = key(session, scope, public_id)
    if known.revoked_at is not None:
        return
    session.execute(
        update(ApiKey).where(ApiKey.id == known.id).values(revoked_at=clock.now())
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="key.revoked",
        subject_id=public_id,
    )


def state_of(expires_at: datetime | None, revoked_at: datetime | None) -> KeyState:
    """Return whether a credential is let in at this instant."""
    if revoked_at is not None:
        return KeyState.REVOKED
    if expires_at is not None and expires_at <= clock.now():
        return KeyState.EXPIRED
    return KeyState.IN_FORCE


def _record(row: Row[*tuple[Any, ...]]) -> KeyRecord:
    return KeyRecord(
        id=row.id,
        public_id=row.public_id,
        label=row.label,
        role=Role(row.role),
        state=state_of(row.expires_at, row.revoked_at),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_on=row.last_used_on,
    )


LISTED = Listing(KEYS, ApiKey.id, ApiKey.public_id, _record, equal_to(role=ApiKey.role))
