"""Keys of programs: made, shown once, last used, revoked; and the command that tries one."""

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.options import codes_told
from api.pages.rendering import language_of, page
from api.pages.shown_once import Secret, told_once
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    pager,
    read_list,
    wants_csv,
)
from api.pages.written import end_of_day, one_line
from api.routing import feature_router
from compliance.idempotency import Answer
from compliance.identity import keys as known_keys
from compliance.identity.clients import ClientRecord
from compliance.identity.keys import KeyRecord
from compliance.identity.models import Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

LABEL_CHARACTERS = 100
REVOKED = N_(
    "It is revoked: whoever has it is let in no more, from the next request on."
)

keys = feature_router("/keys", "pages")


@dataclass(frozen=True)
class Machine:
    """What the pages of keys and those of clients call differently."""

    path: str
    sheet: str
    is_client: bool


KEY, CLIENT = (
    Machine("/keys", "keys", is_client=False),
    Machine("/keys/clients", "clients", is_client=True),
)


@keys.get("", include_in_schema=False)
async def show_keys(request: Request, done: str = "") -> Response:
    """List the keys, without their secrets."""
    role = chosen(request, "role", Role)

    seen = await read_list(
        request,
        lambda session, scope, rows, after: known_keys.keys(
            session, scope, rows=rows, after=after, role=role
        ),
    )
    return list_page(request, KEY, seen, role, done)


def list_page(
    request: Request,
    machine: Machine,
    seen: Listed[KeyRecord] | Listed[ClientRecord],
    role: Role | None,
    done: str,
) -> Response:
    """Return the page of a list of keys or of clients, or its spreadsheet."""
    if wants_csv(request):
        return csv_response([as_row(one) for one in seen.rows], machine.sheet)
    language = language_of(request, seen.scope)
    return page(
        request,
        "keys.html",
        scope=seen.scope,
        machine=machine,
        machines=seen.rows,
        role=role,
        roles=codes_told(Role, language),
        base=base_of(request),
        done_note=translate(REVOKED, language) if done else None,
        **pager(request, seen.next_after),
    )


@keys.get("/new", include_in_schema=False)
async def ask_for_key(request: Request, like: str | None = None) -> Response:
    """Show the form for a key; `like` another one, which it shall replace."""

    def work(session: Session, scope: Scope) -> Form:
        scope.require(Permission.MANAGE_KEYS)
        if like is None:
            return Form()
        known = known_keys.key(session, scope, like)
        return Form({"label": known.label, "role": known.role})

    return await _form_page(request, await hop.read(request, work))


async def _form_page(request: Request, form: Form) -> Response:
    def work(_session: Session, scope: Scope) -> Response:
        scope.require(Permission.MANAGE_KEYS)
        return new_page(request, scope, KEY, form)

    return await hop.read(request, work)


def new_page(
    request: Request, scope: Scope, machine: Machine, form: Form, **values: object
) -> Response:
    """Return the form for a key or a client."""
    return page(
        request,
        "key_new.html",
        scope=scope,
        status=form.status,
        machine=machine,
        form=form,
        roles=codes_told(Role, language_of(request, scope)),
        **{"scopes": (), **values},
    )


@keys.post("", include_in_schema=False)
async def make_key(request: Request) -> Response:
    """Make a key and show its text, this once."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.MANAGE_KEYS)
        made, issued = known_keys.create_key(
            session,
            scope,
            label=str(one_line(form, "label", LABEL_CHARACTERS)),
            role=form.choice("role", Role),
            expires_at=end_of_day(form, "last_day", optional=True),
        )
        return told_once(
            request,
            scope,
            Secret(
                title=N_("The key is made"),
                label=N_("The key"),
                text=issued.text,
                advice=N_(
                    "Put it where your program keeps its secrets. Whoever has it may do "
                    "here what its role may. To try it, put it in the place of KEY:"
                ),
                commands=(
                    f"curl -H 'Authorization: Bearer KEY' '{base_of(request)}/v1/sites'",
                ),
                back=f"/keys/{made.public_id}",
                back_label=N_("To the key"),
            ),
        )

    return await sent(request, form, work, lambda one: _form_page(request, one))


@keys.get("/{key}", include_in_schema=False)
async def show_key(request: Request, key: str) -> Response:
    """Show one key: all but its secret."""

    def work(session: Session, scope: Scope) -> Response:
        known = known_keys.key(session, scope, key)
        return one_page(request, scope, KEY, known)

    return await hop.read(request, work)


def one_page(
    request: Request, scope: Scope, machine: Machine, known: KeyRecord | ClientRecord
) -> Response:
    """Return the page of a key or of a client."""
    return page(
        request,
        "key.html",
        scope=scope,
        machine=machine,
        known=known,
        name=known.name if isinstance(known, ClientRecord) else known.label,
        base=base_of(request),
    )


@keys.post("/{key}/revocation", include_in_schema=False)
async def revoke_key(request: Request, key: str) -> Response:
    """Revoke a key for good."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        known_keys.revoke_one_key(session, scope, key)
        return go_to("/keys", done="revoked")

    return await hop.write(request, work, key=form.value("once") or None)


def base_of(request: Request) -> str:
    """Return where the product is reached, for commands that are copied."""
    return hop.service_of(request).settings.resolved_public_url


def as_row(one: KeyRecord | ClientRecord) -> dict[str, object]:
    """Return a key or client as a row of a spreadsheet: without its secret."""
    return {
        "id": one.public_id,
        "name": one.name if isinstance(one, ClientRecord) else one.label,
        "role": one.role,
        "state": one.state,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "revoked_at": one.revoked_at,
        "last_used_on": one.last_used_on,
    }
