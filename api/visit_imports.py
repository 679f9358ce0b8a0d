"""Imports of visits over HTTP: upload an export, follow it, read what became of each row."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import intake_of
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.receiving import received_body
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument, Wire
from audits.visit_imports import actions, queries
from audits.visit_imports.actions import Upload
from audits.visit_imports.queries import (
    RowState,
    State,
    VisitImportRecord,
    VisitRowRecord,
)
from audits.visit_imports.reading import Format
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.texts import translate

ROOT = "/v1/visit-imports"

visit_imports = feature_router(ROOT, "submissions")

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
UPLOAD_PROBLEMS = {
    **ONE_PROBLEMS,
    413: {"model": ProblemDocument, "description": "The file is too large."},
}


class VisitNote(Wire):
    """What cannot be read, in which column; what was answered is never repeated."""

    column: str
    message: str
    remedy: str


class VisitCounts(Wire):
    """Visits by what became of them, or would in a dry run."""

    new: int
    known: Annotated[int, Field(description="They came before, by whichever door.")]
    waiting: Annotated[int, Field(description="A supervisor says where they belong.")]
    refused: int


class VisitImportProblem(Wire):
    title: str
    detail: str


class VisitImportWire(Wire):
    """An export of another tool, and how far it has been taken in."""

    id: str
    checklist: str
    version: str
    format: Format
    dry_run: bool
    state: State
    rows: int | None
    rows_done: int
    counts: VisitCounts
    notices: list[VisitNote]
    problem: VisitImportProblem | None
    job: str | None
    file_sha256: str
    file_bytes: int
    started_by: str
    started_at: str
    ended_at: str | None


class VisitImportPage(Wire):
    items: list[VisitImportWire]
    next: str | None


class VisitRowWire(Wire):
    """One visit of an export: its row in the file, and what became of it."""

    row: int
    state: RowState
    instance_id: str | None
    submission: str | None
    notes: list[VisitNote]


class VisitRowPage(Wire):
    items: list[VisitRowWire]
    next: str | None


def visit_import_document(record: VisitImportRecord, language: str) -> dict[str, Any]:
    """Return an import as the API tells it."""
    problem = record.problem
    return {
        "id": record.public_id,
        "checklist": record.checklist,
        "version": record.version,
        "format": record.format,
        "dry_run": record.is_dry_run,
        "state": record.state,
        "rows": record.rows_found,
        "rows_done": record.rows_done,
        "counts": record.counts,
        "notices": [told_note(one, language) for one in record.notices],
        "problem": problem and told_problem(problem, language),
        "job": record.job,
        "file_sha256": record.file_sha256,
        "file_bytes": record.file_bytes,
        "started_by": record.started_by,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
    }


def told_problem(problem: Mapping[str, Any], language: str) -> dict[str, str]:
    facts = {name: translate(fact, language) for name, fact in problem["facts"].items()}
    return {
        "title": translate(problem["title"], language),
        "detail": translate(problem["detail"], language, **facts),
    }


def told_note(note: Mapping[str, Any], language: str) -> dict[str, str]:
    return {
        "column": note["column"],
        "message": translate(note["message"], language, **note["message_facts"]),
        "remedy": translate(note["remedy"], language, **note["remedy_facts"]),
    }


def row_document(row: VisitRowRecord, language: str) -> dict[str, Any]:
    return {
        "row": row.number,
        "state": row.state,
        "instance_id": row.instance_id,
        "submission": row.submission,
        "notes": [told_note(one, language) for one in row.notes],
    }


@visit_imports.get("", responses={200: {"model": VisitImportPage}, **PROBLEMS})
async def list_visit_imports(
    request: Request, after: After = None, rows: Rows = limits.PAGE_ROWS_DEFAULT
) -> Response:
    """List the imports of visits of your organisation, the oldest first."""
    page = await hop.read(
        request,
        lambda session, scope: queries.visit_imports(
            session, scope, rows=rows, after=after
        ),
    )
    language = accepted_language(request)
    documents = [visit_import_document(one, language) for one in page.rows]
    return page_response(request, documents, page.next_after)


@visit_imports.post(
    "",
    status_code=201,
    responses={201: {"model": VisitImportWire}, **UPLOAD_PROBLEMS},
    openapi_extra=FILE_BODY,
)
async def upload_visits(
    request: Request,
    checklist: Annotated[str, Query(description="The checklist it was filled with.")],
    export_format: Annotated[Format, Query(alias="format")],
    version: Annotated[
        str | None, Query(description="Its version; else the newest.")
    ] = None,
    dry_run: Annotated[  # noqa: FBT002 - a query parameter
        bool, Query(description="Only say what would become of each row.")
    ] = False,
) -> Response:
    """Upload an export of KoboToolbox or ODK Central; its visits are then taken in."""
    await hop.read(request, lambda _session, scope: queries.require_importing(scope))
    service, language = hop.service_of(request), accepted_language(request)
    async with received_body(request, service.files.incoming()) as received:
        upload = Upload(received.path, received.sha256, received.size)

        def work(session: Session, scope: Scope) -> Answer:
            record = actions.start(
                session,
                scope,
                intake_of(service).store,
                upload,
                checklist=checklist,
                version=version,
                kind=export_format,
                is_dry_run=dry_run,
            )
            actions.ask(session, scope, record.public_id)
            asked = queries.visit_import(session, scope, record.public_id)
            return hop.json_answer(
                201,
                visit_import_document(asked, language),
                location=f"{ROOT}/{asked.public_id}",
            )

        body = f"{received.sha256} {request.url.query}".encode()
        return await hop.write(request, work, body=body)


@visit_imports.get(
    "/{visit_import}", responses={200: {"model": VisitImportWire}, **ONE_PROBLEMS}
)
async def read_visit_import(request: Request, visit_import: str) -> Response:
    """Read one import of visits: its state, its counts, what is to be noticed."""
    record = await hop.read(
        request,
        lambda session, scope: queries.visit_import(session, scope, visit_import),
    )
    return hop.respond(
        hop.json_answer(200, visit_import_document(record, accepted_language(request)))
    )


@visit_imports.get(
    "/{visit_import}/rows",
    responses={200: {"model": VisitRowPage}, **ONE_PROBLEMS},
)
async def list_visit_rows(
    request: Request,
    visit_import: str,
    after: Annotated[
        int, Query(ge=0, le=limits.LARGEST_NUMBER, description="A row to go on after.")
    ] = 0,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
) -> Response:
    """List the rows of an export, and what became of each."""
    page = await hop.read(
        request,
        lambda session, scope: queries.import_rows(
            session, scope, visit_import, rows=rows, after=after
        ),
    )
    language = accepted_language(request)
    documents = [row_document(one, language) for one in page.rows]
    return page_response(request, documents, page.next_after)
