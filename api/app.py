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
from api.pages import actions as actions_page
from api.pages import alerts as alerts_page
from api.pages import assignments as assignments_page
from api.pages import assignments_new as assignments_new_page
from api.pages import audits as audits_page
from api.pages import checklist_versions as checklist_versions_page
from api.pages import checklists as checklists_page
from api.pages import checklists_list as checklists_list_page
from api.pages import clients as clients_page
from api.pages import consents as consents_page
from api.pages import consents_asking as asking_page
from api.pages import consents_giving as giving_page
from api.pages import devices as devices_page
from api.pages import draws as draws_page
from api.pages import draws_shown as draws_shown_page
from api.pages import edition_trials as edition_trials_page
from api.pages import editions as editions_page
from api.pages import explained as explained_page
from api.pages import field as field_pages
from api.pages import findings as findings_page
from api.pages import first_run as first_run_page
from api.pages import imports as import_pages
from api.pages import invitations as invitations_page
from api.pages import jobs as jobs_page
from api.pages import keys as keys_page
from api.pages import list_importing as list_importing_page
from api.pages import list_keeping as list_keeping_page
from api.pages import list_match as list_match_page
from api.pages import list_matches as list_matches_page
from api.pages import people as people_page
from api.pages import plan_visit as plan_visit_page
from api.pages import policies as policies_page
from api.pages import portfolio as portfolio_page
from api.pages import portfolio_ask as portfolio_ask_page
from api.pages import portfolio_map as portfolio_map_page
from api.pages import portfolio_site as portfolio_site_page
from api.pages import replies as replies_page
from api.pages import rules as rule_pages
from api.pages import scorecards as card_pages
from api.pages import scorecards_issuing as card_issuing_pages
from api.pages import scorecards_list as scorecards_list_page
from api.pages import scorecards_states as card_state_pages
from api.pages import sites as site_pages
from api.pages import submissions as submission_pages
from api.pages import supply_base as supply_base_page
from api.pages import supply_base_map as supply_base_map_page
from api.pages import today as today_page
from api.pages import trail as trail_page
from api.pages import webhooks as webhooks_page
from api.pages import webhooks_making as webhooks_making_page
from api.pages.account import account
from api.pages.action import one_action
from api.pages.audits_acts import audit_acts
from api.pages.commitments import commitments as commitments_page
from api.pages.evidence import evidence
from api.pages.external import external
from api.pages.finding import one_finding
from api.pages.joining import joining
from api.pages.plans import site_plan
from api.pages.problems import answer_problem
from api.pages.proposals import proposals, proposed_again
from api.pages.remedies import proofs_of_payment
from api.pages.remedies import remedies as remedies_page
from api.pages.remedies_entering import remedies_of_findings
from api.pages.sign_in import sign_in
from api.pages.static_files import static_files
from api.pages.submissions_acts import submission_acts
from api.pages.submissions_list import submission_list
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
    "/portfolio/ask": limits.RISK_QUERY_BYTES,
    "/imports": limits.IMPORT_BYTES + limits.MEGABYTE,
    "/evidence/": limits.PROOF_BYTES + limits.MEGABYTE,
    "/proofs/": limits.PROOF_BYTES + limits.MEGABYTE,
    # A workbook that was looked at comes back in the form, as text.
    "/checklists": 2 * limits.WORKBOOK_BYTES,
    "/editions": limits.BOOK_BYTES + limits.MEGABYTE,
    "/list-matches": limits.PUBLIC_LIST_BYTES + limits.MEGABYTE,
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
    site_pages.sites,
    card_pages.scorecards,
    card_issuing_pages.scorecards_issuing,
    card_state_pages.scorecards_states,
    submission_list,
    submission_pages.submissions,
    submission_acts,
    import_pages.imports,
    rule_pages.rules,
    field_pages.field,
    field_pages.bundle,
    today_page.today,
    alerts_page.alerts,
    jobs_page.jobs,
    first_run_page.first_run,
    audits_page.audits,
    audit_acts,
    supply_base_page.supply_base,
    supply_base_map_page.supply_base_map,
    plan_visit_page.plan_visit,
    devices_page.devices,
    draws_page.draws,
    draws_shown_page.drawn,
    assignments_new_page.new_assignments,
    assignments_page.assignments,
    assignments_page.my_visits,
    findings_page.findings,
    one_finding,
    proposals,
    remedies_of_findings,
    actions_page.actions,
    one_action,
    proposed_again,
    evidence,
    remedies_page,
    proofs_of_payment,
    commitments_page,
    site_plan,
    replies_page.replies,
    portfolio_map_page.portfolio_map,
    portfolio_ask_page.portfolio_ask,
    portfolio_page.portfolio,
    portfolio_site_page.portfolio_site,
    scorecards_list_page.scorecards_list,
    asking_page.requests,
    giving_page.giving_pages,
    consents_page.consents,
    webhooks_making_page.webhooks_making,
    webhooks_page.webhooks,
    clients_page.clients,
    keys_page.keys,
    invitations_page.invited,
    people_page.people,
    policies_page.policies,
    trail_page.trail,
    checklists_list_page.checklists_list,
    checklists_page.checklists,
    checklist_versions_page.checklist_versions,
    edition_trials_page.edition_trials,
    editions_page.editions,
    list_keeping_page.list_keeping,
    list_importing_page.list_importing,
    list_matches_page.list_matches,
    list_match_page.list_match,
    explained_page.explained,
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
