"""Risk over HTTP: of thousands of names in one question, the portfolio, and one site."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.risk_documents import (
    Document,
    answer_document,
    changed_risk,
    full_risk,
    listed_risk,
    names_of,
    short_risk,
    summary_document,
)
from api.risk_wire import (
    PortfolioQuery,
    RiskAnswers,
    RiskHistory,
    RiskPage,
    RiskQuestion,
    SiteRiskWire,
)
from api.routing import feature_router
from api.stored import stored_response
from api.wire import ONE_PROBLEMS, PROBLEMS
from compliance import limits
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.risk import portfolio as portfolios
from compliance.risk import queries
from compliance.risk.codes import RiskLevel
from compliance.risk.of_supply_base import risks_of_supply_base
from compliance.risk.queries import Answered, OpenActions, Outcome
from compliance.scorecards.at_sites import CardAtSite, cards_at_sites

portfolio = feature_router("/v1/risk", "risk")
site_risk = feature_router("/v1/sites", "risk")

NO_ACTIONS = OpenActions(0, 0)


@dataclass(frozen=True)
class Beside:
    """What stands beside the risk of sites: open actions, and the cards in force."""

    actions: Mapping[UUID, OpenActions]
    cards: Mapping[UUID, CardAtSite]

    def actions_of(self, record: queries.RiskRecord) -> OpenActions | None:
        """Return the open actions of a site; None where the caller may not know."""
        is_run = record.relation in {Relation.OWN, Relation.OPERATES}
        return self.actions.get(record.site_id, NO_ACTIONS) if is_run else None


def beside(session: Session, scope: Scope, site_ids: Collection[UUID]) -> Beside:
    return Beside(
        queries.open_actions(session, scope, site_ids),
        cards_at_sites(session, scope, site_ids),
    )


@portfolio.get(
    "",
    responses={
        200: {"model": RiskPage, "content": {"text/csv": {}}},
        **PROBLEMS,
    },
)
async def list_risk(
    request: Request, query: Annotated[PortfolioQuery, Query()]
) -> Response:
    """List the risk of the sites you keep, operate or are shown, by the page or as CSV."""
    page = await hop.read(
        request,
        lambda session, scope: portfolios.portfolio(
            session,
            scope,
            rows=query.rows,
            after=query.after,
            order=query.sort,
            seen_as=query.relation,
            **query.wanted(),
        ),
    )
    return page_response(
        request, [listed_risk(one) for one in page.rows], page.next_after
    )


@portfolio.post("/query", responses={200: {"model": RiskAnswers}, **ONE_PROBLEMS})
async def query_risk(request: Request, body: RiskQuestion) -> Response:
    """Tell the risk of up to 5,000 names, or of everybody who delivers to a mill.

    Names are answered in the order asked: found, ambiguous, not shared or not found.
    Nothing is stored.
    """
    language = accepted_language(request)

    def read(session: Session, scope: Scope) -> bytes:
        shares: Mapping[UUID, Fraction] = {}
        volume: Mapping[RiskLevel, Fraction] | None = None
        if body.supply_base is None:
            names = body.names()
            answers = queries.risks_of_names(session, scope, names, language)
        else:
            base = risks_of_supply_base(
                session,
                scope,
                body.supply_base.mill,
                season=body.supply_base.season,
            )
            answers, shares, volume = base.answers, base.shares, base.volume
        told = _told(session, scope, answers, language)
        document = _answers_document(answers, told, shares, volume)
        return orjson.dumps(document)

    content = await hop.read(request, read)
    headers = {**_in(language), "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type="application/json")


@site_risk.get("/{site}/risk", responses={200: {"model": SiteRiskWire}, **ONE_PROBLEMS})
async def read_site_risk(request: Request, site: str) -> Response:
    """Read the risk of one site with all that explains it.

    An `ETag` tells whether anything changed; with `If-None-Match` nothing is sent again.
    """
    language = accepted_language(request)

    def read(session: Session, scope: Scope) -> Document:
        record = queries.risk_of_site(session, scope, site)
        known = beside(session, scope, [record.site_id])
        return full_risk(
            record,
            language,
            actions=known.actions_of(record),
            card=known.cards.get(record.site_id),
        )

    document = await hop.glance(request, read)
    content = orjson.dumps(document)
    answer = stored_response(
        request, content, "application/json", sha256(content).hexdigest()[:32]
    )
    answer.headers.update(_in(language))
    return answer


@site_risk.get(
    "/{site}/risk/history", responses={200: {"model": RiskHistory}, **ONE_PROBLEMS}
)
async def list_site_risk_changes(
    request: Request,
    site: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
) -> Response:
    """List what the risk of a site became, the latest first, each with its reasons."""
    language = accepted_language(request)
    page = await hop.read(
        request,
        lambda session, scope: queries.history(
            session, scope, site, rows=rows, after=after
        ),
    )
    changes = [changed_risk(one, language) for one in page.rows]
    answer = page_response(request, changes, page.next_after)
    answer.headers.update(_in(language))
    return answer


def _told(
    session: Session, scope: Scope, answers: Sequence[Answered], language: str
) -> Mapping[UUID, Document]:
    """Return each site's risk as the answer tells it, once for all its names."""
    records = {one.risk.site_id: one.risk for one in answers if one.risk is not None}
    known = beside(session, scope, records.keys())
    return {
        site_id: short_risk(
            record,
            language,
            actions=known.actions_of(record),
            card=known.cards.get(site_id),
        )
        for site_id, record in records.items()
    }


def _answers_document(
    answers: Sequence[Answered],
    told: Mapping[UUID, Document],
    shares: Mapping[UUID, Fraction],
    volume: Mapping[RiskLevel, Fraction] | None,
) -> Document:
    return {
        "summary": summary_document(answers, told, volume),
        "items": [
            answer_document(one, None, None)
            if one.risk is None
            else answer_document(
                one, told[one.risk.site_id], shares.get(one.risk.site_id)
            )
            for one in answers
        ],
        "not_found": names_of(answers, Outcome.NOT_FOUND),
        "not_shared": names_of(answers, Outcome.NOT_SHARED),
        "ambiguous": names_of(answers, Outcome.AMBIGUOUS),
    }


def _in(language: str) -> dict[str, str]:
    return {"Content-Language": language, "Vary": "Accept-Language"}
