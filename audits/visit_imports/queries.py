"""What can be read of imports of visits: the list, one of them, and its rows."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from audits.checklists.models import Checklist, ChecklistVersion
from audits.visit_imports.models import VisitImport, VisitImportRow
from audits.visit_imports.reading import Format
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import NoSuchPage
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
    statement = IMPORTS.where(VisitImport.owner_id == scope.organisation_id)
    if after is not None:
        try:
            known = visit_import(session, scope, after)
        except VisitImportNotFound as missing:
            raise NoSuchPage(after=after) from missing
        statement = statement.where(VisitImport.id > known.id)
    found = session.execute(statement.order_by(VisitImport.id).limit(rows + 1)).all()
    records = tuple(_record(session, row) for row in found[:rows])
    return Page(records, records[-1].public_id if len(found) > rows else None)


def visit_import(session: Session, scope: Scope, public_id: str) -> VisitImportRecord:
    """Return one import; another organisation's is not found."""
    require_importing(scope)
    row = session.execute(
        IMPORTS.where(
            VisitImport.owner_id == scope.organisation_id,
            VisitImport.public_id == public_id,
        )
    ).one_or_none()
    if row is None:
        raise VisitImportNotFound(visit_import=public_id)
    return _record(session, row)


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


def _record(session: Session, row: Row[*tuple[Any, ...]]) -> VisitImportRecord:
    counted = session.execute(
        select(VisitImportRow.state, func.count().label("visits"))
        .where(VisitImportRow.import_id == row.id)
        .group_by(VisitImportRow.state)
    )
    found = {one.state: one.visits for one in counted}
    return VisitImportRecord(
        **{
            **row._mapping,  # noqa: SLF001 - the documented way to a row's columns
            "format": Format(row.format),
            "state": State(row.state),
            "notices": tuple(json.loads(row.notices)),
            "problem": json.loads(row.problem) if row.problem else None,
            "counts": {str(one): found.get(one, 0) for one in RowState},
        }
    )
