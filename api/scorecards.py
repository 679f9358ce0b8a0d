"""Scorecards over HTTP: issue one, read it as JSON or PDF, and verify it by its code."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.card_making import issue_card, press_of
from api.lists import After, Rows, page_response
from api.pages.rendering import prefers_page
from api.pages.verification import verify_page
from api.routing import feature_router
from api.scorecards_wire import (
    SEEN_AS,
    NewScorecard,
    ScorecardPage,
    ScorecardWire,
    VerifiedWire,
    scorecard_document,
    verified_document,
)
from api.stored import stored_response
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.scorecards import checking, queries
from compliance.scorecards.codes import Letter

scorecards = feature_router("/v1/scorecards", "scorecards")
site_scorecards = feature_router("/v1/sites", "scorecards")
verification = feature_router("/v", "verification")

PDF = "application/pdf"
ISSUE_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "Something lacks for a card."},
}

NOT_PRINTED: dict[int | str, dict[str, Any]] = {
    503: {"model": ProblemDocument, "description": "It is being signed; ask again."},
}


@site_scorecards.post(
    "/{site}/scorecards",
    status_code=201,
    responses={201: {"model": ScorecardWire}, **ISSUE_PROBLEMS},
)
async def issue_scorecard(request: Request, site: str, body: NewScorecard) -> Response:
    """Issue the card of a site from its last visit; the one before is superseded."""
    press = press_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        card = issue_card(session, scope, press, site, body.statement())
        return hop.json_answer(
            201,
            scorecard_document(card),
            location=f"/v1/scorecards/{card.public_id}",
        )

    return await hop.write(request, work)


@scorecards.get("", responses={200: {"model": ScorecardPage}, **PROBLEMS})
async def list_scorecards(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    letter: Letter | None = None,
    relation: Annotated[
        Literal["own", "operates", "shared"],
        Query(description="Issued by you, of sites you operate, or shown to you."),
    ] = "own",
    *,
    in_force: Annotated[bool, Query(description="Only those that speak now.")] = False,
) -> Response:
    """List issued scorecards in the order of issue."""
    page = await hop.read(
        request,
        lambda session, scope: queries.scorecards(
            session,
            scope,
            rows=rows,
            after=after,
            in_force=in_force,
            seen_as=SEEN_AS[relation],
            site=site,
            letter=letter,
        ),
    )
    documents = [scorecard_document(card) for card in page.rows]
    return page_response(request, documents, page.next_after)


@scorecards.get(
    "/{scorecard}.pdf",
    responses={200: {"content": {PDF: {}}}, **ONE_PROBLEMS, **NOT_PRINTED},
)
async def read_pdf(
    request: Request, scorecard: str, language: Literal["en", "es"] = "en"
) -> Response:
    """Fetch the signed PDF of a card, byte for byte; it is there soon after the issue."""
    files = hop.service_of(request).files

    def work(session: Session, scope: Scope) -> tuple[str, bytes]:
        digest = queries.printed_pdf(session, scope, scorecard, language)
        return digest, files.read(digest)

    digest, content = await hop.read(request, work)
    return stored_response(request, content, PDF, digest)


@scorecards.get(
    "/{scorecard}",
    responses={200: {"content": {"application/json": {}}}, **ONE_PROBLEMS},
)
async def read_scorecard(request: Request, scorecard: str) -> Response:
    """Fetch the canonical JSON of a card, byte for byte as it was issued."""

    def work(session: Session, scope: Scope) -> tuple[str, bytes]:
        card = queries.scorecard(session, scope, scorecard)
        return card.sha256, queries.canonical_content(session, scope, scorecard)

    digest, content = await hop.read(request, work)
    response = stored_response(request, content, "application/json", digest)
    answers = f"/v1/scorecards/{scorecard}/answers"
    response.headers["Link"] = f'<{answers}>; rel="related"; title="answers"'
    return response


@verification.get(
    "/{code}",
    responses={
        200: {"model": VerifiedWire},
        404: {"model": ProblemDocument, "description": "No card has this code."},
    },
)
async def verify(request: Request, code: str) -> Response:
    """Tell anybody whether a card is genuine and holds now; no key is needed."""
    found = await hop.service_of(request).read(
        lambda session: checking.check(session, code), system=True
    )
    if prefers_page(request):
        return verify_page(request, found)
    answer = hop.json_answer(
        200,
        verified_document(found),
        cache_control="no-store",
        vary="Accept",
        x_robots_tag="noindex",
    )
    return hop.respond(answer)
