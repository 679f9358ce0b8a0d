"""What can be read of imports: the lists, their rows, and where a site came from."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.imports.fields import Field
from compliance.imports.lifecycle import Choice, Outcome, RowState, State
from compliance.imports.models import SiteImport, SiteImportRow, SiteOrigin
from compliance.imports.notes import Note, unpacked
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem, catalogue
from compliance.registry.models import Site
from compliance.texts import N_
from rules.vocabulary import Commodity, SiteKind


class ImportNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such import")
    detail = N_(
        "No import of yours has the id {site_import}. GET /v1/imports lists them."
    )


class RowNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("The list has no such row")
    detail = N_("The import {site_import} has no row {row}.")


@dataclass(frozen=True)
class Counts:
    """How many rows of which kind; `undecided` are those that wait for a person."""

    rows: int = 0
    new: int = 0
    same: int = 0
    perhaps: int = 0
    refused: int = 0
    warned: int = 0
    undecided: int = 0
    made: int = 0
    matched: int = 0


@dataclass(frozen=True)
class ImportRecord:
    """A list and how far it has come; `problem` is a slug and its facts."""

    id: uuid.UUID
    public_id: str
    state: State
    file_sha256: str
    file_name: str
    file_bytes: int
    format: str | None
    kind: SiteKind
    commodity: Commodity
    country: str | None
    headings: tuple[str, ...]
    columns: Mapping[Field, str]
    columns_source: str | None
    noticed: tuple[tuple[str, Mapping[str, Any]], ...]
    problem: tuple[str, Mapping[str, Any]] | None
    job: str | None
    counts: Counts
    manifest_sha256: str | None
    started_by: str
    started_at: datetime
    read_at: datetime | None
    confirmed_by: str | None
    applied_at: datetime | None


@dataclass(frozen=True)
class CandidateRecord:
    """A site, or an earlier row of the list, that a row might be."""

    site: str | None
    row: int | None
    name: str
    score: int
    reasons: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True)
class RowRecord:
    """A row: as it stood in the list, as it was understood, found and decided."""

    number: int
    state: RowState
    is_warned: bool
    cells: tuple[str, ...]
    found: Mapping[str, Any]
    notes: tuple[Note, ...]
    candidates: tuple[CandidateRecord, ...]
    choice: Choice | None
    chosen_site: str | None
    chosen_row: int | None
    outcome: Outcome | None
    site: str | None


@dataclass(frozen=True)
class Waiting:
    """What a background step needs of an import; `columns` only if somebody gave them."""

    id: uuid.UUID
    state: State
    file_sha256: str
    file_name: str
    encoding: str | None
    sheet: str | None
    kind: SiteKind
    commodity: Commodity
    country: str | None
    columns: Mapping[Field, str] | None
    layout_sha256: str | None


IMPORTS: Select[*tuple[Any, ...]] = select(*SiteImport.__table__.columns).where(
    SiteImport.owner_id == bindparam("owner_id")
)
ONE_IMPORT = IMPORTS.where(SiteImport.public_id == bindparam("public_id"))
MADE_OR_MET = (
    select(SiteOrigin.import_id)
    .join(Site, Site.id == SiteOrigin.site_id)
    .where(Site.public_id == bindparam("site"))
)


def imports(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    state: State | None = None,
    site: str | None = None,
) -> Page[ImportRecord]:
    """Return a page of imports, the oldest first; those that made or met `site`."""
    scope.require(Permission.READ_REGISTER)
    return LISTED.page(
        session,
        {"owner_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted={"state": state, "site": site},
    )


def site_import(session: Session, scope: Scope, public_id: str) -> ImportRecord:
    """Return one import with its counts of this moment, or raise ImportNotFound."""
    scope.require(Permission.READ_REGISTER)
    row = _one(session, scope, public_id)
    return _record(row, _counts(session, row))


def _one(session: Session, scope: Scope, public_id: str) -> Row[*tuple[Any, ...]]:
    row = session.execute(
        ONE_IMPORT, {"owner_id": scope.organisation_id, "public_id": public_id}
    ).one_or_none()
    if row is None:
        raise ImportNotFound(site_import=public_id)
    return row


def waiting_import(
    session: Session, scope: Scope, public_id: str, *, for_update: bool = False
) -> Waiting:
    """Return what a step needs of an import, if asked for with its row locked."""
    statement = ONE_IMPORT.with_for_update() if for_update else ONE_IMPORT
    row = session.execute(
        statement, {"owner_id": scope.organisation_id, "public_id": public_id}
    ).one_or_none()
    if row is None:
        raise ImportNotFound(site_import=public_id)
    columns = _columns(row.columns) if row.columns_source == "given" else None
    return Waiting(
        id=row.id,
        state=State(row.state),
        file_sha256=row.file_sha256,
        file_name=row.file_name,
        encoding=row.encoding,
        sheet=row.sheet,
        kind=SiteKind(row.kind),
        commodity=Commodity(row.commodity),
        country=row.country,
        columns=columns,
        layout_sha256=row.layout_sha256,
    )


def _columns(text: str) -> dict[Field, str]:
    return {Field(name): column for name, column in json.loads(text).items()}


def _record(row: Any, counts: Counts) -> ImportRecord:
    problem = None if row.problem is None else json.loads(row.problem)
    return ImportRecord(
        id=row.id,
        public_id=row.public_id,
        state=State(row.state),
        file_sha256=row.file_sha256,
        file_name=row.file_name,
        file_bytes=row.file_bytes,
        format=row.format,
        kind=SiteKind(row.kind),
        commodity=Commodity(row.commodity),
        country=row.country,
        headings=tuple(json.loads(row.headings)),
        columns=_columns(row.columns),
        columns_source=row.columns_source,
        noticed=tuple((message, facts) for message, facts in json.loads(row.noticed)),
        problem=None if problem is None else (problem[0], problem[1]),
        job=row.job,
        counts=counts,
        manifest_sha256=row.manifest_sha256,
        started_by=row.started_by,
        started_at=row.started_at,
        read_at=row.read_at,
        confirmed_by=row.confirmed_by,
        applied_at=row.applied_at,
    )


def _kept_counts(row: Any) -> Counts:
    kept = json.loads(row.counts)
    return Counts(**{name: kept.get(name, 0) for name in Counts.__dataclass_fields__})


def _counts(session: Session, row: Any) -> Counts:
    undecided = session.scalar(
        select(func.count())
        .select_from(SiteImportRow)
        .where(
            SiteImportRow.import_id == row.id,
            SiteImportRow.state == RowState.PERHAPS,
            SiteImportRow.choice.is_(None),
        )
    )
    kept = json.loads(row.counts) | {"undecided": undecided or 0}
    return Counts(**{name: kept.get(name, 0) for name in Counts.__dataclass_fields__})


def same_file(session: Session, scope: Scope, record: ImportRecord) -> str | None:
    """Return the import by which this very file was applied before, if it was."""
    found: str | None = session.scalar(
        select(SiteImport.public_id)
        .where(
            SiteImport.owner_id == scope.organisation_id,
            SiteImport.file_sha256 == record.file_sha256,
            SiteImport.state == State.APPLIED,
            SiteImport.id != record.id,
        )
        .order_by(SiteImport.id.desc())
        .limit(1)
    )
    return found


@dataclass(frozen=True)
class Wanted:
    """Which rows of a list: by state, warned ones, and those that wait for a person."""

    state: RowState | None = None
    warned: bool = False
    undecided: bool = False


def rows(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    rows: int | None,
    after: int = 0,
    wanted: Wanted = Wanted(),
) -> Page[RowRecord]:
    """Return rows of a list in their order, after the row with the number `after`.

    Without `rows` they are all returned, as for a file that somebody downloads.
    """
    scope.require(Permission.READ_REGISTER)
    row = _one(session, scope, public_id)
    statement = (
        ROWS.where(SiteImportRow.import_id == row.id, SiteImportRow.number > after)
        .order_by(SiteImportRow.number)
        .limit(None if rows is None else rows + 1)
    )
    if wanted.state is not None:
        statement = statement.where(SiteImportRow.state == wanted.state)
    if wanted.warned:
        statement = statement.where(SiteImportRow.is_warned)
    if wanted.undecided:
        statement = statement.where(
            SiteImportRow.state == RowState.PERHAPS, SiteImportRow.choice.is_(None)
        )
    found = session.execute(statement).all()
    shown = found if rows is None else found[:rows]
    more = rows is not None and len(found) > rows
    return Page(
        tuple(_row_record(one) for one in shown),
        str(shown[-1].number) if more else None,
    )


ROWS: Select[*tuple[Any, ...]] = (
    select(
        *SiteImportRow.__table__.columns,
        SiteOrigin.outcome,
        Site.public_id.label("site"),
    )
    .outerjoin(
        SiteOrigin,
        (SiteOrigin.import_id == SiteImportRow.import_id)
        & (SiteOrigin.number == SiteImportRow.number),
    )
    .outerjoin(Site, Site.id == SiteOrigin.site_id)
)


def row(session: Session, scope: Scope, public_id: str, number: int) -> RowRecord:
    """Return one row of a list, or raise RowNotFound."""
    found = rows(session, scope, public_id, rows=1, after=number - 1).rows
    if not found or found[0].number != number:
        raise RowNotFound(site_import=public_id, row=number)
    return found[0]


def _row_record(row: Any) -> RowRecord:
    return RowRecord(
        number=row.number,
        state=RowState(row.state),
        is_warned=row.is_warned,
        cells=tuple(json.loads(row.cells)),
        found=json.loads(row.found),
        notes=unpacked(json.loads(row.notes)),
        candidates=candidates_of(json.loads(row.candidates)),
        choice=None if row.choice is None else Choice(row.choice),
        chosen_site=row.chosen_site,
        chosen_row=row.chosen_row,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        site=row.site,
    )


def candidates_of(kept: Sequence[Sequence[Any]]) -> tuple[CandidateRecord, ...]:
    """Return candidates as they were packed."""
    return tuple(
        CandidateRecord(site, at_row, name, score, tuple(map(tuple, reasons)))
        for site, at_row, name, score, reasons in kept
    )


@dataclass(frozen=True)
class Origin:
    """Which row of which import made a site; the trail holds the manifest's hash."""

    site_import: str
    file_name: str
    row: int
    outcome: Outcome
    applied_at: datetime | None
    manifest_sha256: str | None


def origins(session: Session, scope: Scope, site: str) -> tuple[Origin, ...]:
    """Return the rows a site came from, and those it was recognised in since."""
    scope.require(Permission.READ_REGISTER)
    found = session.execute(
        select(
            SiteImport.public_id,
            SiteImport.file_name,
            SiteImport.applied_at,
            SiteImport.manifest_sha256,
            SiteOrigin.number,
            SiteOrigin.outcome,
        )
        .join(SiteImport, SiteImport.id == SiteOrigin.import_id)
        .join(Site, Site.id == SiteOrigin.site_id)
        .where(SiteOrigin.owner_id == scope.organisation_id, Site.public_id == site)
        .order_by(SiteOrigin.id)
    )
    return tuple(
        Origin(
            one.public_id,
            one.file_name,
            one.number,
            Outcome(one.outcome),
            one.applied_at,
            one.manifest_sha256,
        )
        for one in found
    )


def problem_class(slug: str) -> type[Problem] | None:
    """Return the problem that a slug names, as it was kept with an import."""
    return next((one for one in catalogue() if one.slug() == slug), None)


LISTED = Listing(
    IMPORTS,
    SiteImport.id,
    SiteImport.public_id,
    lambda row: _record(row, _kept_counts(row)),
    {**equal_to(state=SiteImport.state), "site": SiteImport.id.in_(MADE_OR_MET)},
)
