"""All shards by another edition: file to file, in as many processes as one likes.

What a shard came to is a file of its own with a column to each logic hash, so that an
edition is a choice of columns: rules that did not change are not run again, and work
that was broken off goes on where it stopped.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from audits.assessments.shard_files import SUFFIX, finish, unfinished, write_table
from audits.submissions.facts import vocabulary_sha256
from rules import Book
from rules.shards import SUBMISSION, as_read_by, columns_to_read, score_shard

VOCABULARY, UNREADABLE = b"vocabulary_sha256", b"unreadable"


@dataclass(frozen=True, slots=True)
class Errand:
    """A shard to score, and where what it came to is kept."""

    source: Path
    place: Path


@dataclass(frozen=True, slots=True)
class Rescored:
    """What became of one shard: rules that were run on it, and rows that are unreadable."""

    errand: Errand
    submissions: int
    rules_run: int
    unreadable: int


def errand(shard: Path, output: Path) -> Errand:
    """Return the errand for a shard, whose place has its own name in its own country."""
    return Errand(shard, output / shard.parent.name / f"{shard.stem}{SUFFIX}")


def rescore(
    book: Book, errands: Sequence[Errand], *, processes: int = 1
) -> Iterator[Rescored]:
    """Score every shard and yield each as it is done, in any order."""
    if processes == 1:
        yield from (rescore_shard(book, one) for one in errands)
        return
    with _pool(book, processes) as pool:
        waiting = [pool.submit(_rescore_here, one) for one in errands]
        for done in as_completed(waiting):
            yield done.result()


def rescore_shard(book: Book, one: Errand) -> Rescored:
    """Run on a shard those rules that nobody ran on it yet, and keep what they say."""
    earlier = _earlier(book, one)
    known = set() if earlier is None else set(earlier.names)
    missing = [rule.id for rule in book.rules if rule.logic_hash not in known]
    if earlier is not None and not missing and _is_of(book, earlier):
        return Rescored(one, _rows(one.place), 0, _unreadable(earlier))
    shard = _read(book, one.source, missing)
    _, refused = as_read_by(book.vocabulary, shard)
    unreadable = 0 if refused is None else int(refused.sum())
    if unreadable and earlier is not None and not _is_of(book, earlier):
        # What another vocabulary could read says nothing of what this one can.
        one.place.unlink()
        return rescore_shard(book, one)
    scored = pa.Table.from_batches([score_shard(book, shard, only=missing)])
    if earlier is not None:
        kept = pq.read_table(one.place)
        for name in (one for one in kept.column_names if one != SUBMISSION):
            scored = scored.append_column(name, kept.column(name))
    told = {
        VOCABULARY: vocabulary_sha256(book.vocabulary).hex().encode(),
        UNREADABLE: str(unreadable).encode(),
    }
    with unfinished(one.place.parent) as path:
        write_table(scored.replace_schema_metadata(told), path)
        finish(path, one.place)
    return Rescored(one, scored.num_rows, len(missing), unreadable)


def sweep_unfinished(output: Path) -> None:
    """Remove what was half written when earlier work was broken off."""
    for path in output.glob("*/*.unfinished"):
        path.unlink(missing_ok=True)


def _earlier(book: Book, one: Errand) -> pa.Schema | None:
    """Return the columns there are already; none if this book cannot go on from them."""
    if not one.place.is_file():
        return None
    schema = pq.read_schema(one.place)
    return schema if _is_of(book, schema) or not _unreadable(schema) else None


def _is_of(book: Book, schema: pa.Schema) -> bool:
    digest = vocabulary_sha256(book.vocabulary).hex().encode()
    return bool((schema.metadata or {}).get(VOCABULARY) == digest)


def _unreadable(schema: pa.Schema) -> int:
    return int((schema.metadata or {}).get(UNREADABLE, b"0"))


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def _read(book: Book, source: Path, only: Iterable[str]) -> pa.RecordBatch:
    """Read what scoring needs of a shard; one that is kept has a row at least."""
    columns = columns_to_read(book, pq.read_schema(source), only)
    with pq.ParquetFile(source) as file:
        table = file.read(columns, use_threads=False)
    (batch,) = table.combine_chunks().to_batches()
    return batch


# The book of a worker process; it is handed over once and not with every shard.
_books: list[Book] = []


@contextmanager
def _pool(book: Book, processes: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_begin, initargs=(book,)
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(book: Book) -> None:
    pa.set_cpu_count(1)
    _books.append(book)


def _rescore_here(one: Errand) -> Rescored:
    return rescore_shard(_books[0], one)
