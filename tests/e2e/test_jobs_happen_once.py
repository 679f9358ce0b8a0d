"""Every job has its effect once, whatever becomes of the workers."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compliance.database import Database
from compliance.jobs import State
from tests.jobs import effects, enqueued, make_effects, over, states, wait_until

PROGRAM = Path(__file__).parent / "doing_jobs.py"
ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 1.0


@contextmanager
def worker(
    database_url: str, folder: Path, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker process while the context lasts."""
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "DATABASE": database_url.replace(
                    "postgresql://", "postgresql+psycopg://"
                ),
                "LEASE_SECONDS": str(LEASE_SECONDS),
            },
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def log_of(folder: Path) -> str:
    return (folder / "worker.log").read_text()


def kill_when(database: Database, process: subprocess.Popen[bytes], count: int) -> None:
    """Kill it, unwarned, at some moment after it has left `count` effects."""
    wait_until(lambda: len(effects(database)) >= count)
    time.sleep(random.random() * 0.01)  # noqa: S311 - when to kill is no secret
    process.kill()
    process.wait()


def test_a_worker_killed_twice_in_400_jobs_does_each_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    make_effects(database)
    made = enqueued(database, "brief", 400)
    chance = random.Random(2)  # noqa: S311 - when to kill is no secret

    for _ in range(2):
        with worker(database_url, tmp_path) as process:
            left = len(effects(database)) + chance.randint(20, 120)
            kill_when(database, process, left)
        assert not over(database)
    with worker(database_url, tmp_path):
        wait_until(lambda: over(database))

    assert effects(database) == made


def test_a_dead_workers_jobs_are_taken_up_within_its_lease_and_a_second(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    make_effects(database)
    made = enqueued(database, "brief", 100)

    with worker(database_url, tmp_path) as one, worker(database_url, tmp_path):
        kill_when(database, one, 30)
        killed_at = time.monotonic()
        wait_until(lambda: over(database))
        recovered_in = time.monotonic() - killed_at

    assert effects(database) == made
    assert recovered_in <= LEASE_SECONDS + 1 + 1, "a second for the work itself"


def test_a_worker_that_wakes_after_its_lease_undoes_what_is_anothers(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """Stopped in the middle of its work, overtaken, and then gone on."""
    make_effects(database)

    with worker(database_url, tmp_path) as sleeper, worker(database_url, tmp_path):
        made = enqueued(database, "thinking", 120)
        for count in (10, 60):
            wait_until(lambda count=count: len(effects(database)) >= count)  # type: ignore[misc]  # mypy knows no default here
            sleeper.send_signal(signal.SIGSTOP)
            time.sleep(LEASE_SECONDS + 0.8)
            sleeper.send_signal(signal.SIGCONT)
        wait_until(lambda: over(database) and "job lost" in log_of(tmp_path))

    assert effects(database) == made


def test_a_worker_told_to_stop_finishes_what_is_in_hand(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    make_effects(database)
    enqueued(database, "thinking", 60)

    with worker(database_url, tmp_path) as process:
        wait_until(lambda: len(effects(database)) >= 5)
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=10)

    counted = Counter(states(database))
    assert status == 0
    assert counted[State.RUNNING] == 0
    assert counted[State.DONE] == len(effects(database)) < 60


def test_a_worker_that_finishes_in_a_second_transaction_is_found_out(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    make_effects(database)
    made = enqueued(database, "brief", 60)

    for count in (10, 25):
        with worker(database_url, tmp_path, "finishes_later") as process:
            kill_when(database, process, count)
    with worker(database_url, tmp_path):
        wait_until(lambda: over(database))

    assert set(effects(database)) == set(made)
    assert len(effects(database)) > len(made), "the wrong worker doubles, and it shows"
