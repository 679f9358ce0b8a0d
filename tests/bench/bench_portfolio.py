"""How long a portfolio takes to be scored anew, from file to file.

Run by hand: `./run bench portfolio --audits 12500000`. Made-up audits are written to a
temporary folder in shards of one country, three files each, Parquet or Arrow's own
format; then a pool of processes scores every shard, first all rules, then three that
are said to have changed.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import feather

from rules import read_book
from rules.column_batches import SITE
from rules.columns import columns_needed, score
from rules.definitions import Book
from rules.vocabulary import Roster
from tests.bench.synthetic import made_up

AUDITS_A_SHARD = 250_000
CHANGED = (
    "child_labour.minimum_age",
    "forced_labour.documents_held",
    "wages_and_hours.minimum_wage",
)
KILOBYTES_A_UNIT = 1 if sys.platform != "darwin" else 1024


@dataclass(frozen=True)
class Shard:
    folder: Path
    country: str
    audits: int
    seed: int
    format: str

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.{self.format}"


@dataclass(frozen=True)
class Spent:
    cpu: float
    megabytes: float
    written: int


class Worker:
    """What each process of the pool keeps: the book, compiled once."""

    book: Book


def prepare_worker(book: Book, ready: Barrier) -> None:
    Worker.book = book
    # One thread a worker: the shards are what is shared out.
    pa.set_cpu_count(1)
    audits, members = made_up(book.vocabulary, ("CO",), 8, seed=0)
    score(book, audits, members)
    score(book, audits, members, only=CHANGED)
    ready.wait()


def write_shard(shard: Shard) -> None:
    shard.folder.mkdir(parents=True)
    audits, members = made_up(
        Worker.book.vocabulary, (shard.country,), shard.audits, shard.seed
    )
    write(audits, shard.path("audits"))
    for roster, batch in members.items():
        write(batch, shard.path(roster))


def score_shard(shard: Shard, only: Sequence[str] | None) -> Spent:
    started = time.process_time()
    needed = columns_needed(Worker.book, only)
    audits = _read(shard, "audits", (*SITE, *Roster, *needed[None]))
    members = {
        roster: _read(shard, roster, needed[roster])
        for roster in Roster
        if needed[roster]
    }
    scored = score(Worker.book, audits, members, only=only)
    target = shard.path("verdicts" if only is None else "changed")
    write(scored, target)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_A_UNIT
    return Spent(time.process_time() - started, peak / 1024, target.stat().st_size)


def write(batch: pa.RecordBatch, path: Path) -> None:
    """Write a batch as one piece, compressed."""
    table, rows = pa.Table.from_batches([batch]), batch.num_rows or 1
    if path.suffix == ".parquet":
        pq.write_table(table, path, compression="zstd", row_group_size=rows)
    else:
        feather.write_feather(table, str(path), compression="zstd", chunksize=rows)


def _read(shard: Shard, name: str, columns: Iterable[str]) -> pa.RecordBatch:
    path, wanted = shard.path(name), [str(column) for column in columns]
    if shard.format == "parquet":
        table = pq.read_table(
            path, columns=wanted, use_threads=False, partitioning=None
        )
    else:
        table = feather.read_table(
            str(path), columns=wanted, use_threads=False, memory_map=False
        )
    return table.combine_chunks().to_batches()[0]


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(
    pool: ProcessPoolExecutor,
    shards: Sequence[Shard],
    only: Sequence[str] | None,
) -> str:
    started = time.perf_counter()
    spent = list(pool.map(score_shard, shards, [only] * len(shards)))
    wall = time.perf_counter() - started
    audits = sum(shard.audits for shard in shards)
    cpu = sum(one.cpu for one in spent)
    return (
        f"{wall:6.1f} s wall, {cpu:6.1f} s CPU, {audits / cpu:,.0f} audits a CPU second, "
        f"{max(one.megabytes for one in spent):,.0f} MB the largest worker, "
        f"{sum(one.written for one in spent) / 1e6:,.1f} MB written"
    )


def shards_of(
    folder: Path, countries: Sequence[str], audits: int, kind: str
) -> list[Shard]:
    starts = range(0, audits, AUDITS_A_SHARD)
    return [
        Shard(
            folder / f"country={countries[number % len(countries)]}" / f"{number:04d}",
            countries[number % len(countries)],
            min(AUDITS_A_SHARD, audits - start),
            number,
            kind,
        )
        for number, start in enumerate(starts)
    ]


def pool_of(workers: int, book: Book) -> ProcessPoolExecutor:
    """Return a pool whose processes have all started and compiled the book."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(workers + 1)
    pool = ProcessPoolExecutor(
        workers, context, initializer=prepare_worker, initargs=(book, ready)
    )
    for _ in range(workers):
        pool.submit(abs, 0)
    ready.wait()
    return pool


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--audits", type=int, default=AUDITS_A_SHARD)
    reader.add_argument("--workers", type=int, default=2)
    reader.add_argument("--format", choices=["parquet", "arrow"], default="parquet")
    asked = reader.parse_args()
    book = read_book()
    with tempfile.TemporaryDirectory(prefix="atalaya-portfolio-") as folder:
        shards = shards_of(
            Path(folder), sorted(book.countries), asked.audits, asked.format
        )
        with pool_of(asked.workers, book) as pool:
            written = timed(lambda: list(pool.map(write_shard, shards)))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.*"))
        say(
            f"{asked.audits:,} audits in {len(shards)} shards of {asked.format}, "
            f"{size / 1e6:,.0f} MB, made in {written:.0f} s; {asked.workers} workers"
        )
        # Other processes than those that made the shards, to see their own memory.
        with pool_of(asked.workers, book) as pool:
            say(f"all {len(book.rules)} rules: {measure(pool, shards, None)}")
        with pool_of(asked.workers, book) as pool:
            say(f"{len(CHANGED)} changed rules: {measure(pool, shards, CHANGED)}")


if __name__ == "__main__":
    main()
