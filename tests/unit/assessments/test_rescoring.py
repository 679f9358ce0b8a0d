"""Shards by an edition, file to file: equal to the plain reader, and never twice."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audits.assessments.rescoring import Errand, errand, rescore, sweep_unfinished
from audits.assessments.shard_files import ShardFiles
from rules import Answers, Book, Roster, assess, read_book
from rules.columns import verdicts_of
from rules.shards import SUBMISSION, facts_written, shard_of
from tests.books import MINIMUM_AGE, Changes, book_folder
from tests.random_audits import random_audit, seeded

SHARDS, AUDITS = 3, 30
STRICTER = {MINIMUM_AGE: ("age < law.minimum_age", "age <= law.minimum_age + 1")}
MOST_DAYS = 28
NARROWER = {"facts/workers.yaml": ("range: [0, 31]", f"range: [0, {MOST_DAYS}]")}


@cache
def packaged_book() -> Book:
    return read_book()


@dataclass(frozen=True)
class Portfolio:
    """Some shards with the answers they were made of."""

    errands: list[Errand]
    answers: dict[str, Answers]


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    files, vocabulary = ShardFiles(tmp_path / "shards"), packaged_book().vocabulary
    errands: list[Errand] = []
    answers: dict[str, Answers] = {}
    for number in range(SHARDS):
        random = seeded(number)
        here = {
            f"submission_{number}_{row}": random_audit(
                random, vocabulary, missing=0.2, sizes=(None, 0, 2), country="CO"
            )
            for row in range(AUDITS)
        }
        shard = shard_of(vocabulary, list(here), list(here.values()))
        digest = files.keep("CO", pa.Table.from_batches([shard]))
        errands.append(errand(files.path("CO", digest), tmp_path / "rescored"))
        answers |= here
    return Portfolio(errands, answers)


def edition(folder: Path, changes: Changes) -> Book:
    return read_book(book_folder(folder / "edition", "2026.12", changes))


def codes(one: Errand) -> dict[str, list[int | None]]:
    """Return every column of a result by its logic hash."""
    table = pq.read_table(one.place).drop_columns([SUBMISSION])
    return {name: table.column(name).to_pylist() for name in table.column_names}


def names(one: Errand) -> list[str]:
    found: list[str] = pq.read_table(one.place).column(SUBMISSION).to_pylist()
    return found


def test_what_is_rescored_is_what_the_plain_reader_says(portfolio: Portfolio) -> None:
    book = packaged_book()

    list(rescore(book, portfolio.errands))

    meanings = {rule.logic_hash: verdicts_of(rule) for rule in book.rules}
    for one in portfolio.errands:
        told = codes(one)
        for row, name in enumerate(names(one)):
            for verdict in assess(book, portfolio.answers[name]):
                code = told[verdict.logic_hash][row]
                assert code is not None
                assert meanings[verdict.logic_hash][code] == verdict


def test_work_in_several_processes_comes_to_the_same(
    portfolio: Portfolio, tmp_path: Path
) -> None:
    alone = [replace(one, place=tmp_path / one.place.name) for one in portfolio.errands]

    done = list(rescore(packaged_book(), portfolio.errands, processes=2))
    list(rescore(packaged_book(), alone))

    assert {one.errand for one in done} == set(portfolio.errands)
    assert [codes(one) for one in portfolio.errands] == [codes(one) for one in alone]


def test_what_is_done_is_not_done_again(portfolio: Portfolio) -> None:
    first = list(rescore(packaged_book(), portfolio.errands))
    written = [one.place.stat().st_mtime_ns for one in portfolio.errands]

    second = list(rescore(packaged_book(), portfolio.errands))

    assert {one.rules_run for one in first} == {len(packaged_book().rules)}
    assert [one.rules_run for one in second] == [0] * SHARDS
    assert [one.place.stat().st_mtime_ns for one in portfolio.errands] == written


def test_only_rules_that_changed_are_run_and_the_others_are_kept(
    portfolio: Portfolio, tmp_path: Path
) -> None:
    stricter = edition(tmp_path, STRICTER)
    list(rescore(packaged_book(), portfolio.errands))
    before = [codes(one) for one in portfolio.errands]

    done = list(rescore(stricter, portfolio.errands))

    assert {one.rules_run for one in done} == {1}
    rule = stricter.rule_by_id["child_labour.minimum_age"]
    for one, kept in zip(portfolio.errands, before, strict=True):
        now = codes(one)
        assert now.keys() - kept.keys() == {rule.logic_hash}
        assert {name: now[name] for name in kept} == kept


def test_work_that_was_broken_off_goes_on_where_it_stopped(
    portfolio: Portfolio,
) -> None:
    next(rescore(packaged_book(), portfolio.errands))
    left = portfolio.errands[1].place.parent / "tmp0.unfinished"
    left.write_bytes(b"half a file")

    sweep_unfinished(left.parents[1])
    done = list(rescore(packaged_book(), portfolio.errands))

    assert [one.rules_run > 0 for one in done] == [False, True, True]
    assert not left.exists()


def test_a_result_is_whole_or_not_there(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full while a result is written: nothing has its name."""

    def full(*_given: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)

    with pytest.raises(OSError, match="No space"):
        list(rescore(packaged_book(), portfolio.errands))

    folder = portfolio.errands[0].place.parent
    assert list(folder.iterdir()) == []


def _is_readable(answers: Answers) -> bool:
    """Tell whether nobody has more days of a month than the later book allows."""
    days = ("long_days_per_month", "rest_days_missed_per_month")
    workers = answers.rosters[Roster.WORKERS] or ()
    told = [int(str(one.facts.get(name, 0))) for one in workers for name in days]
    return all(number <= MOST_DAYS for number in told)


def test_rows_the_edition_cannot_read_get_no_verdict(
    portfolio: Portfolio, tmp_path: Path
) -> None:
    narrower = edition(tmp_path, NARROWER)
    readable = {name for name, one in portfolio.answers.items() if _is_readable(one)}

    done = list(rescore(narrower, portfolio.errands))

    assert sum(one.unreadable for one in done) == len(portfolio.answers) - len(readable)
    assert 0 < len(readable) < len(portfolio.answers)
    for one in portfolio.errands:
        told = codes(one)
        for column in (told[rule.logic_hash] for rule in narrower.rules):
            known = {
                name
                for name, code in zip(names(one), column, strict=True)
                if code is not None
            }
            assert known == readable & set(names(one))


@pytest.mark.parametrize("first", ["packaged", "narrower"])
def test_an_edition_with_another_vocabulary_takes_over_no_wrong_code(
    portfolio: Portfolio, tmp_path: Path, first: str
) -> None:
    """The logic hashes are alike; what can be read is not."""
    books = {"packaged": packaged_book(), "narrower": edition(tmp_path, NARROWER)}
    second = {"packaged": "narrower", "narrower": "packaged"}[first]
    alone = [
        replace(one, place=tmp_path / "alone" / one.place.name)
        for one in portfolio.errands
    ]

    list(rescore(books[first], portfolio.errands))
    list(rescore(books[second], portfolio.errands))
    list(rescore(books[second], alone))

    assert [codes(one) for one in portfolio.errands] == [codes(one) for one in alone]


def test_a_shard_file_is_named_by_its_content(tmp_path: Path) -> None:
    files, vocabulary = ShardFiles(tmp_path), packaged_book().vocabulary
    answers = [random_audit(seeded(1), vocabulary, missing=0.2, sizes=(1,))]
    shard = pa.Table.from_batches([shard_of(vocabulary, ["s1"], answers)])

    digests = {files.keep("CO", shard) for _ in range(2)}

    assert len(digests) == 1
    read = files.read("CO", digests.pop())
    assert read.equals(shard)
    assert facts_written(read.schema) == facts_written(shard.schema) != {}
    assert len(list((tmp_path / "CO").iterdir())) == 1
