"""Receivers of an organisation's alerts: mail boxes and programs, made and looked after."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.alerts.addresses import Network, check_address
from compliance.alerts.delivering import place_of
from compliance.alerts.events import AlertEvent
from compliance.alerts.models import (
    Alert,
    AlertDelivery,
    AlertReceiver,
    Channel,
    DeliveryState,
    ReceiverState,
)
from compliance.alerts.spreading import deliver
from compliance.alerts.webhooks import new_secret
from compliance.database import Page
from compliance.identifiers import new_id, new_public_id
from compliance.identity.models import Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.sealing import Keyring, destroy, new_data_key, seal
from compliance.texts import N_


class ReceiverNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such receiver of alerts")
    detail = N_(
        "No receiver of yours has the id {receiver}. GET /v1/alert-receivers lists them."
    )


class TooManyReceivers(Problem):
    kind = Kind.CONFLICT
    title = N_("There are too many receivers of alerts")
    detail = N_(
        "An organisation has {limit} at most. Remove one that nobody needs, or let one "
        "program hand alerts on."
    )


class ReceiverIsStill(Problem):
    kind = Kind.CONFLICT
    title = N_("This receiver is sent nothing")
    detail = N_(
        "{receiver} is {state}. Set its state to active first; one that was removed is "
        "made anew."
    )


@dataclass(frozen=True)
class ReceiverRecord:
    """A receiver, all but its secret."""

    public_id: str
    kind: Channel
    address: str
    language: str
    events: tuple[AlertEvent, ...]
    roles: tuple[Role, ...]
    state: ReceiverState
    failures: int
    rests_until: datetime | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class MadeReceiver:
    """A receiver that was just made, and what it checks our signature with."""

    receiver: ReceiverRecord
    secret: str | None = field(repr=False)


@dataclass(frozen=True)
class DeliveryRecord:
    """One alert on its way to a receiver, and how that went."""

    public_id: str
    alert: str
    event: AlertEvent
    subject: str
    state: DeliveryState
    attempts: int
    last_code: int | None
    last_fault: str | None
    created_at: datetime
    replayed_at: datetime | None
    tried_at: datetime | None
    delivered_at: datetime | None


IS_OURS = AlertReceiver.owner_id == bindparam("organisation_id")
IS_KEPT = AlertReceiver.state != ReceiverState.REMOVED
COUNT = select(func.count()).select_from(AlertReceiver).where(IS_OURS, IS_KEPT)
LOCKED = (
    select(AlertReceiver)
    .where(IS_OURS, IS_KEPT, AlertReceiver.public_id == bindparam("public_id"))
    .with_for_update()
)


def make_receiver(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    networks: Sequence[Network],
    *,
    kind: Channel,
    address: str,
    language: str,
    events: Collection[AlertEvent] = (),
    roles: Collection[Role] = (),
) -> MadeReceiver:
    """Let alerts be sent to an address; no events or roles named means all of them.

    Raises WebhookAddressRefused where the address can never be sent to, and
    TooManyReceivers. A webhook's secret is told this once.
    """
    scope.require(Permission.MANAGE_ALERTS)
    count = session.scalar(COUNT, {"organisation_id": scope.organisation_id}) or 0
    if count >= limits.ALERT_RECEIVERS:
        raise TooManyReceivers(limit=limits.ALERT_RECEIVERS)
    public_id, secret = new_public_id("receiver"), None
    sealed: dict[str, object] = {}
    if kind is Channel.WEBHOOK:
        check_address(address, networks)
        secret = new_secret()
        key = new_data_key(session, keyring, scope.organisation_id)
        sealed = {
            "key_id": key.id,
            "secret_sealed": seal(key.secret, secret.encode(), place_of(public_id)),
        }
    session.execute(
        insert(AlertReceiver).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            kind=kind,
            address=address,
            language=language,
            events=_written(events),
            roles=_written(roles),
            state=ReceiverState.ACTIVE,
            failures=0,
            created_by=scope.actor,
            created_at=clock.now(),
            **sealed,
        )
    )
    _record(session, scope, "alert_receiver.made", public_id, kind=kind)
    return MadeReceiver(receiver(session, scope, public_id), secret)


def change_receiver(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    state: ReceiverState | None = None,
    language: str | None = None,
    events: Collection[AlertEvent] | None = None,
    roles: Collection[Role] | None = None,
) -> ReceiverRecord:
    """Change what a receiver is told, stop it, or try again with one that had stopped.

    Its address and secret stay: another address is another receiver.
    """
    scope.require(Permission.MANAGE_ALERTS)
    before = locked_receiver(session, scope, public_id)
    given: Mapping[str, object | None] = {
        "state": state,
        "language": language,
        "events": None if events is None else _written(events),
        "roles": None if roles is None else _written(roles),
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if state is ReceiverState.ACTIVE:
        changes.update(failures=0, rests_until=None)
    if changes:
        session.execute(
            update(AlertReceiver).where(AlertReceiver.id == before.id).values(**changes)
        )
        _record(session, scope, "alert_receiver.changed", public_id, **changes)
    return receiver(session, scope, public_id)


def remove_receiver(session: Session, scope: Scope, public_id: str) -> None:
    """Send nothing more to a receiver, and forget what its messages were signed with."""
    scope.require(Permission.MANAGE_ALERTS)
    before = locked_receiver(session, scope, public_id)
    session.execute(
        update(AlertReceiver)
        .where(AlertReceiver.id == before.id)
        .values(state=ReceiverState.REMOVED, address="")
    )
    if before.key_id is not None:
        destroy(session, before.key_id)
    _record(session, scope, "alert_receiver.removed", public_id)


def send_test(session: Session, scope: Scope, public_id: str) -> str:
    """Send a receiver an alert that says it is only a test; return the alert's id."""
    scope.require(Permission.MANAGE_ALERTS)
    found = locked_receiver(session, scope, public_id)
    if found.state != ReceiverState.ACTIVE:
        raise ReceiverIsStill(receiver=public_id, state=found.state)
    alert_id, alert = new_id(), new_public_id("alert")
    session.execute(
        insert(Alert).values(
            id=alert_id,
            public_id=alert,
            owner_id=scope.organisation_id,
            event=AlertEvent.TEST,
            subject=public_id,
            at=clock.now(),
            occasion=f"test {alert}",
        )
    )
    deliver(
        session,
        scope.organisation_id,
        alert_id,
        Channel(found.kind),
        AlertEvent.TEST,
        receiver_id=found.id,
    )
    _record(session, scope, "alert_receiver.tested", public_id, alert=alert)
    return alert


def receiver(session: Session, scope: Scope, public_id: str) -> ReceiverRecord:
    """Return one receiver, without its secret."""
    scope.require(Permission.MANAGE_ALERTS)
    missing = ReceiverNotFound(receiver=public_id)
    return RECEIVERS.one(session, _mine(scope), public_id, missing)


def receivers(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    kind: Channel | None = None,
    state: ReceiverState | None = None,
) -> Page[ReceiverRecord]:
    """Return a page of the organisation's receivers, without those that were removed."""
    scope.require(Permission.MANAGE_ALERTS)
    wanted = {"kind": kind, "state": state}
    return RECEIVERS.page(session, _mine(scope), rows=rows, after=after, wanted=wanted)


def deliveries(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    rows: int,
    after: str | None = None,
    state: DeliveryState | None = None,
) -> Page[DeliveryRecord]:
    """Return a page of what was sent to a receiver, and how that went."""
    receiver(session, scope, public_id)
    bound = {**_mine(scope), "receiver": public_id}
    return DELIVERIES.page(
        session, bound, rows=rows, after=after, wanted={"state": state}
    )


def _mine(scope: Scope) -> Mapping[str, object]:
    return {"organisation_id": scope.organisation_id}


def locked_receiver(session: Session, scope: Scope, public_id: str) -> AlertReceiver:
    """Return a receiver that nobody else changes meanwhile, or raise ReceiverNotFound."""
    found = session.scalars(
        LOCKED, {**_mine(scope), "public_id": public_id}
    ).one_or_none()
    if found is None:
        raise ReceiverNotFound(receiver=public_id)
    return found


def _written(words: Collection[str]) -> str:
    return " ".join(sorted(words))


def _record(
    session: Session, scope: Scope, action: str, public_id: str, **facts: object
) -> None:
    """Write to the trail; never an address, which may be somebody's or hold a secret."""
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=action,
        subject_id=public_id,
        **{name: fact for name, fact in facts.items() if name != "rests_until"},
    )


def _receiver_record(row: Row[*tuple[Any, ...]]) -> ReceiverRecord:
    return ReceiverRecord(
        public_id=row.public_id,
        kind=Channel(row.kind),
        address=row.address,
        language=row.language,
        events=tuple(AlertEvent(one) for one in row.events.split()),
        roles=tuple(Role(one) for one in row.roles.split()),
        state=ReceiverState(row.state),
        failures=row.failures,
        rests_until=row.rests_until,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def _delivery_record(row: Row[*tuple[Any, ...]]) -> DeliveryRecord:
    return DeliveryRecord(
        public_id=row.public_id,
        alert=row.alert,
        event=AlertEvent(row.event),
        subject=row.subject,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        last_code=row.last_code,
        last_fault=row.last_fault,
        created_at=row.created_at,
        replayed_at=row.replayed_at,
        tried_at=row.tried_at,
        delivered_at=row.delivered_at,
    )


RECEIVERS = Listing(
    select(
        AlertReceiver.id,
        AlertReceiver.public_id,
        AlertReceiver.kind,
        AlertReceiver.address,
        AlertReceiver.language,
        AlertReceiver.events,
        AlertReceiver.roles,
        AlertReceiver.state,
        AlertReceiver.failures,
        AlertReceiver.rests_until,
        AlertReceiver.created_by,
        AlertReceiver.created_at,
    ).where(IS_OURS, IS_KEPT),
    AlertReceiver.id,
    AlertReceiver.public_id,
    _receiver_record,
    equal_to(kind=AlertReceiver.kind, state=AlertReceiver.state),
)
DELIVERIES = Listing(
    select(
        AlertDelivery.id,
        AlertDelivery.public_id,
        Alert.public_id.label("alert"),
        Alert.event,
        Alert.subject,
        AlertDelivery.state,
        AlertDelivery.attempts,
        AlertDelivery.last_code,
        AlertDelivery.last_fault,
        AlertDelivery.created_at,
        AlertDelivery.replayed_at,
        AlertDelivery.tried_at,
        AlertDelivery.delivered_at,
    )
    .join(Alert, Alert.id == AlertDelivery.alert_id)
    .join(AlertReceiver, AlertReceiver.id == AlertDelivery.receiver_id)
    .where(IS_OURS, AlertReceiver.public_id == bindparam("receiver")),
    AlertDelivery.id,
    AlertDelivery.public_id,
    _delivery_record,
    equal_to(state=AlertDelivery.state),
)
