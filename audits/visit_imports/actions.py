"""What can be done about imports of visits: begin one, and take its visits in by steps.

A visit is taken in whole or not at all, through the same door as a phone's. A step takes
some of them in one transaction and asks for the next, so that others can write between.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from audits.checklists import queries as checklists
from audits.checklists.form import FormSchema
from audits.checklists.instance import InstanceRejected
from audits.checklists.mistakes import Sentence, sentence
from audits.submissions.arriving import Parcel, parcel_of_xml, told_by_xml
from audits.submissions.attachments import Store
from audits.submissions.intake import Intake, receive
from audits.submissions.processing import site_named
from audits.submissions.standing import situation_of
from audits.visit_imports.assembling import Fault, Visit
from audits.visit_imports.models import VisitImport, VisitImportRow
from audits.visit_imports.queries import (
    RowState,
    State,
    VisitImportRecord,
    require_importing,
    visit_import,
)
from audits.visit_imports.reading import Format, read_export
from audits.visit_imports.rebuilding import rebuild
from compliance import clock, jobs, limits, trail
from compliance.identifiers import new_id, new_public_id
from compliance.identity.scope import Scope
from compliance.imports.safe_zip import refuse_unsafe
from compliance.problems import Problem
from compliance.sealing import (
    data_key,
    destroy,
    new_data_key,
    seal_file,
    unsealed_pieces,
)
from compliance.texts import N_

STEP = "visits.import"
ASK_SUPERVISOR = sentence(
    N_("Nothing of this visit was taken in. Correct it in the other tool, or leave it.")
)


@dataclass(frozen=True)
class Upload:
    """A file in the store's incoming folder that nobody has taken over yet."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True)
class Rebuilt:
    """A visit as it would have been sent, or why it cannot be."""

    visit: Visit
    parcel: Parcel | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Prepared:
    """The visits of one step, and what is known of the whole file."""

    found: int
    notices: tuple[Fault, ...] = ()
    visits: tuple[Rebuilt, ...] = ()
    problem: Problem | None = None


def start(
    session: Session,
    scope: Scope,
    store: Store,
    upload: Upload,
    *,
    checklist: str,
    version: str | None,
    kind: Format,
    is_dry_run: bool,
) -> VisitImportRecord:
    """Seal an uploaded export and note it; `ask` has it done in the background."""
    require_importing(scope)
    chosen = checklists.version(session, scope, checklist, version)
    if kind is Format.KOBO_XLSX:
        refuse_unsafe(upload.path)
    public_id, key = (
        new_public_id("visit_import"),
        new_data_key(session, store.keyring, scope.organisation_id),
    )
    with NamedTemporaryFile(dir=store.files.incoming(), delete=False) as target:
        sealed = seal_file(key.secret, upload.path, target.file, _place(public_id))
    store.files.take(Path(target.name), sealed)
    session.execute(
        insert(VisitImport).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            checklist_version_id=chosen.id,
            format=kind,
            is_dry_run=is_dry_run,
            state=State.WAITING,
            key_id=key.id,
            file_sha256=upload.sha256,
            sealed_sha256=sealed,
            file_bytes=upload.size,
            rows_done=0,
            notices="[]",
            started_by=scope.actor,
            started_at=clock.now(),
        )
    )
    _record(
        session,
        scope,
        "started",
        public_id,
        file_sha256=upload.sha256,
        checklist=chosen.form_id,
        version=chosen.version,
        dry_run=is_dry_run,
    )
    return visit_import(session, scope, public_id)


def ask(session: Session, scope: Scope, public_id: str) -> None:
    """Have the next step done in the background."""
    job = jobs.enqueue(
        session,
        kind=STEP,
        organisation_id=scope.organisation_id,
        arguments={"import": public_id},
    )
    _change(session, scope, public_id, job=job)


def prepare(
    session: Session, scope: Scope, store: Store, public_id: str
) -> Prepared | None:
    """Read the file and rebuild the visits of the next step; None when all is done."""
    record = visit_import(session, scope, public_id)
    if record.state in {State.DONE, State.FAILED}:
        return None
    version = checklists.version(session, scope, record.checklist, record.version)
    schema = checklists.schema_of_version(session, version)
    key = data_key(session, store.keyring, record.key_id)
    content = b"".join(
        unsealed_pieces(
            key.secret, store.files.path(record.sealed_sha256), _place(public_id)
        )
    )
    try:
        export = read_export(schema, record.format, content)
    except Problem as problem:
        return Prepared(0, problem=problem)
    step = export.visits[record.rows_done : record.rows_done + limits.VISITS_AT_ONCE]
    return Prepared(
        found=len(export.visits),
        notices=export.notices,
        visits=tuple(_rebuilt(schema, one, export.asked) for one in step),
    )


def _rebuilt(schema: FormSchema, visit: Visit, asked: frozenset[str] | None) -> Rebuilt:
    if visit.faults:
        return Rebuilt(visit, None, tuple(visit.faults))
    try:
        content = rebuild(schema, visit.entry, visit.instance_id, asked)
        return Rebuilt(visit, parcel_of_xml(content), ())
    except InstanceRejected as rejected:
        fault = Fault("", rejected.message, ASK_SUPERVISOR)
        return Rebuilt(visit, None, (fault,))


def keep(
    session: Session,
    scope: Scope,
    intake: Intake,
    public_id: str,
    prepared: Prepared | None,
) -> VisitImportRecord:
    """Take the visits of a step in, and say whether another step has to follow."""
    record = visit_import(session, scope, public_id)
    if prepared is None or record.state in {State.DONE, State.FAILED}:
        return record
    if prepared.problem is not None:
        return _end(session, scope, record, State.FAILED, prepared.problem)
    rows = [
        _row(session, scope, intake, record, rebuilt) for rebuilt in prepared.visits
    ]
    if rows:
        session.execute(insert(VisitImportRow), rows)
    done = record.rows_done + len(rows)
    _change(
        session,
        scope,
        public_id,
        state=State.RUNNING,
        rows_found=prepared.found,
        rows_done=done,
        notices=json.dumps(_told(prepared.notices)),
    )
    if done >= prepared.found:
        return _end(session, scope, record, State.DONE)
    return visit_import(session, scope, public_id)


def _row(
    session: Session,
    scope: Scope,
    intake: Intake,
    record: VisitImportRecord,
    rebuilt: Rebuilt,
) -> dict[str, Any]:
    state, submission, faults = RowState.REFUSED, None, rebuilt.faults
    if rebuilt.parcel is not None:
        look = _looked_at if record.is_dry_run else _taken_in
        state, submission, faults = look(session, scope, intake, rebuilt.parcel)
    return {
        "import_id": record.id,
        "number": rebuilt.visit.number,
        "owner_id": scope.organisation_id,
        "state": state,
        "instance_id": rebuilt.visit.instance_id or None,
        "submission": submission,
        "notes": json.dumps(_told(faults)),
    }


Outcome = tuple[RowState, str | None, tuple[Fault, ...]]


def _known(session: Session, scope: Scope, parcel: Parcel) -> Outcome | None:
    """Return what became of a visit that came before, by whichever door."""
    version = checklists.version(session, scope, parcel.form_id, parcel.version)
    standing = situation_of(session, version.checklist_id, parcel).standing
    if standing is None:
        return None
    return RowState.KNOWN, standing.public_id, ()


def _looked_at(
    session: Session, scope: Scope, _intake: Intake, parcel: Parcel
) -> Outcome:
    """Say what would become of a visit, changing nothing."""
    known = _known(session, scope, parcel)
    if known is not None:
        return known
    version = checklists.version(session, scope, parcel.form_id, parcel.version)
    schema = checklists.schema_of_version(session, version)
    reference = None
    if parcel.instance is not None:
        reference = told_by_xml(schema, parcel.instance).site_reference
    if reference and site_named(session, scope, reference) is not None:
        return RowState.NEW, None, ()
    return RowState.WAITING, None, ()


def _taken_in(
    session: Session, scope: Scope, intake: Intake, parcel: Parcel
) -> Outcome:
    """Take a visit in as if a phone had sent it, whole or not at all."""
    known = _known(session, scope, parcel)
    if known is not None:
        return known
    waiting = len(session.info.get("trail", []))
    try:
        with session.begin_nested():
            received = receive(
                session, scope, replace(intake, takes_old_records=True), parcel
            )
    except Problem as problem:
        del session.info.get("trail", [])[waiting:]
        return RowState.REFUSED, None, (_of_problem(problem),)
    if received.refusal is not None:
        return RowState.REFUSED, None, (_of_problem(received.refusal),)
    state = RowState.NEW if received.is_placed else RowState.WAITING
    return state, received.public_id, ()


def _of_problem(problem: Problem) -> Fault:
    return Fault("", sentence(problem.detail, **problem.facts), ASK_SUPERVISOR)


def _end(
    session: Session,
    scope: Scope,
    record: VisitImportRecord,
    state: State,
    problem: Problem | None = None,
) -> VisitImportRecord:
    """End an import and forget the key of its file, which nobody needs any more."""
    told = None
    if problem is not None:
        told = json.dumps(
            {
                "title": problem.title,
                "detail": problem.detail,
                "facts": {name: str(fact) for name, fact in problem.facts.items()},
            }
        )
    _change(
        session,
        scope,
        record.public_id,
        state=state,
        problem=told,
        ended_at=clock.now(),
    )
    destroy(session, record.key_id)
    ended = visit_import(session, scope, record.public_id)
    _record(session, scope, str(state), record.public_id, **ended.counts)
    return ended


def _told(faults: Iterable[Fault]) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "column": one.column,
            **_sentence("message", one.message),
            **_sentence("remedy", one.remedy),
        }
        for one in faults
    ]


def _sentence(name: str, said: Sentence) -> Mapping[str, Any]:
    return {name: said.message, f"{name}_facts": dict(said.facts)}


def _change(session: Session, scope: Scope, public_id: str, **values: object) -> None:
    session.execute(
        update(VisitImport)
        .where(
            VisitImport.owner_id == scope.organisation_id,
            VisitImport.public_id == public_id,
        )
        .values(values)
    )


def _record(
    session: Session, scope: Scope, action: str, public_id: str, **facts: object
) -> None:
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=f"visit_import.{action}",
        subject_id=public_id,
        **facts,
    )


def _place(public_id: str) -> str:
    return f"visit import\n{public_id}"
