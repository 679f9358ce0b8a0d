"""Checklists for their author: a workbook looked at, published, its checklist closed.

Nothing is kept of a workbook that is only looked at: it travels in the form that
publishes it.
"""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.checklists_list import list_page
from api.pages.checklists_told import (
    ToldChanges,
    ToldCoverage,
    told_changes,
    told_coverage,
)
from api.pages.forms import Form, form_of, go_to, sent, sent_back
from api.pages.rendering import language_of, page
from api.pages.uploads import upload_of
from api.routing import feature_router
from audits.checklists import actions, queries
from audits.checklists.mistakes import ChecklistRejected
from audits.checklists.review import Review, review
from audits.checklists.survey import form_id_of
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import Asked, Book

UNUSABLE = 422
FILE = "workbook"

checklists = feature_router("/checklists", "pages")


class WorkbookLost(Problem):
    kind = Kind.INVALID
    title = N_("The workbook did not come along")
    detail = N_("The form came without its workbook. Upload it again and publish then.")


@dataclass(frozen=True)
class Reviewed:
    """A workbook that could be published, as its author reads of it."""

    review: Review
    coverage: ToldCoverage
    changes: ToldChanges | None
    is_published: bool
    warnings: tuple[str, ...]
    scope: Scope


@checklists.post("/check", include_in_schema=False)
async def check(request: Request) -> Response:
    """Show every mistake of a workbook, or what would come of it; keep nothing."""
    await hop.read(request, _require_changing)
    async with upload_of(request, (), {FILE: limits.WORKBOOK_BYTES}) as upload:
        try:
            workbook = upload.file(FILE).content()
        except Problem as problem:
            form = await sent_back(request, upload.form, problem)
            return await list_page(request, form)
    return await _review_page(request, workbook, Form())


@checklists.post("", include_in_schema=False)
async def publish(request: Request) -> Response:
    """Publish the workbook that was looked at; a published version never changes."""
    form = await form_of(request)
    service = hop.service_of(request)
    vocabulary = service.book.vocabulary
    validates = service.settings.odk_validate == "auto"

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.CHANGE_CHECKLISTS)
        published = actions.publish(
            session, scope, vocabulary, _carried(form), validates=validates
        )
        return go_to(path_of(published.form_id, published.version), done="published")

    async def again(told: Form) -> Response:
        try:
            return await _review_page(request, _carried(told), told)
        except WorkbookLost:
            return await list_page(request, told)

    try:
        return await sent(request, form, work, again)
    except ChecklistRejected:
        return await again(form)


@checklists.post("/{checklist}/close", include_in_schema=False)
async def close(request: Request, checklist: str) -> Response:
    """Want no new work with a checklist."""
    return await _changed(request, checklist, is_closed=True)


@checklists.post("/{checklist}/reopen", include_in_schema=False)
async def reopen(request: Request, checklist: str) -> Response:
    """Take new work with a checklist again."""
    return await _changed(request, checklist, is_closed=False)


async def _changed(request: Request, checklist: str, *, is_closed: bool) -> Response:
    form = await form_of(request)
    change = actions.close if is_closed else actions.reopen

    def work(session: Session, scope: Scope) -> Answer:
        change(session, scope, checklist)
        return go_to(path_of(checklist), done="closed" if is_closed else "reopened")

    return await hop.write(request, work, key=form.value("once") or None)


def path_of(checklist: str, version: str | None = None) -> str:
    """Return the address of a checklist, or of one of its versions."""
    path = f"/checklists/{quote(checklist, safe='')}"
    return path if version is None else f"{path}/versions/{quote(version, safe='')}"


def _require_changing(_session: Session, scope: Scope) -> None:
    scope.require(Permission.CHANGE_CHECKLISTS)


def _carried(form: Form) -> bytes:
    """Return the workbook that came along in the form."""
    try:
        found = base64.b64decode(form.value(FILE).encode("ascii"), altchars=b"-_")
    except (binascii.Error, ValueError) as error:
        raise WorkbookLost from error
    if not found:
        raise WorkbookLost
    return found


async def _review_page(request: Request, workbook: bytes, form: Form) -> Response:
    """Show what would come of a workbook; its mistakes where it has any."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Reviewed:
        scope.require(Permission.CHANGE_CHECKLISTS)
        return _reviewed(
            session, scope, service.book, workbook, language_of(request, scope)
        )

    try:
        seen = await hop.read(request, work)
    except ChecklistRejected as rejected:
        return await list_page(
            request, Form(status=UNUSABLE), mistakes=rejected.mistakes
        )
    return page(
        request,
        "checklist_review.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        form=form,
        workbook=base64.b64encode(workbook, altchars=b"-_").decode(),
        hows=tuple(Asked),
    )


def _reviewed(
    session: Session, scope: Scope, book: Book, workbook: bytes, language: str
) -> Reviewed:
    newest = queries.newest_version(session, scope, form_id_of(workbook))
    before = None if newest is None else queries.schema_of_version(session, newest)
    found = review(workbook, book, before)
    return Reviewed(
        review=found,
        coverage=told_coverage(found.schema, found.coverage, book, language),
        changes=told_changes(found.changes, before, found.schema, book, language)
        if before is not None and found.changes is not None
        else None,
        is_published=newest is not None and newest.version == found.schema.version,
        warnings=tuple(one.in_language(language) for one in found.warnings),
        scope=scope,
    )
