"""A condition in words, without any audit: for docs, and for what nobody was found to be."""

from collections.abc import Callable, Iterable
from typing import assert_never

from rules.definitions import Book
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
    Node,
    Not,
    OneOf,
    Operation,
    Parameter,
    Some,
    Value,
    derived_id,
    fact_id,
    walk,
)
from rules.quantities import tell_amount, tell_day
from rules.texts import Text
from rules.units import PURE, UNITS, Dimension, Unit, product
from rules.vocabulary import Roster

COMPARED = {
    Comparison.BELOW: Text("less than", "menos de"),
    Comparison.AT_MOST: Text("at most", "como máximo"),
    Comparison.ABOVE: Text("more than", "más de"),
    Comparison.AT_LEAST: Text("at least", "al menos"),
    Comparison.EQUAL: Text("exactly", "exactamente"),
    Comparison.UNEQUAL: Text("other than", "distinto de"),
}
ROSTER = {
    Roster.CHILDREN: Text("children", "niños y niñas"),
    Roster.WORKERS: Text("workers", "personas trabajadoras"),
}
_SIGN = {Operation.PLUS: "+", Operation.MINUS: "−", Operation.TIMES: "×"}
_AND, _OR = Text("; and ", "; y "), Text("; or ", "; o ")
_NOT = Text("not ({})", "no ({})")
_EITHER = Text(" or ", " o ")
_INCLUDES = Text("{}: at least one of {}", "{}: al menos una de {}")
_MISSING = Text("{}: no answer", "{}: sin respuesta")
_DAYS_BETWEEN = Text("days from {} to {}", "días desde {} hasta {}")
_SOME = Text("at least one of the {}: ({})", "al menos una de las personas ({}): ({})")
_EVERY = Text("each of the {}: ({})", "cada una de las personas ({}): ({})")
_COUNT = Text("{} {} of the {}: ({})", "{} {} de las personas ({}): ({})")
_BY_AGE = Text("{} for that age", "{} para esa edad")


def phrase(  # noqa: C901 - one case to a class
    node: Condition, book: Book, language: str, country: str = ""
) -> str:
    """Return a condition as one phrase in the reader's language."""

    def told(inner: Condition) -> str:
        return phrase(inner, book, language, country)

    match node:
        case All(items):
            flat = [
                part
                for item in items
                for part in (item.items if isinstance(item, All) else (item,))
            ]
            return _AND.in_language(language).join(_grouped(flat, told))
        case Any(items):
            return _OR.in_language(language).join(_grouped(items, told))
        case Not(item):
            return _NOT.in_language(language).format(told(item))
        case Fact() | Member():
            return book.vocabulary.facts[fact_id(node)].title.in_language(language)
        case Parameter():
            return phrase_value(node, book, language, country)
        case Derived():
            return book.derived[derived_id(node)].title.in_language(language)
        case Compare(comparison, left, right):
            unit = dimension_of(left, book) or dimension_of(right, book)
            sides = [
                phrase_value(one, book, language, country, unit)
                for one in (left, right)
            ]
            return (
                f"{sides[0]}: {COMPARED[comparison].in_language(language)} {sides[1]}"
            )
        case OneOf(item, options):
            name = phrase_value(item, book, language, country)
            either = _EITHER.in_language(language)
            return f"{name}: {either.join(_options(item, options, book, language))}"
        case Includes(item, options):
            name = phrase_value(item, book, language, country)
            chosen = ", ".join(_options(item, options, book, language))
            return _INCLUDES.in_language(language).format(name, chosen)
        case IsMissing(item):
            name = phrase_value(item, book, language, country)
            return _MISSING.in_language(language).format(name)
        case Some(roster, item):
            people = ROSTER[roster].in_language(language)
            return _SOME.in_language(language).format(people, told(item))
        case Every(roster, item):
            people = ROSTER[roster].in_language(language)
            return _EVERY.in_language(language).format(people, told(item))
        case Count(roster, item, comparison, number):
            people = ROSTER[roster].in_language(language)
            compared = COMPARED[comparison].in_language(language)
            return _COUNT.in_language(language).format(
                compared, number, people, told(item)
            )
        case _:
            assert_never(node)


def _grouped(items: Iterable[Condition], told: Callable[[Condition], str]) -> list[str]:
    return [
        f"({told(item)})" if isinstance(item, (All, Any)) else told(item)
        for item in items
    ]


def _options(
    item: Fact | Member, options: tuple[str, ...], book: Book, language: str
) -> list[str]:
    known = book.vocabulary.facts[fact_id(item)].options
    return [known[option].in_language(language) for option in options]


def phrase_value(
    node: Value,
    book: Book,
    language: str,
    country: str,
    dimension: Dimension | None = None,
) -> str:
    """Return a side of a comparison in words; a bare number in the unit beside it."""
    match node:
        case Literal(value):
            if not isinstance(value, int):
                return tell_day(value, language)
            unit = unit_of(dimension)
            return tell_amount(value, unit, country, language)
        case Fact() | Member():
            return book.vocabulary.facts[fact_id(node)].title.in_language(language)
        case Parameter(name, age):
            title = book.parameters[name].title.in_language(language)
            return title if age is None else _BY_AGE.in_language(language).format(title)
        case Arithmetic(operation, left, right):
            inner = None if operation is Operation.TIMES else dimension
            sides = [
                phrase_value(one, book, language, country, inner)
                for one in (left, right)
            ]
            return f"{sides[0]} {_SIGN[operation]} {sides[1]}"
        case DaysBetween(start, end):
            sides = [phrase_value(one, book, language, country) for one in (start, end)]
            return _DAYS_BETWEEN.in_language(language).format(*sides)
        case _:
            assert_never(node)


def dimension_of(node: Value, book: Book) -> Dimension | None:
    """Return the dimension of a value; None for a day or a bare number."""
    match node:
        case Literal():
            return None
        case Fact() | Member():
            unit = book.vocabulary.facts[fact_id(node)].unit
            return unit.dimension if unit else None
        case Parameter(name):
            legal_unit = book.parameters[name].unit
            return legal_unit.dimension if legal_unit else None
        case DaysBetween():
            return UNITS["days"].dimension
        case Arithmetic(operation, left, right):
            one, other = dimension_of(left, book), dimension_of(right, book)
            if operation is Operation.TIMES and (one or other):
                return product(one or PURE, other or PURE)
            return one or other
        case _:
            assert_never(node)


def unit_of(dimension: Dimension | None) -> Unit | None:
    """Return the base unit of a dimension, if it has a name."""
    if not dimension:
        return None
    return next(
        (u for u in UNITS.values() if u.dimension == dimension and u.factor == 1), None
    )


def has_arithmetic(node: Node) -> bool:
    return any(isinstance(one, (Arithmetic, DaysBetween)) for one in walk(node))
