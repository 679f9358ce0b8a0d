"""The work of scoring some rules: each distinct condition once, derived ones inlined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules.definitions import Book, Rule
from rules.expressions import (
    Count,
    Derived,
    Every,
    Fact,
    Member,
    Node,
    Parameter,
    Some,
    children_of,
    derived_id,
)
from rules.vocabulary import Roster


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One node, with the steps it needs; two steps are the same only if they are one."""

    node: Node
    roster: Roster | None
    """Whose rows it has: a roster's members, or the audits."""
    inputs: tuple["Step", ...]
    law: frozenset[str]
    """The parameters it depends on."""


@dataclass(frozen=True, slots=True)
class RulePlan:
    rule: Rule
    applies: Step | None
    flag: Step
    law: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plan:
    rules: tuple[RulePlan, ...]
    law: frozenset[str]
    facts: Mapping[Roster | None, frozenset[str]]
    """The columns that are read: of the audits (under None), and of each roster."""


def plan_of(book: Book, rules: Iterable[Rule]) -> Plan:
    planner = _Planner(book)
    planned = tuple(planner.rule(rule) for rule in rules)
    law = frozenset[str]().union(*(one.law for one in planned))
    facts = {
        home: frozenset(
            node.name
            for node in planner.steps
            if (isinstance(node, Fact) and home is None)
            or (isinstance(node, Member) and node.roster is home)
        )
        for home in (None, *Roster)
    }
    return Plan(planned, law, facts)


class _Planner:
    def __init__(self, book: Book) -> None:
        self._book = book
        self.steps: dict[Node, Step] = {}

    def rule(self, rule: Rule) -> RulePlan:
        flag = self.step(rule.flag_when)
        if rule.applies_when is None:
            return RulePlan(rule, None, flag, flag.law)
        applies = self.step(rule.applies_when)
        return RulePlan(rule, applies, flag, flag.law | applies.law)

    def step(self, node: Node) -> Step:
        if node not in self.steps:
            self.steps[node] = self._made(node)
        return self.steps[node]

    def _made(self, node: Node) -> Step:
        if isinstance(node, Derived):
            return self.step(self._book.derived[derived_id(node)].when)
        inputs = tuple(self.step(child) for child in children_of(node))
        law = frozenset[str]().union(*(one.law for one in inputs))
        if isinstance(node, Parameter):
            law |= {node.name}
        return Step(node, _rows_of(node, inputs), inputs, law)


def _rows_of(node: Node, inputs: tuple[Step, ...]) -> Roster | None:
    if isinstance(node, Member):
        return node.roster
    if isinstance(node, (Some, Every, Count)):
        return None
    return next((one.roster for one in inputs if one.roster), None)
