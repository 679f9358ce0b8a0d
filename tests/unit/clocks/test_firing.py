"""Clocks fire each event once, whatever happens to due dates and to the server's clock."""

import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from compliance import jobs, trail
from compliance.alerts.actions import TELL
from compliance.alerts.models import Alert, AlertAudience
from compliance.clocks import working
from compliance.clocks.actions import AT_ONCE, start, stop
from compliance.clocks.models import Clock, ClockFired, ClockKind
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.jobs.models import Job
from compliance.registry.actions import register_site
from compliance.registry.queries import SiteRecord
from rules.vocabulary import Commodity, SiteKind
from tests.conftest import Tenant
from tests.failing import fail_each_statement, in_one_transaction
from tests.jobs import NOON, Watch, standing_clock, workplace

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def started(
    database: Database,
    tenant: Tenant,
    subject: str = "F-ABCDEFGH",
    *,
    kind: ClockKind = ClockKind.ACKNOWLEDGE,
    due_in: timedelta = DAY,
    site: SiteRecord | None = None,
) -> None:
    with database.writing() as session:
        start(
            session,
            scope_of(session, KeyGiven(tenant.keys[Role.REVIEWER])),
            owner_id=tenant.id,
            site_id=None if site is None else site.id,
            subject=subject,
            kind=kind,
            due_at=NOON + due_in,
            started_at=NOON,
        )
        trail.seal(session)


def stopped(
    database: Database, subject: str, kind: ClockKind = ClockKind.ACKNOWLEDGE
) -> None:
    with database.writing() as session:
        stop(session, subject, kind)


def looked(database: Database) -> None:
    """Look as the regular job does, and do what it asks for."""
    with database.writing() as session:
        jobs.enqueue(session, kind=working.LOOK, organisation_id=None, arguments={})
    jobs.work_off(workplace(database, working.handlers()))


def fired(database: Database, subject: str = "F-ABCDEFGH") -> list[str]:
    with database.reading() as session:
        rows = session.execute(
            select(ClockFired.event, ClockFired.because)
            .join(Clock, Clock.id == ClockFired.clock_id)
            .where(Clock.subject == subject)
            .order_by(ClockFired.fired_at, ClockFired.id)
        ).all()
    return [
        row.event if row.because is None else f"{row.event}: {row.because}"
        for row in rows
    ]


def looked_every(database: Database, watch: Watch, step: timedelta, times: int) -> None:
    for _ in range(times):
        watch.forward(step)
        looked(database)


def test_a_clock_tells_each_event_once_and_in_order(
    database: Database, tenant: Tenant
) -> None:
    with standing_clock() as watch:
        started(database, tenant)

        looked_every(database, watch, HOUR, 40)

    assert fired(database) == ["due_soon", "due", "late", "escalated"]


def test_what_is_done_in_time_tells_nothing(database: Database, tenant: Tenant) -> None:
    with standing_clock() as watch:
        started(database, tenant)
        looked_every(database, watch, HOUR, 2)
        stopped(database, "F-ABCDEFGH")

        looked_every(database, watch, HOUR, 40)

    assert fired(database) == []


def test_a_visit_that_came_too_late_is_told_late_once_for_want_of_signal(
    database: Database, tenant: Tenant
) -> None:
    with standing_clock() as watch:
        started(database, tenant, due_in=-2 * DAY)

        looked(database)
        looked_every(database, watch, HOUR, 3)

    assert fired(database) == ["late: no_signal"]


def test_what_came_too_late_is_escalated_when_people_had_their_time(
    database: Database, tenant: Tenant
) -> None:
    with standing_clock() as watch:
        started(database, tenant, due_in=-2 * DAY)

        looked_every(database, watch, HOUR, 5)

    assert fired(database) == ["late: no_signal", "escalated: no_signal"]


def test_what_was_entered_after_it_was_due_is_not_for_want_of_signal(
    database: Database, tenant: Tenant
) -> None:
    with standing_clock():
        started(database, tenant, kind=ClockKind.REMEDY, due_in=-DAY)

        looked(database)

    assert fired(database) == ["late: started_late"]


def test_after_a_long_standstill_only_what_still_matters_is_told(
    database: Database, tenant: Tenant
) -> None:
    with standing_clock() as watch:
        started(database, tenant)

        looked_every(database, watch, 10 * DAY, 1)

    assert fired(database) == ["late", "escalated"]


def test_another_due_date_starts_afresh_and_the_same_again_repeats_nothing(
    database: Database, tenant: Tenant
) -> None:
    with standing_clock() as watch:
        started(database, tenant)
        looked_every(database, watch, 25 * HOUR, 1)
        told = [fired(database)]

        started(database, tenant, due_in=3 * DAY)
        looked_every(database, watch, 42 * HOUR, 1)
        told.append(fired(database))
        stopped(database, "F-ABCDEFGH")
        started(database, tenant, due_in=3 * DAY)
        looked(database)
        told.append(fired(database))
        started(database, tenant, due_in=DAY)
        looked_every(database, watch, HOUR, 1)
        told.append(fired(database))

    assert told[0] == ["late"]
    assert told[1] == ["late", "due_soon"]
    assert told[2] == told[1]
    assert told[3] == told[1]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Alert)) == 2


def test_the_same_start_again_changes_nothing(
    database: Database, tenant: Tenant
) -> None:
    with standing_clock() as watch:
        started(database, tenant)
        watch.forward(HOUR)
        started(database, tenant)

    with database.reading() as session:
        rows = session.scalars(select(Clock)).all()
    assert [(one.round, one.known_at) for one in rows] == [(1, NOON)]


@pytest.mark.parametrize("seed", range(3))
def test_a_server_clock_that_jumps_about_unfires_and_refires_nothing(
    database: Database, tenant: Tenant, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - when to jump is no secret
    seen: list[list[str]] = []

    with standing_clock() as watch:
        started(database, tenant)
        for _ in range(25):
            watch.forward(chance.choice([-30, -2, 1, 3, 8]) * HOUR)
            looked(database)
            seen.append(fired(database))
        watch.now = NOON + 3 * DAY
        looked(database)
        seen.append(fired(database))

    for before, after in pairwise(seen):
        assert set(before) <= set(after), "nothing is unfired"
    assert max(Counter(seen[-1]).values()) == 1, "nothing is fired twice"
    assert {"late", "escalated"} <= set(seen[-1])


def test_more_clocks_than_one_job_takes_all_fire(
    database: Database, tenant: Tenant
) -> None:
    count = AT_ONCE + 5
    with standing_clock() as watch:
        for number in range(count):
            started(database, tenant, f"F-{number:08}")

        looked_every(database, watch, 25 * HOUR, 1)

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ClockFired)) == count


def test_firing_tells_those_whom_the_policy_names_and_no_name(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        farm = register_site(
            session,
            scope,
            kind=SiteKind.PRODUCER,
            name="Finca El Recuerdo",
            country="CO",
            commodity=Commodity.COFFEE,
        )
        trail.seal(session)
    with standing_clock() as watch:
        started(database, tenant, site=farm)
        started(database, stranger, "F-STRANGER")

        looked_every(database, watch, 25 * HOUR, 1)

    with database.reading() as session:
        alert = session.scalars(select(Alert).where(Alert.owner_id == tenant.id)).one()
        roles = session.scalars(
            select(AlertAudience.role)
            .where(AlertAudience.alert_id == alert.id)
            .order_by(AlertAudience.role)
        ).all()
    assert (alert.event, alert.subject, alert.site) == (
        "clock_late",
        "F-ABCDEFGH",
        farm.public_id,
    )
    assert alert.clock == ClockKind.ACKNOWLEDGE
    assert roles == ["administrator", "reviewer"]
    assert "Recuerdo" not in str(vars(alert))


def test_whatever_statement_of_firing_fails_nothing_is_half_done(
    database: Database, tenant: Tenant
) -> None:
    with standing_clock() as watch:
        started(database, tenant)
        watch.forward(25 * HOUR)

        def fire(session: Session) -> None:
            working.fire_some(session, jobs.Work("job_a", tenant.id, {}, 1))

        failed = fail_each_statement(database, in_one_transaction(database, fire))

    assert failed > 8, "clock, event, alert, audience, job, trail and commit"
    assert fired(database) == ["late"]
    with database.reading() as session:
        asked = session.scalars(select(Job.kind).where(Job.kind == TELL)).all()
    assert len(asked) == 1


def test_what_was_fired_is_evidence(database: Database, tenant: Tenant) -> None:
    with standing_clock() as watch:
        started(database, tenant)
        looked_every(database, watch, 25 * HOUR, 1)

    with pytest.raises(DatabaseError, match="evidence"), database.writing() as session:
        session.execute(ClockFired.__table__.delete())  # type: ignore[attr-defined]  # a Table has it
