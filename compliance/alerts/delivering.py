"""Alerts on their way out, as jobs: each attempt to send one to one receiver.

An attempt speaks to the outside holding no transaction that writes, and what came of it
is committed with the job, and with the job of the next attempt. What kills the process
between the receiver's yes and that commit makes it be sent again, under the same id.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy import (
    Row,
    Table,
    and_,
    bindparam,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from compliance import clock, limits
from compliance.alerts.actions import TELL
from compliance.alerts.addresses import Network, networks_of
from compliance.alerts.events import AlertEvent
from compliance.alerts.following import still_follows
from compliance.alerts.mailing import Letter, MailBox, mail_box_of, send_mail
from compliance.alerts.models import (
    Alert,
    AlertDelivery,
    AlertReceiver,
    AlertSpread,
    Channel,
    DeliveryState,
    ReceiverState,
)
from compliance.alerts.queries import TOLD
from compliance.alerts.sending import Sent
from compliance.alerts.spreading import DELIVER, ask_for_attempt, tell_all
from compliance.alerts.telling import (
    Links,
    facts_of,
    mail_subject,
    mail_text,
    webhook_body,
)
from compliance.alerts.webhooks import Call, send_webhook
from compliance.identifiers import OrganisationId
from compliance.identity.models import Membership, MembershipStatus, Person
from compliance.jobs import JSON, Doing, NotYet, TwoSteps, Work
from compliance.registry.models.consents import Subject
from compliance.sealing import Keyring, data_key, unseal
from compliance.settings import Settings

# What waits for something told earlier looks again soon, or when that is tried again.
SOON, LATER = timedelta(seconds=1), timedelta(seconds=30)
# What could not be told for so long keeps nothing back any more.
STALE = timedelta(days=3)

log = structlog.get_logger()
DELIVERY = cast(Table, AlertDelivery.__table__)
RECEIVER = cast(Table, AlertReceiver.__table__)
ON_ITS_WAY = (
    select(
        AlertDelivery.id,
        AlertDelivery.public_id,
        AlertDelivery.state,
        AlertDelivery.channel,
        AlertDelivery.attempts,
        AlertDelivery.receiver_id,
        AlertDelivery.owner_id,
        AlertDelivery.alert_id,
        AlertDelivery.replayed_at,
        *TOLD,
        Alert.public_id.label("alert"),
        Alert.site_id,
        Alert.followed,
        func.coalesce(Alert.series, Alert.subject).label("series"),
        AlertReceiver.public_id.label("receiver"),
        AlertReceiver.address,
        AlertReceiver.language.label("receiver_language"),
        AlertReceiver.state.label("receiver_state"),
        AlertReceiver.failures,
        AlertReceiver.rests_until,
        AlertReceiver.key_id,
        AlertReceiver.secret_sealed,
        AlertReceiver.former_sealed,
        AlertReceiver.former_until,
        Person.email,
        Person.language.label("person_language"),
        Membership.status.label("membership"),
    )
    .join(Alert, Alert.id == AlertDelivery.alert_id)
    .outerjoin(AlertReceiver, AlertReceiver.id == AlertDelivery.receiver_id)
    .outerjoin(Person, Person.id == AlertDelivery.person_id)
    .outerjoin(
        Membership,
        and_(
            Membership.person_id == Person.id,
            Membership.organisation_id == AlertDelivery.owner_id,
        ),
    )
    .where(
        AlertDelivery.owner_id == bindparam("organisation_id"),
        AlertDelivery.public_id == bindparam("public_id"),
    )
)
Earlier, EarlierAlert = aliased(AlertDelivery), aliased(Alert)
# What the same receiver is to be told first of the same thing: what happened before.
FIRST = (
    select(func.min(Earlier.attempts))
    .join(EarlierAlert, EarlierAlert.id == Earlier.alert_id)
    .where(
        Earlier.receiver_id == bindparam("receiver_id"),
        Earlier.state == DeliveryState.WAITING,
        Earlier.alert_id < bindparam("alert_id"),
        func.coalesce(Earlier.replayed_at, Earlier.created_at) > bindparam("since"),
        func.coalesce(EarlierAlert.series, EarlierAlert.subject) == bindparam("series"),
    )
)
# What happened before and has not even been sent on its way.
UNSPREAD = (
    select(EarlierAlert.id)
    .where(
        EarlierAlert.owner_id == bindparam("organisation_id"),
        EarlierAlert.series == bindparam("series"),
        EarlierAlert.id < bindparam("alert_id"),
        EarlierAlert.at > bindparam("since"),
        ~exists().where(AlertSpread.alert_id == EarlierAlert.id),
    )
    .limit(1)
)
TRIED = (
    update(DELIVERY)
    .where(
        DELIVERY.c.id == bindparam("delivery_id"),
        DELIVERY.c.state == DeliveryState.WAITING,
    )
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("tries"),
        last_code=bindparam("code"),
        last_fault=bindparam("fault"),
        tried_at=bindparam("now"),
        delivered_at=bindparam("taken_at"),
    )
)
HEARD_OF = (
    update(RECEIVER)
    .where(
        RECEIVER.c.id == bindparam("receiver_id"),
        RECEIVER.c.state == ReceiverState.ACTIVE,
    )
    .values(
        failures=bindparam("in_a_row"),
        rests_until=bindparam("rest"),
        state=bindparam("new_state"),
    )
)


@dataclass(frozen=True)
class Means:
    """What sending needs besides the database."""

    mail_box: MailBox | None
    networks: Sequence[Network]
    public_url: str
    keyring: Keyring = field(repr=False)


@dataclass(frozen=True)
class Tried:
    """What came of an attempt; `sent` is None where nobody is there to receive it."""

    delivery_id: uuid.UUID
    public_id: str
    channel: Channel
    attempts: int
    receiver_id: uuid.UUID | None
    failures: int
    sent: Sent | None
    event: AlertEvent
    replayed_at: datetime | None


def means_of(settings: Settings, keyring: Keyring) -> Means:
    """Return what the operator set."""
    return Means(
        mail_box_of(settings),
        networks_of(settings.webhook_networks),
        settings.resolved_public_url,
        keyring,
    )


def handlers(means: Means) -> dict[str, Doing]:
    """Return what brings alerts to people and programs."""

    def tell(session: Session, work: Work) -> dict[str, JSON]:
        has_mail = means.mail_box is not None
        return {"deliveries": tell_all(session, work, has_mail=has_mail)}

    def attempt(session: Session, work: Work) -> Tried | None:
        return _attempt(session, work, means)

    return {TELL: tell, DELIVER: TwoSteps(prepare=attempt, keep=_keep)}


def _attempt(session: Session, work: Work, means: Means) -> Tried | None:
    """Try to deliver; None where it is over already. It writes nothing."""
    row = session.execute(
        ON_ITS_WAY,
        {
            "organisation_id": work.organisation_id,
            "public_id": str(work.arguments["delivery"]),
        },
    ).one()
    if row.state != DeliveryState.WAITING:
        return None
    sent = None
    if _is_there(row) and _may_hear(session, row):
        _wait_for_its_turn(session, row)
        sent = _send(session, row, means)
    return Tried(
        delivery_id=row.id,
        public_id=row.public_id,
        channel=Channel(row.channel),
        attempts=row.attempts + (sent is not None),
        receiver_id=row.receiver_id,
        failures=row.failures or 0,
        sent=sent,
        event=AlertEvent(row.event),
        replayed_at=row.replayed_at,
    )


def _may_hear(session: Session, row: Row[*tuple[Any, ...]]) -> bool:
    """Tell whether what was told by consent may still be told: consents end meanwhile."""
    if row.followed is None:
        return True
    organisation_id = OrganisationId(row.owner_id)
    return still_follows(session, organisation_id, row.site_id, Subject(row.followed))


def _is_there(row: Row[*tuple[Any, ...]]) -> bool:
    if row.receiver_id is not None:
        return bool(row.receiver_state == ReceiverState.ACTIVE)
    return bool(row.membership == MembershipStatus.ACTIVE)


def _wait_for_its_turn(session: Session, row: Row[*tuple[Any, ...]]) -> None:
    """Leave a sick receiver alone, and tell of one thing in the order it happened."""
    if row.receiver_id is None:
        return
    now = clock.now()
    if row.rests_until is not None and row.rests_until > now:
        raise NotYet(row.rests_until - now)
    if row.event == AlertEvent.ZERO_TOLERANCE:
        return  # waits for nothing that was told of before
    known = {
        "organisation_id": row.owner_id,
        "receiver_id": row.receiver_id,
        "alert_id": row.alert_id,
        "series": row.series,
        "since": now - STALE,
    }
    first = session.scalar(FIRST, known)
    if first is not None:
        raise NotYet(LATER if first else SOON)
    if session.scalar(UNSPREAD, known) is not None:
        raise NotYet(SOON)


def _send(session: Session, row: Row[*tuple[Any, ...]], means: Means) -> Sent:
    facts = facts_of(row, row.alert)
    links = Links.of(means.public_url, facts)
    if row.channel == Channel.WEBHOOK:
        body = webhook_body(facts, links)
        now = clock.now()
        secrets = _secrets(session, row, means.keyring, now)
        return send_webhook(
            Call(row.public_id, row.address, body, now, secrets), means.networks
        )
    if means.mail_box is None:
        return Sent(fault="no_mail_server")
    language = row.receiver_language or row.person_language
    letter = Letter(
        id=row.public_id,
        to=row.address or row.email,
        subject=mail_subject(facts, language),
        text=mail_text(facts, language, links),
        at=row.at,
        language=language,
    )
    return send_mail(means.mail_box, letter)


def _secrets(
    session: Session, row: Row[*tuple[Any, ...]], keyring: Keyring, now: datetime
) -> tuple[str, ...]:
    """Return what a message is signed with: for a day also what a new secret replaced."""
    key, place = data_key(session, keyring, row.key_id), place_of(row.receiver)
    sealed = [row.secret_sealed]
    if row.former_until is not None and now < row.former_until:
        sealed.append(row.former_sealed)
    return tuple(unseal(key.secret, one, place).decode() for one in sealed)


def place_of(receiver: str) -> str:
    """Return what a secret is sealed for: the receiver with this public id."""
    return f"alert receiver\n{receiver}"


def _keep(session: Session, work: Work, tried: Tried | None) -> dict[str, JSON]:
    """Note what came of an attempt, and ask for the next where there is to be one."""
    if tried is None:
        return {"state": "over"}
    now, sent = clock.now(), tried.sent
    state = _state_after(tried)
    session.execute(
        TRIED,
        {
            "delivery_id": tried.delivery_id,
            "new_state": state,
            "tries": tried.attempts,
            "code": None if sent is None else sent.code,
            "fault": None if sent is None else sent.fault,
            "now": now,
            "taken_at": now if state is DeliveryState.DELIVERED else None,
        },
    )
    if sent is not None and tried.receiver_id is not None:
        _note_health(session, tried, sent, now)
    if sent is not None and state is DeliveryState.WAITING:
        waits = limits.ALERT_WAITS_SECONDS[tried.attempts - 1]
        at = now + max(timedelta(seconds=waits), sent.wait)
        number = tried.attempts + 1
        ask_for_attempt(
            session,
            work.organisation_id,
            tried.public_id,
            number,
            tried.event,
            at=at,
            replayed_at=tried.replayed_at,
        )
    log.info(
        "alert tried",
        delivery=tried.public_id,
        channel=tried.channel,
        state=state,
        attempt=tried.attempts,
        code=None if sent is None else sent.code,
        fault=None if sent is None else sent.fault,
    )
    return {"state": state, "attempts": tried.attempts}


def _state_after(tried: Tried) -> DeliveryState:
    match tried.sent:
        case None:
            return DeliveryState.DROPPED
        case Sent(is_taken=True):
            return DeliveryState.DELIVERED
        case Sent(is_final=True) | Sent(is_gone=True):
            return DeliveryState.GIVEN_UP
        case _ if tried.attempts > len(limits.ALERT_WAITS_SECONDS):
            return DeliveryState.GIVEN_UP
        case _:
            return DeliveryState.WAITING


def _note_health(session: Session, tried: Tried, sent: Sent, now: datetime) -> None:
    """Note how the receiver is: who fails again and again is left alone for longer."""
    failures = 0 if sent.is_taken else tried.failures + 1
    session.execute(
        HEARD_OF,
        {
            "receiver_id": tried.receiver_id,
            "in_a_row": failures,
            "rest": None if sent.is_taken else _rest(failures, now),
            "new_state": ReceiverState.STOPPED
            if sent.is_gone
            else ReceiverState.ACTIVE,
        },
    )


def _rest(failures: int, now: datetime) -> datetime | None:
    beyond = failures - limits.ALERT_FAILURES_IN_A_ROW
    if beyond < 0:
        return None
    seconds = limits.ALERT_REST_SECONDS * 2.0 ** min(beyond, 20)
    return now + timedelta(seconds=min(seconds, limits.ALERT_REST_LONGEST_SECONDS))
