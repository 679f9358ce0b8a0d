"""Which answer to a question weighs against a site, as a condition reads it.

A fact that stands under an even number of *nots* makes a condition true by being true,
greater or more; under an odd number, by being false, smaller or fewer. Where a condition
has it both ways, or a choice of one among several, there is no direction.
"""

from collections.abc import Iterator, Mapping
from typing import assert_never

from rules.definitions import DerivedDefinition, Rule
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
    fact_id,
)
from rules.mistakes import MistakeList
from rules.vocabulary import Vocabulary

_RISING = {
    Comparison.ABOVE: True,
    Comparison.AT_LEAST: True,
    Comparison.BELOW: False,
    Comparison.AT_MOST: False,
    Comparison.EQUAL: None,
    Comparison.UNEQUAL: None,
}
Directions = Iterator[tuple[str, bool | None]]
"""Fact ids; True if more of it makes the condition true, None if it has no direction."""


def directions(  # noqa: C901 - one case to a class
    node: Condition, derived: Mapping[str, DerivedDefinition], *, rises: bool = True
) -> Directions:
    match node:
        case Fact() | Member():
            yield fact_id(node), rises
        case Includes(item):
            yield fact_id(item), rises
        case OneOf(item) | IsMissing(item):
            yield fact_id(item), None
        case Parameter():
            yield from _of_value(node, rises=None)
        case Not(item):
            yield from directions(item, derived, rises=not rises)
        case All(items) | Any(items):
            for one in items:
                yield from directions(one, derived, rises=rises)
        case Some(_, item) | Every(_, item):
            yield from directions(item, derived, rises=rises)
        case Count(_, item, comparison):
            counts_up = _RISING[comparison]
            for name, found in directions(item, derived):
                yield name, _turned(_turned(found, counts_up), rises)
        case Derived():
            yield from directions(derived[derived_id(node)].when, derived, rises=rises)
        case Compare(comparison, left, right):
            grows = _turned(_RISING[comparison], rises)
            yield from _of_value(left, rises=grows)
            yield from _of_value(right, rises=_turned(grows, by=False))
        case _:
            assert_never(node)


def _of_value(node: Value, *, rises: bool | None) -> Directions:
    match node:
        case Literal():
            return
        case Fact() | Member():
            yield fact_id(node), rises
        case Parameter(_, age):
            if age is not None:
                yield fact_id(age), None
        case DaysBetween(start, end):
            yield from _of_value(start, rises=_turned(rises, by=False))
            yield from _of_value(end, rises=rises)
        case Arithmetic(operation, left, right):
            # No amount of the vocabulary is below zero, so a product grows with both.
            is_taken_away = operation is Operation.MINUS
            yield from _of_value(left, rises=rises)
            yield from _of_value(right, rises=_turned(rises, by=not is_taken_away))
        case _:
            assert_never(node)


def _turned(rises: bool | None, by: bool | None) -> bool | None:  # noqa: FBT001 - two signs
    """Multiply two signs."""
    return None if rises is None or by is None else rises is by


def refuse_wrong_directions(
    rule: Rule,
    derived: Mapping[str, DerivedDefinition],
    vocabulary: Vocabulary,
    mistakes: MistakeList,
) -> None:
    """Note each fact that a rule holds for the site where it speaks against it."""
    conditions = [rule.flag_when]
    if rule.applies_when is not None:
        conditions.append(rule.applies_when)
    for condition in conditions:
        for name, rises in directions(condition, derived):
            worse = vocabulary.facts[name].worse
            if worse is None or rises is None or rises is worse.rises:
                continue
            mistakes.note(
                rule.place,
                f"'{name}' is worse if {worse}, but this rule has it the other way round.",
                "Check where 'not' stands, or mend 'worse' in the vocabulary.",
            )
