"""What can be read of imports of visits: the list, one of them, and its rows."""

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from audits.checklists.models import Checklist, ChecklistVersion
from audits.visit_imports.models import VisitImport, VisitImportRow
from audits.visit_imports.reading import Format
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, gathered
from compliance.problems import Kind, Problem
from compliance.texts import N_


class VisitImportNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such import of visits")
    detail = N_(
        "Your organisation has no import {visit_import}. GET /v1/visit-imports lists "
        "those it has."
    )


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RowState(StrEnum):
    NEW = "new"
    KNOWN = "known"
    WAITING = "waiting"
    """It is taken in, and a supervisor says to which site it belongs."""
    REFUSED = "refused"


@dataclass(frozen=True)
class VisitImportRecord:
    id: uuid.UUID
    public_id: str
    checklist: str
    version: str
    format: Format
    is_dry_run: bool
    state: State
    key_id: uuid.UUID
    file_sha256: str
    sealed_sha256: str
    file_bytes: int
    rows_found: int | None
    rows_done: int
    notices: tuple[Mapping[str, Any], ...]
    problem: Mapping[str, Any] | None
    job: str | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    counts: Mapping[str, int]


@dataclass(frozen=True)
class VisitRowRecord:
    number: int
    state: RowState
    instance_id: str | None
    submission: str | None
    notes: tuple[Mapping[str, Any], ...]


IMPORTS = (
    select(
        VisitImport.id,
        VisitImport.public_id,
        Checklist.form_id.label("checklist"),
        ChecklistVersion.version,
        VisitImport.format,
        VisitImport.is_dry_run,
        VisitImport.state,
        VisitImport.key_id,
        VisitImport.file_sha256,
        VisitImport.sealed_sha256,
        VisitImport.file_bytes,
        VisitImport.rows_found,
        VisitImport.rows_done,
        VisitImport.notices,
        VisitImport.problem,
        VisitImport.job,
        VisitImport.started_by,
        VisitImport.started_at,
        VisitImport.ended_at,
    )
    .join(ChecklistVersion, ChecklistVersion.id == VisitImport.checklist_version_id)
    .join(Checklist, Checklist.id == ChecklistVersion.checklist_id)
    .where(VisitImport.owner_id == bindparam("owner_id"))
)
COUNTED = (
    select(VisitImportRow.import_id, VisitImportRow.state, func.count())
    .where(VisitImportRow.import_id.in_(bindparam("keys", expanding=True)))
    .group_by(VisitImportRow.import_id, VisitImportRow.state)
)


def require_importing(scope: Scope) -> None:
    """Go on only for somebody who may both send visits and answer for them."""
    scope.require(Permission.SUBMIT_VISITS)
    scope.require(Permission.SUPERVISE_VISITS)


def visit_imports(
    session: Session, scope: Scope, *, rows: int, after: str | None = None
) -> Page[VisitImportRecord]:
    """Return a page of imports, the oldest first."""
    require_importing(scope)
    bound = {"owner_id": scope.organisation_id}
    page = LISTED.page(session, bound, rows=rows, after=after)
    counts = _counts(session, [one.id for one in page.rows])
    return replace(
        page, rows=tuple(replace(one, counts=counts[one.id]) for one in page.rows)
    )


def visit_import(session: Session, scope: Scope, public_id: str) -> VisitImportRecord:
    """Return one import; another organisation's is not found."""
    require_importing(scope)
    bound = {"owner_id": scope.organisation_id}
    missing = VisitImportNotFound(visit_import=public_id)
    found = LISTED.one(session, bound, public_id, missing)
    return replace(found, counts=_counts(session, [found.id])[found.id])


def import_rows(
    session: Session, scope: Scope, public_id: str, *, rows: int, after: int = 0
) -> Page[VisitRowRecord]:
    """Return a page of what became of the rows; `after` is a row's number."""
    found = visit_import(session, scope, public_id)
    told = session.execute(
        select(
            VisitImportRow.number,
            VisitImportRow.state,
            VisitImportRow.instance_id,
            VisitImportRow.submission,
            VisitImportRow.notes,
        )
        .where(VisitImportRow.import_id == found.id, VisitImportRow.number > after)
        .order_by(VisitImportRow.number)
        .limit(rows + 1)
    ).all()
    records = tuple(
        VisitRowRecord(
            row.number,
            RowState(row.state),
            row.instance_id,
            row.submission,
            tuple(json.loads(row.notes)),
        )
        for row in told[:rows]
    )
    return Page(records, str(records[-1].number) if len(told) > rows else None)


def _counts(
    session: Session, import_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Mapping[str, int]]:
    """Return how many visits of each import are in which state."""
    counted = gathered(session, COUNTED, {}, import_ids, "import_id", tuple)
    found = {one: {row[1]: row[2] for row in rows} for one, rows in counted.items()}
    return {
        one: {str(state): found.get(one, {}).get(state, 0) for state in RowState}
        for one in import_ids
    }


def _record(row: Row[*tuple[Any, ...]]) -> VisitImportRecord:
    return VisitImportRecord(
        **{
            **row._mapping,  # noqa: SLF001 - the documented way to a row's columns
            "format": Format(row.format),
            "state": State(row.state),
            "notices": tuple(json.loads(row.notices)),
            "problem": json.loads(row.problem) if row.problem else None,
            "counts": {},
        }
    )


LISTED = Listing(IMPORTS, VisitImport.id, VisitImport.public_id, _record)
