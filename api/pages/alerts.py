"""One's own alerts: what came up, what was read, and what comes by mail too."""

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop
from api.pages.alert_places import place_of
from api.pages.alert_subjects import Subjects, subjects_of
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.rendering import language_of, page
from api.pages.tables import (
    Listed,
    address_with,
    chosen,
    csv_response,
    listed,
    pager,
    wants_csv,
)
from api.routing import feature_router
from compliance.alerts import queries, reading
from compliance.alerts.events import ALWAYS_TOLD, AlertEvent
from compliance.alerts.queries import AlertRecord
from compliance.alerts.telling import CLOCKS, REASONS, STATES, TITLES
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.scope import NotSignedIn, Scope
from compliance.texts import N_, translate

ROWS = 25
MARK = "alert"
NOTES = {
    "read": N_("The alerts that were shown are marked as read. They stay in the list."),
    "one": N_("The alert is marked as read. It stays in the list."),
    "preferences": N_("Kept: this is what you get by mail from now on."),
}

alerts = feature_router("/alerts", "pages")


class Shown(StrEnum):
    """Which alerts: those not read yet, or all."""

    UNREAD = "unread"
    ALL = "all"


@alerts.get("", include_in_schema=False)
async def show_alerts(request: Request) -> Response:
    """Show what is told to the reader's role: what is not read yet, or all."""

    def work(session: Session, scope: Scope) -> tuple[Listed[AlertRecord], Subjects]:
        found = listed(request, session, scope, partial(_page_of, request), rows=ROWS)
        told = () if wants_csv(request) else (one.facts for one in found.rows)
        return found, subjects_of(session, scope, told)

    try:
        seen, subjects = await hop.read(request, work)
    except NotSignedIn:
        return RedirectResponse("/sign-in?next=/alerts", 303)
    if wants_csv(request):
        return csv_response([_row(one) for one in seen.rows], "alerts")
    language = language_of(request, seen.scope)
    done = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "alerts.html",
        scope=seen.scope,
        alerts=seen.rows,
        subjects=subjects,
        book=hop.service_of(request).book,
        place_of=place_of,
        titles=_told(TITLES, language),
        clocks=_told(CLOCKS, language),
        states=_told(STATES, language),
        reasons=_told(REASONS, language),
        shown=_shown(request),
        event=chosen(request, "event", AlertEvent),
        here=address_with(request, format=None),
        done_note=done and translate(done, language),
        **pager(request, seen.next_after),
    )


@alerts.post("/read", include_in_schema=False)
async def mark_shown_read(request: Request) -> Response:
    """Mark as read the alerts that stood on the page."""
    form = await form_of(request)
    marked = form.all(MARK)[:ROWS]

    def work(session: Session, scope: Scope) -> Answer:
        for one in marked:
            reading.mark_read(session, scope, one)
        return go_to("/alerts", done="read" if len(marked) > 1 else "one")

    async def again(_told: Form) -> Response:
        return await show_alerts(request)

    return await sent(request, form, work, again)


@alerts.post("/{alert}/open", include_in_schema=False)
async def open_alert(request: Request, alert: str) -> Response:
    """Mark an alert as read and go to what it is about."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        record = reading.mark_read(session, scope, alert)
        return go_to(place_of(record.facts, scope) or "/alerts?shown=all")

    async def again(_told: Form) -> Response:
        return await show_alerts(request)

    return await sent(request, form, work, again)


@alerts.get("/preferences", include_in_schema=False)
async def show_preferences(request: Request) -> Response:
    """Show of which events the reader gets mail."""
    try:
        return await _preferences_page(request, Form())
    except NotSignedIn:
        return RedirectResponse("/sign-in?next=/alerts/preferences", 303)


@alerts.post("/preferences", include_in_schema=False)
async def keep_preferences(request: Request) -> Response:
    """Take from the form which events come by mail too."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        wanted = form.all("mail")
        if not set(wanted) <= set(AlertEvent):
            raise FieldWrong("mail", N_("Choose among the events of the list."))
        reading.mute(
            session, scope, [one for one in BY_CHOICE if one.value not in wanted]
        )
        return go_to("/alerts/preferences", done="preferences")

    return await sent(
        request, form, work, lambda told: _preferences_page(request, told)
    )


# What one can choose to get no mail of: not what is always told, nor the test.
BY_CHOICE = tuple(
    one for one in AlertEvent if one not in ALWAYS_TOLD and one is not AlertEvent.TEST
)


async def _preferences_page(request: Request, form: Form) -> Response:
    def work(session: Session, scope: Scope) -> tuple[Scope, tuple[AlertEvent, ...]]:
        return scope, queries.muted(session, scope)

    scope, muted = await hop.read(request, work)
    language = language_of(request, scope)
    is_done = request.query_params.get("done") == "preferences" and not form.values
    return page(
        request,
        "alert_preferences.html",
        scope=scope,
        status=form.status,
        form=form,
        muted=muted,
        by_choice=BY_CHOICE,
        always=tuple(sorted(ALWAYS_TOLD)),
        titles=_told(TITLES, language),
        done_note=translate(NOTES["preferences"], language) if is_done else None,
    )


def _shown(request: Request) -> Shown:
    return chosen(request, "shown", Shown) or Shown.UNREAD


def _page_of(
    request: Request, session: Session, scope: Scope, rows: int, after: str | None
) -> Page[AlertRecord]:
    return queries.alerts(
        session,
        scope,
        rows=rows,
        after=after,
        unread=_shown(request) is Shown.UNREAD,
        newest_first=True,
        event=chosen(request, "event", AlertEvent),
    )


def _row(record: AlertRecord) -> Mapping[str, Any]:
    facts = record.facts
    return {
        "alert": facts.public_id,
        "event": facts.event,
        "severity": facts.severity,
        "subject": facts.subject,
        "site": facts.site,
        "clock": facts.clock,
        "due_at": facts.due_at,
        "because": facts.because,
        "from": facts.change.before,
        "to": facts.change.after,
        "at": facts.at,
        "read_at": record.read_at,
    }


def _told(texts: Mapping[Any, str], language: str) -> dict[Any, str]:
    return {key: translate(text, language) for key, text in texts.items()}
