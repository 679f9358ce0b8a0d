"""Audits over HTTP: close the review of one, so that what it found stands."""

from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, Day, ProblemDocument, Wire
from audits.visits.actions import finalise
from audits.visits.lifecycle import State
from audits.visits.models import AuditKind
from audits.visits.queries import AuditRecord
from compliance.idempotency import Answer
from compliance.identity.scope import Scope

audits = feature_router("/v1/audits", "audits")

STEP_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "The audit cannot take the step."},
}


class AuditWire(Wire):
    """A visit, and how far its review is."""

    id: str
    site: str
    kind: AuditKind
    status: State
    fieldwork_from: Day
    fieldwork_to: Day
    season: str | None


def audit_document(found: AuditRecord) -> dict[str, Any]:
    """Return an audit as the API tells it."""
    return {
        "id": found.public_id,
        "site": found.site_public_id,
        "kind": found.kind,
        "status": found.status,
        "fieldwork_from": found.fieldwork_from,
        "fieldwork_to": found.fieldwork_to,
        "season": found.season,
    }


@audits.post(
    "/{audit}/finalise", responses={200: {"model": AuditWire}, **STEP_PROBLEMS}
)
async def finalise_audit(request: Request, audit: str) -> Response:
    """Close the review of an audit: what it found stands, and nothing reopens it."""

    def work(session: Session, scope: Scope) -> Answer:
        return hop.json_answer(200, audit_document(finalise(session, scope, audit)))

    return await hop.write(request, work)
