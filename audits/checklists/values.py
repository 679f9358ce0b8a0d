"""One answer as it was sent → the value of the fact it answers, or what is wrong with it."""

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from audits.checklists.form import (
    CANNOT_TELL,
    NONE_OF_THEM,
    YES,
    AskedFact,
    Question,
    QuestionType,
)
from audits.checklists.mistakes import Sentence, sentence
from audits.checklists.units import QUESTION_UNITS, whole_number
from compliance.texts import N_
from rules.units import QuantityRefused
from rules.vocabulary import Kind

FactValue = bool | int | str | list[str] | dict[str, str] | None
UNKNOWN_CANNOT_TELL: dict[str, str] = {"unknown": "cannot_tell"}

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(
    r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?:Z|[+-]\d{2}:?\d{2})?"
)


class ValueRefused(ValueError):
    """An answer cannot be the value of its fact."""

    def __init__(self, message: Sentence, remedy: Sentence) -> None:
        super().__init__(f"{message} {remedy}".rstrip())
        self.message = message
        self.remedy = remedy


def fact_value(question: Question, fact: AskedFact, text: str) -> FactValue:
    """Return the value of a non-blank answer; raise ValueRefused if it has none."""
    if question.type is QuestionType.TIME:
        return _within(fact, _minute_of_day(text))
    read: dict[Kind, Callable[[Question, AskedFact, str], FactValue]] = {
        Kind.YES_NO: _choice,
        Kind.CHOICE: _choice,
        Kind.CHOICES: _choices,
        Kind.INTEGER: _integer,
        Kind.DAY: _day,
    }
    return read[fact.kind](question, fact, text)


def _choice(question: Question, fact: AskedFact, text: str) -> FactValue:
    meaning = _meaning(question, text)
    if meaning == CANNOT_TELL:
        return dict(UNKNOWN_CANNOT_TELL)
    return meaning in YES if fact.kind is Kind.YES_NO else meaning


def _choices(question: Question, _: AskedFact, text: str) -> FactValue:
    meanings = {_meaning(question, name) for name in text.split()}
    if CANNOT_TELL in meanings:
        return dict(UNKNOWN_CANNOT_TELL)
    if NONE_OF_THEM in meanings and len(meanings) > 1:
        raise ValueRefused(
            sentence(N_("'None of them' was chosen together with others.")),
            sentence(N_("Keep one or the other.")),
        )
    order = [choice.value for choice in question.choices]
    return sorted(meanings - {NONE_OF_THEM}, key=order.index)


def _meaning(question: Question, name: str) -> str:
    for choice in question.choices:
        if choice.name == name:
            return choice.value
    raise ValueRefused(
        sentence(N_("'{name}' is not on the list of choices."), name=name),
        sentence(
            N_("Known: {words}."),
            words=", ".join(choice.name for choice in question.choices),
        ),
    )


def _integer(question: Question, fact: AskedFact, text: str) -> FactValue:
    if not _NUMBER.fullmatch(text):
        raise ValueRefused(
            sentence(N_("'{text}' is not a number."), text=text[:40]),
            sentence(N_("Write digits, with a point before decimals.")),
        )
    asked_in = QUESTION_UNITS[question.unit or fact.unit or "number"]
    wanted_in = QUESTION_UNITS[fact.unit or "number"]
    try:
        return _within(fact, whole_number(Fraction(text), asked_in, wanted_in))
    except QuantityRefused as error:
        raise ValueRefused(
            sentence(
                N_("{text} {asked} is not a whole number of {wanted}."),
                text=text,
                asked=asked_in.name,
                wanted=wanted_in.name,
            ),
            sentence(N_("Round it as the record shows it.")),
        ) from error


def _within(fact: AskedFact, value: int) -> int:
    if not fact.lowest <= value <= fact.highest:
        raise ValueRefused(
            sentence(
                N_("{value} {unit} is out of range."), value=value, unit=fact.unit
            ),
            sentence(
                N_("It lies between {lowest} and {highest}."),
                lowest=fact.lowest,
                highest=fact.highest,
            ),
        )
    return value


def _minute_of_day(text: str) -> int:
    """Return the minute a clock shows; devices write `06:30:00.000-05:00`."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueRefused(
            sentence(N_("'{text}' is not a time of day."), text=text[:40]),
            sentence(N_("Write it as 06:30.")),
        )
    hour, minute, second, fraction = match.groups()
    if int(second or 0) or int(fraction or 0):
        raise ValueRefused(
            sentence(N_("'{text}' is not a whole minute."), text=text[:40]),
            sentence(N_("Write it as 06:30.")),
        )
    return int(hour) * 60 + int(minute)


def _day(_: Question, __: AskedFact, text: str) -> FactValue:
    day = read_day(text)
    if day is None:
        raise ValueRefused(
            sentence(N_("'{text}' is not a day."), text=text[:40]),
            sentence(N_("Write it as 2026-11-03.")),
        )
    return day.isoformat()


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
