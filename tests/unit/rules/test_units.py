"""Quantities are converted exactly or not at all."""

from fractions import Fraction

import pytest

from rules.units import (
    BASE_UNITS,
    UNITS,
    QuantityRefused,
    name_of,
    product,
    read_quantity,
    whole_number_in,
)


@pytest.mark.parametrize(
    ("written", "unit", "number"),
    [
        ("2880", "minutes/week", 2880),
        ("48 hours/week", "minutes/week", 2880),
        ("7.5 hours/day", "minutes/day", 450),
        ("0.25 hours/day", "minutes/day", 15),
        ("2 hours", "minutes", 120),
        ("12 hours/month", "minutes/month", 720),
        ("200 hours/year", "minutes/year", 12_000),
        ("18:00", "minute of day", 1080),
        ("6:05", "minute of day", 365),
        ("00:00", "minute of day", 0),
        ("23:59", "minute of day", 1439),
        ("20 kg", "grams", 20_000),
        ("12.5 kilograms", "grams", 12_500),
        ("0.001 kg", "grams", 1),
        ("2 weeks", "days", 14),
        ("30 percent", "percent", 30),
        ("-5", "number", -5),
        ("15", "years", 15),
    ],
)
def test_a_quantity_is_read_in_a_unit(written: str, unit: str, number: int) -> None:
    assert whole_number_in(read_quantity(written), UNITS[unit]) == number


@pytest.mark.parametrize(
    ("written", "unit", "told"),
    [
        ("48 hours/day", "minutes/week", "hours/day cannot be read as minutes/week."),
        ("0.33 hours/week", "minutes/week", "0.33 is no whole number of minutes/week."),
        ("1.5", "people", "1.5 is no whole number of people."),
        ("18:00", "minutes/day", "minute of day cannot be read as minutes/day."),
        ("5 fortnights", "days", "'fortnights' is not a unit."),
        ("24:00", "minute of day", "'24:00' is not a number."),
        ("12:60", "minute of day", "'12:60' is not a number."),
        ("1e3", "number", "'1e3' is not a number."),
        ("1_000", "number", "'1_000' is not a number."),
        ("", "number", "'' is not a number."),
        ("12 months", "years", "months cannot be read as years."),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(
    written: str, unit: str, told: str
) -> None:
    with pytest.raises(QuantityRefused) as refused:
        whole_number_in(read_quantity(written), UNITS[unit])

    assert str(refused.value) == told


def test_a_decimal_is_never_a_float() -> None:
    assert read_quantity("0.1 hours").number == Fraction(1, 10)


@pytest.mark.parametrize(
    ("left", "right", "name"),
    [
        ("money/day", "days/month", "money/month"),
        ("minutes/day", "days/week", "minutes/week"),
        ("money/month", "months", "money"),
        ("money/month", "percent", "money/month"),
        ("people", "number", "people"),
        ("percent", "number", "a plain number"),
        ("years", "people", "person × year"),
    ],
)
def test_units_multiply(left: str, right: str, name: str) -> None:
    found = product(UNITS[left].dimension, UNITS[right].dimension)

    assert name_of(found) == name


def test_every_unit_has_a_base_unit_of_its_dimension() -> None:
    bases = {UNITS[name].dimension for name in BASE_UNITS}

    assert {unit.dimension for unit in UNITS.values()} == bases
