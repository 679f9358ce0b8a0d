"""What the law says on a day: dates, sectors, ages and three readings."""

from datetime import date

import pytest

from rules.definitions import Grounds, Outcome, Severity
from rules.expressions import Compare, Comparison, Fact, Member, Parameter, Some
from rules.parameters import (
    Confidence,
    LegalValue,
    ParameterDefinition,
    Reading,
    Sector,
    Stricter,
    overlap,
    read_as,
    values_in_force,
)
from rules.texts import Text
from rules.units import UNITS
from rules.vocabulary import Kind, Roster, SiteKind
from tests.unit.rules.small_books import answers_of, book_of, verdict_of

DAY = date(2026, 11, 3)
BAD, GOOD = Outcome.NON_CONFORMITY, Outcome.CONFORMITY
OPEN = Outcome.UNDETERMINED


def row(
    value: int,
    *,
    country: str = "CO",
    sector: Sector = Sector.ALL,
    start: date | None = None,
    end: date | None = None,
    confidence: Confidence = Confidence.VERIFIED,
    ages: tuple[int | None, int | None] = (None, None),
) -> LegalValue:
    return LegalValue(
        country, sector, start, end, value, "cited", (), confidence, *ages
    )


def law(
    *rows: LegalValue, stricter: Stricter = Stricter.LOWER, by_age: bool = False
) -> ParameterDefinition:
    return ParameterDefinition(
        "limit",
        Text("limit", "límite"),
        Kind.INTEGER,
        UNITS["number"],
        stricter,
        by_age,
        rows,
    )


def values_on(
    parameter: ParameterDefinition,
    day: date = DAY,
    *,
    country: str = "CO",
    sector: Sector = Sector.INDUSTRY,
    age: int | None = None,
) -> list[int | bool]:
    found = values_in_force(parameter, country=country, sector=sector, day=day, age=age)
    return [row.value for row in found]


# Colombia's working week: Ley 2101 de 2021 took it from 48 to 47 hours on 15 July 2023
# and to 46 a year later.
COLOMBIA = law(
    row(48, end=date(2023, 7, 15)),
    row(47, start=date(2023, 7, 15), end=date(2024, 7, 15)),
    row(46, start=date(2024, 7, 15)),
)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(1990, 1, 1), 48),
        (date(2023, 7, 14), 48),
        (date(2023, 7, 15), 47),
        (date(2024, 7, 14), 47),
        (date(2024, 7, 15), 46),
        (date(2030, 1, 1), 46),
    ],
)
def test_the_value_of_the_day_holds(day: date, hours: int) -> None:
    book = book_of(
        Compare(Comparison.EQUAL, Fact("n"), Parameter("limit")),
        parameters=(COLOMBIA,),
    )

    verdicts = {
        n: verdict_of(book, answers_of({"n": n}, day=day)).outcome for n in (46, 47, 48)
    }

    assert values_on(COLOMBIA, day) == [hours]
    assert [n for n, found in verdicts.items() if found is Outcome.NON_CONFORMITY] == [
        hours
    ]


def test_one_book_reads_each_audit_by_the_law_of_its_own_day() -> None:
    parameter = law(row(48, end=date(2023, 7, 15)), row(46, start=date(2024, 7, 15)))
    book = book_of(
        Compare(Comparison.EQUAL, Fact("n"), Parameter("limit")),
        parameters=(parameter,),
    )
    days = [date(2023, 7, 14), date(2023, 7, 15), date(2024, 7, 14), date(2024, 7, 15)]

    outcomes = [
        verdict_of(book, answers_of({"n": 46}, day=day)).outcome for day in days
    ]

    assert outcomes == [GOOD, OPEN, OPEN, BAD]


def test_before_the_first_value_there_is_none() -> None:
    parameter = law(row(47, start=date(2023, 7, 15)))

    assert values_on(parameter, date(2023, 7, 14)) == []
    assert values_on(parameter, date(2023, 7, 15)) == [47]


def test_a_country_without_a_value_has_none() -> None:
    assert values_on(COLOMBIA, country="PE") == []


@pytest.mark.parametrize(
    ("sector", "value"), [(Sector.AGRICULTURE, 8), (Sector.INDUSTRY, 6)]
)
def test_the_sectors_own_value_beats_the_general_one(
    sector: Sector, value: int
) -> None:
    parameter = law(row(6), row(8, sector=Sector.AGRICULTURE))

    assert values_on(parameter, sector=sector) == [value]


def test_a_sectors_value_that_has_ended_gives_way_to_the_general_one() -> None:
    parameter = law(row(6), row(8, sector=Sector.INDUSTRY, end=date(2026, 1, 1)))

    assert values_on(parameter) == [6]


@pytest.mark.parametrize(("country", "value"), [("CO", 6), ("PE", 9), ("ZZ", 9)])
def test_a_countrys_own_value_beats_the_international_one(
    country: str, value: int
) -> None:
    parameter = law(row(9, country="*", sector=Sector.INDUSTRY), row(6))

    assert values_on(parameter, country=country) == [value]


@pytest.mark.parametrize(
    ("site_kind", "outcome"),
    [
        (SiteKind.PRODUCER, Outcome.CONFORMITY),
        (SiteKind.MILL, Outcome.NON_CONFORMITY),
    ],
)
def test_a_farm_reads_the_law_of_agriculture_and_a_mill_that_of_industry(
    site_kind: SiteKind, outcome: Outcome
) -> None:
    parameter = law(row(8, sector=Sector.AGRICULTURE), row(6, sector=Sector.INDUSTRY))
    book = book_of(
        Compare(Comparison.ABOVE, Fact("n"), Parameter("limit")),
        parameters=(parameter,),
    )

    verdict = verdict_of(book, answers_of({"n": 7}, site_kind=site_kind))

    assert verdict.outcome is outcome


BANDS = law(row(6, ages=(15, 17)), row(8, ages=(17, 18)), by_age=True)


@pytest.mark.parametrize(
    ("age", "value"),
    [(14, []), (15, [6]), (16, [6]), (17, [8]), (18, []), (None, [])],
)
def test_an_age_band_includes_its_first_age_and_not_its_last(
    age: int | None, value: list[int]
) -> None:
    assert values_on(BANDS, age=age) == value


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (14, Outcome.UNDETERMINED),
        (15, Outcome.NON_CONFORMITY),
        (16, Outcome.NON_CONFORMITY),
        (17, Outcome.CONFORMITY),
        (18, Outcome.UNDETERMINED),
        (None, Outcome.UNDETERMINED),
    ],
)
def test_the_band_of_each_member_is_read(age: int | None, outcome: Outcome) -> None:
    limit = Parameter("limit", Member(Roster.CHILDREN, "age"))
    book = book_of(
        Some(Roster.CHILDREN, Compare(Comparison.ABOVE, Fact("n"), limit)),
        parameters=(BANDS,),
    )
    child = {} if age is None else {"age": age}

    assert verdict_of(book, answers_of({"n": 7}, [child])).outcome is outcome


FIRST = date(2026, 1, 1)
MEETING = [
    (row(1), row(2)),
    (row(1, end=date(2026, 1, 2)), row(2, start=FIRST)),
    (row(1, start=FIRST), row(2, start=date(2025, 1, 1))),
    (row(1, ages=(14, 17)), row(2, ages=(16, 18))),
    (row(1, ages=(None, None)), row(2, ages=(16, 18))),
]
APART = [
    (row(1), row(2, country="PE")),
    (row(1), row(2, sector=Sector.INDUSTRY)),
    (row(1, end=FIRST), row(2, start=FIRST)),
    (row(1, ages=(14, 16)), row(2, ages=(16, 18))),
    (row(1, ages=(None, 16)), row(2, ages=(16, None))),
]


@pytest.mark.parametrize(("one", "other"), MEETING)
def test_rows_that_could_hold_at_once_overlap(
    one: LegalValue, other: LegalValue
) -> None:
    assert overlap(one, other)
    assert overlap(other, one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_rows_that_never_hold_at_once_do_not_overlap(
    one: LegalValue, other: LegalValue
) -> None:
    assert not overlap(one, other)
    assert not overlap(other, one)


SURE, UNSURE = Confidence.VERIFIED, Confidence.UNVERIFIED
DISPUTED = Confidence.DISPUTED


@pytest.mark.parametrize(
    ("rows", "stricter", "settled", "floor", "strictest"),
    [
        ([(15, SURE)], Stricter.HIGHER, 15, 15, 15),
        ([(15, UNSURE)], Stricter.HIGHER, None, 15, 15),
        ([(14, DISPUTED), (16, DISPUTED)], Stricter.HIGHER, 14, 14, 16),
        ([(18, DISPUTED), (14, DISPUTED), (16, DISPUTED)], Stricter.HIGHER, 14, 14, 18),
        ([(14, DISPUTED), (16, DISPUTED)], Stricter.LOWER, 16, 16, 14),
        ([(True, DISPUTED), (False, DISPUTED)], Stricter.TRUE, False, False, True),
        ([(True, DISPUTED), (False, DISPUTED)], Stricter.FALSE, True, True, False),
        ([(15, Confidence.PARTLY_VERIFIED)], Stricter.HIGHER, 15, 15, 15),
        ([(15, Confidence.PRESS)], Stricter.HIGHER, 15, 15, 15),
        ([], Stricter.HIGHER, None, None, None),
    ],
)
def test_the_three_readings_of_unsure_law(
    rows: list[tuple[int, Confidence]],
    stricter: Stricter,
    settled: int | None,
    floor: int | None,
    strictest: int | None,
) -> None:
    parameter = law(
        *(row(value, confidence=confidence) for value, confidence in rows),
        stricter=stricter,
    )
    expected = [settled, floor, strictest]

    chosen = [read_as(parameter, parameter.values, reading) for reading in Reading]

    assert [None if one is None else one.value for one in chosen] == expected


ZERO, CRITICAL = Severity.ZERO_TOLERANCE, Severity.CRITICAL
MAJOR, MINOR = Severity.MAJOR, Severity.MINOR


@pytest.mark.parametrize(
    ("severity", "rows", "n", "outcome", "weight", "grounds"),
    [
        # The rule flags what is above the limit; lower is stricter.
        (ZERO, [(6, SURE)], 7, BAD, ZERO, Grounds.SETTLED),
        (ZERO, [(6, SURE)], 6, GOOD, ZERO, Grounds.SETTLED),
        (ZERO, [(6, UNSURE)], 7, BAD, MAJOR, Grounds.UNVERIFIED_LAW),
        (CRITICAL, [(6, UNSURE)], 7, BAD, MAJOR, Grounds.UNVERIFIED_LAW),
        (MAJOR, [(6, UNSURE)], 7, BAD, MAJOR, Grounds.UNVERIFIED_LAW),
        (MINOR, [(6, UNSURE)], 7, BAD, MINOR, Grounds.UNVERIFIED_LAW),
        (ZERO, [(6, UNSURE)], 6, GOOD, ZERO, Grounds.UNVERIFIED_LAW),
        (ZERO, [(6, DISPUTED), (8, DISPUTED)], 9, BAD, ZERO, Grounds.SETTLED),
        (ZERO, [(6, DISPUTED), (8, DISPUTED)], 7, BAD, MINOR, Grounds.DISPUTED_LAW),
        (MAJOR, [(6, DISPUTED), (8, DISPUTED)], 7, BAD, MINOR, Grounds.DISPUTED_LAW),
        (ZERO, [(6, DISPUTED), (8, DISPUTED)], 6, GOOD, ZERO, Grounds.SETTLED),
        (ZERO, [], 6, OPEN, ZERO, Grounds.SETTLED),
        (ZERO, [(6, UNSURE)], None, OPEN, ZERO, Grounds.SETTLED),
        (ZERO, [(6, DISPUTED), (8, DISPUTED)], None, OPEN, ZERO, Grounds.SETTLED),
    ],
)
def test_a_verdict_weighs_what_its_law_can_bear(
    severity: Severity,
    rows: list[tuple[int, Confidence]],
    n: int | None,
    outcome: Outcome,
    weight: Severity,
    grounds: Grounds,
) -> None:
    parameter = law(*(row(value, confidence=how) for value, how in rows))
    book = book_of(
        Compare(Comparison.ABOVE, Fact("n"), Parameter("limit")),
        parameters=(parameter,),
        severity=severity,
    )

    verdict = verdict_of(book, answers_of({} if n is None else {"n": n}))

    assert (verdict.outcome, verdict.severity, verdict.grounds) == (
        outcome,
        weight,
        grounds,
    )
