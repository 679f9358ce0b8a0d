"""Exclusions over HTTP: what a match calls for, and what a second person decides."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.list_matches import NoteText
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument, Wire
from compliance import clock, limits
from compliance.exclusions import actions, queries
from compliance.exclusions.following import follow_matches
from compliance.exclusions.lifecycle import (
    Effect,
    ExclusionReason,
    ExclusionState,
    Verdict,
)
from compliance.exclusions.queries import ExclusionRecord
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.public_lists.deciding import Note
from compliance.sealing import Keyring

ROOT = "/v1/exclusions"

exclusions = feature_router(ROOT, "public lists")

DECISION_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "It was decided already."},
}


class ExclusionWire(Wire):
    """A proposal to suspend the card of a site because of a list, or to lift that."""

    id: str
    match: str
    public_list: str
    list_name: str
    site: str
    site_name: str
    effect: Effect
    scorecard: Annotated[str, Field(description="The card in force when proposed.")]
    state: ExclusionState
    matched_by: Annotated[str, Field(description="Who may not decide this.")]
    proposed_at: str
    due_at: str
    is_late: bool
    reason: ExclusionReason | None
    decided_by: str | None
    decided_at: str | None
    has_note: bool


class ExclusionPage(Wire):
    items: list[ExclusionWire]
    next: str | None


class ExclusionDetail(ExclusionWire):
    note: Annotated[str | None, Field(description="Null to who may not decide.")]


class VerdictGiven(Wire):
    """What you decide, and why."""

    verdict: Verdict
    reason: ExclusionReason
    note: NoteText | None = None


def exclusion_document(found: ExclusionRecord) -> dict[str, Any]:
    """Return a proposal as the API tells it."""
    return {
        "id": found.public_id,
        "match": found.match,
        "public_list": found.list_public_id,
        "list_name": found.list_name,
        "site": found.site,
        "site_name": found.site_name,
        "effect": found.effect,
        "scorecard": found.scorecard,
        "state": found.state,
        "matched_by": found.matched_by,
        "proposed_at": found.proposed_at,
        "due_at": found.due_at,
        "is_late": found.is_late(clock.now()),
        "reason": found.reason,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
        "has_note": found.has_note,
    }


def detail_of(
    session: Session, scope: Scope, keyring: Keyring, found: ExclusionRecord
) -> dict[str, Any]:
    """Return a proposal; what was written about it only to who may decide."""
    may_read = scope.may(Permission.DECIDE_MATCHES)
    note = queries.note_of(session, scope, keyring, found) if may_read else None
    return {**exclusion_document(found), "note": note}


@exclusions.get("", responses={200: {"model": ExclusionPage}, **PROBLEMS})
async def list_exclusions(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    state: ExclusionState | None = None,
    effect: Effect | None = None,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    match: Annotated[str | None, Query(description="Public id of a match.")] = None,
    late: Annotated[
        bool | None, Query(description="Only what waits too long, or what does not.")
    ] = None,
) -> Response:
    """List what is proposed and was decided because of public lists."""
    page = await hop.read(
        request,
        lambda session, scope: queries.exclusions(
            session,
            scope,
            rows=rows,
            after=after,
            late=late,
            state=state,
            effect=effect,
            site=site,
            match=match,
        ),
    )
    documents = [exclusion_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@exclusions.get(
    "/{exclusion}", responses={200: {"model": ExclusionDetail}, **ONE_PROBLEMS}
)
async def read_exclusion(request: Request, exclusion: str) -> Response:
    """Read one proposal."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        found = queries.exclusion(session, scope, exclusion)
        return detail_of(session, scope, keyring, found)

    return hop.respond(hop.json_answer(200, await hop.read(request, work)))


@exclusions.post(
    "/{exclusion}/decision",
    status_code=201,
    responses={201: {"model": ExclusionDetail}, **DECISION_PROBLEMS},
)
async def decide_on_exclusion(
    request: Request, exclusion: str, body: VerdictGiven
) -> Response:
    """Accept or decline it, as somebody who did not decide on the match; the card follows."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        decided = actions.decide(
            session,
            scope,
            exclusion,
            verdict=body.verdict,
            reason=body.reason,
            note=None if body.note is None else Note(body.note, keyring),
        )
        follow_matches(session, scope)
        document = detail_of(session, scope, keyring, decided)
        return hop.json_answer(201, document, location=f"{ROOT}/{exclusion}")

    return await hop.write(request, work)
