"""One JSON value to the answer it stands for, or to what is wrong with it in two languages."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from rules.mistakes import suggested
from rules.texts import Text
from rules.vocabulary import AnswerValue, FactDefinition, Kind, Roster, Vocabulary

Reader = Callable[[object], AnswerValue]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NOTHING = Text("", "")
WHAT_TO_SEND = {
    Kind.YES_NO: Text("Send true or false.", "Envíe true o false."),
    Kind.INTEGER: Text("Send a whole number.", "Envíe un número entero."),
    Kind.CHOICE: Text(
        "Send one option, as a text.", "Envíe una opción, en forma de texto."
    ),
    Kind.CHOICES: Text(
        "Send a list of options, [] for none of them.",
        "Envíe una lista de opciones, [] si no es ninguna.",
    ),
    Kind.DAY: Text("Send a day as 2026-11-03.", "Envíe un día así: 2026-11-03."),
}
CANNOT_BE = Text("cannot be {value}.", "no puede ser {value}.")
_CANNOT_HOLD = Text("cannot hold {value}.", "no puede contener {value}.")
_NO_DAY = Text("there is no day {value}.", "no existe el día {value}.")
_NO_OPTION = Text("'{value}' is not an option.", "'{value}' no es una opción.")
_TWICE = Text("holds an option twice.", "contiene una opción dos veces.")
_ONCE = Text("Send each once.", "Envíe cada una una sola vez.")
_OUT_OF_RANGE = Text("{value} is out of range.", "{value} está fuera del intervalo.")
_RANGE = Text(
    "Send {lowest} to {highest}, in {unit}.",
    "Envíe de {lowest} a {highest}, en {unit}.",
)
_TEXT = Text("the text '{value}'", "el texto '{value}'")
_NUMBER = Text("the number {value}", "el número {value}")


class ValueRefused(Exception):
    """The value is no answer to this question."""

    def __init__(self, message: Text, remedy: Text = NOTHING) -> None:
        super().__init__(message.en)
        self.message = message
        self.remedy = remedy


@lru_cache(maxsize=8)
def readers_of(vocabulary: Vocabulary) -> Mapping[Roster | None, Mapping[str, Reader]]:
    """Return a reader for every fact of the audit (under None) and of each roster."""
    return {
        home: {name: _reader(fact) for name, fact in facts.items()}
        for home, facts in vocabulary.by_roster.items()
    }


def _reader(fact: FactDefinition) -> Reader:
    match fact.kind:
        case Kind.YES_NO:
            return _yes_no
        case Kind.INTEGER:
            return _whole_number(fact)
        case Kind.CHOICE:
            return _option(fact)
        case Kind.CHOICES:
            return _options(fact)
        case Kind.DAY:
            return read_day


def _yes_no(value: object) -> bool:
    if value is True or value is False:
        return value
    raise _unfit(Kind.YES_NO, value)


def _whole_number(fact: FactDefinition) -> Reader:
    lowest, highest = fact.lowest, fact.highest

    def whole_number(value: object) -> int:
        if type(value) is not int:  # a bool is an int too
            raise _unfit(Kind.INTEGER, value)
        if lowest <= value <= highest:
            return value
        unit = fact.unit.name if fact.unit else "number"
        raise ValueRefused(
            _OUT_OF_RANGE.filled(value=value),
            _RANGE.filled(lowest=lowest, highest=highest, unit=unit),
        )

    return whole_number


def _option(fact: FactDefinition) -> Callable[[object], str]:
    options = fact.options

    def option(value: object) -> str:
        if not isinstance(value, str):
            raise _unfit(Kind.CHOICE, value)
        if value in options:
            return value
        raise ValueRefused(_NO_OPTION.filled(value=value), suggested(value, options))

    return option


def _options(fact: FactDefinition) -> Reader:
    read_option = _option(fact)

    def options(value: object) -> frozenset[str]:
        if not isinstance(value, list):
            raise _unfit(Kind.CHOICES, value)
        for one in value:
            if not isinstance(one, str):
                told = _CANNOT_HOLD.filled(value=told_value(one))
                raise ValueRefused(told, WHAT_TO_SEND[Kind.CHOICES])
        chosen = frozenset(map(read_option, value))
        if len(chosen) != len(value):
            raise ValueRefused(_TWICE, _ONCE)
        return chosen

    return options


def read_day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueRefused(_NO_DAY.filled(value=value)) from None
    raise _unfit(Kind.DAY, value)


def _unfit(kind: Kind, value: object) -> ValueRefused:
    told = CANNOT_BE.filled(value=told_value(value))
    return ValueRefused(told, WHAT_TO_SEND[kind])


def told_value(value: object) -> Text:
    """Return what was sent as a sentence names it."""
    match value:
        case None:
            return Text("left out", "omitido")
        case bool():
            return Text("true", "true") if value else Text("false", "false")
        case int() | float():
            return _NUMBER.filled(value=value)
        case str():
            return _TEXT.filled(value=value[:40])
        case list():
            return Text("a list", "una lista")
        case _:
            return Text("an object", "un objeto")
