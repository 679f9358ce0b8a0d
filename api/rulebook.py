"""The rule book over HTTP: its rules, their citations, and the legal values they read."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from starlette.responses import Response

from api import hop
from api.languages import accepted_language
from api.routing import feature_router
from api.verdicts import CitationWire, citation_documents
from api.wire import Country, Day, ProblemDocument, Wire
from compliance import clock
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import (
    Book,
    Confidence,
    LegalValue,
    ParameterDefinition,
    Rule,
    Severity,
    Status,
    Topic,
)
from rules.expressions import Parameter
from rules.hashes import reached
from rules.parameters import EVERYWHERE
from rules.printing import print_condition

rulebook = feature_router("/v1/rules", "rules")
Language = Literal["en", "es"]


class RuleNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such rule")
    detail = N_(
        "The edition {edition} has no rule {rule}. GET /v1/rules lists those it has."
    )


class RuleWire(Wire):
    """A rule in short."""

    id: str
    topic: Topic
    title: str
    severity: Severity
    status: Status


class RuleList(Wire):
    edition: str
    rulebook_sha256: str
    valid_until: Day | None
    items: list[RuleWire]
    next: str | None


class LegalValueWire(Wire):
    """A value of the law with the days it holds on, and how surely it is known."""

    country: str
    sector: str
    value: int | bool
    age_from: int | None
    age_below: int | None
    valid_from: Day | None
    valid_before: Day | None
    cites: str
    sources: list[str]
    confidence: Confidence


class ParameterWire(Wire):
    """A legal parameter; without a country the values of all are told."""

    name: str
    title: str
    unit: str | None
    values: list[LegalValueWire]


class RuleDetail(RuleWire):
    """A rule as a lawyer would review it."""

    edition: str
    rulebook_sha256: str
    logic_hash: str
    in_force_from: Day
    in_force_before: Day | None
    countries: list[str]
    commodities: list[str]
    site_kinds: list[str]
    applies_when: str | None
    flag_when: str
    remedy: str
    note: str | None
    citations: list[CitationWire]
    parameters: list[ParameterWire]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "No valid credential."},
    422: {"model": ProblemDocument, "description": "The request cannot be used."},
}


def rule_document(rule: Rule, language: str) -> dict[str, Any]:
    """Return a rule in short, as lists tell it."""
    return {
        "id": rule.id,
        "topic": rule.topic,
        "title": rule.title.in_language(language),
        "severity": rule.severity,
        "status": rule.status,
    }


def parameters_of(rule: Rule, book: Book) -> list[str]:
    """Return the names of the legal parameters a rule can read."""
    nodes = reached(rule, book)
    return sorted({node.name for node in nodes if isinstance(node, Parameter)})


def parameter_document(
    parameter: ParameterDefinition, language: str, country: str | None, day: date
) -> dict[str, Any]:
    """Return a parameter with the values that hold on a day."""
    rows = [row for row in parameter.values if row.holds_on(day)]
    return {
        "name": parameter.name,
        "title": parameter.title.in_language(language),
        "unit": parameter.unit.name if parameter.unit else None,
        "values": [_value_document(row) for row in _of_country(rows, country)],
    }


def _of_country(
    rows: Iterable[LegalValue], country: str | None
) -> Iterable[LegalValue]:
    """Return a country's own rows, or the international ones where it has none."""
    kept = list(rows)
    if country is None:
        return kept
    own = [row for row in kept if row.country == country]
    return own or [row for row in kept if row.country == EVERYWHERE]


def _value_document(row: LegalValue) -> dict[str, Any]:
    return {
        "country": row.country,
        "sector": row.sector,
        "value": row.value,
        "age_from": row.age_from,
        "age_below": row.age_below,
        "valid_from": row.start,
        "valid_before": row.end,
        "cites": row.cites,
        "sources": row.sources,
        "confidence": row.confidence,
    }


@rulebook.get("", responses={200: {"model": RuleList}, **PROBLEMS})
async def list_rules(
    request: Request, topic: Topic | None = None, language: Language | None = None
) -> Response:
    """List the rules of the book in its order."""
    book = await _book(request)
    chosen = language or accepted_language(request)
    document = {
        "edition": book.edition,
        "rulebook_sha256": book.sha256,
        "valid_until": book.valid_until,
        "items": [
            rule_document(rule, chosen)
            for rule in book.rules
            if topic in {None, rule.topic}
        ],
        "next": None,
    }
    return hop.respond(hop.json_answer(200, document, content_language=chosen))


@rulebook.get(
    "/{rule}",
    responses={
        200: {"model": RuleDetail},
        **PROBLEMS,
        404: {"model": ProblemDocument, "description": "The book has no such rule."},
    },
)
async def read_rule(
    request: Request,
    rule: str,
    language: Language | None = None,
    country: Country | None = None,
    day: Annotated[
        Day | None, Query(description="The day of the law; today unless it is given.")
    ] = None,
) -> Response:
    """Read a rule: its logic, what it cites, and the law it reads in a country."""
    book = await _book(request)
    found = book.rule_by_id.get(rule)
    if found is None:
        raise RuleNotFound(rule=rule, edition=book.edition)
    chosen = language or accepted_language(request)
    document = {
        **rule_document(found, chosen),
        "edition": book.edition,
        "rulebook_sha256": book.sha256,
        "logic_hash": found.logic_hash,
        "in_force_from": found.in_force.start,
        "in_force_before": found.in_force.end,
        "countries": sorted(found.scopes.countries),
        "commodities": sorted(found.scopes.commodities),
        "site_kinds": sorted(found.scopes.site_kinds),
        "applies_when": print_condition(found.applies_when)
        if found.applies_when is not None
        else None,
        "flag_when": print_condition(found.flag_when),
        "remedy": found.remedy.in_language(chosen),
        "note": found.note.in_language(chosen) if found.note else None,
        "citations": citation_documents(book, found.cites, chosen),
        "parameters": [
            parameter_document(
                book.parameters[name], chosen, country, day or clock.today()
            )
            for name in parameters_of(found, book)
        ],
    }
    return hop.respond(hop.json_answer(200, document, content_language=chosen))


async def _book(request: Request) -> Book:
    """Return the book at hand to whoever has a credential."""
    return await hop.read(
        request, lambda _session, _scope: hop.service_of(request).book
    )
