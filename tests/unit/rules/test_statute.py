"""The law as a lawyer asks for it: a country, a day, and the paragraph."""

from datetime import date

import pytest

from rules.expressions import Fact
from rules.parameters import (
    EVERYWHERE,
    Confidence,
    LegalGap,
    LegalValue,
    Sector,
    Stricter,
)
from rules.parameters import ParameterDefinition as Parameter
from rules.quantities import tell_amount
from rules.reading import read_book
from rules.statute import Provision, Standing, asked_facts, law_of
from rules.texts import Text
from rules.units import UNITS
from rules.vocabulary import Kind
from tests.unit.rules.small_books import DAY, book_of

BOOK = read_book()


def provision(
    country: str, name: str, day: str, sector: Sector | None = None
) -> Provision:
    law = law_of(BOOK, country, date.fromisoformat(day), sector)
    return next(one for one in law if one.parameter.name == name)


def told(found: Provision, country: str) -> list[tuple[str, str]]:
    """Return each reading as a person knows it, with its citation."""
    return [
        (tell_amount(row.value, found.parameter.unit, country, "en"), row.cites)
        for standing in found.standings
        for row in standing.readings
    ]


@pytest.mark.parametrize(
    ("day", "hours", "cites"),
    [
        ("2023-07-14", "48 hours a week", "CST art. 161 (Ley 50 de 1990)"),
        ("2023-07-15", "47 hours a week", "Ley 2101 de 2021 arts. 2-3"),
        ("2024-07-14", "47 hours a week", "Ley 2101 de 2021 arts. 2-3"),
        ("2024-07-15", "46 hours a week", "Ley 2101 de 2021 arts. 2-3"),
        ("2025-07-15", "44 hours a week", "Ley 2101 de 2021 arts. 2-3"),
        ("2026-07-14", "44 hours a week", "Ley 2101 de 2021 arts. 2-3"),
        ("2026-07-15", "42 hours a week", "Ley 2101 de 2021 arts. 2-3"),
    ],
)
def test_colombia_shortens_its_week_in_four_steps(
    day: str, hours: str, cites: str
) -> None:
    found = provision("CO", "normal_minutes_per_week", day)

    assert told(found, "CO") == [(hours, cites)]
    assert found.standings[0].sector is Sector.ALL


def test_panama_bars_night_work_below_18_from_six_to_eight() -> None:
    starts = provision("PA", "night_ban_starts", "2026-11-03")
    ends = provision("PA", "night_ban_ends", "2026-11-03")

    assert told(starts, "PA") == [("18:00", "Código de Trabajo art. 120(1)")]
    assert told(ends, "PA") == [("08:00", "Código de Trabajo art. 120(1)")]
    assert [(one.age_from, one.age_below) for one in starts.standings] == [(None, 18)]


@pytest.mark.parametrize(
    ("day", "sector", "expected"),
    [
        ("2020-12-31", Sector.AGRICULTURE, "15 years"),
        ("2021-01-01", Sector.AGRICULTURE, "18 years"),
        ("2021-01-01", Sector.INDUSTRY, "16 years"),
    ],
)
def test_peru_asks_another_age_of_farms_since_its_agrarian_act(
    day: str, sector: Sector, expected: str
) -> None:
    found = provision("PE", "minimum_age", day, sector)

    assert [value for value, _ in told(found, "PE")] == [expected]
    assert [one.sector for one in found.standings] == [sector]


def test_the_agrarian_age_of_peru_cites_its_act() -> None:
    found = provision("PE", "minimum_age", "2021-01-01", Sector.AGRICULTURE)

    assert "Ley 31110" in found.standings[0].readings[0].cites


def test_without_a_sector_farms_and_mills_are_told_apart_where_they_differ() -> None:
    found = provision("PE", "minimum_age", "2021-01-01")

    assert [
        (one.sector, [row.value for row in one.readings]) for one in found.standings
    ] == [(Sector.AGRICULTURE, [18]), (Sector.INDUSTRY, [16])]


def test_disputed_readings_stand_side_by_side() -> None:
    found = provision("HN", "minimum_age", "2026-11-03")

    assert [sorted(row.value for row in one.readings) for one in found.standings] == [
        [14, 16, 18]
    ]


def test_a_gap_is_stated_and_no_value_invented() -> None:
    found = provision("CO", "load_limit", "2026-11-03")

    assert found.standings == ()
    assert found.gaps[0].en.startswith("Manual lifting limits")
    assert found.gaps[0].es.startswith("La resolución fija límites")


def test_what_the_book_says_nothing_of_in_a_country_is_left_out() -> None:
    colombia = {one.parameter.name for one in law_of(BOOK, "CO", DAY)}
    brazil = {one.parameter.name for one in law_of(BOOK, "BR", DAY)}

    assert "apprentice_minimum_age" not in colombia
    assert "apprentice_minimum_age" in brazil


def row(
    value: int, age_from: int | None, age_below: int | None, country: str = "CO"
) -> LegalValue:
    return LegalValue(
        country,
        Sector.ALL,
        None,
        None,
        value,
        "a",
        (),
        Confidence.VERIFIED,
        age_from,
        age_below,
    )


def limit(*rows: LegalValue) -> Parameter:
    unit = UNITS["minutes/week"]
    title = Text("limit", "tope")
    gaps = (LegalGap("HN", Text("Not read.", "No leído.")),)
    return Parameter(
        "limit", title, Kind.INTEGER, unit, Stricter.LOWER, True, rows, gaps
    )


BANDS = [
    ([row(1, None, 18)], [(None, 18, [1])]),
    ([row(1, 15, None)], [(15, None, [1])]),
    ([row(1, None, None)], [(None, None, [1])]),
    ([row(1, 12, 15), row(2, 15, 18)], [(12, 15, [1]), (15, 18, [2])]),
    ([row(1, 12, 14), row(2, 16, 18)], [(12, 14, [1]), (16, 18, [2])]),
    # The international value holds below the ages that the country speaks of.
    (
        [row(1, 15, 18), row(2, 12, 18, EVERYWHERE)],
        [(12, 15, [2]), (15, 18, [1])],
    ),
    # Two bounds of another row do not part what holds alike.
    (
        [row(1, 12, 18), row(2, 14, 16, EVERYWHERE)],
        [(12, 18, [1])],
    ),
]


@pytest.mark.parametrize(("rows", "expected"), BANDS)
def test_ages_are_told_in_spans_within_which_nothing_changes(
    rows: list[LegalValue], expected: list[tuple[int | None, int | None, list[int]]]
) -> None:
    book = book_of(Fact("a"), parameters=(limit(*rows),))

    (found,) = law_of(book, "CO", DAY)

    assert [
        (one.age_from, one.age_below, [row.value for row in one.readings])
        for one in found.standings
    ] == expected


def test_a_day_before_any_value_has_none() -> None:
    early = LegalValue(
        "CO", Sector.ALL, date(2030, 1, 1), None, 1, "a", (), Confidence.VERIFIED
    )
    book = book_of(Fact("a"), parameters=(limit(early),))

    (found,) = law_of(book, "CO", DAY)

    assert (found.standings, found.gaps) == ((), ())


def test_a_sector_of_its_own_goes_before_what_holds_for_all() -> None:
    own = LegalValue(
        "CO", Sector.INDUSTRY, None, None, 2, "b", (), Confidence.VERIFIED, 15, 18
    )
    general = row(1, 15, 18)
    book = book_of(Fact("a"), parameters=(limit(general, own),))

    (found,) = law_of(book, "CO", DAY)

    assert found.standings == (
        Standing(Sector.AGRICULTURE, 15, 18, (general,)),
        Standing(Sector.INDUSTRY, 15, 18, (own,)),
    )


def test_a_fact_names_the_rules_that_read_it_even_through_a_derived_condition() -> None:
    readers = {one.fact.id: one.rules for one in asked_facts(BOOK)}

    assert list(readers) == list(BOOK.vocabulary.facts)
    assert readers["documents_held"] == (
        "forced_labour.documents_denied",
        "forced_labour.documents_held",
    )
    assert "child_labour.minimum_age" in readers["children.task_on_light_work_list"]
