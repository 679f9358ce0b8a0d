"""Who follows a site by consent is told in order, may ask again, and hears nothing after."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from compliance import jobs, limits, trail
from compliance.alerts import delivering, queries, receivers, replaying
from compliance.alerts.actions import TELL, raise_alert
from compliance.alerts.addresses import networks_of
from compliance.alerts.changes import Change
from compliance.alerts.delivering import Means
from compliance.alerts.events import AlertEvent
from compliance.alerts.models import (
    AlertDelivery,
    Channel,
    DeliveryState,
    ReceiverState,
)
from compliance.alerts.receivers import MadeReceiver
from compliance.alerts.replaying import Replayed
from compliance.database import Database
from compliance.identifiers import SiteId
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.problems import Problem
from compliance.registry import actions as registry
from compliance.registry.consents import giving
from compliance.registry.models.consents import Subject
from compliance.sealing import Keyring
from rules import Commodity, SiteKind
from tests.conftest import FoundTenant, Tenant
from tests.e2e.receiving import Called, Receivers, receiving
from tests.jobs import NOON, Watch, standing_clock, workplace
from tests.sharing import let_operate

HERE = networks_of("127.0.0.0/8")
SUSPENDED = Change(
    before="issued",
    after="suspended",
    reason="zero_tolerance",
    topic="forced_labour",
    standing="suspected",
    version=3,
    letter_before="C",
    code="AAAA-BBBB-CCCC",
)


@pytest.fixture
def outside() -> Iterator[Receivers]:
    with receiving() as taken:
        yield taken


@pytest.fixture
def watch() -> Iterator[Watch]:
    with standing_clock() as standing:
        yield standing


@dataclass(frozen=True)
class Following:
    """A mill of one organisation, shown to a buyer that has a program listening."""

    database: Database
    means: Means
    keeper: Tenant
    buyer: Tenant
    receiver: MadeReceiver
    site: SiteId
    site_public_id: str
    consent: str

    @property
    def receiver_id(self) -> str:
        return self.receiver.receiver.public_id

    def happens(
        self,
        event: AlertEvent = AlertEvent.CARD_SUSPENDED,
        subject: str = "SC-2026-CO-AAAAAAAA",
    ) -> tuple[str, ...]:
        """Let something happen to a card of the mill; return the alerts of it."""
        with self.database.writing(system=True) as session:
            made = raise_alert(
                session,
                owner_id=self.keeper.id,
                event=event,
                subject=subject,
                site_id=self.site,
                followers=Subject.SCORECARD,
                change=SUSPENDED,
            )
            trail.seal(session)
        return made

    def work_off(self) -> None:
        jobs.work_off(workplace(self.database, delivering.handlers(self.means)))

    def replay(self, after: object) -> Replayed:
        with self.database.writing() as session:
            scope = scope_of(session, KeyGiven(self.buyer.keys[Role.ADMINISTRATOR]))
            done = replaying.replay(
                session,
                scope,
                self.receiver_id,
                after=after,  # type: ignore[arg-type]  # a test says what it is
            )
            trail.seal(session)
        return done

    def rotate(self) -> str:
        with self.database.writing() as session:
            scope = scope_of(session, KeyGiven(self.buyer.keys[Role.ADMINISTRATOR]))
            made = replaying.rotate_secret(
                session, scope, self.means.keyring, self.receiver_id
            )
            trail.seal(session)
        return str(made.secret)

    def set_state(self, state: ReceiverState) -> None:
        with self.database.writing() as session:
            scope = scope_of(session, KeyGiven(self.buyer.keys[Role.ADMINISTRATOR]))
            receivers.change_receiver(session, scope, self.receiver_id, state=state)
            trail.seal(session)

    def take_back(self) -> None:
        with self.database.writing() as session:
            scope = scope_of(session, KeyGiven(self.keeper.keys[Role.ADMINISTRATOR]))
            giving.take_back(session, scope, self.consent)
            trail.seal(session)

    def feed(self, after: str | None = None) -> list[str]:
        """Return the alerts that an analyst of the buyer reads."""
        with self.database.reading() as session:
            scope = scope_of(session, KeyGiven(self.buyer.keys[Role.ANALYST]))
            page = queries.alerts(session, scope, rows=50, after=after)
        return [one.facts.public_id for one in page.rows]

    def deliveries(self) -> list[str]:
        with self.database.reading() as session:
            found = session.scalars(
                select(AlertDelivery.state).order_by(AlertDelivery.id)
            )
            return list(found)


@pytest.fixture
def following(
    database: Database,
    tenant: Tenant,
    found_tenant: FoundTenant,
    outside: Receivers,
    tmp_path: Path,
    watch: Watch,  # noqa: ARG001 - the clock stands
) -> Following:
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    means = Means(
        None, HERE, "https://atalaya.example", Keyring(tmp_path / "sealing_keys.json")
    )
    with database.writing() as session:
        keeper = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        mill = registry.register_site(
            session,
            keeper,
            kind=SiteKind.MILL,
            name="Beneficio La Cumbre",
            country="CO",
            commodity=Commodity.COFFEE,
        )
        consent = giving.give(
            session,
            keeper,
            grantee=buyer.public_id,
            site=mill.public_id,
            subject=Subject.SCORECARD,
            valid_until=NOON + timedelta(days=30),
        )
        trail.seal(session)
    with database.writing() as session:
        receiver = receivers.make_receiver(
            session,
            scope_of(session, KeyGiven(buyer.keys[Role.ADMINISTRATOR])),
            means.keyring,
            HERE,
            kind=Channel.WEBHOOK,
            address=outside.webhook,
            language="en",
        )
        trail.seal(session)
    return Following(
        database,
        means,
        tenant,
        buyer,
        receiver,
        mill.id,
        mill.public_id,
        consent.public_id,
    )


def is_signed(call: Called, secret: str) -> bool:
    """Check a signature as a receiver does, with nothing of ours."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{call.id}.{call.headers['webhook-timestamp']}.".encode() + call.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    told = call.headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(one, f"v1,{expected.decode()}") for one in told)


def events(outside: Receivers) -> list[tuple[str, str]]:
    told = [call.document["data"] for call in outside.calls]
    return [(one["event"], one["subject"]) for one in told]


def test_a_follower_is_told_from_what_to_what_a_card_went_and_no_more(
    following: Following, outside: Receivers
) -> None:
    alerts = following.happens()
    following.work_off()

    (call,) = outside.calls
    data = call.document["data"]
    assert len(alerts) == 2, "the keeper's and the buyer's"
    assert following.feed() == [data["alert"]]
    assert is_signed(call, str(following.receiver.secret))
    assert set(data) == {
        *("alert", "event", "severity", "subject", "site", "clock", "due_at"),
        *("because", "change", "link"),
    }
    assert data["change"] == {
        "from": "issued",
        "to": "suspended",
        "reason": "zero_tolerance",
        "topic": "forced_labour",
        "standing": "suspected",
        "version": 3,
        "from_letter": "C",
        "to_letter": None,
        "verify": "https://atalaya.example/v/AAAA-BBBB-CCCC",
    }


def test_what_waits_for_a_site_no_longer_shared_is_dropped_and_read_no_more(
    following: Following, outside: Receivers
) -> None:
    (_, told) = following.happens()
    before = following.feed()

    following.take_back()
    following.happens(AlertEvent.CARD_RESTORED)
    following.work_off()

    assert before == [told]
    assert outside.calls == []
    assert following.deliveries() == [DeliveryState.DROPPED]
    assert following.feed() == []
    assert following.feed(after=told) == [], "the cursor is still one"


def test_a_consent_that_has_run_out_tells_nothing_further(
    following: Following, outside: Receivers, watch: Watch
) -> None:
    following.happens()
    watch.forward(timedelta(days=31))

    following.work_off()

    assert outside.calls == []
    assert len(following.happens(AlertEvent.CARD_EXPIRED)) == 1, "the keeper's alone"


def test_a_consent_of_who_runs_the_mill_no_longer_tells_nothing_further(
    following: Following, found_tenant: FoundTenant
) -> None:
    operator = found_tenant("Operadora La Cumbre")
    another = found_tenant("Zweite Kaffee GmbH", OrganisationKind.BUYER)
    let_operate(following.database, following.site_public_id, operator)
    with following.database.writing() as session:
        giving.give(
            session,
            scope_of(session, KeyGiven(operator.keys[Role.ADMINISTRATOR])),
            grantee=another.public_id,
            site=following.site_public_id,
            subject=Subject.SCORECARD,
            valid_until=NOON + timedelta(days=30),
        )
        trail.seal(session)

    while_running = following.happens(subject="SC-1")
    let_operate(following.database, following.site_public_id, None)
    afterwards = following.happens(subject="SC-2")

    assert (len(while_running), len(afterwards)) == (3, 2)


def test_the_cards_of_a_site_are_told_in_its_order_whoever_works_first(
    following: Following, outside: Receivers, watch: Watch
) -> None:
    first = following.happens(AlertEvent.CARD_SUPERSEDED, "SC-2026-CO-AAAAAAAA")[1]
    second = following.happens(AlertEvent.CARD_ISSUED, "SC-2026-CO-BBBBBBBB")[1]
    handlers = delivering.handlers(following.means)
    tell = handlers.pop(TELL)
    assert callable(tell)

    # The second is sent on its way before the first.
    told_second = {"alert": second}
    with following.database.writing(system=True) as session:
        tell(session, jobs.Work("job_b", following.buyer.id, told_second, 1))
    jobs.work_off(workplace(following.database, handlers))
    too_early = events(outside)
    watch.forward(timedelta(seconds=2))
    with following.database.writing(system=True) as session:
        tell(session, jobs.Work("job_a", following.buyer.id, {"alert": first}, 1))
    for _ in range(2):
        jobs.work_off(workplace(following.database, handlers))
        watch.forward(timedelta(seconds=2))

    assert too_early == []
    assert events(outside) == [
        ("card_superseded", "SC-2026-CO-AAAAAAAA"),
        ("card_issued", "SC-2026-CO-BBBBBBBB"),
    ]


def test_a_replay_sends_again_what_happened_since_in_order_under_the_same_ids(
    following: Following, outside: Receivers, watch: Watch
) -> None:
    alerts = []
    for event in (
        AlertEvent.CARD_ISSUED,
        AlertEvent.CARD_SUSPENDED,
        AlertEvent.CARD_RESTORED,
    ):
        alerts.append(following.happens(event)[1])
        following.work_off()
        watch.forward(timedelta(minutes=1))
    first_time = [call.id for call in outside.calls]

    replayed = following.replay(alerts[0])
    for _ in range(3):
        following.work_off()
        watch.forward(timedelta(seconds=2))
    since_noon = following.replay(NOON)

    assert (replayed.alerts, replayed.last, replayed.is_all) == (2, alerts[2], True)
    assert [call.id for call in outside.calls] == [*first_time, *first_time[1:]]
    assert since_noon.alerts == 3


def test_what_happened_while_a_receiver_was_stopped_is_replayed_first_things_first(
    following: Following, outside: Receivers, watch: Watch
) -> None:
    following.set_state(ReceiverState.STOPPED)
    missed = following.happens(AlertEvent.CARD_SUPERSEDED)[1]
    following.work_off()
    with pytest.raises(Problem):
        following.replay(missed)
    following.set_state(ReceiverState.ACTIVE)
    following.happens(AlertEvent.CARD_ISSUED)
    following.work_off()

    following.replay(NOON)
    outside.http_status = 503
    following.work_off()
    refused = [event for event, _ in events(outside)]
    outside.http_status = 204
    for _ in range(3):
        watch.forward(timedelta(seconds=31))
        following.work_off()

    told = [event for event, _ in events(outside)]
    assert refused == ["card_issued", "card_superseded"], "the second waits"
    assert told == [*refused, "card_superseded", "card_issued"]


def test_nothing_is_replayed_from_an_alert_of_somebody_else(
    following: Following,
) -> None:
    (keepers, _) = following.happens()

    with pytest.raises(Problem, match=keepers):
        following.replay(keepers)


def test_a_replay_of_many_goes_on_where_it_stopped(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts = [following.happens(subject=f"SC-{one}")[1] for one in range(3)]
    following.work_off()
    monkeypatch.setattr(limits, "ALERT_REPLAY", 2)

    first = following.replay(NOON)
    rest = following.replay(first.last)

    assert (first.alerts, first.last, first.is_all) == (2, alerts[1], False)
    assert (rest.alerts, rest.last, rest.is_all) == (1, alerts[2], True)


def test_for_a_day_both_secrets_sign_and_then_the_new_one_alone(
    following: Following, outside: Receivers, watch: Watch
) -> None:
    old = str(following.receiver.secret)
    new = following.rotate()
    following.happens(AlertEvent.CARD_SUSPENDED)
    following.work_off()

    watch.forward(timedelta(hours=limits.ALERT_FORMER_HOURS))
    following.happens(AlertEvent.CARD_RESTORED)
    following.work_off()

    during, after = outside.calls
    assert (is_signed(during, old), is_signed(during, new)) == (True, True)
    assert (is_signed(after, old), is_signed(after, new)) == (False, True)
