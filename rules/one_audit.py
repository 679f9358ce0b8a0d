"""One audit through every rule: the plain reader.

Truth is Kleene's: true, false, or None for unknown. A book is compiled once to nested
closures; a verdict is then a few dozen calls a rule.
"""

import operator
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import assert_never

from rules.answers import Answers
from rules.definitions import Book, Grounds, Outcome, Rule, Severity, Verdict
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
    Value,
    derived_id,
)
from rules.hashes import reached
from rules.parameters import Reading
from rules.regimes import AgeTable, LegalTable, Regime, Regimes
from rules.vocabulary import AnswerValue, Roster

Truth = bool | None
Here = Mapping[str, AnswerValue]


class Case:
    """One audit under one reading of the law, as the closures want it."""

    __slots__ = ("derived", "facts", "law", "rosters")

    def __init__(
        self,
        facts: Here,
        rosters: Mapping[Roster, Sequence[Here] | None],
        law: LegalTable,
    ) -> None:
        self.facts = facts
        self.rosters = rosters
        self.law = law
        self.derived: dict[str, Truth] = {}


# Closures take the answers in view (the member's, inside a roster) and the case.
Ask = Callable[[Here, Case], Truth]
Get = Callable[[Here, Case], typing.Any]

COMPARE: dict[Comparison, Callable[[typing.Any, typing.Any], bool]] = {
    Comparison.BELOW: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.ABOVE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.EQUAL: operator.eq,
    Comparison.UNEQUAL: operator.ne,
}
CALCULATE: dict[Operation, Callable[[int, int], int]] = {
    Operation.PLUS: operator.add,
    Operation.MINUS: operator.sub,
    Operation.TIMES: operator.mul,
}


@dataclass(frozen=True, slots=True)
class CompiledRule:
    rule: Rule
    outcome: Callable[[Case], Outcome]
    law: frozenset[str]
    turns: frozenset[int | date]
    """The numbers and days it compares with, besides those of the law."""
    reads_missing: bool
    settled: Mapping[Outcome, Verdict]
    """The verdicts on settled law, made beforehand: most audits need no other."""


@dataclass(frozen=True, slots=True, eq=False)
class CompiledBook:
    rules: tuple[CompiledRule, ...]
    by_id: Mapping[str, CompiledRule]
    regimes: Regimes
    compiler: "Compiler"

    def regime_of(self, answers: Answers) -> Regime:
        return self.regimes.at(
            answers.country, answers.commodity, answers.site_kind, answers.observed_on
        )


def assess(book: Book, answers: Answers) -> tuple[Verdict, ...]:
    """Return the verdict of every rule, in the order of the book."""
    compiled = compile_book(book)
    cases = Cases(answers, compiled.regime_of(answers))
    return tuple(cases.verdict(rule) for rule in compiled.rules)


def assess_rule(book: Book, answers: Answers, rule_id: str) -> Verdict:
    """Return the verdict of one rule; raise KeyError if the book has none such."""
    compiled = compile_book(book)
    cases = Cases(answers, compiled.regime_of(answers))
    return cases.verdict(compiled.by_id[rule_id])


def outcome_under(
    book: Book, answers: Answers, rule: Rule, reading: Reading
) -> Outcome:
    """Return what one rule says under one reading of the law."""
    compiled = compile_book(book)
    regime = compiled.regime_of(answers)
    if rule.id not in regime.applicable:
        return Outcome.NOT_APPLICABLE
    return compiled.by_id[rule.id].outcome(Cases(answers, regime).under(reading))


@lru_cache(maxsize=8)
def compile_book(book: Book) -> CompiledBook:
    compiler = Compiler(book)
    rules = tuple(_compile_rule(rule, book, compiler) for rule in book.rules)
    by_id = {one.rule.id: one for one in rules}
    return CompiledBook(rules, by_id, Regimes(book), compiler)


class Cases:
    """The case of one audit under each reading, made when first needed."""

    def __init__(self, answers: Answers, regime: Regime) -> None:
        self._facts = answers.facts
        self.regime = regime
        self._rosters = {
            roster: None if members is None else [member.facts for member in members]
            for roster, members in answers.rosters.items()
        }
        self.floor = Case(self._facts, self._rosters, regime.law[Reading.FLOOR])
        self._made = {Reading.FLOOR: self.floor}

    def under(self, reading: Reading) -> Case:
        case = self._made.get(reading)
        if case is None:
            law = self.regime.law[reading]
            case = self._made[reading] = Case(self._facts, self._rosters, law)
        return case

    def verdict(self, rule: CompiledRule) -> Verdict:
        if rule.rule.id not in self.regime.applicable:
            return rule.settled[Outcome.NOT_APPLICABLE]
        if self.regime.unsure.isdisjoint(rule.law):
            return rule.settled[rule.outcome(self.floor)]
        outcomes = {reading: rule.outcome(self.under(reading)) for reading in Reading}
        return weigh(rule.rule, outcomes)


def weigh(rule: Rule, outcomes: Mapping[Reading, Outcome]) -> Verdict:
    """Join the outcomes under the three readings of the law into one verdict.

    What nobody has verified never stands alone behind a critical finding, and what is
    disputed is advice.
    """
    settled, floor = outcomes[Reading.SETTLED], outcomes[Reading.FLOOR]
    grounds, outcome, severity = Grounds.SETTLED, floor, rule.severity
    if settled is Outcome.NON_CONFORMITY:
        outcome = settled
    elif floor is Outcome.NON_CONFORMITY:
        grounds = Grounds.UNVERIFIED_LAW
        severity = at_most(rule.severity, Severity.MAJOR)
    elif outcomes[Reading.STRICTEST] is Outcome.NON_CONFORMITY:
        outcome = Outcome.NON_CONFORMITY
        grounds, severity = Grounds.DISPUTED_LAW, Severity.MINOR
    elif floor is not settled:
        grounds = Grounds.UNVERIFIED_LAW
    return Verdict(rule.id, outcome, severity, grounds, rule.logic_hash)


def at_most(severity: Severity, limit: Severity) -> Severity:
    """Return the lighter of the two."""
    heaviest_first = list(Severity)
    return max(severity, limit, key=heaviest_first.index)


def _compile_rule(rule: Rule, book: Book, compiler: "Compiler") -> CompiledRule:
    flag = compiler.ask(rule.flag_when)
    applies = None if rule.applies_when is None else compiler.ask(rule.applies_when)
    below = tuple(reached(rule, book))
    law = frozenset(one.name for one in below if isinstance(one, Parameter))
    turns = frozenset(one.value for one in below if isinstance(one, Literal))
    settled = {
        outcome: Verdict(
            rule.id, outcome, rule.severity, Grounds.SETTLED, rule.logic_hash
        )
        for outcome in Outcome
    }
    reads_missing = any(isinstance(one, IsMissing) for one in below)
    outcome = _outcome(applies, flag)
    return CompiledRule(rule, outcome, law, turns, reads_missing, settled)


_OUTCOME_OF_FLAG = {
    True: Outcome.NON_CONFORMITY,
    False: Outcome.CONFORMITY,
    None: Outcome.UNDETERMINED,
}


def outcome_of(applies: Truth, flagged: Truth) -> Outcome:
    """Return what a rule says; a rule that may not apply is undetermined."""
    if applies is None:
        return Outcome.UNDETERMINED
    return _OUTCOME_OF_FLAG[flagged] if applies else Outcome.NOT_APPLICABLE


def _outcome(applies: Ask | None, flag: Ask) -> Callable[[Case], Outcome]:
    if applies is None:
        return lambda case: _OUTCOME_OF_FLAG[flag(case.facts, case)]

    def outcome(case: Case) -> Outcome:
        relevant = applies(case.facts, case)
        if relevant:
            return _OUTCOME_OF_FLAG[flag(case.facts, case)]
        return outcome_of(relevant, None)

    return outcome


class Compiler:
    """Turns trees into closures; what stands in several places is compiled once."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._asks: dict[Condition, Ask] = {}

    def ask(self, node: Condition) -> Ask:
        if node not in self._asks:
            self._asks[node] = self._compiled(node)
        return self._asks[node]

    def _compiled(self, node: Condition) -> Ask:  # noqa: C901 - one case to a class
        match node:
            case Fact() | Member() | Parameter():
                return value_of(node)
            case Derived():
                return self._derived_condition(node)
            case Not(item):
                return _not(self.ask(item))
            case All(items):
                return _joined(tuple(map(self.ask, items)), decisive=False)
            case Any(items):
                return _joined(tuple(map(self.ask, items)), decisive=True)
            case Compare(comparison, left, right):
                return _compare(COMPARE[comparison], left, right)
            case OneOf(item, options):
                return _one_of(value_of(item), frozenset(options))
            case Includes(item, options):
                return _includes(value_of(item), frozenset(options))
            case IsMissing(item):
                get = value_of(item)
                return lambda here, case: get(here, case) is None
            case Some(roster, item):
                return _some(roster, self.ask(item))
            case Every(roster, item, if_empty):
                return _every(roster, self.ask(item), if_empty=if_empty)
            case Count(roster, item, comparison, number):
                return _count(roster, self.ask(item), COMPARE[comparison], number)
            case _:
                assert_never(node)

    def _derived_condition(self, node: Derived) -> Ask:
        name = derived_id(node)
        ask = self.ask(self.book.derived[name].when)
        if node.roster is not None:
            return ask

        def derived(_here: Here, case: Case) -> Truth:
            known = case.derived
            if name not in known:
                known[name] = ask(case.facts, case)
            return known[name]

        return derived


def value_of(node: Value) -> Get:
    match node:
        case Literal(value):
            return lambda _here, _case: value
        case Fact(name):
            return lambda _here, case: case.facts.get(name)
        case Member(_, name):
            return lambda here, _case: here.get(name)
        case Parameter(name, age):
            if age is None:
                return lambda _here, case: case.law[name]
            return _legal_value_at(name, value_of(age))
        case Arithmetic(operation, left, right):
            return _strict(CALCULATE[operation], value_of(left), value_of(right))
        case DaysBetween(start, end):
            return _strict(days_between, value_of(start), value_of(end))
        case _:
            assert_never(node)


def days_between(start: typing.Any, end: typing.Any) -> int:
    return (end - start).days  # type: ignore[no-any-return] # both are dates


def _legal_value_at(name: str, get_age: Get) -> Get:
    def legal_value(here: Here, case: Case) -> int | bool | None:
        age = get_age(here, case)
        table = case.law[name]
        if age is None or not isinstance(table, AgeTable):
            return None
        return table.at(age)

    return legal_value


def _strict(
    combine: Callable[[typing.Any, typing.Any], typing.Any], a: Get, b: Get
) -> Get:
    """Combine two values; unknown if either is."""

    def combined(here: Here, case: Case) -> typing.Any:
        left = a(here, case)
        if left is None:
            return None
        right = b(here, case)
        return None if right is None else combine(left, right)

    return combined


def _compare(
    compare: Callable[[typing.Any, typing.Any], bool], left: Value, right: Value
) -> Ask:
    """Compare two values; the commonest shape, an answer and a number, is made quick."""
    if isinstance(left, Member) and isinstance(right, Literal):
        name, number = left.name, right.value

        def compare_answer(here: Here, _case: Case) -> Truth:
            value = here.get(name)
            return None if value is None else compare(value, number)

        return compare_answer
    return _strict(compare, value_of(left), value_of(right))


def _one_of(get: Get, options: frozenset[str]) -> Ask:
    def one_of(here: Here, case: Case) -> Truth:
        value = get(here, case)
        return None if value is None else value in options

    return one_of


def _includes(get: Get, options: frozenset[str]) -> Ask:
    def includes(here: Here, case: Case) -> Truth:
        value = get(here, case)
        return None if value is None else not options.isdisjoint(value)

    return includes


def _not(ask: Ask) -> Ask:
    def negated(here: Here, case: Case) -> Truth:
        truth = ask(here, case)
        return None if truth is None else not truth

    return negated


def _joined(asks: tuple[Ask, ...], *, decisive: bool) -> Ask:
    """Join by *all* (false decides) or *any* (true decides)."""
    otherwise = not decisive

    def joined(here: Here, case: Case) -> Truth:
        result: Truth = otherwise
        for ask in asks:
            truth = ask(here, case)
            if truth is decisive:
                return decisive
            if truth is None:
                result = None
        return result

    return joined


def _some(roster: Roster, ask: Ask) -> Ask:
    def some(_here: Here, case: Case) -> Truth:
        members = case.rosters[roster]
        if members is None:
            return None
        result: Truth = False
        for member in members:
            truth = ask(member, case)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    return some


def _every(roster: Roster, ask: Ask, *, if_empty: bool) -> Ask:
    def every(_here: Here, case: Case) -> Truth:
        members = case.rosters[roster]
        if members is None:
            return None
        if not members:
            return if_empty
        result: Truth = True
        for member in members:
            truth = ask(member, case)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return every


def _count(
    roster: Roster,
    ask: Ask,
    compare: Callable[[typing.Any, typing.Any], bool],
    number: int,
) -> Ask:
    def count(_here: Here, case: Case) -> Truth:
        members = case.rosters[roster]
        if members is None:
            return None
        sure = unknown = 0
        for member in members:
            truth = ask(member, case)
            if truth is True:
                sure += 1
            elif truth is None:
                unknown += 1
        return compare_count(compare, sure, unknown, number)

    return count


def compare_count(
    compare: Callable[[typing.Any, typing.Any], bool],
    sure: int,
    unknown: int,
    number: int,
) -> Truth:
    """Compare a count known to lie in `[sure, sure + unknown]` with a number."""
    possible = {compare(count, number) for count in range(sure, sure + unknown + 1)}
    return possible.pop() if len(possible) == 1 else None
