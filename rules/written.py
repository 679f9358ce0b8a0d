"""A condition as the author wrote it: names unresolved, everything with its place.

`conditions` and `lines` read it, `checking` gives the names their meaning.
"""

from dataclasses import dataclass

from rules.expressions import Comparison, Operation
from rules.mistakes import Place
from rules.vocabulary import Roster


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, a derived condition, an option or `law.parameter(argument)`."""

    place: Place
    text: str
    argument: "Name | None" = None


@dataclass(frozen=True, slots=True)
class Number:
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Day:
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Days:
    """`days(start, end)`."""

    place: Place
    start: "Term"
    end: "Term"


@dataclass(frozen=True, slots=True)
class Calculation:
    place: Place
    operation: Operation
    left: "Term"
    right: "Term"


Term = Name | Number | Day | Days | Calculation


@dataclass(frozen=True, slots=True)
class Stated:
    """A yes-or-no name standing alone."""

    place: Place
    name: Name


@dataclass(frozen=True, slots=True)
class Compared:
    place: Place
    comparison: Comparison
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Chosen:
    """`is one of [...]`, or `has any of [...]` where `of_several`."""

    place: Place
    name: Name
    options: tuple[Name, ...]
    of_several: bool


@dataclass(frozen=True, slots=True)
class Missing:
    place: Place
    name: Name


@dataclass(frozen=True, slots=True)
class Negated:
    place: Place
    item: "Written"


@dataclass(frozen=True, slots=True)
class Joined:
    """All of the items, or any of them."""

    place: Place
    of_all: bool
    items: tuple["Written", ...]


@dataclass(frozen=True, slots=True)
class SomeOf:
    place: Place
    roster: Roster
    item: "Written"


@dataclass(frozen=True, slots=True)
class EveryOf:
    place: Place
    roster: Roster
    item: "Written"
    if_empty: bool


@dataclass(frozen=True, slots=True)
class CountOf:
    place: Place
    roster: Roster
    item: "Written"
    comparison: Comparison
    number: int


WrittenLeaf = Stated | Compared | Chosen | Missing
Written = WrittenLeaf | Negated | Joined | SomeOf | EveryOf | CountOf
