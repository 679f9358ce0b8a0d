"""Who may stand on a public list, and what is proposed for scorecards because of it.

A match is a question and no finding. One person says whether it is the same; what
follows for the scorecard, another person decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.exclusions import exclusion_document
from api.list_matches import match_document
from api.pages.options import codes_told
from api.pages.rendering import language_of, page
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    listed,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from compliance import clock, limits
from compliance.database import Page
from compliance.exclusions import queries as exclusion_queries
from compliance.exclusions.lifecycle import ExclusionState
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.public_lists import match_queries, queries
from compliance.public_lists.lifecycle import MatchState
from compliance.public_lists.match_queries import MatchRecord
from compliance.public_lists.models import SubjectKind
from compliance.public_lists.queries import ListRecord
from compliance.public_lists.subjects import SubjectRecord, subjects_of

list_matches = feature_router("/list-matches", "pages")


@dataclass(frozen=True)
class SeenMatches:
    """The matches, and what stands beside them on the page alone."""

    found: Listed[MatchRecord]
    subjects: Mapping[str, SubjectRecord] = field(default_factory=dict)
    lists: Sequence[ListRecord] = ()
    waiting: int = 0


@list_matches.get("", include_in_schema=False)
async def show_matches(request: Request) -> Response:
    """Show who may be on which list, what waits first to be decided."""
    state = chosen(request, "state", MatchState)
    kind = chosen(request, "subject_kind", SubjectKind)
    public_list = words_chosen(request, "public_list")
    site = words_chosen(request, "site")
    late = True if request.query_params.get("late") == "yes" else None

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[MatchRecord]:
        return match_queries.matches(
            session,
            scope,
            rows=rows,
            after=after,
            late=late,
            state=state,
            subject_kind=kind,
            public_list=public_list,
            site=site,
        )

    def work(session: Session, scope: Scope) -> SeenMatches:
        found = listed(request, session, scope, page_of)
        if wants_csv(request):
            return SeenMatches(found)
        lists = queries.public_lists(session, scope, rows=limits.PAGE_ROWS)
        waiting = exclusion_queries.exclusions(
            session, scope, rows=limits.PAGE_ROWS, state=ExclusionState.PROPOSED
        )
        subjects = subjects_of(session, scope, found.rows)
        return SeenMatches(found, subjects, lists.rows, len(waiting.rows))

    seen = await hop.read(request, work)
    language = language_of(request, seen.found.scope)
    if wants_csv(request):
        rows = [_row(one, language) for one in seen.found.rows]
        return csv_response(rows, "list-matches")
    return page(
        request,
        "list_matches.html",
        scope=seen.found.scope,
        seen=seen,
        states=codes_told(MatchState, language),
        kinds=codes_told(SubjectKind, language),
        lists=[(one.public_id, one.name) for one in seen.lists],
        state=state,
        kind=kind,
        public_list=public_list,
        late=late,
        may_keep=seen.found.scope.may(Permission.KEEP_LISTS),
        now=clock.now(),
        **pager(request, seen.found.next_after),
    )


def _row(found: MatchRecord, language: str) -> dict[str, object]:
    """Return a match as a spreadsheet has it: codes, and no name of the list's people."""
    told = match_document(found, language)
    entry = told.pop("entry")
    signs = " ".join(one["sign"] for one in told.pop("evidence"))
    return {**told, "signs": signs, "entry": entry["id"], "country": entry["country"]}


@list_matches.get("/exclusions", include_in_schema=False)
async def show_exclusions(request: Request) -> Response:
    """Show what is proposed for scorecards because of lists, and what was decided."""
    state = chosen(request, "state", ExclusionState)
    seen = await read_list(
        request,
        lambda session, scope, rows, after: exclusion_queries.exclusions(
            session, scope, rows=rows, after=after, state=state
        ),
    )
    if wants_csv(request):
        return csv_response(
            [exclusion_document(one) for one in seen.rows], "exclusions"
        )
    return page(
        request,
        "exclusions.html",
        scope=seen.scope,
        exclusions=seen.rows,
        state=state,
        states=codes_told(ExclusionState, language_of(request, seen.scope)),
        now=clock.now(),
        **pager(request, seen.next_after),
    )
