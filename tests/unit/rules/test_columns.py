"""The reader of many audits: what a batch may be, what comes back, and the bits within."""

import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product

import pyarrow as pa
import pytest

from rules import read_book
from rules.answers import Answers
from rules.column_answers import batches_of
from rules.column_batches import (
    ColumnsRejected,
    audit_schema,
    coded,
    column_type,
    country_code,
    member_schema,
)
from rules.columns import (
    AUDITS_AT_A_TIME,
    OUTCOMES,
    columns_needed,
    score,
    verdicts_of,
)
from rules.definitions import Book, Outcome, Severity
from rules.expressions import (
    All,
    Any,
    Arithmetic,
    Compare,
    Comparison,
    Condition,
    Count,
    DaysBetween,
    Every,
    Fact,
    Includes,
    IsMissing,
    Literal,
    Member,
    Operation,
    Parameter,
    Some,
)
from rules.one_audit import COMPARE, weigh
from rules.parameters import (
    Confidence,
    LegalValue,
    ParameterDefinition,
    Reading,
    Sector,
    Stricter,
)
from rules.texts import Text
from rules.vocabulary import AnswerValue, Kind, Roster, SiteKind
from tests.unit.rules.small_books import (
    VOCABULARY,
    answers_of,
    book_of,
    fact,
)

HASH = "sha256:0"
T, F, U = True, False, None
Truth = bool | None
P = Member(Roster.CHILDREN, "p")


def outcomes(book: Book, answers: Sequence[Answers]) -> list[Outcome]:
    """Return what the one rule of the book says of each."""
    audits, members = batches_of(book.vocabulary, answers)
    return told(score(book, audits, members))


def told(scored: pa.RecordBatch) -> list[Outcome]:
    return [OUTCOMES[code % len(OUTCOMES)] for code in scored.column(0).to_pylist()]


def truth_of(condition: Condition, answers: Answers) -> Truth:
    said = outcomes(book_of(condition), [answers])[0]
    return {
        Outcome.NON_CONFORMITY: T,
        Outcome.CONFORMITY: F,
        Outcome.UNDETERMINED: U,
    }[said]


EVERY_PAIR = list(product((T, F, U), repeat=2))


@pytest.mark.parametrize("size", [15, 16, 63, 64, 255, 256, 300])
def test_a_full_roster_overflows_no_counter(size: int) -> None:
    all_but_one = [{"p": True}] * (size - 1) + [{"p": False}]
    answers = answers_of(children=all_but_one)

    for comparison, truth in ((Comparison.AT_LEAST, T), (Comparison.ABOVE, F)):
        condition = Count(Roster.CHILDREN, P, comparison, size - 1)
        assert truth_of(condition, answers) is truth


@pytest.mark.parametrize(
    ("comparison", "number", "truth"),
    [
        (Comparison.AT_LEAST, 1, T), (Comparison.AT_LEAST, 2, U), (Comparison.AT_LEAST, 3, F),
        (Comparison.ABOVE, 0, T), (Comparison.ABOVE, 1, U), (Comparison.ABOVE, 2, F),
        (Comparison.AT_MOST, 0, F), (Comparison.AT_MOST, 1, U), (Comparison.AT_MOST, 2, T),
        (Comparison.BELOW, 1, F), (Comparison.BELOW, 2, U), (Comparison.BELOW, 3, T),
        (Comparison.EQUAL, 0, F), (Comparison.EQUAL, 1, U), (Comparison.EQUAL, 3, F),
        (Comparison.UNEQUAL, 0, T), (Comparison.UNEQUAL, 2, U), (Comparison.UNEQUAL, 3, T),
    ],
)  # fmt: skip
def test_a_count_lies_between_the_sure_and_the_possible(
    comparison: Comparison, number: int, truth: Truth
) -> None:
    one_sure_one_open = answers_of(children=[{"p": True}, {}, {"p": False}])

    condition = Count(Roster.CHILDREN, P, comparison, number)

    assert truth_of(condition, one_sure_one_open) is truth


EVERY_TWO = [[], *([one, other] for one, other in EVERY_PAIR)]
SOME = [F, T, T, T, T, F, U, T, U, U]
EVERY = [T, F, U, F, F, F, U, F, U]


def over(condition: Condition, truths: list[Truth]) -> Truth:
    """Return the truth of a condition over children of whom p is as given."""
    members = [{} if one is None else {"p": one} for one in truths]
    return truth_of(condition, answers_of(children=members))


def test_some_and_every_of_two_members_are_kleenes() -> None:
    some_of = [over(Some(Roster.CHILDREN, P), two) for two in EVERY_TWO]
    every_of = [
        [over(Every(Roster.CHILDREN, P, if_empty), two) for two in EVERY_TWO]
        for if_empty in (True, False)
    ]

    assert some_of == SOME
    assert every_of == [[T, *EVERY], [F, *EVERY]]


@pytest.mark.parametrize("comparison", Comparison)
def test_numbers_compare_as_in_the_plain_reader(comparison: Comparison) -> None:
    condition = Compare(comparison, Fact("n"), Literal(5))

    found = [truth_of(condition, answers_of({"n": number})) for number in (4, 5, 6)]

    assert found == [COMPARE[comparison](number, 5) for number in (4, 5, 6)]
    assert truth_of(condition, answers_of()) is U


def test_days_are_counted_from_the_start_to_the_end() -> None:
    week = answers_of({"first_day": date(2024, 2, 26), "last_day": date(2024, 3, 4)})
    between = DaysBetween(Fact("first_day"), Fact("last_day"))

    assert truth_of(Compare(Comparison.EQUAL, between, Literal(7)), week) is T


def test_a_roster_nobody_answered_is_unknown_whatever_is_asked() -> None:
    for condition in (
        Some(Roster.CHILDREN, P),
        Every(Roster.CHILDREN, P, True),
        Every(Roster.CHILDREN, P, False),
        Count(Roster.CHILDREN, P, Comparison.AT_LEAST, 0),
    ):
        assert truth_of(condition, answers_of()) is U


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_statement_may_be_held_as_a_code(answer: Truth) -> None:
    said = {} if answer is None else {"a": answer}
    child = {} if answer is None else {"p": answer}
    book = book_of(Any((Fact("a"), Some(Roster.CHILDREN, P))))
    audits, members = batches_of(
        book.vocabulary, [answers_of(said, [child]), answers_of({}, [child, {}])]
    )

    held = {roster: coded(batch) for roster, batch in members.items()}

    assert coded(audits).schema.field("a").type == pa.uint8()
    assert told(score(book, coded(audits), held)) == told(score(book, audits, members))


def test_a_narrow_column_is_compared_and_reckoned_without_overflow() -> None:
    answers = answers_of({"n": 100, "m": 100})
    product_of_both = Arithmetic(Operation.TIMES, Fact("n"), Fact("m"))

    assert column_type(VOCABULARY.facts["n"]) == pa.int8()
    assert truth_of(
        Compare(Comparison.EQUAL, product_of_both, Literal(10_000)), answers
    )
    assert truth_of(Compare(Comparison.BELOW, Fact("n"), Literal(70_000)), answers)


def test_an_answered_empty_choice_is_known() -> None:
    condition = Includes(Fact("picks"), ("x", "z"))

    assert truth_of(condition, answers_of({"picks": frozenset()})) is F
    assert truth_of(condition, answers_of({"picks": frozenset({"z", "y"})})) is T
    assert truth_of(condition, answers_of()) is U


def test_each_rule_has_a_column_named_by_its_logic() -> None:
    book = book_of(Fact("a"))
    audits, members = batches_of(book.vocabulary, [answers_of({"a": True})] * 2)

    scored = score(book, audits, members)

    assert scored.schema.names == [HASH]
    assert scored.schema.types == [pa.uint8()]
    assert told(scored) == [Outcome.NON_CONFORMITY] * 2


@pytest.mark.parametrize("severity", Severity)
def test_a_code_means_what_the_three_readings_come_to(severity: Severity) -> None:
    rule = replace(book_of(Fact("a")).rules[0], severity=severity)
    every_reading = [
        dict(zip(Reading, told, strict=True))
        for told in product(Outcome, repeat=len(Reading))
    ]

    weighed = {weigh(rule, told) for told in every_reading}

    # As many codes as verdicts: no code stands for two.
    assert set(verdicts_of(rule).values()) == weighed
    assert len(verdicts_of(rule)) == len(weighed)


def legal(*rows: tuple[int, Confidence, date | None, date | None]) -> Book:
    """Return a book whose rule asks whether n is below a legal value of Colombia."""
    values = tuple(
        LegalValue("CO", Sector.AGRICULTURE, start, end, value, "", (), confidence)
        for value, confidence, start, end in rows
    )
    law = ParameterDefinition(
        "least", Text("", ""), Kind.INTEGER, None, Stricter.HIGHER, False, values
    )
    return book_of(
        Compare(Comparison.BELOW, Fact("n"), Parameter("least")), parameters=(law,)
    )


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        (date(1, 1, 1), Outcome.NOT_APPLICABLE),
        (date(2023, 12, 31), Outcome.UNDETERMINED),
        (date(2024, 1, 1), Outcome.CONFORMITY),
        (date(2024, 6, 30), Outcome.CONFORMITY),
        (date(2024, 7, 1), Outcome.NON_CONFORMITY),
        (date(9999, 12, 31), Outcome.NON_CONFORMITY),
    ],
)
def test_the_law_is_that_of_the_day(day: date, outcome: Outcome) -> None:
    new_year, july = date(2024, 1, 1), date(2024, 7, 1)
    book = legal(
        (10, Confidence.VERIFIED, new_year, july), (20, Confidence.VERIFIED, july, None)
    )

    assert outcomes(book, [answers_of({"n": 15}, day=day)]) == [outcome]


def test_the_law_is_that_of_the_place_and_the_kind_of_site() -> None:
    book = legal((20, Confidence.VERIFIED, None, None))
    places = [
        answers_of({"n": 15}),
        answers_of({"n": 15}, site_kind=SiteKind.MILL),
        answers_of({"n": 15}, country="HN"),
        answers_of({"n": 15}, country="ZZ"),
    ]

    assert outcomes(book, places) == [
        Outcome.NON_CONFORMITY,
        Outcome.UNDETERMINED,
        Outcome.UNDETERMINED,
        Outcome.UNDETERMINED,
    ]


def test_unsure_law_shows_in_the_grounds() -> None:
    book = legal((20, Confidence.UNVERIFIED, None, None))
    audits, members = batches_of(book.vocabulary, [answers_of({"n": 15})])

    code = score(book, audits, members).column(0)[0].as_py()

    verdict = verdicts_of(book.rules[0])[code]
    assert (verdict.outcome, verdict.severity) == (
        Outcome.NON_CONFORMITY,
        Severity.MAJOR,
    )


MIXED = [
    answers_of({"a": True}, [{"p": True}]),
    answers_of({"a": False, "n": 3}, []),
    answers_of({}, [{"p": False}, {}, {"p": False}]),
    answers_of({"a": False}),
    answers_of({"a": False}, [{"p": False}]),
] * 5
EITHER = Any((Fact("a"), Some(Roster.CHILDREN, P)))


def nested(answers: Sequence[Answers]) -> pa.RecordBatch:
    """Return audits whose rosters are lists of members in a column."""
    audits, _ = batches_of(VOCABULARY, answers)
    kind = pa.list_(pa.struct(list(member_schema(VOCABULARY, Roster.CHILDREN))))
    listed: list[list[Mapping[str, AnswerValue]] | None] = [
        None if members is None else [member.facts for member in members]
        for members in (one.rosters[Roster.CHILDREN] for one in answers)
    ]
    place = audits.schema.get_field_index("children")
    return audits.set_column(place, "children", pa.array(listed, kind))


def test_members_in_a_list_are_those_in_a_batch_of_their_own() -> None:
    book = book_of(EITHER)

    assert told(score(book, nested(MIXED))) == outcomes(book, MIXED)


@pytest.mark.parametrize(("start", "length"), [(0, 4), (1, 9), (3, 20), (8, 8)])
def test_a_slice_of_a_batch_is_scored_as_it_would_be_alone(
    start: int, length: int
) -> None:
    book = book_of(EITHER)
    part = nested(MIXED).slice(start, length)

    assert told(score(book, part)) == outcomes(book, MIXED)[start : start + length]


def test_a_batch_larger_than_the_kernel_takes_at_a_time_is_scored_whole() -> None:
    book = book_of(EITHER)
    one = nested(MIXED)
    times = AUDITS_AT_A_TIME // one.num_rows + 2
    many = pa.Table.from_batches([one] * times).combine_chunks().to_batches()[0]

    assert told(score(book, many)) == outcomes(book, MIXED) * times


def test_an_empty_batch_gives_empty_columns() -> None:
    assert told(score(book_of(EITHER), nested([]))) == []


def test_a_column_that_is_absent_was_not_asked() -> None:
    audits, members = batches_of(VOCABULARY, [answers_of({"a": True}, [{"p": True}])])
    without = audits.drop_columns(["a", "children"])

    for condition in (Fact("a"), Some(Roster.CHILDREN, P)):
        scored = score(book_of(condition), without)
        assert told(scored) == [Outcome.UNDETERMINED]
    assert told(score(book_of(IsMissing(Fact("a"))), without)) == [
        Outcome.NON_CONFORMITY
    ]
    assert told(score(book_of(EITHER), audits, members)) == [Outcome.NON_CONFORMITY]


def test_only_some_rules_need_only_their_columns() -> None:
    book = read_book()
    only = ["forced_labour.documents_held", "child_labour.minimum_age"]
    needed = columns_needed(book, only)
    answers = [answers_of(country="CO")]
    audits, members = batches_of(book.vocabulary, answers)

    scored = score(
        book,
        audits.select(["country", "commodity", "site_kind", "observed_on", "workers"]),
        {Roster.WORKERS: members[Roster.WORKERS].select(["documents_held"])},
        only=only,
    )

    assert needed[None] == {"documents_held"}
    assert needed[Roster.WORKERS] == {"documents_held"}
    assert {"works", "age"} <= needed[Roster.CHILDREN]
    assert scored.schema.names == [book.rule_by_id[one].logic_hash for one in only]


def test_an_unknown_rule_is_a_key_error() -> None:
    audits, members = batches_of(VOCABULARY, [answers_of()])

    with pytest.raises(KeyError, match=r"child_labour\.unheard_of"):
        score(book_of(EITHER), audits, members, only=["child_labour.unheard_of"])


def changed(name: str, column: pa.Array, named: str | None = None) -> pa.RecordBatch:
    audits, _ = batches_of(VOCABULARY, [answers_of(children=[])])
    return audits.drop_columns([name]).append_column(named or name, column)


@pytest.mark.parametrize(
    ("audits", "message"),
    [
        (changed("a", pa.array([1], pa.int8())), "audits.a is int8, not bool"),
        (changed("n", pa.array([1.5])), "audits.n is double, not int8"),
        (changed("country", pa.array([676], pa.uint16())), "audits.country holds 676"),
        (changed("site_kind", pa.array([2], pa.uint8())), "audits.site_kind holds 2"),
        (
            changed("observed_on", pa.array([None], pa.date32())),
            "audits.observed_on is null in 1 rows",
        ),
        (changed("children", pa.array([-1])), "counts -1 members"),
        (changed("children", pa.array([2])), "counts 2 members; 0 are given"),
        (changed("children", pa.array(["two"])), "is string, no count and no list"),
        (
            changed("a", pa.array([True]), named="aa"),
            "audits.aa is no fact. Did you mean 'a'?",
        ),
        (
            changed("a", pa.array([True])).drop_columns(["country"]),
            "audits: the column 'country' is missing",
        ),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(
    audits: pa.RecordBatch, message: str
) -> None:
    with pytest.raises(ColumnsRejected, match=re.escape(message)):
        score(book_of(EITHER), audits)


def test_a_number_stored_wider_than_today_is_read() -> None:
    audits = changed("n", pa.array([5_000_000_000], pa.int64()))

    scored = score(book_of(Compare(Comparison.ABOVE, Fact("n"), Literal(100))), audits)

    assert told(scored) == [Outcome.NON_CONFORMITY]


def test_countries_have_numbers_that_no_edition_changes() -> None:
    assert [country_code(one) for one in ("AA", "AZ", "CO", "ZZ")] == [0, 25, 66, 675]


@pytest.mark.parametrize(
    ("lowest", "highest", "kind"),
    [
        (0, 127, pa.int8()),
        (0, 128, pa.int16()),
        (-129, 0, pa.int16()),
        (0, 32_768, pa.int32()),
        (0, 2**31, pa.int64()),
    ],
)
def test_a_number_is_held_in_as_few_bytes_as_its_range_needs(
    lowest: int, highest: int, kind: pa.DataType
) -> None:
    held = fact("n", Kind.INTEGER, unit="number", lowest=lowest, highest=highest)

    assert column_type(held) == kind


def test_no_fact_of_the_book_is_named_as_a_column_that_says_where_and_when() -> None:
    vocabulary = read_book().vocabulary

    names = audit_schema(vocabulary).names

    assert len(set(names)) == len(names)


def test_a_book_can_be_sent_to_another_process() -> None:
    book = book_of(All((Fact("a"), Fact("b"))))
    audits, members = batches_of(VOCABULARY, [answers_of({"a": True, "b": True})])

    sent = pickle.loads(pickle.dumps(book))  # noqa: S301 - our own

    assert told(score(sent, audits, members)) == [Outcome.NON_CONFORMITY]
