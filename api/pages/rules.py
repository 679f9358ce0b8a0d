"""The rules in plain words, for anybody: what is asked, by which law, with examples."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Query, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from api import hop
from api.pages.legal_values import ToldParameter, told_parameter
from api.pages.outlines import Outline, named_conditions, outline, questions
from api.pages.readers import reader_of
from api.pages.rendering import language_of, page
from api.routing import feature_router
from api.rulebook import RuleNotFound, parameters_of
from api.wire import Country, Day
from compliance import clock
from rules import (
    AnswerValue,
    Book,
    Example,
    FactDefinition,
    Outcome,
    Roster,
    Rule,
    Topic,
    read_answers,
    wording,
)
from rules.answers import Cause
from rules.places import country_name
from rules.quantities import tell_answer


def _empty_is_none(value: object) -> object:
    """A form sends a field that was left empty as an empty text."""
    return None if value == "" else value


ChosenCountry = Annotated[Country | None, BeforeValidator(_empty_is_none), Query()]
ChosenDay = Annotated[Day | None, BeforeValidator(_empty_is_none), Query()]

ORDER = (
    Outcome.NON_CONFORMITY,
    Outcome.CONFORMITY,
    Outcome.UNDETERMINED,
    Outcome.NOT_APPLICABLE,
)

rules = feature_router("/rules", "pages")


@dataclass(frozen=True)
class ToldExample:
    """A case of the book in the reader's language."""

    verdict: Outcome
    country: str
    day: date
    lines: tuple[tuple[str | None, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True)
class ToldRule:
    """All that the page of a rule shows."""

    rule: Rule
    flagged_when: Outline
    applies_when: Outline | None
    named: tuple[tuple[str, Outline], ...]
    questions: list[tuple[Roster | None, list[FactDefinition]]]
    law: tuple[ToldParameter, ...]
    reads_law: bool
    first_examples: tuple[ToldExample, ...]
    more_examples: tuple[ToldExample, ...]


@rules.get("", include_in_schema=False)
async def list_rules(request: Request) -> Response:
    """Show every rule of the edition in force, by topic."""
    book = hop.service_of(request).book
    by_topic = [
        (topic, [rule for rule in book.rules if rule.topic is topic]) for topic in Topic
    ]
    return page(
        request,
        "rules.html",
        scope=await reader_of(request),
        book=book,
        by_topic=[(topic, found) for topic, found in by_topic if found],
    )


@rules.get("/{rule_id}", include_in_schema=False)
async def show_rule(
    request: Request,
    rule_id: str,
    country: ChosenCountry = None,
    on: ChosenDay = None,
) -> Response:
    """Show a rule and the law it reads in a country on a day."""
    book = hop.service_of(request).book
    rule = book.rule_by_id.get(rule_id)
    if rule is None:
        raise RuleNotFound(rule=rule_id, edition=book.edition)
    scope = await reader_of(request)
    language = language_of(request, scope)
    day = on or clock.today()
    return page(
        request,
        "rule.html",
        scope=scope,
        book=book,
        told=told_rule(book, rule, country, day, language),
        country_chosen=country,
        day=day,
        countries=sorted(
            ((code, country_name(code, language)) for code in book.countries),
            key=lambda one: one[1],
        ),
    )


def told_rule(
    book: Book, rule: Rule, country: str | None, day: date, language: str
) -> ToldRule:
    """Return a rule as a person reads it."""
    place = country or ""
    names = parameters_of(rule, book)
    applies = rule.applies_when
    first = _first_of_each_outcome(rule)
    return ToldRule(
        rule=rule,
        flagged_when=outline(rule.flag_when, book, language, place),
        applies_when=outline(applies, book, language, place) if applies else None,
        named=tuple(
            (one.title.in_language(language), outline(one.when, book, language, place))
            for one in named_conditions(rule, book)
        ),
        questions=questions(rule, book),
        law=tuple(
            told_parameter(book, book.parameters[name], country, day, language)
            for name in names
        )
        if country
        else (),
        reads_law=bool(names),
        first_examples=tuple(told_example(book, one, language) for one in first),
        more_examples=tuple(
            told_example(book, one, language)
            for one in rule.examples
            if one not in first
        ),
    )


def _first_of_each_outcome(rule: Rule) -> list[Example]:
    """Return the examples that tell what the rule means; the others are its edges."""
    return [
        next(one for one in rule.examples if one.verdict is outcome)
        for outcome in ORDER
        if any(one.verdict is outcome for one in rule.examples)
    ]


def told_example(book: Book, example: Example, language: str) -> ToldExample:
    """Return the answers of an example, one line to an answer, person by person."""
    answers = read_answers(book.vocabulary, example.document)
    facts = book.vocabulary.by_roster

    def lines(
        roster: Roster | None,
        known: dict[str, AnswerValue],
        causes: dict[str, Cause],
    ) -> tuple[tuple[str, str], ...]:
        told = [
            (
                facts[roster][name].title.in_language(language),
                tell_answer(value, facts[roster][name], answers.country, language),
            )
            for name, value in known.items()
        ]
        told += [
            (
                facts[roster][name].title.in_language(language),
                wording.CAUSE[cause].in_language(language),
            )
            for name, cause in causes.items()
        ]
        return tuple(told)

    people = [
        (
            wording.PERSON[roster].in_language(language).format(member.key),
            lines(roster, dict(member.facts), dict(member.causes)),
        )
        for roster, members in answers.rosters.items()
        for member in members or ()
    ]
    of_site = lines(None, dict(answers.facts), dict(answers.causes))
    return ToldExample(
        verdict=example.verdict,
        country=answers.country,
        day=answers.observed_on,
        lines=(*(((None, of_site),) if of_site else ()), *people),
    )
