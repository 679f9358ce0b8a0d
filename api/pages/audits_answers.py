"""The answers of a submission as a reviewer reads them, and which rules rest on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from api.pages.outlines import questions as read_by
from audits.checklists.form import BINARY_TYPES, Question, QuestionType
from audits.submissions.answered import Answer, Answered, Given, Part
from rules import Book
from rules.vocabulary import Vocabulary


@dataclass(frozen=True)
class Line:
    """A question as it was asked, and what was said."""

    name: str
    anchor: str
    label: str
    given: Given
    told: str
    is_file: bool


@dataclass(frozen=True)
class Section:
    """Questions that stand together; those about a person are only counted."""

    anchor: str
    label: str
    entry: str
    lines: tuple[Line, ...]
    sealed: int
    missing: int
    unclear: int


@dataclass(frozen=True)
class Behind:
    """A question that a rule reads, and where its answer stands on the page."""

    name: str
    label: str
    anchor: str


def sections(answered: Answered, language: str) -> tuple[Section, ...]:
    """Return the parts in which anything was asked, in the order of the checklist."""
    told = (_section(part, language) for part in answered.parts)
    return tuple(one for one in told if one.lines or one.sealed)


def behind(answered: Answered, book: Book, language: str) -> dict[str, list[Behind]]:
    """Return for each rule the questions of the checklist that it reads."""
    asked: dict[str, Question] = {
        one.fact.id: one for one in answered.schema.questions if one.fact
    }
    anchors = _anchors(answered)
    return {
        rule.id: [
            Behind(
                asked[fact.id].name,
                asked[fact.id].label.in_language(language),
                anchors[asked[fact.id].name],
            )
            for _, facts in read_by(rule, book)
            for fact in facts
            if fact.id in asked and asked[fact.id].name in anchors
        ]
        for rule in book.rules
    }


def others(
    answered: Answered, vocabulary: Vocabulary, language: str
) -> list[tuple[str, str]]:
    """Return what a program told of facts that the checklist does not ask."""
    return [
        (vocabulary.facts[name].title.in_language(language), str(value))
        for name, value in answered.others.items()
        if name in vocabulary.facts and vocabulary.facts[name].sensitive is None
    ]


def places(answered: Answered, language: str) -> list[tuple[str, str]]:
    """Return what a remark can be about: the parts and the questions, by their codes."""
    found: dict[str, str] = {}
    for part in answered.parts:
        label = part.label.in_language(language)
        found.setdefault(f"section:{part.name}", f"§ {label}")
        for one in part.answers:
            text = one.question.label.in_language(language)
            found.setdefault(f"question:{one.question.name}", text)
    return list(found.items())


def _anchors(answered: Answered) -> Mapping[str, str]:
    """Return where the answer to each question stands; sealed ones at their part."""
    found: dict[str, str] = {}
    for part in answered.parts:
        for one in part.answers:
            shown = _is_shown(one)
            anchor = _line_anchor(part, one) if shown else _anchor(part)
            found.setdefault(one.question.name, anchor)
    return found


def _section(part: Part, language: str) -> Section:
    return Section(
        anchor=_anchor(part),
        label=part.label.in_language(language),
        entry=part.entry,
        lines=tuple(
            Line(
                name=one.question.name,
                anchor=_line_anchor(part, one),
                label=one.question.label.in_language(language),
                given=one.given,
                told=tell(one, language),
                is_file=one.question.type in BINARY_TYPES,
            )
            for one in part.answers
            if _is_shown(one)
        ),
        sealed=part.count(Given.SEALED),
        missing=part.count(Given.NOT_ANSWERED),
        unclear=part.count(Given.CANNOT_TELL),
    )


def _is_shown(answer: Answer) -> bool:
    """What is about a person is counted; what was not asked is left out."""
    return answer.question.sensitive is None and answer.given is not Given.NOT_ASKED


def _anchor(part: Part) -> str:
    return f"part-{part.name}" + (f"-{part.entry}" if part.entry else "")


def _line_anchor(part: Part, answer: Answer) -> str:
    return f"answer-{answer.question.name}" + (f"-{part.entry}" if part.entry else "")


def tell(answer: Answer, language: str) -> str:
    """Return an answer in words: the labels of choices, numbers as the reader writes."""
    question, text = answer.question, answer.text
    if not text:
        return ""
    match question.type:
        case QuestionType.SELECT_ONE | QuestionType.SELECT_MULTIPLE if question.choices:
            labels = {
                one.name: one.label.in_language(language) for one in question.choices
            }
            return ", ".join(labels.get(one, one) for one in _chosen(question, text))
        case QuestionType.INTEGER | QuestionType.DECIMAL:
            return _number(text, language)
        case QuestionType.DATE:
            return _day(text, language)
        case QuestionType.TIME:
            return text[:5]
        case QuestionType.GEOPOINT:
            return ", ".join(text.split()[:2])
        case _:
            return text


def _chosen(question: Question, text: str) -> Iterable[str]:
    return [text] if question.type is QuestionType.SELECT_ONE else text.split()


def _number(text: str, language: str) -> str:
    try:
        told: Any = format_decimal(text, locale=language)
    except (ValueError, ArithmeticError):
        return text
    return str(told)


def _day(text: str, language: str) -> str:
    try:
        return str(
            format_date(date.fromisoformat(text[:10]), "d MMM y", locale=language)
        )
    except ValueError:
        return text
