"""Commitments over HTTP: what a buyer or exporter promised a supplier, and kept or not."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.lists import After, Rows, page_response
from api.money import Amount, Currency, Sha256
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, ProblemDocument, Wire
from compliance import clock, limits
from compliance.commitments import actions, queries
from compliance.commitments.actions import Promise
from compliance.commitments.lifecycle import (
    CommitmentKind,
    CommitmentProof,
    Side,
    State,
    Step,
)
from compliance.commitments.queries import CommitmentRecord, StepRecord
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.money import exponent_of
from compliance.sealing import Keyring

commitments = feature_router("/v1/commitments", "commitments")

STEP_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "Not possible from here."},
}
SIDES = {"made": Side.MAKER, "received": Side.SUPPLIER}
Reference = Annotated[
    str,
    StringConstraints(pattern=r"^(RF|CA)-[0-9]{2,6}$", strict=True),
    Field(description="As the scorecard has it.", examples=["RF-01"]),
]
Note = Annotated[
    str,
    StringConstraints(min_length=1, max_length=limits.NOTE_CHARACTERS, strict=True),
    Field(
        description="For the other side alone; it is sealed. Never name a worker or a "
        "child."
    ),
]


class CommitmentWire(Wire):
    """What was promised; the names are those of the day on which it was made."""

    id: str
    relation: Literal["made", "received"]
    maker: str
    maker_name: str
    keeper: str
    keeper_name: str
    site: str
    site_name: str
    kind: CommitmentKind
    amount: int | None
    currency: str | None
    currency_exponent: int | None
    basis_points: int | None
    days: int | None
    findings: list[str]
    due_on: Day
    state: State
    is_late: bool
    made_at: str


class CommitmentPage(Wire):
    items: list[CommitmentWire]
    next: str | None


class CommitmentStepWire(Wire):
    """One step; its note is opened for those who may answer commitments."""

    step: Step
    state: State
    side: Side
    proof: CommitmentProof | None
    evidence_sha256: str | None
    has_note: bool
    note: str | None
    actor: str
    taken_at: str


class CommitmentDetail(CommitmentWire):
    """A commitment with its history and what your side can do next."""

    steps: list[CommitmentStepWire]
    possible_steps: list[Step]


class NewCommitment(Wire):
    """A commitment to a site that you are shown; give one measure that fits its kind."""

    site: Annotated[str, Field(description="Public id of a site shown to you.")]
    kind: CommitmentKind
    amount: Amount | None = None
    currency: Currency | None = None
    basis_points: Annotated[
        int | None,
        Field(
            ge=1,
            le=limits.BASIS_POINTS,
            strict=True,
            description="Hundredths of a percent: of the price, of the cost, of the "
            "volume.",
        ),
    ] = None
    days: Annotated[int | None, Field(ge=1, le=limits.COMMITMENT_DAYS, strict=True)] = (
        None
    )
    due_on: Day
    findings: Annotated[
        list[Reference],
        Field(
            default_factory=list,
            max_length=limits.COMMITMENT_FINDINGS,
            description="Findings it helps with; left out where it is to the site.",
        ),
    ]

    def promise(self) -> Promise:
        return Promise(
            kind=self.kind,
            amount=self.amount,
            currency=self.currency,
            basis_points=self.basis_points,
            days=self.days,
        )


class NewCommitmentStep(Wire):
    """A step of your side; to report it kept, say how that is shown."""

    step: Literal[
        "accept",
        "decline",
        "withdraw",
        "begin",
        "report_kept",
        "confirm",
        "contest",
        "break",
    ]
    proof: CommitmentProof | None = None
    evidence_sha256: Sha256 | None = None
    note: Note | None = None


def commitment_document(found: CommitmentRecord) -> dict[str, Any]:
    """Return a commitment as the API tells it."""
    return {
        "id": found.public_id,
        "relation": "made" if found.side is Side.MAKER else "received",
        "maker": found.maker,
        "maker_name": found.maker_name,
        "keeper": found.keeper,
        "keeper_name": found.keeper_name,
        "site": found.site,
        "site_name": found.site_name,
        "kind": found.kind,
        "amount": found.amount,
        "currency": found.currency,
        "currency_exponent": exponent_of(found.currency),
        "basis_points": found.basis_points,
        "days": found.days,
        "findings": [f"RF-{number:02}" for number in found.findings],
        "due_on": found.due_on,
        "state": found.state,
        "is_late": found.is_late(clock.now()),
        "made_at": found.made_at,
    }


def step_document(taken: StepRecord) -> dict[str, Any]:
    """Return a step as the API tells it."""
    evidence = taken.evidence_sha256
    return {
        "step": taken.step,
        "state": taken.state,
        "side": taken.side,
        "proof": taken.proof,
        "evidence_sha256": None if evidence is None else evidence.hex(),
        "has_note": taken.has_note,
        "note": taken.note,
        "actor": taken.actor,
        "taken_at": taken.taken_at,
    }


def detail_document(
    session: Session, scope: Scope, keyring: Keyring, found: CommitmentRecord
) -> dict[str, Any]:
    """Return a commitment with its history and the caller's next steps."""
    steps = queries.steps_of(session, scope, keyring, found)
    return {
        **commitment_document(found),
        "steps": [step_document(taken) for taken in steps],
        "possible_steps": queries.possible_steps(found, scope),
    }


@commitments.get("", responses={200: {"model": CommitmentPage}, **PROBLEMS})
async def list_commitments(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    kind: CommitmentKind | None = None,
    state: State | None = None,
    late: Annotated[
        bool | None, Query(description="Only what is late, or only what is not.")
    ] = None,
    relation: Annotated[
        Literal["made", "received"] | None,
        Query(description="What you promised, or what was promised to your sites."),
    ] = None,
) -> Response:
    """List commitments, yours and those made to your sites, the oldest first."""
    page = await hop.read(
        request,
        lambda session, scope: queries.commitments(
            session,
            scope,
            rows=rows,
            after=after,
            side=SIDES[relation] if relation else None,
            late=late,
            site=site,
            kind=kind,
            state=state,
        ),
    )
    documents = [commitment_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@commitments.post(
    "", status_code=201, responses={201: {"model": CommitmentDetail}, **PROBLEMS}
)
async def make_commitment(request: Request, body: NewCommitment) -> Response:
    """Offer a commitment to a site that its supplier shows to you."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.make(
            session,
            scope,
            site=body.site,
            promise=body.promise(),
            due_on=body.due_on,
            on_findings=body.findings,
        )
        return _told(session, scope, keyring, found)

    return await hop.write(request, work)


@commitments.get(
    "/{commitment}", responses={200: {"model": CommitmentDetail}, **ONE_PROBLEMS}
)
async def read_commitment(request: Request, commitment: str) -> Response:
    """Read one commitment, its history, and what your side can do next."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        found = queries.commitment(session, scope, commitment)
        return detail_document(session, scope, keyring, found)

    return hop.respond(hop.json_answer(200, await hop.read(request, work)))


@commitments.post(
    "/{commitment}/steps",
    status_code=201,
    responses={201: {"model": CommitmentDetail}, **STEP_PROBLEMS},
)
async def take_commitment_step(
    request: Request, commitment: str, body: NewCommitmentStep
) -> Response:
    """Answer a commitment, begin it, report it kept, or say whether it was."""
    keyring, evidence = keyring_of(hop.service_of(request)), body.evidence_sha256

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.take_step(
            session,
            scope,
            keyring,
            commitment,
            Step(body.step),
            proof=body.proof,
            evidence_sha256=bytes.fromhex(evidence) if evidence else None,
            note=body.note,
        )
        return _told(session, scope, keyring, found)

    return await hop.write(request, work)


def _told(
    session: Session, scope: Scope, keyring: Keyring, found: CommitmentRecord
) -> Answer:
    document = detail_document(session, scope, keyring, found)
    location = f"/v1/commitments/{found.public_id}"
    return hop.json_answer(201, document, location=location)
