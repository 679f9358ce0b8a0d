"""What can be done about checklists: publish a version, close and reopen a checklist."""

import hashlib
import uuid
from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audits.checklists.changes import types_changed
from audits.checklists.form import schema_to_json
from audits.checklists.models import (
    FORM_WORD_CHARACTERS,
    Checklist,
    ChecklistVersion,
)
from audits.checklists.queries import (
    ChecklistNotFound,
    VersionRecord,
    newest_version,
    schema_of_version,
    version,
)
from audits.checklists.validating import ask_for_validation
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import Conversion, convert
from compliance import clock, trail
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules.vocabulary import Vocabulary

LIBRARY = (
    "farm_visit.xlsx",
    "mill_audit.xlsx",
    "worker_interview.xlsx",
    "household_visit.xlsx",
    "self_assessment_producer.xlsx",
    "self_assessment_mill.xlsx",
    "community_profile.xlsx",
)


class VersionTaken(Problem):
    """A published version never changes: devices may hold work done with it."""

    kind = Kind.CONFLICT
    title = N_("This version is already published with another content")
    detail = N_(
        "The checklist {checklist} has a version {version} that differs from this "
        "workbook, and a published version never changes. Raise 'version' on the "
        "sheet 'settings' and upload it again."
    )


class AnswerTypeChanged(Problem):
    """Answers of two types under one name would be compared as if they were alike."""

    kind = Kind.CONFLICT
    title = N_("A question changed the type of its answer")
    detail = N_(
        "Since version {version} of {checklist} these questions have another type: "
        "{questions}. Give each a new name, and answers of both kinds stay readable."
    )


class FormWordTooLong(Problem):
    kind = Kind.INVALID
    title = N_("The checklist's id or version is too long")
    detail = N_(
        "Devices take at most {limit} characters for 'form_id' and for 'version' on "
        "the sheet 'settings'."
    )


def publish(
    session: Session,
    scope: Scope,
    vocabulary: Vocabulary,
    workbook: bytes,
    *,
    validates: bool = False,
) -> VersionRecord:
    """Publish a workbook as a version of its checklist; the same again changes nothing.

    `validates` has ODK Validate look at it afterwards, by a job.
    Raise ChecklistRejected with every mistake of a workbook that cannot be used.
    """
    scope.require(Permission.CHANGE_CHECKLISTS)
    known = _published(session, scope, workbook)
    if known is not None:
        return known
    conversion = convert(workbook, vocabulary)
    if max(len(conversion.form_id), len(conversion.version)) > FORM_WORD_CHARACTERS:
        raise FormWordTooLong(limit=FORM_WORD_CHARACTERS)
    _refuse_other_types(session, scope, conversion)

    checklist_id = _checklist_id(session, scope, conversion.form_id)
    is_new = _add_version(session, scope, checklist_id, conversion, workbook)
    published = version(session, scope, conversion.form_id, conversion.version)
    if published.xform_md5 != conversion.md5:
        raise VersionTaken(checklist=conversion.form_id, version=conversion.version)
    if is_new:
        trail.record(
            session,
            organisation_id=scope.organisation_id,
            actor=scope.actor,
            action="checklist.published",
            subject_id=published.public_id,
            form_id=published.form_id,
            version=published.version,
            workbook_sha256=hashlib.sha256(workbook).hexdigest(),
        )
        if validates:
            sha256 = hashlib.sha256(workbook).digest()
            ask_for_validation(session, scope, published, sha256)
    return published


def publish_library(
    session: Session, scope: Scope, vocabulary: Vocabulary
) -> tuple[VersionRecord, ...]:
    """Publish the checklists that ship with the product, validated before they did."""
    return tuple(
        publish(session, scope, vocabulary, workbook)
        for workbook in library_workbooks()
    )


def close(session: Session, scope: Scope, form_id: str) -> None:
    """Want no new work with a checklist; what was begun before is still taken."""
    _set_closed(session, scope, form_id, closed=True)


def reopen(session: Session, scope: Scope, form_id: str) -> None:
    """Take new work with a checklist again."""
    _set_closed(session, scope, form_id, closed=False)


def _set_closed(session: Session, scope: Scope, form_id: str, *, closed: bool) -> None:
    scope.require(Permission.CHANGE_CHECKLISTS)
    changed = session.execute(
        update(Checklist)
        .where(
            Checklist.owner_id == scope.organisation_id, Checklist.form_id == form_id
        )
        .values(closed_at=clock.now() if closed else None)
        .returning(Checklist.public_id)
    ).scalar_one_or_none()
    if changed is None:
        raise ChecklistNotFound(checklist=form_id)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="checklist.closed" if closed else "checklist.reopened",
        subject_id=changed,
        form_id=form_id,
    )


def library_workbooks() -> Iterator[bytes]:
    folder = files("audits.checklists") / "library"
    for name in LIBRARY:
        yield (folder / name).read_bytes()


def _refuse_other_types(session: Session, scope: Scope, conversion: Conversion) -> None:
    newest = newest_version(session, scope, conversion.form_id)
    if newest is None or newest.version == conversion.version:
        return
    before = schema_of_version(session, newest)
    changed = types_changed(before, schema_of(conversion))
    if changed:
        raise AnswerTypeChanged(
            checklist=conversion.form_id,
            version=newest.version,
            questions=", ".join(changed),
        )


def _published(session: Session, scope: Scope, workbook: bytes) -> VersionRecord | None:
    """Return the version that was made from these very bytes."""
    row = session.execute(
        select(Checklist.form_id, ChecklistVersion.version)
        .join(ChecklistVersion, ChecklistVersion.checklist_id == Checklist.id)
        .where(
            Checklist.owner_id == scope.organisation_id,
            ChecklistVersion.xlsform_sha256 == hashlib.sha256(workbook).digest(),
        )
    ).one_or_none()
    return None if row is None else version(session, scope, row.form_id, row.version)


def _checklist_id(session: Session, scope: Scope, form_id: str) -> uuid.UUID:
    """Return the checklist's key; two first versions at once make one checklist."""
    insert_new(
        session,
        Checklist,
        id=new_id(),
        public_id=new_public_id("checklist"),
        owner_id=scope.organisation_id,
        form_id=form_id,
        created_at=clock.now(),
    )
    return session.execute(
        select(Checklist.id).where(
            Checklist.owner_id == scope.organisation_id, Checklist.form_id == form_id
        )
    ).scalar_one()


def _add_version(
    session: Session,
    scope: Scope,
    checklist_id: uuid.UUID,
    conversion: Conversion,
    workbook: bytes,
) -> bool:
    """Store the version, or tell that the checklist has one of that name."""
    schema = schema_of(conversion)
    return insert_new(
        session,
        ChecklistVersion,
        id=new_id(),
        public_id=new_public_id("form"),
        owner_id=scope.organisation_id,
        checklist_id=checklist_id,
        version=conversion.version,
        title=conversion.title,
        xlsform=workbook,
        xlsform_sha256=hashlib.sha256(workbook).digest(),
        xform=conversion.xform,
        xform_md5=conversion.md5,
        schema=schema_to_json(schema),
        purpose=schema.purpose,
        published_by=scope.actor,
        published_at=clock.now(),
    )
