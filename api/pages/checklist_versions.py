"""A checklist and its versions: what each asks, decides, and has not as the one before."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.checklists import path_of
from api.pages.checklists_asked import ToldSection, told_questions
from api.pages.checklists_list import NOTES
from api.pages.checklists_told import (
    ToldChanges,
    ToldCoverage,
    told_changes,
    told_coverage,
)
from api.pages.rendering import language_of, page
from api.pages.tables import address_with, chosen, csv_response, wants_csv
from api.routing import feature_router
from audits.checklists import queries
from audits.checklists.changes import changes_between
from audits.checklists.coverage import coverage_of
from audits.checklists.form import FormSchema
from audits.checklists.odk_validate import Validation
from audits.checklists.queries import VersionRecord
from audits.checklists.validating import validations
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import translate
from rules import Asked, Book, SiteKind

checklist_versions = feature_router("/checklists", "pages")


@dataclass(frozen=True)
class SeenChecklist:
    """A checklist with its versions, the newest first."""

    versions: Sequence[tuple[VersionRecord, Validation]]
    scope: Scope

    @property
    def newest(self) -> VersionRecord:
        return self.versions[0][0]


@dataclass(frozen=True)
class SeenVersion:
    version: VersionRecord
    is_newest: bool
    others: tuple[VersionRecord, ...]
    validation: Validation
    schema: FormSchema
    sections: tuple[ToldSection, ...]
    coverage: ToldCoverage
    against: VersionRecord | None
    changes: ToldChanges | None
    scope: Scope

    @property
    def asked(self) -> int:
        return sum(len(one.questions) for one in self.sections)


@checklist_versions.get("/{checklist}", include_in_schema=False)
async def show_checklist(request: Request, checklist: str) -> Response:
    """Show a checklist and every version that was ever published of it."""

    def work(session: Session, scope: Scope) -> SeenChecklist:
        found = queries.versions(session, scope, checklist)
        known = validations(session, scope, found)
        return SeenChecklist([(one, known[one.id]) for one in found], scope)

    seen = await hop.read(request, work)
    if wants_csv(request):
        return csv_response(
            [
                {
                    "checklist": one.form_id,
                    "version": one.version,
                    "title": one.title,
                    "published_at": one.published_at,
                    "validation": validation.state,
                }
                for one, validation in seen.versions
            ],
            "versions",
        )
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "checklist.html",
        scope=seen.scope,
        seen=seen,
        path=path_of(checklist),
        path_of=path_of,
        may_change=seen.scope.may(Permission.CHANGE_CHECKLISTS),
        done_note=translate(note, language_of(request, seen.scope)) if note else None,
    )


@checklist_versions.get("/{checklist}/versions/{version}", include_in_schema=False)
async def show_version(request: Request, checklist: str, version: str) -> Response:
    """Show what a version asks, which rules it decides, and what changed in it."""
    service = hop.service_of(request)
    kind = chosen(request, "site_kind", SiteKind)
    against = request.query_params.get("against") or None

    def work(session: Session, scope: Scope) -> SeenVersion:
        language = language_of(request, scope)
        return _see(
            session, scope, service.book, (checklist, version, against), kind, language
        )

    seen = await hop.read(request, work)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "checklist_version.html",
        scope=seen.scope,
        seen=seen,
        path=path_of(checklist, version),
        path_of=path_of,
        kind=kind,
        kinds=[(None, address_with(request, site_kind=None))]
        + [(one, address_with(request, site_kind=one)) for one in SiteKind],
        hows=tuple(Asked),
        done_note=translate(note, language_of(request, seen.scope)) if note else None,
    )


def _see(
    session: Session,
    scope: Scope,
    book: Book,
    named: tuple[str, str, str | None],
    kind: SiteKind | None,
    language: str,
) -> SeenVersion:
    checklist, version, against = named
    versions = queries.versions(session, scope, checklist)
    found = queries.version(session, scope, checklist, version)
    before = next((one for one in versions if one.id < found.id), None)
    if against is not None:
        before = queries.version(session, scope, checklist, against)
    schema = queries.schema_of_version(session, found)
    coverage = coverage_of(schema, book)
    return SeenVersion(
        version=found,
        is_newest=versions[0].id == found.id,
        others=tuple(one for one in versions if one.id != found.id),
        validation=validations(session, scope, [found])[found.id],
        schema=schema,
        sections=told_questions(schema, language),
        coverage=told_coverage(schema, coverage, book, language, kind),
        against=before,
        changes=None
        if before is None
        else _changes(session, before, schema, book, language),
        scope=scope,
    )


def _changes(
    session: Session,
    before: VersionRecord,
    after: FormSchema,
    book: Book,
    language: str,
) -> ToldChanges:
    old = queries.schema_of_version(session, before)
    found = changes_between(
        old, after, coverage_of(old, book), coverage_of(after, book)
    )
    return told_changes(found, old, after, book, language)
