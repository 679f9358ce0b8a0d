"""Consents over HTTP: show a site's risk or scorecards to a buyer, and take it back."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.submissions_wire import WrittenInstant
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument, Wire
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry.consents import asking, giving, queries
from compliance.registry.consents.queries import (
    ConsentRecord,
    ConsentState,
    RequestRecord,
    Side,
)
from compliance.registry.models.consents import Reply, Subject

consents = feature_router("/v1/consents", "consents")

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemDocument, "description": "It contradicts what is there."}
}
PublicId = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+_[0-9a-z]+$", max_length=40, strict=True)
]
OrganisationWord = Annotated[
    PublicId, Field(description="Public id of the organisation; it tells you its own.")
]
From = Annotated[
    WrittenInstant | None, Field(description="From this moment on, unless said.")
]


class NewConsent(Wire):
    """What is shown of which site, to whom, and for how long."""

    grantee: OrganisationWord
    site: PublicId
    subject: Subject
    valid_from: From = None
    valid_until: WrittenInstant


class ConsentWire(Wire):
    """A consent; its site is named to the receiver only while it is in force."""

    id: str
    state: ConsentState
    giver: str
    giver_name: str
    grantee: str
    grantee_name: str
    site: str | None
    site_name: str | None
    subject: Subject
    request: Annotated[str | None, Field(description="The request it answers.")]
    valid_from: str
    valid_until: str
    given_at: str
    revoked_at: str | None


class ConsentPage(Wire):
    items: list[ConsentWire]
    next: str | None


class NewRequest(Wire):
    """What the caller would like to see of whose sites."""

    supplier: OrganisationWord
    subject: Subject
    site: Annotated[
        PublicId | None, Field(description="A site whose id the supplier told you.")
    ] = None


class RequestWire(Wire):
    """A request for sight; it waits for the supplier's answer while `reply` is empty."""

    id: str
    asker: str
    asker_name: str
    supplier: str
    supplier_name: str
    site: str | None
    subject: Subject
    asked_at: str
    reply: Reply | None
    replied_at: str | None


class RequestPage(Wire):
    items: list[RequestWire]
    next: str | None


class Acceptance(Wire):
    """Which of the caller's sites are shown, and for how long."""

    sites: Annotated[
        list[PublicId], Field(min_length=1, max_length=limits.CONSENT_SITES)
    ]
    valid_from: From = None
    valid_until: WrittenInstant


class Accepted(Wire):
    """The consents that followed from a request, one for each site."""

    items: list[ConsentWire]


def consent_document(found: ConsentRecord) -> dict[str, Any]:
    """Return a consent as the API tells it."""
    return {
        "id": found.public_id,
        "state": found.state,
        "giver": found.giver.public_id,
        "giver_name": found.giver.name,
        "grantee": found.grantee.public_id,
        "grantee_name": found.grantee.name,
        "site": found.site_public_id,
        "site_name": found.site_name,
        "subject": found.subject,
        "request": found.request_public_id,
        "valid_from": found.valid_from,
        "valid_until": found.valid_until,
        "given_at": found.given_at,
        "revoked_at": found.revoked_at,
    }


def request_document(found: RequestRecord) -> dict[str, Any]:
    """Return a request as the API tells it."""
    return {
        "id": found.public_id,
        "asker": found.asker.public_id,
        "asker_name": found.asker.name,
        "supplier": found.supplier.public_id,
        "supplier_name": found.supplier.name,
        "site": found.site,
        "subject": found.subject,
        "asked_at": found.asked_at,
        "reply": found.reply,
        "replied_at": found.replied_at,
    }


@consents.get("", responses={200: {"model": ConsentPage}, **PROBLEMS})
async def list_given(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    grantee: Annotated[str | None, Query(description="Public id of whom.")] = None,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    subject: Subject | None = None,
    state: ConsentState | None = None,
) -> Response:
    """List the consents that your organisation gave, in the order they were given."""
    page = await hop.read(
        request,
        lambda session, scope: queries.consents(
            session,
            scope,
            Side.GIVEN,
            rows=rows,
            after=after,
            other=grantee,
            site=site,
            subject=subject,
            state=state,
        ),
    )
    documents = [consent_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@consents.get("/received", responses={200: {"model": ConsentPage}, **PROBLEMS})
async def list_received(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    giver: Annotated[str | None, Query(description="Public id of whose.")] = None,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    subject: Subject | None = None,
    state: ConsentState | None = None,
) -> Response:
    """List the consents that others gave to your organisation."""
    page = await hop.read(
        request,
        lambda session, scope: queries.consents(
            session,
            scope,
            Side.RECEIVED,
            rows=rows,
            after=after,
            other=giver,
            site=site,
            subject=subject,
            state=state,
        ),
    )
    documents = [consent_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@consents.post(
    "",
    status_code=201,
    responses={201: {"model": ConsentWire}, **PROBLEMS, **CONFLICT},
)
async def give_consent(request: Request, body: NewConsent) -> Response:
    """Let a buyer or exporter see the risk or the scorecards of a site of yours."""

    def work(session: Session, scope: Scope) -> Answer:
        found = giving.give(
            session,
            scope,
            grantee=body.grantee,
            site=body.site,
            subject=body.subject,
            valid_from=body.valid_from,
            valid_until=body.valid_until,
        )
        return hop.json_answer(
            201, consent_document(found), location=f"/v1/consents/{found.public_id}"
        )

    return await hop.write(request, work)


@consents.get("/requests", responses={200: {"model": RequestPage}, **PROBLEMS})
async def list_requests(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    *,
    open: Annotated[  # noqa: A002 - the name in the address
        bool | None, Query(description="Only those that wait, or only the others.")
    ] = None,
) -> Response:
    """List the requests for sight that your organisation sent or received."""
    page = await hop.read(
        request,
        lambda session, scope: queries.requests(
            session, scope, rows=rows, after=after, is_open=open
        ),
    )
    documents = [request_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@consents.post(
    "/requests",
    status_code=201,
    responses={201: {"model": RequestWire}, **PROBLEMS, **CONFLICT},
)
async def ask_for_consent(request: Request, body: NewRequest) -> Response:
    """Ask a supplier to show you the risk or the scorecards of its sites."""

    def work(session: Session, scope: Scope) -> Answer:
        found = asking.ask(
            session,
            scope,
            supplier=body.supplier,
            subject=body.subject,
            site=body.site,
        )
        return hop.json_answer(
            201,
            request_document(found),
            location=f"/v1/consents/requests/{found.public_id}",
        )

    return await hop.write(request, work)


@consents.get(
    "/requests/{asked}", responses={200: {"model": RequestWire}, **ONE_PROBLEMS}
)
async def read_request(request: Request, asked: str) -> Response:
    """Read one request for sight, and what became of it."""
    found = await hop.read(
        request, lambda session, scope: queries.request(session, scope, asked)
    )
    return hop.respond(hop.json_answer(200, request_document(found)))


@consents.post(
    "/requests/{asked}/acceptance",
    status_code=201,
    responses={201: {"model": Accepted}, **ONE_PROBLEMS, **CONFLICT},
)
async def accept_request(request: Request, asked: str, body: Acceptance) -> Response:
    """Answer a request by showing what it asks for of some sites, for a time."""

    def work(session: Session, scope: Scope) -> Answer:
        given = asking.accept(
            session,
            scope,
            asked,
            sites=body.sites,
            valid_from=body.valid_from,
            valid_until=body.valid_until,
        )
        return hop.json_answer(
            201,
            {"items": [consent_document(one) for one in given]},
            location=f"/v1/consents/requests/{asked}",
        )

    return await hop.write(request, work)


@consents.post(
    "/requests/{asked}/refusal",
    status_code=201,
    responses={201: {"model": RequestWire}, **ONE_PROBLEMS, **CONFLICT},
)
async def decline_request(request: Request, asked: str) -> Response:
    """Answer a request with no; you need not say why."""

    def work(session: Session, scope: Scope) -> Answer:
        found = asking.decline(session, scope, asked)
        return hop.json_answer(
            201, request_document(found), location=f"/v1/consents/requests/{asked}"
        )

    return await hop.write(request, work)


@consents.get("/{consent}", responses={200: {"model": ConsentWire}, **ONE_PROBLEMS})
async def read_consent(request: Request, consent: str) -> Response:
    """Read one consent that you gave or received."""
    found = await hop.read(
        request, lambda session, scope: queries.consent(session, scope, consent)
    )
    return hop.respond(hop.json_answer(200, consent_document(found)))


@consents.delete("/{consent}", responses={200: {"model": ConsentWire}, **ONE_PROBLEMS})
async def take_back(request: Request, consent: str) -> Response:
    """Take a consent back: at once, and for good; that it was given stays on record."""

    def work(session: Session, scope: Scope) -> Answer:
        found = giving.take_back(session, scope, consent)
        return hop.json_answer(200, consent_document(found))

    return await hop.write(request, work)
