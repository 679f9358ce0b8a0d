"""The trace of a verdict holds what decided it, and knows what would."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, combinations

from hypothesis import assume, given, settings
from hypothesis import strategies as some

from rules.answers import Answers, RosterMember
from rules.definitions import Book, Outcome
from rules.explanation import tell
from rules.expressions import (
    Arithmetic,
    Condition,
    Count,
    DaysBetween,
    Parameter,
)
from rules.hashes import reached
from rules.one_audit import assess, outcome_under
from rules.traces import LeafSeen, OpenFact, RosterSeen, Trace, leaves_of
from rules.tracing import explain
from rules.vocabulary import AnswerValue, FactDefinition, Kind
from tests.strategies import FIRST_DAY, OPTIONS, answers, book_with, conditions

scopes = some.none() | conditions(missing=False)


@given(conditions(), answers())
def test_every_verdict_can_be_explained_and_told(
    condition: Condition, answered: Answers
) -> None:
    book = book_with(condition)

    trace = explain(book, answered, book.rules[0].id)

    assert trace.verdict == assess(book, answered)[0]
    assert json.loads(json.dumps(trace.as_json()))["rule"] == book.rules[0].id
    assert len(tell(trace, "en")) > 1
    assert len(tell(trace, "es")) > 1


@given(conditions(missing=False), answers())
def test_what_is_undetermined_has_something_that_would_settle_it(
    condition: Condition, answered: Answers
) -> None:
    book = book_with(condition)

    trace = explain(book, answered, book.rules[0].id)

    is_open = trace.verdict.outcome is Outcome.UNDETERMINED
    assert bool(trace.would_settle) is is_open


def only_what_was_seen(trace: Trace, answered: Answers) -> Answers:
    """Return the answers without those that the trace does not show."""
    seen = {
        (fact.member, fact.definition.name)
        for leaf in leaves_of(trace.because)
        if isinstance(leaf, LeafSeen)
        for fact in leaf.facts
    }
    rosters = {
        roster: None
        if members is None
        else tuple(
            RosterMember(one.key, kept(one.facts, one.key, seen), {}) for one in members
        )
        for roster, members in answered.rosters.items()
    }
    return replace(answered, facts=kept(answered.facts, None, seen), rosters=rosters)


def kept(
    facts: Mapping[str, AnswerValue],
    member: str | None,
    seen: set[tuple[str | None, str]],
) -> dict[str, AnswerValue]:
    return {name: told for name, told in facts.items() if (member, name) in seen}


@given(conditions(missing=False), scopes, answers())
def test_what_a_trace_shows_is_enough_to_decide(
    condition: Condition, applies_when: Condition | None, answered: Answers
) -> None:
    """Where it is of nobody that something is true, a trace lists nobody."""
    book = book_with(condition, applies_when)
    trace = explain(book, answered, book.rules[0].id)
    assume(trace.verdict.outcome is not Outcome.UNDETERMINED)
    assume(all(map(lists_all_it_rests_on, leaves_of(trace.because))))

    again = outcome_under(
        book, only_what_was_seen(trace, answered), book.rules[0], trace.reading
    )

    assert again is trace.verdict.outcome


def lists_all_it_rests_on(seen: LeafSeen | RosterSeen) -> bool:
    if isinstance(seen, LeafSeen) or not seen.size:
        return True
    return bool(seen.members) and not isinstance(seen.node, Count)


def reads(book: Book, *classes: type) -> bool:
    return any(isinstance(node, classes) for node in reached(book.rules[0], book))


def every_answer(fact: FactDefinition) -> Iterable[AnswerValue]:
    """Return all answers to a question; days as far as any tree of these reaches."""
    match fact.kind:
        case Kind.YES_NO:
            return (True, False)
        case Kind.INTEGER:
            return range(fact.lowest, fact.highest + 1)
        case Kind.CHOICE:
            return OPTIONS
        case Kind.CHOICES:
            sizes = range(len(OPTIONS) + 1)
            chosen = chain.from_iterable(combinations(OPTIONS, size) for size in sizes)
            return map(frozenset, chosen)
        case Kind.DAY:
            near = (FIRST_DAY + timedelta(days=number) for number in range(-2, 44))
            return (date.min, *near, date.max)


def with_answer(answered: Answers, one: OpenFact, value: AnswerValue) -> Answers:
    name, roster = one.definition.name, one.definition.roster
    if roster is None:
        return replace(answered, facts={**answered.facts, name: value})
    members = tuple(
        RosterMember(member.key, {**member.facts, name: value}, {})
        if member.key == one.member
        else member
        for member in answered.rosters[roster] or ()
    )
    return replace(answered, rosters={**answered.rosters, roster: members})


@settings(max_examples=150)
@given(conditions(), scopes, answers())
def test_a_question_decides_alone_if_and_only_if_some_answer_to_it_does(
    condition: Condition, applies_when: Condition | None, answered: Answers
) -> None:
    """Inside a sum or a law by age not every answer is tried: there it may be missed."""
    book = book_with(condition, applies_when)
    trace = explain(book, answered, book.rules[0].id)
    is_tried_fully = not reads(book, Arithmetic, DaysBetween) and not any(
        isinstance(node, Parameter) and node.age is not None
        for node in reached(book.rules[0], book)
    )

    for one in trace.would_settle:
        if not isinstance(one, OpenFact):
            continue
        decides = any(
            outcome_under(
                book, with_answer(answered, one, value), book.rules[0], trace.reading
            )
            is not Outcome.UNDETERMINED
            for value in every_answer(one.definition)
        )
        assert decides or not one.decides_alone
        assert one.decides_alone or not decides or not is_tried_fully
