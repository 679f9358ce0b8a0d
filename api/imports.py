"""Imports over HTTP: upload a list, see what it would do, decide, confirm, follow."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import FileResponse, Response, StreamingResponse

from api import hop
from api.imports_report import report_of
from api.imports_wire import (
    ColumnsGiven,
    ConfirmationGiven,
    Decided,
    DecisionGiven,
    DecisionsGiven,
    ImportPage,
    ImportRowPage,
    ImportRowWire,
    ImportWire,
    import_document,
    row_document,
)
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.receiving import Received, received_body
from api.routing import feature_router
from api.service import Service
from api.stored import as_attachment
from api.wire import ONE_PROBLEMS, PROBLEMS, Country, ProblemDocument
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.imports import actions, deciding, queries
from compliance.imports.actions import APPLY, READ
from compliance.imports.deciding import Decision
from compliance.imports.lifecycle import RowState, State
from compliance.imports.queries import ImportRecord, RowNotFound, Wanted
from compliance.imports.reading import format_of
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules.vocabulary import Commodity, SiteKind

ROOT = "/v1/imports"
ENCODINGS = "^(utf-8|utf-16|cp1252|latin-1)$"
CSV_TYPE = "text/csv; charset=utf-8"
LINES_TYPE = "application/jsonl"
BYTES_TYPE = "application/octet-stream"

imports = feature_router(ROOT, "imports")

FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {BYTES_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
UPLOAD_PROBLEMS = {
    **PROBLEMS,
    413: {"model": ProblemDocument, "description": "The file is too large."},
    415: {"model": ProblemDocument, "description": "The file is no list."},
}
STEP_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "The import is at another step."},
}

FileName = Annotated[
    str,
    Query(min_length=1, max_length=255, description="What the file is called."),
]


class NotAppliedYet(Problem):
    kind = Kind.CONFLICT
    title = N_("The import was not applied")
    detail = N_(
        "The import {site_import} is {state}; a manifest is written when its rows are "
        "taken over."
    )


@imports.get("", responses={200: {"model": ImportPage}, **PROBLEMS})
async def list_imports(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    state: State | None = None,
    site: Annotated[
        str | None, Query(description="Only those that made or met this site.")
    ] = None,
) -> Response:
    """List the imports of your organisation, the oldest first."""
    page = await hop.read(
        request,
        lambda session, scope: queries.imports(
            session, scope, rows=rows, after=after, state=state, site=site
        ),
    )
    language = accepted_language(request)
    documents = [import_document(record, language) for record in page.rows]
    return page_response(request, documents, page.next_after)


@imports.post(
    "",
    status_code=201,
    responses={201: {"model": ImportWire}, **UPLOAD_PROBLEMS},
    openapi_extra=FILE_BODY,
)
async def upload_list(
    request: Request,
    name: FileName,
    kind: SiteKind = SiteKind.PRODUCER,
    commodity: Commodity = Commodity.COFFEE,
    country: Annotated[
        Country | None, Query(description="For rows that name no country.")
    ] = None,
    encoding: Annotated[
        str | None, Query(pattern=ENCODINGS, description="Only if it is read wrongly.")
    ] = None,
    sheet: Annotated[
        str | None, Query(max_length=100, description="Of a workbook; else the first.")
    ] = None,
) -> Response:
    """Upload a list (CSV, .xlsx, .xls or GeoJSON) for a dry run; nothing is registered."""
    await hop.read(request, require_importing)
    service, language = hop.service_of(request), accepted_language(request)
    async with received_body(request, service.files.incoming()) as received:
        format_of(received.path)

        def work(session: Session, scope: Scope) -> Answer:
            record = begin(
                service,
                session,
                scope,
                received,
                file_name=name,
                kind=kind,
                commodity=commodity,
                country=country,
                encoding=encoding,
                sheet=sheet,
            )
            document = import_document(record, language)
            return hop.json_answer(201, document, location=f"{ROOT}/{record.public_id}")

        body = f"{received.sha256} {request.url.query}".encode()
        return await hop.write(request, work, body=body)


def require_importing(_session: Session, scope: Scope) -> None:
    """Go on only for somebody who may import, before a byte of the list is taken."""
    scope.require(Permission.CHANGE_REGISTER)


def begin(
    service: Service,
    session: Session,
    scope: Scope,
    received: Received,
    *,
    file_name: str,
    kind: SiteKind,
    commodity: Commodity,
    country: str | None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> ImportRecord:
    """Take a received file over and have it read in the background."""
    service.files.take(received.path, received.sha256)
    record = actions.start(
        session,
        scope,
        file_sha256=received.sha256,
        file_name=Path(file_name).name,
        file_bytes=received.size,
        kind=kind,
        commodity=commodity,
        country=country,
        encoding=encoding,
        sheet=sheet,
    )
    actions.ask(session, scope, record.public_id, READ)
    return queries.site_import(session, scope, record.public_id)


@imports.get("/{site_import}", responses={200: {"model": ImportWire}, **ONE_PROBLEMS})
async def read_import(request: Request, site_import: str) -> Response:
    """Read one import: its state, its counts, what its columns mean, its problem."""
    record = await hop.read(
        request,
        lambda session, scope: queries.site_import(session, scope, site_import),
    )
    return hop.respond(
        hop.json_answer(200, import_document(record, accepted_language(request)))
    )


@imports.put(
    "/{site_import}/columns", responses={200: {"model": ImportWire}, **STEP_PROBLEMS}
)
async def map_columns(
    request: Request, site_import: str, body: ColumnsGiven
) -> Response:
    """Say what the columns mean; it is remembered, and the list is read anew."""
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        actions.map_columns(
            session, scope, site_import, columns=body.columns, country=body.country
        )
        actions.ask(session, scope, site_import, READ)
        record = queries.site_import(session, scope, site_import)
        return hop.json_answer(200, import_document(record, language))

    return await hop.write(request, work)


@imports.get(
    "/{site_import}/rows", responses={200: {"model": ImportRowPage}, **ONE_PROBLEMS}
)
async def list_rows(
    request: Request,
    site_import: str,
    after: Annotated[int, Query(ge=0, description="The row after which to begin.")] = 0,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    state: RowState | None = None,
    warned: Annotated[bool, Query(description="Only warned rows.")] = False,  # noqa: FBT002 - a query parameter
    undecided: Annotated[bool, Query(description="Only rows that wait.")] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """List the rows of a list with what was found about each."""
    wanted = Wanted(state=state, warned=warned, undecided=undecided)

    def work(session: Session, scope: Scope) -> tuple[Any, ...]:
        record = queries.site_import(session, scope, site_import)
        page = queries.rows(
            session, scope, site_import, rows=rows, after=after, wanted=wanted
        )
        return record.headings, page

    headings, page = await hop.read(request, work)
    language = accepted_language(request)
    documents = [row_document(row, headings, language) for row in page.rows]
    return page_response(request, documents, page.next_after)


@imports.get(
    "/{site_import}/rows/{row}",
    responses={200: {"model": ImportRowWire}, **ONE_PROBLEMS},
)
async def read_row(request: Request, site_import: str, row: int) -> Response:
    """Read one row of a list."""

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        record = queries.site_import(session, scope, site_import)
        if not 0 < row < limits.LARGEST_ROW_NUMBER:
            raise RowNotFound(site_import=site_import, row=row)
        found = queries.row(session, scope, site_import, row)
        return row_document(found, record.headings, accepted_language(request))

    return hop.respond(hop.json_answer(200, await hop.read(request, work)))


@imports.put(
    "/{site_import}/rows/{row}/decision",
    responses={200: {"model": ImportRowWire}, **STEP_PROBLEMS},
)
async def decide_row(
    request: Request, site_import: str, row: int, body: DecisionGiven
) -> Response:
    """Decide about one row: a site of its own, the same as another, or left out."""
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        if not 0 < row < limits.LARGEST_ROW_NUMBER:
            raise RowNotFound(site_import=site_import, row=row)
        decision = Decision(body.choice, body.site, body.row)
        decided = deciding.decide(session, scope, site_import, row, decision)
        headings = queries.site_import(session, scope, site_import).headings
        return hop.json_answer(200, row_document(decided, headings, language))

    return await hop.write(request, work)


@imports.post(
    "/{site_import}/decisions", responses={200: {"model": Decided}, **STEP_PROBLEMS}
)
async def decide_rows(
    request: Request, site_import: str, body: DecisionsGiven
) -> Response:
    """Decide alike about all undecided rows whose likeness is high enough."""

    def work(session: Session, scope: Scope) -> Answer:
        count = deciding.decide_many(
            session, scope, site_import, body.choice, least_score=body.least_score
        )
        return hop.json_answer(200, {"rows": count})

    return await hop.write(request, work)


@imports.post(
    "/{site_import}/confirm",
    status_code=202,
    responses={202: {"model": ImportWire}, **STEP_PROBLEMS},
)
async def confirm_import(
    request: Request, site_import: str, body: ConfirmationGiven
) -> Response:
    """Take the list over as decided, all of it or nothing, in the background."""
    skips = body.undecided is not None
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        actions.confirm(session, scope, site_import, skips_undecided=skips)
        actions.ask(session, scope, site_import, APPLY)
        record = queries.site_import(session, scope, site_import)
        return hop.json_answer(202, import_document(record, language))

    return await hop.write(request, work)


@imports.post(
    "/{site_import}/resume",
    status_code=202,
    responses={202: {"model": ImportWire}, **STEP_PROBLEMS},
)
async def resume_import(request: Request, site_import: str) -> Response:
    """Have a step done again whose background work failed for good."""
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        record = actions.resume(session, scope, site_import)
        return hop.json_answer(202, import_document(record, language))

    return await hop.write(request, work)


@imports.post(
    "/{site_import}/cancel", responses={200: {"model": ImportWire}, **STEP_PROBLEMS}
)
async def cancel_import(request: Request, site_import: str) -> Response:
    """Give an import up; nothing of it was taken over."""
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        record = actions.cancel(session, scope, site_import)
        return hop.json_answer(200, import_document(record, language))

    return await hop.write(request, work)


@imports.get(
    "/{site_import}/report.csv",
    responses={200: {"content": {"text/csv": {}}}, **ONE_PROBLEMS},
)
async def download_report(request: Request, site_import: str) -> Response:
    """Download the whole report, a row to a row, safe to open in a spreadsheet."""
    record = await hop.read(
        request,
        lambda session, scope: queries.site_import(session, scope, site_import),
    )
    pieces: AsyncIterator[bytes] = report_of(
        request, record, accepted_language(request)
    )
    name = f"{Path(record.file_name).stem}-report.csv"
    headers = {"Content-Disposition": as_attachment(name), "Cache-Control": "no-store"}
    return StreamingResponse(pieces, headers=headers, media_type=CSV_TYPE)


@imports.get(
    "/{site_import}/manifest",
    responses={200: {"content": {LINES_TYPE: {}}}, **STEP_PROBLEMS},
)
async def download_manifest(request: Request, site_import: str) -> Response:
    """Download which row made or met which site; its SHA-256 stands in the trail."""
    record = await hop.read(
        request,
        lambda session, scope: queries.site_import(session, scope, site_import),
    )
    if record.manifest_sha256 is None:
        raise NotAppliedYet(site_import=site_import, state=record.state)
    path = hop.service_of(request).files.path(record.manifest_sha256)
    name = as_attachment(f"{record.public_id}.jsonl")
    return FileResponse(
        path, media_type=LINES_TYPE, headers={"Content-Disposition": name}
    )
