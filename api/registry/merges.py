"""Merges over HTTP: say that two records are of one site, and take it back."""

from datetime import datetime
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.registry.common import CHANGE_PROBLEMS, SiteNamed
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Wire
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry import merging
from compliance.registry.merging import MergeRecord
from compliance.registry.models import IdentifierScheme, MergeReason
from compliance.scorecards.merging import settle_cards

merges = feature_router("/v1/site-merges", "sites")


class NewMerge(Wire):
    """Which record is kept, which goes, and what shows that they are of one site."""

    keep: str
    gone: str
    reason: MergeReason


class MergeWire(Wire):
    """A merge; undone, the record that had gone stands for itself again."""

    id: str
    keep: str
    gone: str
    reason: MergeReason
    merged_by: str
    merged_at: datetime
    undone_by: str | None
    undone_at: datetime | None


class ClashWire(Wire):
    """Numbers of one scheme that differ: of two sites, or one of them is wrong."""

    scheme: IdentifierScheme
    values: list[str]


class MergeDetail(MergeWire):
    """A merge, and the numbers that speak against it; all of them are kept."""

    clashes: list[ClashWire]


class MergePage(Wire):
    items: list[MergeWire]
    next: str | None


def merge_document(merge: MergeRecord) -> dict[str, Any]:
    """Return a merge as the API tells it."""
    return {
        "id": merge.public_id,
        "keep": merge.keep,
        "gone": merge.gone,
        "reason": merge.reason,
        "merged_by": merge.merged_by,
        "merged_at": merge.merged_at,
        "undone_by": merge.undone_by,
        "undone_at": merge.undone_at,
    }


def detail_document(
    session: Session, scope: Scope, merge: MergeRecord
) -> dict[str, Any]:
    """Return a merge with the numbers that clash."""
    told = [
        {"scheme": one.scheme, "values": list(one.values)}
        for one in merging.clashes(session, scope, merge)
    ]
    return {**merge_document(merge), "clashes": told}


@merges.get("", responses={200: {"model": MergePage}, **PROBLEMS})
async def list_merges(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: SiteNamed = None,
) -> Response:
    """List merges, undone ones too, in the order in which they were made."""
    page = await hop.read(
        request,
        lambda session, scope: merging.merges(
            session, scope, rows=rows, after=after, site=site
        ),
    )
    documents = [merge_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@merges.post(
    "", status_code=201, responses={201: {"model": MergeDetail}, **CHANGE_PROBLEMS}
)
async def merge_sites(request: Request, body: NewMerge) -> Response:
    """Say that two records are of one site; nothing that refers to them is rewritten."""

    def work(session: Session, scope: Scope) -> Answer:
        made = merging.merge(
            session, scope, keep=body.keep, gone=body.gone, reason=body.reason
        )
        _settle(session, scope, made)
        return hop.json_answer(
            201,
            detail_document(session, scope, made),
            location=f"/v1/site-merges/{made.public_id}",
        )

    return await hop.write(request, work)


@merges.get("/{merge}", responses={200: {"model": MergeDetail}, **ONE_PROBLEMS})
async def read_merge(request: Request, merge: str) -> Response:
    """Read one merge."""

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        record = merging.merge_named(session, scope, merge)
        return detail_document(session, scope, record)

    return hop.respond(hop.json_answer(200, await hop.read(request, work)))


@merges.post(
    "/{merge}/undo", responses={200: {"model": MergeDetail}, **CHANGE_PROBLEMS}
)
async def undo_merge(request: Request, merge: str) -> Response:
    """Take a merge back: each record stands for itself again."""

    def work(session: Session, scope: Scope) -> Answer:
        undone = merging.unmerge(session, scope, merge)
        _settle(session, scope, undone)
        return hop.json_answer(200, detail_document(session, scope, undone))

    return await hop.write(request, work)


def _settle(session: Session, scope: Scope, merge: MergeRecord) -> None:
    """Let one card speak for each site that the merge, or its undoing, leaves."""
    kept = merging.kept_sites(session, scope, (merge.keep, merge.gone))
    settle_cards(session, scope, kept)
