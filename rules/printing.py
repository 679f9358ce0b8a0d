"""From a tree back to the text of a book: what is printed reads as the same tree."""

from datetime import date
from typing import assert_never

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
)
from rules.vocabulary import Roster

_STEP = "  "
_BOUND = {
    Comparison.AT_LEAST: "at_least",
    Comparison.AT_MOST: "at_most",
    Comparison.ABOVE: "more_than",
    Comparison.BELOW: "fewer_than",
}


def print_condition(condition: Condition, roster: Roster | None = None) -> str:
    """Return the YAML of a condition, as it may stand under `flag_when:`."""
    return "\n".join(_lines(condition, roster))


def _lines(node: Condition, roster: Roster | None) -> list[str]:  # noqa: C901 - one case to a class
    match node:
        case All(items):
            return ["all:", *_items(items, roster)]
        case Any(items):
            return ["any:", *_items(items, roster)]
        case Not(item):
            return ["not:", *_indented(_lines(item, roster))]
        case Some(over, item):
            return [f"some {over}:", *_indented(_lines(item, over))]
        case Every(over, item, if_empty):
            meaning = "flag" if if_empty else "clear"
            body = ["all:", *_items((item,), over), f"if_empty: {meaning}"]
            return [f"every {over}:", *_indented(body)]
        case Count(over, item, comparison, number):
            where = ["where:", *_indented(_lines(item, over))]
            bound = f"{_BOUND[comparison]}: {number}"
            return [f"count {over}:", *_indented([*where, bound])]
        case Fact() | Member() | Parameter():
            return [print_value(node, roster)]
        case Derived(name, home):
            return [_name(name, home, roster)]
        case Compare(comparison, left, right):
            sides = print_value(left, roster), print_value(right, roster)
            return [f"{sides[0]} {comparison} {sides[1]}"]
        case OneOf(item, options):
            name = print_value(item, roster)
            return [f"{name} is one of [{', '.join(options)}]"]
        case Includes(item, options):
            name = print_value(item, roster)
            return [f"{name} has any of [{', '.join(options)}]"]
        case IsMissing(item):
            return [f"{print_value(item, roster)} is missing"]
        case _:
            assert_never(node)


def print_value(node: Value, roster: Roster | None) -> str:
    match node:
        case Literal(value):
            return value.isoformat() if isinstance(value, date) else str(value)
        case Fact(name):
            return _name(name, None, roster)
        case Member(home, name):
            return _name(name, home, roster)
        case Parameter(name, age):
            argument = "" if age is None else f"({print_value(age, roster)})"
            return f"law.{name}{argument}"
        case Arithmetic(operation, left, right):
            return (
                f"{print_value(left, roster)} {operation} {print_value(right, roster)}"
            )
        case DaysBetween(start, end):
            return f"days({print_value(start, roster)}, {print_value(end, roster)})"
        case _:
            assert_never(node)


def _name(name: str, home: Roster | None, roster: Roster | None) -> str:
    return f"audit.{name}" if home is None and roster is not None else name


def _items(items: tuple[Condition, ...], roster: Roster | None) -> list[str]:
    lines = []
    for item in items:
        first, *rest = _lines(item, roster)
        lines += [f"{_STEP}- {first}", *(f"{_STEP}{_STEP}{line}" for line in rest)]
    return lines


def _indented(lines: list[str]) -> list[str]:
    return [f"{_STEP}{line}" for line in lines]
