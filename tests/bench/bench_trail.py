"""What the trail costs: appends with and without the chain, and sealing, timed.

    ./run bench trail [--seconds 4] [--sqlite-only]

Appends are whole transactions that reach the disk, each with one row of work beside its
entry, by as many threads as the product has writers (one on SQLite). With and without
take turns in the same run, so that a busy machine slows both.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
from sqlalchemy import update
from sqlalchemy.orm import Session

from api.migrating import migrate
from compliance import clock, trail
from compliance.database import Database, open_database
from compliance.identifiers import OrganisationId, new_id
from compliance.identity.actions import found_organisation
from compliance.identity.models import Organisation, OrganisationKind
from compliance.identity.scope import scope_of_system
from compliance.proofs.inspecting import inspect
from compliance.proofs.queries import entry_proof
from compliance.proofs.sealing import seal_trees
from compliance.trail import START
from compliance.trail.recording import ADD, Waiting, leaf_of
from tests import postgres

ROUNDS = 5
TENANTS = 20
THREADS = 3
ENTRIES = 50_000

Result = TypeVar("Result")
Append = Callable[[Session, OrganisationId, int], None]


def with_chain(session: Session, organisation_id: OrganisationId, number: int) -> None:
    """Record and seal as every action does."""
    trail.record(
        session,
        organisation_id=organisation_id,
        actor="atl_bench",
        action="bench.noted",
        subject_id=f"thing_{number}",
        number=number,
    )
    trail.seal(session)


def without_chain(
    session: Session, organisation_id: OrganisationId, number: int
) -> None:
    """Write the same row, numbered by the bench and chained to nothing."""
    waiting = Waiting(
        organisation_id,
        "atl_bench",
        "bench.noted",
        f"thing_{number}",
        {"number": number},
        clock.now(),
    )
    session.execute(
        ADD,
        [
            {
                "id": new_id(),
                "organisation_id": organisation_id,
                "sequence": number + 1_000_000_000,
                "actor": waiting.actor,
                "subject_id": waiting.subject_id,
                "recorded_at": waiting.at,
                "leaf": leaf_of(waiting, number, START),
                "sha256": START,
            }
        ],
    )


def appends(
    database: Database,
    tenants: list[OrganisationId],
    append: Append,
    seconds: float,
    start: int,
) -> tuple[float, int]:
    """Return transactions a second, and how many numbers were used."""
    threads = 1 if database.is_sqlite else THREADS
    done = [0] * threads
    until = time.perf_counter() + seconds

    def work(thread: int) -> None:
        number = start + thread
        while time.perf_counter() < until:
            tenant = tenants[number % len(tenants)]
            with database.writing(system=True) as session:
                session.execute(
                    update(Organisation)
                    .where(Organisation.id == tenant)
                    .values(name=f"Organisation {number}")
                )
                append(session, tenant, number)
            number += threads
            done[thread] += 1

    running = [threading.Thread(target=work, args=(one,)) for one in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    return sum(done) / seconds, max(done) * threads + threads


def found(database: Database, count: int) -> list[OrganisationId]:
    made = []
    with database.writing(system=True) as session:
        for number in range(count):
            organisation = found_organisation(
                session,
                kind=OrganisationKind.EXPORTER,
                name=f"Organisation {number}",
                country="CO",
            )
            made.append(organisation.id)
        trail.seal(session)
    return made


def measure_appends(name: str, database: Database, seconds: float) -> None:
    tenants = found(database, TENANTS)
    with_it, without_it, used = list[float](), list[float](), 0
    for _ in range(ROUNDS):
        chained, count = appends(database, tenants, with_chain, seconds, used)
        used += count
        plain, count = appends(database, tenants, without_chain, seconds, used)
        used += count
        with_it.append(chained)
        without_it.append(plain)
    ratios = [one / other for one, other in zip(with_it, without_it, strict=True)]
    say(
        f"{name}: appends/s with the chain {told(with_it)}, without "
        f"{told(without_it)}; ratio {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f}-{max(ratios):.2f})"
    )


def measure_sealing(name: str, database: Database, folder: Path) -> None:
    """Seal one long trail and many short ones, prove an entry, look all through."""
    (tenant,) = found(database, 1)
    with database.writing(system=True) as session:
        for number in range(ENTRIES - 1):
            trail.record(
                session,
                organisation_id=tenant,
                actor="atl_bench",
                action="bench.noted",
                subject_id=f"thing_{number}",
            )
        trail.seal(session)
    key_file = folder / "key.pem"
    with database.writing(system=True) as session:
        sealed, spent = timed(lambda: seal_trees(session, key_file))
    say(f"{name}: one trail, {sealed.entries / spent:,.0f} entries sealed/s")

    many = found(database, 1000)
    with database.writing(system=True) as session:
        sealed, spent = timed(lambda: seal_trees(session, key_file))
    say(
        f"{name}: {len(many):,} trails at once, {spent:.2f} s a head "
        f"({sealed.entries / spent:,.0f} seals/s)"
    )
    with database.reading(system=True) as session:
        count, spent = timed(lambda: sum(1 for _ in _proofs(session, tenant, 50)))
    say(f"{name}: {spent / count * 1000:.1f} ms a proof among {ENTRIES:,} entries")
    with database.reading(system=True) as session:
        faults, spent = timed(
            lambda: sum(not one.is_clean for one in inspect(session, None))
        )
    say(f"{name}: all looked through in {spent:.1f} s, {faults} faults")


def _proofs(session: Session, tenant: OrganisationId, count: int) -> Iterator[object]:
    scope = scope_of_system(session, tenant)
    for number in range(1, count + 1):
        yield entry_proof(session, scope, number * (ENTRIES // count))


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what the work returns, and the seconds it took."""
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def told(rates: list[float]) -> str:
    return " / ".join(f"{rate:,.0f}" for rate in rates)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def databases(*, sqlite_only: bool) -> Iterator[dict[str, tuple[Database, Path]]]:
    """Open an empty database of each kind, both as durable as in earnest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opened = {"SQLite": (open_database(f"sqlite:///{folder / 'b.sqlite'}"), folder)}
        (folder / "pg").mkdir()
        if sqlite_only or postgres.binaries() is None:
            migrate(opened["SQLite"][0])
            yield opened
            return
        with postgres.cluster(folder / "pg", {"fsync": "on"}) as cluster:
            with psycopg.connect(cluster.database("postgres"), autocommit=True) as one:
                one.execute("CREATE DATABASE bench")
            url = cluster.database("bench").replace("://", "+psycopg://")
            opened["PostgreSQL"] = (open_database(url), folder / "pg")
            for database, _ in opened.values():
                migrate(database)
            yield opened
            for database, _ in opened.values():
                database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--sqlite-only", action="store_true")
    given = parser.parse_args()
    with databases(sqlite_only=given.sqlite_only) as opened:
        for name, (database, folder) in opened.items():
            measure_sealing(name, database, folder)
            measure_appends(name, database, given.seconds)


if __name__ == "__main__":
    main()
