"""Public lists over HTTP: add one, import its editions, read and compare them."""

from functools import partial
from typing import Annotated

from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.public_lists_wire import (
    DifferenceWire,
    EditionPage,
    EditionWire,
    EntryPage,
    GoodsListed,
    ImportedWire,
    ListPage,
    ListWire,
    NewList,
    difference_document,
    difference_rows,
    edition_document,
    entry_document,
    good_document,
    list_document,
    report_document,
)
from api.receiving import Received, received_body
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Country, Day, ProblemDocument
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.public_lists import actions, comparing, queries
from compliance.public_lists.actions import Publication
from compliance.public_lists.entries import without_twins
from compliance.public_lists.models import Category
from compliance.public_lists.queries import ListRecord
from compliance.public_lists.reading import (
    DayOrder,
    Names,
    Reading,
    ReadList,
    read_public_list,
)
from rules.vocabulary import Commodity

ROOT = "/v1/public-lists"
GOODS_ROOT = "/v1/listed-goods"

public_lists = feature_router(ROOT, "public lists")
listed_goods = feature_router(GOODS_ROOT, "public lists")

FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"}
            }
        },
    }
}
CHANGE_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "It is there, and is another."},
}
UPLOAD_PROBLEMS = {
    **CHANGE_PROBLEMS,
    413: {"model": ProblemDocument, "description": "The file is too large."},
    415: {"model": ProblemDocument, "description": "The file is no list."},
}
EDITION = Annotated[
    Day,
    Query(description="The day of the edition, as its publisher says; never guessed."),
]


@public_lists.get("", responses={200: {"model": ListPage}, **PROBLEMS})
async def list_public_lists(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    category: Category | None = None,
) -> Response:
    """List the public lists that your organisation goes by."""
    page = await hop.read(
        request,
        lambda session, scope: queries.public_lists(
            session, scope, rows=rows, after=after, category=category
        ),
    )
    documents = [list_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@public_lists.post(
    "", status_code=201, responses={201: {"model": ListWire}, **CHANGE_PROBLEMS}
)
async def add_public_list(request: Request, body: NewList) -> Response:
    """Add a list that your organisation goes by from now on."""

    def work(session: Session, scope: Scope) -> Answer:
        made = actions.add_list(
            session,
            scope,
            code=body.code,
            category=body.category,
            name=body.name,
            publisher=body.publisher,
        )
        location = f"{ROOT}/{made.public_id}"
        return hop.json_answer(201, list_document(made), location=location)

    return await hop.write(request, work)


@public_lists.get(
    "/{public_list}", responses={200: {"model": ListWire}, **ONE_PROBLEMS}
)
async def read_public_list_record(request: Request, public_list: str) -> Response:
    """Read one list, by its id or its code."""
    found = await hop.read(
        request,
        lambda session, scope: queries.public_list(session, scope, public_list),
    )
    return hop.respond(hop.json_answer(200, list_document(found)))


@public_lists.get(
    "/{public_list}/editions", responses={200: {"model": EditionPage}, **ONE_PROBLEMS}
)
async def list_list_editions(
    request: Request,
    public_list: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
) -> Response:
    """List the editions of a list, in the order in which they were imported."""
    page = await hop.read(
        request,
        lambda session, scope: queries.editions(
            session, scope, public_list, rows=rows, after=after
        ),
    )
    documents = [edition_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@public_lists.post(
    "/{public_list}/editions",
    status_code=201,
    responses={
        200: {"model": ImportedWire, "description": "A dry run, or the same again."},
        201: {"model": ImportedWire},
        **UPLOAD_PROBLEMS,
    },
    openapi_extra=FILE_BODY,
)
async def import_list_edition(
    request: Request,
    public_list: str,
    edition: EDITION,
    source: Annotated[
        str, Query(min_length=4, max_length=500, description="Where it was published.")
    ],
    licence: Annotated[
        str, Query(min_length=2, max_length=200, description="How it may be used.")
    ],
    dry_run: Annotated[bool, Query(description="Only tell, keep nothing.")] = False,  # noqa: FBT002 - a query parameter
    column: Annotated[
        list[str] | None,
        Query(max_length=20, description="FIELD=HEADING, for what is not found."),
    ] = None,
    country: Annotated[
        Country | None, Query(description="For rows that name no country.")
    ] = None,
    names: Annotated[
        Names,
        Query(description="companies, if you know that nobody else is on the list."),
    ] = Names.MIXED,
    days: Annotated[
        DayOrder | None, Query(description="How days are written that could be two.")
    ] = None,
    is_empty: Annotated[bool, Query(description="The list lists nobody now.")] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """Import an edition (CSV, .xlsx or XML), whole or not at all; or try it first."""
    found = await hop.read(request, partial(_keepable, public_list=public_list))
    service, language = hop.service_of(request), accepted_language(request)
    reading = Reading(found.category, tuple(column or ()), country, names, days)
    async with received_body(request, service.files.incoming()) as received:
        read = await run_in_threadpool(_read, received, reading)
        report = report_document(read, language, limits.PUBLIC_LIST_REPORTED)
        if dry_run:
            told = {"edition": None, "is_new": False, "report": report}
            return hop.respond(hop.json_answer(200, told))
        publication = Publication(
            edition, source, licence, received.sha256, received.size, is_empty
        )

        def work(session: Session, scope: Scope) -> Answer:
            made, is_new = actions.import_edition(
                session,
                scope,
                keyring_of(service),
                found.public_id,
                publication,
                read,
            )
            if made.is_file_kept and received.path.exists():
                service.files.take(received.path, received.sha256)
            document = {
                "edition": edition_document(made),
                "is_new": is_new,
                "report": report,
            }
            location = f"{ROOT}/{found.public_id}/editions/{made.public_id}"
            if not is_new:
                return hop.json_answer(200, document)
            return hop.json_answer(201, document, location=location)

        body = f"{received.sha256} {request.url.query}".encode()
        return await hop.write(request, work, body=body)


def _keepable(session: Session, scope: Scope, *, public_list: str) -> ListRecord:
    """Return a list for somebody who may import, before a byte of a file is taken."""
    found = queries.public_list(session, scope, public_list)
    scope.require(Permission.KEEP_LISTS)
    return found


def _read(received: Received, reading: Reading) -> ReadList:
    # What the file was called tells nothing: it is not asked for.
    return without_twins(read_public_list(received.path, "", reading))


@public_lists.get(
    "/{public_list}/editions/{list_edition}",
    responses={200: {"model": EditionWire}, **ONE_PROBLEMS},
)
async def read_list_edition(
    request: Request, public_list: str, list_edition: str
) -> Response:
    """Read one edition, by its id or its day."""
    found = await hop.read(
        request,
        lambda session, scope: queries.edition(
            session, scope, public_list, list_edition
        ),
    )
    return hop.respond(hop.json_answer(200, edition_document(found)))


@public_lists.get(
    "/{public_list}/editions/{list_edition}/entries",
    responses={200: {"model": EntryPage}, **ONE_PROBLEMS},
)
async def list_entries(
    request: Request,
    public_list: str,
    list_edition: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    country: Country | None = None,
    commodity: Commodity | None = None,
) -> Response:
    """List the entries of an edition, in the order of its rows."""

    def work(session: Session, scope: Scope) -> Response:
        found = queries.edition(session, scope, public_list, list_edition)
        page = queries.entries(
            session,
            scope,
            found,
            rows=rows,
            after=after,
            country=country,
            commodity=commodity,
        )
        documents = [entry_document(one) for one in page.rows]
        return page_response(request, documents, page.next_after)

    return await hop.read(request, work)


@public_lists.get(
    "/{public_list}/editions/{list_edition}/diff",
    responses={200: {"model": DifferenceWire}, **ONE_PROBLEMS},
)
async def compare_editions(
    request: Request,
    public_list: str,
    list_edition: str,
    against: Annotated[
        str | None, Query(description="Another edition; else the one before it.")
    ] = None,
) -> Response:
    """Tell what an edition added, removed and changed."""
    found = await hop.read(
        request,
        lambda session, scope: comparing.difference(
            session, scope, public_list, list_edition, against
        ),
    )
    if "text/csv" in request.headers.get("accept", ""):
        return page_response(request, difference_rows(found), None)
    return hop.respond(hop.json_answer(200, difference_document(found)))


@listed_goods.get("", responses={200: {"model": GoodsListed}, **PROBLEMS})
async def read_listed_goods(
    request: Request,
    country: Country,
    commodity: Commodity,
    on: Annotated[Day | None, Query(description="Else today.")] = None,
) -> Response:
    """Tell what your goods lists say of a good from a country, by the editions of a day."""
    found = await hop.read(
        request,
        lambda session, scope: queries.goods_listed(
            session,
            scope,
            country=country,
            commodity=commodity,
            on=on or clock.today(),
        ),
    )
    return page_response(request, [good_document(one) for one in found], None)
