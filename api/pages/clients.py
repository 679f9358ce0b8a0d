"""Programs that fetch access tokens by OAuth 2: made, shown once, revoked."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.keys import (
    CLIENT,
    LABEL_CHARACTERS,
    base_of,
    list_page,
    new_page,
    one_page,
)
from api.pages.shown_once import Secret, told_once
from api.pages.tables import chosen, read_list
from api.pages.written import end_of_day, one_line
from api.routing import feature_router
from compliance.idempotency import Answer
from compliance.identity import clients as known_clients
from compliance.identity.granting import SCOPES
from compliance.identity.models import Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_

clients = feature_router("/keys/clients", "pages")


@clients.get("", include_in_schema=False)
async def show_clients(request: Request, done: str = "") -> Response:
    """List the clients, without their secrets."""
    role = chosen(request, "role", Role)

    seen = await read_list(
        request,
        lambda session, scope, rows, after: known_clients.clients(
            session, scope, rows=rows, after=after, role=role
        ),
    )
    return list_page(request, CLIENT, seen, role, done)


@clients.get("/new", include_in_schema=False)
async def ask_for_client(request: Request) -> Response:
    """Show the form for a client."""
    return await _form_page(request, Form())


async def _form_page(request: Request, form: Form) -> Response:
    def work(_session: Session, scope: Scope) -> Response:
        scope.require(Permission.MANAGE_KEYS)
        return new_page(request, scope, CLIENT, form, scopes=tuple(SCOPES.items()))

    return await hop.read(request, work)


@clients.post("", include_in_schema=False)
async def make_client(request: Request) -> Response:
    """Make a client and show its secret, this once."""
    form = await form_of(request)
    fetch = f"-d grant_type=client_credentials '{base_of(request)}/oauth/token'"

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.MANAGE_KEYS)
        made, secret = known_clients.create_client(
            session,
            scope,
            name=str(one_line(form, "label", LABEL_CHARACTERS)),
            role=form.choice("role", Role),
            scopes=form.all("scopes") or None,
            expires_at=end_of_day(form, "last_day", optional=True),
        )
        return told_once(
            request,
            scope,
            Secret(
                title=N_("The client is made"),
                label=N_("Its secret"),
                text=secret,
                advice=N_(
                    "With its id and this secret your program fetches a token for an "
                    "hour at a time. Put the secret in the place of SECRET:"
                ),
                commands=(f"curl -u '{made.public_id}:SECRET' {fetch}",),
                back=f"/keys/clients/{made.public_id}",
                back_label=N_("To the client"),
            ),
        )

    return await sent(request, form, work, lambda one: _form_page(request, one))


@clients.get("/{client}", include_in_schema=False)
async def show_client(request: Request, client: str) -> Response:
    """Show one client: all but its secret."""

    def work(session: Session, scope: Scope) -> Response:
        known = known_clients.client(session, scope, client)
        return one_page(request, scope, CLIENT, known)

    return await hop.read(request, work)


@clients.post("/{client}/revocation", include_in_schema=False)
async def revoke_client(request: Request, client: str) -> Response:
    """Revoke a client for good, and its tokens with it."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        known_clients.revoke_client(session, scope, client)
        return go_to("/keys/clients", done="revoked")

    return await hop.write(request, work, key=form.value("once") or None)
