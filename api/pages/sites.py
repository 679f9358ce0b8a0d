"""One site: who and where it is, whom it supplies, and what is known and open there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop
from api.pages import figures
from api.pages.figures import Grade
from api.pages.harvests import Harvests, Missed
from api.pages.rendering import language_of, page
from api.routing import feature_router
from audits.submissions.queries import SubmissionRecord, submissions
from audits.visits.lifecycle import State as VisitState
from audits.visits.queries import AuditRecord, audits
from compliance import clock, limits
from compliance.findings.queries import FindingRecord, findings_of_site
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.harvest.queries import Place
from compliance.registry.links.queries import SupplyLinkRecord, links_from, links_to
from compliance.registry.models import SiteState
from compliance.registry.queries import SiteNotFound, SiteRecord, site
from compliance.risk.queries import RiskRecord, risk_of_site
from compliance.scorecards.queries import ScorecardRecord, scorecards
from compliance.texts import N_, translate
from rules import Severity

sites = feature_router("/sites", "pages")

NOTES: Mapping[str, str] = {
    "planned": N_("The visit is planned. Answers of its days will belong to it."),
}


@dataclass(frozen=True)
class Season:
    """The supply links of one harvest year."""

    name: str
    links: tuple[SupplyLinkRecord, ...]


@dataclass(frozen=True)
class Seen:
    """All that the page of a site shows, read in one transaction."""

    scope: Scope
    site: SiteRecord
    grade: Grade | None
    last_visit: date | None
    days_ago: int | None
    missed: Missed | None
    risk: RiskRecord
    planned: tuple[AuditRecord, ...]
    suppliers: tuple[Season, ...]
    takers: tuple[Season, ...]
    visits: tuple[SubmissionRecord, ...]
    open_findings: tuple[FindingRecord, ...]
    past_findings: tuple[FindingRecord, ...]
    cards: tuple[ScorecardRecord, ...]


@sites.get("/{site_id}", include_in_schema=False)
async def show_site(request: Request, site_id: str) -> Response:
    """Show what is known of a producer or mill.

    A site of another register that the reader operates or is shown has its page in the
    portfolio: addresses in mails, alerts and lists are the same for everybody.
    """
    seen = await hop.read(
        request, lambda session, scope: _see_if_kept(session, scope, site_id)
    )
    if seen is None:
        return RedirectResponse(f"/portfolio/{site_id}", 303)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "site.html",
        scope=seen.scope,
        seen=seen,
        book=hop.service_of(request).book,
        today=clock.today(),
        may_read_visits=seen.scope.may(Permission.READ_VISITS),
        may_plan=seen.scope.may(Permission.SUBMIT_VISITS)
        and seen.site.state is SiteState.ACTIVE,
        may_issue=seen.scope.may(Permission.ISSUE_SCORECARDS),
        may_assign=seen.scope.may(Permission.MANAGE_FIELDWORK),
        done_note=None
        if note is None
        else translate(note, language_of(request, seen.scope)),
    )


def _see_if_kept(session: Session, scope: Scope, site_id: str) -> Seen | None:
    """Return what is shown of a site; None of one that only the portfolio shows."""
    try:
        return _see(session, scope, site_id)
    except SiteNotFound:
        if not scope.may(Permission.READ_RISK):
            raise
        risk_of_site(session, scope, site_id)
        return None


def _see(session: Session, scope: Scope, site_id: str) -> Seen:
    found = site(session, scope, site_id)
    raised = findings_of_site(session, scope, found.id)
    cards = scorecards(session, scope, rows=limits.PAGE_ROWS, site=site_id)
    last_visit = figures.last_visits(session, scope, [found.id]).get(found.id)
    today = clock.today()
    place = Place(found.country, found.admin1 or "", found.municipality or "")
    return Seen(
        scope=scope,
        site=found,
        grade=figures.grades(session, scope, [found.id]).get(found.id),
        last_visit=last_visit,
        days_ago=None if last_visit is None else (today - last_visit).days,
        missed=Harvests(session, scope, today).missed(
            place, found.commodity, last_visit
        ),
        risk=risk_of_site(session, scope, site_id),
        planned=_planned(session, scope, found),
        suppliers=_by_season(links_to(session, scope, site_id)),
        takers=_by_season(links_from(session, scope, site_id)),
        visits=_visits(session, scope, site_id),
        open_findings=tuple(
            sorted((one for one in raised if one.is_open), key=_urgency)
        ),
        past_findings=tuple(one for one in raised if not one.is_open),
        cards=tuple(reversed(cards.rows)),
    )


def _visits(
    session: Session, scope: Scope, site_id: str
) -> tuple[SubmissionRecord, ...]:
    """Return the visits, the newest first; none for a role that may not read them."""
    if not scope.may(Permission.READ_VISITS):
        return ()
    found = submissions(session, scope, rows=limits.PAGE_ROWS, site=site_id).rows
    return tuple(sorted(found, key=lambda one: one.observed_on, reverse=True))


def _planned(
    session: Session, scope: Scope, found: SiteRecord
) -> tuple[AuditRecord, ...]:
    """Return the visits to come: who is visited when is for those who visit and review."""
    if not scope.may(Permission.READ_VISITS):
        return ()
    ids = (found.public_id, *found.merged)
    planned = [
        one
        for public_id in ids
        for one in audits(
            session,
            scope,
            rows=limits.PAGE_ROWS,
            site=public_id,
            status=VisitState.PLANNED,
        ).rows
    ]
    return tuple(sorted(planned, key=lambda one: one.fieldwork_from))


def _urgency(finding: FindingRecord) -> tuple[int, date, int]:
    weight = tuple(Severity).index(finding.severity)
    return weight, finding.must_be_done_on, finding.number


def _by_season(links: Iterable[SupplyLinkRecord]) -> tuple[Season, ...]:
    return tuple(
        Season(name, tuple(group))
        for name, group in groupby(links, key=lambda link: link.season)
    )
