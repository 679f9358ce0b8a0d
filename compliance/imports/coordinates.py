"""Latitude and longitude as lists write them: decimal, with a comma, or in degrees."""

import re
from dataclasses import dataclass

from compliance.imports.quantities import number_of

_SEXAGESIMAL = re.compile(
    r"""\A\s*([NSEWO]?)\s*(-?\d{1,3})\s*[°ºd:\s]\s*(\d{1,2})\s*['’′m:\s]\s*
    (?:(\d{1,2}(?:[.,]\d+)?)\s*(?:["”″s]|''|’’)?)?\s*([NSEWO]?)\s*\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN = re.compile(r"-?[0-9]{1,3}\.([0-9]{1,15})\Z")
_LETTERED = re.compile(r"\A\s*([NSEWO]?)\s*(.*?)\s*°?\s*([NSEWO]?)\s*\Z", re.IGNORECASE)
_PAIR = re.compile(r"\A\s*\(?\s*(.+?)\s*[;|]\s*(.+?)\s*\)?\s*\Z")
_DECIMAL_PAIR = re.compile(
    r"\A\s*\(?\s*([-−]?\d{1,3}(?:\.\d+)?)\s*[,\s]\s*([-−]?\d{1,3}(?:\.\d+)?)\s*\)?\s*\Z"
)
SOUTH_OR_WEST = frozenset("SWO")  # O is oeste


@dataclass(frozen=True)
class Degrees:
    """An angle and how many decimals it was written with (9 for minutes and seconds)."""

    value: float
    decimals: int


def degrees_of(text: str) -> Degrees | None:
    """Return an angle such as 3.19698, -75,64506, 3°11'49" N or 75.6 W."""
    if plain := _PLAIN.match(text):
        return Degrees(float(text), len(plain[1].rstrip("0")))
    if found := _SEXAGESIMAL.match(text):
        return _sexagesimal(found)
    lettered = _LETTERED.match(text)
    if lettered is None:
        return None
    letter = (lettered[1] or lettered[3]).upper()
    value = number_of(lettered[2])
    if value is None:
        return None
    if letter in SOUTH_OR_WEST and letter:
        value = -abs(value)
    digits = re.split("[.,]", lettered[2])
    return Degrees(value, len(digits[-1].rstrip("0")) if len(digits) > 1 else 0)


def _sexagesimal(found: re.Match[str]) -> Degrees | None:
    minutes, seconds = int(found[3]), float((found[4] or "0").replace(",", "."))
    if minutes >= 60 or seconds >= 60:
        return None
    size = abs(int(found[2])) + minutes / 60 + seconds / 3600
    is_negative = found[2].startswith("-")
    letter = (found[1] or found[5]).upper()
    is_negative |= bool(letter) and letter in SOUTH_OR_WEST
    return Degrees(-size if is_negative else size, 9 if found[4] else 3)


def pair_of(text: str) -> tuple[Degrees, Degrees] | None:
    """Return latitude and longitude that stand in one cell, in this order."""
    found = _DECIMAL_PAIR.match(text) or _PAIR.match(text)
    if found is None:
        return None
    latitude, longitude = degrees_of(found[1]), degrees_of(found[2])
    return (latitude, longitude) if latitude and longitude else None
