"""The order of lines and of members is of no consequence, and not-not is nothing."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as some

from rules.answers import Answers
from rules.expressions import (
    All,
    Any,
    Condition,
    Count,
    Every,
    Not,
    Some,
)
from rules.one_audit import assess
from tests.strategies import answers, book_with, conditions


def mirrored(node: Condition) -> Condition:
    """Return the tree with every list of lines read from its end."""
    match node:
        case All(items):
            return All(tuple(mirrored(item) for item in reversed(items)))
        case Any(items):
            return Any(tuple(mirrored(item) for item in reversed(items)))
        case Not(item):
            return Not(mirrored(item))
        case Some(roster, item):
            return Some(roster, mirrored(item))
        case Every(roster, item, if_empty):
            return Every(roster, mirrored(item), if_empty)
        case Count(roster, item, comparison, number):
            return Count(roster, mirrored(item), comparison, number)
        case _:
            return node


def in_other_order(answered: Answers, random: Random) -> Answers:
    rosters = {
        roster: None if members is None else tuple(random.sample(members, len(members)))
        for roster, members in answered.rosters.items()
    }
    return replace(answered, rosters=rosters)


@given(conditions(), answers())
def test_the_order_of_lines_never_matters(
    condition: Condition, answered: Answers
) -> None:
    verdicts = assess(book_with(condition), answered)

    assert assess(book_with(mirrored(condition)), answered) == verdicts


@given(conditions(), answers(), some.randoms(use_true_random=False))
def test_the_order_of_members_never_matters(
    condition: Condition, answered: Answers, random: Random
) -> None:
    book = book_with(condition)

    assert assess(book, in_other_order(answered, random)) == assess(book, answered)


@given(conditions(), answers())
def test_not_not_is_nothing(condition: Condition, answered: Answers) -> None:
    verdicts = assess(book_with(condition), answered)

    assert assess(book_with(Not(Not(condition))), answered) == verdicts
