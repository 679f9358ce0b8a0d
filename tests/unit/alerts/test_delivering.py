"""Alerts leave the house once, signed, in the reader's language, and with nobody's name."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from compliance import clock, jobs, limits, trail
from compliance.alerts import delivering, reading, receivers
from compliance.alerts.actions import TELL, raise_alert
from compliance.alerts.addresses import networks_of
from compliance.alerts.delivering import Means
from compliance.alerts.events import AlertEvent
from compliance.alerts.mailing import MailBox
from compliance.alerts.models import (
    Alert,
    AlertDelivery,
    AlertReceiver,
    Channel,
    DeliveryState,
    ReceiverState,
)
from compliance.alerts.receivers import MadeReceiver
from compliance.alerts.spreading import DELIVER
from compliance.database import Database
from compliance.identifiers import PersonId
from compliance.identity.actions import add_person
from compliance.identity.models import Membership, MembershipStatus, Role
from compliance.identity.scope import KeyGiven, Scope, scope_of
from compliance.jobs.models import Job
from compliance.sealing import Keyring
from rules import Severity
from tests.conftest import Tenant
from tests.e2e.receiving import Receivers, receiving
from tests.failing import fail_each_statement, in_one_transaction
from tests.jobs import NOON, Watch, standing_clock, workplace

HERE = networks_of("127.0.0.0/8, ::1/128")
FINDING = "F-ABCDEFGH"


@pytest.fixture
def outside() -> Iterator[Receivers]:
    with receiving() as taken:
        yield taken


@pytest.fixture
def watch() -> Iterator[Watch]:
    with standing_clock() as standing:
        yield standing


@pytest.fixture
def means(outside: Receivers, tmp_path: Path) -> Means:
    box = MailBox(outside.smtp_url, "alerts@atalaya.example")
    keyring = Keyring(tmp_path / "sealing_keys.json")
    return Means(box, HERE, "https://atalaya.example", keyring)


def scoped(session: Session, tenant: Tenant) -> Scope:
    return scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))


def made(
    database: Database,
    tenant: Tenant,
    means: Means,
    address: str,
    kind: Channel = Channel.WEBHOOK,
    **rest: object,
) -> MadeReceiver:
    with database.writing() as session:
        receiver = receivers.make_receiver(
            session,
            scoped(session, tenant),
            means.keyring,
            HERE,
            kind=kind,
            address=address,
            language="es",
            **rest,  # type: ignore[arg-type]  # events and roles, as the test says
        )
        trail.seal(session)
    return receiver


def joined(database: Database, tenant: Tenant, role: Role, language: str) -> str:
    email = f"{role}@atalaya.example"
    with database.writing() as session:
        add_person(
            session,
            organisation_id=tenant.id,
            email=email,
            name="Alguien con Nombre",
            language=language,
            role=role,
            password="una contraseña que nadie más tiene",
        )
        trail.seal(session)
    return email


def raised(
    database: Database,
    tenant: Tenant,
    event: AlertEvent = AlertEvent.ZERO_TOLERANCE,
    subject: str = FINDING,
) -> None:
    with database.writing() as session:
        raise_alert(
            session,
            owner_id=tenant.id,
            event=event,
            subject=subject,
            severity=Severity.ZERO_TOLERANCE,
            clock_kind="acknowledge",
            due_at=NOON + timedelta(hours=24),
        )
        trail.seal(session)


def worked_off(database: Database, means: Means) -> None:
    jobs.work_off(workplace(database, delivering.handlers(means)))


def text_of(mail: EmailMessage) -> str:
    return str(mail.get_content())


def states(database: Database) -> list[tuple[str, int]]:
    with database.reading() as session:
        rows = session.execute(
            select(AlertDelivery.state, AlertDelivery.attempts).order_by(
                AlertDelivery.id
            )
        )
        return [(row.state, row.attempts) for row in rows]


def test_a_webhook_is_signed_as_the_standard_says(
    database: Database,
    tenant: Tenant,
    outside: Receivers,
    means: Means,
    watch: Watch,  # noqa: ARG001 - the clock stands
) -> None:
    receiver = made(database, tenant, means, outside.webhook)

    raised(database, tenant)
    worked_off(database, means)

    (call,) = outside.calls
    key = base64.b64decode(str(receiver.secret).removeprefix("whsec_"))
    signed = f"{call.id}.{int(NOON.timestamp())}.".encode() + call.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert call.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert call.headers["webhook-signature"] == f"v1,{expected}"
    assert len(key) == 32
    assert call.document["type"] == "alert.zero_tolerance"
    assert call.document["data"]["subject"] == FINDING
    assert call.document["data"]["clock"] == "acknowledge"
    assert states(database) == [("delivered", 1)]


def test_mail_goes_to_whom_the_policy_names_in_their_language(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    told = {
        joined(database, tenant, Role.ADMINISTRATOR, "es"): "es",
        joined(database, tenant, Role.REVIEWER, "en"): "en",
    }
    joined(database, tenant, Role.MANAGER, "en")
    joined(database, tenant, Role.AUDITOR, "en")

    raised(database, tenant)
    worked_off(database, means)

    languages = {str(one["To"]): one["Content-Language"] for one in outside.mails}
    assert languages == told
    for mail in outside.mails:
        text = text_of(mail)
        assert FINDING in str(mail["Subject"])
        assert FINDING in text
        assert "2026-11-23 12:00 UTC" in text
        assert "Alguien" not in text
        assert str(mail["Auto-Submitted"]) == "auto-generated"
    with database.reading() as session:
        ids = set(session.scalars(select(AlertDelivery.public_id)))
    found = {str(mail["Message-ID"]) for mail in outside.mails}
    assert found == {f"<{one}@atalaya.example>" for one in ids}


def test_what_somebody_turned_off_is_not_mailed_but_zero_tolerance_is(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    joined(database, tenant, Role.REVIEWER, "en")
    with database.writing() as session:
        person = session.scalars(select(Membership.person_id)).one()
        scope = replace(scoped(session, tenant), person_id=PersonId(person))
        reading.mute(session, scope, [AlertEvent.VERIFIED])
        trail.seal(session)

    raised(database, tenant, AlertEvent.VERIFIED)
    raised(database, tenant, AlertEvent.FINDING_DISPUTED)
    raised(database, tenant, AlertEvent.ZERO_TOLERANCE)
    worked_off(database, means)

    assert len(outside.mails) == 2
    with pytest.raises(reading.AlwaysTold), database.writing() as session:
        reading.mute(session, scope, [AlertEvent.ZERO_TOLERANCE])


def test_without_a_mail_server_alerts_stay_in_the_product(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    joined(database, tenant, Role.REVIEWER, "en")
    made(database, tenant, means, "desk@atalaya.example", Channel.MAIL)

    raised(database, tenant)
    worked_off(database, replace(means, mail_box=None))

    assert outside.mails == []
    assert states(database) == []


def test_a_receiver_gets_the_events_and_roles_it_was_made_for(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    for events, roles in (
        ((), ()),
        ((AlertEvent.VERIFIED,), ()),
        ((), (Role.ADMINISTRATOR,)),
    ):
        made(database, tenant, means, outside.webhook, events=events, roles=roles)

    raised(database, tenant, AlertEvent.VERIFIED)
    raised(database, tenant, AlertEvent.ZERO_TOLERANCE)
    worked_off(database, means)

    told = sorted(call.document["data"]["event"] for call in outside.calls)
    assert told == ["verified"] * 2 + ["zero_tolerance"] * 2


def test_what_fails_is_tried_again_later_under_the_same_id(
    database: Database, tenant: Tenant, outside: Receivers, means: Means, watch: Watch
) -> None:
    made(database, tenant, means, outside.webhook)
    outside.http_status = 503

    raised(database, tenant)
    worked_off(database, means)
    worked_off(database, means)
    assert len(outside.calls) == 1
    outside.http_status = 204
    watch.forward(timedelta(seconds=limits.ALERT_WAITS_SECONDS[0]))
    worked_off(database, means)

    assert len(outside.calls) == 2
    assert len({call.id for call in outside.calls}) == 1
    assert states(database) == [("delivered", 2)]


def test_a_receiver_may_ask_to_be_left_alone_for_a_while(
    database: Database, tenant: Tenant, outside: Receivers, means: Means, watch: Watch
) -> None:
    made(database, tenant, means, outside.webhook)
    outside.http_status, outside.http_headers = 429, {"Retry-After": "120"}

    raised(database, tenant)
    worked_off(database, means)
    watch.forward(timedelta(seconds=119))
    worked_off(database, means)
    early = len(outside.calls)
    watch.forward(timedelta(seconds=1))
    worked_off(database, means)

    assert early == 1
    assert len(outside.calls) == 2


def test_a_sick_receiver_is_left_alone_for_longer_and_longer(
    database: Database, tenant: Tenant, outside: Receivers, means: Means, watch: Watch
) -> None:
    receiver = made(database, tenant, means, outside.webhook)
    outside.http_status = 500

    for number in range(6):
        raised(database, tenant, subject=f"F-{number:08}")
    worked_off(database, means)

    assert len(outside.calls) == limits.ALERT_FAILURES_IN_A_ROW
    with database.reading() as session:
        found = receivers.receiver(
            session, scoped(session, tenant), receiver.receiver.public_id
        )
    assert found.failures == limits.ALERT_FAILURES_IN_A_ROW
    assert found.rests_until == watch.now + timedelta(seconds=limits.ALERT_REST_SECONDS)


def test_a_receiver_that_is_gone_is_sent_nothing_more(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    receiver = made(database, tenant, means, outside.webhook)
    outside.http_status = 410

    raised(database, tenant)
    raised(database, tenant, subject="F-00000001")
    worked_off(database, means)

    assert len(outside.calls) == 1
    assert sorted(states(database)) == [("dropped", 0), ("given_up", 1)]
    with database.reading() as session:
        found = receivers.receiver(
            session, scoped(session, tenant), receiver.receiver.public_id
        )
    assert found.state is ReceiverState.STOPPED


def test_a_mail_box_that_is_not_there_is_given_up_at_once(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    made(database, tenant, means, "nobody@atalaya.example", Channel.MAIL)
    outside.smtp_answer = "550 no such box"

    raised(database, tenant)
    worked_off(database, means)

    assert states(database) == [("given_up", 1)]


def test_in_the_end_it_is_given_up(
    database: Database, tenant: Tenant, outside: Receivers, means: Means, watch: Watch
) -> None:
    made(database, tenant, means, outside.webhook)
    outside.http_status = 500

    raised(database, tenant)
    for _ in range(len(limits.ALERT_WAITS_SECONDS) + 3):
        worked_off(database, means)
        watch.forward(timedelta(days=1))

    attempts = len(limits.ALERT_WAITS_SECONDS) + 1
    assert states(database) == [("given_up", attempts)]
    assert len(outside.calls) == attempts


def test_what_happened_to_one_thing_is_told_in_its_order(
    database: Database, tenant: Tenant, outside: Receivers, means: Means, watch: Watch
) -> None:
    made(database, tenant, means, outside.webhook)
    outside.http_status = 500
    raised(database, tenant, AlertEvent.FINDING_RAISED)
    worked_off(database, means)
    outside.http_status = 204

    raised(database, tenant, AlertEvent.VERIFIED)
    raised(database, tenant, AlertEvent.VERIFIED, "F-00000001")
    worked_off(database, means)
    for _ in range(4):
        watch.forward(timedelta(seconds=30))
        worked_off(database, means)

    told = [
        (call.document["data"]["subject"], call.document["data"]["event"])
        for call in outside.calls
    ]
    assert told == [
        (FINDING, "finding_raised"),
        ("F-00000001", "verified"),
        (FINDING, "finding_raised"),
        (FINDING, "verified"),
    ]


def test_no_redirect_is_followed(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    made(database, tenant, means, outside.webhook)
    outside.http_status = 307
    outside.http_headers = {"Location": outside.webhook + "/elsewhere"}

    raised(database, tenant)
    worked_off(database, means)

    assert len(outside.calls) == 1
    assert states(database) == [("waiting", 1)]


def test_a_network_that_is_not_allowed_any_more_is_not_asked(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    made(database, tenant, means, outside.webhook)

    raised(database, tenant)
    worked_off(database, replace(means, networks=()))

    assert outside.calls == []
    with database.reading() as session:
        assert session.scalar(select(AlertDelivery.last_fault)) == "forbidden_address"


def test_who_left_meanwhile_is_not_told(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    joined(database, tenant, Role.REVIEWER, "en")
    raised(database, tenant)
    only_telling = {TELL: delivering.handlers(means)[TELL]}
    jobs.work_off(workplace(database, only_telling))
    with database.writing() as session:
        session.execute(update(Membership).values(status=MembershipStatus.REMOVED))

    worked_off(database, means)

    assert outside.mails == []
    assert states(database) == [("dropped", 0)]


def test_a_test_goes_to_one_receiver_and_to_nobodys_list(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    receiver = made(database, tenant, means, outside.webhook)
    made(database, tenant, means, outside.webhook)
    with database.writing() as session:
        receivers.send_test(
            session, scoped(session, tenant), receiver.receiver.public_id
        )
        trail.seal(session)

    worked_off(database, means)

    (call,) = outside.calls
    assert call.document["type"] == "alert.test"
    assert call.document["data"]["subject"] == receiver.receiver.public_id


def test_the_same_occasion_is_told_once(database: Database, tenant: Tenant) -> None:
    def raise_again(session: Session) -> tuple[str, ...]:
        return raise_alert(
            session,
            owner_id=tenant.id,
            event=AlertEvent.RED_FLAG,
            subject=FINDING,
            at=NOON,
        )

    with database.writing() as session:
        first, again = raise_again(session), raise_again(session)
        trail.seal(session)

    assert len(first) == 1
    assert again == ()


def test_whatever_statement_of_telling_fails_nothing_is_half_done(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    made(database, tenant, means, outside.webhook)
    joined(database, tenant, Role.REVIEWER, "en")
    tell = delivering.handlers(means)[TELL]
    assert callable(tell)

    def raise_and_tell(session: Session) -> None:
        with clock.set_to(lambda: NOON):
            (alert,) = raise_alert(
                session, owner_id=tenant.id, event=AlertEvent.RED_FLAG, subject=FINDING
            )
        tell(session, jobs.Work("job_a", tenant.id, {"alert": alert}, 1))

    failed = fail_each_statement(database, in_one_transaction(database, raise_and_tell))

    assert failed > 8
    assert states(database) == [("waiting", 0)] * 2
    with database.reading() as session:
        asked = session.scalars(select(Job.kind).order_by(Job.kind)).all()
        assert len(session.scalars(select(Alert.id)).all()) == 1
    assert asked == [DELIVER, DELIVER, TELL]


def test_an_address_stands_neither_in_the_trail_nor_in_a_job(
    database: Database, tenant: Tenant, outside: Receivers, means: Means
) -> None:
    receiver = made(database, tenant, means, "desk@atalaya.example", Channel.MAIL)
    raised(database, tenant)
    worked_off(database, means)
    with database.writing() as session:
        receivers.remove_receiver(
            session, scoped(session, tenant), receiver.receiver.public_id
        )
        trail.seal(session)

    with database.reading() as session:
        entries = session.scalars(select(trail.TrailEntry)).all()
        asked = session.scalars(select(Job)).all()
        left = session.scalars(select(AlertReceiver.address)).all()
    written = "".join(str(vars(one)) for one in [*entries, *asked])
    assert "desk@" not in written
    assert left == [""]
    assert len(outside.mails) == 1
    assert states(database) == [(DeliveryState.DELIVERED, 1)]
