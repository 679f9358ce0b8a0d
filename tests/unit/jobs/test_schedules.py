"""Regular work: one job at each tick, whoever looks, however many were missed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from compliance.database import Database
from compliance.jobs import Regular, State, set_schedule, work_off
from compliance.jobs.models import Job, Schedule
from compliance.jobs.schedules import latest_tick, tick
from compliance.jobs.tidying import TIDY, handlers, regular_work
from compliance.limits import JOB_DAYS_KEPT
from tests.jobs import (
    NOON,
    Watch,
    enqueued,
    leave_effect,
    make_effects,
    row,
    standing_clock,
    states,
    workplace,
)

CENTURY = datetime(2100, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
HOURLY = Regular("hourly", kind="effect", every=timedelta(hours=1))


@pytest.fixture
def watch() -> Iterator[Watch]:
    with standing_clock() as standing:
        yield standing


def started(database: Database, regular: Regular) -> None:
    with database.writing() as session:
        set_schedule(session, regular)


def ticked(database: Database) -> int:
    with database.writing() as session:
        return tick(session)


def test_every_tick_makes_one_job(database: Database, watch: Watch) -> None:
    started(database, HOURLY)

    made = []
    for _ in range(5):
        made.append((ticked(database), ticked(database)))
        watch.forward(timedelta(minutes=30))

    assert made == [(1, 0), (0, 0), (1, 0), (0, 0), (1, 0)]


def test_missed_ticks_are_made_up_for_by_one_job(
    database: Database, watch: Watch
) -> None:
    started(database, HOURLY)
    ticked(database)
    watch.forward(timedelta(days=3, minutes=20))

    made = (ticked(database), ticked(database))

    with database.reading() as session:
        next_at = session.scalar(select(Schedule.next_at))
    assert made == (1, 0)
    assert next_at == NOON + timedelta(days=3, hours=1)


def test_a_tick_that_was_seen_makes_no_second_job_even_when_the_row_forgets_it(
    database: Database, watch: Watch
) -> None:
    started(database, HOURLY)
    ticked(database)
    with database.writing() as session:
        session.query(Schedule).update({"next_at": watch.now})

    assert ticked(database) == 0


def test_starting_again_keeps_the_next_tick_and_takes_the_rest(
    database: Database, watch: Watch
) -> None:
    started(database, HOURLY)
    ticked(database)
    watch.forward(timedelta(minutes=1))

    started(database, Regular("hourly", kind="other", every=timedelta(hours=2)))

    with database.reading() as session:
        kept = session.scalars(select(Schedule)).one()
    assert (kept.kind, kept.every_seconds) == ("other", 7200)
    assert kept.next_at == NOON + timedelta(hours=1)


@given(
    every=st.integers(1, 10**6),
    late=st.integers(0, 10**9),
    start=st.datetimes(max_value=CENTURY, timezones=st.just(UTC)),
)
def test_the_latest_tick_is_on_the_grid_and_not_after_now(
    every: int, late: int, start: datetime
) -> None:
    now, step = start + timedelta(seconds=late), timedelta(seconds=every)

    latest = latest_tick(start, step, now)

    assert latest <= now < latest + step
    assert (latest - start) % step == timedelta(0)


def test_what_was_done_long_ago_is_taken_off_the_list(
    database: Database, watch: Watch
) -> None:
    make_effects(database)
    (old,) = enqueued(database)
    work_off(workplace(database, {"effect": leave_effect}))
    watch.forward(timedelta(days=JOB_DAYS_KEPT, seconds=1))
    (new,) = enqueued(database)
    work_off(workplace(database, {"effect": leave_effect}))
    started(database, *regular_work())
    ticked(database)

    work_off(workplace(database, handlers()))

    with database.reading() as session:
        left = set(session.scalars(select(Job.public_id).where(Job.kind != TIDY)))
        count = session.scalar(select(func.count()).select_from(Job))
    assert (left, count) == ({new}, 2)
    assert old not in left
    assert set(states(database)) == {State.DONE}
    assert row(database, new).state == "done"
