"""The reader of one audit and the reader of many say the same of everything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import get_args

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.strategies import SearchStrategy

from rules import read_book
from rules.answers import Answers, read_answers
from rules.column_answers import batches_of
from rules.columns import score, verdicts_of
from rules.definitions import Book, Period, Rule, Scopes, Severity, Verdict
from rules.expressions import Condition, Node, Value
from rules.hashes import logic_hash, reached
from rules.one_audit import assess
from rules.vocabulary import Commodity, Kind, Roster, SiteKind
from tests.property.test_order import in_other_order, mirrored
from tests.random_audits import random_audit, random_day, random_law, seeded
from tests.strategies import VOCABULARY, book_with, conditions

BOOKS = 150
RULES_A_BOOK = 14
AUDITS_A_BATCH = 1_000
LEAST_COMPARISONS = 2_000_000
MISSING = (0.0, 0.1, 0.5)
MANY = (15, 16, 31, 32, 63, 64, 65, 255, 256, 300)
"""Sizes of rosters on both sides of every width a counter could have."""


@dataclass(frozen=True, eq=False)
class Audits:
    """The same audits for either reader."""

    answers: Sequence[Answers]
    audits: pa.RecordBatch
    members: dict[Roster, pa.RecordBatch]


@cache
def random_audits(seed: int) -> Audits:
    random = seeded(seed)
    missing = MISSING[seed % len(MISSING)]
    answers = [
        random_audit(
            random,
            VOCABULARY,
            missing=missing,
            sizes=MANY if number % 250 == 249 else (None, 0, 1, 2, 3, 4, 5),
        )
        for number in range(AUDITS_A_BATCH)
    ]
    return Audits(answers, *batches_of(VOCABULARY, answers))


def random_scopes(random: Random) -> Scopes:
    return Scopes(
        frozenset(random.choice([(), (), ("CO",), ("CO", "HN"), ("HN",)])),
        frozenset(random.choice([(), (), (Commodity.COFFEE,)])),
        frozenset(random.choice([(), (), (SiteKind.MILL,)])),
    )


def random_period(random: Random) -> Period:
    start, end = sorted((random_day(random), random_day(random)))
    return Period(random.choice([date(1990, 1, 1), start]), random.choice([None, end]))


def random_rule(
    random: Random,
    template: Rule,
    number: int,
    flag_when: Condition,
    applies_when: Condition,
) -> Rule:
    return replace(
        template,
        id=f"child_labour.tested_{number}",
        severity=random.choice(list(Severity)),
        scopes=random_scopes(random),
        in_force=random_period(random),
        applies_when=random.choice([None, None, applies_when]),
        flag_when=flag_when,
    )


def random_book(seed: int, trees: Sequence[Condition]) -> Book:
    """Return a book of these trees, with random law, scopes and periods."""
    random = seeded(seed)
    laws = [
        *(random_law(random, name, Kind.INTEGER) for name in ("sure", "unsure")),
        random_law(random, "disputed", Kind.INTEGER),
        random_law(random, "ruled", Kind.YES_NO),
        random_law(random, "banded", Kind.INTEGER, by_age=True),
    ]
    book = replace(book_with(trees[0]), parameters={one.name: one for one in laws})
    rules = [
        random_rule(random, book.rules[0], number, tree, random.choice(trees))
        for number, tree in enumerate(trees)
    ]
    named = tuple(replace(rule, logic_hash=logic_hash(rule, book)) for rule in rules)
    return replace(book, rules=named)


def books_of(rules: int) -> SearchStrategy[Book]:
    trees = some.tuples(*(conditions() for _ in range(rules)))
    return some.builds(random_book, some.integers(0, 2**32 - 1), trees)


def read_by_column(book: Book, audits: Audits) -> list[tuple[Verdict, ...]]:
    """Return the verdicts of every audit as the columns tell them."""
    scored = score(book, audits.audits, audits.members)
    columns = [
        [meaning[code] for code in scored.column(rule.logic_hash).to_pylist()]
        for rule, meaning in ((rule, verdicts_of(rule)) for rule in book.rules)
    ]
    return list(zip(*columns, strict=True))


def first_difference(book: Book, audits: Audits) -> object:
    by_column = read_by_column(book, audits)
    for answers, found in zip(audits.answers, by_column, strict=True):
        wanted = assess(book, answers)
        if wanted != found:
            rules = zip(book.rules, wanted, found, strict=True)
            return next((*told, answers) for told in rules if told[1] != told[2])
    return None


def node_classes(book: Book) -> set[type]:
    return {type(node) for rule in book.rules for node in reached(rule, book)}


def test_the_readers_agree_on_random_books_and_random_audits() -> None:
    compared = 0
    seen: set[type] = set()

    # A book is a large thing to draw, so that a batch is worth its while.
    @settings(
        max_examples=BOOKS, suppress_health_check=[HealthCheck.large_base_example]
    )
    @given(books_of(RULES_A_BOOK), some.integers(0, 23))
    def agree(book: Book, seed: int) -> None:
        nonlocal compared
        audits = random_audits(seed)

        assert first_difference(book, audits) is None

        compared += len(book.rules) * len(audits.answers)
        seen.update(node_classes(book))

    agree()

    assert compared >= LEAST_COMPARISONS
    assert seen == {*get_args(Condition), *get_args(Value)}
    assert seen == set(get_args(Node))


@settings(max_examples=10)
@given(books_of(4), some.integers(0, 5), some.integers(0, 2**32 - 1))
def test_the_order_of_members_and_of_lines_never_matters_by_column(
    book: Book, seed: int, order: int
) -> None:
    random = seeded(order)
    audits = random_audits(seed)
    others = [in_other_order(answers, random) for answers in audits.answers]
    reversed_book = replace(book, rules=tuple(map(with_mirrored_trees, book.rules)))

    found = read_by_column(
        reversed_book, Audits(others, *batches_of(VOCABULARY, others))
    )

    assert found == read_by_column(book, audits)


def with_mirrored_trees(rule: Rule) -> Rule:
    applies = None if rule.applies_when is None else mirrored(rule.applies_when)
    return replace(rule, flag_when=mirrored(rule.flag_when), applies_when=applies)


def days_of_change(book: Book, country: str) -> Iterable[date]:
    """Yield each day on which the law of a country changes, and the day before."""
    changes = {
        day
        for parameter in book.parameters.values()
        for row in parameter.values
        if row.country in (country, "*")
        for day in (row.start, row.end)
    }
    changes |= {day for r in book.rules for day in (r.in_force.start, r.in_force.end)}
    for day in sorted(one for one in changes if one is not None):
        yield from (day - timedelta(days=1), day)


def test_the_readers_agree_on_the_book_in_every_country_around_every_change() -> None:
    book = read_book()
    random = seeded(2026)
    answers = [
        random_audit(
            random,
            book.vocabulary,
            missing=random.choice(MISSING),
            sizes=(None, 0, 1, 2),
            country=country,
            day=day,
        )
        for country in (*sorted(book.countries), "ZZ")
        for day in days_of_change(book, country)
    ]

    audits = Audits(answers, *batches_of(book.vocabulary, answers))

    assert len(book.countries) == 31
    assert first_difference(book, audits) is None


def test_every_example_of_the_book_comes_to_its_verdict_in_both_readers() -> None:
    book = read_book()
    examples = [(rule, one) for rule in book.rules for one in rule.examples]
    answers = [read_answers(book.vocabulary, one.document) for _, one in examples]
    audits = Audits(answers, *batches_of(book.vocabulary, answers))

    by_column = read_by_column(book, audits)

    place = {rule.id: number for number, rule in enumerate(book.rules)}
    stated = [one.verdict for _, one in examples]
    told = zip(examples, by_column, strict=True)
    assert [found[place[rule.id]].outcome for (rule, _), found in told] == stated
    assert first_difference(book, audits) is None
