"""Keys and clients of programs over HTTP: made, listed, revoked; secrets told once."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Instant, Wire
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity import clients, keys
from compliance.identity.clients import ClientRecord
from compliance.identity.keys import KeyRecord, KeyState
from compliance.identity.models import Role
from compliance.identity.scope import Scope

Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strict=True)]
ScopeName = Annotated[str, StringConstraints(min_length=1, max_length=50, strict=True)]


class NewKey(Wire):
    """A key for a program; its role may not reach beyond yours."""

    label: Label
    role: Role
    expires_at: Instant | None = None


class KeyWire(Wire):
    """A key, all but its secret; the id is how its text begins."""

    id: str
    label: str
    role: Role
    state: KeyState
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_on: date | None


class MadeKey(KeyWire):
    """A key that was just made; its text is told now and never again."""

    key: str | None


class KeyPage(Wire):
    items: list[KeyWire]
    next: str | None


class NewClient(Wire):
    """A program that fetches access tokens; what it may do is within what you may."""

    name: Label
    role: Role
    scopes: Annotated[
        list[ScopeName] | None,
        Field(
            min_length=1,
            max_length=100,
            description="What its tokens may be for; without it, all that the role may.",
        ),
    ] = None
    expires_at: Instant | None = None


class ClientWire(Wire):
    """A client, all but its secret; the id is its `client_id`."""

    id: str
    name: str
    role: Role
    scopes: list[str]
    state: KeyState
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_on: date | None


class MadeClient(ClientWire):
    """A client that was just made; its secret is told now and never again."""

    client_secret: str | None


class ClientPage(Wire):
    items: list[ClientWire]
    next: str | None


api_keys = feature_router("/v1/keys", "keys")
oauth_clients = feature_router("/v1/clients", "clients")


@api_keys.get("", responses={200: {"model": KeyPage}, **ONE_PROBLEMS})
async def list_keys(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    role: Role | None = None,
) -> Response:
    """List the keys of your organisation, without their secrets."""
    page = await hop.read(
        request,
        lambda session, scope: keys.keys(
            session, scope, rows=rows, after=after, role=role
        ),
    )
    documents = [told(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@api_keys.post("", status_code=201, responses={201: {"model": MadeKey}, **PROBLEMS})
async def create_key(request: Request, body: NewKey) -> Response:
    """Make a key; the answer holds its text, which is shown once."""

    def work(session: Session, scope: Scope) -> Answer:
        made, issued = keys.create_key(session, scope, **body.model_dump())
        return hop.secret_answer(
            told(made), {"key": issued.text}, location=f"/v1/keys/{made.public_id}"
        )

    return await hop.write(request, work)


@api_keys.get("/{key}", responses={200: {"model": KeyWire}, **ONE_PROBLEMS})
async def read_key(request: Request, key: str) -> Response:
    """Read one key, without its secret."""
    record = await hop.read(
        request, lambda session, scope: keys.key(session, scope, key)
    )
    return hop.respond(hop.json_answer(200, told(record)))


@api_keys.delete("/{key}", status_code=204, responses={**ONE_PROBLEMS})
async def revoke_key(request: Request, key: str) -> Response:
    """Revoke a key for good; whoever has it is let in no more."""

    def work(session: Session, scope: Scope) -> Answer:
        keys.revoke_one_key(session, scope, key)
        return hop.NOTHING

    return await hop.write(request, work)


@oauth_clients.get("", responses={200: {"model": ClientPage}, **ONE_PROBLEMS})
async def list_clients(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    role: Role | None = None,
) -> Response:
    """List the clients of your organisation, without their secrets."""
    page = await hop.read(
        request,
        lambda session, scope: clients.clients(
            session, scope, rows=rows, after=after, role=role
        ),
    )
    documents = [told(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@oauth_clients.post(
    "", status_code=201, responses={201: {"model": MadeClient}, **PROBLEMS}
)
async def create_client(request: Request, body: NewClient) -> Response:
    """Make a client of OAuth 2; the answer holds its secret, which is shown once."""

    def work(session: Session, scope: Scope) -> Answer:
        made, secret = clients.create_client(session, scope, **body.model_dump())
        return hop.secret_answer(
            told(made),
            {"client_secret": secret},
            location=f"/v1/clients/{made.public_id}",
        )

    return await hop.write(request, work)


@oauth_clients.get("/{client}", responses={200: {"model": ClientWire}, **ONE_PROBLEMS})
async def read_client(request: Request, client: str) -> Response:
    """Read one client, without its secret."""
    record = await hop.read(
        request, lambda session, scope: clients.client(session, scope, client)
    )
    return hop.respond(hop.json_answer(200, told(record)))


@oauth_clients.delete("/{client}", status_code=204, responses={**ONE_PROBLEMS})
async def revoke_client(request: Request, client: str) -> Response:
    """Revoke a client for good; its tokens are let in no more from the next request on."""

    def work(session: Session, scope: Scope) -> Answer:
        clients.revoke_client(session, scope, client)
        return hop.NOTHING

    return await hop.write(request, work)


def told(record: KeyRecord | ClientRecord) -> dict[str, Any]:
    """Return a key or a client as the API tells it: without its secret."""
    known = asdict(record)
    del known["id"]
    return {"id": known.pop("public_id"), **known}
