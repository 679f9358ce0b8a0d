"""Audits for a reviewer: the list of them, and the answers beside what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.audits_wire import audit_document
from api.pages import audits_page
from api.pages.rendering import language_of, page
from api.pages.submissions import told_season
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    listed,
    pager,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from audits.reviews.listing import (
    ListedAudit,
    listed_audits,
    municipalities,
    seasons,
)
from audits.visits.lifecycle import State
from audits.visits.models import AuditKind
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope

audits = feature_router("/audits", "pages")


class Order(StrEnum):
    """Which audit stands first in the list."""

    NEWEST = "newest"
    OLDEST = "oldest"


class Whose(StrEnum):
    """Whose the audits of the list are; without one, anybody's."""

    MINE = "mine"


@dataclass(frozen=True)
class Seen:
    """The audits, and by what places and seasons they can be narrowed."""

    found: Listed[ListedAudit]
    places: Sequence[str]
    harvests: Sequence[str]


@audits.get("", include_in_schema=False)
async def list_audits(request: Request) -> Response:
    """List the audits of the reader's organisation, filtered by the address."""
    order = chosen(request, "order", Order) or Order.NEWEST
    to_review = chosen(request, "whose", Whose) is Whose.MINE
    wanted = {
        "status": chosen(request, "state", State),
        "kind": chosen(request, "kind", AuditKind),
        "season": words_chosen(request, "season"),
        "municipality": words_chosen(request, "municipality"),
    }

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[ListedAudit]:
        return listed_audits(
            session,
            scope,
            rows=rows,
            after=after,
            newest_first=order is Order.NEWEST,
            to_review=to_review,
            **wanted,
        )

    def work(session: Session, scope: Scope) -> Seen:
        return Seen(
            listed(request, session, scope, page_of),
            municipalities(session, scope),
            seasons(session, scope),
        )

    seen = await hop.read(request, work)
    found, scope = seen.found, seen.found.scope
    if wants_csv(request):
        return csv_response([_coded(one) for one in found.rows], "audits")
    language = language_of(request, scope)
    return page(
        request,
        "audits.html",
        scope=scope,
        found=found,
        places=seen.places,
        harvests=[(one, told_season(one, language)) for one in seen.harvests],
        states=tuple(State),
        kinds=tuple(AuditKind),
        chosen=request.query_params,
        is_filtered=to_review or any(wanted.values()),
        may_review=scope.may(Permission.SUPERVISE_VISITS),
        **pager(request, found.next_after),
    )


@audits.get("/{audit}", include_in_schema=False)
async def show_audit(request: Request, audit: str) -> Response:
    """Show an audit to whoever decides on it, or only reads it."""
    return await audits_page.show(request, audit)


def _coded(one: ListedAudit) -> dict[str, object]:
    return {**audit_document(one.audit), "municipality": one.municipality}
