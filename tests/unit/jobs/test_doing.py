"""Jobs: asked for in a transaction, done once, tried again, given up with a reason."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from compliance import jobs, limits, trail
from compliance.database import Database
from compliance.identity.scope import scope_of_system
from compliance.jobs import (
    GiveUp,
    JobNotFound,
    NotYet,
    State,
    TwoSteps,
    Work,
    claiming,
    work_off,
)
from compliance.jobs.claiming import Done
from compliance.jobs.models import Job
from compliance.problems import Kind, Problem
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.jobs import (
    Watch,
    effects,
    enqueued,
    leave_effect,
    make_effects,
    row,
    standing_clock,
    states,
    workplace,
)


class NoSuchThing(Problem):
    kind = Kind.NOT_FOUND
    title = "No such thing"
    detail = "There is no {thing}."


class BusyNow(Problem):
    kind = Kind.UNAVAILABLE
    title = "Busy"
    detail = "Busy just now."


@pytest.fixture
def watch() -> Iterator[Watch]:
    with standing_clock() as standing:
        yield standing


def test_a_job_gets_its_arguments_and_keeps_its_result(database: Database) -> None:
    (job,) = enqueued(database, sites=["site_a", "site_b"])

    def count(_session: Session, work: Work) -> dict[str, jobs.JSON]:
        return {"job": work.job, "sites": work.arguments["sites"], "try": work.attempt}

    done = work_off(workplace(database, {"effect": count}))

    assert done == 1
    kept = row(database, job)
    assert (kept.state, kept.attempts, kept.lease_token) == ("done", 1, None)
    assert json.loads(kept.result or "") == {
        "job": job,
        "sites": ["site_a", "site_b"],
        "try": 1,
    }


def test_a_job_of_a_transaction_that_failed_never_runs(database: Database) -> None:
    make_effects(database)

    def enqueue_and_fail() -> None:
        with database.writing() as session:
            jobs.enqueue(session, kind="effect", organisation_id=None, arguments={})
            raise RuntimeError("the middle of the work")

    with pytest.raises(RuntimeError, match="the middle"):
        enqueue_and_fail()
    done = work_off(workplace(database, {"effect": leave_effect}))

    assert (done, effects(database), states(database)) == (0, [], [])


def test_effect_trail_and_completion_are_one(
    database: Database, tenant: Tenant
) -> None:
    """The trail entry of a handler that then fails is as undone as its effect."""
    make_effects(database)
    with database.writing() as session:
        for fails in (True, False):
            jobs.enqueue(
                session,
                kind="note",
                organisation_id=tenant.id,
                arguments={"fails": fails},
            )

    def note(session: Session, work: Work) -> None:
        leave_effect(session, work)
        trail.record(
            session,
            organisation_id=tenant.id,
            actor="system",
            action="noted",
            subject_id=work.job,
        )
        if work.arguments["fails"]:
            raise RuntimeError("after its effect")

    work_off(workplace(database, {"note": note}))

    with database.reading() as session:
        done = session.scalars(select(Job.public_id).where(Job.state == "done")).all()
        noted = session.scalars(
            select(TrailEntry.subject_id).where(TrailEntry.subject_id.like("job_%"))
        ).all()
    assert sorted(states(database)) == [State.DONE, State.READY]
    assert effects(database) == list(done) == list(noted)


def test_a_handler_that_fails_thrice_succeeds_at_the_fourth(
    database: Database, watch: Watch
) -> None:
    make_effects(database)
    (job,) = enqueued(database)
    waits = []

    def fail_thrice(session: Session, work: Work) -> None:
        leave_effect(session, work)
        if work.attempt <= 3:
            raise RuntimeError("not yet")

    place = workplace(database, {"effect": fail_thrice})
    for _ in range(3):
        work_off(place)
        waits.append((row(database, job).run_at - watch.now).total_seconds())
        assert work_off(place) == 0, "it must wait before it is tried again"
        watch.now = row(database, job).run_at
    work_off(place)

    assert effects(database) == [job]
    assert (row(database, job).state, row(database, job).attempts) == ("done", 4)
    assert row(database, job).error is None
    longest = [limits.JOB_BACKOFF_SECONDS * 2**n for n in range(3)]
    assert [low / 2 <= wait <= low for wait, low in zip(waits, longest, strict=True)]


def test_what_fails_every_time_is_set_aside_with_the_reason(
    database: Database, watch: Watch
) -> None:
    with database.writing() as session:
        job = jobs.enqueue(
            session,
            kind="effect",
            organisation_id=None,
            arguments={},
            most_attempts=3,
        )
    assert job is not None

    def fail(_session: Session, _work: Work) -> None:
        raise RuntimeError("Maria Perez, 310 555 0101")

    attempts = 0
    for _ in range(5):
        attempts += work_off(workplace(database, {"effect": fail}))
        watch.forward(timedelta(hours=1))

    kept = row(database, job)
    assert (attempts, kept.state, kept.finished_at) == (
        3,
        "failed",
        watch.now - timedelta(hours=3),
    )
    assert "RuntimeError" in (kept.error or "")
    assert "Maria" not in (kept.error or "")


@pytest.mark.parametrize(
    "fault",
    [
        GiveUp("The list holds {rows} rows.", rows=3),
        NoSuchThing(thing="site_a"),
    ],
)
def test_what_can_never_be_done_fails_at_once(
    database: Database, fault: Exception
) -> None:
    (job,) = enqueued(database)

    def give_up(_session: Session, _work: Work) -> None:
        raise fault

    work_off(workplace(database, {"effect": give_up}))

    kept = row(database, job)
    assert (kept.state, kept.attempts) == ("failed", 1)
    assert json.loads(kept.error or "")["facts"] in ({"rows": 3}, {"thing": "site_a"})


def test_a_passing_problem_is_tried_again(database: Database) -> None:
    (job,) = enqueued(database)

    def refuse(_session: Session, _work: Work) -> None:
        raise BusyNow

    work_off(workplace(database, {"effect": refuse}))

    assert (row(database, job).state, row(database, job).attempts) == ("ready", 1)


def test_waiting_is_no_failure(database: Database, watch: Watch) -> None:
    (job,) = enqueued(database)

    def wait(_session: Session, _work: Work) -> None:
        raise NotYet(timedelta(minutes=5))

    for _ in range(limits.JOB_ATTEMPTS + 1):
        work_off(workplace(database, {"effect": wait}))
        watch.forward(timedelta(minutes=5))

    kept = row(database, job)
    assert (kept.state, kept.attempts, kept.error) == ("ready", 0, None)
    assert kept.run_at == watch.now


def test_one_key_makes_one_job_of_a_kind_and_an_organisation(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    def enqueue(kind: str, owner: Tenant | None) -> bool:
        with database.writing() as session:
            made = jobs.enqueue(
                session,
                kind=kind,
                organisation_id=None if owner is None else owner.id,
                arguments={},
                dedup_key="2026-11",
            )
        return made is not None

    first = [
        enqueue(kind, owner)
        for kind in ("a", "b")
        for owner in (tenant, stranger, None)
    ]
    again = [
        enqueue(kind, owner)
        for kind in ("a", "b")
        for owner in (tenant, stranger, None)
    ]

    assert (first, again) == ([True] * 6, [False] * 6)


def test_the_urgent_goes_first_then_what_waited_longest_and_nothing_early(
    database: Database, watch: Watch
) -> None:
    done: list[object] = []
    with database.writing() as session:
        for name, priority, hours in [
            ("late", 0, -1),
            ("later", 0, 0),
            ("urgent", 5, 0),
            ("idle", -5, -9),
            ("tomorrow", 9, 24),
        ]:
            jobs.enqueue(
                session,
                kind="effect",
                organisation_id=None,
                arguments={"name": name},
                priority=priority,
                run_at=watch.now + timedelta(hours=hours),
            )

    def note(_session: Session, work: Work) -> None:
        done.append(work.arguments["name"])

    place = workplace(database, {"effect": note})
    work_off(place)
    today = list(done)
    watch.forward(timedelta(hours=24))
    work_off(place)

    assert today == ["urgent", "late", "later", "idle"]
    assert done[4:] == ["tomorrow"]


def test_a_kind_that_a_worker_does_not_know_is_left_for_one_that_does(
    database: Database,
) -> None:
    make_effects(database)
    (job,) = enqueued(database, kind="from the next version")

    old = work_off(workplace(database, {"effect": leave_effect}))
    new = work_off(workplace(database, {"from the next version": leave_effect}))

    assert (old, new, effects(database)) == (0, 1, [job])


def test_the_long_part_of_two_steps_does_not_hold_up_other_writers(
    database: Database,
) -> None:
    make_effects(database)
    (job,) = enqueued(database)

    def write_elsewhere() -> None:
        with database.writing() as session:
            session.execute(text("INSERT INTO effect (job) VALUES ('another')"))

    def prepare(_session: Session, _work: Work) -> int:
        other = threading.Thread(target=write_elsewhere)
        other.start()
        other.join(timeout=5)
        assert not other.is_alive()
        return 42

    def keep(session: Session, work: Work, found: object) -> dict[str, jobs.JSON]:
        leave_effect(session, work)
        return {"found": str(found)}

    work_off(workplace(database, {"effect": TwoSteps(prepare, keep)}))

    assert effects(database) == ["another", job]
    assert json.loads(row(database, job).result or "") == {"found": "42"}


def test_a_job_whose_lease_was_lost_leaves_no_effect(database: Database) -> None:
    """Another worker took it in the middle: the fence undoes what this one did."""
    make_effects(database)
    (job,) = enqueued(database)

    def overtaken(session: Session, work: Work) -> None:
        session.execute(
            text("UPDATE job SET lease_token = :other WHERE public_id = :job"),
            {"other": "0" * 32, "job": work.job},
        )
        leave_effect(session, work)

    work_off(workplace(database, {"effect": overtaken}))

    assert effects(database) == []
    assert row(database, job).state == "running"


def test_what_nobody_renews_is_taken_back_whatever_a_clock_says(
    database: Database, watch: Watch
) -> None:
    """Leases are measured by the database's clock; the test's stands still."""
    (job,) = enqueued(database)
    place = workplace(database, {"effect": leave_effect}, lease_seconds=0.2)
    held, kept = place.claim(1)[0], workplace(database, {}).claim(1)
    assert kept == ()

    with database.writing() as session:
        early = claiming.reap(session)
        watch.forward(timedelta(days=1))
        still_early = claiming.reap(session)
    threading.Event().wait(0.3)
    with database.writing() as session:
        late = claiming.reap(session)

    assert (early, still_early) == ((), ())
    assert late == ((job, State.READY),)
    with database.writing() as session, pytest.raises(jobs.LeaseLost):
        claiming.finish(session, [Done(held, None)])


def test_a_job_that_ends_its_worker_every_time_is_set_aside(database: Database) -> None:
    with database.writing() as session:
        job = jobs.enqueue(
            session,
            kind="effect",
            organisation_id=None,
            arguments={},
            most_attempts=2,
        )
    assert job is not None
    place = workplace(database, {"effect": leave_effect}, lease_seconds=0.0)

    taken_back = []
    for _ in range(2):
        place.claim(1)
        threading.Event().wait(0.01)
        with database.writing() as session:
            taken_back += [state for _, state in claiming.reap(session)]

    assert taken_back == [State.READY, State.FAILED]
    assert "stopped answering" in (row(database, job).error or "")


def test_a_renewed_lease_lasts(database: Database) -> None:
    enqueued(database, count=2)
    place = workplace(database, {"effect": leave_effect}, lease_seconds=0.2)
    held = place.claim(2)

    with database.writing() as session:
        claiming.renew(session, held, 60.0)
    threading.Event().wait(0.3)

    with database.writing() as session:
        assert claiming.reap(session) == ()


def test_claiming_gives_no_job_to_two(database: Database) -> None:
    enqueued(database, count=40)
    place = workplace(database, {"effect": leave_effect})
    claimed: list[str] = []

    def claim() -> None:
        while batch := place.claim(3):
            claimed.extend(one.public_id for one in batch)

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(claimed) == len(set(claimed)) == 40


def test_a_system_job_is_no_organisations(database: Database, tenant: Tenant) -> None:
    (job,) = enqueued(database)

    with database.reading() as session:
        scope = scope_of_system(session, tenant.id)
        page = jobs.jobs(session, scope, rows=10)

        assert page.rows == ()
        with pytest.raises(JobNotFound):
            jobs.status(session, scope, job)
