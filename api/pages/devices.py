"""Devices of auditors: let in by a code that is shown once, listed, and let in no more."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.devices import shown_once
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.options import Options, codes_told, names_told
from api.pages.rendering import language_of, page
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    listed,
    pager,
    wants_csv,
)
from api.routing import feature_router
from compliance import limits
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity import devices as letting_in
from compliance.identity.auditors import auditors
from compliance.identity.devices import DeviceRecord, DeviceState, Enrolled, Way
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

ROWS = 25
LABEL_CHARACTERS = 100
CAN_BE_REVOKED = frozenset({DeviceState.WAITING, DeviceState.IN_USE})
NOTES: Mapping[str, str] = {
    "revoked": N_("The device is let in no more, from its next request on."),
}
LETS_IN = frozenset({Permission.MANAGE_FIELDWORK, Permission.SUBMIT_VISITS})

devices = feature_router("/devices", "pages")


@dataclass(frozen=True)
class Seen:
    """The devices, and whose a new one can be."""

    found: Listed[DeviceRecord]
    people: Options


@devices.get("", include_in_schema=False)
async def list_devices(request: Request) -> Response:
    """Show the devices, when each was last seen, and the form to let one in."""
    return await _list_page(request, Form())


@devices.post("", include_in_schema=False)
async def enrol(request: Request) -> Response:
    """Let a device in and show its code, this once."""
    form = await form_of(request)
    public_url = hop.service_of(request).settings.resolved_public_url

    def work(session: Session, scope: Scope) -> Answer:
        label = " ".join(form.required("label").split())
        if len(label) > LABEL_CHARACTERS:
            raise FieldWrong("label", N_("Write at most 100 characters."))
        made = letting_in.enrol(
            session,
            scope,
            label=label,
            person=form.value("person") or None,
            way=form.choice("way", Way),
        )
        return _told_once(request, scope, made, public_url)

    return await sent(request, form, work, lambda form: _list_page(request, form))


@devices.post("/{device}/revoke", include_in_schema=False)
async def revoke(request: Request, device: str) -> Response:
    """Let a device in no more."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        letting_in.revoke_device(session, scope, device)
        return go_to("/devices", done="revoked")

    return await sent(request, form, work, lambda form: _list_page(request, form))


async def _list_page(request: Request, form: Form) -> Response:
    state = chosen(request, "state", DeviceState)

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[DeviceRecord]:
        return letting_in.devices(session, scope, rows=rows, after=after, state=state)

    def work(session: Session, scope: Scope) -> Seen:
        return Seen(
            listed(request, session, scope, page_of, rows=ROWS),
            names_told(auditors(session, scope)),
        )

    seen = await hop.read(request, work)
    if wants_csv(request):
        return csv_response([_cells(row) for row in seen.found.rows], "devices")
    scope = seen.found.scope
    language = language_of(request, scope)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "devices.html",
        scope=scope,
        status=form.status,
        seen=seen,
        form=form,
        state=state,
        states=codes_told(DeviceState, language),
        ways=codes_told(Way, language),
        can_be_revoked=CAN_BE_REVOKED,
        may_let_in=all(scope.may(one) for one in LETS_IN),
        unused_hours=limits.DEVICE_UNUSED_HOURS,
        days=limits.DEVICE_DAYS,
        done_note=None if note is None else translate(note, language),
        **pager(request, seen.found.next_after),
    )


def _told_once(
    request: Request, scope: Scope, made: Enrolled, public_url: str
) -> hop.SecretAnswer:
    """Return the page with the code; who sends the form again gets it without."""
    secrets = shown_once(made, public_url, scope.organisation_name)
    drawing = Markup(str(secrets["code_svg"]))  # noqa: S704 - drawn here, of our text
    shown, without = (
        page(
            request,
            "device_made.html",
            scope=scope,
            device=made.device,
            code=drawing if is_told else None,
            secrets=secrets if is_told else {},
        )
        for is_told in (True, False)
    )
    # As answers name them: a type under another name would be a second one.
    headers = tuple(
        (name.title(), value)
        for name, value in shown.headers.items()
        if name not in {"content-length", "content-encoding"}
    )
    return hop.SecretAnswer(200, _plain(shown), headers, _plain(without))


def _plain(response: Response) -> bytes:
    body = bytes(response.body)
    is_packed = response.headers.get("content-encoding") == "gzip"
    return gzip.decompress(body) if is_packed else body


def _cells(row: DeviceRecord) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "label": row.label,
        "person": row.person,
        "way": row.way.value,
        "state": row.state.value,
        "enrolled_at": row.enrolled_at,
        "expires_at": row.expires_at,
        "last_seen_at": row.last_seen_at,
    }
