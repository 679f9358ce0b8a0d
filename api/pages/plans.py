"""The page of a site's plan: what everybody owes it, and what its people are owed."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.rendering import page
from api.pages.tables import csv_response, wants_csv
from api.plans import Part, PlanItem, item_document, plan_of
from api.routing import feature_router
from compliance import clock, limits
from compliance.commitments.lifecycle import State as CommitmentState
from compliance.commitments.queries import CommitmentRecord, commitments_to_site
from compliance.findings.lifecycle import State
from compliance.findings.queries import FindingRecord, rules_of_findings
from compliance.findings.urgency import pressing
from compliance.identity.scope import Scope
from compliance.registry.queries import RUN, SiteRecord, site
from compliance.remedies.queries import RemedyRecord, remedies_of_site

site_plan = feature_router("/sites", "pages")

ADDRESSES = {
    Part.CORRECTIVE_ACTION: "/actions/",
    Part.REMEDY: "/remedies/",
    Part.COMMITMENT: "/commitments/",
}


@dataclass(frozen=True)
class Seen:
    """All that the plan of a site shows, read in one transaction."""

    scope: Scope
    site: SiteRecord
    items: tuple[PlanItem, ...]
    remedies: tuple[RemedyRecord, ...]
    offered: tuple[CommitmentRecord, ...]
    unplanned: tuple[FindingRecord, ...]
    rules: Mapping[str, str]


@site_plan.get("/{site_id}/plan", include_in_schema=False)
async def show_plan(request: Request, site_id: str) -> Response:
    """Show the plan of a site that the reader keeps or operates, late things first."""
    seen = await hop.read(request, lambda session, scope: _see(session, scope, site_id))
    if wants_csv(request):
        documents = [item_document(one) for one in seen.items]
        return csv_response(documents, "plan")
    return page(
        request,
        "site_plan.html",
        scope=seen.scope,
        seen=seen,
        site=seen.site,
        book=hop.service_of(request).book,
        addresses=ADDRESSES,
        today=clock.today(),
        now=clock.now(),
    )


def _see(session: Session, scope: Scope, site_id: str) -> Seen:
    items = plan_of(session, scope, site_id)
    found = site(session, scope, site_id, among=RUN)
    return Seen(
        scope=scope,
        site=found,
        items=tuple(items),
        remedies=remedies_of_site(session, scope, found.id),
        offered=tuple(
            one
            for one in commitments_to_site(session, scope, found.id)
            if one.state is CommitmentState.OFFERED
        ),
        unplanned=tuple(
            one
            for one in pressing(
                session,
                scope,
                rows=limits.PAGE_ROWS,
                site=site_id,
                state=State.ACCEPTED,
            ).rows
            if not one.open_actions and not one.verified_actions
        ),
        rules=rules_of_findings(
            session, scope, (ref for one in items for ref in one.findings)
        ),
    )
