"""The application: its layers, its routes by feature, and its contract."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from api import (
    alert_receivers,
    alerts,
    assignments,
    attachments,
    audits,
    card_answers,
    card_reasons,
    card_states,
    checklists,
    commitments,
    consents,
    corrective_actions,
    credentials,
    devices,
    documents,
    draws,
    editions,
    exclusions,
    findings,
    health,
    imports,
    jobs,
    keys,
    list_matches,
    me,
    oauth,
    openrosa,
    people,
    plans,
    policies,
    problems,
    public_lists,
    qualifications,
    registry,
    remedies,
    replies,
    risk,
    rulebook,
    scorecards,
    signals,
    submissions,
    trail,
    verdicts,
    visit_imports,
    well_known,
)
from api.device_addresses import DeviceAddresses
from api.finding_routes import find_by_path
from api.logs import configure_logging
from api.middleware import BodyLimit, HeadIsGet, RequestLog
from api.nul_addresses import AddressesWithoutNul
from api.pages import field as field_pages
from api.pages import imports as import_pages
from api.pages import rules as rule_pages
from api.pages import scorecards as card_pages
from api.pages import sites as site_pages
from api.pages import submissions as submission_pages
from api.pages.account import account
from api.pages.external import external
from api.pages.joining import joining
from api.pages.overview import overview
from api.pages.problems import answer_problem
from api.pages.sign_in import sign_in
from api.pages.static_files import static_files
from api.rate_limits import RateLimits
from api.service import open_service
from api.streams import Streams
from api.upkeep import upkeep
from api.working import working_beside
from compliance import limits
from compliance.scorecards.status_lists import StatusLists
from compliance.settings import Settings, read_settings

DESCRIPTION = (
    "Social compliance of palm-oil and coffee supply chains: register producers and "
    "mills, submit visits, read verdicts with the law behind them, follow findings, "
    "and download scorecards."
)

LARGER_BODIES = {
    "/openrosa/": limits.SUBMISSION_BYTES,
    "/field/submission": limits.SUBMISSION_BYTES,
    "/v1/submissions": limits.XML_BYTES,
    "/v1/checklists": limits.WORKBOOK_BYTES,
    "/v1/editions": limits.BOOK_BYTES,
    "/v1/imports": limits.IMPORT_BYTES,
    "/v1/public-lists": limits.PUBLIC_LIST_BYTES,
    "/v1/visit-imports": limits.VISIT_IMPORT_BYTES,
    "/v1/corrective-actions": limits.PROOF_BYTES,
    "/v1/risk/query": limits.RISK_QUERY_BYTES,
    "/imports": limits.IMPORT_BYTES + limits.MEGABYTE,
}

ROUTERS: tuple[APIRouter, ...] = (
    health.health,
    documents.documents,
    *registry.ROUTERS,
    imports.imports,
    checklists.checklists,
    submissions.submissions,
    submissions.refused_submissions,
    signals.signals,
    signals.visit_signals,
    attachments.attachments,
    visit_imports.visit_imports,
    audits.audits,
    replies.replies,
    qualifications.qualifications,
    devices.devices,
    alerts.alerts,
    alerts.preferences,
    alert_receivers.alert_receivers,
    assignments.assignments,
    assignments.own_assignments,
    draws.draws,
    draws.public_draws,
    openrosa.openrosa,
    verdicts.verdicts,
    rulebook.rulebook,
    editions.editions,
    policies.policies,
    policies.programmes,
    consents.consents,
    findings.findings,
    corrective_actions.of_findings,
    corrective_actions.corrective_actions,
    remedies.remedies,
    commitments.commitments,
    plans.plans,
    public_lists.public_lists,
    public_lists.listed_goods,
    list_matches.list_matches,
    exclusions.exclusions,
    card_answers.card_answers,
    card_reasons.card_reasons,
    card_states.card_states,
    credentials.credentials,
    risk.portfolio,
    risk.site_risk,
    scorecards.scorecards,
    credentials.status_lists,
    scorecards.site_scorecards,
    scorecards.verification,
    jobs.jobs,
    trail.trail,
    trail.public_trail,
    me.whoami,
    people.members,
    keys.api_keys,
    keys.oauth_clients,
    oauth.oauth,
    well_known.well_known,
    sign_in,
    external,
    joining,
    account,
    overview,
    site_pages.sites,
    card_pages.scorecards,
    submission_pages.submissions,
    import_pages.imports,
    rule_pages.rules,
    field_pages.field,
    field_pages.bundle,
    static_files,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the product as an ASGI application."""
    chosen = settings or read_settings()
    configure_logging()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with (
            open_service(chosen) as service,
            working_beside(service),
        ):
            app.state.service = service
            async with upkeep(service):
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
            Middleware(DeviceAddresses),
            Middleware(RequestLog),
            Middleware(RateLimits, settings=chosen),
            Middleware(BodyLimit, larger=LARGER_BODIES),
            Middleware(AddressesWithoutNul),
            Middleware(HeadIsGet),
        ],
    )
    app.state.streams = Streams()
    app.state.status_lists = StatusLists()
    problems.install(app, answer_problem)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    find_by_path(app.router)
    return app
