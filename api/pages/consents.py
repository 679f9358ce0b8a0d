"""Sharing: what others may see of one's sites, what they show, and taking it back."""

from collections.abc import Mapping

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import form_of, go_to
from api.pages.options import codes_told
from api.pages.rendering import language_of, page
from api.pages.tables import (
    chosen,
    csv_response,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.consents import giving, queries
from compliance.registry.consents.queries import ConsentRecord, ConsentState, Side
from compliance.registry.models.consents import Subject
from compliance.texts import N_, translate

NOTES: Mapping[str, str] = {
    "given": N_(
        "It is shown from the moment you chose. Both sides have it in the trail."
    ),
    "taken_back": N_("Taken back: nothing is seen by it any more, from now on."),
    "asked": N_("Your request is sent. It waits for the supplier’s answer."),
    "declined": N_("You declined. The other side learns that, and no reason."),
}
PATHS = {Side.GIVEN: "/consents", Side.RECEIVED: "/consents/received"}

consents = feature_router("/consents", "pages")


@consents.get("", include_in_schema=False)
async def show_given(request: Request, done: str = "") -> Response:
    """List what the organisation lets others see."""
    return await _list_page(request, Side.GIVEN, done)


@consents.get("/received", include_in_schema=False)
async def show_received(request: Request, done: str = "") -> Response:
    """List what others let the organisation see."""
    return await _list_page(request, Side.RECEIVED, done)


async def _list_page(request: Request, side: Side, done: str) -> Response:
    state = chosen(request, "state", ConsentState)
    subject = chosen(request, "subject", Subject)
    site, other = words_chosen(request, "site"), words_chosen(request, "other")

    seen = await read_list(
        request,
        lambda session, scope, rows, after: queries.consents(
            session,
            scope,
            side,
            rows=rows,
            after=after,
            site=site,
            other=other,
            state=state,
            subject=subject,
        ),
    )
    if wants_csv(request):
        return csv_response([_as_row(one) for one in seen.rows], f"consents-{side}")
    language = language_of(request, seen.scope)
    return page(
        request,
        "consents.html",
        scope=seen.scope,
        is_given=side is Side.GIVEN,
        path=PATHS[side],
        consents=seen.rows,
        chosen={"state": state, "subject": subject, "site": site, "other": other},
        states=codes_told(ConsentState, language),
        subjects=codes_told(Subject, language),
        may_share=seen.scope.may(Permission.SHARE),
        base=hop.service_of(request).settings.resolved_public_url,
        done_note=note(done, language),
        **pager(request, seen.next_after),
    )


@consents.get("/{consent}", include_in_schema=False)
async def show_consent(request: Request, consent: str, done: str = "") -> Response:
    """Show one consent, and who gave it takes it back here."""

    def work(session: Session, scope: Scope) -> Response:
        known = queries.consent(session, scope, consent)
        is_given = known.giver.public_id == scope.organisation_public_id
        return page(
            request,
            "consent.html",
            scope=scope,
            consent=known,
            is_given=is_given,
            may_end=is_given
            and scope.may(Permission.SHARE)
            and known.state in {ConsentState.IN_FORCE, ConsentState.UPCOMING},
            base=hop.service_of(request).settings.resolved_public_url,
            done_note=note(done, language_of(request, scope)),
        )

    return await hop.read(request, work)


@consents.post("/{consent}/end", include_in_schema=False)
async def take_back(request: Request, consent: str) -> Response:
    """Take a consent back: at once, and for good."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        giving.take_back(session, scope, consent)
        return go_to(f"/consents/{consent}", done="taken_back")

    return await hop.write(request, work, key=form.value("once") or None)


def note(done: str, language: str) -> str | None:
    """Return what was done, as the page after it tells it."""
    return translate(NOTES[done], language) if done in NOTES else None


def _as_row(one: ConsentRecord) -> dict[str, object]:
    return {
        "id": one.public_id,
        "state": one.state,
        "giver": one.giver.public_id,
        "grantee": one.grantee.public_id,
        "site": one.site_public_id,
        "site_name": one.site_name,
        "subject": one.subject,
        "request": one.request_public_id,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "given_at": one.given_at,
        "revoked_at": one.revoked_at,
    }
