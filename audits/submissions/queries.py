"""What can be read of submissions: the list, one of them, its bytes and its facts."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from audits.checklists.form import Purpose
from audits.checklists.models import Checklist, ChecklistVersion
from audits.submissions import attachments
from audits.submissions.arriving import ENCRYPTED
from audits.submissions.attachments import AttachmentRecord
from audits.submissions.models import (
    Attachment,
    Decryption,
    ExpectedAttachment,
    FactSet,
    IntakeFault,
    Placement,
    Submission,
    SubmissionRefused,
    Withdrawal,
)
from audits.visits.models import Audit
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.models import Site
from compliance.texts import N_


class SubmissionNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such submission")
    detail = N_(
        "Your organisation has no submission {submission}. GET /v1/submissions lists "
        "those it has."
    )


class FactsNotThere(Problem):
    kind = Kind.NOT_FOUND
    title = N_("The submission has no facts yet")
    detail = N_(
        "The answers of {submission} are stored, but no facts could be derived from "
        "them yet: {processing}. A supervisor can place the submission or have its "
        "facts derived again."
    )


class AttachmentNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such attachment")
    detail = N_("The submission {submission} has no attachment {attachment}.")


class NoSuchAttachment(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such file")
    detail = N_("Your organisation has no file {attachment} of any submission.")


class NoDerivative(Problem):
    kind = Kind.NOT_FOUND
    title = N_("There is nothing to look at of this file")
    detail = N_(
        "Of {attachment} no picture or paper was made to be looked at: {state}. If it "
        "is pending, ask again in a moment; GET /v1/attachments/{attachment} says why."
    )


class AttachmentSealed(Problem):
    kind = Kind.FORBIDDEN
    title = N_("This file is sealed")
    detail = N_(
        "{attachment} answers a question about a person. Its original is sealed and is "
        "handed out to nobody."
    )


class State(StrEnum):
    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Processing(StrEnum):
    DONE = "done"
    AWAITING_SITE = "awaiting_site"
    ENCRYPTED = "encrypted"
    """It came encrypted, and nobody with the private key has opened it yet."""
    KEPT = "kept"
    """It is no visit, so there is nothing to assess."""
    FACTS_FAILED = "facts_failed"
    ASSESSMENT_FAILED = "assessment_failed"


class DerivativeState(StrEnum):
    """What there is to look at of an attachment."""

    PENDING = "pending"
    MADE = "made"
    NOT_MADE = "not_made"
    REFUSED = "refused"
    SEALED = "sealed"


class Completeness(StrEnum):
    COMPLETE = "complete"
    ATTACHMENTS_MISSING = "attachments_missing"


@dataclass(frozen=True)
class SubmissionRecord:
    """A submission without its bytes, and what became of it."""

    id: uuid.UUID
    public_id: str
    checklist: str
    version: str
    checklist_title: str
    checklist_version_id: uuid.UUID
    instance_id: str
    audit: str | None
    site: str | None
    season: str | None
    observed_on: date
    started_at: datetime | None
    ended_at: datetime | None
    received_at: datetime
    device_id: str | None
    actor: str
    supersedes: str | None
    superseded_by: str | None
    sha256: bytes
    media_type: str
    facts_sha256: bytes | None
    state: State
    processing: Processing
    completeness: Completeness


@dataclass(frozen=True)
class Original:
    media_type: str
    content: bytes


@dataclass(frozen=True)
class FactsRecord:
    document: bytes
    sha256: bytes
    faults: bytes


@dataclass(frozen=True)
class Attachments:
    """The files in force, and the names of those that have not come."""

    files: tuple[AttachmentRecord, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class RefusedRecord:
    public_id: str
    checklist: str
    instance_id: str
    reason: str
    sha256: bytes
    device_id: str | None
    actor: str
    received_at: datetime


Own = aliased(Site)  # the row that was visited, which leads to the one that is kept
Earlier, Successor, LaterFacts = (
    aliased(Submission),
    aliased(Submission),
    aliased(FactSet),
)


def _fault(*stages: str) -> Any:
    return (
        select(literal(1))
        .where(
            IntakeFault.submission_id == Submission.id,
            IntakeFault.cleared_at.is_(None),
            or_(*(IntakeFault.stage == stage for stage in stages)),
        )
        .exists()
    )


MISSING = (
    select(literal(1))
    .where(
        ExpectedAttachment.submission_id == Submission.id,
        ~select(literal(1))
        .where(
            Attachment.submission_id == ExpectedAttachment.submission_id,
            Attachment.name == ExpectedAttachment.name,
        )
        .exists(),
    )
    .exists()
)
# The facts under the vocabulary that was derived last.
NEWEST_FACTS = (
    select(LaterFacts.sha256)
    .where(LaterFacts.submission_id == Submission.id)
    .order_by(LaterFacts.id.desc())
    .limit(1)
    .scalar_subquery()
)

# Reckoned, never kept: whatever happens to a submission, it says how it stands now.
STATE: ColumnElement[str] = case(
    (Withdrawal.submission_id.is_not(None), State.WITHDRAWN.value),
    (Successor.id.is_not(None), State.SUPERSEDED.value),
    else_=State.CURRENT.value,
)
PROCESSING: ColumnElement[str] = case(
    (
        and_(
            Submission.media_type == ENCRYPTED,
            Decryption.submission_id.is_(None),
        ),
        Processing.ENCRYPTED.value,
    ),
    (
        ChecklistVersion.purpose == Purpose.COMMUNITY.value,
        Processing.KEPT.value,
    ),
    (Placement.submission_id.is_(None), Processing.AWAITING_SITE.value),
    (_fault("reading", "facts"), Processing.FACTS_FAILED.value),
    (_fault("assessment"), Processing.ASSESSMENT_FAILED.value),
    (
        ChecklistVersion.purpose == Purpose.SELF_ASSESSMENT.value,
        Processing.KEPT.value,
    ),
    else_=Processing.DONE.value,
)

SUBMISSIONS: Select[*tuple[Any, ...]] = (
    select(
        Submission.id,
        Submission.public_id,
        Checklist.form_id.label("checklist"),
        ChecklistVersion.version,
        ChecklistVersion.title.label("checklist_title"),
        Submission.checklist_version_id,
        Submission.instance_id,
        Audit.public_id.label("audit"),
        Site.public_id.label("site"),
        Audit.season,
        func.coalesce(Decryption.observed_on, Submission.observed_on),
        func.coalesce(Decryption.started_at, Submission.started_at),
        func.coalesce(Decryption.ended_at, Submission.ended_at),
        Submission.received_at,
        Submission.device_id,
        Submission.actor,
        Earlier.public_id.label("supersedes"),
        Successor.public_id.label("superseded_by"),
        Submission.sha256,
        func.coalesce(Decryption.media_type, Submission.media_type),
        NEWEST_FACTS.label("facts_sha256"),
        STATE.label("state"),
        PROCESSING.label("processing"),
        case(
            (MISSING, Completeness.ATTACHMENTS_MISSING.value),
            else_=Completeness.COMPLETE.value,
        ).label("completeness"),
    )
    .join(Checklist, Checklist.id == Submission.checklist_id)
    .join(ChecklistVersion, ChecklistVersion.id == Submission.checklist_version_id)
    .outerjoin(Placement, Placement.submission_id == Submission.id)
    .outerjoin(Audit, Audit.id == Placement.audit_id)
    .outerjoin(Own, Own.id == Audit.site_id)
    .outerjoin(Site, Site.id == Own.kept_id)
    .outerjoin(Earlier, Earlier.id == Submission.supersedes_id)
    .outerjoin(Successor, Successor.supersedes_id == Submission.id)
    .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
    .outerjoin(Decryption, Decryption.submission_id == Submission.id)
    .where(Submission.owner_id == bindparam("owner_id"))
)


def submissions(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    newest_first: bool = False,
    **wanted: str | None,
) -> Page[SubmissionRecord]:
    """Return a page of submissions in the order of receipt, or the other way round.

    `wanted` filters by site (public id), checklist (form id), season, audit (id), state
    and processing.
    """
    scope.require(Permission.READ_VISITS)
    bound = {"owner_id": scope.organisation_id}
    return LISTED.page(
        session,
        bound,
        rows=rows,
        after=after,
        wanted=wanted,
        newest_first=newest_first,
    )


def site_names(
    session: Session, scope: Scope, found: Sequence[SubmissionRecord]
) -> dict[str, str]:
    """Return what the sites of some submissions are called, by their public ids."""
    scope.require(Permission.READ_VISITS)
    wanted = [one.site for one in found if one.site is not None]
    rows = session.execute(
        select(Site.public_id, Site.name).where(
            Site.owner_id == scope.organisation_id, Site.public_id.in_(wanted)
        )
    )
    return {row.public_id: row.name for row in rows}


def submission(session: Session, scope: Scope, public_id: str) -> SubmissionRecord:
    """Return one submission; another organisation's is not found."""
    scope.require(Permission.READ_VISITS)
    bound = {"owner_id": scope.organisation_id}
    missing = SubmissionNotFound(submission=public_id)
    return LISTED.one(session, bound, public_id, missing)


def original(session: Session, scope: Scope, public_id: str) -> Original:
    """Return what may be read of a submission, byte for byte where it names nobody.

    Of a checklist that asks about people the answers to those questions are left out.
    """
    found = submission(session, scope, public_id)
    content = session.execute(
        select(func.coalesce(Decryption.content, Submission.content))
        .select_from(Submission)
        .outerjoin(Decryption, Decryption.submission_id == Submission.id)
        .where(Submission.id == found.id)
    ).scalar_one()
    return Original(found.media_type, content)


def facts(session: Session, scope: Scope, public_id: str) -> FactsRecord:
    """Return the facts that were derived last."""
    found = submission(session, scope, public_id)
    row = session.execute(
        select(FactSet.document, FactSet.sha256, FactSet.faults)
        .where(FactSet.submission_id == found.id)
        .order_by(FactSet.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise FactsNotThere(submission=public_id, processing=found.processing)
    return FactsRecord(*row)


def attachments_of(session: Session, scope: Scope, public_id: str) -> Attachments:
    """Return the files of a submission and the names of those that have not come."""
    found = submission(session, scope, public_id)
    return Attachments(
        attachments.in_force(session, found.id), attachments.missing(session, found.id)
    )


def attachment(
    session: Session, scope: Scope, public_id: str, attachment_id: str
) -> AttachmentRecord:
    """Return one file that came with a submission, in force or replaced."""
    found = submission(session, scope, public_id)
    for file in attachments.history(session, found.id):
        if file.public_id == attachment_id:
            return file
    raise AttachmentNotFound(submission=public_id, attachment=attachment_id)


def attachment_by_id(
    session: Session, scope: Scope, attachment_id: str
) -> AttachmentRecord:
    """Return one file by its own public id; another organisation's is not found."""
    scope.require(Permission.READ_VISITS)
    found = attachments.one(session, scope.organisation_id, attachment_id)
    if found is None:
        raise NoSuchAttachment(attachment=attachment_id)
    return found


def derivative(session: Session, scope: Scope, attachment_id: str) -> AttachmentRecord:
    """Return a file of which there is something to be looked at."""
    found = attachment_by_id(session, scope, attachment_id)
    if found.derived_sha256 is None:
        raise NoDerivative(attachment=attachment_id, state=derivative_state(found))
    return found


def original_file(
    session: Session, scope: Scope, public_id: str, attachment_id: str
) -> AttachmentRecord:
    """Return a file whose original may be fetched; those about people never are."""
    scope.require(Permission.SUPERVISE_VISITS)
    found = attachment(session, scope, public_id, attachment_id)
    if found.is_sensitive:
        raise AttachmentSealed(attachment=attachment_id)
    return found


def derivative_state(file: AttachmentRecord) -> DerivativeState:
    return DerivativeState(file.derivative or DerivativeState.PENDING)


def refused(session: Session, scope: Scope) -> tuple[RefusedRecord, ...]:
    """Return the answers that were refused and kept aside, newest first."""
    scope.require(Permission.SUPERVISE_VISITS)
    rows = session.execute(
        select(
            SubmissionRefused.public_id,
            Checklist.form_id,
            SubmissionRefused.instance_id,
            SubmissionRefused.reason,
            SubmissionRefused.sha256,
            SubmissionRefused.device_id,
            SubmissionRefused.actor,
            SubmissionRefused.received_at,
        )
        .join(Checklist, Checklist.id == SubmissionRefused.checklist_id)
        .where(SubmissionRefused.owner_id == scope.organisation_id)
        .order_by(SubmissionRefused.id.desc())
    )
    return tuple(RefusedRecord(*row) for row in rows)


def refused_original(session: Session, scope: Scope, public_id: str) -> Original:
    """Return what may be read of answers that were refused."""
    scope.require(Permission.SUPERVISE_VISITS)
    row = session.execute(
        select(SubmissionRefused.media_type, SubmissionRefused.content).where(
            SubmissionRefused.owner_id == scope.organisation_id,
            SubmissionRefused.public_id == public_id,
        )
    ).one_or_none()
    if row is None:
        raise SubmissionNotFound(submission=public_id)
    return Original(*row)


def _record(row: Row[*tuple[Any, ...]]) -> SubmissionRecord:
    values: tuple[Any, ...] = (
        *row[:-3],
        State(row.state),
        Processing(row.processing),
        Completeness(row.completeness),
    )
    return SubmissionRecord(*values)


LISTED = Listing(
    SUBMISSIONS,
    Submission.id,
    Submission.public_id,
    _record,
    equal_to(
        site=Site.public_id,
        checklist=Checklist.form_id,
        season=Audit.season,
        audit=Audit.public_id,
        state=STATE,
        processing=PROCESSING,
    ),
)
