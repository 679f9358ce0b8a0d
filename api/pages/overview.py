"""The first page: figures, what is due, and the sites; a state to an address."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop
from api.lists import After
from api.pages import figures
from api.pages.figures import DueFinding, Figures, Grade
from api.pages.rendering import page
from api.routing import feature_router
from compliance import clock
from compliance.findings.deadlines import RED_FLAGS
from compliance.identity.permissions import Permission
from compliance.identity.scope import NotSignedIn, Scope
from compliance.registry.queries import SiteRecord
from compliance.registry.queries import sites as sites_of
from rules import Severity, SiteKind

ROWS = 25
DUE_ROWS = 10

overview = feature_router("", "pages")


@dataclass(frozen=True)
class SiteRow:
    """A line of the table: no visit is told as such, never as an empty cell."""

    site: SiteRecord
    last_visit: date | None
    open_findings: int
    grade: Grade | None


@dataclass(frozen=True)
class Seen:
    """All that one overview shows, read in one transaction."""

    scope: Scope
    figures: Figures
    due: tuple[DueFinding, ...]
    sites: tuple[SiteRow, ...]
    next_after: str | None


@overview.get("/", include_in_schema=False)
async def show_overview(
    request: Request, kind: SiteKind | None = None, after: After = None
) -> Response:
    """Show the supply base of whoever is signed in."""
    try:
        seen = await hop.read(
            request, lambda session, scope: _see(session, scope, kind, after)
        )
    except NotSignedIn:
        return RedirectResponse("/sign-in", 303)
    return page(
        request,
        "overview.html",
        scope=seen.scope,
        seen=seen,
        book=hop.service_of(request).book,
        today=clock.today(),
        red_flags=RED_FLAGS,
        severities=tuple(Severity),
        kind=kind,
        kinds=tuple(SiteKind),
        is_first_page=after is None,
        next_page=_address(kind, seen.next_after) if seen.next_after else None,
        first_page=_address(kind, None),
    )


def _see(
    session: Session, scope: Scope, kind: SiteKind | None, after: str | None
) -> Seen:
    scope.require(Permission.READ_REGISTER)
    found = sites_of(session, scope, rows=ROWS, after=after, kind=kind)
    ids = [site.id for site in found.rows]
    visits = figures.last_visits(session, scope, ids)
    counts = figures.open_counts(session, scope, ids)
    grades = figures.grades(session, scope, ids)
    return Seen(
        scope=scope,
        figures=figures.figures(session, scope),
        due=figures.due_findings(session, scope, rows=DUE_ROWS),
        sites=tuple(
            SiteRow(one, visits.get(one.id), counts.get(one.id, 0), grades.get(one.id))
            for one in found.rows
        ),
        next_after=found.next_after,
    )


def _address(kind: SiteKind | None, after: str | None) -> str:
    chosen = {"kind": kind, "after": after}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"/?{query}#sites" if query else "/#sites"
