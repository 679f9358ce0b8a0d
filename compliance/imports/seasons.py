"""Days and harvest years as lists write them → a day, a season, or the reason why not."""

import re
from datetime import date

from compliance.imports.names import folded

EARLIEST_YEAR = 1990
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene janeiro",
            "february feb febrero fevereiro fev",
            "march mar marzo marco",
            "april apr abril abr",
            "may mayo maio mai",
            "june jun junio junho",
            "july jul julio julho",
            "august aug agosto ago",
            "september sep sept septiembre setiembre setembro set",
            "october oct octubre outubro out",
            "november nov noviembre novembro",
            "december dec diciembre dic dezembro dez",
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?\Z")
_NUMERIC = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{2,4})\Z")
_WORDS = re.compile(r"[a-z]+|\d+")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_TWO_YEARS = re.compile(
    r"(?<!\d)(?:(?:19|20)?(\d\d))\s*[/-]\s*(?:(?:19|20)?(\d\d))(?!\d)"
)


def day_of(text: str) -> date | None:
    """Return the day a text names; None where it names none, or could name two.

    "03/04/2015" could be March or April and is not read; "25/04/2015" can only be one.
    """
    text = text.strip()
    if found := _ISO.match(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMERIC.match(text):
        return _numeric(int(found[1]), int(found[2]), int(found[3]))
    return _in_words(folded(text))


def _numeric(first: int, second: int, third: int) -> date | None:
    if first > 31:
        return _day(first, second, third)
    year = third + 2000 if third < 100 else third
    readings = {_day(year, second, first), _day(year, first, second)} - {None}
    return readings.pop() if len(readings) == 1 else None


def _in_words(text: str) -> date | None:
    months, numbers = [], []
    for word in _WORDS.findall(text):
        if word.isdigit():
            numbers.append(int(word))
        elif word in MONTHS:
            months.append(MONTHS[word])
    if len(months) != 1 or len(numbers) != 2:
        return None
    year, day = max(numbers), min(numbers)
    return _day(year, months[0], day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if found.year >= EARLIEST_YEAR else None


def harvest_year_of(text: str) -> int | None:
    """Return the year in which a harvest ended ("2013/2014" → 2014); None if none is told."""
    years = [int(year) for year in _YEAR.findall(text)]
    if len(years) == 2 and years[1] - years[0] in {0, 1}:
        return years[1]
    pair = _TWO_YEARS.search(text)
    if pair and int(pair[2]) - int(pair[1]) == 1:
        return 2000 + int(pair[2])
    return years[0] if len(set(years)) == 1 else None
