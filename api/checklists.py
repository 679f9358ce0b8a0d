"""Checklists over HTTP: publish a workbook, list what is published, fetch its bytes."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.checklist_review import (
    CoverageWire,
    ReviewWire,
    coverage_document,
    review_document,
)
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.stored import as_attachment, stored_response
from api.wire import ProblemDocument, Wire
from audits.checklists import actions, queries
from audits.checklists.coverage import coverage_of
from audits.checklists.mistakes import ChecklistRejected
from audits.checklists.models import ValidationState
from audits.checklists.odk_validate import Validation
from audits.checklists.queries import VersionRecord
from audits.checklists.review import review
from audits.checklists.survey import form_id_of
from audits.checklists.validating import validations
from compliance import limits
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import SiteKind

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XFORM_TYPE = "text/xml; charset=utf-8"

checklists = feature_router("/v1/checklists", "checklists")


class ChecklistUnusable(Problem):
    kind = Kind.INVALID
    title = N_("The workbook cannot become a checklist")
    detail = N_(
        "Nothing was stored. See 'errors': each names a sheet, a row and a column, "
        "what is wrong there and what would be right."
    )


class ValidationWire(Wire):
    """What ODK Validate said of a version; its complaints are in English.

    Devices do not get a refused version, but the newest one before it that is not
    refused. `not_run`: it was not asked, or there was no Java; `shipped`: the workbook
    came with the product and was validated before.
    """

    state: ValidationState
    complaints: list[str]


class ChecklistWire(Wire):
    """A version of a checklist; where none is named, the newest."""

    id: str
    title: str
    version: str
    form_md5: str
    published_at: str
    is_open: bool
    validation: ValidationWire


class ChecklistPage(Wire):
    items: list[ChecklistWire]
    next: str | None


class WorkbookMistake(Wire):
    """One thing to put right in a workbook; row 0 is the sheet or file as a whole."""

    field: str
    given: str | None
    remedy: str
    sheet: str
    row: int
    column: str
    message: str


class WorkbookProblem(Wire):
    """What a workbook that cannot be used is answered with."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[WorkbookMistake] | None = None


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "No valid credential."},
    403: {"model": ProblemDocument, "description": "The role does not allow it."},
}
ONE_PROBLEMS = {
    **PROBLEMS,
    404: {"model": ProblemDocument, "description": "Not found, or not yours."},
}
PUBLISH_PROBLEMS = {
    **PROBLEMS,
    409: {"model": ProblemDocument, "description": "The version is taken."},
    413: {"model": ProblemDocument, "description": "The workbook is too large."},
    422: {"model": WorkbookProblem, "description": "The workbook cannot be used."},
}
WORKBOOK_BODY = {
    "requestBody": {
        "required": True,
        "content": {XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def checklist_document(
    version: VersionRecord, validation: Validation
) -> dict[str, Any]:
    """Return a checklist as the API tells it."""
    return {
        "id": version.form_id,
        "title": version.title,
        "version": version.version,
        "form_md5": version.xform_md5,
        "published_at": version.published_at,
        "is_open": version.closed_at is None,
        "validation": {
            "state": validation.state,
            "complaints": validation.complaints,
        },
    }


def checklist_documents(
    session: Session, scope: Scope, versions: Sequence[VersionRecord]
) -> list[dict[str, Any]]:
    """Return versions as the API tells them, with what ODK Validate said of each."""
    known = validations(session, scope, versions)
    return [checklist_document(version, known[version.id]) for version in versions]


@checklists.get("", responses={200: {"model": ChecklistPage}, **PROBLEMS})
async def list_checklists(
    request: Request, after: After = None, rows: Rows = limits.PAGE_ROWS_DEFAULT
) -> Response:
    """List the checklists of your organisation, each at its newest version."""

    def work(session: Session, scope: Scope) -> Page[dict[str, Any]]:
        page = queries.checklists(session, scope, rows=rows, after=after)
        documents = checklist_documents(session, scope, page.rows)
        return Page(tuple(documents), page.next_after)

    page = await hop.read(request, work)
    return page_response(request, list(page.rows), page.next_after)


@checklists.post(
    "",
    status_code=201,
    responses={201: {"model": ChecklistWire}, **PUBLISH_PROBLEMS},
    openapi_extra=WORKBOOK_BODY,
)
async def publish_checklist(request: Request) -> Response:
    """Publish a workbook (XLSForm) as a version of its checklist."""
    workbook = await request.body()
    language = accepted_language(request)
    service = hop.service_of(request)
    vocabulary = service.book.vocabulary
    validates = service.settings.odk_validate == "auto"

    def work(session: Session, scope: Scope) -> Answer:
        try:
            published = actions.publish(
                session, scope, vocabulary, workbook, validates=validates
            )
        except ChecklistRejected as rejected:
            raise ChecklistUnusable(errors=_told(rejected, language)) from rejected
        (document,) = checklist_documents(session, scope, [published])
        return hop.json_answer(201, document)

    return await hop.write(request, work)


@checklists.post(
    "/check",
    responses={200: {"model": ReviewWire}, **PUBLISH_PROBLEMS},
    openapi_extra=WORKBOOK_BODY,
)
async def check_workbook(request: Request) -> Response:
    """Review a workbook: which rules it can decide, and what changed; store nothing."""
    workbook = await request.body()
    language = accepted_language(request)
    book = hop.service_of(request).book

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.CHANGE_CHECKLISTS)
        try:
            newest = queries.newest_version(session, scope, form_id_of(workbook))
            before = None
            if newest is not None:
                before = queries.schema_of_version(session, newest)
            reviewed = review(workbook, book, before)
        except ChecklistRejected as rejected:
            raise ChecklistUnusable(errors=_told(rejected, language)) from rejected
        return hop.json_answer(200, review_document(reviewed, before, book, language))

    return hop.respond(await hop.read(request, work))


@checklists.get(
    "/{checklist}/versions/{version}/coverage",
    responses={200: {"model": CoverageWire}, **ONE_PROBLEMS},
)
async def read_coverage(
    request: Request, checklist: str, version: str, site_kind: SiteKind | None = None
) -> Response:
    """Say which rules a version can decide: never, only if, weakly or always."""
    language = accepted_language(request)
    book = hop.service_of(request).book

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.READ_CHECKLISTS)
        found = queries.version(session, scope, checklist, version)
        schema = queries.schema_of_version(session, found)
        coverage = coverage_of(schema, book)
        document = coverage_document(schema, coverage, book, language, site_kind)
        return hop.json_answer(200, document)

    return hop.respond(await hop.read(request, work))


@checklists.post("/{checklist}/close", status_code=204, responses=ONE_PROBLEMS)
async def close_checklist(request: Request, checklist: str) -> Response:
    """Want no new work with a checklist; what was begun before is still taken."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.close(session, scope, checklist)
        return Answer(204, b"")

    return await hop.write(request, work)


@checklists.post("/{checklist}/reopen", status_code=204, responses=ONE_PROBLEMS)
async def reopen_checklist(request: Request, checklist: str) -> Response:
    """Take new work with a checklist again."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.reopen(session, scope, checklist)
        return Answer(204, b"")

    return await hop.write(request, work)


@checklists.get(
    "/{checklist}/versions/{version}.xml",
    responses={200: {"content": {"text/xml": {}}}, **ONE_PROBLEMS},
)
async def read_form(request: Request, checklist: str, version: str) -> Response:
    """Fetch the form that devices get, byte for byte as published."""
    found = await hop.read(
        request,
        lambda session, scope: queries.xform(session, scope, checklist, version),
    )
    return stored_response(request, found.content, XFORM_TYPE, found.etag)


@checklists.get(
    "/{checklist}/versions/{version}.xlsx",
    responses={200: {"content": {XLSX_TYPE: {}}}, **ONE_PROBLEMS},
)
async def read_workbook(request: Request, checklist: str, version: str) -> Response:
    """Fetch the workbook as it was uploaded."""
    found = await hop.read(
        request,
        lambda session, scope: queries.workbook(session, scope, checklist, version),
    )
    response = stored_response(request, found.content, XLSX_TYPE, found.etag)
    name = f"{checklist}-{version}.xlsx"
    response.headers["Content-Disposition"] = as_attachment(name)
    return response


# After the files: '1.xml' would be a version's name as well.
@checklists.get(
    "/{checklist}/versions/{version}",
    responses={200: {"model": ChecklistWire}, **ONE_PROBLEMS},
)
async def read_version(request: Request, checklist: str, version: str) -> Response:
    """Read one version, and what ODK Validate said of it."""

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.READ_CHECKLISTS)
        found = queries.version(session, scope, checklist, version)
        (document,) = checklist_documents(session, scope, [found])
        return hop.json_answer(200, document)

    return hop.respond(await hop.read(request, work))


def _told(rejected: ChecklistRejected, language: str) -> list[dict[str, object]]:
    return [
        {
            "field": f"{mistake.sheet}:{mistake.row}:{mistake.column}",
            "given": None,
            "remedy": mistake.remedy.in_language(language),
            "sheet": mistake.sheet,
            "row": mistake.row,
            "column": mistake.column,
            "message": mistake.message.in_language(language),
        }
        for mistake in rejected.mistakes
    ]
