"""The checklists of an organisation: the newest version of each, and what it decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.checklists_told import decided_of
from api.pages.forms import Form
from api.pages.rendering import language_of, page
from api.pages.tables import Listed, csv_response, listed, pager, wants_csv
from api.routing import feature_router
from audits.checklists import queries
from audits.checklists.coverage import coverage_of
from audits.checklists.form import AUTOMATIC_TYPES, Purpose
from audits.checklists.mistakes import Mistake
from audits.checklists.odk_validate import Validation
from audits.checklists.queries import VersionRecord
from audits.checklists.validating import validations
from compliance import limits
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_, translate
from rules import Book

NOTES = {
    "published": N_("The version is published. Devices get it from now on."),
    "closed": N_(
        "The checklist is closed: no new visit begins with it. What was begun is still "
        "taken."
    ),
    "reopened": N_("The checklist is open again."),
}

# How much of a book a version decides, reckoned once in a process.
_DECIDED: dict[tuple[str, str], tuple[int, int]] = {}
DECIDED_KEPT = 500

checklists_list = feature_router("/checklists", "pages")


@dataclass(frozen=True)
class Line:
    """A checklist in the list: its newest version, and how much of the book it decides."""

    version: VersionRecord
    validation: Validation
    purpose: Purpose
    questions: int
    decided: int
    rules: int


@dataclass(frozen=True)
class Seen:
    """The checklists, and what is told of each."""

    found: Listed[VersionRecord]
    rows: Sequence[Line]


@checklists_list.get("", include_in_schema=False)
async def show_checklists(request: Request) -> Response:
    """Show every checklist of the organisation, and a form to upload one."""
    return await list_page(request, Form())


async def list_page(
    request: Request, form: Form, mistakes: Sequence[Mistake] = ()
) -> Response:
    """Return the list of checklists; `mistakes` are those of a workbook that was sent."""
    book = hop.service_of(request).book

    def work(session: Session, scope: Scope) -> Seen:
        found = listed(request, session, scope, _page_of)
        known = validations(session, scope, found.rows)
        return Seen(
            found, [_line(session, one, known[one.id], book) for one in found.rows]
        )

    seen = await hop.read(request, work)
    if wants_csv(request):
        return csv_response([_cells(one) for one in seen.rows], "checklists")
    scope = seen.found.scope
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "checklists.html",
        scope=scope,
        status=form.status,
        seen=seen,
        form=form,
        mistakes=mistakes,
        edition=book.edition,
        may_change=scope.may(Permission.CHANGE_CHECKLISTS),
        megabytes=limits.WORKBOOK_BYTES // limits.MEGABYTE,
        done_note=translate(note, language_of(request, scope)) if note else None,
        **pager(request, seen.found.next_after),
    )


def _page_of(
    session: Session, scope: Scope, rows: int, after: str | None
) -> Page[VersionRecord]:
    return queries.checklists(session, scope, rows=rows, after=after)


def _line(
    session: Session, version: VersionRecord, validation: Validation, book: Book
) -> Line:
    schema = queries.schema_of_version(session, version)
    key = (version.xform_md5, book.sha256)
    if key not in _DECIDED:
        if len(_DECIDED) >= DECIDED_KEPT:
            _DECIDED.clear()
        _DECIDED[key] = decided_of(coverage_of(schema, book))
    decided, rules = _DECIDED[key]
    asked = [one for one in schema.questions if one.type not in AUTOMATIC_TYPES]
    return Line(version, validation, schema.purpose, len(asked), decided, rules)


def _cells(one: Line) -> dict[str, object]:
    return {
        "checklist": one.version.form_id,
        "title": one.version.title,
        "version": one.version.version,
        "purpose": one.purpose,
        "published_at": one.version.published_at,
        "is_open": one.version.closed_at is None,
        "validation": one.validation.state,
        "questions": one.questions,
        "rules_decided": one.decided,
        "rules": one.rules,
    }
