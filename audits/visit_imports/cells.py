"""One value of an export → the text a device would have sent, or why it cannot be."""

import re
from collections.abc import Callable
from datetime import date, datetime, time

from audits.checklists.form import Question, QuestionType
from audits.checklists.metadata import read_location
from audits.checklists.mistakes import Sentence, sentence
from audits.checklists.values import ValueRefused, fact_value
from compliance.texts import N_

_WHOLE = re.compile(r"(-?\d{1,15})(?:\.0+)?")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
TRUE = frozenset({"1", "1.0", "true", "yes"})
FALSE = frozenset({"0", "0.0", "false", "no", ""})
EXPORT_CODES = sentence(
    N_("Export again with 'XML values and headers', which writes the choices' codes.")
)
EXPORT_PLAIN = sentence(N_("Correct the value in the other tool and export again."))


class CellRefused(Exception):
    """A value that no device would have sent; the value itself is not repeated."""

    def __init__(self, message: Sentence, remedy: Sentence) -> None:
        super().__init__(str(message))
        self.message = message
        self.remedy = remedy


def answer_text(question: Question, given: str) -> str:
    """Return a value of an export as it stands in a record; raise CellRefused."""
    text = given.strip()
    if not text:
        return ""
    if _UNWRITABLE.search(text):
        raise _refused(N_("The value holds characters that no device sends."))
    text = _of_type(question, text)
    if question.fact is not None:
        try:
            fact_value(question, question.fact, text)
        except ValueRefused as refused:
            message = N_("The value is not one this question can have.")
            raise CellRefused(sentence(message), refused.remedy) from None
    return text


def is_chosen(given: str) -> bool:
    """Read the 0 or 1 of a choice's own column."""
    text = given.strip().lower()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise CellRefused(
        sentence(N_("The column of one choice holds something else than 0 or 1.")),
        EXPORT_CODES,
    )


def _of_type(question: Question, text: str) -> str:
    if question.type is QuestionType.SELECT_ONE:
        return _choices(question, [text])
    if question.type is QuestionType.SELECT_MULTIPLE:
        return _choices(question, text.split())
    read = READERS.get(question.type)
    return read(text) if read else text


def _choices(question: Question, names: list[str]) -> str:
    if question.choices and not {one.name for one in question.choices}.issuperset(
        names
    ):
        raise CellRefused(
            sentence(N_("The value is not the code of a choice.")), EXPORT_CODES
        )
    return " ".join(names)


def _integer(text: str) -> str:
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        raise _refused(N_("The value is not a whole number."))
    return whole[1]


def _decimal(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise _refused(N_("The value is not a number with a decimal point."))
    return text


def _geopoint(text: str) -> str:
    if read_location(text) is None:
        raise _refused(N_("The value is not a position."))
    return text


def _day(text: str) -> str:
    """A spreadsheet may have made an instant of a day."""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise _refused(N_("The value is not a day written as 2026-11-03.")) from None


def _instant(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise _refused(
            N_("The value is not a time written as 2026-11-03T08:00:00-05:00.")
        ) from None
    return text.replace(" ", "T", 1)


def _time(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError:
        raise _refused(N_("The value is not a time of day written as 06:30.")) from None
    return text


def _refused(message: str) -> CellRefused:
    return CellRefused(sentence(message), EXPORT_PLAIN)


READERS: dict[QuestionType, Callable[[str], str]] = {
    QuestionType.INTEGER: _integer,
    QuestionType.DECIMAL: _decimal,
    QuestionType.DATE: _day,
    QuestionType.TODAY: _day,
    QuestionType.DATE_TIME: _instant,
    QuestionType.START: _instant,
    QuestionType.END: _instant,
    QuestionType.TIME: _time,
    QuestionType.GEOPOINT: _geopoint,
}
