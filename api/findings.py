"""Findings over HTTP: what asks for an answer at a site, and the steps that answer it."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.finding_explanations import explanation
from api.intake import keyring_of
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.service import Service
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, ProblemDocument, Wire
from compliance import clock, limits
from compliance.clocks.models import LateBecause
from compliance.corrective_actions import closing
from compliance.findings import actions, queries
from compliance.findings.actions import StepIncomplete, Words
from compliance.findings.cases import CaseWord, case_of
from compliance.findings.lifecycle import EvidenceKind, Reason, State, Step
from compliance.findings.models import SourceKind
from compliance.findings.queries import FindingRecord, StepRecord
from compliance.findings.standing import Basis, Body, Standing
from compliance.findings.statements import (
    Stated,
    Written,
    confirmations_of,
    statements_of,
)
from compliance.idempotency import Answer
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.scorecards.suspending import follow_findings
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
    standing: Annotated[
        Standing | None,
        Field(description="How sure it is, of child labour and forced labour."),
    ]
    late_because: Annotated[
        LateBecause | None,
        Field(description="Why the first hours were over when it was raised."),
    ]
    came_back: Annotated[
        int, Field(description="How often it was found again after it was closed.")
    ]
    open_actions: Annotated[
        int, Field(description="Corrective actions neither verified nor cancelled.")
    ]
    verified_actions: int


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


class ExplanationOfFinding(Wire):
    """Why it stands: what the visit found, or the rule and its law alone."""

    tells_of: Literal["visit", "rule"]
    sentences: list[str]
    remedy: str | None


class FindingDetail(FindingWire):
    """A finding with its history, why it stands, and what you can do next."""

    steps: list[StepWire]
    possible_steps: list[Step]
    explanation: ExplanationOfFinding
    case_status: Annotated[
        CaseWord | None,
        Field(
            description="How far a protected case is; not told to who runs the site."
        ),
    ]
    case_reference: Annotated[
        str | None,
        Field(description="The opaque reference of it, for those who may open one."),
    ]


class StatementWire(Wire):
    """What somebody wrote about a step of a finding."""

    step: Step
    text: str
    actor: str
    written_at: str


class ConfirmationWire(Wire):
    """On what a person confirmed a finding; the number only for who decides."""

    basis: Basis
    body: Body | None
    body_reference: str | None
    stated_on: Day | None
    file_sha256: str | None
    actor: str
    confirmed_at: str


class StatementList(Wire):
    items: list[StatementWire]
    confirmations: list[ConfirmationWire]


Text = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=limits.STATEMENT_CHARACTERS, strict=True
    ),
]


class NewStep(Wire):
    """A step to be taken; what it needs beside its name depends on it."""

    step: Literal["accept", "dispute", "uphold", "withdraw", "confirm", "close"]
    reason: Annotated[
        Reason | None,
        Field(
            description="Needed to dispute and to withdraw; to close only where nothing "
            "was to be corrected any more."
        ),
    ] = None
    evidence_kind: Annotated[
        EvidenceKind | None, Field(description="Needed to close.")
    ] = None
    statement: Annotated[
        Text | None,
        Field(
            description="To dispute, uphold or withdraw: what you have to say. It is "
            "sealed, and read by both sides on purpose only. Never name a worker or a "
            "child."
        ),
    ] = None
    standing: Annotated[
        Standing | None,
        Field(description="To uphold: how sure it is after all; never surer."),
    ] = None
    basis: Annotated[
        Basis | None,
        Field(
            description="Needed to confirm. Forced labour is confirmed by a competent "
            "body alone."
        ),
    ] = None
    body: Annotated[
        Body | None, Field(description="To confirm by it: what kind of body stated it.")
    ] = None
    body_reference: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=200, strict=True)]
        | None,
        Field(description="The number of its statement. It is sealed."),
    ] = None
    stated_on: Annotated[Day | None, Field(description="The day of its statement.")] = (
        None
    )
    file_sha256: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", strict=True)]
        | None,
        Field(description="The SHA-256 of the document, wherever you keep it."),
    ] = None

    def words(self, service: Service) -> Words:
        """Return what is said with the step; raise StepIncomplete for half a body."""
        keyring = keyring_of(service)
        statement = None
        if self.statement is not None:
            statement = Written(self.statement, keyring)
        return Words(
            reason=self.reason,
            evidence_kind=self.evidence_kind,
            statement=statement,
            standing=self.standing,
            basis=self.basis,
            stated=self._stated(service),
        )

    def _stated(self, service: Service) -> Stated | None:
        told = (self.body, self.body_reference, self.stated_on)
        if told == (None, None, None) and self.file_sha256 is None:
            return None
        if self.body is None:
            raise StepIncomplete(step=self.step, field="body", remedy=", ".join(Body))
        if self.body_reference is None:
            raise StepIncomplete(step=self.step, field="body_reference", remedy="…")
        if self.stated_on is None:
            raise StepIncomplete(step=self.step, field="stated_on", remedy="YYYY-MM-DD")
        reference = Written(self.body_reference, keyring_of(service))
        return Stated(self.body, reference, self.stated_on, self.file_sha256)


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
        "standing": found.standing,
        "late_because": found.late_because,
        "came_back": found.came_back,
        "open_actions": found.open_actions,
        "verified_actions": found.verified_actions,
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
    session: Session, scope: Scope, service: Service, ref: str, language: str
) -> dict[str, Any]:
    """Return a finding with its history, why it stands, and the caller's next steps."""
    found = queries.finding(session, scope, ref)
    steps = queries.steps_of(session, scope, ref)
    why = explanation(session, scope, service, found, steps, language)
    case = case_of(session, scope, found.id, found.owner_id)
    return {
        **finding_document(service.book, found, language),
        "steps": [step_document(taken) for taken in steps],
        "possible_steps": queries.possible_steps(found, scope),
        "explanation": {
            "tells_of": why.tells_of,
            "sentences": why.sentences,
            "remedy": why.remedy,
        },
        "case_status": case and case.word,
        "case_reference": case and case.reference,
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
    standing: Standing | None = None,
    relation: Annotated[
        Literal["own", "operates"],
        Query(description="Of the sites in your register, or of those you operate."),
    ] = "own",
) -> Response:
    """List findings in the order in which they were raised."""
    book = hop.service_of(request).book
    language = accepted_language(request)
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
            standing=standing,
        ),
    )
    documents = [finding_document(book, found, language) for found in page.rows]
    return page_response(request, documents, page.next_after)


@findings.get("/{ref}", responses={200: {"model": FindingDetail}, **ONE_PROBLEMS})
async def read_finding(request: Request, ref: str) -> Response:
    """Read one finding, why it stands, its history, and what you can do next."""
    service = hop.service_of(request)
    language = accepted_language(request)
    document = await hop.read(
        request,
        lambda session, scope: detail_document(session, scope, service, ref, language),
    )
    return hop.respond(hop.json_answer(200, document, content_language=language))


@findings.post(
    "/{ref}/steps",
    status_code=201,
    responses={201: {"model": FindingDetail}, **STEP_PROBLEMS},
)
async def take_step(request: Request, ref: str, body: NewStep) -> Response:
    """Answer a finding, decide on it, confirm it, or close it."""
    service = hop.service_of(request)
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        step, words = Step(body.step), body.words(service)
        found = (
            closing.close(session, scope, ref, words)
            if step is Step.CLOSE
            else actions.take_step(session, scope, ref, step, words)
        )
        follow_findings(session, scope, found.site_id)
        document = detail_document(session, scope, service, ref, language)
        return hop.json_answer(
            201,
            document,
            content_language=language,
            location=f"/v1/findings/{ref}",
        )

    return await hop.write(request, work)


@findings.get(
    "/{ref}/statements", responses={200: {"model": StatementList}, **ONE_PROBLEMS}
)
async def read_statements(request: Request, ref: str) -> Response:
    """Read what both sides wrote about a finding, and on what it was confirmed."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        return {
            "items": [
                {
                    "step": one.step,
                    "text": one.text,
                    "actor": one.actor,
                    "written_at": one.written_at,
                }
                for one in statements_of(session, scope, keyring, ref)
            ],
            "confirmations": [
                {
                    "basis": one.basis,
                    "body": one.body,
                    "body_reference": one.reference,
                    "stated_on": one.stated_on,
                    "file_sha256": one.file_sha256,
                    "actor": one.actor,
                    "confirmed_at": one.confirmed_at,
                }
                for one in confirmations_of(session, scope, keyring, ref)
            ],
        }

    document = await hop.read(request, work)
    return hop.respond(hop.json_answer(200, document, cache_control="no-store"))
