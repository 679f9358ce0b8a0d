"""Quantities as lists write them; every text here stands in a real list, or could."""

import pytest

from compliance.imports.quantities import (
    Altitude,
    Fault,
    Length,
    Weight,
    altitude_of,
    area_of,
    number_of,
    weight_of,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0),
        ("3.19698", 3.19698),
        ("3,19698", 3.19698),
        ("-75,64506", -75.64506),
        ("−1.5", -1.5),
        ("1.872", 1.872),
        ("1.234.567", 1_234_567.0),
        ("1,234.5", 1_234.5),
        ("1.234,5", 1_234.5),
        ("1'500", 1_500.0),
        ("1 500", 1_500.0),
        ("", None),
        ("-", None),
        ("3..4", None),
        ("1,2,3", None),
        ("12oo", None),
        ("9" * 40, None),
    ],
)
def test_numbers_with_points_and_commas(text: str, number: float | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("1650", 1650, 1650, None),
        ("1800 msnm", 1800, 1800, Length.METRES),
        ("1.872 msnm", 1872, 1872, Length.METRES),
        ("meters above sea level: 1.872", 1872, 1872, Length.METRES),
        ("de 1600 a 1950 msnm", 1600, 1950, Length.METRES),
        ("de 1.600 a 1.950 msnm", 1600, 1950, Length.METRES),
        ("1950-2200", 1950, 2200, None),
        ("1300~1400 m.s.l", 1300, 1400, Length.METRES),
        ("1400 thru 1850", 1400, 1850, None),
        ("800++", 800, 800, None),
        ("approx. 1'500 metres a.s.l.", 1500, 1500, Length.METRES),
        ("1100.00 mosl", 1100, 1100, Length.METRES),
        ("1800 meters (5900", 1800, 1800, Length.METRES),
        ("2000 ft", 610, 610, Length.FEET),
        ("4000 p.s.n.m.", 1219, 1219, Length.FEET),
        ("5000 pies", 1524, 1524, Length.FEET),
        ("3500 - 5200 feet", 1067, 1585, Length.FEET),
        ("700m公尺", 700, 700, Length.METRES),
        ("-1", -1, -1, None),
        ("190164", 190164, 190164, None),
    ],
)
def test_altitudes_in_many_hands(
    text: str, low: int, high: int, unit: Length | None
) -> None:
    assert altitude_of(text) == Altitude(low, high, unit)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("mmm", Fault.NO_NUMBER),
        ("huanuco", Fault.NO_NUMBER),
        ("12oo", Fault.UNCLEAR),
        ("1.65", Fault.UNCLEAR),
        ("1.2", Fault.UNCLEAR),
        ("16.8", Fault.UNCLEAR),
        ("1100 1200 1300", Fault.UNCLEAR),
    ],
)
def test_an_altitude_that_cannot_be_told_is_not_guessed(
    text: str, fault: Fault
) -> None:
    assert altitude_of(text) is fault


def test_the_unit_of_the_column_holds_where_the_cell_names_none() -> None:
    assert altitude_of("4300", Length.FEET) == Altitude(1311, 1311, None)
    assert altitude_of("1400 msnm", Length.FEET) == Altitude(1400, 1400, Length.METRES)


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("2,5", 25_000),
        ("2.5 ha", 25_000),
        ("3 hectáreas", 30_000),
        ("15000 m2", 15_000),
        ("1.250,5 m²", 1_250),
        ("10 manzanas", 70_000),
        ("12 acres", 48_562),
        ("-", Fault.NO_NUMBER),
        ("-3 ha", Fault.UNCLEAR),
        ("2 3 ha", Fault.UNCLEAR),
        ("3 alqueires", Fault.UNKNOWN_UNIT),
        ("99999999 ha", Fault.OUT_OF_RANGE),
    ],
)
def test_areas_in_units_of_several_countries(text: str, area: int | Fault) -> None:
    assert area_of(text) == area


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("60 kg", Weight(60_000, is_stated=True)),
        ("100 lbs", Weight(45_359, is_stated=True)),
        ("6", Weight(6_000, is_stated=False)),
        ("2 kg,lbs", Fault.UNCLEAR),
        ("3 quintales", Fault.UNKNOWN_UNIT),
        ("heavy", Fault.NO_NUMBER),
    ],
)
def test_weights_of_bags(text: str, weight: Weight | Fault) -> None:
    assert weight_of(text) == weight
