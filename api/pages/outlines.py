"""A rule's conditions as a list of lists, so that a person can follow them by eye."""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.texts import N_, translate
from rules import Book, DerivedDefinition, FactDefinition, Roster, Rule
from rules.expressions import (
    All,
    Any,
    Condition,
    Count,
    Derived,
    Every,
    Fact,
    Member,
    Not,
    Some,
    derived_id,
    fact_id,
)
from rules.hashes import reached
from rules.phrases import COMPARED, ROSTER, phrase

ALL_OF = N_("all of these:")
ANY_OF = N_("at least one of these:")
NOT = N_("it is not so that:")
# The people are told in the plural: {people} is "children" or "workers".
AMONG = {
    Some: N_("among the {people}, at least one of whom this is true:"),
    Every: N_("among the {people}, true of each of them:"),
}
COUNTED = N_("among the {people}, true of {bound} {number}:")


@dataclass(frozen=True)
class Outline:
    """A line, and the lines below it."""

    text: str
    items: tuple["Outline", ...] = ()


def outline(node: Condition, book: Book, language: str, country: str) -> Outline:
    """Return a condition as nested lines; named conditions stay names."""

    def inner(item: Condition) -> Outline:
        return outline(item, book, language, country)

    match node:
        case All(items):
            flat = [
                part
                for item in items
                for part in (item.items if isinstance(item, All) else (item,))
            ]
            return Outline(
                translate(ALL_OF, language), tuple(inner(item) for item in flat)
            )
        case Any(items):
            return Outline(
                translate(ANY_OF, language), tuple(inner(item) for item in items)
            )
        case Not(item):
            return Outline(translate(NOT, language), (inner(item),))
        case Some(roster, item) | Every(roster, item):
            people = ROSTER[roster].in_language(language)
            return Outline(
                translate(AMONG[type(node)], language, people=people), (inner(item),)
            )
        case Count(roster, item, comparison, number):
            told = translate(
                COUNTED,
                language,
                people=ROSTER[roster].in_language(language),
                bound=COMPARED[comparison].in_language(language),
                number=number,
            )
            return Outline(told, (inner(item),))
        case _:
            return Outline(phrase(node, book, language, country))


def named_conditions(rule: Rule, book: Book) -> Iterator[DerivedDefinition]:
    """Yield the named conditions a rule uses, each once."""
    for node in reached(rule, book):
        if isinstance(node, Derived):
            yield book.derived[derived_id(node)]


def questions(
    rule: Rule, book: Book
) -> list[tuple[Roster | None, list[FactDefinition]]]:
    """Return what a rule asks: of the site first, then of each child and worker."""
    asked = {
        fact_id(node): book.vocabulary.facts[fact_id(node)]
        for node in reached(rule, book)
        if isinstance(node, Fact | Member)
    }
    places: tuple[Roster | None, ...] = (None, *Roster)
    grouped = [
        (place, [fact for fact in asked.values() if fact.roster is place])
        for place in places
    ]
    return [(place, facts) for place, facts in grouped if facts]
