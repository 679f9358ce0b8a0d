"""Devices of auditors: let in by a code that is shown once, seen, and let in no more."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.database import Instant, Page
from compliance.identifiers import new_id, new_public_id, random_word
from compliance.identity.auditors import auditor_named
from compliance.identity.digest import ha1_of
from compliance.identity.granting import require_within
from compliance.identity.keys import require_future
from compliance.identity.models import Device, DeviceSighting, Person, Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import DEVICE_PERMISSIONS, Scope, digest_of
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.texts import N_

SECRET_CHARACTERS = 52  # 260 random bits


class DeviceNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such device")
    detail = N_(
        "Your organisation has no device {device}. GET /v1/devices lists those it has."
    )


class DeviceTooLong(Problem):
    """Nobody remembers a phone after years; a code is made again in a minute."""

    kind = Kind.INVALID
    title = N_("A device is not let in for so long")
    detail = N_("'expires_at' is {expires_at}; give an instant up to {latest}.")


class DeviceState(StrEnum):
    WAITING = "waiting"
    """Its code was made and nobody has used it yet."""
    IN_USE = "in_use"
    LAPSED = "lapsed"
    """Nobody used its code in time."""
    EXPIRED = "expired"
    REVOKED = "revoked"


class Way(StrEnum):
    """How a device shows that it is the one that was let in."""

    ADDRESS = "address"
    """By an address that nobody can guess: what the code holds unless told otherwise."""
    PASSWORD = "password"  # noqa: S105 - the name of the way
    """By a name and a password, for servers without https and for older apps."""


@dataclass(frozen=True)
class DeviceRecord:
    """A device as its organisation knows it: all but the secret."""

    id: uuid.UUID
    public_id: str
    label: str
    person: str | None
    person_name: str | None
    way: Way
    state: DeviceState
    enrolled_by: str
    enrolled_at: datetime
    unused_until: datetime
    expires_at: datetime
    revoked_at: datetime | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    user_agent: str | None


@dataclass(frozen=True)
class Enrolled:
    """A device at the one moment when its secret is known."""

    device: DeviceRecord
    secret: str


NOW = bindparam("now", type_=Instant())
STATE = case(
    (Device.revoked_at.is_not(None), DeviceState.REVOKED.value),
    (Device.expires_at <= NOW, DeviceState.EXPIRED.value),
    (DeviceSighting.first_seen_at.is_not(None), DeviceState.IN_USE.value),
    (Device.unused_until <= NOW, DeviceState.LAPSED.value),
    else_=DeviceState.WAITING.value,
)
DEVICES = (
    select(
        Device.id,
        Device.public_id,
        Device.label,
        Person.public_id.label("person"),
        Person.name.label("person_name"),
        case(
            (Device.ha1.is_not(None), Way.PASSWORD.value), else_=Way.ADDRESS.value
        ).label("way"),
        STATE.label("state"),
        Device.enrolled_by,
        Device.enrolled_at,
        Device.unused_until,
        Device.expires_at,
        Device.revoked_at,
        DeviceSighting.first_seen_at,
        DeviceSighting.last_seen_at,
        DeviceSighting.user_agent,
    )
    .join(DeviceSighting, DeviceSighting.device_id == Device.id)
    .outerjoin(Person, Person.id == Device.person_id)
    .where(Device.owner_id == bindparam("owner_id"))
)


def enrol(
    session: Session,
    scope: Scope,
    *,
    label: str,
    person: str | None = None,
    way: Way = Way.ADDRESS,
    expires_at: datetime | None = None,
) -> Enrolled:
    """Let a device in, for a person (public id) or for nobody in particular.

    Its secret is in the answer and nowhere else. Who lets a device in must be allowed
    what the device will be.
    """
    scope.require(Permission.MANAGE_FIELDWORK)
    require_within(scope.permissions, Role.AUDITOR, DEVICE_PERMISSIONS)
    now = clock.now()
    expires_at = expires_at or now + timedelta(days=limits.DEVICE_DAYS)
    _require_an_end(expires_at, now)
    auditor = auditor_named(session, scope, person) if person else None
    identifier, public_id = new_id(), new_public_id("device")
    secret = random_word(SECRET_CHARACTERS)
    is_by_address = way is Way.ADDRESS
    session.execute(
        insert(Device).values(
            id=identifier,
            public_id=public_id,
            owner_id=scope.organisation_id,
            person_id=auditor.id if auditor else None,
            label=label,
            token_sha256=digest_of(secret) if is_by_address else None,
            ha1=None if is_by_address else ha1_of(public_id, secret),
            enrolled_by=scope.actor,
            enrolled_at=now,
            unused_until=now + timedelta(hours=limits.DEVICE_UNUSED_HOURS),
            expires_at=expires_at,
        )
    )
    session.execute(
        insert(DeviceSighting).values(
            device_id=identifier, owner_id=scope.organisation_id
        )
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="device.enrolled",
        subject_id=public_id,
        person=person,
        way=way,
        expires_at=expires_at.isoformat(),
    )
    return Enrolled(device(session, scope, public_id), secret)


def _require_an_end(expires_at: datetime, now: datetime) -> None:
    require_future(expires_at)
    latest = now + timedelta(days=limits.DEVICE_DAYS_LONGEST)
    if expires_at > latest:
        raise DeviceTooLong(
            expires_at=expires_at.isoformat(),
            latest=latest.isoformat(timespec="seconds"),
        )


def devices(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    person: str | None = None,
    state: DeviceState | None = None,
) -> Page[DeviceRecord]:
    """Return a page of the organisation's devices, revoked ones too, the oldest first."""
    scope.require(Permission.MANAGE_FIELDWORK)
    return LISTED.page(
        session,
        _bound(scope),
        rows=rows,
        after=after,
        wanted={"person": person, "state": state},
    )


def device(session: Session, scope: Scope, public_id: str) -> DeviceRecord:
    """Return one device of the organisation, or raise DeviceNotFound."""
    scope.require(Permission.MANAGE_FIELDWORK)
    missing = DeviceNotFound(device=public_id)
    return LISTED.one(session, _bound(scope), public_id, missing)


def revoke_device(session: Session, scope: Scope, public_id: str) -> DeviceRecord:
    """Let a device in no more, from the next request on; twice is no mistake.

    What it sent stays, and what it still holds can be sent after a new code.
    """
    known = device(session, scope, public_id)
    if known.revoked_at is not None:
        return known
    session.execute(
        update(Device)
        .where(and_(Device.id == known.id, Device.revoked_at.is_(None)))
        .values(revoked_at=clock.now(), revoked_by=scope.actor)
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="device.revoked",
        subject_id=public_id,
    )
    return device(session, scope, public_id)


def _bound(scope: Scope) -> dict[str, object]:
    return {"owner_id": scope.organisation_id, "now": clock.now()}


def _record(row: Row[*tuple[Any, ...]]) -> DeviceRecord:
    return DeviceRecord(
        **{**row._asdict(), "way": Way(row.way), "state": DeviceState(row.state)}
    )


LISTED = Listing(
    DEVICES,
    Device.id,
    Device.public_id,
    _record,
    equal_to(person=Person.public_id, state=STATE),
)
