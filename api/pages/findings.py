"""The list of findings: what asks for an answer, the gravest first."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.findings import finding_document
from api.pages.rendering import language_of, page
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    is_on,
    listed,
    pager,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from compliance import clock
from compliance.database import Page
from compliance.findings.lifecycle import State
from compliance.findings.queries import FindingRecord
from compliance.findings.standing import Standing
from compliance.findings.urgency import pressing
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.links.queries import links_to
from compliance.registry.queries import RUN, SiteRecord, site, sites
from compliance.registry.supply_base import supply_base
from rules import Severity, SiteKind, Topic

MILLS = 50
FILTERS = ("state", "severity", "topic", "standing", "overdue", "name", "site", "mill")
findings = feature_router("/findings", "pages")


class Shown(StrEnum):
    """What a list of findings holds; what is open, unless something is chosen."""

    ANY = "any"
    RAISED = State.RAISED.value
    DISPUTED = State.DISPUTED.value
    ACCEPTED = State.ACCEPTED.value
    CLOSED = State.CLOSED.value
    WITHDRAWN = State.WITHDRAWN.value


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to."""

    shown: Shown | None
    severity: Severity | None
    topic: Topic | None
    standing: Standing | None
    is_overdue: bool
    named: str | None
    site: str | None
    mill: str | None

    def page(
        self,
        session: Session,
        scope: Scope,
        rows: int,
        after: str | None,
        *,
        chain: frozenset[SiteId] | None,
    ) -> Page[FindingRecord]:
        is_one = self.shown not in {None, Shown.ANY}
        return pressing(
            session,
            scope,
            rows=rows,
            after=after,
            is_open=self.shown is None,
            is_overdue=self.is_overdue,
            named=self.named,
            sites=chain,
            site=self.site,
            topic=self.topic,
            severity=self.severity,
            standing=self.standing,
            state=self.shown if is_one else None,
        )


@dataclass(frozen=True)
class Seen:
    """The findings, and what they can be narrowed to, which no spreadsheet needs."""

    found: Listed[FindingRecord]
    mills: tuple[SiteRecord, ...] = ()
    site: SiteRecord | None = None


@findings.get("", include_in_schema=False)
async def show_findings(request: Request) -> Response:
    """Show the findings, the gravest and what is due first before the others."""
    wanted = Wanted(
        chosen(request, "state", Shown),
        chosen(request, "severity", Severity),
        chosen(request, "topic", Topic),
        chosen(request, "standing", Standing),
        is_on(request, "overdue"),
        words_chosen(request, "name"),
        words_chosen(request, "site"),
        words_chosen(request, "mill"),
    )
    seen = await hop.read(
        request, lambda session, scope: _see(request, session, scope, wanted)
    )
    scope = seen.found.scope
    book, language = hop.service_of(request).book, language_of(request, scope)
    if wants_csv(request):
        documents = [finding_document(book, one, language) for one in seen.found.rows]
        return csv_response(documents, "findings")
    return page(
        request,
        "findings.html",
        scope=scope,
        seen=seen,
        book=book,
        today=clock.today(),
        chosen=request.query_params,
        severities=tuple(Severity),
        topics=tuple(Topic),
        states=tuple(State),
        standings=tuple(Standing),
        is_narrowed=any(request.query_params.get(one) for one in FILTERS),
        **pager(request, seen.found.next_after),
    )


def _see(request: Request, session: Session, scope: Scope, wanted: Wanted) -> Seen:
    scope.require(Permission.READ_FINDINGS)
    chain = _chain(session, scope, wanted.mill)
    found = listed(request, session, scope, partial(wanted.page, chain=chain))
    if wants_csv(request):
        return Seen(found)
    mills = sites(session, scope, rows=MILLS, among=RUN, kind=SiteKind.MILL)
    one = site(session, scope, wanted.site, among=RUN) if wanted.site else None
    return Seen(found, tuple(mills.rows), one)


def _chain(
    session: Session, scope: Scope, mill: str | None
) -> frozenset[SiteId] | None:
    """Return a mill and all that supply it in its newest season; None: no mill chosen."""
    if mill is None:
        return None
    root = site(session, scope, mill, among=RUN)
    seasons = [link.season for link in links_to(session, scope, mill)]
    if not seasons:
        return frozenset({root.id})
    found = supply_base(session, scope, root, season=max(seasons))
    return found.sites | {root.id}
