"""What can be done about imports: begin, map, decide, confirm, cancel."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.imports.lifecycle import State, step
from compliance.imports.mapping import checked
from compliance.imports.models import ImportColumns, SiteImport
from compliance.imports.queries import (
    ImportRecord,
    Waiting,
    site_import,
    waiting_import,
)
from compliance.jobs import State as JobState
from compliance.jobs import enqueue, status
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules.vocabulary import Commodity, SiteKind

READ, APPLY = "import.read", "import.apply"
STEPS_IN_BACKGROUND = {State.READING: READ, State.APPLYING: APPLY}
NAME_CHARACTERS = 255


class RowsUndecided(Problem):
    kind = Kind.CONFLICT
    title = N_("Some rows are not decided yet")
    detail = N_(
        "{count} rows may be sites that are registered already. Decide about each, or "
        "confirm with 'undecided': 'skip' to leave them out."
    )


class NothingToResume(Problem):
    kind = Kind.CONFLICT
    title = N_("There is no failed step to do again")
    detail = N_(
        "The import is {state}, and no background work of it has failed. Its job tells "
        "how far it is."
    )


def start(
    session: Session,
    scope: Scope,
    *,
    file_sha256: str,
    file_name: str,
    file_bytes: int,
    kind: SiteKind,
    commodity: Commodity,
    country: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> ImportRecord:
    """Begin to import a file that stands in the file store already."""
    scope.require(Permission.CHANGE_REGISTER)
    public_id = new_public_id("import")
    insert_new(
        session,
        SiteImport,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        state=State.READING,
        file_sha256=file_sha256,
        file_name=file_name[:NAME_CHARACTERS],
        file_bytes=file_bytes,
        kind=kind,
        commodity=commodity,
        country=country,
        encoding=encoding,
        sheet=sheet,
        headings="[]",
        columns="{}",
        noticed="[]",
        counts="{}",
        started_by=scope.actor,
        started_at=clock.now(),
    )
    _record(session, scope, "started", public_id, file_sha256=file_sha256)
    return site_import(session, scope, public_id)


def ask(session: Session, scope: Scope, public_id: str, kind: str) -> None:
    """Have a step of the import done in the background."""
    job = enqueue(
        session,
        kind=kind,
        organisation_id=scope.organisation_id,
        arguments={"import": public_id},
    )
    session.execute(
        update(SiteImport)
        .where(
            SiteImport.owner_id == scope.organisation_id,
            SiteImport.public_id == public_id,
        )
        .values(job=job)
    )


def map_columns(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    columns: Mapping[str, str],
    country: str | None = None,
) -> ImportRecord:
    """Say which columns mean what; it is remembered, and the list is read anew."""
    scope.require(Permission.CHANGE_REGISTER)
    waiting = waiting_import(session, scope, public_id, for_update=True)
    headings = site_import(session, scope, public_id).headings
    meant = checked(columns, headings)
    _change(
        session,
        waiting,
        State.READING,
        columns=json.dumps(meant),
        columns_source="given",
        country=country or waiting.country,
        problem=None,
    )
    _remember(session, scope, waiting, meant)
    _record(session, scope, "mapped", public_id, columns=dict(meant))
    return site_import(session, scope, public_id)


def _remember(
    session: Session, scope: Scope, waiting: Waiting, columns: Mapping[Any, str]
) -> None:
    if waiting.layout_sha256 is None:
        return
    values = {
        "columns": json.dumps(columns),
        "remembered_by": scope.actor,
        "remembered_at": clock.now(),
    }
    is_new = insert_new(
        session,
        ImportColumns,
        id=new_id(),
        owner_id=scope.organisation_id,
        layout_sha256=waiting.layout_sha256,
        **values,
    )
    if not is_new:
        session.execute(
            update(ImportColumns)
            .where(
                ImportColumns.owner_id == scope.organisation_id,
                ImportColumns.layout_sha256 == waiting.layout_sha256,
            )
            .values(values)
        )


def confirm(
    session: Session, scope: Scope, public_id: str, *, skips_undecided: bool
) -> ImportRecord:
    """Take the list over as decided; rows nobody decided about stop it, or are skipped."""
    scope.require(Permission.CHANGE_REGISTER)
    waiting = waiting_import(session, scope, public_id, for_update=True)
    record = site_import(session, scope, public_id)
    if record.counts.undecided and not skips_undecided:
        step(waiting.state, State.APPLYING)
        raise RowsUndecided(count=record.counts.undecided)
    _change(session, waiting, State.APPLYING, confirmed_by=scope.actor)
    _remember(session, scope, waiting, record.columns)
    _record(session, scope, "confirmed", public_id, skipped=record.counts.undecided)
    return site_import(session, scope, public_id)


def resume(session: Session, scope: Scope, public_id: str) -> ImportRecord:
    """Ask anew for a step whose background work failed for good."""
    scope.require(Permission.CHANGE_REGISTER)
    waiting = waiting_import(session, scope, public_id, for_update=True)
    record = site_import(session, scope, public_id)
    kind = STEPS_IN_BACKGROUND.get(waiting.state)
    if (
        kind is None
        or record.job is None
        or not _has_failed(session, scope, record.job)
    ):
        raise NothingToResume(state=waiting.state)
    ask(session, scope, public_id, kind)
    _record(session, scope, "resumed", public_id)
    return site_import(session, scope, public_id)


def _has_failed(session: Session, scope: Scope, job: str) -> bool:
    return status(session, scope, job).state is JobState.FAILED


def cancel(session: Session, scope: Scope, public_id: str) -> ImportRecord:
    """Give an import up; nothing of it was taken over."""
    scope.require(Permission.CHANGE_REGISTER)
    waiting = waiting_import(session, scope, public_id, for_update=True)
    _change(session, waiting, State.CANCELLED)
    _record(session, scope, "cancelled", public_id)
    return site_import(session, scope, public_id)


def _change(session: Session, waiting: Waiting, wanted: State, **values: Any) -> None:
    session.execute(
        update(SiteImport)
        .where(SiteImport.id == waiting.id)
        .values(state=step(waiting.state, wanted), **values)
    )


def _record(
    session: Session, scope: Scope, action: str, public_id: str, **facts: object
) -> None:
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=f"import.{action}",
        subject_id=public_id,
        **facts,
    )


def remembered_columns(
    session: Session, scope: Scope, layout_sha256: str
) -> dict[str, str] | None:
    """Return what the columns of a layout mean to the caller's organisation."""
    scope.require(Permission.READ_REGISTER)
    kept = session.scalar(
        select(ImportColumns.columns).where(
            ImportColumns.owner_id == scope.organisation_id,
            ImportColumns.layout_sha256 == layout_sha256,
        )
    )
    return None if kept is None else dict(json.loads(kept))
