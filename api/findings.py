"""Findings over HTTP: what asks for an answer at a site, and the steps that answer it."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, ProblemDocument, Wire
from compliance import clock, limits
from compliance.findings import actions, queries
from compliance.findings.lifecycle import EvidenceKind, Reason, State, Step
from compliance.findings.models import SourceKind
from compliance.findings.queries import FindingRecord, StepRecord
from compliance.idempotency import Answer
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.scorecards.actions import follow_findings
from compliance.texts import choose_language
from rules import Book, Severity, Topic

findings = feature_router("/v1/findings", "findings")

STEP_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "Not possible from here."},
}


class FindingWire(Wire):
    """What asks for an answer at a site; a red flag also has hours."""

    ref: str
    site: str
    site_name: str
    rule: str
    title: str
    topic: Topic
    severity: Severity
    is_red_flag: bool
    state: State
    observed_on: Day
    last_seen_on: Day
    raised_at: str
    due_on: Day
    is_past_due: bool
    acknowledge_by: str | None
    refer_by: str | None
    acknowledged_at: str | None
    plan_agreed_on: Day | None
    plan_due_on: Day | None
    closed_on: Day | None
    source_kind: SourceKind
    source: str
    relation: Relation


class FindingPage(Wire):
    items: list[FindingWire]
    next: str | None


class StepWire(Wire):
    """One step that a finding took."""

    step: Step
    state: State
    reason: Reason | None
    evidence_kind: EvidenceKind | None
    due_on: Day | None
    source: str | None
    actor: str
    taken_at: str


class FindingDetail(FindingWire):
    """A finding with its history and what you can do next."""

    steps: list[StepWire]
    possible_steps: list[Step]


class NewStep(Wire):
    """A step to be taken; what it needs beside its name depends on it."""

    step: Literal["accept", "dispute", "uphold", "withdraw", "agree_plan", "close"]
    reason: Annotated[
        Reason | None, Field(description="Needed to dispute and to withdraw.")
    ] = None
    evidence_kind: Annotated[
        EvidenceKind | None, Field(description="Needed to close.")
    ] = None
    due_on: Annotated[
        Day | None, Field(description="Needed to agree a plan: by when it is done.")
    ] = None


def finding_document(book: Book, found: FindingRecord, language: str) -> dict[str, Any]:
    """Return a finding as the API tells it."""
    rule = book.rule_by_id.get(found.rule)
    return {
        "ref": found.public_id,
        "site": found.site_public_id,
        "site_name": found.site_name,
        "rule": found.rule,
        "title": rule.title.in_language(language) if rule else found.rule,
        "topic": found.topic,
        "severity": found.severity,
        "is_red_flag": found.is_red_flag,
        "state": found.state,
        "observed_on": found.observed_on,
        "last_seen_on": found.last_seen_on,
        "raised_at": found.raised_at,
        "due_on": found.due_on,
        "is_past_due": found.is_past_due(clock.today()),
        "acknowledge_by": found.acknowledge_by,
        "refer_by": found.refer_by,
        "acknowledged_at": found.acknowledged_at,
        "plan_agreed_on": found.plan_agreed_on,
        "plan_due_on": found.plan_due_on,
        "closed_on": found.closed_on,
        "source_kind": found.source_kind,
        "source": found.source,
        "relation": found.relation,
    }


def step_document(taken: StepRecord) -> dict[str, Any]:
    """Return a step as the API tells it."""
    return {
        "step": taken.step,
        "state": taken.state,
        "reason": taken.reason,
        "evidence_kind": taken.evidence_kind,
        "due_on": taken.due_on,
        "source": taken.source,
        "actor": taken.actor,
        "taken_at": taken.taken_at,
    }


def detail_document(
    session: Session, scope: Scope, book: Book, ref: str, language: str
) -> dict[str, Any]:
    """Return a finding with its history and the caller's next steps."""
    found = queries.finding(session, scope, ref)
    steps = queries.steps_of(session, scope, ref)
    return {
        **finding_document(book, found, language),
        "steps": [step_document(taken) for taken in steps],
        "possible_steps": queries.possible_steps(found, scope),
    }


@findings.get("", responses={200: {"model": FindingPage}, **PROBLEMS})
async def list_findings(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    topic: Topic | None = None,
    severity: Severity | None = None,
    state: State | None = None,
    relation: Annotated[
        Literal["own", "operates"],
        Query(description="Of the sites in your register, or of those you operate."),
    ] = "own",
) -> Response:
    """List findings in the order in which they were raised."""
    book = hop.service_of(request).book
    language = choose_language(request.headers.get("accept-language"))
    page = await hop.read(
        request,
        lambda session, scope: queries.findings(
            session,
            scope,
            rows=rows,
            after=after,
            seen_as=Relation(relation),
            site=site,
            topic=topic,
            severity=severity,
            state=state,
        ),
    )
    documents = [finding_document(book, found, language) for found in page.rows]
    return page_response(request, documents, page.next_after)


@findings.get("/{ref}", responses={200: {"model": FindingDetail}, **ONE_PROBLEMS})
async def read_finding(request: Request, ref: str) -> Response:
    """Read one finding, its history, and what you can do next."""
    book = hop.service_of(request).book
    language = choose_language(request.headers.get("accept-language"))
    document = await hop.read(
        request,
        lambda session, scope: detail_document(session, scope, book, ref, language),
    )
    return hop.respond(hop.json_answer(200, document, content_language=language))


@findings.post(
    "/{ref}/steps",
    status_code=201,
    responses={201: {"model": FindingDetail}, **STEP_PROBLEMS},
)
async def take_step(request: Request, ref: str, body: NewStep) -> Response:
    """Answer a finding, decide on it, agree its plan, or close it."""
    book = hop.service_of(request).book
    language = choose_language(request.headers.get("accept-language"))

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.take_step(
            session,
            scope,
            ref,
            Step(body.step),
            reason=body.reason,
            evidence_kind=body.evidence_kind,
            due_on=body.due_on,
        )
        follow_findings(session, scope, found.site_id)
        document = detail_document(session, scope, book, ref, language)
        return hop.json_answer(
            201,
            document,
            content_language=language,
            location=f"/v1/findings/{ref}",
        )

    return await hop.write(request, work)
