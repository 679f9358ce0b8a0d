"""A day and its harvest: seasons named by the year in which they begin."""

from datetime import date, timedelta

import pytest

from compliance.registry.harvest.calendar import (
    Harvest,
    Month,
    Months,
    harvest_on,
    is_in_season,
    read,
    written,
)

# Main from October to January, a second harvest in April and May.
ACROSS = read("m--ss----mmm")
ALL_YEAR = read("mmmmmmmmmmmm")
TWO_MAINS = read("--mm----mm--")


@pytest.mark.parametrize(
    ("day", "months", "harvest"),
    [
        (date(2026, 10, 1), ACROSS, Harvest(Month.MAIN, "2026-main")),
        (date(2026, 12, 31), ACROSS, Harvest(Month.MAIN, "2026-main")),
        (date(2027, 1, 31), ACROSS, Harvest(Month.MAIN, "2026-main")),
        (date(2027, 2, 1), ACROSS, Harvest(Month.NONE, None)),
        (date(2027, 4, 1), ACROSS, Harvest(Month.MID, "2027-mid")),
        (date(2027, 9, 30), ACROSS, Harvest(Month.NONE, None)),
        (date(2026, 1, 1), ALL_YEAR, Harvest(Month.MAIN, "2026-main")),
        (date(2026, 12, 31), ALL_YEAR, Harvest(Month.MAIN, "2026-main")),
        (date(2026, 3, 5), TWO_MAINS, Harvest(Month.MAIN, "2026-main")),
        (date(2026, 9, 5), TWO_MAINS, Harvest(Month.MAIN, "2026-main")),
    ],
)
def test_a_day_belongs_to_the_harvest_that_its_run_of_months_began(
    day: date, months: Months, harvest: Harvest
) -> None:
    assert harvest_on(day, months) == harvest


def test_eleven_months_of_harvest_begin_where_the_twelfth_ends() -> None:
    months = read("mmmm-mmmmmmm")

    seasons = {
        harvest_on(date(2026, 6, 1) + timedelta(days=day), months).season
        for day in range(330)
    }

    assert seasons == {"2026-main"}


@pytest.mark.parametrize(
    ("day", "season", "months", "belongs"),
    [
        (date(2027, 1, 15), "2026-main", ACROSS, True),
        (date(2027, 1, 15), "2027-main", ACROSS, False),
        (date(2027, 1, 15), "2026", ACROSS, True),
        (date(2027, 1, 15), "2027", ACROSS, False),
        (date(2027, 2, 15), "2027", ACROSS, True),
        (date(2027, 2, 15), "2027-mid", ACROSS, False),
        (date(2027, 4, 15), "2027-mid", ACROSS, True),
        (date(2026, 7, 1), "2026-main", None, True),
        (date(2027, 1, 15), "2026-main", None, False),
        (date(2026, 12, 31), "2026", None, True),
    ],
)
def test_a_day_is_in_a_season_by_the_calendar_or_by_the_year_alone(
    day: date, season: str, months: Months | None, *, belongs: bool
) -> None:
    assert is_in_season(day, season, months) is belongs


def test_months_are_kept_as_letters_and_read_as_they_were() -> None:
    months = (Month.MAIN, Month.MID, Month.NONE) * 4

    assert written(months) == "ms-ms-ms-ms-"
    assert read(written(months)) == months
