"""Which answer weighs against a site, as conditions of every kind read it."""

from pathlib import Path

import pytest

from rules.definitions import DerivedDefinition
from rules.directions import directions
from rules.expressions import (
    All,
    Any,
    Arithmetic,
    Compare,
    Comparison,
    Condition,
    Count,
    DaysBetween,
    Derived,
    Every,
    Fact,
    Includes,
    IsMissing,
    Literal,
    Member,
    Not,
    OneOf,
    Operation,
    Parameter,
    Some,
)
from rules.texts import Text
from rules.vocabulary import Roster
from tests.unit.rules.small_books import FILES, mistakes_of, rule_file

UP, DOWN, NONE = True, False, None
A, N, M = Fact("a"), Fact("n"), Fact("m")
P = Member(Roster.CHILDREN, "p")
AGE = Member(Roster.CHILDREN, "age")
DERIVED = {"d": DerivedDefinition("d", None, Text("d", "d"), Not(A))}
SITE = "facts/site.yaml"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (A, {"a": UP}),
        (Not(A), {"a": DOWN}),
        (Not(Not(A)), {"a": UP}),
        (All((A, Not(P))), {"a": UP, "children.p": DOWN}),
        (Any((Not(A), P)), {"a": DOWN, "children.p": UP}),
        (Some(Roster.CHILDREN, P), {"children.p": UP}),
        (Every(Roster.CHILDREN, Not(P), if_empty=False), {"children.p": DOWN}),
        (Count(Roster.CHILDREN, P, Comparison.AT_LEAST, 2), {"children.p": UP}),
        (Count(Roster.CHILDREN, P, Comparison.BELOW, 2), {"children.p": DOWN}),
        (Count(Roster.CHILDREN, Not(P), Comparison.BELOW, 2), {"children.p": UP}),
        (Not(Count(Roster.CHILDREN, P, Comparison.BELOW, 2)), {"children.p": UP}),
        (Count(Roster.CHILDREN, P, Comparison.EQUAL, 2), {"children.p": NONE}),
        (Derived("d"), {"a": DOWN}),
        (Not(Derived("d")), {"a": UP}),
        (Compare(Comparison.ABOVE, N, M), {"n": UP, "m": DOWN}),
        (Compare(Comparison.AT_MOST, N, Literal(3)), {"n": DOWN}),
        (Not(Compare(Comparison.BELOW, N, M)), {"n": UP, "m": DOWN}),
        (Compare(Comparison.EQUAL, N, M), {"n": NONE, "m": NONE}),
        (
            Compare(Comparison.ABOVE, Arithmetic(Operation.MINUS, N, M), Literal(3)),
            {"n": UP, "m": DOWN},
        ),
        (
            Compare(Comparison.ABOVE, Literal(3), Arithmetic(Operation.TIMES, N, M)),
            {"n": DOWN, "m": DOWN},
        ),
        (
            Compare(Comparison.ABOVE, DaysBetween(N, M), Literal(3)),
            {"n": DOWN, "m": UP},
        ),
        (Compare(Comparison.ABOVE, N, Parameter("l", AGE)), {"n": UP, "children.age": NONE}),
        (Parameter("ruled"), {}),
        (Includes(Fact("picks"), ("x",)), {"picks": UP}),
        (Not(Includes(Fact("picks"), ("x",))), {"picks": DOWN}),
        (OneOf(Fact("pick"), ("x",)), {"pick": NONE}),
        (IsMissing(A), {"a": NONE}),
    ],
)  # fmt: skip
def test_a_condition_has_a_direction_in_each_of_its_facts(
    condition: Condition, found: dict[str, bool | None]
) -> None:
    assert dict(directions(condition, DERIVED)) == found


def test_a_fact_can_stand_in_both_directions() -> None:
    both = Any((A, Not(A)))

    assert list(directions(both, {})) == [("a", UP), ("a", DOWN)]


def worse(direction: str) -> dict[str, str | None]:
    """Return the small book's facts, with a direction for `documents_held`."""
    told = FILES[SITE].replace("type: yes_no", f"type: yes_no\n    worse: {direction}")
    return {SITE: told}


@pytest.mark.parametrize(
    ("direction", "line", "told"),
    [
        ("true", "documents_held", []),
        ("false", "not documents_held", []),
        (
            "true",
            "not documents_held",
            [
                (
                    "forced_labour/tested.yaml:1:1: 'documents_held' is worse if true, but "
                    "this rule has it the other way round. Check where 'not' stands, or mend "
                    "'worse' in the vocabulary."
                )
            ],
        ),
        (
            "higher",
            "documents_held",
            [
                (
                    "facts/site.yaml:5:12: the fact 'documents_held' is yes_no; 'higher' does "
                    "not fit it. Write 'true' or 'false'."
                )
            ],
        ),
        (
            "worst",
            "documents_held",
            [
                (
                    "facts/site.yaml:5:12: 'worst' is not a direction. Known: false, fewer, "
                    "higher, lower, more, true."
                )
            ],
        ),
    ],
)
def test_a_rule_reads_a_fact_in_the_direction_of_the_vocabulary(
    direction: str, line: str, told: list[str], tmp_path: Path
) -> None:
    assert mistakes_of(tmp_path, {**worse(direction), **rule_file(line)}) == told
