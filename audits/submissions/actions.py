"""What a supervisor can do about submissions: place, process again, withdraw."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from audits.checklists import queries as checklists
from audits.checklists.form import FormSchema
from audits.checklists.instance import read_instance
from audits.submissions import attachments
from audits.submissions.arriving import JSON, Told, told_by_xml
from audits.submissions.intake import Intake
from audits.submissions.models import Stage, Submission, Withdrawal
from audits.submissions.processing import Row, attempt, clear_faults, place, process
from audits.submissions.queries import (
    Processing,
    State,
    SubmissionRecord,
    submission,
)
from audits.submissions.sealed import key_of, names_of, original_of
from audits.submissions.written import read_written
from audits.visits.queries import AuditRecord, audit
from compliance import clock, site_marks, trail
from compliance.database import insert_new
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.queries import SiteRecord, site
from compliance.texts import N_


class AlreadyPlaced(Problem):
    kind = Kind.CONFLICT
    title = N_("The submission already has its site")
    detail = N_(
        "{submission} belongs to the audit {audit} of {site}. If that is wrong, "
        "withdraw it and have it sent again for the right site."
    )


class NotPlaced(Problem):
    kind = Kind.CONFLICT
    title = N_("The submission has no site yet")
    detail = N_("Say first to which site {submission} belongs.")


class StillEncrypted(Problem):
    kind = Kind.CONFLICT
    title = N_("The submission is still encrypted")
    detail = N_(
        "Nobody has opened {submission} yet. Whoever holds the private key of the "
        "checklist does so with 'atalaya submissions decrypt'."
    )


class NotCurrent(Problem):
    kind = Kind.CONFLICT
    title = N_("The submission no longer holds")
    detail = N_("{submission} is {state}; only a current submission can be changed.")


def settle(
    session: Session, scope: Scope, intake: Intake, *, submission_id: str, site_id: str
) -> SubmissionRecord:
    """Say to which site a waiting submission belongs, and process it."""
    scope.require(Permission.SUPERVISE_VISITS)
    found = _opened(_current(session, scope, submission_id))
    if found.audit is not None:
        raise AlreadyPlaced(
            submission=submission_id, audit=found.audit, site=found.site
        )
    chosen = site(session, scope, site_id)
    row = _row(session, intake, found)
    clear_faults(session, row)
    schema = _schema(session, scope, found)
    told = _told(session, scope, intake, row, schema)
    opened = place(session, scope, row, schema, told, chosen)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="submission.placed",
        subject_id=submission_id,
        audit=opened.public_id,
        site=site_id,
    )
    _process(session, scope, intake, row, schema, opened, chosen)
    return submission(session, scope, submission_id)


def process_again(
    session: Session, scope: Scope, intake: Intake, *, submission_id: str
) -> SubmissionRecord:
    """Derive the facts of a placed submission once more, and assess them."""
    scope.require(Permission.SUPERVISE_VISITS)
    found = _opened(_current(session, scope, submission_id))
    if found.audit is None or found.site is None:
        raise NotPlaced(submission=submission_id)
    row = _row(session, intake, found)
    clear_faults(session, row)
    schema = _schema(session, scope, found)
    _told(session, scope, intake, row, schema)
    opened, chosen = (
        audit(session, scope, found.audit),
        site(session, scope, found.site),
    )
    _process(session, scope, intake, row, schema, opened, chosen)
    return submission(session, scope, submission_id)


def withdraw(
    session: Session, scope: Scope, *, submission_id: str, reason: str
) -> None:
    """Take a submission out; its bytes stay, and it may not be sent again."""
    scope.require(Permission.SUPERVISE_VISITS)
    found = _current(session, scope, submission_id)
    is_new = insert_new(
        session,
        Withdrawal,
        submission_id=found.id,
        reason=reason,
        actor=scope.actor,
        withdrawn_at=clock.now(),
    )
    if not is_new:
        raise NotCurrent(submission=submission_id, state=State.WITHDRAWN)
    _mark(session, scope, found)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="submission.withdrawn",
        subject_id=submission_id,
        # The reason is in somebody's own words; what the trail has, it has for good.
    )


def _mark(session: Session, scope: Scope, found: SubmissionRecord) -> None:
    """Have the risk assessed again of the site that a submission tells of, if of any."""
    if found.site is not None:
        place = site(session, scope, found.site)
        site_marks.mark(session, scope.organisation_id, place.id)


def _current(session: Session, scope: Scope, submission_id: str) -> SubmissionRecord:
    found = submission(session, scope, submission_id)
    if found.state is not State.CURRENT:
        raise NotCurrent(submission=submission_id, state=found.state)
    return found


def _opened(found: SubmissionRecord) -> SubmissionRecord:
    if found.processing is Processing.ENCRYPTED:
        raise StillEncrypted(submission=found.public_id)
    return found


def _row(session: Session, intake: Intake, found: SubmissionRecord) -> Row:
    """Return the row with the exact bytes, unsealed for what is derived from them."""
    supersedes_id = session.execute(
        select(Submission.supersedes_id).where(Submission.id == found.id)
    ).scalar_one()
    return Row(
        id=found.id,
        public_id=found.public_id,
        supersedes_id=supersedes_id,
        checklist_version_id=found.checklist_version_id,
        media_type=found.media_type,
        content=original_of(session, intake.keyring, found.id),
        observed_on=found.observed_on,
        received_at=found.received_at,
    )


def _schema(session: Session, scope: Scope, found: SubmissionRecord) -> FormSchema:
    version = checklists.version(session, scope, found.checklist, found.version)
    return checklists.schema_of_version(session, version)


def _told(
    session: Session, scope: Scope, intake: Intake, row: Row, schema: FormSchema
) -> Told:
    """Read again what the answers say of the visit; nothing, if that fails again."""
    if row.media_type == JSON:
        return read_written(row.content).told()

    def read() -> Told:
        instance = read_instance(row.content)
        told = told_by_xml(schema, instance)
        key = key_of(session, intake.keyring, row.id)
        names = names_of(schema, instance, key)
        attachments.expect(session, row.id, told.files, names)
        return told

    return attempt(session, scope, row, Stage.READING, read) or Told()


def _process(
    session: Session,
    scope: Scope,
    intake: Intake,
    row: Row,
    schema: FormSchema,
    opened: AuditRecord,
    chosen: SiteRecord,
) -> None:
    process(
        session,
        scope,
        row,
        schema=schema,
        audit=opened,
        chosen=chosen,
        vocabulary=intake.vocabulary,
        then=intake.then,
    )
