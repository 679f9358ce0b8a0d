"""Alerts over HTTP: what is told to your role, what you have read, what you get by mail."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Instant, Wire
from compliance import limits
from compliance.alerts import queries, reading
from compliance.alerts.events import AlertEvent
from compliance.alerts.queries import AlertRecord
from compliance.alerts.telling import Links, change_document, title_of
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from rules import Severity


class ChangeWire(Wire):
    """From what to what something went, and the class of reason that may be known."""

    from_: Annotated[str | None, Field(alias="from", description="Nothing: it is new.")]
    to: str | None
    reason: str | None
    topic: Annotated[
        str | None, Field(description="Of what kind is what was found, where it was.")
    ]
    standing: Annotated[
        str | None,
        Field(description="How sure it is: indicator, suspected, confirmed."),
    ]
    version: Annotated[int | None, Field(description="Of the scorecard.")]
    from_letter: str | None
    to_letter: str | None
    verify: Annotated[str | None, Field(description="Where anybody may check it.")]


class AlertWire(Wire):
    """Something that your role is told; it holds references and no names."""

    id: str
    event: AlertEvent
    title: str
    severity: Severity | None
    subject: Annotated[str, Field(description="What it is about, as a reference.")]
    site: str | None
    clock: Annotated[str | None, Field(description="What is owed.")]
    due_at: Instant | None
    because: Annotated[
        str | None,
        Field(
            description="Why nobody could be in time: no_signal where the visit came "
            "after its hours had run out, started_late for what was entered late."
        ),
    ]
    at: Instant
    change: Annotated[
        ChangeWire | None, Field(description="Of a scorecard or of a risk.")
    ]
    read_at: Annotated[Instant | None, Field(description="When you read it here.")]
    link: str


class AlertPage(Wire):
    items: list[AlertWire]
    next: str | None


class MailPreferences(Wire):
    """Of which events you want no mail; in the product you are told all the same."""

    muted: Annotated[
        list[AlertEvent], Field(max_length=len(AlertEvent), examples=[["verified"]])
    ]


alerts = feature_router("/v1/alerts", "alerts")
preferences = feature_router("/v1/alert-preferences", "alerts")


@alerts.get("", responses={200: {"model": AlertPage}, **PROBLEMS})
async def list_alerts(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    unread: Annotated[
        bool | None, Query(description="true: only what you have not read yet.")
    ] = None,
    event: AlertEvent | None = None,
    subject: Annotated[str | None, Query(description="A reference.")] = None,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
) -> Response:
    """List the alerts that are told to your role, the oldest first."""
    page = await hop.read(
        request,
        lambda session, scope: queries.alerts(
            session,
            scope,
            rows=rows,
            after=after,
            unread=unread,
            event=event,
            subject=subject,
            site=site,
        ),
    )
    documents = [alert_document(request, one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@alerts.get("/{alert}", responses={200: {"model": AlertWire}, **ONE_PROBLEMS})
async def read_alert(request: Request, alert: str) -> Response:
    """Read one alert; this does not mark it as read."""
    record = await hop.read(
        request, lambda session, scope: queries.alert(session, scope, alert)
    )
    return hop.respond(hop.json_answer(200, alert_document(request, record)))


@alerts.post("/{alert}/read", responses={200: {"model": AlertWire}, **ONE_PROBLEMS})
async def mark_alert_read(request: Request, alert: str) -> Response:
    """Say that you have read an alert; the first time counts, and only for you."""

    def work(session: Session, scope: Scope) -> Answer:
        record = reading.mark_read(session, scope, alert)
        return hop.json_answer(200, alert_document(request, record))

    return await hop.write(request, work)


@preferences.get("", responses={200: {"model": MailPreferences}, **PROBLEMS})
async def read_preferences(request: Request) -> Response:
    """Tell of which events you get no mail."""
    muted = await hop.read(request, queries.muted)
    return hop.respond(hop.json_answer(200, {"muted": muted}))


@preferences.put("", responses={200: {"model": MailPreferences}, **PROBLEMS})
async def set_preferences(request: Request, body: MailPreferences) -> Response:
    """Say of which events you want no mail; zero tolerance is always told."""

    def work(session: Session, scope: Scope) -> Answer:
        return hop.json_answer(200, {"muted": reading.mute(session, scope, body.muted)})

    return await hop.write(request, work)


def alert_document(request: Request, record: AlertRecord) -> dict[str, Any]:
    """Return an alert as the API tells it, titled in the caller's language."""
    facts = record.facts
    language = accepted_language(request)
    links = Links.of(hop.service_of(request).settings.resolved_public_url, facts)
    return {
        "id": facts.public_id,
        "event": facts.event,
        "title": title_of(facts, language),
        "severity": facts.severity,
        "subject": facts.subject,
        "site": facts.site,
        "clock": facts.clock,
        "due_at": facts.due_at,
        "because": facts.because,
        "at": facts.at,
        "change": change_document(facts.change, links),
        "read_at": record.read_at,
        "link": links.page,
    }
