"""Submissions as they came in: what waits, what failed, and what was refused."""

from enum import StrEnum

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.options import Options
from api.pages.rendering import page
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    listed,
    pager,
    wants_csv,
    words_chosen,
)
from api.pages.words import word
from api.routing import feature_router
from api.submissions import submission_document
from audits.checklists.queries import checklists
from audits.submissions.decision import Effect
from audits.submissions.queries import (
    Processing,
    RefusedRecord,
    State,
    SubmissionRecord,
    refused,
    site_names,
    submissions,
)
from compliance import limits
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_

submission_list = feature_router("/submissions", "pages")


class Show(StrEnum):
    """Which of what came in is listed."""

    REFUSED = "refused"


@submission_list.get("", include_in_schema=False)
async def list_submissions(request: Request) -> Response:
    """List what came in, the newest first, filtered by the address."""
    if chosen(request, "show", Show) is Show.REFUSED:
        return await _refused(request)
    processing = chosen(request, "processing", Processing)
    state = chosen(request, "state", State)
    checklist = words_chosen(request, "checklist")

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[SubmissionRecord]:
        return submissions(
            session,
            scope,
            rows=rows,
            after=after,
            newest_first=True,
            processing=processing,
            state=state,
            checklist=checklist,
        )

    def work(
        session: Session, scope: Scope
    ) -> tuple[Listed[SubmissionRecord], dict[str, str], Options]:
        found = listed(request, session, scope, page_of)
        if wants_csv(request):
            return found, {}, ()
        names = site_names(session, scope, found.rows)
        return found, names, _checklists(session, scope)

    seen, names, asked = await hop.read(request, work)
    if wants_csv(request):
        return csv_response(
            [submission_document(one) for one in seen.rows], "submissions"
        )
    return page(
        request,
        "submissions.html",
        scope=seen.scope,
        found=seen.rows,
        names=names,
        checklists=asked,
        refused=None,
        may_supervise=seen.scope.may(Permission.SUPERVISE_VISITS),
        processings=tuple(Processing),
        states=tuple(State),
        chosen=request.query_params,
        is_filtered=any((processing, state, checklist)),
        **pager(request, seen.next_after),
    )


def _checklists(session: Session, scope: Scope) -> Options:
    """Return the checklists by which the list can be narrowed: their ids and titles."""
    if not scope.may(Permission.READ_CHECKLISTS):
        return ()
    found = checklists(session, scope, rows=limits.PAGE_ROWS).rows
    return tuple((one.form_id, one.title) for one in found)


async def _refused(request: Request) -> Response:
    found, scope = await hop.read(
        request, lambda session, scope: (refused(session, scope), scope)
    )
    if wants_csv(request):
        return csv_response([_coded(one) for one in found], "refused-submissions")
    return page(
        request,
        "submissions.html",
        scope=scope,
        found=(),
        names={},
        checklists=(),
        refused=[(one, _why(one)) for one in found],
        may_supervise=True,
        processings=tuple(Processing),
        states=tuple(State),
        chosen=request.query_params,
        is_filtered=False,
    )


def _why(one: RefusedRecord) -> str:
    """Return why answers were refused, as a message of the catalogue."""
    if one.reason in tuple(Effect):
        return word(Effect(one.reason))
    return N_("Its checklist was closed when it was begun")


def _coded(one: RefusedRecord) -> dict[str, object]:
    return {
        "id": one.public_id,
        "checklist": one.checklist,
        "instance_id": one.instance_id,
        "reason": one.reason,
        "received_at": one.received_at,
    }
