"""Webhooks and mail boxes: where alerts are sent, how that goes, and what is done about it."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.options import codes_told
from api.pages.rendering import language_of, page
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    listed,
    pager,
    read_list,
    wants_csv,
)
from api.pages.webhooks_telling import SIGNATURE_CHECK, next_attempt
from api.pages.written import beginning
from api.routing import feature_router
from compliance import limits
from compliance.alerts import receivers, replaying
from compliance.alerts.models import Channel, DeliveryState, ReceiverState
from compliance.alerts.receivers import DeliveryRecord, ReceiverRecord
from compliance.alerts.telling import TITLES
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

NOTES: Mapping[str, str] = {
    "tested": N_("A test is on its way; the deliveries below tell how it went."),
    "active": N_("It is sent alerts again."),
    "stopped": N_(
        "Paused: it is sent nothing. What happens meanwhile can be sent later."
    ),
    "removed": N_("Removed: nothing more is sent there."),
    "replayed": N_("What happened since is on its way again, under the same ids."),
    "some_replayed": N_(
        "The first part is on its way again. Send again from the last alert that arrived "
        "to go on."
    ),
    "nothing_replayed": N_("Nothing happened since then that this receiver is told."),
}

webhooks = feature_router("/webhooks", "pages")


@webhooks.get("", include_in_schema=False)
async def show_receivers(request: Request, done: str = "") -> Response:
    """List where alerts are sent."""
    kind = chosen(request, "kind", Channel)
    state = chosen(request, "state", ReceiverState)

    seen = await read_list(
        request,
        lambda session, scope, rows, after: receivers.receivers(
            session, scope, rows=rows, after=after, kind=kind, state=state
        ),
    )
    if wants_csv(request):
        return csv_response([_receiver_row(one) for one in seen.rows], "receivers")
    language = language_of(request, seen.scope)
    return page(
        request,
        "webhooks.html",
        scope=seen.scope,
        receivers=seen.rows,
        kind=kind,
        state=state,
        kinds=codes_told(Channel, language),
        states=codes_told((ReceiverState.ACTIVE, ReceiverState.STOPPED), language),
        check=SIGNATURE_CHECK,
        base=hop.service_of(request).settings.resolved_public_url,
        done_note=_note(done, language),
        **pager(request, seen.next_after),
    )


@webhooks.get("/{receiver}", include_in_schema=False)
async def show_receiver(request: Request, receiver: str, done: str = "") -> Response:
    """Show one receiver, what it is told, and its deliveries."""
    return await _receiver_page(request, receiver, Form(), done)


async def _receiver_page(
    request: Request, receiver: str, form: Form, done: str = ""
) -> Response:
    state = chosen(request, "state", DeliveryState)

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[DeliveryRecord]:
        return receivers.deliveries(
            session, scope, receiver, rows=rows, after=after, state=state
        )

    def work(
        session: Session, scope: Scope
    ) -> tuple[ReceiverRecord, Listed[DeliveryRecord]]:
        known = receivers.receiver(session, scope, receiver)
        return known, listed(request, session, scope, page_of)

    known, seen = await hop.read(request, work)
    if wants_csv(request):
        return csv_response([_delivery_row(one) for one in seen.rows], "deliveries")
    language = language_of(request, seen.scope)
    return page(
        request,
        "webhook.html",
        scope=seen.scope,
        status=form.status,
        form=form,
        receiver=known,
        deliveries=[(one, next_attempt(known, one)) for one in seen.rows],
        state=state,
        states=codes_told(DeliveryState, language),
        titles=TITLES,
        hours=limits.ALERT_FORMER_HOURS,
        most=limits.ALERT_REPLAY,
        check=SIGNATURE_CHECK,
        base=hop.service_of(request).settings.resolved_public_url,
        done_note=_note(done, language),
        **pager(request, seen.next_after),
    )


@webhooks.post("/{receiver}/test", include_in_schema=False)
async def send_test(request: Request, receiver: str) -> Response:
    """Send an alert that is only a test."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        receivers.send_test(session, scope, receiver)
        return go_to(f"/webhooks/{receiver}", done="tested")

    return await sent(request, form, work, _again(request, receiver))


@webhooks.post("/{receiver}/state", include_in_schema=False)
async def change_state(request: Request, receiver: str) -> Response:
    """Pause a receiver, or send to it again."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        is_back = form.value("state") == ReceiverState.ACTIVE
        state = ReceiverState.ACTIVE if is_back else ReceiverState.STOPPED
        receivers.change_receiver(session, scope, receiver, state=state)
        return go_to(f"/webhooks/{receiver}", done=state)

    return await sent(request, form, work, _again(request, receiver))


@webhooks.post("/{receiver}/removal", include_in_schema=False)
async def remove(request: Request, receiver: str) -> Response:
    """Send nothing more to a receiver, for good."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        receivers.remove_receiver(session, scope, receiver)
        return go_to("/webhooks", done="removed")

    return await sent(request, form, work, _again(request, receiver))


@webhooks.post("/{receiver}/replay", include_in_schema=False)
async def replay(request: Request, receiver: str) -> Response:
    """Send again what happened since a day, or after an alert."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        receivers.receiver(session, scope, receiver)
        after = form.value("after_alert").strip()
        day = None if after else form.day("since")
        replayed = replaying.replay(
            session,
            scope,
            receiver,
            after=after if day is None else beginning(day),
        )
        done = "replayed" if replayed.is_all else "some_replayed"
        return go_to(
            f"/webhooks/{receiver}",
            done=done if replayed.alerts else "nothing_replayed",
        )

    return await sent(request, form, work, _again(request, receiver))


def _again(request: Request, receiver: str) -> Callable[[Form], Awaitable[Response]]:
    return lambda form: _receiver_page(request, receiver, form)


def _note(done: str, language: str) -> str | None:
    return translate(NOTES[done], language) if done in NOTES else None


def _receiver_row(one: ReceiverRecord) -> dict[str, object]:
    return {
        "id": one.public_id,
        "kind": one.kind,
        "address": one.address,
        "language": one.language,
        "events": " ".join(one.events),
        "roles": " ".join(one.roles),
        "state": one.state,
        "failures": one.failures,
        "rests_until": one.rests_until,
        "created_at": one.created_at,
    }


def _delivery_row(one: DeliveryRecord) -> dict[str, object]:
    return {
        "id": one.public_id,
        "alert": one.alert,
        "event": one.event,
        "subject": one.subject,
        "state": one.state,
        "attempts": one.attempts,
        "last_code": one.last_code,
        "last_fault": one.last_fault,
        "created_at": one.created_at,
        "tried_at": one.tried_at,
        "delivered_at": one.delivered_at,
    }
