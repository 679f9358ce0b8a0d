"""Jobs a second against one bare transaction each, on both databases, in the same run.

Run by hand: `./run bench jobs`. The floor does through the bare driver what a job cannot
do without: one transaction with an UPDATE and an INSERT. Aim: half of its rate. Besides:
how soon a job starts, what waiting costs, and how soon a killed worker's jobs are over.
"""

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.orm import Session

from api.migrating import migrate
from compliance.database import Database, open_database
from compliance.jobs import Work
from tests import postgres
from tests.e2e.test_jobs_happen_once import LEASE_SECONDS, worker
from tests.jobs import (
    effects,
    enqueued,
    leave_effect,
    make_effects,
    over,
    wait_until,
    workers,
    workplace,
)

# A server as it is shipped: commits reach the disk.
DURABLE = {"fsync": "on", "full_page_writes": "on"}
IDLE_SECONDS = 10.0
BARE_TABLES = (
    "CREATE TABLE bare (id integer PRIMARY KEY, state text)",
    "CREATE TABLE bare_effect (job integer)",
)
BARE_ROW = "INSERT INTO bare VALUES ({place}, 'ready')"
BARE_WORK = (
    "UPDATE bare SET state = 'done' WHERE id = {place}",
    "INSERT INTO bare_effect VALUES ({place})",
)


@dataclass(frozen=True)
class Place:
    """A database to be measured on, and its bare driver."""

    name: str
    url: str
    folder: Path
    connect: Callable[[], sqlite3.Connection | psycopg.Connection]
    begin: str
    placeholder: str


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Place]:
    path = folder / "atalaya.sqlite"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    yield Place("sqlite", f"sqlite:///{path}", folder, connect, "BEGIN IMMEDIATE", "?")


@contextmanager
def on_postgresql(folder: Path) -> Iterator[Place]:
    with postgres.cluster(folder, DURABLE) as cluster:
        with psycopg.connect(cluster.database("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE bench")
        url = cluster.database("bench")
        yield Place(
            "postgresql",
            url,
            folder,
            lambda: psycopg.connect(url, autocommit=True),
            "BEGIN",
            "%s",
        )


def floor(place: Place, count: int) -> Callable[[], None]:
    """Return what does `count` bare transactions, everything else made ready."""
    connection = place.connect()
    connection.execute("DROP TABLE IF EXISTS bare")
    connection.execute("DROP TABLE IF EXISTS bare_effect")
    for table in BARE_TABLES:
        connection.execute(table)
    connection.execute(place.begin)
    for number in range(count):
        connection.execute(BARE_ROW.format(place=place.placeholder), (number,))
    connection.execute("COMMIT")
    statements = [one.format(place=place.placeholder) for one in BARE_WORK]

    def run() -> None:
        for number in range(count):
            connection.execute(place.begin)
            for statement in statements:
                connection.execute(statement, (number,))
            connection.execute("COMMIT")
        connection.close()

    return run


def work(database: Database, count: int) -> Callable[[], None]:
    """Return what does `count` jobs, which are enqueued already."""
    enqueued(database, count=count)
    left, last = count, threading.Event()

    def effect(session: Session, work: Work) -> None:
        nonlocal left
        leave_effect(session, work)
        left -= 1
        if left == 0:
            last.set()

    def run() -> None:
        with workers(workplace(database, {"effect": effect})):
            last.wait()

    return run


def spent(run: Callable[[], None]) -> tuple[float, float]:
    """Return the wall and the CPU seconds that `run` takes in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - cpu


def rates(
    place: Place, database: Database, rounds: int, count: int
) -> dict[str, float]:
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(spent(floor(place, count)))
        ours.append(spent(work(database, count)))
    floor_rate = count / statistics.median(wall for wall, _ in bare)
    rate = count / statistics.median(wall for wall, _ in ours)
    return {
        "floor_a_second": round(floor_rate),
        "jobs_a_second": round(rate),
        "ratio": round(rate / floor_rate, 2),
        "floor_cpu_microseconds": cpu_of(bare, count),
        "job_cpu_microseconds": cpu_of(ours, count),
    }


def cpu_of(rounds: Sequence[tuple[float, float]], count: int) -> int:
    return round(1e6 * statistics.median(cpu for _, cpu in rounds) / count)


def start_milliseconds(database: Database) -> float:
    """Return how long after its commit a job starts, in the median of 50."""
    started = threading.Event()
    waits = []

    def note(_session: Session, _work: Work) -> None:
        started.set()

    with workers(workplace(database, {"effect": note})):
        for _ in range(50):
            started.clear()
            enqueued(database)
            began = time.perf_counter()
            started.wait()
            waits.append(time.perf_counter() - began)
            wait_until(lambda: over(database))
    return round(1000 * statistics.median(waits), 1)


def idle_percent(database: Database) -> float:
    """Return the share of one core that waiting for work takes."""
    with workers(workplace(database, {"effect": leave_effect}), count=2):
        _, cpu = spent(lambda: time.sleep(IDLE_SECONDS))
    return round(100 * cpu / IDLE_SECONDS, 2)


def recovery_seconds(place: Place, database: Database) -> float:
    """Return how long after a kill the last of its jobs is over, another at work."""
    before = len(effects(database))
    with (
        worker(place.url, place.folder) as one,
        worker(place.url, place.folder),
    ):
        enqueued(database, "brief", 60)
        wait_until(lambda: len(effects(database)) > before + 5)
        one.kill()
        killed_at = time.perf_counter()
        wait_until(lambda: over(database))
        return round(time.perf_counter() - killed_at, 1)


def measured(place: Place, rounds: int, count: int) -> dict[str, object]:
    url = place.url.replace("postgresql://", "postgresql+psycopg://")
    database = open_database(url, is_system=True)
    migrate(database)
    make_effects(database)
    figures: dict[str, object] = {
        **rates(place, database, rounds, count),
        "enqueue_a_second": round(300 / spent(lambda: enqueue_each(database))[0]),
        "start_milliseconds": start_milliseconds(database),
        "idle_percent_of_a_core": idle_percent(database),
        "recovery_seconds": recovery_seconds(place, database),
        "lease_seconds": LEASE_SECONDS,
    }
    database.close()
    return figures


def enqueue_each(database: Database) -> None:
    for _ in range(300):
        enqueued(database, "effect")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1500)
    given = parser.parse_args()
    told = {}
    for kind in (on_sqlite, on_postgresql):
        with tempfile.TemporaryDirectory() as folder, kind(Path(folder)) as place:
            told[place.name] = measured(place, given.rounds, given.jobs)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
