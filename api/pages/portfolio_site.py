"""One site of the portfolio: its risk with all that explains it, and what is shown of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.charts import History, history_chart
from api.pages.portfolio import quoted
from api.pages.rendering import language_of, page
from api.risk import beside
from api.risk_documents import changed_risk, full_risk
from api.routing import feature_router
from compliance import clock, limits
from compliance.commitments.lifecycle import Side as CommitmentSide
from compliance.commitments.queries import CommitmentRecord, commitments
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.registry.consents.queries import (
    ConsentRecord,
    ConsentState,
    Side,
    consents,
)
from compliance.risk import queries
from compliance.risk.codes import PartCode, RiskLevel
from compliance.risk.histories import Point
from compliance.risk.queries import ChangeRecord, OpenActions, RiskRecord
from compliance.scorecards.at_sites import CardAtSite
from compliance.scorecards.queries import ScorecardRecord, scorecards
from compliance.texts import LANGUAGES, N_, translate

portfolio_site = feature_router("/portfolio", "pages")

WIDTH, HEIGHT = 640.0, 160.0
CHANGES = 50
# How the cards of a site are reached, where its risk is reached in one of these ways.
CARDS_SEEN_AS = {
    Relation.OWN: Relation.OWN,
    Relation.OPERATES: Relation.OPERATES,
    Relation.SHARED_RISK: Relation.SHARED_SCORECARD,
}
PARTS = {
    PartCode.INHERENT: N_("What lies in the place, the crop and the kind of work"),
    PartCode.MANAGEMENT: N_("How the site is managed and puts things right"),
    PartCode.OUTCOME: N_("What workers meet there"),
}


@dataclass(frozen=True)
class Seen:
    """All that the page of a site shows, read in one transaction."""

    scope: Scope
    risk: RiskRecord
    told: dict[str, Any]
    actions: OpenActions | None
    card: CardAtSite | None
    changes: tuple[ChangeRecord, ...]
    cards: tuple[ScorecardRecord, ...]
    promised: tuple[CommitmentRecord, ...]
    consents: tuple[ConsentRecord, ...]
    chart: History | None

    @property
    def is_kept(self) -> bool:
        return self.risk.relation is Relation.OWN


@portfolio_site.get("/{site_id}", include_in_schema=False)
async def show_site_risk(request: Request, site_id: str) -> Response:
    """Show why the risk of a site is what it is, and what the reader may take along."""
    seen = await hop.read(
        request, lambda session, scope: _see(request, session, scope, site_id)
    )
    language = language_of(request, seen.scope)
    url = hop.service_of(request).settings.resolved_public_url
    address = quoted(f"{url}/v1/sites/{seen.risk.public_id}/risk")
    return page(
        request,
        "portfolio_site.html",
        scope=seen.scope,
        seen=seen,
        part_names={
            part.value: translate(text, language) for part, text in PARTS.items()
        },
        levels=tuple(RiskLevel),
        changes=[
            (one, changed_risk(one, language)["decided_by"]) for one in seen.changes
        ],
        paper_languages=LANGUAGES,
        now=clock.now(),
        computed_on=_day(seen.told["computed_on"]),
        curl=f"curl -H 'Authorization: Bearer KEY' -H 'Accept-Language: {language}' \\\n"
        f"  '{address}'",
    )


def _day(told: str | None) -> date | None:
    return None if told is None else date.fromisoformat(told)


def _see(request: Request, session: Session, scope: Scope, site_id: str) -> Seen:
    record = queries.risk_of_site(session, scope, site_id)
    known = beside(session, scope, [record.site_id])
    actions = known.actions_of(record)
    card = known.cards.get(record.site_id)
    past = queries.history(session, scope, site_id, rows=CHANGES).rows
    points = [Point(one.changed_at, one.level, one.score) for one in reversed(past)]
    return Seen(
        scope=scope,
        risk=record,
        told=full_risk(record, language_of(request, scope), actions=actions, card=card),
        actions=actions,
        card=card,
        changes=past,
        cards=_cards(session, scope, record),
        promised=commitments(
            session,
            scope,
            rows=limits.PAGE_ROWS,
            side=CommitmentSide.MAKER,
            site=record.public_id,
        ).rows,
        consents=_consents(session, scope, record),
        chart=history_chart(points, until=clock.now(), width=WIDTH, height=HEIGHT),
    )


def _cards(
    session: Session, scope: Scope, record: RiskRecord
) -> tuple[ScorecardRecord, ...]:
    """Return the cards of the site that the reader may see, the newest first."""
    if not scope.may(Permission.READ_SCORECARDS):
        return ()
    found = scorecards(
        session,
        scope,
        rows=limits.PAGE_ROWS,
        seen_as=CARDS_SEEN_AS[record.relation],
        site=record.public_id,
        newest_first=True,
    )
    return found.rows


def _consents(
    session: Session, scope: Scope, record: RiskRecord
) -> tuple[ConsentRecord, ...]:
    """Return who is shown the site by the reader, or by whom the reader is shown it."""
    is_shown = record.relation is Relation.SHARED_RISK
    found = consents(
        session,
        scope,
        Side.RECEIVED if is_shown else Side.GIVEN,
        rows=limits.PAGE_ROWS,
        site=record.public_id,
        state=ConsentState.IN_FORCE.value,
    )
    return found.rows
