"""Units of the whole numbers in the book: what fits what, and exact conversion.

Every number is kept in its base unit (minutes, grams, minor units of money), so that
no rounding can divide two readings of one rule.
"""

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

Dimension = tuple[tuple[str, int], ...]
PURE: Dimension = ()
MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; one of it is `factor` base units of its dimension."""

    name: str
    dimension: Dimension
    factor: int = 1


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written, with its unit if it carries one."""

    number: Fraction
    unit: Unit | None


class QuantityRefused(ValueError):
    """A number cannot be read in the unit that is wanted; the message says why."""


def _unit(name: str, *bases: str, per: str | None = None, factor: int = 1) -> Unit:
    exponents = [(base, 1) for base in bases] + ([(per, -1)] if per else [])
    return Unit(name, tuple(sorted(exponents)), factor)


UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        _unit("years", "year"),
        _unit("months", "month"),
        _unit("days", "day"),
        _unit("weeks", "day", factor=7),
        _unit("days/week", "day", per="week"),
        _unit("days/month", "day", per="month"),
        _unit("days/year", "day", per="year"),
        _unit("minutes", "minute"),
        _unit("hours", "minute", factor=60),
        _unit("minutes/day", "minute", per="day"),
        _unit("hours/day", "minute", per="day", factor=60),
        _unit("minutes/week", "minute", per="week"),
        _unit("hours/week", "minute", per="week", factor=60),
        _unit("minutes/month", "minute", per="month"),
        _unit("hours/month", "minute", per="month", factor=60),
        _unit("minutes/year", "minute", per="year"),
        _unit("hours/year", "minute", per="year", factor=60),
        _unit("minute of day", "clock"),
        _unit("grams", "gram"),
        _unit("kilograms", "gram", factor=1000),
        _unit("kg", "gram", factor=1000),
        _unit("people", "person"),
        _unit("money", "money"),
        _unit("money/day", "money", per="day"),
        _unit("money/week", "money", per="week"),
        _unit("money/month", "money", per="month"),
        Unit("percent", PURE),
        Unit("number", PURE),
    )
}
BASE_UNITS = tuple(name for name, unit in UNITS.items() if unit.factor == 1)
# A product of two units has a name only when somebody needs to read it.
_NAME_OF_DIMENSION = {
    unit.dimension: unit.name
    for unit in UNITS.values()
    if unit.factor == 1 and unit.dimension
}
_NUMBER = re.compile(r"(-?\d+)(?:\.(\d+))?(?:\s+(.+))?")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def read_quantity(written: str) -> Quantity:
    """Read `48`, `7.5 hours/day` or `18:00`; raise QuantityRefused for anything else."""
    clock = _CLOCK.fullmatch(written)
    if clock:
        minute = int(clock[1]) * 60 + int(clock[2])
        return Quantity(Fraction(minute), UNITS["minute of day"])
    number = _NUMBER.fullmatch(written)
    if not number:
        raise QuantityRefused(f"'{written}' is not a number.")
    whole, decimals, unit = number.groups()
    value = Fraction(f"{whole}.{decimals}") if decimals else Fraction(int(whole))
    return Quantity(value, None if unit is None else unit_named(unit))


def unit_named(name: str) -> Unit:
    try:
        return UNITS[name]
    except KeyError:
        raise QuantityRefused(f"'{name}' is not a unit.") from None


def whole_number_in(quantity: Quantity, unit: Unit) -> int:
    """Return the quantity in the base unit of `unit`, exactly; a bare number is in `unit`."""
    written_in = quantity.unit or unit
    if written_in.dimension != unit.dimension:
        raise QuantityRefused(f"{written_in.name} cannot be read as {unit.name}.")
    value = quantity.number * written_in.factor
    if value.denominator != 1:
        base = name_of(unit.dimension)
        raise QuantityRefused(
            f"{float(quantity.number):g} is no whole number of {base}."
        )
    return value.numerator


def product(left: Dimension, right: Dimension) -> Dimension:
    exponents: Counter[str] = Counter(dict(left))
    for base, exponent in right:
        exponents[base] += exponent
    return tuple(sorted((base, power) for base, power in exponents.items() if power))


def name_of(dimension: Dimension) -> str:
    """Return the name of a base unit, or spell the dimension out if it has none."""
    if not dimension:
        return "a plain number"
    known = _NAME_OF_DIMENSION.get(dimension)
    return known or " × ".join(
        base if power == 1 else f"{base}^{power}" for base, power in dimension
    )
