"""A rescoring that is killed in the middle, and run again, comes to the same."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.cli import main
from audits.assessments import shards
from audits.assessments.shard_files import ShardFiles
from audits.assessments.shards import Group, Written
from audits.submissions.facts import vocabulary_sha256
from compliance.database import open_database
from compliance.identity.scope import scope_of_system
from compliance.settings import Settings
from rules import read_book
from rules.shards import shard_of
from tests.conftest import founded
from tests.random_audits import random_audit, seeded

SHARDS, AUDITS = 24, 400
PATIENCE_SECONDS = 120.0


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A data folder with shards that nobody judged yet."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "atalaya.sqlite")
    settings = Settings(data=folder)
    database = open_database(settings.resolved_database_url, is_system=True)
    tenant = founded(database, "Exportadora Puerto Sereno")
    files, vocabulary = ShardFiles(folder / "shards"), read_book().vocabulary
    random = seeded(1)
    answers = [
        random_audit(random, vocabulary, missing=0.2, sizes=(0, 3, 6), country="CO")
        for _ in range(AUDITS)
    ]
    group = Group("CO", vocabulary_sha256(vocabulary))
    written = [
        Written(
            group,
            files.keep(
                "CO",
                pa.Table.from_batches(
                    [
                        shard_of(
                            vocabulary,
                            [f"submission_{number}_{row}" for row in range(AUDITS)],
                            answers,
                        )
                    ]
                ),
            ),
            AUDITS,
            (),
        )
        for number in range(SHARDS)
    ]
    with database.writing(system=True) as session:
        shards.note(session, scope_of_system(session, tenant.id), written)
    database.close()
    return folder


def command(data: Path, output: Path) -> list[str]:
    words = ["rescore", "--edition", "2026.11", "--processes", "1"]
    return [*words, "--data", str(data), "--output", str(output), "--language", "en"]


def results(output: Path) -> list[Path]:
    return sorted(output.glob("CO/*.parquet"))


def killed_in_the_middle(arguments: list[str], output: Path) -> int:
    """Run a command until its first result is there, kill it, and count the results."""
    running = subprocess.Popen(
        [sys.executable, "-m", "api", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    patience = time.monotonic() + PATIENCE_SECONDS
    while not results(output) and time.monotonic() < patience:
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.wait()
    return len(results(output))


def test_a_rescoring_that_was_killed_goes_on_and_comes_to_the_same(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, unbroken = tmp_path / "output", tmp_path / "unbroken"

    done = killed_in_the_middle(command(data, output), output)
    again = main(command(data, output))
    told = capsys.readouterr().out
    whole = main(command(data, unbroken))

    assert 0 < done < SHARDS
    assert (again, whole) == (0, 0)
    assert f"{SHARDS - done} shards were run" in told
    assert list(output.glob("CO/*.unfinished")) == []
    assert [one.name for one in results(output)] == [
        one.name for one in results(unbroken)
    ]
    for one, other in zip(results(output), results(unbroken), strict=True):
        assert pq.read_table(one).equals(pq.read_table(other))
