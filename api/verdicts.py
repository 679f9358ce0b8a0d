"""Verdicts over HTTP: what each rule said of a submission, and why, to the paragraph."""

from collections.abc import Iterable
from typing import Any

from fastapi import Request
from starlette.responses import Response

from api import hop
from api.languages import accepted_language
from api.routing import feature_router
from api.wire import Day, ProblemDocument, Wire
from audits.assessments import queries
from compliance.verdicts.queries import VerdictRecord
from rules import Book, Citation, Grounds, Outcome, Severity, Topic

verdicts = feature_router("/v1/submissions", "verdicts")

PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "No valid credential."},
    403: {"model": ProblemDocument, "description": "The role does not allow it."},
    404: {"model": ProblemDocument, "description": "Not found, or not yours."},
    422: {"model": ProblemDocument, "description": "The request cannot be used."},
}
EXPLAIN_PROBLEMS = {
    **PROBLEMS,
    409: {"model": ProblemDocument, "description": "Its edition is not at hand."},
}


class VerdictWire(Wire):
    """What one rule said; severity is what it weighs on these grounds."""

    rule: str
    topic: Topic
    title: str
    outcome: Outcome
    severity: Severity
    grounds: Grounds
    shadow: bool
    sentences: list[str]


class VerdictList(Wire):
    submission: str
    edition: str
    rulebook_sha256: str
    observed_on: Day
    decided_at: str
    verdicts: list[VerdictWire]


class CitationWire(Wire):
    """An article, and what its instrument is called."""

    instrument: str
    title: str
    article: str


class ExplanationWire(VerdictWire):
    """A verdict with the trace it came from, for programs, and in sentences."""

    submission: str
    edition: str
    rulebook_sha256: str
    observed_on: Day
    decided_at: str
    logic_hash: str
    remedy: str
    citations: list[CitationWire]
    trace: dict[str, Any]


def verdict_document(
    book: Book, verdict: VerdictRecord, sentences: tuple[str, ...], language: str
) -> dict[str, Any]:
    """Return a verdict as the API tells it."""
    rule = book.rule_by_id.get(verdict.rule)
    return {
        "rule": verdict.rule,
        "topic": verdict.topic,
        "title": rule.title.in_language(language) if rule else verdict.rule,
        "outcome": verdict.outcome,
        "severity": verdict.severity,
        "grounds": verdict.grounds,
        "shadow": verdict.is_shadow,
        "sentences": sentences,
    }


def edition_document(submission: str, verdict: VerdictRecord) -> dict[str, Any]:
    """Return by which edition, on which day, a submission was judged."""
    return {
        "submission": submission,
        "edition": verdict.edition,
        "rulebook_sha256": verdict.book_sha256,
        "observed_on": verdict.observed_on,
        "decided_at": verdict.decided_at,
    }


def citation_documents(
    book: Book, cites: Iterable[Citation], language: str
) -> list[dict[str, str]]:
    """Return citations with the names of their instruments."""
    return [
        {
            "instrument": one.instrument,
            "title": book.instruments[one.instrument].title.in_language(language),
            "article": one.article,
        }
        for one in cites
    ]


@verdicts.get(
    "/{submission}/verdicts", responses={200: {"model": VerdictList}, **PROBLEMS}
)
async def list_verdicts(request: Request, submission: str) -> Response:
    """List what every rule said of a submission, with its reasons in your language."""
    shelf = hop.service_of(request).shelf
    language = accepted_language(request)
    told = await hop.read(
        request,
        lambda session, scope: queries.told_verdicts(
            session, scope, shelf, submission, language=language
        ),
    )
    document = {
        **edition_document(submission, told[0].verdict),
        "verdicts": [
            verdict_document(one.book, one.verdict, one.sentences, language)
            for one in told
        ],
    }
    return hop.respond(hop.json_answer(200, document, content_language=language))


@verdicts.get(
    "/{submission}/verdicts/{rule}",
    responses={200: {"model": ExplanationWire}, **EXPLAIN_PROBLEMS},
)
async def explain_verdict(request: Request, submission: str, rule: str) -> Response:
    """Follow one verdict to the answers, the legal values and the paragraphs."""
    shelf = hop.service_of(request).shelf
    language = accepted_language(request)
    found = await hop.read(
        request,
        lambda session, scope: queries.explain_verdict(
            session, scope, shelf, submission, rule, language=language
        ),
    )
    document = {
        **edition_document(submission, found.verdict),
        **verdict_document(found.book, found.verdict, found.sentences, language),
        "logic_hash": found.verdict.logic_hash,
        "remedy": found.book.rule_by_id[rule].remedy.in_language(language),
        "citations": citation_documents(found.book, found.trace.cites, language),
        "trace": found.trace.as_json(),
    }
    return hop.respond(hop.json_answer(200, document, content_language=language))
