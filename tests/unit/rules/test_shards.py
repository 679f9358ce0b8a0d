"""A stored column keeps its meaning under a later vocabulary, or the row says nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from rules.answers import Answers
from rules.columns import verdicts_of
from rules.definitions import Book, Outcome
from rules.expressions import Condition, Fact, Includes, Member, OneOf, Some
from rules.shards import SUBMISSION, columns_to_read, score_shard, shard_of
from rules.units import UNITS
from rules.vocabulary import FactDefinition, Kind, Roster, Vocabulary
from tests.unit.rules.small_books import VOCABULARY, answers_of, book_of

PICKED = OneOf(Fact("pick"), ("x",))
SEVERAL = Includes(Fact("picks"), ("x",))
SOME_P = Some(Roster.CHILDREN, Member(Roster.CHILDREN, "p"))
N, C, U = Outcome.NON_CONFORMITY, Outcome.CONFORMITY, Outcome.UNDETERMINED


def shard(*answers: Answers) -> pa.RecordBatch:
    return shard_of(VOCABULARY, [f"s{row}" for row in range(len(answers))], answers)


def later(changes: Mapping[str, FactDefinition | None]) -> Vocabulary:
    facts = {**VOCABULARY.facts, **changes}
    return Vocabulary({name: one for name, one in facts.items() if one is not None})


def reordered(name: str, *options: str) -> dict[str, FactDefinition | None]:
    one = VOCABULARY.facts[name]
    titles = {**one.options, "w": one.options["x"]}
    return {name: replace(one, options={option: titles[option] for option in options})}


def outcomes(book: Book, batch: pa.RecordBatch) -> list[Outcome | None]:
    (rule,) = book.rules
    meaning = verdicts_of(rule)
    codes = score_shard(book, batch).column(rule.logic_hash).to_pylist()
    return [None if code is None else meaning[code].outcome for code in codes]


def test_the_result_names_the_submissions_in_their_order() -> None:
    scored = score_shard(book_of(Fact("a")), shard(answers_of(), answers_of()))

    assert scored.column(SUBMISSION).to_pylist() == ["s0", "s1"]
    assert scored.schema.names == [SUBMISSION, "sha256:0"]


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        (PICKED, ({"pick": "x"}, {"pick": "y"}, {"pick": "z"}, {})),
        (
            SEVERAL,
            (
                {"picks": frozenset({"x", "z"})},
                {"picks": frozenset({"y"})},
                {"picks": frozenset[str]()},
                {},
            ),
        ),
    ],
)
@pytest.mark.parametrize(
    "order", [("x", "y", "z"), ("z", "y", "x"), ("w", "x", "y", "z")]
)
def test_an_option_is_found_wherever_it_moved(
    condition: Condition, facts: Any, order: tuple[str, ...]
) -> None:
    moved = later({**reordered("pick", *order), **reordered("picks", *order)})

    told = outcomes(
        book_of(condition, vocabulary=moved), shard(*(answers_of(one) for one in facts))
    )

    assert told == [N, C, C, U]


def test_an_option_that_is_gone_leaves_the_row_without_a_verdict() -> None:
    without = later({**reordered("pick", "x", "y"), **reordered("picks", "x", "y")})
    batch = shard(
        answers_of({"pick": "z"}),
        answers_of({"pick": "x"}),
        answers_of({"pick": "x", "picks": frozenset({"z"})}),
    )

    assert outcomes(book_of(PICKED, vocabulary=without), batch) == [None, N, None]


@pytest.mark.parametrize(
    "changed",
    [
        replace(VOCABULARY.facts["n"], highest=10),
        replace(VOCABULARY.facts["n"], unit=UNITS["years"]),
        replace(VOCABULARY.facts["n"], kind=Kind.YES_NO, unit=None),
    ],
)
def test_an_answer_that_a_fact_cannot_have_now_leaves_no_verdict(
    changed: FactDefinition,
) -> None:
    batch = shard(answers_of({"n": 50, "a": True}), answers_of({"a": True}))

    told = outcomes(book_of(Fact("a"), vocabulary=later({"n": changed})), batch)

    assert told == [None, N]


def test_a_fact_that_is_forgotten_is_not_read() -> None:
    batch = shard(answers_of({"n": 50, "a": True}))

    assert outcomes(book_of(Fact("a"), vocabulary=later({"n": None})), batch) == [N]


def test_a_member_that_cannot_be_read_concerns_its_own_audit_alone() -> None:
    younger = replace(VOCABULARY.facts["children.age"], highest=15)
    batch = shard(
        answers_of(children=[{"p": True, "age": 12}]),
        answers_of(children=[{"p": True, "age": 12}, {"p": True, "age": 16}]),
        answers_of(children=[]),
        answers_of(),
        answers_of(children=[{"p": False}]),
    )

    told = outcomes(book_of(SOME_P, vocabulary=later({"children.age": younger})), batch)

    assert told == [N, None, C, U, C]


def test_only_the_columns_that_matter_are_read() -> None:
    narrower = later({"n": replace(VOCABULARY.facts["n"], highest=10)})
    schema = shard(answers_of()).schema

    same = columns_to_read(book_of(SOME_P), schema)
    later_one = columns_to_read(book_of(SOME_P, vocabulary=narrower), schema)

    assert "children.list.element.p" in same
    assert not {"a", "n", "children.list.element.age"} & set(same)
    assert set(later_one) - set(same) == {"n"}
