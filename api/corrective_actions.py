"""Corrective actions over HTTP: proposed and done by the site, agreed and verified by
somebody independent."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from api import hop
from api.intake import keyring_of
from api.lists import After, Rows, page_response
from api.receiving import Received, received_body
from api.routing import feature_router
from api.stored import as_attachment
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, ProblemDocument, Wire
from audits.submissions.sniffing import sniffed_type
from compliance import clock, limits
from compliance.corrective_actions import actions, extensions, proofs, queries
from compliance.corrective_actions.actions import Proposal, Words
from compliance.corrective_actions.codes import (
    ActionCode,
    ExtensionReason,
    OwnerRole,
    ProofKind,
    RootCause,
    StepReason,
    TextKind,
)
from compliance.corrective_actions.lifecycle import State, Step
from compliance.corrective_actions.proofs import ArrivedProof
from compliance.corrective_actions.queries import (
    ActionRecord,
    ExtensionRecord,
    ProofRecord,
    StepRecord,
)
from compliance.corrective_actions.texts import texts_of
from compliance.findings.lifecycle import EvidenceKind
from compliance.idempotency import Answer
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.scorecards.suspending import follow_findings

PATH = "/v1/corrective-actions"
SNIFFED_BYTES = 512

corrective_actions = feature_router(PATH, "corrective actions")
of_findings = feature_router("/v1/findings", "corrective actions")

STEP_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "Not possible from here."},
}
PROOF_PROBLEMS = {
    **STEP_PROBLEMS,
    413: {"model": ProblemDocument, "description": "The file is too large."},
    415: {"model": ProblemDocument, "description": "The file is of another kind."},
}
NEVER_NAME = "It is sealed, and read on purpose only. Never name a worker or a child."
Text = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=limits.STATEMENT_CHARACTERS, strict=True
    ),
]


class ActionWire(Wire):
    """What a site does about the cause of a finding, by when, and how far it is."""

    id: str
    finding: str
    site: str
    site_name: str
    number: int
    round: Annotated[
        int, Field(description="1, and one more each time the finding came back.")
    ]
    is_of_this_round: bool
    root_cause: RootCause
    action: ActionCode
    owner_role: OwnerRole
    state: State
    due_on: Day
    first_due_on: Day
    is_late: bool
    extended: Annotated[int, Field(description="How often more time was granted.")]
    proposed_at: str
    agreed_on: Day | None
    reported_on: Day | None
    ended_on: Day | None
    relation: Relation


class ActionPage(Wire):
    items: list[ActionWire]
    next: str | None


class ActionStepWire(Wire):
    """One step that a corrective action took."""

    step: Step
    state: State
    reason: StepReason | None
    evidence_kind: EvidenceKind | None
    due_on: Day | None
    actor: str
    taken_at: str


class ExtensionWire(Wire):
    """More time that was asked for, and what was answered."""

    id: str
    reason: ExtensionReason
    due_before: Day
    until: Day
    state: Literal["asked", "granted", "refused", "lapsed"]
    asked_by: str
    asked_at: str
    decided_by: str | None
    decided_at: str | None


class ProofWire(Wire):
    """A file that shows what was done; its content is sealed."""

    id: str
    kind: ProofKind
    sha256: str
    size: int
    media_type: str
    added_by: str
    added_at: str


class ActionDetail(ActionWire):
    """A corrective action with all that hangs on it, and what you can do next."""

    steps: list[ActionStepWire]
    extensions: list[ExtensionWire]
    evidence: list[ProofWire]
    possible_steps: list[Step]


class TextWire(Wire):
    """What somebody wrote at a step of a corrective action."""

    kind: TextKind
    step: Step
    text: str
    actor: str
    written_at: str


class TextList(Wire):
    items: list[TextWire]


class NewAction(Wire):
    """A corrective action as a site proposes it: codes, and own words beside them."""

    root_cause: Annotated[RootCause, Field(description="Why it happened.")]
    action: Annotated[ActionCode, Field(description="What is done about it.")]
    owner_role: Annotated[
        OwnerRole, Field(description="Who at the site sees to it; a role, no name.")
    ]
    due_on: Annotated[
        Day,
        Field(description="By when; not after the finding's own day without a reason."),
    ]
    extension_reason: Annotated[
        ExtensionReason | None,
        Field(
            description="Why it takes longer than the finding has; it is decided on."
        ),
    ] = None
    root_cause_text: Annotated[Text | None, Field(description=NEVER_NAME)] = None
    action_text: Annotated[Text | None, Field(description=NEVER_NAME)] = None

    def proposal(self) -> Proposal:
        texts = {
            TextKind.ROOT_CAUSE: self.root_cause_text,
            TextKind.ACTION: self.action_text,
        }
        return Proposal(
            root_cause=self.root_cause,
            action=self.action,
            owner_role=self.owner_role,
            due_on=self.due_on,
            extension_reason=self.extension_reason,
            texts={kind: text for kind, text in texts.items() if text is not None},
        )


class NewActionStep(Wire):
    """A step to be taken; what it needs beside its name depends on it."""

    step: Literal[
        "propose_again",
        "agree",
        "send_back",
        "start",
        "report_done",
        "verify",
        "find_ineffective",
        "cancel",
    ]
    reason: Annotated[
        StepReason | None,
        Field(description="Needed to send back, to find ineffective and to cancel."),
    ] = None
    evidence_kind: Annotated[
        EvidenceKind | None,
        Field(description="Needed to verify and to find ineffective: how you looked."),
    ] = None
    remark: Annotated[Text | None, Field(description=NEVER_NAME)] = None
    proposal: Annotated[
        NewAction | None, Field(description="Needed to propose again, and only then.")
    ] = None


class NewExtension(Wire):
    """A request for more time."""

    reason: ExtensionReason
    until: Annotated[Day, Field(description="The day it would be done.")]


class ExtensionDecision(Wire):
    decision: Literal["grant", "refuse"]


def action_document(found: ActionRecord) -> dict[str, Any]:
    """Return a corrective action as the API tells it."""
    return {
        "id": found.public_id,
        "finding": found.finding,
        "site": found.site_public_id,
        "site_name": found.site_name,
        "number": found.number,
        "round": found.round,
        "is_of_this_round": found.is_of_this_round,
        "root_cause": found.root_cause,
        "action": found.action,
        "owner_role": found.owner_role,
        "state": found.state,
        "due_on": found.due_on,
        "first_due_on": found.first_due_on,
        "is_late": found.is_late(clock.today()),
        "extended": found.extended,
        "proposed_at": found.proposed_at,
        "agreed_on": found.agreed_on,
        "reported_on": found.reported_on,
        "ended_on": found.ended_on,
        "relation": found.relation,
    }


def _step_document(taken: StepRecord) -> dict[str, Any]:
    return {
        "step": taken.step,
        "state": taken.state,
        "reason": taken.reason,
        "evidence_kind": taken.evidence_kind,
        "due_on": taken.due_on,
        "actor": taken.actor,
        "taken_at": taken.taken_at,
    }


def _extension_document(one: ExtensionRecord) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "reason": one.reason,
        "due_before": one.due_before,
        "until": one.until,
        "state": one.state,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
    }


def _proof_document(one: ProofRecord) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "kind": one.kind,
        "sha256": one.sha256,
        "size": one.size,
        "media_type": one.media_type,
        "added_by": one.added_by,
        "added_at": one.added_at,
    }


def detail_document(
    session: Session, scope: Scope, found: ActionRecord
) -> dict[str, Any]:
    """Return a corrective action with all that hangs on it."""
    return {
        **action_document(found),
        "steps": [
            _step_document(one) for one in queries.steps_of(session, scope, found)
        ],
        "extensions": [
            _extension_document(one)
            for one in queries.extensions_of(session, scope, found)
        ],
        "evidence": [
            _proof_document(one) for one in queries.proofs_of(session, scope, found)
        ],
        "possible_steps": queries.possible_steps(found, scope),
    }


def _done(session: Session, scope: Scope, found: ActionRecord) -> Answer:
    """Let the site's card follow, and answer with the action as it now is."""
    follow_findings(session, scope, found.site_id)
    return hop.json_answer(
        201,
        detail_document(session, scope, found),
        location=f"{PATH}/{found.public_id}",
    )


@of_findings.post(
    "/{ref}/corrective-actions",
    status_code=201,
    responses={201: {"model": ActionDetail}, **STEP_PROBLEMS},
)
async def propose_action(request: Request, ref: str, body: NewAction) -> Response:
    """Propose what the site does about the cause of an accepted finding."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.propose(session, scope, keyring, ref, body.proposal())
        return _done(session, scope, found)

    return await hop.write(request, work)


@corrective_actions.get("", responses={200: {"model": ActionPage}, **PROBLEMS})
async def list_actions(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    finding: Annotated[str | None, Query(description="Reference of a finding.")] = None,
    state: State | None = None,
    owner_role: OwnerRole | None = None,
    due_before: Annotated[
        Day | None, Query(description="Those due before this day.")
    ] = None,
    late: Annotated[
        bool | None,
        Query(description="Those still to be done after their day, or all others."),
    ] = None,
    relation: Annotated[
        Literal["own", "operates"],
        Query(description="Of the sites in your register, or of those you operate."),
    ] = "own",
) -> Response:
    """List corrective actions in the order in which they were proposed."""
    page = await hop.read(
        request,
        lambda session, scope: queries.corrective_actions(
            session,
            scope,
            rows=rows,
            after=after,
            seen_as=Relation(relation),
            is_late=late,
            due_before=due_before,
            site=site,
            finding=finding,
            state=state,
            owner_role=owner_role,
        ),
    )
    documents = [action_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@corrective_actions.get(
    "/{action}", responses={200: {"model": ActionDetail}, **ONE_PROBLEMS}
)
async def read_action(request: Request, action: str) -> Response:
    """Read one corrective action with its steps, extensions and evidence."""
    document = await hop.read(
        request,
        lambda session, scope: detail_document(
            session, scope, queries.corrective_action(session, scope, action)
        ),
    )
    return hop.respond(hop.json_answer(200, document))


@corrective_actions.get(
    "/{action}/statements", responses={200: {"model": TextList}, **ONE_PROBLEMS}
)
async def read_texts(request: Request, action: str) -> Response:
    """Read what was written about a corrective action, in whose own words."""
    keyring = keyring_of(hop.service_of(request))
    found = await hop.read(
        request, lambda session, scope: texts_of(session, scope, keyring, action)
    )
    items = [
        {
            "kind": one.kind,
            "step": one.step,
            "text": one.text,
            "actor": one.actor,
            "written_at": one.written_at,
        }
        for one in found
    ]
    return hop.respond(hop.json_answer(200, {"items": items}, cache_control="no-store"))


@corrective_actions.post(
    "/{action}/steps",
    status_code=201,
    responses={201: {"model": ActionDetail}, **STEP_PROBLEMS},
)
async def take_action_step(
    request: Request, action: str, body: NewActionStep
) -> Response:
    """Do and report a corrective action, or agree to it and verify it."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.take_step(
            session,
            scope,
            keyring,
            action,
            Step(body.step),
            Words(body.reason, body.evidence_kind, body.remark),
            proposal=body.proposal.proposal() if body.proposal else None,
        )
        return _done(session, scope, found)

    return await hop.write(request, work)


@corrective_actions.post(
    "/{action}/extensions",
    status_code=201,
    responses={201: {"model": ActionDetail}, **STEP_PROBLEMS},
)
async def ask_for_extension(
    request: Request, action: str, body: NewExtension
) -> Response:
    """Ask for more time."""

    def work(session: Session, scope: Scope) -> Answer:
        found = extensions.ask(
            session, scope, action, reason=body.reason, until=body.until
        )
        return _done(session, scope, found)

    return await hop.write(request, work)


@corrective_actions.post(
    "/{action}/extensions/{extension}/decision",
    status_code=201,
    responses={201: {"model": ActionDetail}, **STEP_PROBLEMS},
)
async def decide_extension(
    request: Request, action: str, extension: str, body: ExtensionDecision
) -> Response:
    """Grant or refuse more time."""

    def work(session: Session, scope: Scope) -> Answer:
        grant = body.decision == "grant"
        found = extensions.decide(session, scope, action, extension, grant=grant)
        return _done(session, scope, found)

    return await hop.write(request, work)


@corrective_actions.post(
    "/{action}/evidence",
    status_code=201,
    responses={201: {"model": ProofWire}, **PROOF_PROBLEMS},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"}
                }
            },
        }
    },
)
async def add_evidence(
    request: Request,
    action: str,
    kind: Annotated[ProofKind, Query(description="What the file shows.")],
) -> Response:
    """Send a picture or a PDF that shows what was done, as the body of the request.

    It is sealed as it came. Never send a picture of a person.
    """
    service = hop.service_of(request)
    keyring = keyring_of(service)
    async with received_body(request, service.files.incoming()) as received:
        arrived = _arrived(received)

        def work(session: Session, scope: Scope) -> Answer:
            proof = proofs.add_proof(
                session,
                scope,
                keyring,
                service.files,
                action,
                kind=kind,
                arrived=arrived,
            )
            return hop.json_answer(
                201,
                _proof_document(proof),
                location=f"{PATH}/{action}/evidence/{proof.public_id}",
            )

        body = f"{kind} {arrived.sha256}".encode()
        return await hop.write(request, work, body=body)


def _arrived(received: Received) -> ArrivedProof:
    with received.path.open("rb") as file:
        media_type = sniffed_type(file.read(SNIFFED_BYTES))
    return ArrivedProof(received.path, received.sha256, received.size, media_type)


@corrective_actions.get(
    "/{action}/evidence/{proof}",
    responses={
        200: {
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"}
                }
            }
        },
        **ONE_PROBLEMS,
    },
)
async def read_evidence(request: Request, action: str, proof: str) -> Response:
    """Fetch a copy of a file; it is saved, never shown."""
    service = hop.service_of(request)
    found, pieces = await hop.read(
        request,
        lambda session, scope: proofs.proof_pieces(
            session, scope, keyring_of(service), service.files, action, proof
        ),
    )
    ending = found.media_type.rpartition("/")[2]
    return StreamingResponse(
        pieces,
        media_type=found.media_type,
        headers={
            "Content-Disposition": as_attachment(f"{found.public_id}.{ending}"),
            "Content-Length": str(found.size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
