"""How long a portfolio takes to be scored anew, from file to file.

Run by hand: `./run bench portfolio --audits 12500000`. Made-up audits are written to a
temporary folder in shards of one country, three files each, Parquet or Arrow's own
format, in blocks that belong together; then a pool of processes scores every shard block
by block, first all rules, then three that are said to have changed.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rules import read_book
from rules.column_batches import SITE, coded
from rules.columns import columns_needed, score
from rules.definitions import Book
from rules.vocabulary import Roster
from tests.bench.synthetic import made_up

AUDITS_A_SHARD = 250_000
AUDITS_AT_A_TIME = 1 << 15
CHANGED = (
    "child_labour.minimum_age",
    "forced_labour.documents_held",
    "wages_and_hours.minimum_wage",
)
Writer = Any
"""A Parquet writer, or one of Arrow's own that behaves like it; pyarrow has no types."""
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
    reading: float
    scoring: float
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
    """Write a shard block by block; a block of members is that of its audits."""
    shard.folder.mkdir(parents=True)
    with ExitStack() as files:
        writers: dict[str, Writer] = {}
        for number, start in enumerate(range(0, shard.audits, AUDITS_AT_A_TIME)):
            audits, members = made_up(
                Worker.book.vocabulary,
                (shard.country,),
                min(AUDITS_AT_A_TIME, shard.audits - start),
                seed=shard.seed * 100 + number,
            )
            for name, batch in (("audits", audits), *members.items()):
                held = coded(batch)
                if name not in writers:
                    opened = open_writer(shard.path(name), held.schema)
                    writers[name] = files.enter_context(opened)
                writers[name].write_batch(held)


def open_writer(path: Path, schema: pa.Schema) -> Writer:
    """Open a file whose blocks can be read one by one.

    Small codes are worth a dictionary, other numbers are not; LZ4 is read twice as
    quickly as Zstandard and is not much larger; nobody asks for statistics.
    """
    if path.suffix == ".parquet":
        codes = [field.name for field in schema if field.type == pa.uint8()]
        return pq.ParquetWriter(
            path,
            schema,
            compression="lz4",
            use_dictionary=codes,
            write_statistics=False,
        )
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    return ArrowWriter(pa.ipc.new_file(str(path), schema, options=options))


class ArrowWriter:
    """Arrow's own files, written as the Parquet writer writes."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def __enter__(self) -> "ArrowWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write_batch(self, batch: pa.RecordBatch) -> None:
        self._writer.write_batch(batch)


class Blocks:
    """A file of one shard, read block by block and only the columns that are needed."""

    def __init__(self, path: Path, columns: Iterable[str]) -> None:
        self._columns = [str(column) for column in columns]
        self._parquet = path.suffix == ".parquet"
        if self._parquet:
            self._file = pq.ParquetFile(path, pre_buffer=False)
            self.number = self._file.num_row_groups
            return
        schema = pa.ipc.open_file(str(path)).schema
        wanted = [schema.get_field_index(name) for name in self._columns]
        options = pa.ipc.IpcReadOptions(included_fields=wanted, use_threads=False)
        self._file = pa.ipc.open_file(str(path), options=options)
        self.number = self._file.num_record_batches

    def read(self, number: int) -> pa.RecordBatch:
        if not self._parquet:
            return self._file.get_batch(number)
        table = self._file.read_row_group(number, self._columns, use_threads=False)
        return table.combine_chunks().to_batches()[0]


def score_shard(shard: Shard, only: Sequence[str] | None) -> Spent:
    started = time.process_time()
    needed = columns_needed(Worker.book, only)
    audits = Blocks(shard.path("audits"), (*SITE, *Roster, *needed[None]))
    members = {
        roster: Blocks(shard.path(roster), needed[roster])
        for roster in Roster
        if needed[roster]
    }
    target = shard.path("verdicts" if only is None else "changed")
    reading = scoring = 0.0
    with ExitStack() as files:
        writer: Writer | None = None
        for number in range(audits.number):
            before = time.process_time()
            block = audits.read(number)
            others = {roster: one.read(number) for roster, one in members.items()}
            between = time.process_time()
            scored = score(Worker.book, block, others, only=only)
            reading += between - before
            scoring += time.process_time() - between
            if writer is None:
                writer = files.enter_context(open_writer(target, scored.schema))
            writer.write_batch(scored)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_A_UNIT
    cpu = time.process_time() - started
    return Spent(cpu, reading, scoring, peak / 1024, target.stat().st_size)


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
    reading = sum(one.reading for one in spent)
    scoring = sum(one.scoring for one in spent)
    return (
        f"{wall:6.1f} s wall, {cpu:6.1f} s CPU ({reading:.1f} reading, {scoring:.1f} "
        f"scoring, {cpu - reading - scoring:.1f} writing and opening), "
        f"{audits / cpu:,.0f} audits a CPU second, "
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
