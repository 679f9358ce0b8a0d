"""Which unanswered question would have settled an undetermined verdict.

What one answer can make of a condition follows from what it can make of its line: the
lines beside it are what they are. Only where a question is read in several lines, or
whether it was answered is itself asked, is every telling answer tried on the whole rule.
"""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

from rules.answers import RosterMember
from rules.definitions import Outcome
from rules.expressions import (
    All,
    Any,
    Compare,
    Count,
    Derived,
    Every,
    Leaf,
    Not,
    OneOf,
    Parameter,
    Some,
)
from rules.one_audit import COMPARE, Case, CompiledRule, Truth, compare_count
from rules.parts import Line, Part, View
from rules.regimes import AgeTable
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
from rules.vocabulary import AnswerValue, FactDefinition, Kind

Turns = Set[int | date]
_ONE_DAY = timedelta(days=1)
Question = tuple[str, str | None]
"""A fact by its id, and the key of the member it is asked of."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one answer alone can make of a condition that is unknown."""

    true: bool
    false: bool
    in_several: bool = False
    """The question is read in several lines; then the rest says nothing."""


Reaches = dict[Question, Reach]
_SEVERAL = Reach(true=False, false=False, in_several=True)


def would_settle(
    seen: Iterable[Seen], rule: CompiledRule, flag: Part, scope: Part | None, view: View
) -> tuple[Open, ...]:
    """Return what is unknown in what was seen; what decides alone comes first.

    `flag` and `scope` are the conditions of the rule; a scope that is unknown is what
    was seen.
    """
    decider = _Decider(rule, flag, scope, view)
    found: dict[object, Open] = {}
    for one in leaves_of(seen):
        if one.truth is None:
            found.update(_open_in(one, decider, found))
    return tuple(sorted(found.values(), key=_decides_later))


def _decides_later(one: Open) -> bool:
    return isinstance(one, OpenFact) and not one.decides_alone


def _open_in(
    seen: LeafSeen | RosterSeen, decider: "_Decider", found: dict[object, Open]
) -> Iterator[tuple[object, Open]]:
    if isinstance(seen, RosterSeen):
        if seen.cause is not None:
            yield seen.node.roster, OpenRoster(seen.node.roster, seen.cause)
        return
    for fact in seen.facts:
        key = (fact.definition.id, fact.member)
        if fact.cause is not None and key not in found:
            alone = decider.decides_alone(fact, key)
            yield key, OpenFact(fact.definition, fact.member, fact.cause, alone)
    for law in seen.law:
        is_age_known = law.age is not None or not law.definition.by_age
        if law.chosen is None and is_age_known:
            yield law.definition.name, OpenLaw(law.definition, law.country)


class _Decider:
    """Tells whether the answer to one question, and to no other, decides a rule."""

    def __init__(
        self, rule: CompiledRule, flag: Part, scope: Part | None, view: View
    ) -> None:
        self._rule = rule
        self._view = view
        is_scope_open = scope is not None and view.truth(scope) is None
        self._reaches = _reaches(scope if scope and is_scope_open else flag, None, view)
        self._is_scope_open = is_scope_open

    def decides_alone(self, fact: FactSeen, question: Question) -> bool:
        reach = self._reaches.get(question, _SEVERAL)
        if reach.in_several or self._rule.reads_missing:
            return self._is_decided_by_trial(fact)
        if self._is_scope_open and not reach.false:
            # It may bring the rule to bear, and what is flagged may be known or open.
            return reach.true and self._is_decided_by_trial(fact)
        return reach.true or reach.false

    def _is_decided_by_trial(self, fact: FactSeen) -> bool:
        name, roster = fact.definition.name, fact.definition.roster
        case, rule = self._view.case, self._rule
        facts, rosters = case.facts, case.rosters
        if roster is None:
            facts = told = {**case.facts}
        else:
            keys = [one.key for one in self._view.answers.rosters[roster] or ()]
            members = list(case.rosters[roster] or ())
            place = keys.index(fact.member or "")
            told = members[place] = {**members[place]}
            rosters = {**case.rosters, roster: members}
        law = (_numbers_in(case.law[one]) for one in rule.law)
        for value in _telling_values(fact.definition, rule.turns.union(*law)):
            told[name] = value
            if rule.outcome(Case(facts, rosters, case.law)) is not Outcome.UNDETERMINED:
                return True
        return False


def _reaches(part: Part, member: RosterMember | None, view: View) -> Reaches:
    """Return what each open question can make of a part that is unknown."""
    node = part.node
    match node:
        case All() | Any():
            unknown = [one for one in part.items if view.truth(one, member) is None]
            alone = len(unknown) == 1
            inner = [_reaches(one, member, view) for one in unknown]
            if isinstance(node, All):
                return _merged(inner, true=alone, false=True)
            return _merged(inner, true=True, false=alone)
        case Not():
            found = _reaches(part.items[0], member, view)
            return {
                key: Reach(one.false, one.true, one.in_several)
                for key, one in found.items()
            }
        case Derived():
            within = None if node.roster is None else member
            return _reaches(part.items[0], within, view)
        case Some() | Every() | Count():
            return _of_members(node, part.items[0], view)
        case _:
            assert isinstance(node, Leaf)  # noqa: S101 - narrows
            return _of_line(part, member, view)


def _merged(inner: Iterable[Reaches], *, true: bool, false: bool) -> Reaches:
    """Join what was found in several parts, as far as it reaches beyond them."""
    merged: Reaches = {}
    for one in inner:
        for key, reach in one.items():
            merged[key] = (
                _SEVERAL
                if key in merged
                else Reach(reach.true and true, reach.false and false, reach.in_several)
            )
    return merged


def _of_members(node: Some | Every | Count, part: Part, view: View) -> Reaches:
    members = view.answers.rosters[node.roster] or ()
    truths = [view.truth(part, one) for one in members]
    sure, unknown = truths.count(True), truths.count(None)
    if_true = _joined(node, sure + 1, unknown - 1, len(members))
    if_false = _joined(node, sure, unknown - 1, len(members))
    found: Reaches = {}
    for member, truth in zip(members, truths, strict=True):
        if truth is None:
            for key, reach in _reaches(part, member, view).items():
                outcomes = {if_true} if reach.true else set()
                outcomes |= {if_false} if reach.false else set()
                reached = Reach(True in outcomes, False in outcomes, reach.in_several)
                found[key] = _SEVERAL if key in found else reached
    return found


def _joined(node: Some | Every | Count, sure: int, unknown: int, size: int) -> Truth:
    """Return what a roster comes to with so many of whom it is true, or unknown."""
    match node:
        case Some():
            return True if sure else None if unknown else False
        case Every():
            return False if sure + unknown < size else None if unknown else True
        case Count(_, _, comparison, number):
            return compare_count(COMPARE[comparison], sure, unknown, number)
        case _:
            assert_never(node)


def _of_line(part: Part, member: RosterMember | None, view: View) -> Reaches:
    line = part.line
    assert line is not None  # noqa: S101 - narrows
    here = view.here(member)
    turns: Turns | None = None
    found: Reaches = {}
    for fact, roster in line.facts:
        told = here if roster is not None else view.case.facts
        if fact.name in told:
            continue
        key = (fact.id, member.key if roster is not None and member else None)
        if not isinstance(line.node, Compare):
            found[key] = _of_test(line.node, fact)
            continue
        if turns is None:
            turns = _turns_of(line, view, member)
        truths = {
            _with_answer(part, fact, value, member, view)
            for value in _telling_values(fact, turns)
        }
        found[key] = Reach(True in truths, False in truths)
    return found


def _of_test(node: Leaf, fact: FactDefinition) -> Reach:
    """Return what a test of one fact can come to: either way, or it tests nothing."""
    if isinstance(node, Parameter):
        return Reach(true=False, false=False)
    is_any = isinstance(node, OneOf) and len(node.options) == len(fact.options)
    return Reach(true=True, false=not is_any)


def _with_answer(
    part: Part,
    fact: FactDefinition,
    value: AnswerValue,
    member: RosterMember | None,
    view: View,
) -> Truth:
    case = view.case
    if fact.roster is not None and member is not None:
        return part.ask({**member.facts, fact.name: value}, case)
    facts = {**case.facts, fact.name: value}
    here = facts if member is None else member.facts
    return part.ask(here, Case(facts, case.rosters, case.law))


def _turns_of(line: Line, view: View, member: RosterMember | None) -> Turns:
    """Return what a comparison turns on: the side that is known, and all it reads."""
    here, case = view.here(member), view.case
    sides = (side(here, case) for side in (line.left, line.right) if side)
    return {
        *(side for side in sides if isinstance(side, (int, date))),
        *line.literals,
        *(turn for one, _ in line.law for turn in _numbers_in(case.law[one.name])),
    }


def _telling_values(fact: FactDefinition, turns: Turns) -> Iterable[AnswerValue]:
    """Return answers on both sides of everything that could be compared with."""
    match fact.kind:
        case Kind.YES_NO:
            return (True, False)
        case Kind.CHOICE:
            return fact.options
        case Kind.CHOICES:
            return (frozenset(), frozenset(fact.options))
        case Kind.INTEGER:
            numbers = [turn for turn in turns if isinstance(turn, int)]
            around = {number + step for number in numbers for step in (-1, 0, 1)}
            inside = (one for one in around if fact.lowest < one < fact.highest)
            return (fact.lowest, fact.highest, *inside)
        case Kind.DAY:
            days = [turn for turn in turns if isinstance(turn, date)]
            inner = [one for one in days if date.min < one < date.max]
            near = (one + _ONE_DAY * step for one in inner for step in (-1, 0, 1))
            return (date.min, date.max, *near)


def _numbers_in(amount: object) -> Iterable[int]:
    """Return the numbers of a legal value; of one by age, its ages too."""
    if isinstance(amount, AgeTable):
        known = (int(one) for one in amount.amounts if one is not None)
        return (*amount.limits, *known)
    return (int(amount),) if isinstance(amount, int) else ()
