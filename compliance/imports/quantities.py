"""Quantities as people write them: numbers, altitudes, areas and weights with units.

Nothing is rounded off or thrown away here: a text gives a value in one unit, or the
reason why it gives none.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

METRES_IN_A_FOOT = 0.3048
KILOGRAMS_IN_A_POUND = 0.45359237
SQUARE_METRES = {
    "ha": 10_000.0,
    "has": 10_000.0,
    "hectare": 10_000.0,
    "hectares": 10_000.0,
    "hectarea": 10_000.0,
    "hectareas": 10_000.0,
    "hectárea": 10_000.0,
    "hectáreas": 10_000.0,
    "hectares.": 10_000.0,
    "m2": 1.0,
    "m²": 1.0,
    "mt2": 1.0,
    "mts2": 1.0,
    "sqm": 1.0,
    "acre": 4_046.8564224,
    "acres": 4_046.8564224,
    "ac": 4_046.8564224,
    "km2": 1_000_000.0,
    "km²": 1_000_000.0,
    # A manzana is 10,000 square varas: 0.7 ha (Central America), a fanegada 0.64 ha
    # (Colombia), a cuadra 0.7056 ha (Ecuador), an alqueire differs too much to be told.
    "manzana": 7_000.0,
    "manzanas": 7_000.0,
    "mz": 7_000.0,
    "fanegada": 6_400.0,
    "fanegadas": 6_400.0,
    "cuadra": 7_056.0,
    "cuadras": 7_056.0,
}
LARGEST_AREA = 2_000_000_000  # square metres; the register's own limit

_NUMBER = re.compile(r"\d[\d.,'’]*")
_GROUPS = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+\Z")
_SMALL_SINGLE_GROUP = re.compile(r"\d{1,3}[.,]\d{3}\Z")
_LETTER_FOR_ZERO = re.compile(r"\d[oO]+(?![a-zA-Z])")
_FEET = re.compile(
    r"(?<![^\W\d_])(?:ft|f|feet|foot|pie|pies|pés|p\.?s\.?n\.?m?)\b", re.IGNORECASE
)
_METRES = re.compile(
    r"(?<![^\W\d_])(?:m|mt|mts|mtr|mtrs|metres?|meters?|metros?|msnm|msn|msm|masl|mosl|"
    r"mals|m\.?s\.?n\.?m|m\.?[ao]\.?s\.?l)\b|公尺|米",
    re.IGNORECASE,
)
_UNIT = re.compile(r"[^\W\d_]+[²2]?\.?")


class Fault(StrEnum):
    """Why a text gives no quantity."""

    NO_NUMBER = "no_number"
    UNCLEAR = "unclear"
    UNKNOWN_UNIT = "unknown_unit"
    OUT_OF_RANGE = "out_of_range"


class Length(StrEnum):
    METRES = "m"
    FEET = "ft"


@dataclass(frozen=True)
class Altitude:
    """From where to where, in whole metres; `unit` is what the text itself names."""

    low: int
    high: int
    unit: Length | None


@dataclass(frozen=True)
class Weight:
    """In grams; `is_stated` tells whether the text named the unit."""

    grams: int
    is_stated: bool


def number_of(text: str, *, groups_of_three: bool = False) -> float | None:
    """Return the one number a text is, with a decimal point or a decimal comma.

    "1.872" is one and a bit, unless `groups_of_three` says that here it is 1872.
    """
    if text.isdigit() and text.isascii() and len(text) <= 15:
        return float(text)
    text = text.strip().replace("\u00a0", "").replace(" ", "").rstrip(".,'’")
    sign = -1.0 if text.startswith(("-", "−")) else 1.0
    digits = text.lstrip("-−+")
    if not _NUMBER.fullmatch(digits) or len(digits) > 30:
        return None
    return _signless(digits, sign, groups_of_three=groups_of_three)


def _signless(digits: str, sign: float, *, groups_of_three: bool) -> float | None:
    if _GROUPS.match(digits):
        is_one_group = _SMALL_SINGLE_GROUP.match(digits)
        separators = set(re.sub(r"\d", "", digits))
        if len(separators) == 1 and (groups_of_three or not is_one_group):
            return sign * float(re.sub(r"\D", "", digits))
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return sign * float(re.sub(r"\D", "", digits))
    whole, part = digits[:last], digits[last + 1 :]
    if not part.isdigit() or digits[last] in whole:
        return None
    return sign * float(f"{re.sub(r'[^0-9]', '', whole) or '0'}.{part}")


@lru_cache(maxsize=20_000)
def altitude_of(text: str, column_unit: Length | None = None) -> Altitude | Fault:
    """Return an altitude: one figure or a range, in feet or metres, or why not.

    The unit in the text goes before the unit of its column; without either it is metres.
    """
    text = text.split("(", 1)[0].strip()
    if _LETTER_FOR_ZERO.search(text):
        return Fault.UNCLEAR
    figures = [_altitude_figure(found) for found in _NUMBER.findall(text)]
    if not figures:
        return Fault.NO_NUMBER
    if len(figures) > 2 or None in figures:
        return Fault.UNCLEAR
    known = [figure for figure in figures if figure is not None]
    if len(known) == 1 and text.startswith(("-", "−")):
        known = [-known[0]]
    if any(figure != int(figure) and abs(figure) < 20 for figure in known):
        return Fault.UNCLEAR  # 1.65: kilometres, or 1,650 with its zero lost
    unit = unit_of_length(text)
    factor = METRES_IN_A_FOOT if (unit or column_unit) is Length.FEET else 1.0
    return Altitude(round(min(known) * factor), round(max(known) * factor), unit)


def _altitude_figure(found: str) -> float | None:
    return number_of(found, groups_of_three=True)


def unit_of_length(text: str) -> Length | None:
    """Return the unit a text names; "psnm" is the feet of Central American lists."""
    if _FEET.search(text):
        return Length.FEET
    return Length.METRES if _METRES.search(text) else None


@lru_cache(maxsize=20_000)
def area_of(text: str, column_unit: str | None = None) -> int | Fault:
    """Return an area in whole square metres; hectares where no unit is named."""
    found = _NUMBER.search(text)
    if found is None:
        return Fault.NO_NUMBER
    value = number_of(found[0])
    rest = text[: found.start()] + text[found.end() :]
    if (
        text.strip().startswith(("-", "−"))
        or value is None
        or _NUMBER.search(re.sub(r"[mM][tT]?[sS]?2", "", rest))
    ):
        return Fault.UNCLEAR
    units = [unit.casefold() for unit in _UNIT.findall(rest)] or [column_unit or "ha"]
    factor = SQUARE_METRES.get(units[0].rstrip("."))
    if factor is None:
        return Fault.UNKNOWN_UNIT
    metres = round(value * factor)
    return metres if metres <= LARGEST_AREA else Fault.OUT_OF_RANGE


@lru_cache(maxsize=5_000)
def weight_of(text: str) -> Weight | Fault:
    """Return a weight; a bare number is kilograms and says that nobody said so."""
    found = _NUMBER.search(text)
    value = number_of(found[0]) if found else None
    if found is None or value is None:
        return Fault.NO_NUMBER
    units = {unit.casefold().rstrip(".") for unit in _UNIT.findall(text[found.end() :])}
    pounds = units & {"lb", "lbs", "libra", "libras", "pound", "pounds"}
    kilograms = units & {"kg", "kgs", "kilo", "kilos", "kilogramos"}
    if (pounds and kilograms) or units - pounds - kilograms:
        return Fault.UNCLEAR if pounds and kilograms else Fault.UNKNOWN_UNIT
    factor = KILOGRAMS_IN_A_POUND if pounds else 1.0
    return Weight(round(value * factor * 1000), is_stated=bool(units))
