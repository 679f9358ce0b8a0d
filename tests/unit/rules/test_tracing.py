"""A trace holds what decided, and what would settle what is open; as data and as JSON."""

import json
from pathlib import Path

import pytest

from rules.answers import read_answers
from rules.expressions import (
    All,
    Any,
    Compare,
    Comparison,
    Condition,
    Count,
    Every,
    Fact,
    Includes,
    Literal,
    Member,
    Not,
    OneOf,
    Some,
)
from rules.reading import read_book
from rules.traces import LeafSeen, OpenFact, RosterSeen, Trace, leaves_of
from rules.tracing import explain
from rules.vocabulary import AnswerValue, Roster
from tests.unit.rules.small_books import answers_of, book_of, write_book

A, B, C = Fact("a"), Fact("b"), Fact("c")
P = Member(Roster.CHILDREN, "p")


def traced(condition: Condition, **facts: AnswerValue) -> Trace:
    return explain(book_of(condition), answers_of(facts), "child_labour.tested")


def names_of(trace: Trace) -> list[str]:
    return [
        fact.definition.name
        for leaf in leaves_of(trace.because)
        if isinstance(leaf, LeafSeen)
        for fact in leaf.facts
    ]


@pytest.mark.parametrize(
    ("condition", "facts", "names"),
    [
        (All((A, B, C)), {"a": True, "b": True, "c": True}, ["a", "b", "c"]),
        (All((A, B, C)), {"a": True, "b": False, "c": False}, ["b"]),
        (All((A, B, C)), {"a": True, "c": True}, ["b"]),
        (All((A, B, C)), {"c": True}, ["a", "b"]),
        (Any((A, B, C)), {"a": False, "b": True, "c": True}, ["b"]),
        (Any((A, B, C)), {"a": False, "b": False, "c": False}, ["a", "b", "c"]),
        (Any((A, B, C)), {"a": False, "c": False}, ["b"]),
        (Not(Any((A, B))), {"a": False, "b": False}, ["a", "b"]),
        (All((Any((A, B)), C)), {"b": True, "c": True}, ["b", "c"]),
    ],
)
def test_only_what_decided_is_kept(
    condition: Condition, facts: dict[str, AnswerValue], names: list[str]
) -> None:
    assert names_of(traced(condition, **facts)) == names


def test_the_members_who_decided_are_kept_by_their_key() -> None:
    book = book_of(Some(Roster.CHILDREN, P))
    answers = answers_of(children=[{"p": False}, {"p": True}, {}, {"p": True}])

    seen = explain(book, answers, "child_labour.tested").because[0]

    assert isinstance(seen, RosterSeen)
    assert (seen.size, seen.sure, seen.unknown) == (4, 2, 1)
    assert [member.key for member in seen.members] == ["c2", "c4"]


N = Fact("n")


@pytest.mark.parametrize(
    ("condition", "facts", "settling"),
    [
        (A, {}, [("a", True)]),
        (All((A, B)), {}, [("a", True), ("b", True)]),
        (All((A, B)), {"a": True}, [("b", True)]),
        (All((Any((A, B)), C)), {"c": True}, [("a", True), ("b", True)]),
        # Both must be known before either side of this can be decided.
        (
            Any((All((A, Not(B))), All((B, Not(A))))),
            {},
            [("a", False), ("b", False)],
        ),
        (Compare(Comparison.ABOVE, N, Literal(40)), {}, [("n", True)]),
        (
            Compare(Comparison.ABOVE, N, Fact("m")),
            {},
            [("m", False), ("n", False)],
        ),
        # A number between the two bands decides; none at either end does.
        (
            Any(
                (
                    All((Compare(Comparison.BELOW, N, Literal(5)), A)),
                    All((Compare(Comparison.ABOVE, N, Literal(15)), A)),
                )
            ),
            {},
            [("a", True), ("n", True)],
        ),
        (OneOf(Fact("pick"), ("x",)), {}, [("pick", True)]),
        (Includes(Fact("picks"), ("x",)), {}, [("picks", True)]),
        (
            Compare(Comparison.BELOW, Fact("first_day"), Fact("last_day")),
            {},
            [("first_day", False), ("last_day", False)],
        ),
    ],
)
def test_what_would_settle_it_is_told_with_whether_it_would_do_alone(
    condition: Condition,
    facts: dict[str, AnswerValue],
    settling: list[tuple[str, bool]],
) -> None:
    opened = traced(condition, **facts).would_settle

    told = [
        (one.path, one.decides_alone) for one in opened if isinstance(one, OpenFact)
    ]
    assert sorted(told) == settling


CHILD = Roster.CHILDREN
AB_OR_C = Any((All((A, B)), C))
AB_AND_C = All((Any((A, B)), C))


@pytest.mark.parametrize(
    ("condition", "children", "settling"),
    [
        (AB_OR_C, None, {"a": False, "b": False, "c": True}),
        (AB_AND_C, None, {"a": False, "b": False, "c": True}),
        (Not(AB_OR_C), None, {"a": False, "b": False, "c": True}),
        (Any((AB_AND_C, A)), None, {"a": True, "b": False, "c": False}),
        (Some(CHILD, P), [{}, {}], {"children[c1].p": True, "children[c2].p": True}),
        (All((Some(CHILD, P), A)), [{}, {}], {"a": True, "children[c1].p": False, "children[c2].p": False}),
        (Every(CHILD, P, if_empty=False), [{}, {}], {"children[c1].p": True, "children[c2].p": True}),
        (Count(CHILD, P, Comparison.AT_LEAST, 2), [{}, {}, {}], {f"children[c{n}].p": False for n in (1, 2, 3)}),
        (Count(CHILD, P, Comparison.AT_LEAST, 2), [{}, {"p": True}], {"children[c1].p": True}),
        (Some(CHILD, All((P, A))), [{}, {}], {"a": True, "children[c1].p": False, "children[c2].p": False}),
    ],
)  # fmt: skip
def test_one_answer_decides_alone_as_far_as_the_rest_lets_it(
    condition: Condition,
    children: list[dict[str, AnswerValue]] | None,
    settling: dict[str, bool],
) -> None:
    book = book_of(condition)

    opened = explain(book, answers_of({}, children), "child_labour.tested").would_settle

    told = {one.path: one.decides_alone for one in opened if isinstance(one, OpenFact)}
    assert told == settling


def test_the_questions_that_decide_alone_come_first() -> None:
    exclusive = Any((All((B, Not(C))), All((C, Not(B)))))

    opened = traced(All((exclusive, A))).would_settle

    assert [one.path for one in opened] == ["a", "b", "c"]


def test_nothing_is_asked_of_a_decided_rule() -> None:
    assert traced(Any((A, B)), a=True).would_settle == ()


def test_an_unanswered_roster_is_what_would_settle() -> None:
    trace = traced(Some(Roster.CHILDREN, P))

    assert trace.as_json()["would_settle"] == [
        {"roster": "children", "unknown": "not_answered"}
    ]


def test_no_such_rule_is_a_key_error() -> None:
    with pytest.raises(KeyError, match=r"no\.such_rule"):
        explain(book_of(A), answers_of(), "no.such_rule")


def test_a_trace_is_json_down_to_the_paragraph(tmp_path: Path) -> None:
    book = read_book(write_book(tmp_path))
    document = {
        "country": "CO",
        "commodity": "coffee",
        "site_kind": "producer",
        "observed_on": "2026-11-03",
        "children": [{"key": "c7", "works": True, "age": 12, "hours": 1200}],
    }
    rule = book.rules[0]

    trace = explain(book, read_answers(book.vocabulary, document), rule.id)

    assert json.loads(json.dumps(trace.as_json())) == {
        "rule": "child_labour.minimum_age",
        "logic": rule.logic_hash,
        "verdict": "non_conformity",
        "severity": "zero_tolerance",
        "grounds": "settled",
        "reading": "settled",
        "country": "CO",
        "observed_on": "2026-11-03",
        "cites": [{"instrument": "ILO C138", "article": "2(3)"}],
        "limits": [],
        "because": [
            {
                "roster": "children",
                "test": "some",
                "holds": True,
                "size": 1,
                "sure": 1,
                "unknown": 0,
                "members": [
                    {
                        "member": "c7",
                        "holds": True,
                        "because": [
                            {
                                "test": "works",
                                "holds": True,
                                "facts": [
                                    {
                                        "fact": "children.works",
                                        "member": "c7",
                                        "value": True,
                                    }
                                ],
                            },
                            {
                                "test": "age < law.minimum_age",
                                "holds": True,
                                "facts": [
                                    {
                                        "fact": "children.age",
                                        "member": "c7",
                                        "value": 12,
                                        "unit": "years",
                                    }
                                ],
                                "law": [
                                    {
                                        "parameter": "minimum_age",
                                        "country": "CO",
                                        "unit": "years",
                                        "value": 15,
                                        "sector": "all",
                                        "since": "2007-05-08",
                                        "cites": "Ley 1098 de 2006 art. 35",
                                        "confidence": "verified",
                                        "sources": ["LAW_35"],
                                    }
                                ],
                            },
                            {
                                "derived": "children.light_work",
                                "holds": False,
                                "because": [
                                    {
                                        "test": "hours <= 840",
                                        "holds": False,
                                        "facts": [
                                            {
                                                "fact": "children.hours",
                                                "member": "c7",
                                                "value": 1200,
                                                "unit": "minutes/week",
                                            }
                                        ],
                                    }
                                ],
                            },
                        ],
                    }
                ],
            }
        ],
        "would_settle": [],
    }
