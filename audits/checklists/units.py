"""Units in which a question may be asked, and exact conversion to the fact's own.

They are the units of the book, and besides them money in whole units of the currency:
nobody on a farm counts in hundredths of a peso.
"""

from fractions import Fraction

from rules.units import UNITS, Quantity, Unit, whole_number_in

# Every currency of the book's countries has a hundred minor units (ISO 4217).
MINOR_UNITS = 100


def _in_whole_currency(name: str, money: str) -> Unit:
    return Unit(name, UNITS[money].dimension, MINOR_UNITS)


QUESTION_UNITS: dict[str, Unit] = UNITS | {
    unit.name: unit
    for unit in (
        _in_whole_currency("currency", "money"),
        _in_whole_currency("currency/day", "money/day"),
        _in_whole_currency("currency/week", "money/week"),
        _in_whole_currency("currency/month", "money/month"),
    )
}


def fits(question_unit: Unit, fact_unit: Unit) -> bool:
    """Say whether amounts in one unit can be told in the other without rounding."""
    if question_unit.dimension != fact_unit.dimension:
        return False
    return bool(question_unit.dimension) or question_unit.name == fact_unit.name


def whole_number(amount: Fraction, asked_in: Unit, wanted_in: Unit) -> int:
    """Return the amount in the fact's unit; raise QuantityRefused if it is not whole."""
    return whole_number_in(Quantity(amount, asked_in), wanted_in)
