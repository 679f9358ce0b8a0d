"""Background work as tests need it: a workplace, and a clock that tests move."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from compliance import clock, jobs
from compliance.database import Database
from compliance.jobs import JSON, Doing, State, Work, Workers, Workplace, writing_here
from compliance.jobs.models import Job

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATIENCE_SECONDS = 30.0


@dataclass
class Watch:
    """A clock that stands until a test moves it."""

    now: datetime = NOON

    def forward(self, step: timedelta) -> None:
        self.now += step


@contextmanager
def standing_clock() -> Iterator[Watch]:
    watch = Watch()
    with clock.set_to(lambda: watch.now):
        yield watch


def workplace(
    database: Database, handlers: Mapping[str, Doing], lease_seconds: float = 15.0
) -> Workplace:
    return Workplace(database, handlers, writing_here(database), lease_seconds)


@contextmanager
def workers(place: Workplace, count: int = 1) -> Iterator[Workers]:
    started = Workers(place, count)
    started.start()
    try:
        yield started
    finally:
        assert started.stop()


def make_effects(database: Database) -> None:
    """Make a table with no unique key, so that work done twice shows."""
    with database.writing() as session:
        session.execute(text("CREATE TABLE effect (job VARCHAR(40) NOT NULL)"))


def leave_effect(session: Session, work: Work) -> None:
    session.execute(text("INSERT INTO effect (job) VALUES (:job)"), {"job": work.job})


def effects(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(text("SELECT job FROM effect")))


def enqueued(
    database: Database, kind: str = "effect", count: int = 1, **given: JSON
) -> list[str]:
    """Enqueue jobs of the product itself; return their public ids, sorted."""
    with database.writing() as session:
        made = [
            jobs.enqueue(session, kind=kind, organisation_id=None, arguments=given)
            for _ in range(count)
        ]
    return sorted(one for one in made if one is not None)


def row(database: Database, public_id: str) -> Job:
    with database.reading() as session:
        return session.scalars(select(Job).where(Job.public_id == public_id)).one()


def states(database: Database) -> list[State]:
    with database.reading() as session:
        return [State(one) for one in session.scalars(select(Job.state))]


def over(database: Database) -> bool:
    """Tell whether every job has been done."""
    with database.reading() as session:
        left = select(func.count()).select_from(Job).where(Job.state != State.DONE)
        return session.scalar(left) == 0


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, and fail when it does not in half a minute."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError("it never came to hold")
        time.sleep(0.02)
