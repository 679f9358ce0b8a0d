"""Which facts a rule needs, and so which rules a checklist can decide.

A checklist asks a fact always, under a condition, in a way that is weak evidence, or
never. *Weak* and *only if* leave a rule undetermined now and then; *never* may leave it
undetermined for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from rules.definitions import Book, Rule
from rules.expressions import (
    All,
    Any,
    Compare,
    Condition,
    Count,
    Derived,
    Every,
    Fact,
    Includes,
    IsMissing,
    Member,
    Node,
    Not,
    OneOf,
    Parameter,
    Some,
    derived_id,
    fact_id,
    walk,
)
from rules.hashes import reached
from rules.one_audit import COMPARE
from rules.vocabulary import Roster


class Asked(StrEnum):
    """How surely a checklist brings the answer to a fact, the least sure first."""

    NEVER = "never"
    ONLY_IF = "only_if"
    WEAK = "weak"
    ALWAYS = "always"


class Decided(StrEnum):
    """Whether a checklist gives a rule what it needs."""

    NEVER = "never"
    SOMETIMES = "sometimes"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Needs:
    """The ids of facts a rule reads, and the rosters it goes over."""

    facts: tuple[str, ...]
    rosters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    rule: str
    decided: Decided
    can_flag: bool
    can_clear: bool
    missing: tuple[str, ...]
    """Facts and rosters that are needed and never asked."""
    conditional: tuple[str, ...]
    """Facts and rosters that are asked, but not always or not surely."""


def needs_of(rule: Rule, book: Book) -> Needs:
    """Return every fact and roster a rule can read, in the order of the rule."""
    facts: dict[str, None] = {}
    rosters: dict[str, None] = {}
    for node in reached(rule, book):
        if isinstance(node, (Fact, Member)):
            facts[fact_id(node)] = None
        if isinstance(node, (Some, Every, Count)):
            rosters[node.roster.value] = None
    return Needs(tuple(facts), tuple(rosters))


def cover(book: Book, asked: Mapping[str, Asked]) -> tuple[RuleCoverage, ...]:
    """Say of every rule whether a checklist can decide it.

    `asked` is by fact id (`documents_held`, `children.age`) and roster name
    (`children`); what is absent is never asked.
    """
    return tuple(_cover_rule(rule, book, asked) for rule in book.rules)


def _cover_rule(rule: Rule, book: Book, asked: Mapping[str, Asked]) -> RuleCoverage:
    needs = needs_of(rule, book)
    wanted = (*needs.facts, *needs.rosters)
    missing = tuple(name for name in wanted if _asked(asked, name) is Asked.NEVER)
    conditional = tuple(
        name for name in wanted if _asked(asked, name) in (Asked.ONLY_IF, Asked.WEAK)
    )
    flagged = _reach(rule.flag_when, book, asked)
    applies = _Reach(true=True, false=False)
    if rule.applies_when is not None:
        applies = _reach(rule.applies_when, book, asked)
    can_flag = applies.true and flagged.true
    can_clear = applies.true and flagged.false
    if not (can_flag or can_clear or applies.false):
        decided = Decided.NEVER
    elif missing or conditional:
        decided = Decided.SOMETIMES
    else:
        decided = Decided.ALWAYS
    return RuleCoverage(rule.id, decided, can_flag, can_clear, missing, conditional)


@dataclass(frozen=True, slots=True)
class _Reach:
    """Which truth values some answers to what is asked can bring about."""

    true: bool
    false: bool


_BOTH = _Reach(true=True, false=True)
_NEITHER = _Reach(true=False, false=False)


def _asked(asked: Mapping[str, Asked], name: str) -> Asked:
    return asked.get(name, Asked.NEVER)


def _reach(node: Condition, book: Book, asked: Mapping[str, Asked]) -> _Reach:
    match node:
        case Fact() | Member() | Parameter() | Compare() | OneOf() | Includes():
            return _BOTH if _is_asked(node, asked) else _NEITHER
        case IsMissing(item):
            how = _asked(asked, fact_id(item))
            return _Reach(how is not Asked.ALWAYS, how is not Asked.NEVER)
        case Derived():
            return _reach(book.derived[derived_id(node)].when, book, asked)
        case Not(item):
            inner = _reach(item, book, asked)
            return _Reach(inner.false, inner.true)
        case All(items):
            found = [_reach(one, book, asked) for one in items]
            return _Reach(all(f.true for f in found), any(f.false for f in found))
        case Any(items):
            found = [_reach(one, book, asked) for one in items]
            return _Reach(any(f.true for f in found), all(f.false for f in found))
        case Some(roster, item):
            inner = _reach(item, book, asked)
            return _over(roster, asked, _Reach(inner.true, false=True))
        case Every(roster, item, if_empty):
            inner = _reach(item, book, asked)
            reach = _Reach(inner.true or if_empty, inner.false or not if_empty)
            return _over(roster, asked, reach)
        case Count(roster, item, comparison, number):
            can_count = _reach(item, book, asked).true
            of_nobody = COMPARE[comparison](0, number)
            reach = _Reach(can_count or of_nobody, can_count or not of_nobody)
            return _over(roster, asked, reach)
        case _:
            assert_never(node)


def _is_asked(node: Node, asked: Mapping[str, Asked]) -> bool:
    """Tell whether everything a line reads is asked."""
    return all(
        _asked(asked, fact_id(one)) is not Asked.NEVER
        for one in walk(node)
        if isinstance(one, (Fact, Member))
    )


def _over(roster: Roster, asked: Mapping[str, Asked], reach: _Reach) -> _Reach:
    return _NEITHER if _asked(asked, roster.value) is Asked.NEVER else reach


def unused_facts(book: Book) -> tuple[str, ...]:
    """Return the facts that no rule reads, in the order of the vocabulary."""
    used = {name for rule in book.rules for name in needs_of(rule, book).facts}
    return tuple(name for name in book.vocabulary.facts if name not in used)
