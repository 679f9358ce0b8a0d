"""Sending a program again what it may have lost, and giving it another secret."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.alerts.delivering import place_of
from compliance.alerts.events import AlertEvent
from compliance.alerts.models import (
    Alert,
    AlertAudience,
    AlertDelivery,
    AlertReceiver,
    Channel,
    DeliveryState,
    ReceiverState,
)
from compliance.alerts.receivers import (
    MadeReceiver,
    ReceiverIsStill,
    locked_receiver,
    receiver,
)
from compliance.alerts.spreading import ask_for_attempt, deliver, wants
from compliance.alerts.webhooks import new_secret
from compliance.identity.models import Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.sealing import Keyring, data_key, seal, unseal
from compliance.texts import N_


class NothingToReplayFrom(Problem):
    kind = Kind.INVALID
    title = N_("Nothing can be sent again from there")
    detail = N_(
        "'after' is {after}, which is no alert of your organisation. Take the id of the "
        "last alert that arrived, or an instant with its zone."
    )


class SignsNothing(Problem):
    kind = Kind.CONFLICT
    title = N_("This receiver has no secret")
    detail = N_("{receiver} is a mail box; only what goes to a program is signed.")


@dataclass(frozen=True)
class Replayed:
    """How many alerts are on their way again, the last of them, and whether that is all."""

    alerts: int
    last: str | None
    is_all: bool


SINCE = select(Alert.id).where(
    Alert.owner_id == bindparam("organisation_id"),
    Alert.public_id == bindparam("after"),
)
TOLD_TO_ROLES = exists().where(
    AlertAudience.alert_id == Alert.id,
    AlertAudience.role.in_(bindparam("roles", expanding=True)),
)
TO_REPLAY = (
    select(
        Alert.id,
        Alert.public_id,
        Alert.event,
        AlertDelivery.id.label("delivery_id"),
        AlertDelivery.public_id.label("delivery"),
        AlertDelivery.state,
    )
    .outerjoin(
        AlertDelivery,
        (AlertDelivery.alert_id == Alert.id)
        & (AlertDelivery.receiver_id == bindparam("receiver_id")),
    )
    .where(
        Alert.owner_id == bindparam("organisation_id"),
        Alert.event.in_(bindparam("events", expanding=True)),
        TOLD_TO_ROLES,
    )
    .order_by(Alert.id)
    .limit(limits.ALERT_REPLAY + 1)
)
AFTER_ONE = TO_REPLAY.where(Alert.id > bindparam("after_id"))
FROM_THEN = TO_REPLAY.where(Alert.at >= bindparam("since"))


def replay(
    session: Session, scope: Scope, public_id: str, *, after: str | datetime
) -> Replayed:
    """Send a receiver again what happened after an alert, or from an instant on.

    In the order in which it happened and under the same ids; what the receiver was not
    sent, because it had been stopped, comes too. `limits.ALERT_REPLAY` at a time: where
    that is not all, go on after `last`. Raises NothingToReplayFrom and ReceiverIsStill.
    """
    scope.require(Permission.MANAGE_ALERTS)
    found = locked_receiver(session, scope, public_id)
    if found.state != ReceiverState.ACTIVE:
        raise ReceiverIsStill(receiver=public_id, state=found.state)
    bound: dict[str, object] = {
        "organisation_id": scope.organisation_id,
        "receiver_id": found.id,
        "events": [one for one in AlertEvent if wants(found.events, one)],
        "roles": [one for one in Role if wants(found.roles, one)],
    }
    if isinstance(after, datetime):
        rows = session.execute(FROM_THEN, {**bound, "since": after}).all()
    else:
        after_id = session.scalar(SINCE, {**bound, "after": after})
        if after_id is None:
            raise NothingToReplayFrom(after=after[:40])
        rows = session.execute(AFTER_ONE, {**bound, "after_id": after_id}).all()
    some = rows[: limits.ALERT_REPLAY]
    now = clock.now()
    for row in some:
        if row.delivery_id is None:
            deliver(
                session,
                scope.organisation_id,
                row.id,
                Channel(found.kind),
                AlertEvent(row.event),
                receiver_id=found.id,
            )
        elif row.state != DeliveryState.WAITING:
            session.execute(
                update(AlertDelivery)
                .where(AlertDelivery.id == row.delivery_id)
                .values(
                    state=DeliveryState.WAITING,
                    attempts=0,
                    replayed_at=now,
                    delivered_at=None,
                )
            )
            ask_for_attempt(
                session,
                scope.organisation_id,
                row.delivery,
                1,
                AlertEvent(row.event),
                replayed_at=now,
            )
    _record(session, scope, "alert_receiver.replayed", public_id, alerts=len(some))
    last = some[-1].public_id if some else None
    return Replayed(len(some), last, is_all=len(rows) <= limits.ALERT_REPLAY)


def rotate_secret(
    session: Session, scope: Scope, keyring: Keyring, public_id: str
) -> MadeReceiver:
    """Give a webhook another secret, told this once; for a day both sign its messages.

    Of three only the last two sign. Raises SignsNothing for a mail box.
    """
    scope.require(Permission.MANAGE_ALERTS)
    found = locked_receiver(session, scope, public_id)
    if found.key_id is None or found.secret_sealed is None:
        raise SignsNothing(receiver=public_id)
    key, place = data_key(session, keyring, found.key_id), place_of(public_id)
    # Read before it is kept on: what cannot be opened must not sign.
    former = unseal(key.secret, found.secret_sealed, place)
    secret = new_secret()
    session.execute(
        update(AlertReceiver)
        .where(AlertReceiver.id == found.id)
        .values(
            secret_sealed=seal(key.secret, secret.encode(), place),
            former_sealed=seal(key.secret, former, place),
            former_until=clock.now() + timedelta(hours=limits.ALERT_FORMER_HOURS),
        )
    )
    _record(session, scope, "alert_receiver.secret_changed", public_id)
    return MadeReceiver(receiver(session, scope, public_id), secret)


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
