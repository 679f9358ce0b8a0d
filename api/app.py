"""The application: its layers, its routes by feature, and its contract."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from api import (
    checklists,
    documents,
    findings,
    health,
    openrosa,
    problems,
    registry,
    rulebook,
    scorecards,
    submissions,
    verdicts,
)
from api.middleware import BodyLimit, HeadIsGet, RequestLog
from api.pages import rules as rule_pages
from api.pages import sites as site_pages
from api.pages import submissions as submission_pages
from api.pages.overview import overview
from api.pages.problems import answer_problem
from api.pages.sign_in import sign_in
from api.pages.static_files import static_files
from api.service import open_service
from compliance import limits
from compliance.settings import Settings, read_settings

DESCRIPTION = (
    "Social compliance of palm-oil and coffee supply chains: register producers and "
    "mills, submit visits, read verdicts with the law behind them, follow findings, "
    "and download scorecards."
)

LARGER_BODIES = {
    "/openrosa/": limits.SUBMISSION_BYTES,
    "/v1/submissions": limits.XML_BYTES,
    "/v1/checklists": limits.WORKBOOK_BYTES,
}

ROUTERS: tuple[APIRouter, ...] = (
    health.health,
    documents.documents,
    registry.producers,
    registry.mills,
    registry.supply_links,
    registry.organisations,
    checklists.checklists,
    submissions.submissions,
    submissions.refused_submissions,
    openrosa.openrosa,
    verdicts.verdicts,
    rulebook.rulebook,
    findings.findings,
    scorecards.scorecards,
    scorecards.site_scorecards,
    scorecards.verification,
    sign_in,
    overview,
    site_pages.sites,
    submission_pages.submissions,
    rule_pages.rules,
    static_files,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the product as an ASGI application."""
    chosen = settings or read_settings()
    configure_logging()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_service(chosen) as service:
            app.state.service = service
            yield

    app = FastAPI(
        title="Atalaya",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(RequestLog),
            Middleware(BodyLimit, larger=LARGER_BODIES),
            Middleware(HeadIsGet),
        ],
    )
    problems.install(app, answer_problem)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    return app


def configure_logging() -> None:
    """Write one JSON object to a line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=True,
    )
