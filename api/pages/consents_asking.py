"""Asking for sight: the requests that were sent and received, and their answers."""

from dataclasses import replace
from datetime import timedelta

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.consents import note
from api.pages.consents_giving import (
    NO_PERIOD,
    already_shown,
    choice_of,
    marked_sites,
    period_of,
)
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.options import codes_told
from api.pages.rendering import language_of, page
from api.pages.site_names import names_of_sites
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    listed,
    pager,
    wants_csv,
)
from api.routing import feature_router
from compliance import clock
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.consents import asking, queries
from compliance.registry.consents.giving import ConsentExists, PeriodUnusable
from compliance.registry.consents.parties import CannotReceive
from compliance.registry.consents.queries import RequestRecord, Side
from compliance.registry.models.consents import Subject
from compliance.texts import N_

A_YEAR = timedelta(days=365)
ID_CHARACTERS = 40
OPEN = {"yes": True, "no": False}

requests = feature_router("/consents/requests", "pages")


@requests.get("", include_in_schema=False)
async def show_requests(request: Request, done: str = "") -> Response:
    """List who asked whom for sight of what, and what was answered."""
    side = chosen(request, "side", Side)
    waits = request.query_params.get("open", "")

    is_open = OPEN.get(waits)

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[RequestRecord]:
        return queries.requests(
            session, scope, rows=rows, after=after, is_open=is_open, side=side
        )

    def work(
        session: Session, scope: Scope
    ) -> tuple[Listed[RequestRecord], dict[str, str]]:
        found = listed(request, session, scope, page_of)
        asked = () if wants_csv(request) else (one.site or "" for one in found.rows)
        return found, names_of_sites(session, scope, asked)

    seen, names = await hop.read(request, work)
    if wants_csv(request):
        return csv_response([_as_row(one) for one in seen.rows], "requests")
    return page(
        request,
        "consent_requests.html",
        scope=seen.scope,
        requests=seen.rows,
        names=names,
        side=side,
        waits=waits,
        may_share=seen.scope.may(Permission.SHARE),
        base=hop.service_of(request).settings.resolved_public_url,
        done_note=note(done, language_of(request, seen.scope)),
        **pager(request, seen.next_after),
    )


@requests.get("/new", include_in_schema=False)
async def ask_for_what(request: Request) -> Response:
    """Show the form to ask a supplier for sight."""
    return await _form_page(request, Form())


async def _form_page(request: Request, form: Form) -> Response:
    def work(_session: Session, scope: Scope) -> Response:
        scope.require(Permission.SHARE)
        return page(
            request,
            "consent_ask.html",
            scope=scope,
            status=form.status,
            form=form,
            subjects=codes_told(Subject, language_of(request, scope)),
        )

    return await hop.read(request, work)


@requests.post("", include_in_schema=False)
async def ask(request: Request) -> Response:
    """Ask a supplier for sight of its sites, or of one."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.SHARE)
        site = form.value("site").strip() or None
        if site is not None and len(site) > ID_CHARACTERS:
            raise FieldWrong("site", N_("Write the id of a site, as site_7k2m9q."))
        try:
            asking.ask(
                session,
                scope,
                supplier=form.required("supplier").strip(),
                subject=form.choice("subject", Subject),
                site=site,
            )
        except CannotReceive as problem:
            told = problem.told(language_of(request, scope))
            raise FieldWrong("supplier", told) from None
        return go_to("/consents/requests", done="asked")

    return await sent(request, form, work, lambda one: _form_page(request, one))


@requests.get("/{asked}", include_in_schema=False)
async def show_request(request: Request, asked: str, done: str = "") -> Response:
    """Show one request; the supplier answers it here."""
    return await _request_page(request, asked, Form(), done)


async def _request_page(
    request: Request, asked: str, form: Form, done: str = ""
) -> Response:
    def work(session: Session, scope: Scope) -> Response:
        known = queries.request(session, scope, asked)
        may_answer = (
            known.supplier_id == scope.organisation_id
            and known.reply is None
            and scope.may(Permission.SHARE)
        )
        shown = form
        if may_answer and known.site is not None and not form.lists:
            shown = replace(form, lists={"sites": (known.site,)})
        choice = choice_of(session, scope, request, shown) if may_answer else None
        names = {} if choice is None else {s.public_id: s.name for s in choice.offered}
        return page(
            request,
            "consent_request.html",
            scope=scope,
            status=form.status,
            form=shown,
            asked=known,
            site_name=names.get(known.site or ""),
            is_ours=known.asker_id == scope.organisation_id,
            may_answer=may_answer,
            choice=choice,
            in_a_year=clock.today() + A_YEAR,
            today=clock.today(),
            done_note=note(done, language_of(request, scope)),
        )

    return await hop.read(request, work)


@requests.post("/{asked}/acceptance", include_in_schema=False)
async def accept(request: Request, asked: str) -> Response:
    """Answer by showing what is asked for, of some sites and for a time."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        queries.request(session, scope, asked)
        scope.require(Permission.SHARE)
        chosen_sites = marked_sites(form)
        begins, ends = period_of(form)
        try:
            asking.accept(
                session,
                scope,
                asked,
                sites=chosen_sites,
                valid_from=begins,
                valid_until=ends,
            )
        except PeriodUnusable:
            raise FieldWrong("last_day", NO_PERIOD) from None
        except ConsentExists as known:
            told = already_shown(session, scope, known, language_of(request, scope))
            raise FieldWrong("sites_marked", told) from None
        return go_to("/consents", done="given")

    return await sent(
        request, form, work, lambda one: _request_page(request, asked, one)
    )


@requests.post("/{asked}/refusal", include_in_schema=False)
async def decline(request: Request, asked: str) -> Response:
    """Answer with no; nobody has to say why."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        asking.decline(session, scope, asked)
        return go_to(f"/consents/requests/{asked}", done="declined")

    return await sent(
        request, form, work, lambda one: _request_page(request, asked, one)
    )


def _as_row(one: RequestRecord) -> dict[str, object]:
    return {
        "id": one.public_id,
        "asker": one.asker.public_id,
        "supplier": one.supplier.public_id,
        "site": one.site,
        "subject": one.subject,
        "asked_at": one.asked_at,
        "reply": one.reply,
        "replied_at": one.replied_at,
    }
