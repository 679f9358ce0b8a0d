"""Where shards lie: a Parquet file named by its content, in the folder of its country.

A file is written aside, made durable and then named, so that whoever finds a name
finds the whole of it.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import pyarrow as pa
import pyarrow.parquet as pq

from compliance import clock
from compliance.settings import Settings

ABANDONED_SECONDS = 24 * 3600
UNFINISHED = ".unfinished"
SUFFIX = ".parquet"


@dataclass(frozen=True)
class ShardFiles:
    """The folder of the shards."""

    folder: Path

    def keep(self, country: str, shard: pa.Table) -> str:
        """Write a shard durably and return the SHA-256 of its file in hexadecimal."""
        home = self.folder / country
        with unfinished(home) as path:
            write_table(shard, path)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            finish(path, self.path(country, digest))
        return digest

    def path(self, country: str, digest: str) -> Path:
        return self.folder / country / f"{digest}{SUFFIX}"

    def read(self, country: str, digest: str) -> pa.Table:
        return pq.read_table(self.path(country, digest))

    def sweep(self, known: Iterable[str]) -> int:
        """Remove files that no shard speaks of and that are a day old; return how many.

        A younger one may be about to be spoken of, or be read at this moment.
        """
        names = {f"{digest}{SUFFIX}" for digest in known}
        oldest = clock.now().timestamp() - ABANDONED_SECONDS
        left = [
            path
            for path in self.folder.glob("*/*")
            if path.name not in names and path.stat().st_mtime < oldest
        ]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)


def shard_files_of(settings: Settings) -> ShardFiles:
    """Return where this product's shards lie."""
    return ShardFiles(settings.data / "shards")


def write_table(table: pa.Table, path: Path) -> None:
    """Write Parquet that is small, and quick to read by the column."""
    pq.write_table(table, path, compression="zstd")


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Give a path in `folder` to write to; what was not named by then is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, suffix=UNFINISHED, delete=False) as file:
        path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def finish(path: Path, place: Path) -> None:
    """Make a file durable, and then its name."""
    _sync(path)
    path.replace(place)
    _sync(place.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
