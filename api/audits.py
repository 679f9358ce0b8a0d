"""Audits over HTTP: planned, listed, their team named, and every step of their review."""

from typing import Annotated, Any

from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.audit_review import ReviewWire, remark_document, review_document
from api.audits_wire import (
    AuditDetail,
    AuditPage,
    AuditWire,
    NewAudit,
    RemarkList,
    Returning,
    Taking,
    Team,
    Voiding,
    audit_document,
    gap_document,
    member_document,
)
from api.intake import keyring_of
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import (
    ONE_PROBLEMS,
    PROBLEMS,
    Day,
    ProblemDocument,
)
from audits.reviews import actions as reviewing
from audits.reviews.actions import NewRemark
from audits.reviews.queries import remarks_of
from audits.visits import actions, queries
from audits.visits.actions import NewMember
from audits.visits.lifecycle import State
from audits.visits.models import AuditKind, Notice, Purpose
from audits.visits.queries import AuditRecord
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry.actions import SiteUnknown
from compliance.registry.queries import SiteNotFound, SiteRecord
from compliance.registry.queries import site as site_of

audits = feature_router("/v1/audits", "audits")

STEP_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "The audit cannot take the step."},
}


def detail_document(
    session: Session, scope: Scope, found: AuditRecord
) -> dict[str, Any]:
    """Return an audit with its team, and what the team lacks today."""
    lacking, _ = actions.competence_of(session, scope, found, clock.today())
    team = queries.team_of(session, scope, found)
    return {
        **audit_document(found),
        "members": [member_document(one) for one in team],
        "lacking": [gap_document(one) for one in lacking],
    }


@audits.get("", responses={200: {"model": AuditPage}, **PROBLEMS})
async def list_audits(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    status: State | None = None,
    season: Annotated[str | None, Query(description="As in `2026-main`.")] = None,
    kind: AuditKind | None = None,
    purpose: Purpose | None = None,
    notice: Notice | None = None,
    programme: Annotated[str | None, Query(description="Public id.")] = None,
    auditor: Annotated[
        str | None, Query(description="Public id of a person or device of the team.")
    ] = None,
    reviewer: Annotated[
        str | None, Query(description="Public id of who has it in review.")
    ] = None,
    from_day: Annotated[
        Day | None, Query(alias="from", description="Fieldwork on this day or after.")
    ] = None,
    to_day: Annotated[
        Day | None, Query(alias="to", description="Fieldwork on this day or before.")
    ] = None,
) -> Response:
    """List your organisation's audits in the order in which they were made."""
    page = await hop.read(
        request,
        lambda session, scope: queries.audits(
            session,
            scope,
            rows=rows,
            after=after,
            site=site,
            status=status,
            season=season,
            kind=kind,
            purpose=purpose,
            notice=notice,
            programme=programme,
            auditor=auditor,
            reviewer=reviewer,
            from_day=from_day,
            to_day=to_day,
        ),
    )
    documents = [audit_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@audits.post(
    "",
    status_code=201,
    responses={
        201: {"model": AuditDetail},
        **PROBLEMS,
        409: {"model": ProblemDocument, "description": "Planned already."},
    },
)
async def plan_audit(request: Request, body: NewAudit) -> Response:
    """Plan an audit of a site; answers of its days will belong to it."""

    def work(session: Session, scope: Scope) -> Answer:
        planned = actions.plan(
            session,
            scope,
            site=_site(session, scope, body.site),
            **body.model_dump(exclude={"site"}),
        )
        return hop.json_answer(
            201,
            detail_document(session, scope, planned),
            location=f"/v1/audits/{planned.public_id}",
        )

    return await hop.write(request, work)


@audits.get("/{audit}", responses={200: {"model": AuditDetail}, **ONE_PROBLEMS})
async def read_audit(request: Request, audit: str) -> Response:
    """Read one audit, its team, and what the team lacks today."""
    document = await hop.read(
        request,
        lambda session, scope: detail_document(
            session, scope, queries.audit(session, scope, audit)
        ),
    )
    return hop.respond(hop.json_answer(200, document))


@audits.put("/{audit}/team", responses={200: {"model": AuditDetail}, **STEP_PROBLEMS})
async def set_team(request: Request, audit: str, body: Team) -> Response:
    """Say who goes along, instead of whoever was named before; until it is reviewed."""
    members = [
        NewMember(
            role=one.role,
            person=one.person,
            device=one.device,
            languages=tuple(one.languages),
            attended=one.attended,
        )
        for one in body.members
    ]

    def work(session: Session, scope: Scope) -> Answer:
        found, _ = actions.set_team(
            session, scope, audit, members=members, women=body.women, men=body.men
        )
        return hop.json_answer(200, detail_document(session, scope, found))

    return await hop.write(request, work)


@audits.post("/{audit}/review", responses={200: {"model": AuditWire}, **STEP_PROBLEMS})
async def take_into_review(
    request: Request, audit: str, body: Taking | None = None
) -> Response:
    """Take an audit into review; whoever had a part in it cannot."""
    from_another = body is not None and body.from_another

    def work(session: Session, scope: Scope) -> Answer:
        taken = reviewing.take(session, scope, audit, from_another=from_another)
        return hop.json_answer(200, audit_document(taken))

    return await hop.write(request, work)


@audits.get("/{audit}/review", responses={200: {"model": ReviewWire}, **ONE_PROBLEMS})
async def read_review(request: Request, audit: str) -> Response:
    """Read all that a reviewer needs: team, answers, verdicts, findings, reply, clocks."""
    keyring = keyring_of(hop.service_of(request))
    document = await hop.read(
        request,
        lambda session, scope: review_document(session, scope, keyring, audit),
    )
    return hop.respond(
        hop.json_answer(
            200,
            {
                **document,
                "audit": audit_document(document["audit"]),
                "members": [member_document(one) for one in document["members"]],
                "lacking": [gap_document(one) for one in document["lacking"]],
            },
        )
    )


@audits.post("/{audit}/return", responses={200: {"model": AuditWire}, **STEP_PROBLEMS})
async def return_audit(request: Request, audit: str, body: Returning) -> Response:
    """Return an audit to be mended; the next answers that come in answer the remarks."""
    keyring = keyring_of(hop.service_of(request))
    remarks = [NewRemark(**one.model_dump()) for one in body.remarks]

    def work(session: Session, scope: Scope) -> Answer:
        returned = reviewing.return_audit(session, scope, keyring, audit, remarks)
        return hop.json_answer(200, audit_document(returned))

    return await hop.write(request, work)


@audits.get("/{audit}/remarks", responses={200: {"model": RemarkList}, **ONE_PROBLEMS})
async def list_remarks(request: Request, audit: str) -> Response:
    """Read every remark that was made on an audit, and which answers came after it."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> list[dict[str, Any]]:
        found = queries.audit(session, scope, audit)
        return [
            remark_document(session, scope, keyring, remark)
            for remark in remarks_of(session, scope, found)
        ]

    return hop.respond(hop.json_answer(200, {"items": await hop.read(request, work)}))


@audits.post(
    "/{audit}/offer-reply", responses={200: {"model": AuditWire}, **STEP_PROBLEMS}
)
async def offer_reply(request: Request, audit: str) -> Response:
    """Offer the site its right of reply; its clock begins to run."""

    def work(session: Session, scope: Scope) -> Answer:
        offered = reviewing.offer_reply(session, scope, audit)
        return hop.json_answer(200, audit_document(offered))

    return await hop.write(request, work)


@audits.post(
    "/{audit}/finalise", responses={200: {"model": AuditWire}, **STEP_PROBLEMS}
)
async def finalise_audit(request: Request, audit: str) -> Response:
    """Close the review of an audit: what it found stands, and nothing reopens it.

    Where anything was found, the site must have been offered its reply before.
    """

    def work(session: Session, scope: Scope) -> Answer:
        final = reviewing.finalise(session, scope, audit)
        return hop.json_answer(200, audit_document(final))

    return await hop.write(request, work)


@audits.post("/{audit}/void", responses={200: {"model": AuditWire}, **STEP_PROBLEMS})
async def void_audit(request: Request, audit: str, body: Voiding) -> Response:
    """Say that an audit does not count, and why; what it holds stays to be read."""

    def work(session: Session, scope: Scope) -> Answer:
        voided = reviewing.void(session, scope, audit, body.reason)
        return hop.json_answer(200, audit_document(voided))

    return await hop.write(request, work)


def _site(session: Session, scope: Scope, public_id: str) -> SiteRecord:
    """Return a site of the caller's own register; another's is not known here."""
    try:
        found = site_of(session, scope, public_id)
    except SiteNotFound as fault:
        raise SiteUnknown(field="site", site=public_id) from fault
    if found.owner_id != scope.organisation_id:
        raise SiteUnknown(field="site", site=public_id)
    return found
