"""Spark scores shards as the local pool does; skipped where there is no Spark."""

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audits.assessments.spark import OtherEdition, _book, scored
from rules import read_answers, read_book
from rules.shards import score_shard, shard_of

pytestmark = [
    pytest.mark.skipif(
        find_spec("pyspark") is None,
        reason="pyspark is not installed; it is the extra [spark] and takes 480 MB",
    ),
    pytest.mark.skipif(
        shutil.which("java") is None,
        reason="Java is not installed; Debian's package is openjdk-17-jre-headless",
    ),
    # What Spark leaves open at its end is its own affair.
    pytest.mark.filterwarnings("ignore"),
]
BOOK = read_book()
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def shard() -> pa.RecordBatch:
    examples = [one.document for rule in BOOK.rules for one in rule.examples]
    answers = [read_answers(BOOK.vocabulary, one) for one in examples]
    names = [f"sub_{number}" for number in range(len(answers))]
    return shard_of(BOOK.vocabulary, names, answers)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYSPARK_PYTHON", sys.executable)
        environment.setenv("PYTHONPATH", str(ROOT))
        session = (
            sql.SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()
        )
        yield session
        session.stop()


def test_spark_and_the_local_pool_give_the_same_codes(
    spark: Any, shard: pa.RecordBatch, tmp_path: Path
) -> None:
    path = tmp_path / "shard.parquet"
    pq.write_table(pa.Table.from_batches([shard]), path)
    frame = spark.read.parquet(str(path))

    rows = scored(frame, pq.read_schema(path), BOOK).collect()

    found = sorted(tuple(row) for row in rows)
    here = score_shard(BOOK, shard)
    assert found == sorted(zip(*(one.to_pylist() for one in here.columns), strict=True))


def test_a_worker_with_another_edition_says_so() -> None:
    with pytest.raises(OtherEdition, match="not 0000"):
        _book(None, "0000")
