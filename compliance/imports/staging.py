"""The dry run: a list is read, understood and compared, and its rows are laid ready.

It has two steps, as long work must: the first reads and reckons and holds no write
transaction, the second writes all that was found at once. Rows wait in a file between
the two, so that the length of a list is no matter of memory.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.files import Files
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.imports import bulk
from compliance.imports.comparing import Compared, Register, register_of
from compliance.imports.drafts import Defaults, Layout, layout_of
from compliance.imports.fields import KEPT_ONLY, Field
from compliance.imports.lifecycle import State, step
from compliance.imports.mapping import ColumnsMissing, fingerprint_of, missing, proposed
from compliance.imports.models import ImportColumns, SiteImport, SiteImportRow
from compliance.imports.names import folded
from compliance.imports.normalising import Staged, normalised
from compliance.imports.notes import Code, Note, Weight, packed
from compliance.imports.queries import Waiting, waiting_import
from compliance.imports.reading import read_list
from compliance.imports.tables import Source, Table, Told, told
from compliance.problems import Problem
from compliance.texts import N_

Report = Callable[[int, int], None]
Point = tuple[float, float]
IS_WARNED, VALUES, NOTES = 2, 5, 6  # where they stand in a row that is laid ready
KEPT_WITH_ROWS = N_(
    "Read and shown with each row, but no part of the register: {columns}."
)
NOT_READ = N_(
    "Not read, and kept with each row as they stand: {columns}. Say what they mean if "
    "one of them is of use."
)
MOST_HEADINGS_TOLD = 20
REPORT_ROWS = 500
SHARED_BY = 3  # rows on one point before anybody is asked about it
COLUMNS = (
    "import_id",
    "owner_id",
    "number",
    "state",
    "is_warned",
    "best_score",
    "cells",
    "found",
    "notes",
    "candidates",
    "fingerprint",
    "occurrence",
)


@dataclass(frozen=True)
class Prepared:
    """What the first step found; `rows` is where they wait, None where there are none."""

    headings: tuple[str, ...] = ()
    layout_sha256: str | None = None
    columns: Mapping[Field, str] | None = None
    columns_source: str | None = None
    format: str | None = None
    noticed: tuple[Told, ...] = ()
    problem: Problem | None = None
    rows: Path | None = None
    counts: Mapping[str, int] | None = None


def prepare(
    session: Session, scope: Scope, files: Files, import_id: str, report: Report
) -> Prepared:
    """Read and compare a list; what is wrong with it as a whole is a `problem`."""
    scope.require(Permission.CHANGE_REGISTER)
    waiting = waiting_import(session, scope, import_id)
    source = Source(
        files.path(waiting.file_sha256),
        waiting.file_name,
        waiting.encoding,
        waiting.sheet,
    )
    prepared = Prepared()
    try:
        table = read_list(source)
        prepared = _mapped(session, scope, waiting, table)
        if prepared.problem is not None or prepared.columns is None:
            return prepared
        layout = layout_of(
            table.headings,
            prepared.columns,
            Defaults(waiting.kind, waiting.commodity, waiting.country),
            _groups(session, scope),
        )
        register = register_of(session, scope, waiting.file_sha256)
        rows, counts = _laid_ready(table, layout, register, files, report)
        return replace(prepared, rows=rows, counts=counts)
    except Problem as problem:
        return replace(prepared, problem=problem)


def _mapped(session: Session, scope: Scope, waiting: Waiting, table: Table) -> Prepared:
    """Say which columns mean what: as was given, as is remembered, or as proposed."""
    layout = fingerprint_of(table.headings)
    if waiting.columns is not None:
        columns, source = waiting.columns, "given"
    elif (kept := _remembered(session, scope, layout)) is not None:
        columns, source = kept, "remembered"
    else:
        columns, source = proposed(table.headings), "proposed"
    lacking = missing(columns, country=waiting.country)
    return Prepared(
        headings=table.headings,
        layout_sha256=layout,
        columns=columns,
        columns_source=source,
        format=table.format,
        noticed=(*table.noticed, *_kept_only(columns), *_not_read(columns, table)),
        problem=ColumnsMissing(missing=", ".join(lacking)) if lacking else None,
    )


def _kept_only(columns: Mapping[Field, str]) -> Iterator[Told]:
    """Tell which columns are understood, and yet have no place in the register."""
    kept = [heading for field, heading in columns.items() if field in KEPT_ONLY]
    if kept:
        yield told(KEPT_WITH_ROWS, columns=_some(kept))


def _not_read(columns: Mapping[Field, str], table: Table) -> Iterator[Told]:
    """Tell which columns nobody said the meaning of."""
    used = set(columns.values())
    others = [heading for heading in table.headings if heading not in used]
    if others:
        yield told(NOT_READ, columns=_some(others))


def _some(headings: Sequence[str]) -> str:
    more = ["…"] if len(headings) > MOST_HEADINGS_TOLD else []
    return ", ".join([*headings[:MOST_HEADINGS_TOLD], *more])


def _remembered(session: Session, scope: Scope, layout: str) -> dict[Field, str] | None:
    kept = session.scalar(
        select(ImportColumns.columns).where(
            ImportColumns.owner_id == scope.organisation_id,
            ImportColumns.layout_sha256 == layout,
        )
    )
    if kept is None:
        return None
    return {Field(name): column for name, column in json.loads(kept).items()}


def _groups(session: Session, scope: Scope) -> dict[str, str]:
    found = session.execute(
        select(Organisation.name, Organisation.public_id).where(
            Organisation.registered_by_id == scope.organisation_id
        )
    )
    return {folded(name): public_id for name, public_id in found}


def _laid_ready(
    table: Table, layout: Layout, register: Register, files: Files, report: Report
) -> tuple[Path, dict[str, int]]:
    """Understand and compare every row; return where they wait."""
    points: Counter[Point] = Counter()
    counts: Counter[str] = Counter()
    with tempfile.NamedTemporaryFile(dir=files.incoming(), delete=False) as ready:
        for done, staged in enumerate(normalised(layout, table.rows), start=1):
            if (point := _point(staged.values)) is not None:
                points[point] += 1
            ready.write(_row(staged, register.compare(staged), counts) + b"\n")
            if done % REPORT_ROWS == 0:
                report(done, max(done, table.size))
    path = Path(ready.name)
    shared = {point: many for point, many in points.items() if many >= SHARED_BY}
    if shared:
        path = _with_shared_points(path, files, shared, counts)
    return path, dict(counts)


def _point(values: Mapping[str, Any]) -> Point | None:
    latitude = values.get("latitude")
    return None if latitude is None else (latitude, values["longitude"])


def _with_shared_points(
    path: Path, files: Files, shared: Mapping[Point, int], counts: Counter[str]
) -> Path:
    """Note the rows that stand on one point, which is known when all have been read."""
    with (
        tempfile.NamedTemporaryFile(dir=files.incoming(), delete=False) as noted,
        path.open("rb") as lines,
    ):
        for line in lines:
            row = orjson.loads(line)
            point = _point(orjson.loads(row[VALUES]))
            if point is not None and point in shared:
                where = f"{point[0]}, {point[1]}"
                note = Note(Code.POINT_SHARED, None, where, {"count": shared[point]})
                notes = [*orjson.loads(row[NOTES]), *packed([note])]
                row[NOTES] = orjson.dumps(notes).decode()
                counts["warned"] += not row[IS_WARNED]
                row[IS_WARNED] = True
            noted.write(orjson.dumps(row) + b"\n")
    path.unlink()
    return Path(noted.name)


def _row(staged: Staged, compared: Compared, counts: Counter[str]) -> bytes:
    notes = [*staged.notes, *compared.notes]
    is_warned = any(note.weight is Weight.WARNED for note in notes)
    counts[compared.state] += 1
    counts["rows"] += 1
    counts["warned"] += is_warned
    best = max((one.score for one in compared.candidates), default=None)
    return orjson.dumps(
        [
            staged.number,
            compared.state,
            is_warned,
            best,
            orjson.dumps(staged.cells).decode(),
            orjson.dumps(staged.values).decode(),
            orjson.dumps(packed(notes)).decode(),
            orjson.dumps([one.packed() for one in compared.candidates]).decode(),
            staged.fingerprint.hex(),
            compared.occurrence,
        ]
    )


def keep(session: Session, scope: Scope, import_id: str, prepared: Prepared) -> State:
    """Write what was prepared in place of what an earlier reading left."""
    waiting = waiting_import(session, scope, import_id, for_update=True)
    if waiting.state is not State.READING:
        _throw_away(prepared)
        return waiting.state
    state = _reached(prepared)
    session.execute(delete(SiteImportRow).where(SiteImportRow.import_id == waiting.id))
    if prepared.rows is not None:
        rows = _rows_of(prepared.rows, waiting.id, scope.organisation_id)
        bulk.load(session, SiteImportRow, COLUMNS, rows)
    session.execute(
        update(SiteImport)
        .where(SiteImport.id == waiting.id)
        .values(
            state=step(waiting.state, state),
            format=prepared.format,
            headings=json.dumps(prepared.headings),
            layout_sha256=prepared.layout_sha256,
            columns=json.dumps(prepared.columns or {}),
            columns_source=prepared.columns_source,
            noticed=json.dumps(
                [[one.message, dict(one.facts)] for one in prepared.noticed]
            ),
            problem=_problem(prepared.problem),
            counts=json.dumps(prepared.counts or {}),
            read_at=clock.now(),
        )
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="import.read",
        subject_id=import_id,
        state=state,
        counts=dict(prepared.counts or {}),
    )
    _throw_away(prepared)
    return state


def _reached(prepared: Prepared) -> State:
    if isinstance(prepared.problem, ColumnsMissing):
        return State.MAPPING
    return State.READY if prepared.problem is None else State.FAILED


def _problem(problem: Problem | None) -> str | None:
    if problem is None:
        return None
    return json.dumps([problem.slug(), problem.facts], default=str)


def _rows_of(path: Path, import_id: Any, owner_id: Any) -> Iterator[list[Any]]:
    with path.open("rb") as file:
        for line in file:
            number, *others, fingerprint, occurrence = orjson.loads(line)
            yield [
                import_id,
                owner_id,
                number,
                *others,
                bytes.fromhex(fingerprint),
                occurrence,
            ]


def _throw_away(prepared: Prepared) -> None:
    """The rows stand in the transaction now; undone, they are prepared anew."""
    if prepared.rows is not None:
        prepared.rows.unlink(missing_ok=True)
