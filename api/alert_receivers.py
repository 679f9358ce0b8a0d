"""Receivers of alerts over HTTP: mail boxes and signed webhooks of an organisation."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import (
    ONE_PROBLEMS,
    PROBLEMS,
    EmailAddress,
    Instant,
    ProblemDocument,
    Wire,
)
from compliance import limits
from compliance.alerts import receivers, replaying
from compliance.alerts.addresses import networks_of
from compliance.alerts.events import AlertEvent
from compliance.alerts.models import Channel, DeliveryState, ReceiverState
from compliance.alerts.receivers import DeliveryRecord, ReceiverRecord
from compliance.idempotency import Answer
from compliance.identity.models import Role
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_

Language = Literal["en", "es"]
Events = Annotated[
    list[AlertEvent],
    Field(
        max_length=len(AlertEvent), description="Of these events only; none: of all."
    ),
]
Roles = Annotated[
    list[Role],
    Field(
        max_length=len(Role),
        description="Only what is told to one of these roles; none: to any.",
    ),
]
MAIL_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)


class MailAddressRefused(Problem):
    kind = Kind.INVALID
    title = N_("Mail cannot be sent there")
    detail = N_("'address' must be one e-mail address and nothing around it.")


class NewReceiver(Wire):
    """A mail box or a program that shall be told."""

    kind: Channel
    address: Annotated[
        str,
        StringConstraints(min_length=3, max_length=500, strict=True),
        Field(
            description="An e-mail address, or where a webhook is sent: https, in the "
            "open internet.",
            examples=["https://example.org/atalaya"],
        ),
    ]
    language: Annotated[Language, Field(description="Of mail.")] = "en"
    events: Events = Field(default_factory=list)
    roles: Roles = Field(default_factory=list)


class ReceiverChange(Wire):
    """What shall be otherwise; what is left out stays."""

    state: Annotated[
        Literal["active", "stopped"] | None,
        Field(description="active also tries again at once with one that was sick."),
    ] = None
    language: Language | None = None
    events: Events | None = None
    roles: Roles | None = None


class ReceiverWire(Wire):
    """A receiver, all but its secret."""

    id: str
    kind: Channel
    address: str
    language: str
    events: list[AlertEvent]
    roles: list[Role]
    state: ReceiverState
    failures: Annotated[int, Field(description="In a row, up to now.")]
    rests_until: Annotated[
        Instant | None, Field(description="Until then it is left alone.")
    ]
    created_by: str
    created_at: Instant


class MadeReceiverWire(ReceiverWire):
    """A receiver that was just made; a webhook's secret is told now and never again."""

    secret: Annotated[
        str | None,
        Field(description="What the signature is checked with (Standard Webhooks)."),
    ]


class ReceiverPage(Wire):
    items: list[ReceiverWire]
    next: str | None


class DeliveryWire(Wire):
    """One alert on its way to a receiver; `id` travels along as `webhook-id`."""

    id: str
    alert: str
    event: AlertEvent
    subject: str
    state: DeliveryState
    attempts: Annotated[int, Field(description="Since it was last asked for.")]
    last_code: Annotated[
        int | None, Field(description="The status of HTTP or SMTP it answered last.")
    ]
    last_fault: Annotated[str | None, Field(description="Why there was no answer.")]
    created_at: Instant
    replayed_at: Annotated[
        Instant | None, Field(description="When it was asked for once more.")
    ]
    tried_at: Instant | None
    delivered_at: Instant | None


class DeliveryPage(Wire):
    items: list[DeliveryWire]
    next: str | None


class ReplayFrom(Wire):
    """From where on a receiver is sent again what it may have lost."""

    after: Annotated[
        Instant | Annotated[str, StringConstraints(max_length=40, strict=True)],
        Field(
            union_mode="left_to_right",
            description="The id of the last alert that arrived, or an instant with its "
            "zone: what happened since is sent again.",
            examples=["alert_7k2m9qxa", "2026-11-22T12:00:00Z"],
        ),
    ]


class ReplayedWire(Wire):
    """What is on its way again, in its order and under the same ids."""

    alerts: int
    last: Annotated[str | None, Field(description="The last of these alerts.")]
    is_all: Annotated[
        bool, Field(description="false: ask again with 'after' set to 'last'.")
    ]


class SentTest(Wire):
    """The alert that says it is only a test; it is on its way."""

    alert: str


CONFLICTS: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemDocument, "description": "Not possible now."}
}

alert_receivers = feature_router("/v1/alert-receivers", "alerts")


@alert_receivers.get("", responses={200: {"model": ReceiverPage}, **PROBLEMS})
async def list_alert_receivers(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    kind: Channel | None = None,
    state: ReceiverState | None = None,
) -> Response:
    """List where your organisation's alerts are sent, besides its members' mail."""
    page = await hop.read(
        request,
        lambda session, scope: receivers.receivers(
            session, scope, rows=rows, after=after, kind=kind, state=state
        ),
    )
    documents = [receiver_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@alert_receivers.post(
    "",
    status_code=201,
    responses={201: {"model": MadeReceiverWire}, **PROBLEMS, **CONFLICTS},
)
async def make_alert_receiver(request: Request, body: NewReceiver) -> Response:
    """Let alerts be sent to a mail box or a program; a secret is shown once."""
    service = hop.service_of(request)
    networks = networks_of(service.settings.webhook_networks)
    if body.kind is Channel.MAIL:
        _check_mail_address(body.address)

    def work(session: Session, scope: Scope) -> Answer:
        made = receivers.make_receiver(
            session, scope, keyring_of(service), networks, **body.model_dump()
        )
        return hop.secret_answer(
            receiver_document(made.receiver),
            {"secret": made.secret},
            location=f"/v1/alert-receivers/{made.receiver.public_id}",
        )

    return await hop.write(request, work)


@alert_receivers.get(
    "/{receiver}", responses={200: {"model": ReceiverWire}, **ONE_PROBLEMS}
)
async def read_alert_receiver(request: Request, receiver: str) -> Response:
    """Read one receiver, without its secret."""
    record = await hop.read(
        request, lambda session, scope: receivers.receiver(session, scope, receiver)
    )
    return hop.respond(hop.json_answer(200, receiver_document(record)))


@alert_receivers.patch(
    "/{receiver}", responses={200: {"model": ReceiverWire}, **ONE_PROBLEMS}
)
async def change_alert_receiver(
    request: Request, receiver: str, body: ReceiverChange
) -> Response:
    """Change what a receiver is told, stop it, or start it again."""

    def work(session: Session, scope: Scope) -> Answer:
        changes = body.model_dump()
        state = changes.pop("state")
        record = receivers.change_receiver(
            session,
            scope,
            receiver,
            state=None if state is None else ReceiverState(state),
            **changes,
        )
        return hop.json_answer(200, receiver_document(record))

    return await hop.write(request, work)


@alert_receivers.delete("/{receiver}", status_code=204, responses={**ONE_PROBLEMS})
async def remove_alert_receiver(request: Request, receiver: str) -> Response:
    """Send nothing more to a receiver; what was under way is dropped."""

    def work(session: Session, scope: Scope) -> Answer:
        receivers.remove_receiver(session, scope, receiver)
        return hop.NOTHING

    return await hop.write(request, work)


@alert_receivers.post(
    "/{receiver}/test",
    status_code=202,
    responses={202: {"model": SentTest}, **ONE_PROBLEMS, **CONFLICTS},
)
async def send_test_alert(request: Request, receiver: str) -> Response:
    """Send a receiver an alert that is only a test; its deliveries tell how it went."""

    def work(session: Session, scope: Scope) -> Answer:
        alert = receivers.send_test(session, scope, receiver)
        return hop.json_answer(202, {"alert": alert})

    return await hop.write(request, work)


@alert_receivers.post(
    "/{receiver}/replay",
    status_code=202,
    responses={202: {"model": ReplayedWire}, **ONE_PROBLEMS, **CONFLICTS},
)
async def replay_alerts(request: Request, receiver: str, body: ReplayFrom) -> Response:
    """Send a receiver again what happened since, in its order, under the same ids."""

    def work(session: Session, scope: Scope) -> Answer:
        replayed = replaying.replay(session, scope, receiver, after=body.after)
        return hop.json_answer(202, asdict(replayed))

    return await hop.write(request, work)


@alert_receivers.post(
    "/{receiver}/secret",
    status_code=201,
    responses={201: {"model": MadeReceiverWire}, **ONE_PROBLEMS, **CONFLICTS},
)
async def change_alert_secret(request: Request, receiver: str) -> Response:
    """Give a webhook another secret, shown once; for a day both sign its messages."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        made = replaying.rotate_secret(session, scope, keyring_of(service), receiver)
        return hop.secret_answer(
            receiver_document(made.receiver),
            {"secret": made.secret},
            location=f"/v1/alert-receivers/{receiver}",
        )

    return await hop.write(request, work)


@alert_receivers.get(
    "/{receiver}/deliveries", responses={200: {"model": DeliveryPage}, **ONE_PROBLEMS}
)
async def list_deliveries(
    request: Request,
    receiver: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    state: DeliveryState | None = None,
) -> Response:
    """List what was sent to a receiver, how often it was tried, and what it answered."""
    page = await hop.read(
        request,
        lambda session, scope: receivers.deliveries(
            session, scope, receiver, rows=rows, after=after, state=state
        ),
    )
    documents = [delivery_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


def receiver_document(record: ReceiverRecord) -> dict[str, Any]:
    """Return a receiver as the API tells it."""
    known = asdict(record)
    return {"id": known.pop("public_id"), **known}


def delivery_document(record: DeliveryRecord) -> dict[str, Any]:
    """Return a delivery as the API tells it."""
    known = asdict(record)
    return {"id": known.pop("public_id"), **known}


def _check_mail_address(address: str) -> None:
    try:
        MAIL_ADDRESS.validate_python(address)
    except ValidationError:
        raise MailAddressRefused from None
