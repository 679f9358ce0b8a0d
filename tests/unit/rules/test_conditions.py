"""What an author writes, and the tree it is: sugar is gone after reading."""

from datetime import date
from pathlib import Path

import pytest

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
)
from rules.parameters import Confidence, Sector
from rules.reading import read_book
from rules.vocabulary import Roster
from tests.unit.rules.small_books import FILES, rule_file, write_book

HELD, WAGE, LESS = Fact("documents_held"), Fact("wage"), Fact("deductions")
TIME, EXIT, GIVEN = (
    Fact("normal_time"),
    Fact("exit_from_housing"),
    Fact("protection_given"),
)
SIGNED, BEGAN = Fact("contract_signed"), Fact("work_began")
CHILDREN, WORKERS = Roster.CHILDREN, Roster.WORKERS
WORKS, AGE = Member(CHILDREN, "works"), Member(CHILDREN, "age")
HOURS, LATE = Member(CHILDREN, "hours"), Member(WORKERS, "paid_late")
ABOVE, BELOW = Comparison.ABOVE, Comparison.BELOW
MISSING = IsMissing(WAGE)

WRITTEN: list[tuple[str, Condition]] = [
    # Lines.
    ("documents_held", HELD),
    ("not documents_held", Not(HELD)),
    ("audit.documents_held", HELD),
    ("law.permit_needed", Parameter("permit_needed")),
    ("not law.permit_needed", Not(Parameter("permit_needed"))),
    ("wage is missing", MISSING),
    ("wage is not missing", Not(MISSING)),
    ("normal_time > 2880", Compare(ABOVE, TIME, Literal(2880))),
    ("normal_time > 48 hours/week", Compare(ABOVE, TIME, Literal(2880))),
    ("normal_time>48 hours/week", Compare(ABOVE, TIME, Literal(2880))),
    ("48.5 hours/week < normal_time", Compare(BELOW, Literal(2910), TIME)),
    ("work_ends >= 18:00", Compare(Comparison.AT_LEAST, Fact("work_ends"), Literal(1080))),
    ("wage != deductions", Compare(Comparison.UNEQUAL, WAGE, LESS)),
    ("exit_from_housing = free", OneOf(EXIT, ("free",))),
    ("exit_from_housing != free", Not(OneOf(EXIT, ("free",)))),
    ("exit_from_housing is one of [permission_needed, free]", OneOf(EXIT, ("permission_needed", "free"))),
    ("exit_from_housing is not one of [free]", Not(OneOf(EXIT, ("free",)))),
    ("protection_given has any of [mask, gloves]", Includes(GIVEN, ("mask", "gloves"))),
    ("protection_given has none of [mask]", Not(Includes(GIVEN, ("mask",)))),
    ("protection_given has all of [mask, gloves]", All((Includes(GIVEN, ("mask",)), Includes(GIVEN, ("gloves",))))),
    ("contract_signed <= work_began", Compare(Comparison.AT_MOST, SIGNED, BEGAN)),
    ("contract_signed > 2024-02-29", Compare(ABOVE, SIGNED, Literal(date(2024, 2, 29)))),
    ("days(work_began, contract_signed) > 7", Compare(ABOVE, DaysBetween(BEGAN, SIGNED), Literal(7))),
    ("days(work_began, contract_signed) > 2 weeks", Compare(ABOVE, DaysBetween(BEGAN, SIGNED), Literal(14))),
    # Products bind before sums, and sums from the left.
    ("deductions * 100 > wage * 30", Compare(ABOVE, Arithmetic(Operation.TIMES, LESS, Literal(100)), Arithmetic(Operation.TIMES, WAGE, Literal(30)))),
    ("wage - deductions - 5 + wage × 2 > 0", Compare(ABOVE, Arithmetic(Operation.PLUS, Arithmetic(Operation.MINUS, Arithmetic(Operation.MINUS, WAGE, LESS), Literal(5)), Arithmetic(Operation.TIMES, WAGE, Literal(2))), Literal(0))),
    # Structure.
    ("all: [documents_held, wage is missing]", All((HELD, MISSING))),
    ("any:\n  - documents_held\n  - wage is missing", Any((HELD, MISSING))),
    ("none: [documents_held, wage is missing]", Not(Any((HELD, MISSING)))),
    ("not: wage is missing", Not(MISSING)),
    ("all: [documents_held]", HELD),
    ("all: [documents_held]\nnone: [wage is missing]", All((HELD, Not(MISSING)))),
    ("any: [documents_held, wage is missing]\nunless: law.permit_needed", All((Any((HELD, MISSING)), Not(Parameter("permit_needed"))))),
    ("all: [documents_held]\nunless: [wage is missing, law.permit_needed]", All((HELD, Not(All((MISSING, Parameter("permit_needed"))))))),
    # Rosters.
    ("some children: works", Some(CHILDREN, WORKS)),
    ("some children: [works, age < 15]", Some(CHILDREN, All((WORKS, Compare(BELOW, AGE, Literal(15)))))),
    ("some children: {any: [works, age < 15], unless: light_work}", Some(CHILDREN, All((Any((WORKS, Compare(BELOW, AGE, Literal(15)))), Not(Derived("light_work", CHILDREN)))))),
    ("some children: audit.documents_held", Some(CHILDREN, HELD)),
    ("some children: hours > law.week_limit(age)", Some(CHILDREN, Compare(ABOVE, HOURS, Parameter("week_limit", AGE)))),
    ("no children: works", Not(Some(CHILDREN, WORKS))),
    ("every workers: {all: [paid_late], if_empty: clear}", Every(WORKERS, LATE, if_empty=False)),
    ("every workers: {all: [paid_late], if_empty: flag}", Every(WORKERS, LATE, if_empty=True)),
    ("count workers: {where: paid_late, at_least: 2}", Count(WORKERS, LATE, Comparison.AT_LEAST, 2)),
    ("count workers: {where: [paid_late], at_most: 2}", Count(WORKERS, LATE, Comparison.AT_MOST, 2)),
    ("count workers: {where: [paid_late], more_than: 2}", Count(WORKERS, LATE, ABOVE, 2)),
    ("count workers: {where: [paid_late], fewer_than: 2}", Count(WORKERS, LATE, BELOW, 2)),
    ("count workers: {where: paid_late, at_least: 2, at_most: 4}", All((Count(WORKERS, LATE, Comparison.AT_LEAST, 2), Count(WORKERS, LATE, Comparison.AT_MOST, 4)))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "tree"), WRITTEN, ids=[text for text, _ in WRITTEN]
)
def test_what_is_written_is_this_tree(
    written: str, tree: Condition, tmp_path: Path
) -> None:
    book = read_book(write_book(tmp_path, rule_file(written)))

    assert book.rule_by_id["forced_labour.tested"].flag_when == tree


def test_the_last_day_in_a_file_is_still_in_force(tmp_path: Path) -> None:
    rows = (
        "  - {country: CO, sector: agriculture, from: 2023-07-15, to: 2024-07-14, "
        "value: 47, unit: hours/week, confidence: partly_verified, cites: Ley 2101}\n"
    )
    header = (
        "title: {en: week, es: semana}\ntype: integer\nunit: minutes/week\n"
        "stricter: lower\nvalues:\n"
    )

    book = read_book(write_book(tmp_path, {"parameters/week.yaml": header + rows}))

    row = book.parameters["week"].values[0]
    assert (row.start, row.end) == (date(2023, 7, 15), date(2024, 7, 15))
    assert (row.value, row.sector) == (2820, Sector.AGRICULTURE)
    assert row.confidence is Confidence.PARTLY_VERIFIED


def test_rules_come_topic_by_topic_in_the_order_of_the_topics(tmp_path: Path) -> None:
    book = read_book(write_book(tmp_path, rule_file("documents_held")))

    assert [rule.id for rule in book.rules] == [
        "child_labour.minimum_age",
        "forced_labour.tested",
    ]
    assert FILES["edition.yaml"].startswith(f'edition: "{book.edition}"')
