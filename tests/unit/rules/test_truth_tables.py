"""What every node means, written out in full: T true, F false, U unknown."""

from collections.abc import Sequence
from datetime import date

import pytest

from rules.definitions import DerivedDefinition, Outcome
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
    Some,
    Value,
)
from rules.texts import Text
from rules.vocabulary import AnswerValue, Roster
from tests.unit.rules.small_books import answers_of, book_of, truth_of, verdict_of

T, F, U = True, False, None
Truth = bool | None
A, B, C = Fact("a"), Fact("b"), Fact("c")
N, M = Fact("n"), Fact("m")
P, Q = Member(Roster.CHILDREN, "p"), Member(Roster.CHILDREN, "q")


def known(**facts: AnswerValue | None) -> dict[str, AnswerValue]:
    """Return the facts that have an answer."""
    return {name: value for name, value in facts.items() if value is not None}


def truth(condition: Condition, **facts: AnswerValue | None) -> Truth:
    return truth_of(book_of(condition), answers_of(known(**facts)))


def truth_over(
    condition: Condition, members: Sequence[tuple[Truth, Truth]] | None
) -> Truth:
    """Return the truth over children whose facts p and q are given in pairs."""
    children = None if members is None else [known(p=p, q=q) for p, q in members]
    return truth_of(book_of(condition), answers_of(children=children))


@pytest.mark.parametrize(("a", "result"), [(T, T), (F, F), (U, U)])
def test_a_fact_alone_is_its_answer(a: Truth, result: Truth) -> None:
    assert truth(A, a=a) is result


@pytest.mark.parametrize(("a", "result"), [(T, F), (F, T), (U, U)])
def test_not(a: Truth, result: Truth) -> None:
    assert truth(Not(A), a=a) is result


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        (T, T, T), (T, F, F), (T, U, U),
        (F, T, F), (F, F, F), (F, U, F),
        (U, T, U), (U, F, F), (U, U, U),
    ],
)  # fmt: skip
def test_all_of_two(a: Truth, b: Truth, result: Truth) -> None:
    assert truth(All((A, B)), a=a, b=b) is result


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        (T, T, T), (T, F, T), (T, U, T),
        (F, T, T), (F, F, F), (F, U, U),
        (U, T, T), (U, F, U), (U, U, U),
    ],
)  # fmt: skip
def test_any_of_two(a: Truth, b: Truth, result: Truth) -> None:
    assert truth(Any((A, B)), a=a, b=b) is result


@pytest.mark.parametrize(
    ("a", "b", "c", "result"),
    [
        (T, T, T, T), (T, T, F, F), (T, T, U, U), (T, F, T, F), (T, F, F, F), (T, F, U, F),
        (T, U, T, U), (T, U, F, F), (T, U, U, U), (F, T, T, F), (F, T, F, F), (F, T, U, F),
        (F, F, T, F), (F, F, F, F), (F, F, U, F), (F, U, T, F), (F, U, F, F), (F, U, U, F),
        (U, T, T, U), (U, T, F, F), (U, T, U, U), (U, F, T, F), (U, F, F, F), (U, F, U, F),
        (U, U, T, U), (U, U, F, F), (U, U, U, U),
    ],
)  # fmt: skip
def test_all_of_three(a: Truth, b: Truth, c: Truth, result: Truth) -> None:
    assert truth(All((A, B, C)), a=a, b=b, c=c) is result


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        (Comparison.BELOW, T, F, F),
        (Comparison.AT_MOST, T, T, F),
        (Comparison.ABOVE, F, F, T),
        (Comparison.AT_LEAST, F, T, T),
        (Comparison.EQUAL, F, T, F),
        (Comparison.UNEQUAL, T, F, T),
    ],
)
def test_a_comparison_of_numbers(
    comparison: Comparison, below: Truth, equal: Truth, above: Truth
) -> None:
    condition = Compare(comparison, N, Literal(10))

    assert truth(condition, n=9) is below
    assert truth(condition, n=10) is equal
    assert truth(condition, n=11) is above
    assert truth(condition, n=None) is U


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        (Comparison.BELOW, T, F, F),
        (Comparison.AT_MOST, T, T, F),
        (Comparison.ABOVE, F, F, T),
        (Comparison.AT_LEAST, F, T, T),
        (Comparison.EQUAL, F, T, F),
        (Comparison.UNEQUAL, T, F, T),
    ],
)
def test_a_comparison_of_a_members_number(
    comparison: Comparison, below: Truth, equal: Truth, above: Truth
) -> None:
    age = Member(Roster.CHILDREN, "age")
    book = book_of(Some(Roster.CHILDREN, Compare(comparison, age, Literal(10))))

    assert truth_of(book, answers_of(children=[{"age": 9}])) is below
    assert truth_of(book, answers_of(children=[{"age": 10}])) is equal
    assert truth_of(book, answers_of(children=[{"age": 11}])) is above
    assert truth_of(book, answers_of(children=[{}])) is U


@pytest.mark.parametrize(
    ("first", "last", "result"),
    [
        (date(2026, 1, 1), date(2026, 1, 2), T),
        (date(2026, 1, 1), date(2026, 1, 1), F),
        (date(2026, 1, 2), date(2026, 1, 1), F),
        (None, date(2026, 1, 1), U),
        (date(2026, 1, 1), None, U),
        (None, None, U),
    ],
)
def test_a_comparison_of_days(
    first: date | None, last: date | None, result: Truth
) -> None:
    condition = Compare(Comparison.BELOW, Fact("first_day"), Fact("last_day"))

    assert truth(condition, first_day=first, last_day=last) is result


def test_numbers_without_any_fact_are_compared_too() -> None:
    assert truth(Compare(Comparison.BELOW, Literal(3), Literal(5))) is T
    assert truth(Compare(Comparison.BELOW, Literal(5), Literal(3))) is F


@pytest.mark.parametrize(
    ("operation", "n", "m", "result"),
    [
        (Operation.PLUS, 7, 5, 12), (Operation.PLUS, None, 5, None),
        (Operation.PLUS, 7, None, None), (Operation.PLUS, None, None, None),
        (Operation.MINUS, 7, 5, 2), (Operation.MINUS, None, 5, None),
        (Operation.MINUS, 7, None, None), (Operation.MINUS, None, None, None),
        (Operation.TIMES, 7, 5, 35), (Operation.TIMES, None, 5, None),
        (Operation.TIMES, 7, None, None), (Operation.TIMES, None, None, None),
        (Operation.TIMES, 0, None, None), (Operation.TIMES, None, 0, None),
    ],
)  # fmt: skip
def test_arithmetic(
    operation: Operation, n: int | None, m: int | None, result: int | None
) -> None:
    calculated = Arithmetic(operation, N, M)
    expected = result if result is not None else 0

    equal = truth(Compare(Comparison.EQUAL, calculated, Literal(expected)), n=n, m=m)
    above = truth(Compare(Comparison.ABOVE, calculated, Literal(expected)), n=n, m=m)

    assert (equal, above) == ((U, U) if result is None else (T, F))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 1, 1), date(2026, 1, 8), 7),
        (date(2026, 1, 8), date(2026, 1, 1), -7),
        (date(2024, 2, 28), date(2024, 3, 1), 2),
        (date(2026, 2, 28), date(2026, 3, 1), 1),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_days_between(first: date, last: date, days: int) -> None:
    between = DaysBetween(Fact("first_day"), Fact("last_day"))

    condition = Compare(Comparison.EQUAL, between, Literal(days))

    assert truth(condition, first_day=first, last_day=last) is T
    assert truth(condition, first_day=first, last_day=None) is U
    assert truth(condition, first_day=None, last_day=last) is U


@pytest.mark.parametrize(
    ("chosen", "options", "result"),
    [
        ("x", ("x",), T), ("y", ("x",), F), (None, ("x",), U),
        ("x", ("x", "y"), T), ("y", ("x", "y"), T), ("z", ("x", "y"), F),
        (None, ("x", "y"), U), (None, ("x", "y", "z"), U),
    ],
)  # fmt: skip
def test_one_of(chosen: str | None, options: tuple[str, ...], result: Truth) -> None:
    assert truth(OneOf(Fact("pick"), options), pick=chosen) is result


@pytest.mark.parametrize(
    ("chosen", "options", "result"),
    [
        ((), ("x",), F), (("x",), ("x",), T), (("y",), ("x",), F), (None, ("x",), U),
        ((), ("x", "y"), F), (("y", "z"), ("x", "y"), T), (("z",), ("x", "y"), F),
        (None, ("x", "y"), U),
    ],
)  # fmt: skip
def test_includes_where_an_answered_nothing_is_known(
    chosen: tuple[str, ...] | None, options: tuple[str, ...], result: Truth
) -> None:
    picks = None if chosen is None else frozenset(chosen)

    assert truth(Includes(Fact("picks"), options), picks=picks) is result


@pytest.mark.parametrize(
    ("item", "answered"),
    [(A, False), (A, True), (N, 0), (Fact("picks"), frozenset[str]())],
)
def test_is_missing_is_never_unknown(item: Fact, answered: AnswerValue) -> None:
    assert truth(IsMissing(item)) is T
    assert truth(IsMissing(item), **{item.name: answered}) is F


@pytest.mark.parametrize(
    ("members", "result"),
    [
        (None, U), ([], F),
        ([T], T), ([F], F), ([U], U),
        ([T, T], T), ([T, F], T), ([T, U], T),
        ([F, T], T), ([F, F], F), ([F, U], U),
        ([U, T], T), ([U, F], U), ([U, U], U),
    ],
)  # fmt: skip
def test_some(members: list[Truth] | None, result: Truth) -> None:
    pairs = None if members is None else [(one, U) for one in members]

    assert truth_over(Some(Roster.CHILDREN, P), pairs) is result


@pytest.mark.parametrize(
    ("members", "if_clear", "if_flag"),
    [
        (None, U, U), ([], F, T),
        ([T], T, T), ([F], F, F), ([U], U, U),
        ([T, T], T, T), ([T, F], F, F), ([T, U], U, U),
        ([F, T], F, F), ([F, F], F, F), ([F, U], F, F),
        ([U, T], U, U), ([U, F], F, F), ([U, U], U, U),
    ],
)  # fmt: skip
def test_every(members: list[Truth] | None, if_clear: Truth, if_flag: Truth) -> None:
    pairs = None if members is None else [(one, U) for one in members]

    assert truth_over(Every(Roster.CHILDREN, P, if_empty=False), pairs) is if_clear
    assert truth_over(Every(Roster.CHILDREN, P, if_empty=True), pairs) is if_flag


@pytest.mark.parametrize(
    ("members", "at_least_2", "at_most_1", "more_than_1", "fewer_than_2"),
    [
        (None, U, U, U, U), ([], F, T, F, T),
        ([T], F, T, F, T), ([F], F, T, F, T), ([U], F, T, F, T),
        ([T, T], T, F, T, F), ([T, F], F, T, F, T), ([T, U], U, U, U, U),
        ([F, F], F, T, F, T), ([F, U], F, T, F, T), ([U, U], U, U, U, U),
        ([T, T, U], T, F, T, F), ([T, T, T], T, F, T, F), ([T, F, U], U, U, U, U),
        ([F, F, U], F, T, F, T), ([F, U, U], U, U, U, U), ([U, U, U], U, U, U, U),
    ],
)  # fmt: skip
def test_count(
    members: list[Truth] | None,
    at_least_2: Truth,
    at_most_1: Truth,
    more_than_1: Truth,
    fewer_than_2: Truth,
) -> None:
    pairs = None if members is None else [(one, U) for one in members]

    def counted(comparison: Comparison, number: int) -> Truth:
        return truth_over(Count(Roster.CHILDREN, P, comparison, number), pairs)

    assert counted(Comparison.AT_LEAST, 2) is at_least_2
    assert counted(Comparison.AT_MOST, 1) is at_most_1
    assert counted(Comparison.ABOVE, 1) is more_than_1
    assert counted(Comparison.BELOW, 2) is fewer_than_2


@pytest.mark.parametrize(
    ("members", "exactly_1", "not_1"),
    [
        (None, U, U), ([], F, T), ([T], T, F), ([U], U, U),
        ([T, T], F, T), ([T, U], U, U), ([T, T, U], F, T), ([U, U, U], U, U),
    ],
)  # fmt: skip
def test_count_of_exactly(
    members: list[Truth] | None, exactly_1: Truth, not_1: Truth
) -> None:
    pairs = None if members is None else [(one, U) for one in members]

    equal = truth_over(Count(Roster.CHILDREN, P, Comparison.EQUAL, 1), pairs)
    unequal = truth_over(Count(Roster.CHILDREN, P, Comparison.UNEQUAL, 1), pairs)

    assert (equal, unequal) == (exactly_1, not_1)


@pytest.mark.parametrize(
    ("members", "result"),
    [
        ([(T, T)], T), ([(T, F)], F), ([(T, U)], U), ([(F, U)], F),
        # Half of it on one child and half on another is not the whole on anybody.
        ([(T, F), (F, T)], F),
        ([(T, U), (U, F)], U),
    ],
)  # fmt: skip
def test_a_condition_of_members_holds_of_one_person_at_a_time(
    members: list[tuple[Truth, Truth]], result: Truth
) -> None:
    assert truth_over(Some(Roster.CHILDREN, All((P, Q))), members) is result


@pytest.mark.parametrize("a", [T, F, U])
@pytest.mark.parametrize("p", [T, F, U])
def test_an_answer_about_the_audit_can_be_read_inside_a_roster(
    a: Truth, p: Truth
) -> None:
    book = book_of(Some(Roster.CHILDREN, All((A, P))))
    alike = book_of(All((A, B)))

    inside = truth_of(book, answers_of(known(a=a), [known(p=p)]))

    assert inside is truth_of(alike, answers_of(known(a=a, b=p)))


@pytest.mark.parametrize("a", [T, F, U])
def test_a_derived_condition_is_its_tree(a: Truth) -> None:
    derived = DerivedDefinition("d", None, Text("d", "d"), Not(A))

    book = book_of(Derived("d"), derived=(derived,))

    assert truth_of(book, answers_of(known(a=a))) is truth(Not(A), a=a)


@pytest.mark.parametrize("p", [T, F, U])
def test_a_derived_condition_of_members_is_seen_from_each_of_them(p: Truth) -> None:
    derived = DerivedDefinition("d", Roster.CHILDREN, Text("d", "d"), Not(P))
    condition = Some(Roster.CHILDREN, Derived("d", Roster.CHILDREN))

    found = truth_of(
        book_of(condition, derived=(derived,)), answers_of(children=[{}, known(p=p)])
    )

    assert found is truth_over(Some(Roster.CHILDREN, Not(P)), [(U, U), (p, U)])


def test_a_derived_condition_of_the_audit_is_not_confused_by_the_member_in_view() -> (
    None
):
    derived = DerivedDefinition("d", None, Text("d", "d"), Some(Roster.CHILDREN, P))
    condition = Every(Roster.CHILDREN, Derived("d"), if_empty=False)

    found = truth_of(
        book_of(condition, derived=(derived,)), answers_of(children=[{}, known(p=T)])
    )

    assert found is T


@pytest.mark.parametrize(
    ("applies", "flagged", "outcome"),
    [
        (T, T, Outcome.NON_CONFORMITY),
        (T, F, Outcome.CONFORMITY),
        (T, U, Outcome.UNDETERMINED),
        (F, T, Outcome.NOT_APPLICABLE),
        (F, F, Outcome.NOT_APPLICABLE),
        (F, U, Outcome.NOT_APPLICABLE),
        (U, T, Outcome.UNDETERMINED),
        (U, F, Outcome.UNDETERMINED),
        (U, U, Outcome.UNDETERMINED),
    ],
)
def test_a_rule_that_may_not_apply_is_undetermined(
    applies: Truth, flagged: Truth, outcome: Outcome
) -> None:
    book = book_of(B, applies_when=A)

    verdict = verdict_of(book, answers_of(known(a=applies, b=flagged)))

    assert verdict.outcome is outcome


VALUES: list[Value] = [N, Arithmetic(Operation.PLUS, N, M)]


@pytest.mark.parametrize("value", VALUES)
def test_a_band_that_covers_every_number_is_still_unknown_without_one(
    value: Value,
) -> None:
    below = Compare(Comparison.BELOW, value, Literal(13))
    above = Compare(Comparison.AT_LEAST, value, Literal(13))

    assert truth(Any((below, above))) is U
