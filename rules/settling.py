"""Which unanswered question would have settled an undetermined verdict."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from rules.answers import Answers, RosterMember
from rules.definitions import Book, Outcome, Rule
from rules.expressions import Literal, Parameter
from rules.hashes import reached
from rules.one_audit import outcome_under
from rules.parameters import Reading
from rules.traces import (
    FactSeen,
    LeafSeen,
    Open,
    OpenFact,
    OpenLaw,
    OpenRoster,
    RosterSeen,
    Seen,
    leaves_of,
)
from rules.vocabulary import AnswerValue, Kind


def would_settle(
    seen: Iterable[Seen], book: Book, answers: Answers, rule: Rule, reading: Reading
) -> tuple[Open, ...]:
    """Return what is unknown in what was seen; what decides alone comes first."""
    found: dict[Open, None] = {}
    for one in leaves_of(seen):
        if one.truth is None:
            for open_one in _open_in(one, book, answers, rule, reading):
                found[open_one] = None
    return tuple(sorted(found, key=_decides_later))


def _decides_later(one: Open) -> bool:
    return isinstance(one, OpenFact) and not one.decides_alone


def _open_in(
    seen: LeafSeen | RosterSeen,
    book: Book,
    answers: Answers,
    rule: Rule,
    reading: Reading,
) -> Iterable[Open]:
    if isinstance(seen, RosterSeen):
        if seen.cause is not None:
            yield OpenRoster(seen.node.roster, seen.cause)
        return
    for fact in seen.facts:
        if fact.cause is not None:
            alone = _decides_alone(fact, book, answers, rule, reading)
            yield OpenFact(fact.definition, fact.member, fact.cause, alone)
    for law in seen.law:
        is_age_known = law.age is not None or not law.definition.by_age
        if law.chosen is None and is_age_known:
            yield OpenLaw(law.definition, law.country)


def _decides_alone(
    fact: FactSeen, book: Book, answers: Answers, rule: Rule, reading: Reading
) -> bool:
    """Tell whether some answer to this question, and no other, decides the rule."""
    return any(
        outcome_under(book, _answered(answers, fact, value), rule, reading)
        is not Outcome.UNDETERMINED
        for value in _telling_values(fact, book, rule)
    )


def _answered(answers: Answers, fact: FactSeen, value: AnswerValue) -> Answers:
    name, roster = fact.definition.name, fact.definition.roster
    if roster is None:
        return replace(answers, facts={**answers.facts, name: value})
    members = tuple(
        RosterMember(member.key, {**member.facts, name: value}, member.causes)
        if member.key == fact.member
        else member
        for member in answers.rosters[roster] or ()
    )
    return replace(answers, rosters={**answers.rosters, roster: members})


def _telling_values(fact: FactSeen, book: Book, rule: Rule) -> list[AnswerValue]:
    """Return answers on both sides of everything the rule could compare with."""
    definition = fact.definition
    match definition.kind:
        case Kind.YES_NO:
            return [True, False]
        case Kind.CHOICE:
            return list(definition.options)
        case Kind.CHOICES:
            return [frozenset(), frozenset(definition.options)]
        case Kind.INTEGER:
            numbers = {definition.lowest, definition.highest}
            for turn in _numbers_compared(book, rule):
                numbers |= {turn - 1, turn, turn + 1}
            lowest, highest = definition.lowest, definition.highest
            return sorted(one for one in numbers if lowest <= one <= highest)
        case Kind.DAY:
            return [date.min, date.max]


def _numbers_compared(book: Book, rule: Rule) -> set[int]:
    numbers: set[int] = set()
    for node in reached(rule, book):
        if isinstance(node, Literal) and isinstance(node.value, int):
            numbers.add(node.value)
        if isinstance(node, Parameter):
            rows = book.parameters[node.name].values
            numbers |= {int(row.value) for row in rows}
    return numbers
