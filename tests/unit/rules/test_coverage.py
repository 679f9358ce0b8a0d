"""What a checklist asks decides which rules it can decide."""

import pytest

from rules.coverage import Asked, Decided, cover, needs_of, unused_facts
from rules.definitions import DerivedDefinition
from rules.expressions import (
    All,
    Any,
    Comparison,
    Condition,
    Count,
    Derived,
    Every,
    Fact,
    IsMissing,
    Member,
    Not,
    Some,
)
from rules.texts import Text
from rules.vocabulary import Roster
from tests.unit.rules.small_books import book_of

A, B = Fact("a"), Fact("b")
P = Member(Roster.CHILDREN, "p")
NO, ONLY_IF, WEAK, YES = Asked.NEVER, Asked.ONLY_IF, Asked.WEAK, Asked.ALWAYS
NEVER, SOMETIMES, ALWAYS = Decided.NEVER, Decided.SOMETIMES, Decided.ALWAYS


def test_a_rule_needs_what_it_reads_through_derived_conditions() -> None:
    derived = DerivedDefinition("d", Roster.CHILDREN, Text("d", "d"), P)
    condition = All((A, Some(Roster.CHILDREN, Derived("d", Roster.CHILDREN))))
    book = book_of(condition, derived=(derived,), applies_when=B)

    needs = needs_of(book.rules[0], book)

    assert set(needs.facts) == {"a", "b", "children.p"}
    assert needs.rosters == ("children",)


@pytest.mark.parametrize(
    ("condition", "asked", "decided", "can_flag", "can_clear"),
    [
        (A, {}, NEVER, False, False),
        (A, {"a": NO}, NEVER, False, False),
        (A, {"a": ONLY_IF}, SOMETIMES, True, True),
        (A, {"a": WEAK}, SOMETIMES, True, True),
        (A, {"a": YES}, ALWAYS, True, True),
        (Not(A), {"a": YES}, ALWAYS, True, True),
        (All((A, B)), {"a": YES}, SOMETIMES, False, True),
        (Any((A, B)), {"a": YES}, SOMETIMES, True, False),
        (Not(All((A, B))), {"a": YES}, SOMETIMES, True, False),
        (All((A, B)), {"a": YES, "b": YES}, ALWAYS, True, True),
        (IsMissing(A), {}, SOMETIMES, True, False),
        (IsMissing(A), {"a": ONLY_IF}, SOMETIMES, True, True),
        (IsMissing(A), {"a": YES}, ALWAYS, False, True),
        (Some(Roster.CHILDREN, P), {}, NEVER, False, False),
        (Some(Roster.CHILDREN, P), {"children.p": YES}, NEVER, False, False),
        (Some(Roster.CHILDREN, P), {"children": YES}, SOMETIMES, False, True),
        (
            Some(Roster.CHILDREN, P),
            {"children": YES, "children.p": YES},
            ALWAYS,
            True,
            True,
        ),
        (
            Every(Roster.CHILDREN, P, if_empty=True),
            {"children": YES},
            SOMETIMES,
            True,
            False,
        ),
        (
            Every(Roster.CHILDREN, P, if_empty=False),
            {"children": YES},
            SOMETIMES,
            False,
            True,
        ),
        (
            Count(Roster.CHILDREN, P, Comparison.AT_LEAST, 2),
            {"children": YES},
            SOMETIMES,
            False,
            True,
        ),
        (
            Count(Roster.CHILDREN, P, Comparison.AT_MOST, 2),
            {"children": YES},
            SOMETIMES,
            True,
            False,
        ),
    ],
)
def test_what_is_asked_says_what_can_be_decided(
    condition: Condition,
    asked: dict[str, Asked],
    decided: Decided,
    can_flag: object,
    can_clear: object,
) -> None:
    coverage = cover(book_of(condition), asked)[0]

    assert coverage.decided is decided
    assert (coverage.can_flag, coverage.can_clear) == (can_flag, can_clear)


def test_a_rule_whose_application_is_never_asked_is_never_decided() -> None:
    coverage = cover(book_of(A, applies_when=B), {"a": YES})[0]

    assert coverage.decided is NEVER
    assert coverage.missing == ("b",)


def test_what_is_missing_and_what_is_conditional_is_named() -> None:
    condition = All((A, B, Some(Roster.CHILDREN, P)))

    coverage = cover(book_of(condition), {"a": ONLY_IF, "children": WEAK})[0]

    assert coverage.missing == ("b", "children.p")
    assert coverage.conditional == ("a", "children")


def test_facts_that_no_rule_reads_are_known() -> None:
    unused = unused_facts(book_of(All((A, Some(Roster.CHILDREN, P)))))

    assert "b" in unused
    assert not {"a", "children.p"} & set(unused)
