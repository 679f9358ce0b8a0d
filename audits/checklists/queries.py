"""What can be read of checklists: the list, a version, its bytes and its schema."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from audits.checklists.form import FormSchema, schema_from_json
from audits.checklists.models import (
    Checklist,
    ChecklistValidation,
    ChecklistVersion,
    ValidationState,
)
from audits.checklists.xform import files_referred_to
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import NoSuchPage
from compliance.problems import Kind, Problem
from compliance.texts import N_


class ChecklistNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such checklist")
    detail = N_(
        "Your organisation has no checklist {checklist}. GET /v1/checklists lists "
        "those it has; on a phone, refresh the list of forms."
    )


class ChecklistVersionNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such version of the checklist")
    detail = N_(
        "The checklist {checklist} was never published as version '{version}'. The "
        "newest is {newest}; on a phone, refresh the list of forms."
    )


@dataclass(frozen=True)
class VersionRecord:
    """A published version without its bytes."""

    id: uuid.UUID
    public_id: str
    checklist_id: uuid.UUID
    form_id: str
    version: str
    title: str
    xform_md5: str
    published_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class StoredBytes:
    """A file of a version, exactly as it was stored; `etag` changes with its bytes."""

    content: bytes
    etag: str


VERSIONS = (
    select(
        ChecklistVersion.id,
        ChecklistVersion.public_id,
        ChecklistVersion.checklist_id,
        Checklist.form_id,
        ChecklistVersion.version,
        ChecklistVersion.title,
        ChecklistVersion.xform_md5,
        ChecklistVersion.published_at,
        Checklist.closed_at,
    )
    .join(Checklist, Checklist.id == ChecklistVersion.checklist_id)
    .where(Checklist.owner_id == bindparam("owner_id"))
)

Later = aliased(ChecklistVersion)
NEWEST = VERSIONS.where(
    ~select(Later.id)
    .where(
        Later.checklist_id == ChecklistVersion.checklist_id,
        Later.id > ChecklistVersion.id,
    )
    .exists()
)
NEWEST_OF_ONE = NEWEST.where(Checklist.form_id == bindparam("form_id"))
EVERY_VERSION = VERSIONS.where(Checklist.form_id == bindparam("form_id")).order_by(
    ChecklistVersion.id.desc()
)
ONE_VERSION = VERSIONS.where(
    Checklist.form_id == bindparam("form_id"),
    ChecklistVersion.version == bindparam("version"),
)


def _is_usable(version: type[ChecklistVersion]) -> ColumnElement[bool]:
    """Return the clause of versions that ODK Validate has not refused."""
    return ~(
        select(ChecklistValidation.checklist_version_id)
        .where(
            ChecklistValidation.checklist_version_id == version.id,
            ChecklistValidation.state == ValidationState.REFUSED,
        )
        .exists()
    )


OPEN = VERSIONS.where(
    Checklist.closed_at.is_(None),
    _is_usable(ChecklistVersion),
    ~select(Later.id)
    .where(
        Later.checklist_id == ChecklistVersion.checklist_id,
        Later.id > ChecklistVersion.id,
        _is_usable(Later),
    )
    .exists(),
).order_by(ChecklistVersion.title, Checklist.form_id)


def version(
    session: Session, scope: Scope, form_id: str, version: str | None = None
) -> VersionRecord:
    """Return a version of a checklist, the newest unless one is named."""
    newest = newest_version(session, scope, form_id)
    if newest is None:
        raise ChecklistNotFound(checklist=form_id)
    if version is None or version == newest.version:
        return newest
    row = session.execute(
        ONE_VERSION,
        {"owner_id": scope.organisation_id, "form_id": form_id, "version": version},
    ).one_or_none()
    if row is None:
        raise ChecklistVersionNotFound(
            checklist=form_id, version=version, newest=newest.version
        )
    return _record(row)


def newest_version(
    session: Session, scope: Scope, form_id: str
) -> VersionRecord | None:
    """Return the newest version of a checklist, None where there is no such checklist."""
    row = session.execute(
        NEWEST_OF_ONE, {"owner_id": scope.organisation_id, "form_id": form_id}
    ).one_or_none()
    return None if row is None else _record(row)


def versions(session: Session, scope: Scope, form_id: str) -> tuple[VersionRecord, ...]:
    """Return every version of a checklist, the newest first, or ChecklistNotFound."""
    scope.require(Permission.READ_CHECKLISTS)
    found = session.execute(
        EVERY_VERSION, {"owner_id": scope.organisation_id, "form_id": form_id}
    ).all()
    if not found:
        raise ChecklistNotFound(checklist=form_id)
    return tuple(_record(row) for row in found)


def checklists(
    session: Session, scope: Scope, *, rows: int, after: str | None = None
) -> Page[VersionRecord]:
    """Return a page of checklists by their form id, each with its newest version."""
    scope.require(Permission.READ_CHECKLISTS)
    statement = NEWEST.order_by(Checklist.form_id).limit(rows + 1)
    if after is not None:
        _require_known(session, scope, after)
        statement = statement.where(Checklist.form_id > after)
    found = session.execute(statement, {"owner_id": scope.organisation_id}).all()
    records = tuple(_record(row) for row in found[:rows])
    return Page(records, records[-1].form_id if len(found) > rows else None)


def _require_known(session: Session, scope: Scope, form_id: str) -> None:
    known = session.scalar(
        select(Checklist.id).where(
            Checklist.owner_id == scope.organisation_id, Checklist.form_id == form_id
        )
    )
    if known is None:
        raise NoSuchPage(after=form_id)


def open_versions(
    session: Session, scope: Scope, form_id: str | None = None
) -> tuple[VersionRecord, ...]:
    """Return what a device may fill in: of each open checklist its newest version.

    A version that ODK Validate refused is passed over: where another was published
    before it, devices get that one, and where none was, nothing.
    """
    scope.require(Permission.READ_CHECKLISTS)
    statement = OPEN if form_id is None else OPEN.where(Checklist.form_id == form_id)
    rows = session.execute(statement, {"owner_id": scope.organisation_id})
    return tuple(_record(row) for row in rows)


def xform(session: Session, scope: Scope, form_id: str, named: str) -> StoredBytes:
    """Return the form that devices get."""
    return _stored(session, scope, form_id, named, ChecklistVersion.xform)


def workbook(session: Session, scope: Scope, form_id: str, named: str) -> StoredBytes:
    """Return the workbook that was uploaded."""
    return _stored(session, scope, form_id, named, ChecklistVersion.xlsform)


def _stored(
    session: Session,
    scope: Scope,
    form_id: str,
    named: str,
    column: InstrumentedAttribute[bytes],
) -> StoredBytes:
    scope.require(Permission.READ_CHECKLISTS)
    found = version(session, scope, form_id, named)
    return _bytes(session, found.id, column)


def xform_by_id(session: Session, scope: Scope, public_id: str) -> StoredBytes:
    """Return the form that devices get, by the version's public id."""
    scope.require(Permission.READ_CHECKLISTS)
    found = session.scalar(
        select(ChecklistVersion.id).where(
            ChecklistVersion.owner_id == scope.organisation_id,
            ChecklistVersion.public_id == public_id,
        )
    )
    if found is None:
        raise ChecklistNotFound(checklist=public_id)
    return _bytes(session, found, ChecklistVersion.xform)


SCHEMAS_KEPT = 200
_FILES: dict[tuple[uuid.UUID, str], tuple[str, ...]] = {}


def files_named(session: Session, scope: Scope, public_id: str) -> tuple[str, ...]:
    """Return the CSV files that a version (public id) looks things up in."""
    scope.require(Permission.READ_CHECKLISTS)
    found = session.execute(
        select(ChecklistVersion.id, ChecklistVersion.xform_md5).where(
            ChecklistVersion.owner_id == scope.organisation_id,
            ChecklistVersion.public_id == public_id,
        )
    ).one_or_none()
    if found is None:
        raise ChecklistNotFound(checklist=public_id)
    return files_of_version(session, found.id, found.xform_md5)


def files_of_version(
    session: Session, version_id: uuid.UUID, xform_md5: str
) -> tuple[str, ...]:
    """Return the CSV files that a version looks things up in, read once in a process."""
    key = (version_id, xform_md5)
    names = _FILES.get(key)
    if names is None:
        if len(_FILES) >= SCHEMAS_KEPT:
            _FILES.clear()
        stored = _bytes(session, version_id, ChecklistVersion.xform)
        names = _FILES[key] = files_referred_to(stored.content)
    return names


def _bytes(
    session: Session, version_id: uuid.UUID, column: InstrumentedAttribute[bytes]
) -> StoredBytes:
    row = session.execute(
        select(
            column, ChecklistVersion.xform_md5, ChecklistVersion.xlsform_sha256
        ).where(ChecklistVersion.id == version_id)
    ).one()
    is_form = column.key == ChecklistVersion.xform.key
    return StoredBytes(row[0], row.xform_md5 if is_form else row.xlsform_sha256.hex())


_SCHEMAS: dict[tuple[uuid.UUID, str], FormSchema] = {}


def schema_of_version(session: Session, version: VersionRecord) -> FormSchema:
    """Return the schema of a published version, read once in a process."""
    # The form's MD5 belongs to the key because two databases of one process, in tests
    # and demonstrations with fixed chance, can give two versions the same id.
    key = (version.id, version.xform_md5)
    schema = _SCHEMAS.get(key)
    if schema is None:
        if len(_SCHEMAS) >= SCHEMAS_KEPT:
            _SCHEMAS.clear()
        schema = _SCHEMAS[key] = schema_from_json(
            session.execute(
                select(ChecklistVersion.schema).where(ChecklistVersion.id == version.id)
            ).scalar_one()
        )
    return schema


def _record(row: Row[*tuple[Any, ...]]) -> VersionRecord:
    return VersionRecord(*row)
