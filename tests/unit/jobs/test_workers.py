"""Workers: threads that start at once, show progress, hold leases, and stop cleanly."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from compliance import jobs
from compliance.database import Database
from compliance.identifiers import new_id
from compliance.identity.scope import scope_of_system
from compliance.jobs import GiveUp, LeaseLost, Progress, Work, Workplace
from compliance.jobs.claiming import Claimed
from compliance.jobs.models import Job
from compliance.jobs.worker import POLL_SECONDS, TOGETHER_SECONDS, do_some
from tests.conftest import Tenant
from tests.jobs import (
    effects,
    enqueued,
    leave_effect,
    make_effects,
    over,
    row,
    states,
    wait_until,
    workers,
    workplace,
)


def test_a_job_starts_as_soon_as_its_transaction_has_committed(
    database: Database,
) -> None:
    """Not at the next poll: the commit rings the bell."""
    make_effects(database)
    waits = []

    with workers(workplace(database, {"effect": leave_effect})):
        for count in range(1, 6):
            began = time.monotonic()
            enqueued(database)
            wait_until(lambda count=count: len(effects(database)) == count)  # type: ignore[misc]  # mypy knows no default here
            waits.append(time.monotonic() - began)

    assert min(waits) < POLL_SECONDS / 2


def test_a_job_that_another_process_asked_for_is_found_by_looking(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_effects(database)
    monkeypatch.setattr(
        "compliance.jobs.actions.ring_after_commit", lambda _session: None
    )

    with workers(workplace(database, {"effect": leave_effect})):
        time.sleep(POLL_SECONDS / 2)
        made = enqueued(database, count=3)
        wait_until(lambda: len(effects(database)) == 3)

    assert effects(database) == made


def test_several_threads_do_every_job_once(database: Database) -> None:
    make_effects(database)
    made = enqueued(database, count=60)

    with workers(workplace(database, {"effect": leave_effect}), count=3):
        wait_until(lambda: over(database))

    assert effects(database) == made


def test_progress_is_seen_while_the_work_goes_on(
    database: Database, tenant: Tenant
) -> None:
    half, on = threading.Event(), threading.Event()
    with database.writing() as session:
        job = jobs.enqueue(
            session, kind="count", organisation_id=tenant.id, arguments={}
        )
    assert job is not None

    def count(session: Session, work: Work) -> None:
        session.execute(text("UPDATE organisation SET name = 'written, not committed'"))
        for done in range(51):
            work.report(done, 100)
        work.report(50, 50)
        half.set()
        assert on.wait(20)

    def seen() -> Progress | None:
        with database.reading() as session:
            scope = scope_of_system(session, tenant.id)
            return jobs.status(session, scope, job).progress

    with workers(workplace(database, {"count": count})):
        assert half.wait(20)
        during = seen()
        on.set()
        wait_until(lambda: over(database))

    assert during == seen() == Progress(50, 50)
    assert row(database, job).progress_done == 50


def test_work_longer_than_its_lease_is_kept_by_renewing(database: Database) -> None:
    make_effects(database)
    (job,) = enqueued(database)

    def slow(session: Session, work: Work) -> None:
        time.sleep(1.5)
        leave_effect(session, work)

    place = workplace(database, {"effect": slow}, lease_seconds=0.6)
    with workers(place, count=2):
        wait_until(lambda: over(database))

    assert effects(database) == [job]
    assert row(database, job).attempts == 1


def test_workers_that_stop_finish_what_is_in_hand_and_give_back_the_rest(
    database: Database,
) -> None:
    make_effects(database)
    enqueued(database, count=200)
    begun = threading.Event()

    def brief(session: Session, work: Work) -> None:
        leave_effect(session, work)
        if len(effects_of(session)) >= 50:
            begun.set()

    def effects_of(session: Session) -> list[str]:
        return list(session.scalars(text("SELECT job FROM effect")))

    with workers(workplace(database, {"effect": brief})):
        assert begun.wait(20)

    left = states(database)
    assert "running" not in left
    assert left.count(jobs.State.DONE) == len(effects(database)) >= 50
    assert left.count(jobs.State.READY) == 200 - len(effects(database))
    with database.reading() as session:
        tried = session.scalars(text("SELECT attempts FROM job WHERE state = 'ready'"))
        assert set(tried) <= {0}


def test_a_worker_outlasts_a_database_that_fails(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.jobs.worker.FAULT_SECONDS", 0.05)
    make_effects(database)
    with database.writing() as session:
        session.execute(text("ALTER TABLE job RENAME TO hidden"))

    with workers(workplace(database, {"effect": leave_effect})):
        time.sleep(0.3)
        with database.writing() as session:
            session.execute(text("ALTER TABLE hidden RENAME TO job"))
        made = enqueued(database)
        wait_until(lambda: effects(database) == made)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_reporting_on_a_job_that_is_lost_says_so(database: Database) -> None:
    """On SQLite nobody can take it during the work."""
    make_effects(database)
    enqueued(database)
    told: list[LeaseLost] = []

    def overtaken(session: Session, work: Work) -> None:
        with database.writing() as other:
            other.execute(text("UPDATE job SET lease_token = gen_random_uuid()"))
        leave_effect(session, work)
        with pytest.raises(LeaseLost) as lost:
            work.report(1, 1)
        told.append(lost.value)

    jobs.work_off(workplace(database, {"effect": overtaken}))

    assert len(told) == 1
    assert effects(database) == []


def done_in_one_batch(place: Workplace) -> list[int]:
    """Do what is ready, claimed at once; return how many jobs went together."""
    left: Sequence[Claimed] = place.claim(100)
    sizes = []
    while left:
        sizes.append(do_some(place, left))
        left = left[sizes[-1] :]
    return sizes


def test_brief_jobs_share_a_transaction(database: Database) -> None:
    make_effects(database)
    made = enqueued(database, count=20)

    sizes = done_in_one_batch(workplace(database, {"effect": leave_effect}))

    assert effects(database) == made
    assert over(database)
    assert len(sizes) < len(made) / 2


def test_one_that_fails_among_them_fails_alone(database: Database) -> None:
    make_effects(database)
    made = enqueued(database, count=20)
    wrong = made[7]

    def effect(session: Session, work: Work) -> None:
        leave_effect(session, work)
        hopeless[work.job == wrong]()

    hopeless: dict[bool, Callable[[], None]] = {False: lambda: None, True: give_up}
    done_in_one_batch(workplace(database, {"effect": effect}))

    assert effects(database) == [job for job in made if job != wrong]
    assert row(database, wrong).state == "failed"


def test_one_that_was_lost_among_them_is_lost_alone(database: Database) -> None:
    make_effects(database)
    made = enqueued(database, count=5)
    place = workplace(database, {"effect": leave_effect})
    batch = place.claim(5)
    lost = batch[2].public_id
    with database.writing() as session:
        session.execute(
            update(Job).where(Job.public_id == lost).values(lease_token=new_id())
        )

    do_some(place, batch)

    assert effects(database) == [job for job in made if job != lost]
    assert row(database, lost).state == "running"


def test_two_organisations_never_share_a_transaction(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    with database.writing() as session:
        for owner in (tenant, tenant, stranger, tenant):
            jobs.enqueue(session, kind="effect", organisation_id=owner.id, arguments={})
    make_effects(database)

    sizes = done_in_one_batch(workplace(database, {"effect": leave_effect}))

    assert sizes == [2, 1, 1]


def test_long_work_is_done_by_itself(database: Database) -> None:
    make_effects(database)
    enqueued(database, count=3)

    def slow(session: Session, work: Work) -> None:
        leave_effect(session, work)
        time.sleep(TOGETHER_SECONDS * 1.2)

    sizes = done_in_one_batch(workplace(database, {"effect": slow}))

    assert sizes == [1, 1, 1]


def give_up() -> None:
    raise GiveUp("This one cannot be done.")
