"""Qualifications over HTTP: recorded, listed before they expire, and revoked."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import (
    ONE_PROBLEMS,
    PROBLEMS,
    Day,
    Instant,
    Name,
    ProblemDocument,
    Wire,
)
from audits.competence import actions, queries
from audits.competence.models import QualificationKind
from audits.competence.queries import QualificationRecord
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope

qualifications = feature_router("/v1/qualifications", "qualifications")


class QualificationWire(Wire):
    """What one of your people was found able to do, and until when."""

    id: str
    person: str
    person_name: str
    kind: QualificationKind
    issuer: str
    reference: str | None
    issued_on: Day
    expires_on: Annotated[Day, Field(description="The first day it does not hold.")]
    is_current: bool
    recorded_by: str
    recorded_at: Instant
    revoked_at: Instant | None


class QualificationPage(Wire):
    items: list[QualificationWire]
    next: str | None


class NewQualification(Wire):
    """A qualification that somebody was given."""

    person: Annotated[
        str,
        StringConstraints(pattern=r"^person_[0-9a-z]+$", max_length=40, strict=True),
    ]
    kind: QualificationKind
    issuer: Annotated[Name, Field(description="Who gave it.")]
    reference: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=100, strict=True),
        Field(description="The number of its certificate."),
    ] = None
    issued_on: Day
    expires_on: Annotated[Day, Field(description="The first day it does not hold.")]


def qualification_document(found: QualificationRecord) -> dict[str, Any]:
    """Return a qualification as the API tells it."""
    return {
        "id": found.public_id,
        "person": found.person,
        "person_name": found.person_name,
        "kind": found.kind,
        "issuer": found.issuer,
        "reference": found.reference,
        "issued_on": found.issued_on,
        "expires_on": found.expires_on,
        "is_current": found.holds_on(clock.today()),
        "recorded_by": found.recorded_by,
        "recorded_at": found.recorded_at,
        "revoked_at": found.revoked_at,
    }


@qualifications.get("", responses={200: {"model": QualificationPage}, **PROBLEMS})
async def list_qualifications(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    person: Annotated[str | None, Query(description="Public id of whose.")] = None,
    kind: QualificationKind | None = None,
    expiring_within_days: Annotated[
        int | None,
        Query(ge=0, le=3650, description="Those that hold today and soon will not."),
    ] = None,
) -> Response:
    """List what your people are qualified for, in the order of recording."""
    page = await hop.read(
        request,
        lambda session, scope: queries.qualifications(
            session,
            scope,
            rows=rows,
            after=after,
            person=person,
            kind=kind,
            expiring_within_days=expiring_within_days,
        ),
    )
    documents = [qualification_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@qualifications.post(
    "", status_code=201, responses={201: {"model": QualificationWire}, **PROBLEMS}
)
async def record_qualification(request: Request, body: NewQualification) -> Response:
    """Record a qualification; a clock tells before it expires."""

    def work(session: Session, scope: Scope) -> Answer:
        made = actions.record_qualification(session, scope, **body.model_dump())
        return hop.json_answer(
            201,
            qualification_document(made),
            location=f"/v1/qualifications/{made.public_id}",
        )

    return await hop.write(request, work)


@qualifications.get(
    "/{qualification}", responses={200: {"model": QualificationWire}, **ONE_PROBLEMS}
)
async def read_qualification(request: Request, qualification: str) -> Response:
    """Read one qualification."""
    found = await hop.read(
        request,
        lambda session, scope: queries.qualification(session, scope, qualification),
    )
    return hop.respond(hop.json_answer(200, qualification_document(found)))


@qualifications.post(
    "/{qualification}/revoke",
    responses={
        200: {"model": QualificationWire},
        **ONE_PROBLEMS,
        409: {"model": ProblemDocument, "description": "Revoked already."},
    },
)
async def revoke_qualification(request: Request, qualification: str) -> Response:
    """Take a qualification back: it then counts as never held."""

    def work(session: Session, scope: Scope) -> Answer:
        revoked = actions.revoke_qualification(session, scope, qualification)
        return hop.json_answer(200, qualification_document(revoked))

    return await hop.write(request, work)
