"""The remedy ledger over HTTP: what people are owed, as numbers and never names."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.remedies_wire import (
    Adjustment,
    NewProof,
    NewRemedy,
    Payment,
    Reckoning,
    RemedyDetail,
    RemedyPage,
    SummaryWire,
    Verification,
    cell_document,
    detail_document,
    money_of,
    numbers_document,
    remedy_document,
)
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.remedies import actions, queries
from compliance.remedies.balance import Standing
from compliance.remedies.models import RemedyKind
from compliance.remedies.policy import REMEDIES, deducted_too_much, largest_instalment
from compliance.remedies.queries import RemedyRecord

remedies = feature_router("/v1/remedies", "remedies")

ENTRY_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "The ledger forbids it."},
}
Whose = Annotated[
    Literal["own", "operates"],
    Query(description="Of the sites in your register, or of those you operate."),
]


@remedies.get("", responses={200: {"model": RemedyPage}, **PROBLEMS})
async def list_remedies(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    finding: Annotated[str | None, Query(description="Reference of one.")] = None,
    kind: RemedyKind | None = None,
    standing: Standing | None = None,
    currency: Annotated[str | None, Query(description="ISO 4217 code.")] = None,
    late: Annotated[
        bool | None, Query(description="Only what is late, or only what is not.")
    ] = None,
    relation: Whose = "own",
) -> Response:
    """List remedies, exact numbers for those who pay, in the order of their entering."""
    page = await hop.read(
        request,
        lambda session, scope: queries.remedies(
            session,
            scope,
            rows=rows,
            after=after,
            seen_as=Relation(relation),
            late=late,
            site=site,
            finding=finding,
            kind=kind,
            standing=standing,
            currency=currency,
        ),
    )
    documents = [remedy_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@remedies.post(
    "",
    status_code=201,
    responses={201: {"model": RemedyDetail}, **ENTRY_PROBLEMS},
)
async def enter_remedy(request: Request, body: NewRemedy) -> Response:
    """Enter what people are owed because of a finding; its clock starts."""

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.enter(
            session,
            scope,
            finding_ref=body.finding,
            kind=body.kind,
            people=body.people,
            money=money_of(body.money),
            period_from=body.period_from,
            period_to=body.period_to,
            due_on=body.due_on,
        )
        return _entered(found)

    return await hop.write(request, work)


@remedies.get("/summary", responses={200: {"model": SummaryWire}, **PROBLEMS})
async def summarise_remedies(request: Request, relation: Whose = "own") -> Response:
    """Sum up remedies by site, kind and currency, as they may leave the house.

    Counts below the threshold of the policy `small_counts` are kept back, and with them
    whatever they could be worked out from. As CSV the sites' lines come alone.
    """
    made = await hop.read(
        request,
        lambda session, scope: queries.summary(
            session, scope, seen_as=Relation(relation)
        ),
    )
    cells = [cell_document(one) for one in made.cells]
    if "text/csv" in request.headers.get("accept", ""):
        return page_response(request, cells, None)
    document = {
        "suppressed_below": made.below,
        "items": cells,
        "totals": [numbers_document(one) for one in made.totals],
    }
    return hop.respond(hop.json_answer(200, document))


@remedies.get("/reckoning", responses={200: {"model": Reckoning}, **PROBLEMS})
async def reckon(
    request: Request,
    monthly_wage: Annotated[
        int, Query(ge=0, le=limits.LARGEST_NUMBER, description="In minor units.")
    ],
    deducted: Annotated[
        list[Annotated[int, Field(ge=0, le=limits.LARGEST_NUMBER)]],
        Query(
            min_length=1,
            max_length=limits.LOAN_MONTHS,
            description="What each month repaid, the first one first; minor units.",
        ),
    ],
) -> Response:
    """Reckon what is owed back of a loan that a worker repaid out of the wage."""

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        scope.require(Permission.READ_FINDINGS)
        decided = in_force(session, scope, REMEDIES, clock.today())
        return {
            "largest_instalment": largest_instalment(decided, monthly_wage),
            "loan_months": decided.loan_months,
            "owed_back": deducted_too_much(
                decided, monthly_wage=monthly_wage, deducted=deducted
            ),
            "source": decided.source,
        }

    return hop.respond(hop.json_answer(200, await hop.read(request, work)))


@remedies.get("/{remedy}", responses={200: {"model": RemedyDetail}, **ONE_PROBLEMS})
async def read_remedy(request: Request, remedy: str) -> Response:
    """Read one remedy and every line about it."""
    found = await hop.read(
        request, lambda session, scope: queries.remedy(session, scope, remedy)
    )
    return hop.respond(hop.json_answer(200, detail_document(found)))


@remedies.post(
    "/{remedy}/adjustments",
    status_code=201,
    responses={201: {"model": RemedyDetail}, **ENTRY_PROBLEMS},
)
async def adjust_remedy(request: Request, remedy: str, body: Adjustment) -> Response:
    """Let more or less be owed; never less than was paid."""

    def work(session: Session, scope: Scope) -> Answer:
        return _entered(
            actions.adjust(
                session,
                scope,
                remedy,
                reason=body.reason,
                people=body.people,
                amount=body.money.amount if body.money else 0,
                currency=body.money.currency if body.money else None,
            )
        )

    return await hop.write(request, work)


@remedies.post(
    "/{remedy}/payments",
    status_code=201,
    responses={201: {"model": RemedyDetail}, **ENTRY_PROBLEMS},
)
async def report_payment(request: Request, remedy: str, body: Payment) -> Response:
    """Report a payment, in part or in full; never more than is owed."""

    def work(session: Session, scope: Scope) -> Answer:
        return _entered(
            actions.pay(
                session,
                scope,
                remedy,
                people=body.people,
                paid_on=body.paid_on,
                money=money_of(body.money),
            )
        )

    return await hop.write(request, work)


@remedies.post(
    "/{remedy}/proofs",
    status_code=201,
    responses={201: {"model": RemedyDetail}, **ENTRY_PROBLEMS},
)
async def give_proof(request: Request, remedy: str, body: NewProof) -> Response:
    """Say how all that was paid until now is proven."""
    evidence = body.evidence_sha256

    def work(session: Session, scope: Scope) -> Answer:
        return _entered(
            actions.prove(
                session,
                scope,
                remedy,
                proof=body.proof,
                evidence_sha256=bytes.fromhex(evidence) if evidence else None,
            )
        )

    return await hop.write(request, work)


@remedies.post(
    "/{remedy}/verifications",
    status_code=201,
    responses={201: {"model": RemedyDetail}, **ENTRY_PROBLEMS},
)
async def verify_remedy(request: Request, remedy: str, body: Verification) -> Response:
    """Confirm that people got what they were owed; not who entered or paid it."""

    def work(session: Session, scope: Scope) -> Answer:
        return _entered(
            actions.verify(session, scope, remedy, checked_by=body.checked_by)
        )

    return await hop.write(request, work)


def _entered(found: RemedyRecord) -> Answer:
    location = f"/v1/remedies/{found.public_id}"
    return hop.json_answer(201, detail_document(found), location=location)
