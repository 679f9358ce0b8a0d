"""A published version is given to ODK Validate by a job, and its word is kept.

Nobody who publishes waits for Java. Until it has spoken a version is handed to devices;
one that it refused is not handed out any more, but what was filled with it is taken.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audits.checklists.library import library_checklists
from audits.checklists.models import (
    Checklist,
    ChecklistValidation,
    ChecklistVersion,
    ValidationState,
)
from audits.checklists.odk_validate import Validation, validate
from audits.checklists.queries import VersionRecord
from compliance import clock, jobs, trail
from compliance.database import insert_new
from compliance.identity.permissions import Permission
from compliance.identity.scope import SYSTEM, Scope
from compliance.jobs import JSON, Doing, TwoSteps, Work

VALIDATE = "checklists.validate"


@cache
def _shipped() -> frozenset[bytes]:
    """Return the SHA-256 of each workbook that ships with the product."""
    return frozenset(
        hashlib.sha256(content).digest() for content in library_checklists().values()
    )


def is_shipped(workbook_sha256: bytes) -> bool:
    """Tell whether a workbook is, byte for byte, one that ships with the product."""
    return workbook_sha256 in _shipped()


def ask_for_validation(
    session: Session, scope: Scope, version: VersionRecord, workbook_sha256: bytes
) -> None:
    """Have a new version validated; the product's own were before they shipped."""
    if is_shipped(workbook_sha256):
        return
    insert_new(
        session,
        ChecklistValidation,
        checklist_version_id=version.id,
        owner_id=scope.organisation_id,
        state=ValidationState.WAITING,
        complaints="[]",
        validated_at=None,
    )
    jobs.enqueue(
        session,
        kind=VALIDATE,
        organisation_id=scope.organisation_id,
        arguments={"form": version.public_id},
        dedup_key=version.public_id,
    )


def validations(
    session: Session, scope: Scope, versions: Sequence[VersionRecord]
) -> dict[uuid.UUID, Validation]:
    """Return what is known of versions, by their keys."""
    scope.require(Permission.READ_CHECKLISTS)
    rows = session.execute(
        select(
            ChecklistVersion.id,
            ChecklistVersion.xlsform_sha256,
            ChecklistValidation.state,
            ChecklistValidation.complaints,
        )
        .outerjoin(
            ChecklistValidation,
            ChecklistValidation.checklist_version_id == ChecklistVersion.id,
        )
        .where(
            ChecklistVersion.owner_id == scope.organisation_id,
            ChecklistVersion.id.in_([version.id for version in versions]),
        )
    )
    return {
        row.id: _known(row.xlsform_sha256, row.state, row.complaints) for row in rows
    }


def _known(
    workbook_sha256: bytes, state: str | None, complaints: str | None
) -> Validation:
    if state is not None:
        return Validation(ValidationState(state), tuple(json.loads(complaints or "[]")))
    if is_shipped(workbook_sha256):
        return Validation(ValidationState.SHIPPED)
    return Validation(ValidationState.NOT_RUN)


def handlers() -> Mapping[str, Doing]:
    """Return what validates; Java runs while no transaction writes."""
    return {VALIDATE: TwoSteps(prepare=_prepare, keep=_keep)}


def _prepare(session: Session, work: Work) -> Validation | None:
    xform = session.scalar(
        select(ChecklistVersion.xform).where(
            ChecklistVersion.owner_id == work.organisation_id,
            ChecklistVersion.public_id == str(work.arguments["form"]),
        )
    )
    return None if xform is None else validate(xform)


def _keep(
    session: Session, work: Work, found: Validation | None
) -> Mapping[str, JSON] | None:
    row = session.execute(
        select(
            ChecklistVersion.id,
            ChecklistVersion.owner_id,
            ChecklistVersion.public_id,
            ChecklistVersion.version,
            Checklist.form_id,
        )
        .join(Checklist, Checklist.id == ChecklistVersion.checklist_id)
        .where(
            ChecklistVersion.owner_id == work.organisation_id,
            ChecklistVersion.public_id == str(work.arguments["form"]),
        )
    ).one_or_none()
    if row is None or found is None or work.organisation_id is None:
        return None
    session.execute(
        update(ChecklistValidation)
        .where(ChecklistValidation.checklist_version_id == row.id)
        .values(
            state=found.state,
            complaints=json.dumps(found.complaints, ensure_ascii=False),
            validated_at=clock.now(),
        )
    )
    trail.record(
        session,
        organisation_id=work.organisation_id,
        actor=SYSTEM,
        action="checklist.validated",
        subject_id=row.public_id,
        form_id=row.form_id,
        version=row.version,
        state=found.state,
        complaints=len(found.complaints),
    )
    return {"state": found.state, "complaints": len(found.complaints)}
