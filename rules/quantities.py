"""Numbers, days and answers as a person says them, in English and Spanish.

The book counts in minutes and minor units of money; a reader is told hours and pesos.
"""

from collections.abc import Callable
from datetime import date

from rules.places import COUNTRIES
from rules.texts import Text
from rules.units import Unit
from rules.vocabulary import AnswerValue, FactDefinition

_MONTHS = {
    "en": "January February March April May June July August September October "
    "November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre",
}
YES_NO = {True: Text("yes", "sí"), False: Text("no", "no")}
_NONE_CHOSEN = Text("none of them", "ninguna de las opciones")


def _language(language: str) -> str:
    return "es" if language.partition("-")[0] == "es" else "en"


def tell_day(day: date, language: str) -> str:
    month = _MONTHS[_language(language)].split()[day.month - 1]
    if _language(language) == "es":
        return f"{day.day} de {month} de {day.year}"
    return f"{day.day} {month} {day.year}"


def tell_number(number: int, language: str, decimals: int = 0) -> str:
    """Write a number kept in units of 10^-decimals, without needless zeros.

    Spanish parts thousands from five digits on, as CLDR does.
    """
    whole, fraction = divmod(abs(number), 10**decimals)
    told = f"{whole:,}"
    point = "."
    if _language(language) == "es":
        told = told.replace(",", ".") if whole >= 10_000 else str(whole)
        point = ","
    digits = f"{fraction:0{decimals}d}".rstrip("0") if fraction else ""
    sign = "−" if number < 0 else ""
    return f"{sign}{told}{point}{digits}" if digits else f"{sign}{told}"


def _counted(number: int, one: Text, many: Text, language: str) -> str:
    noun = one if abs(number) == 1 else many
    return f"{tell_number(number, language)} {noun.in_language(language)}"


_HOUR, _HOURS = Text("hour", "hora"), Text("hours", "horas")
_MINUTE, _MINUTES = Text("minute", "minuto"), Text("minutes", "minutos")
_DAY, _DAYS = Text("day", "día"), Text("days", "días")
_PER = {
    "": Text("", ""),
    "day": Text(" a day", " al día"),
    "week": Text(" a week", " a la semana"),
    "month": Text(" a month", " al mes"),
    "year": Text(" a year", " al año"),
}
_COUNTED = {
    "years": (Text("year", "año"), Text("years", "años")),
    "months": (Text("month", "mes"), Text("months", "meses")),
    "people": (Text("person", "persona"), Text("people", "personas")),
}


def tell_amount(number: int, unit: Unit | None, country: str, language: str) -> str:
    """Write a whole number in the base unit it is kept in."""
    name = unit.name if unit else "number"
    base, _, per = name.partition("/")
    if base in _TELLERS:
        return _TELLERS[base](number, country, language) + _PER[per].in_language(
            language
        )
    if name in _COUNTED:
        return _counted(number, *_COUNTED[name], language)
    return tell_number(number, language)


def _tell_minutes(minutes: int, _country: str, language: str) -> str:
    hours, rest = divmod(abs(minutes), 60)
    parts = []
    if hours:
        parts.append(_counted(hours, _HOUR, _HOURS, language))
    if rest or not hours:
        parts.append(_counted(rest, _MINUTE, _MINUTES, language))
    sign = "−" if minutes < 0 else ""
    return sign + Text(" and ", " y ").in_language(language).join(parts)


def _tell_clock(minute: int, _country: str, _language: str) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _tell_days(days: int, _country: str, language: str) -> str:
    return _counted(days, _DAY, _DAYS, language)


def _tell_grams(grams: int, _country: str, language: str) -> str:
    if abs(grams) < 1000:
        return f"{tell_number(grams, language)} g"
    return f"{tell_number(grams, language, decimals=3)} kg"


def _tell_money(minor: int, country: str, language: str) -> str:
    known = COUNTRIES.get(country)
    if known is None:
        units = Text("minor units of money", "unidades menores de moneda")
        return f"{tell_number(minor, language)} {units.in_language(language)}"
    amount = tell_number(minor, language, decimals=known.decimals)
    if _language(language) == "es":
        return f"{amount} {known.currency}"
    return f"{known.currency} {amount}"


def _tell_percent(number: int, _country: str, language: str) -> str:
    space = " " if _language(language) == "es" else ""
    return f"{tell_number(number, language)}{space}%"


_TELLERS: dict[str, Callable[[int, str, str], str]] = {
    "minutes": _tell_minutes,
    "minute of day": _tell_clock,
    "days": _tell_days,
    "grams": _tell_grams,
    "money": _tell_money,
    "percent": _tell_percent,
}


def tell_answer(
    value: AnswerValue, definition: FactDefinition, country: str, language: str
) -> str:
    """Write the answer to a fact as its reader knows it."""
    match value:
        case bool():
            return YES_NO[value].in_language(language)
        case int():
            return tell_amount(value, definition.unit, country, language)
        case str():
            return definition.options[value].in_language(language)
        case frozenset():
            chosen = [
                title.in_language(language)
                for option, title in definition.options.items()
                if option in value
            ]
            return ", ".join(chosen) or _NONE_CHOSEN.in_language(language)
        case date():
            return tell_day(value, language)
