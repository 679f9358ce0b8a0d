"""Numbers, days and answers are told as a person says them."""

from datetime import date

import pytest

from rules.quantities import tell_amount, tell_answer, tell_day, tell_number
from rules.units import BASE_UNITS, UNITS
from rules.vocabulary import AnswerValue, Kind
from tests.unit.rules.small_books import fact


@pytest.mark.parametrize(
    ("number", "unit", "country", "english", "spanish"),
    [
        (2880, "minutes/week", "CO", "48 hours a week", "48 horas a la semana"),
        (60, "minutes/day", "CO", "1 hour a day", "1 hora al día"),
        (2910, "minutes/week", "CO", "48 hours and 30 minutes a week", "48 horas y 30 minutos a la semana"),
        (61, "minutes", "CO", "1 hour and 1 minute", "1 hora y 1 minuto"),
        (0, "minutes/day", "CO", "0 minutes a day", "0 minutos al día"),
        (720, "minutes/month", "CO", "12 hours a month", "12 horas al mes"),
        (1080, "minute of day", "CO", "18:00", "18:00"),
        (5, "minute of day", "CO", "00:05", "00:05"),
        (1, "years", "CO", "1 year", "1 año"),
        (15, "years", "CO", "15 years", "15 años"),
        (6, "days/week", "CO", "6 days a week", "6 días a la semana"),
        (1, "days", "CO", "1 day", "1 día"),
        (1, "people", "CO", "1 person", "1 persona"),
        (12_345, "people", "CO", "12,345 people", "12.345 personas"),
        (800, "grams", "CO", "800 g", "800 g"),
        (12_500, "grams", "CO", "12.5 kg", "12,5 kg"),
        (20_000, "grams", "CO", "20 kg", "20 kg"),
        (130_000_000, "money/month", "CO", "COP 1,300,000 a month", "1.300.000 COP al mes"),
        (150_050, "money/day", "PE", "PEN 1,500.5 a day", "1500,5 PEN al día"),
        (47_000, "money", "EC", "USD 470", "470 USD"),
        (2_700_000, "money/month", "PY", "PYG 2,700,000 a month", "2.700.000 PYG al mes"),
        (300, "money", "ZZ", "300 minor units of money", "300 unidades menores de moneda"),
        (30, "percent", "CO", "30%", "30 %"),
        (3, "months", "CO", "3 months", "3 meses"),
        (7, "number", "CO", "7", "7"),
        (-90, "minutes", "CO", "−1 hour and 30 minutes", "−1 hora y 30 minutos"),
    ],
)  # fmt: skip
def test_an_amount_is_told_in_human_form(
    number: int, unit: str, country: str, english: str, spanish: str
) -> None:
    assert tell_amount(number, UNITS[unit], country, "en") == english
    assert tell_amount(number, UNITS[unit], country, "es") == spanish


@pytest.mark.parametrize("unit", BASE_UNITS)
def test_every_base_unit_can_be_told(unit: str) -> None:
    assert "2" in tell_amount(2, UNITS[unit], "CO", "en")
    assert "2" in tell_amount(2, UNITS[unit], "CO", "es")


@pytest.mark.parametrize(
    ("number", "decimals", "english", "spanish"),
    [
        (1000, 0, "1,000", "1000"),
        (10_000, 0, "10,000", "10.000"),
        (1_234_567, 0, "1,234,567", "1.234.567"),
        (5, 2, "0.05", "0,05"),
        (50, 2, "0.5", "0,5"),
        (-1_234_567, 2, "−12,345.67", "−12.345,67"),
        (0, 0, "0", "0"),
    ],
)
def test_a_number_is_written_by_the_readers_habit(
    number: int, decimals: int, english: str, spanish: str
) -> None:
    assert tell_number(number, "en", decimals) == english
    assert tell_number(number, "es", decimals) == spanish


def test_a_day_is_written_out() -> None:
    assert tell_day(date(2026, 11, 3), "en") == "3 November 2026"
    assert tell_day(date(2023, 7, 15), "es-CO") == "15 de julio de 2023"


@pytest.mark.parametrize(
    ("kind", "value", "english", "spanish"),
    [
        (Kind.YES_NO, True, "yes", "sí"),
        (Kind.YES_NO, False, "no", "no"),
        (Kind.CHOICE, "x", "x", "x"),
        (Kind.CHOICES, frozenset({"z", "x"}), "x, z", "x, z"),
        (Kind.CHOICES, frozenset(), "none of them", "ninguna de las opciones"),
        (Kind.DAY, date(2026, 1, 2), "2 January 2026", "2 de enero de 2026"),
    ],
)
def test_an_answer_is_told(
    kind: Kind, value: AnswerValue, english: str, spanish: str
) -> None:
    definition = fact("f", kind, options=("x", "y", "z"))

    assert tell_answer(value, definition, "CO", "en") == english
    assert tell_answer(value, definition, "CO", "es") == spanish
