"""Workers: threads that claim jobs, do them, and commit effect and completion as one.

Beside them one keeper thread renews leases, takes back what a dead worker held, lets
schedules tick, and rings the bell when there is something to do. So waiting costs one
small query a poll, however many threads wait.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import Protocol, TypeVar, cast

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from compliance import limits, trail
from compliance.database import Database, as_system, limit_to
from compliance.jobs import claiming
from compliance.jobs.actions import QUEUE
from compliance.jobs.claiming import Claimed, Done
from compliance.jobs.progress import Progress, Reporter, forget, progress_here
from compliance.jobs.retrying import Outcome, outcome
from compliance.jobs.schedules import Regular, set_schedule, tick
from compliance.jobs.waking import BELL
from compliance.jobs.work import Doing, Handler, LeaseLost, NotYet, TwoSteps, Work
from compliance.jobs.work import Result as Told

Result = TypeVar("Result")

POLL_SECONDS = 0.5
BATCH_SECONDS = 0.25
BATCH_MOST = 32
TOGETHER_SECONDS = 0.05
STOP_SECONDS = 10.0
FAULT_SECONDS = 1.0

log = structlog.get_logger()


class Write(Protocol):
    """Runs something in a writing transaction, seals its trail and commits it."""

    def __call__(
        self, work: Callable[[Session], Result], *, system: bool = False
    ) -> Result: ...


@dataclass(frozen=True)
class Workplace:
    """What workers stand on. `write` says on which thread this process writes."""

    database: Database
    handlers: Mapping[str, Doing]
    write: Write
    lease_seconds: float = limits.JOB_LEASE_SECONDS
    queues: Sequence[str] = (QUEUE,)
    regular: Sequence[Regular] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self.handlers)

    def claim(self, most: int) -> tuple[Claimed, ...]:
        return self.write(
            lambda session: claiming.claim(
                session,
                kinds=self.kinds,
                queues=self.queues,
                most=most,
                lease_seconds=self.lease_seconds,
            ),
            system=True,
        )


def writing_here(database: Database) -> Write:
    """Return a Write that uses the thread it is called on."""

    def write(work: Callable[[Session], Result], *, system: bool = False) -> Result:
        with database.writing(system=system) as session:
            result = work(session)
            trail.seal(session)
        return result

    return write


def work_off(place: Workplace) -> int:
    """Do what is ready now, on this thread, until nothing is; return how many."""
    count = 0
    while batch := place.claim(1):
        for claimed in batch:
            do(place, claimed)
            count += 1
    return count


def do_some(place: Workplace, batch: Sequence[Claimed]) -> int:
    """Do the first of a batch, or the first few together; return how many were done.

    What is brief and of one organisation shares a transaction, and so its commit. When
    anything in it fails, none of it has happened, and each is done by itself.
    """
    group = together(place, batch)
    if len(group) > 1:
        try:
            return place.write(
                lambda session: _effects(place, session, group),
                system=group[0].organisation_id is None,
            )
        except Exception as fault:  # noqa: BLE001 - whose fault it is shows in a moment
            log.info("jobs one by one", jobs=len(group), fault=type(fault).__name__)
    for claimed in group:
        do(place, claimed)
    return len(group)


def together(place: Workplace, batch: Sequence[Claimed]) -> Sequence[Claimed]:
    """Return the first jobs of a batch that can share a transaction; at least one."""
    first = batch[0]
    group = takewhile(
        lambda claimed: (
            claimed.organisation_id == first.organisation_id
            and not isinstance(place.handlers[claimed.kind], TwoSteps)
        ),
        batch,
    )
    return tuple(group) or batch[:1]


def _effects(place: Workplace, session: Session, group: Sequence[Claimed]) -> int:
    """Do jobs in one transaction until it has lasted long enough; return how many."""
    _limit(session, group[0])
    until = time.monotonic() + TOGETHER_SECONDS
    done: list[Done] = []
    for claimed in group:
        if done and time.monotonic() > until:
            break
        handler = cast(Handler, place.handlers[claimed.kind])
        with _sight_of(session, claimed):
            result = handler(session, _work_of(place, claimed))
        done.append(Done(claimed, result, progress_here(claimed.public_id)))
        forget(claimed.public_id)
    _finish(session, done)
    return len(done)


def do(place: Workplace, claimed: Claimed) -> None:
    """Attempt a job: its effect and its completion are committed together, or neither.

    Whatever the handler raises is the job's fault, never the worker's.
    """
    try:
        _attempt(place, claimed)
    except LeaseLost:
        log.warning("job lost", job=claimed.public_id, kind=claimed.kind)
    except Exception as fault:  # noqa: BLE001 - a handler may raise anything
        decided = outcome(fault, claimed.attempt, claimed.most_attempts)
        _log_fault(claimed, fault, decided)
        _settle(place, claimed, decided)
    finally:
        forget(claimed.public_id)


def _attempt(place: Workplace, claimed: Claimed) -> None:
    handler, work = place.handlers[claimed.kind], _work_of(place, claimed)
    nobodys = claimed.organisation_id is None
    if isinstance(handler, TwoSteps):
        with place.database.reading(system=nobodys) as session:
            _limit(session, claimed)
            found = handler.prepare(session, work)
        do_it: Handler = partial(_keep_found, handler, found)
    else:
        do_it = handler
    place.write(
        partial(_effect, claimed=claimed, do_it=do_it, work=work), system=nobodys
    )


def _keep_found(handler: TwoSteps, found: object, session: Session, work: Work) -> Told:
    return handler.keep(session, work, found)


def _effect(session: Session, *, claimed: Claimed, do_it: Handler, work: Work) -> None:
    _limit(session, claimed)
    result = do_it(session, work)
    _finish(session, [Done(claimed, result, progress_here(claimed.public_id))])


def _finish(session: Session, done: Sequence[Done]) -> None:
    with _sight_of(session, done[0].claimed):
        session.flush()
        claiming.finish(session, done)
        trail.seal(session)


def _work_of(place: Workplace, claimed: Claimed) -> Work:
    return Work(
        job=claimed.public_id,
        organisation_id=claimed.organisation_id,
        arguments=claimed.arguments,
        attempt=claimed.attempt,
        heard=Reporter(claimed.public_id, _report_by(place, claimed)),
    )


def _limit(session: Session, claimed: Claimed) -> None:
    """Let an organisation's job see what that organisation may, and no more."""
    if claimed.organisation_id is not None:
        limit_to(session, claimed.organisation_id)


def _sight_of(session: Session, claimed: Claimed) -> AbstractContextManager[None]:
    """See every row for the product's own job, which may have looked at one part."""
    return as_system(session) if claimed.organisation_id is None else nullcontext()


def _report_by(place: Workplace, claimed: Claimed) -> Callable[[Progress], None] | None:
    """Return what writes progress beside the work's own transaction, where it can."""
    if place.database.is_sqlite:
        return None
    write = writing_here(place.database)
    return lambda progress: write(
        lambda session: claiming.report(session, claimed, progress), system=True
    )


def _settle(place: Workplace, claimed: Claimed, decided: Outcome) -> None:
    try:
        place.write(
            lambda session: claiming.settle(session, claimed, decided), system=True
        )
    except (DBAPIError, PoolTimeout, LeaseLost) as fault:
        # The reaper takes it back when the lease ends.
        name = type(fault).__name__
        log.warning("job not settled", job=claimed.public_id, fault=name)


def _log_fault(claimed: Claimed, fault: Exception, decided: Outcome) -> None:
    if isinstance(fault, NotYet):
        return
    log.error(
        "job fault",
        job=claimed.public_id,
        kind=claimed.kind,
        attempt=claimed.attempt,
        again_in=None if decided.wait is None else decided.wait.total_seconds(),
        exc_info=fault,
    )


def batch_size(seconds_a_job: float) -> int:
    """Return how many jobs to claim at once: what is done in a quarter of a second."""
    return max(1, min(BATCH_MOST, int(BATCH_SECONDS / max(seconds_a_job, 1e-6))))


@dataclass
class Workers:
    """The threads of one process that do its jobs; started once and stopped once."""

    place: Workplace
    count: int = 1
    poll_seconds: float = POLL_SECONDS
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _held: dict[Claimed, None] = field(default_factory=dict)

    def start(self) -> None:
        doing = [(self._work, f"worker-{number}") for number in range(self.count)]
        for run, name in [*doing, (self._keep, "job-keeper")]:
            thread = threading.Thread(target=run, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Finish the jobs in hand, give back the rest; tell whether all has ended.

        What is not finished in time is left to its lease, and another worker.
        """
        self._stopping.set()
        BELL.ring()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        most = 1
        while not self._stopping.is_set():
            heard = BELL.heard()
            batch = self._outlasting(partial(self.place.claim, most)) or ()
            if not batch:
                BELL.wait(heard)
                continue
            began = time.monotonic()
            self._do_all(batch)
            most = batch_size((time.monotonic() - began) / len(batch))

    def _do_all(self, batch: Sequence[Claimed]) -> None:
        self._held.update(dict.fromkeys(batch))
        left = batch
        while left and not self._stopping.is_set():
            count = do_some(self.place, left)
            for claimed in left[:count]:
                self._held.pop(claimed)
            left = left[count:]
        for claimed in left:
            _settle(self.place, claimed, outcome(NotYet(timedelta(0)), 0, 1))
            self._held.pop(claimed)

    def _keep(self) -> None:
        for regular in self.place.regular:
            self._outlasting(partial(self._set_schedule, regular))
        renewed_at = time.monotonic()
        while not self._stopping.wait(self.poll_seconds):
            if time.monotonic() - renewed_at >= self.place.lease_seconds / 3:
                renewed_at = time.monotonic()
                self._outlasting(self._renew)
            self._outlasting(self._look)

    def _set_schedule(self, regular: Regular) -> None:
        self.place.write(lambda session: set_schedule(session, regular), system=True)

    def _renew(self) -> None:
        held, seconds = tuple(self._held), self.place.lease_seconds
        if held:
            self.place.write(
                lambda session: claiming.renew(session, held, seconds), system=True
            )

    def _look(self) -> None:
        place = self.place
        with place.database.reading(system=True) as session:
            due = claiming.due(session, place.kinds, place.queues)
        if due.lost:
            for job, state in place.write(claiming.reap, system=True):
                log.warning("job taken back", job=job, state=state)
        if due.ticking:
            place.write(tick, system=True)
        if due.anything:
            BELL.ring()

    def _outlasting(self, step: Callable[[], Result]) -> Result | None:
        """Do a step; whatever it meets is logged, for a worker that ends helps nobody."""
        try:
            return step()
        except Exception:
            log.exception("worker fault")
            self._stopping.wait(FAULT_SECONDS)
            return None
