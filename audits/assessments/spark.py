"""Shards scored where they lie on a Spark cluster, by the function of the local pool.

Nothing here imports Spark: `scored` takes a frame and gives a frame. It is worth the
cluster only where the shards already are on one; a machine of two cores scores two
hundred thousand audits a second by itself. Each worker reads the book once, so it needs
this product installed and the same edition (`pip install atalaya[spark]`).

    shards = spark.read.parquet("shards/CO")
    schema = pyarrow.parquet.read_schema(one_of_the_shards)
    scored(shards, schema, read_book()).write.parquet("verdicts/CO")
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from rules import Book, read_book
from rules.shards import SUBMISSION, score_shard

Frame = Any
"""A `pyspark.sql.DataFrame`."""


class OtherEdition(RuntimeError):
    """A worker has another edition of the book than the one that was asked for."""


def scored(
    shards: Frame,
    schema: pa.Schema,
    book: Book,
    *,
    only: Iterable[str] | None = None,
    folder: Path | None = None,
) -> Frame:
    """Return the submissions with the code of each rule, or of `only` some.

    `schema` is that of the shard files: Spark forgets which numbers have no sign, and
    what the facts meant. `folder` is where the workers find the book, if it is not the
    one they have installed.
    """
    rules = None if only is None else tuple(only)
    wanted = book.rules if rules is None else [book.rule_by_id[one] for one in rules]
    columns = ", ".join(f"`{rule.logic_hash}` tinyint" for rule in wanted)
    sha256 = book.sha256

    def score_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        known = _book(folder, sha256)
        for batch in batches:
            yield _signed(score_shard(known, _as_written(batch, schema), only=rules))

    return shards.mapInArrow(score_batches, f"{SUBMISSION} string, {columns}")


@cache
def _book(folder: Path | None, sha256: str) -> Book:
    book = read_book(folder)
    if book.sha256 != sha256:
        raise OtherEdition(f"This worker has {book.sha256}, not {sha256}.")
    return book


def _as_written(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch as Spark read it with the types of the file it came from."""
    known = pa.schema(
        [schema.field(name) for name in batch.schema.names], schema.metadata
    )
    columns = [
        column.cast(field.type)
        for column, field in zip(batch.columns, known, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=known)


def _signed(codes: pa.RecordBatch) -> pa.RecordBatch:
    """Return the codes as Spark can hold them; there are far fewer than 128."""
    columns = [
        column if name == SUBMISSION else column.cast(pa.int8())
        for name, column in zip(codes.schema.names, codes.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=codes.schema.names)
