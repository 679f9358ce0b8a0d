"""A comparison leaves nothing out: alike is empty, and no changed rule is missing."""

from dataclasses import replace

from hypothesis import given

from rules.comparing import compare
from rules.definitions import Book
from rules.hashes import logic_hash
from tests.property.test_readers_agree import books_of

RULES = 3


def _hashes(book: Book) -> dict[str, str]:
    return {rule.id: rule.logic_hash for rule in book.rules}


@given(books_of(RULES))
def test_a_book_is_like_itself(book: Book) -> None:
    assert compare(book, book).is_empty


@given(books_of(RULES), books_of(RULES))
def test_the_rules_that_decide_are_those_whose_logic_hash_differs(
    before: Book, after: Book
) -> None:
    comparison = compare(before, after)

    one, other = _hashes(before), _hashes(after)
    differing = {rule for rule in {*one, *other} if one.get(rule) != other.get(rule)}
    assert {rule.id for rule in comparison.deciding} == differing


@given(books_of(RULES), books_of(RULES))
def test_law_alone_is_always_told_with_the_value_that_changed(
    before: Book, after: Book
) -> None:
    """The rules of one book under the law of the other: what differs is the law."""
    moved = replace(before, parameters=after.parameters)
    rules = tuple(
        replace(rule, logic_hash=logic_hash(rule, moved)) for rule in before.rules
    )

    comparison = compare(before, replace(moved, rules=rules))

    changed = {f"law.{one.parameter}" for one in comparison.values if one.decides}
    changed |= {f"law.{one.id}" for one in comparison.parameters}
    for rule in comparison.deciding:
        assert rule.because
        assert set(rule.because) <= changed


@given(books_of(RULES), books_of(RULES))
def test_there_and_back_differ_in_the_same(before: Book, after: Book) -> None:
    there, back = compare(before, after), compare(after, before)

    assert {rule.id for rule in there.rules} == {rule.id for rule in back.rules}
    assert {rule.since for rule in there.rules} == {rule.since for rule in back.rules}
    assert len(there.values) == len(back.values)
