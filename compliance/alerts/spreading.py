"""Whom an alert goes to: the receivers and members that it is for, one delivery each."""

import uuid
from datetime import datetime
from typing import cast

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from compliance import clock, jobs
from compliance.alerts.events import ALWAYS_TOLD, AlertEvent
from compliance.alerts.models import (
    Alert,
    AlertAudience,
    AlertDelivery,
    AlertMuted,
    AlertReceiver,
    AlertSpread,
    Channel,
    DeliveryState,
    ReceiverState,
)
from compliance.database import insert_new
from compliance.identifiers import OrganisationId, new_id, new_public_id
from compliance.identity.models import Membership, MembershipStatus
from compliance.jobs import Work

DELIVER = "alerts.deliver"
ALERT = select(Alert.id, Alert.public_id, Alert.event).where(
    Alert.owner_id == bindparam("organisation_id"),
    Alert.public_id == bindparam("public_id"),
)
ROLES = select(AlertAudience.role).where(
    AlertAudience.alert_id == bindparam("alert_id")
)
HAS_MUTED = exists().where(
    AlertMuted.person_id == Membership.person_id,
    AlertMuted.owner_id == Membership.organisation_id,
    AlertMuted.event == bindparam("event"),
)
IS_MEMBER = and_(
    Membership.organisation_id == bindparam("organisation_id"),
    Membership.status == MembershipStatus.ACTIVE,
)
MEMBERS = (
    select(Membership.person_id)
    .where(
        IS_MEMBER,
        exists().where(
            AlertAudience.alert_id == bindparam("alert_id"),
            AlertAudience.role == Membership.role,
        ),
        or_(bindparam("always"), ~HAS_MUTED),
    )
    .order_by(Membership.person_id)
)
RECEIVERS = (
    select(
        AlertReceiver.id, AlertReceiver.kind, AlertReceiver.events, AlertReceiver.roles
    )
    .where(
        AlertReceiver.owner_id == bindparam("organisation_id"),
        AlertReceiver.state == ReceiverState.ACTIVE,
    )
    .order_by(AlertReceiver.id)
)


def tell_all(session: Session, work: Work, *, has_mail: bool) -> int:
    """Send an alert on its way to everybody whom it is for; return how many are new."""
    organisation_id = OrganisationId(cast(uuid.UUID, work.organisation_id))
    mine = {"organisation_id": organisation_id}
    alert = session.execute(
        ALERT, {**mine, "public_id": str(work.arguments["alert"])}
    ).one()
    event = AlertEvent(alert.event)
    roles = frozenset(session.scalars(ROLES, {"alert_id": alert.id}))
    receivers = [
        (one.id, Channel(one.kind))
        for one in session.execute(RECEIVERS, mine)
        if wants(one.events, event) and any(wants(one.roles, role) for role in roles)
    ]
    made = [
        deliver(session, organisation_id, alert.id, channel, event, receiver_id=one)
        for one, channel in receivers
        if channel is Channel.WEBHOOK or has_mail
    ]
    if has_mail:
        bound = {
            **mine,
            "alert_id": alert.id,
            "event": event,
            "always": event in ALWAYS_TOLD,
        }
        made += [
            deliver(
                session, organisation_id, alert.id, Channel.MAIL, event, person_id=one
            )
            for one in session.scalars(MEMBERS, bound).all()
        ]
    insert_new(session, AlertSpread, alert_id=alert.id, owner_id=organisation_id)
    return sum(made)


def wants(named: str, one: str) -> bool:
    """Tell whether words parted by spaces name one; no words name all."""
    return not named or one in named.split()


def deliver(
    session: Session,
    organisation_id: OrganisationId,
    alert_id: uuid.UUID,
    channel: Channel,
    event: AlertEvent,
    *,
    receiver_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
) -> bool:
    """Send an alert to one receiver or member on its way, once for good."""
    public_id = new_public_id("delivery")
    is_new = insert_new(
        session,
        AlertDelivery,
        id=new_id(),
        public_id=public_id,
        owner_id=organisation_id,
        alert_id=alert_id,
        receiver_id=receiver_id,
        person_id=person_id,
        channel=channel,
        state=DeliveryState.WAITING,
        attempts=0,
        created_at=clock.now(),
    )
    if is_new:
        ask_for_attempt(session, organisation_id, public_id, 1, event)
    return is_new


def ask_for_attempt(
    session: Session,
    organisation_id: OrganisationId | None,
    delivery: str,
    number: int,
    event: AlertEvent,
    *,
    at: datetime | None = None,
    replayed_at: datetime | None = None,
) -> None:
    """Ask for the attempt of this number since the delivery was last asked for."""
    since = "" if replayed_at is None else f"{replayed_at.isoformat()}#"
    jobs.enqueue(
        session,
        kind=DELIVER,
        organisation_id=organisation_id,
        arguments={"delivery": delivery},
        dedup_key=f"{delivery}#{since}{number}",
        run_at=at,
        # What has to be told now goes first, and a backlog holds up nothing else.
        priority=1 if event is AlertEvent.ZERO_TOLERANCE else -1,
    )
