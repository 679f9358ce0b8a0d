"""Conditions made ready to be explained, and the audit they are looked at in.

The parts of a condition are made once for a book, each with its closure and what it
reads, so that explaining a verdict looks nothing up twice.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rules.answers import Answers, RosterMember
from rules.definitions import Book, DerivedDefinition
from rules.expressions import (
    All,
    Any,
    Compare,
    Condition,
    Derived,
    Fact,
    Leaf,
    Literal,
    Member,
    Parameter,
    derived_id,
    fact_id,
    walk,
)
from rules.one_audit import (
    Ask,
    Case,
    Compiler,
    Get,
    Here,
    Truth,
    compile_book,
    value_of,
)
from rules.parameters import ParameterDefinition, Reading, read_as
from rules.regimes import AgeRows, Regime
from rules.traces import LawSeen
from rules.vocabulary import FactDefinition, Roster


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of a condition reads, in the order of its text."""

    node: Leaf
    facts: tuple[tuple[FactDefinition, Roster | None], ...]
    law: tuple[tuple[ParameterDefinition, Get | None], ...]
    """Legal parameters; of those that go by age, how the age is got."""
    literals: frozenset[int | date]
    left: Get | None
    right: Get | None


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a condition; a line if it has one, else what it is made of."""

    node: Condition
    ask: Ask
    items: tuple["Part", ...]
    line: Line | None
    definition: DerivedDefinition | None


class Parts:
    """The parts of the conditions of a book, each made when it is first explained."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._book = compiler.book
        self._known: dict[Condition, Part] = {}

    def part(self, node: Condition) -> Part:
        if node not in self._known:
            self._known[node] = self._made(node)
        return self._known[node]

    def _made(self, node: Condition) -> Part:
        ask = self._compiler.ask(node)
        if isinstance(node, Derived):
            definition = self._book.derived[derived_id(node)]
            return Part(node, ask, (self.part(definition.when),), None, definition)
        if isinstance(node, Leaf):
            return Part(node, ask, (), self._line(node), None)
        inner = node.items if isinstance(node, (All, Any)) else (node.item,)
        return Part(node, ask, tuple(map(self.part, inner)), None, None)

    def _line(self, node: Leaf) -> Line:
        below = tuple(dict.fromkeys(walk(node)))
        return Line(
            node,
            tuple(
                (
                    self._book.vocabulary.facts[fact_id(one)],
                    one.roster if isinstance(one, Member) else None,
                )
                for one in below
                if isinstance(one, (Fact, Member))
            ),
            tuple(
                (
                    self._book.parameters[one.name],
                    None if one.age is None else value_of(one.age),
                )
                for one in below
                if isinstance(one, Parameter)
            ),
            frozenset(one.value for one in below if isinstance(one, Literal)),
            value_of(node.left) if isinstance(node, Compare) else None,
            value_of(node.right) if isinstance(node, Compare) else None,
        )


@lru_cache(maxsize=8)
def parts_of(book: Book) -> Parts:
    return Parts(compile_book(book).compiler)


class View:
    """One audit under one reading of the law, with what was found so far."""

    __slots__ = ("_law", "_truths", "answers", "case", "reading", "regime")

    def __init__(
        self, answers: Answers, regime: Regime, reading: Reading, case: Case
    ) -> None:
        self.answers = answers
        self.regime = regime
        self.reading = reading
        self.case = case
        self._law: dict[tuple[str, int | None], LawSeen] = {}
        self._truths: dict[Part, Truth] = {}

    def here(self, member: RosterMember | None) -> Here:
        return self.case.facts if member is None else member.facts

    def truth(self, part: Part, member: RosterMember | None = None) -> Truth:
        """Return whether a part holds; of the audit as a whole it is asked once."""
        if member is not None:
            return part.ask(member.facts, self.case)
        if part not in self._truths:
            self._truths[part] = part.ask(self.case.facts, self.case)
        return self._truths[part]

    def law(self, definition: ParameterDefinition, age: int | None) -> LawSeen:
        key = (definition.name, age)
        if key not in self._law:
            self._law[key] = self._look_up(definition, age)
        return self._law[key]

    def _look_up(self, definition: ParameterDefinition, age: int | None) -> LawSeen:
        country, rows = self.answers.country, self.regime.rows[definition.name]
        if isinstance(rows, AgeRows):
            if age is None:
                return LawSeen(definition, country, None, None, ())
            rows = rows.at(age)
        chosen = read_as(definition, rows, self.reading)
        return LawSeen(definition, country, age, chosen, rows)
