"""A shard says what its documents say, also to a book whose vocabulary moved on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.strategies import SearchStrategy

from audits.assessments.standing_facts import answers_under
from rules.answers import Answers, AnswersRejected
from rules.column_answers import batches_of
from rules.columns import score, verdicts_of
from rules.definitions import Book, Verdict
from rules.hashes import logic_hash
from rules.one_audit import assess
from rules.shards import SUBMISSION, score_shard, shard_of
from rules.vocabulary import AnswerValue, Kind, Roster, Vocabulary
from tests.property.test_readers_agree import books_of
from tests.random_audits import random_audit, seeded
from tests.strategies import VOCABULARY
from tests.unit.rules.small_books import fact

RULES = 3
AUDITS = 60
# Beside the facts of the trees, one in each home that the later book has forgotten.
WRITTEN = Vocabulary(
    {
        **VOCABULARY.facts,
        **{
            one.id: one
            for one in (
                fact("spare", Kind.CHOICE, roster=home, options=("u", "v"))
                for home in (None, *Roster)
            )
        },
    }
)


def audits(seed: int) -> list[Answers]:
    random = seeded(seed)
    sizes = (None, 0, 1, 2, 5)
    return [
        random_audit(random, WRITTEN, missing=0.3, sizes=sizes) for _ in range(AUDITS)
    ]


def document(answers: Answers) -> bytes:
    """Write answers as the document that is kept."""
    told: dict[str, object] = {
        "country": answers.country,
        "commodity": answers.commodity,
        "site_kind": answers.site_kind,
        "observed_on": answers.observed_on.isoformat(),
        "facts": plain(answers.facts),
    }
    for roster, members in answers.rosters.items():
        told[roster] = (
            None
            if members is None
            else [{"key": one.key, **plain(one.facts)} for one in members]
        )
    return json.dumps(told).encode()


def plain(facts: Mapping[str, AnswerValue]) -> dict[str, object]:
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: AnswerValue) -> object:
    match value:
        case frozenset():
            return sorted(value)
        case date():
            return value.isoformat()
        case _:
            return value


def by_shard(book: Book, shard: pa.RecordBatch) -> dict[str, list[Verdict] | None]:
    """Return the verdicts of every submission; None where it cannot be read."""
    scored = score_shard(book, shard)
    columns = [
        [
            None if code is None else verdicts_of(rule)[code]
            for code in scored.column(rule.logic_hash).to_pylist()
        ]
        for rule in book.rules
    ]
    rows = zip(*columns, strict=True)
    return {
        submission: None if None in row else [one for one in row if one is not None]
        for submission, row in zip(
            scored.column(SUBMISSION).to_pylist(), rows, strict=True
        )
    }


def by_document(
    book: Book, names: Sequence[str], answers: Sequence[Answers]
) -> dict[str, list[Verdict] | None]:
    told: dict[str, list[Verdict] | None] = {}
    for name, one in zip(names, answers, strict=True):
        try:
            read = answers_under(book.vocabulary, document(one), written=WRITTEN)
        except AnswersRejected:
            told[name] = None
        else:
            told[name] = list(assess(book, read))
    return told


@some.composite
def later_vocabularies(draw: some.DrawFn) -> Vocabulary:
    """Draw what the facts of the trees may be later: the trees still make sense.

    Options move freely. A range closes on one fact at most, for the rows that it makes
    unreadable say nothing of the others.
    """
    numbers = [one.id for one in VOCABULARY.facts.values() if one.kind is Kind.INTEGER]
    narrower = draw(some.sampled_from([None, *numbers]))
    facts = {}
    for name, one in VOCABULARY.facts.items():
        order = draw(some.permutations(list(one.options)))
        facts[name] = replace(one, options={kept: one.options[kept] for kept in order})
        if name == narrower:
            facts[name] = replace(one, highest=15)
    return Vocabulary(facts)


def later_books() -> SearchStrategy[Book]:
    return some.builds(_under, books_of(RULES), later_vocabularies())


def _under(book: Book, vocabulary: Vocabulary) -> Book:
    later = replace(book, vocabulary=vocabulary)
    return replace(
        later,
        rules=tuple(
            replace(rule, logic_hash=logic_hash(rule, later)) for rule in later.rules
        ),
    )


@given(books_of(RULES), some.integers(0, 7))
def test_a_shard_is_scored_as_the_columns_it_was_made_of(book: Book, seed: int) -> None:
    written = _under(book, WRITTEN)
    answers = audits(seed)
    names = [f"s{number}" for number in range(len(answers))]

    scored = score_shard(written, shard_of(WRITTEN, names, answers))

    expected = score(written, *batches_of(WRITTEN, answers))
    assert scored.column(SUBMISSION).to_pylist() == names
    assert scored.drop_columns([SUBMISSION]).equals(expected)


@given(later_books(), some.integers(0, 7))
def test_a_later_book_reads_a_shard_as_it_reads_the_documents(
    book: Book, seed: int
) -> None:
    answers = audits(seed)
    names = [f"s{number}" for number in range(len(answers))]

    told = by_shard(book, shard_of(WRITTEN, names, answers))

    assert told == by_document(book, names, answers)
