"""The rules in plain words, for anybody: what is asked, by which law, with examples."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import Query, Request
from pydantic import BeforeValidator
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.legal_values import ToldParameter, told_parameter
from api.pages.outlines import Outline, named_conditions, outline, questions
from api.pages.readers import reader_of
from api.pages.rendering import language_of, page
from api.pages.tables import (
    FilterUnknown,
    chosen,
    csv_response,
    wants_csv,
    words_chosen,
)
from api.pages.words import word
from api.routing import feature_router
from api.rulebook import RuleNotFound, parameters_of, rule_document
from api.service import Service
from api.wire import Country, Day
from compliance import clock
from compliance.editions import queries
from compliance.editions.queries import InForce
from compliance.imports.names import folded
from compliance.texts import translate
from rules import (
    AnswerValue,
    Book,
    Example,
    FactDefinition,
    Outcome,
    Roster,
    Rule,
    Status,
    Topic,
    read_answers,
    wording,
)
from rules.answers import Cause
from rules.comparing import ChangeKind, compare
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
class Wanted:
    """Which rules a reader wants to see; None leaves a choice open."""

    words: str | None
    topic: Topic | None
    status: Status | None
    country: str | None

    @property
    def is_narrowed(self) -> bool:
        return any((self.words, self.topic, self.status, self.country))

    def fits(self, rule: Rule, book: Book, language: str) -> bool:
        """Tell whether a rule is wanted; all words must stand in what is told of it."""
        here = rule.scopes.countries
        return (
            self.topic in {None, rule.topic}
            and self.status in {None, rule.status}
            and (self.country is None or not here or self.country in here)
            and all(
                one in _told_of(rule, book, language)
                for one in folded(self.words or "").split()
            )
        )


@dataclass(frozen=True)
class ChangedRule:
    kind: ChangeKind
    rule: Rule
    is_here: bool
    """Whether the edition in force has it, so that there is a page of it."""


@dataclass(frozen=True)
class LastChange:
    """The edition in force, since when, and which rules it made decide otherwise."""

    now: InForce
    before: str | None
    rules: tuple[ChangedRule, ...]


# What the edition in force changed, reckoned once in a process.
_CHANGES: dict[tuple[str, str], tuple[ChangedRule, ...]] = {}


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
    """Show the rules of the edition in force, by topic, and what changed last."""
    service = hop.service_of(request)
    book = service.book
    scope = await reader_of(request)
    language = language_of(request, scope)
    wanted = _wanted(request, book)
    found = [rule for rule in book.rules if wanted.fits(rule, book, language)]
    if wants_csv(request):
        return csv_response([rule_document(one, language) for one in found], "rules")
    by_topic = [
        (topic, [rule for rule in found if rule.topic is topic]) for topic in Topic
    ]
    return page(
        request,
        "rules.html",
        scope=scope,
        book=book,
        found=found,
        wanted=wanted,
        by_topic=[(topic, some) for topic, some in by_topic if some],
        topics=_told(Topic, language),
        statuses=_told(Status, language),
        countries=_countries(book, language),
        last=await service.read(lambda session: last_change(session, service)),
    )


def _told(codes: type[StrEnum], language: str) -> list[tuple[str, str]]:
    return [(one.value, translate(word(one), language)) for one in codes]


def _countries(book: Book, language: str) -> list[tuple[str, str]]:
    named = ((code, country_name(code, language)) for code in book.countries)
    return sorted(named, key=lambda one: one[1])


def _wanted(request: Request, book: Book) -> Wanted:
    country = (words_chosen(request, "country") or "").upper() or None
    if country is not None and country not in book.countries:
        known = ", ".join(sorted(book.countries))
        raise FilterUnknown(filter="country", given=country[:40], choices=known)
    return Wanted(
        words=words_chosen(request, "q"),
        topic=chosen(request, "topic", Topic),
        status=chosen(request, "status", Status),
        country=country,
    )


def last_change(session: Session, service: Service) -> LastChange | None:
    """Return what changed when the edition in force came; None before the first."""
    published = queries.latest(session, rows=2)
    if not published:
        return None
    if len(published) == 1:
        return LastChange(published[0], None, ())
    now, before = published
    books = [service.shelf.book(session, one.sha256) for one in (before, now)]
    if books[0] is None or books[1] is None:
        return LastChange(now, None, ())
    key = (before.sha256, now.sha256)
    if key not in _CHANGES:
        _CHANGES.clear()
        _CHANGES[key] = tuple(
            ChangedRule(
                one.kind,
                books[1].rule_by_id.get(one.id) or books[0].rule_by_id[one.id],
                one.id in books[1].rule_by_id,
            )
            for one in compare(books[0], books[1]).rules
            if one.decides
        )
    return LastChange(now, before.edition, _CHANGES[key])


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
        countries=_countries(book, language),
    )


def _told_of(rule: Rule, book: Book, language: str) -> str:
    """Return what a search looks through: title, code, remedy and the law it cites."""
    law = (
        f"{one.instrument} {book.instruments[one.instrument].title.in_language(language)}"
        for one in rule.cites
    )
    texts = (
        rule.title.in_language(language),
        rule.id,
        rule.remedy.in_language(language),
    )
    return folded(" ".join([*texts, *law]))


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
            wording.PERSON[roster].in_language(language).format(place),
            lines(roster, dict(member.facts), dict(member.causes)),
        )
        for roster, members in answers.rosters.items()
        for place, member in enumerate(members or (), start=1)
    ]
    of_site = lines(None, dict(answers.facts), dict(answers.causes))
    return ToldExample(
        verdict=example.verdict,
        country=answers.country,
        day=answers.observed_on,
        lines=(*(((None, of_site),) if of_site else ()), *people),
    )
