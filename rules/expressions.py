"""The tree of a condition: one frozen class to an operator, without behaviour.

Both readers (one audit, many audits) match on every class and end in `assert_never`,
so a new operator does not type-check until both know it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from rules.vocabulary import Roster


class Comparison(StrEnum):
    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="
    EQUAL = "="
    UNEQUAL = "!="


class Operation(StrEnum):
    PLUS = "+"
    MINUS = "-"
    TIMES = "*"


@dataclass(frozen=True, slots=True)
class Literal:
    """A whole number in the base unit of what it stands beside, or a day."""

    value: int | date


@dataclass(frozen=True, slots=True)
class Fact:
    """An answer about the audit as a whole."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """An answer about the member of the roster who is in view."""

    roster: Roster
    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """The legal value of the site's country and sector on the day of the fact."""

    name: str
    age: Fact | Member | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A named condition; its tree is in the book. With a roster: of the member in view."""

    name: str
    roster: Roster | None = None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operation: Operation
    left: "Value"
    right: "Value"


@dataclass(frozen=True, slots=True)
class DaysBetween:
    """The days from `start` to `end`; negative if `end` comes first."""

    start: "Value"
    end: "Value"


@dataclass(frozen=True, slots=True)
class Not:
    item: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    items: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    items: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    comparison: Comparison
    left: "Value"
    right: "Value"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The choice that was made is one of these."""

    item: Fact | Member
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Includes:
    """At least one of these is among the choices that were made."""

    item: Fact | Member
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IsMissing:
    """There is no answer; the only node that sees missingness, and never unknown."""

    item: Fact | Member


@dataclass(frozen=True, slots=True)
class Some:
    roster: Roster
    item: "Condition"


@dataclass(frozen=True, slots=True)
class Every:
    """True of all members; over nobody it is what the author said it is."""

    roster: Roster
    item: "Condition"
    if_empty: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many members the condition is true of, against a number."""

    roster: Roster
    item: "Condition"
    comparison: Comparison
    number: int


Value = Literal | Fact | Member | Parameter | Arithmetic | DaysBetween
Leaf = Fact | Member | Parameter | Compare | OneOf | Includes | IsMissing
Condition = Leaf | Derived | Not | All | Any | Some | Every | Count
Node = Value | Condition


def children_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below; a derived fact is a leaf here."""
    match node:
        case Literal() | Fact() | Member() | Derived():
            return ()
        case Parameter(_, age):
            return () if age is None else (age,)
        case Arithmetic(_, left, right) | Compare(_, left, right):
            return (left, right)
        case DaysBetween(start, end):
            return (start, end)
        case Not(item) | OneOf(item) | Includes(item) | IsMissing(item):
            return (item,)
        case All(items) | Any(items):
            return items
        case Some(_, item) | Every(_, item) | Count(_, item):
            return (item,)
        case _:
            assert_never(node)


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, in the order of the text."""
    yield node
    for child in children_of(node):
        yield from walk(child)


def derived_id(node: Derived) -> str:
    return f"{node.roster}.{node.name}" if node.roster else node.name


def fact_id(node: Fact | Member) -> str:
    return f"{node.roster}.{node.name}" if isinstance(node, Member) else node.name
