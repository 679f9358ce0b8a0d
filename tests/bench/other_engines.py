"""The dozen rules in other people's engines, where these happen to be installed.

Those know true and false only, so every rule is printed twice: as what makes it known
to be true, and as what makes it known to be false. Neither means undetermined.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import assert_never

from rules.columns import columns_needed
from rules.definitions import Book, Outcome
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
    Parameter,
    Some,
    Value,
    derived_id,
    walk,
)
from rules.vocabulary import Roster
from tests.bench.dozen_by_hand import DOZEN, LAW, Audit

Told = Mapping[str, object]
Evaluate = Callable[[Told], Sequence[bool]]


@dataclass(frozen=True)
class Engine:
    name: str
    package: str
    conjunction: str
    disjunction: str
    member: str
    some: str
    every: str
    compile: Callable[[str], Evaluate]


def _zen(text: str) -> Evaluate:
    compiled = import_module("zen").compile_expression(text)
    return lambda told: compiled.evaluate(told)


def _zen_graph(text: str) -> Evaluate:
    """Evaluate the same list as the one expression of a decision graph."""
    expressions = [{"id": "e", "key": "told", "value": text}]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {
            "id": "do",
            "type": "expressionNode",
            "name": "do",
            "content": {"expressions": expressions},
        },
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"}
        for one, other in (("in", "do"), ("do", "out"))
    ]
    graph = json.dumps({"nodes": nodes, "edges": edges})
    decision = import_module("zen").ZenEngine().create_decision(graph)
    return lambda told: decision.evaluate(dict(told))["result"]["told"]


def _cel(text: str) -> Evaluate:
    cel = import_module("cel_expr_python.cel")
    names = ("facts", "law", "children", "workers")
    compiled = cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN)).compile(text)
    return lambda told: [one.value() for one in compiled.eval(data=told).value()]


ENGINES = (
    Engine("zen", "zen", " and ", " or ", "#", "some({}, {})", "all({}, {})", _zen),
    Engine(
        "zen graph",
        "zen",
        " and ",
        " or ",
        "#",
        "some({}, {})",
        "all({}, {})",
        _zen_graph,
    ),
    Engine(
        "CEL (C++)",
        "cel_expr_python",
        " && ",
        " || ",
        "m",
        "{}.exists(m, {})",
        "{}.all(m, {})",
        _cel,
    ),
)


def installed() -> tuple[Engine, ...]:
    return tuple(one for one in ENGINES if find_spec(one.package))


def missing() -> tuple[str, ...]:
    return tuple(one.name for one in ENGINES if not find_spec(one.package))


class Printer:
    """Prints a condition as it is known to be true, or known to be false."""

    def __init__(self, book: Book, engine: Engine) -> None:
        self._book = book
        self._engine = engine

    def dozen(self) -> str:
        """Print a list: for each rule where it applies, is broken, and is kept."""
        parts = []
        for rule_id in DOZEN:
            rule = self._book.rule_by_id[rule_id]
            applies = rule.applies_when
            parts += [
                "true" if applies is None else self.known(applies, truth=True),
                "false" if applies is None else self.known(applies, truth=False),
                self.known(rule.flag_when, truth=True),
                self.known(rule.flag_when, truth=False),
            ]
        return f"[{', '.join(parts)}]"

    def known(self, node: Condition, *, truth: bool) -> str:  # noqa: C901 - one case to a class
        match node:
            case Fact() | Member() | Parameter():
                return f"{self._name(node)} == {str(truth).lower()}"
            case Not(item):
                return self.known(item, truth=not truth)
            case All(items):
                return self._joined(items, truth=truth, all_of_them=truth)
            case Any(items):
                return self._joined(items, truth=truth, all_of_them=not truth)
            case Derived():
                when = self._book.derived[derived_id(node)].when
                return self.known(when, truth=truth)
            case Compare(comparison, left, right):
                return self._compared(comparison, left, right, truth=truth)
            case OneOf(item, options):
                test = f"{self._name(item)} in [{', '.join(map(repr, options))}]"
                return self._tested(item, test, truth=truth)
            case Includes(item, options):
                name = self._name(item)
                found = (f"{option!r} in {name}" for option in options)
                test = self._engine.disjunction.join(found)
                return self._tested(item, f"({test})", truth=truth)
            case Some(roster, item):
                how = self._engine.some if truth else self._engine.every
                inner = how.format(roster, self.known(item, truth=truth))
                return f"({roster} != null{self._engine.conjunction}{inner})"
            case IsMissing() | Every() | Count():
                raise NotImplementedError(f"{type(node).__name__} is in none of these")
            case _:
                assert_never(node)

    def _joined(
        self, items: Sequence[Condition], *, truth: bool, all_of_them: bool
    ) -> str:
        engine = self._engine
        between = engine.conjunction if all_of_them else engine.disjunction
        return f"({between.join(self.known(item, truth=truth) for item in items)})"

    def _tested(self, item: Fact | Member, test: str, *, truth: bool) -> str:
        there = f"{self._name(item)} != null{self._engine.conjunction}"
        return f"({there}({test}) == {str(truth).lower()})"

    def _compared(
        self, comparison: Comparison, left: Value, right: Value, *, truth: bool
    ) -> str:
        names = [
            f"{self._name(one)} != null"
            for side in (left, right)
            for one in walk(side)
            if isinstance(one, (Fact, Member, Parameter))
        ]
        operator = "==" if comparison is Comparison.EQUAL else comparison
        test = f"({self._value(left)} {operator} {self._value(right)})"
        known = f"{test} == {str(truth).lower()}"
        return f"({self._engine.conjunction.join([*names, known])})"

    def _value(self, node: Value) -> str:
        match node:
            case Literal(value):
                return str(value)
            case Fact() | Member() | Parameter():
                return self._name(node)
            case Arithmetic(operation, left, right):
                return f"({self._value(left)} {operation} {self._value(right)})"
            case DaysBetween():
                raise NotImplementedError("Days are in none of these rules")
            case _:
                assert_never(node)

    def _name(self, node: Fact | Member | Parameter) -> str:
        match node:
            case Fact(name):
                return f"facts.{name}"
            case Member(_, name):
                return f"{self._engine.member}.{name}"
            case Parameter(name):
                return f"law.{name}"
            case _:
                assert_never(node)


def as_told(book: Book, audit: Audit) -> Told:
    """Return an audit with every answer they ask for, an unknown one as null."""
    facts, children, workers, law = audit
    needed = columns_needed(book, DOZEN)
    return {
        "facts": _spelt(facts, needed[None]),
        "children": None
        if children is None
        else [_spelt(child, needed[Roster.CHILDREN]) for child in children],
        "workers": None
        if workers is None
        else [_spelt(worker, needed[Roster.WORKERS]) for worker in workers],
        "law": {name: law.get(name) for name in LAW},
    }


def _spelt(facts: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    return {name: _plain(facts.get(name)) for name in names}


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def outcomes(evaluate: Evaluate, told: Told) -> list[Outcome]:
    bits = iter(evaluate(told))
    return [
        _outcome(applies, beyond, broken, kept)
        for applies, beyond, broken, kept in zip(bits, bits, bits, bits, strict=True)
    ]


def _outcome(applies: bool, beyond: bool, broken: bool, kept: bool) -> Outcome:  # noqa: FBT001 - bits in the order they are printed
    if beyond:
        return Outcome.NOT_APPLICABLE
    if applies and broken:
        return Outcome.NON_CONFORMITY
    return Outcome.CONFORMITY if applies and kept else Outcome.UNDETERMINED
