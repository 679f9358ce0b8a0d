"""Devices of auditors over HTTP: let in with a code that is shown once, listed, revoked."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.collect_settings import code_png, code_svg, code_text, collect_settings
from api.device_addresses import device_address
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Instant, Wire
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity import devices as letting_in
from compliance.identity.devices import DeviceRecord, DeviceState, Enrolled, Way
from compliance.identity.scope import Scope

Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strict=True)]
PublicId = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+_[0-9a-z]+$", max_length=40, strict=True)
]


class NewDevice(Wire):
    """A phone, tablet or laptop that shall fetch checklists and send visits."""

    label: Annotated[
        Label, Field(description="What you call it, or whoever carries it.")
    ]
    person: Annotated[
        PublicId | None,
        Field(description="Whose it is; when they leave, it is let in no more."),
    ] = None
    way: Annotated[
        Way,
        Field(
            description="By a secret address, or by a name and a password where there "
            "is no https or the app is an older one."
        ),
    ] = Way.ADDRESS
    expires_at: Annotated[
        Instant | None, Field(description="400 days from now, unless said.")
    ] = None


class DeviceWire(Wire):
    """A device, all but its secret."""

    id: str
    label: str
    person: str | None
    person_name: str | None
    way: Way
    state: DeviceState
    enrolled_by: str
    enrolled_at: Instant
    unused_until: Annotated[
        Instant, Field(description="Until then its code has to be scanned.")
    ]
    expires_at: Instant
    revoked_at: Instant | None
    first_seen_at: Instant | None
    last_seen_at: Instant | None
    user_agent: str | None


class MadeDevice(DeviceWire):
    """A device that was just let in; what opens the door is told now and never again."""

    address: Annotated[str | None, Field(description="The server address of the app.")]
    username: str | None
    password: str | None
    settings: Annotated[
        dict[str, Any] | None, Field(description="The settings of ODK Collect.")
    ]
    code: Annotated[str | None, Field(description="What the code says.")]
    code_png: Annotated[str | None, Field(description="The code, PNG in base64.")]
    code_svg: Annotated[str | None, Field(description="The code as SVG.")]


class DevicePage(Wire):
    items: list[DeviceWire]
    next: str | None


devices = feature_router("/v1/devices", "devices")


@devices.get("", responses={200: {"model": DevicePage}, **PROBLEMS})
async def list_devices(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    person: Annotated[str | None, Query(description="Public id of whose.")] = None,
    state: DeviceState | None = None,
) -> Response:
    """List your organisation's devices and when each was last seen."""
    page = await hop.read(
        request,
        lambda session, scope: letting_in.devices(
            session, scope, rows=rows, after=after, person=person, state=state
        ),
    )
    documents = [device_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@devices.post("", status_code=201, responses={201: {"model": MadeDevice}, **PROBLEMS})
async def enrol_device(request: Request, body: NewDevice) -> Response:
    """Let a device in; the answer holds the code to be scanned, which is shown once."""
    public_url = hop.service_of(request).settings.resolved_public_url

    def work(session: Session, scope: Scope) -> Answer:
        made = letting_in.enrol(session, scope, **body.model_dump())
        return hop.secret_answer(
            device_document(made.device),
            shown_once(made, public_url, scope.organisation_name),
            location=f"/v1/devices/{made.device.public_id}",
        )

    return await hop.write(request, work)


@devices.get("/{device}", responses={200: {"model": DeviceWire}, **ONE_PROBLEMS})
async def read_device(request: Request, device: str) -> Response:
    """Read one device, without its secret."""
    record = await hop.read(
        request, lambda session, scope: letting_in.device(session, scope, device)
    )
    return hop.respond(hop.json_answer(200, device_document(record)))


@devices.post(
    "/{device}/revoke", responses={200: {"model": DeviceWire}, **ONE_PROBLEMS}
)
async def revoke_device(request: Request, device: str) -> Response:
    """Let a device in no more, from its next request on; what it sent stays."""

    def work(session: Session, scope: Scope) -> Answer:
        record = letting_in.revoke_device(session, scope, device)
        return hop.json_answer(200, device_document(record))

    return await hop.write(request, work)


def device_document(record: DeviceRecord) -> dict[str, Any]:
    """Return a device as the API tells it."""
    known = asdict(record)
    del known["id"]
    return {"id": known.pop("public_id"), **known}


def shown_once(made: Enrolled, public_url: str, organisation: str) -> dict[str, object]:
    """Return everything that opens the door, and the code it is scanned from."""
    is_by_password = made.device.way is Way.PASSWORD
    username = made.device.public_id if is_by_password else None
    password = made.secret if is_by_password else None
    address = (
        f"{public_url}/openrosa"
        if is_by_password
        else device_address(public_url, made.secret)
    )
    settings = collect_settings(address, organisation, username, password)
    text = code_text(settings)
    return {
        "address": address,
        "username": username,
        "password": password,
        "settings": settings,
        "code": text,
        "code_png": code_png(text),
        "code_svg": code_svg(text),
    }
