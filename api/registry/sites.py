"""Producers, mills, and both as sites: registered, corrected, closed, looked up."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.etags import etag_of
from api.lists import page_response
from api.registry.common import (
    CHANGE_PROBLEMS,
    REMOVE_PROBLEMS,
    WRITE_PROBLEMS,
    Number,
    change,
    remark_documents,
    tagged,
)
from api.registry.sites_wire import (
    ChangedSite,
    ClosedSite,
    IdentifierWire,
    NewSite,
    RemarkedSite,
    SitePage,
    SiteQuery,
    SiteWire,
    site_document,
    site_documents,
)
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry import actions, queries
from compliance.registry.models import IdentifierScheme
from compliance.registry.numbers import remarks_on_numbers, wanted_number
from compliance.registry.queries import SEEN, Identifier, SiteRecord
from rules.vocabulary import SiteKind

sites = feature_router("/v1/sites", "sites")


async def list_of_sites(
    request: Request, query: SiteQuery, kind: SiteKind | None
) -> Response:
    """Answer with a page of sites: the caller's, those it runs, those shared with it."""
    wanted = query.wanted()
    if query.value is not None:
        wanted["value"] = wanted_number(query.scheme, query.value, query.country)
    page = await hop.read(
        request,
        lambda session, scope: queries.sites(
            session,
            scope,
            rows=query.rows,
            after=query.after,
            order=query.sort,
            among=SEEN,
            kind=kind,
            **wanted,
        ),
    )
    return page_response(request, site_documents(page.rows), page.next_after)


async def one_site(request: Request, site: str, kind: SiteKind | None) -> Response:
    """Answer with a site; a merged id is answered with the record that is kept."""
    record = await hop.glance(
        request,
        lambda session, scope: queries.site(
            session, scope, site, kind=kind, among=SEEN
        ),
    )
    where = f"{request.url.path.rpartition('/')[0]}/{record.public_id}"
    answer = tagged(200, site_document(record), content_location=where)
    return hop.respond(answer)


def _noted(request: Request, record: SiteRecord, status: int, **headers: str) -> Answer:
    """Return a site just noted, with what its numbers leave to be looked at."""
    document = site_document(record)
    numbers = [(one.scheme, one.value) for one in record.identifiers]
    remarks = remarks_on_numbers(numbers, record.country)
    told: dict[str, Any] = {
        **document,
        "remarks": remark_documents(request, remarks),
    }
    return hop.json_answer(status, told, etag=etag_of(document), **headers)


def sites_router(kind: SiteKind, path: str) -> APIRouter:
    """Return the routes of producers or of mills: the same, a kind apart."""
    router = feature_router(path, path.rpartition("/")[2])

    @router.get(
        "",
        responses={200: {"model": SitePage}, **PROBLEMS},
        operation_id=f"list_{kind}s",
        summary=f"List the {kind}s you may see",
        description=f"List your {kind}s, those you operate and those shown to you.",
    )
    async def listing(
        request: Request, query: Annotated[SiteQuery, Query()]
    ) -> Response:
        return await list_of_sites(request, query, kind)

    @router.post(
        "",
        status_code=201,
        responses={201: {"model": RemarkedSite}, **WRITE_PROBLEMS},
        operation_id=f"register_{kind}",
        summary=f"Register a {kind}",
        description=f"Register a {kind} as a site of your organisation.",
    )
    async def register(request: Request, body: NewSite) -> Response:
        fields = body.model_dump(exclude={"identifiers"})
        identifiers = [
            Identifier(identifier.scheme, identifier.value)
            for identifier in body.identifiers
        ]

        def work(session: Session, scope: Scope) -> Answer:
            record = actions.register_site(
                session, scope, kind=kind, identifiers=identifiers, **fields
            )
            return _noted(request, record, 201, location=f"{path}/{record.public_id}")

        return await hop.write(request, work)

    @router.get(
        "/{site}",
        responses={200: {"model": SiteWire}, **ONE_PROBLEMS},
        operation_id=f"read_{kind}",
        summary=f"Read one {kind}",
        description=f"Read what is known of one {kind}; the `ETag` names its version.",
    )
    async def one(request: Request, site: str) -> Response:
        return await one_site(request, site, kind)

    @router.patch(
        "/{site}",
        responses={200: {"model": SiteWire}, **CHANGE_PROBLEMS},
        operation_id=f"change_{kind}",
        summary=f"Correct what is known of a {kind}",
        description=f"Correct a {kind}; what is not named stays as it is.",
    )
    async def correct(request: Request, site: str, body: ChangedSite) -> Response:
        return await change(
            request,
            lambda session, scope: queries.site(session, scope, site, kind=kind),
            site_document,
            lambda session, scope, seen: actions.change_site(
                session,
                scope,
                site,
                seen_version=seen.version,
                changes=body.changes(),
            ),
        )

    return router


producers = sites_router(SiteKind.PRODUCER, "/v1/producers")
mills = sites_router(SiteKind.MILL, "/v1/mills")


@sites.get("", responses={200: {"model": SitePage}, **PROBLEMS})
async def list_sites(
    request: Request, query: Annotated[SiteQuery, Query()]
) -> Response:
    """List producers and mills together; by scheme and value, look up a number."""
    return await list_of_sites(request, query, None)


@sites.get("/{site}", responses={200: {"model": SiteWire}, **ONE_PROBLEMS})
async def read_site(request: Request, site: str) -> Response:
    """Read one site, whichever of its ids is named."""
    return await one_site(request, site, None)


@sites.post("/{site}/close", responses={200: {"model": SiteWire}, **CHANGE_PROBLEMS})
async def close_site(request: Request, site: str, body: ClosedSite) -> Response:
    """Note that a site works or supplies no more; it is never deleted."""
    return await change(
        request,
        lambda session, scope: queries.site(session, scope, site),
        site_document,
        lambda session, scope, _: actions.close_site(
            session, scope, site, reason=body.reason, closed_on=body.closed_on
        ),
    )


@sites.post("/{site}/reopen", responses={200: {"model": SiteWire}, **CHANGE_PROBLEMS})
async def reopen_site(request: Request, site: str) -> Response:
    """Note that a closed site works again."""
    return await change(
        request,
        lambda session, scope: queries.site(session, scope, site),
        site_document,
        lambda session, scope, _: actions.reopen_site(session, scope, site),
    )


@sites.post(
    "/{site}/identifiers",
    responses={200: {"model": RemarkedSite}, **CHANGE_PROBLEMS},
)
async def add_identifier(request: Request, site: str, body: IdentifierWire) -> Response:
    """Note a number by which another register knows the site."""

    def work(session: Session, scope: Scope) -> Answer:
        number = Identifier(body.scheme, body.value)
        record = actions.add_identifier(session, scope, site, number)
        return _noted(request, record, 200)

    return await hop.write(request, work)


@sites.delete("/{site}/identifiers", status_code=204, responses=REMOVE_PROBLEMS)
async def remove_identifier(
    request: Request, site: str, scheme: IdentifierScheme, value: Number
) -> Response:
    """Take back a number that is not the site's."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.remove_identifier(session, scope, site, Identifier(scheme, value))
        return hop.NOTHING

    return await hop.write(request, work)
