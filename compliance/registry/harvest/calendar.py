"""Twelve months of a harvest calendar, and the season that a day belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Month(StrEnum):
    """What a month is to a harvest; `mid` is the second, smaller one of the year."""

    MAIN = "main"
    MID = "mid"
    NONE = "none"


LETTERS = {Month.MAIN: "m", Month.MID: "s", Month.NONE: "-"}
MONTHS = {letter: month for month, letter in LETTERS.items()}
Months = tuple[Month, ...]  # twelve, from January on


@dataclass(frozen=True)
class Harvest:
    """What a day is to the harvest; without a season it lies between two."""

    month: Month
    season: str | None


def written(months: Sequence[Month]) -> str:
    """Return months as the register keeps them, a letter each."""
    return "".join(LETTERS[month] for month in months)


def read(letters: str) -> Months:
    """Return the months that the register keeps as letters."""
    return tuple(MONTHS[letter] for letter in letters)


def harvest_on(day: date, months: Months) -> Harvest:
    """Return the harvest of a day. A season is named by the year in which it begins.

    A harvest from November to February is one season, and a January of it belongs to
    the year before. Where every month is alike the year begins in January.
    """
    month = months[day.month - 1]
    if month is Month.NONE:
        return Harvest(month, None)
    year, number = day.year, day.month
    if any(one is not month for one in months):
        while months[(number - 2) % 12] is month:
            number -= 1
        year += (number - 1) // 12
    return Harvest(month, f"{year}-{month}")


def is_in_season(day: date, season: str, months: Months | None) -> bool:
    """Tell whether a day belongs to a season, such as 2026 or 2026-main.

    A whole year holds its own days and those of harvests that begin in it. Without a
    calendar nothing is known of months, and the year alone decides.
    """
    year, _, harvest = season.partition("-")
    if months is None:
        return day.year == int(year)
    found = harvest_on(day, months).season
    if harvest:
        return found == season
    return day.year == int(year) if found is None else found.startswith(year)
