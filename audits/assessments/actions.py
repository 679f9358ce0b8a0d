"""What can be done about a submission's facts: judge them, and raise what is broken."""

import json
from datetime import datetime

from sqlalchemy.orm import Session

from audits.assessments.judging import assess_answers
from audits.assessments.testimony import as_supported
from audits.submissions.processing import StoredSubmission
from compliance.clocks.observing import observe
from compliance.findings.raising import Raised, raise_findings
from compliance.identity.scope import Scope
from compliance.scorecards.suspending import follow_findings
from compliance.verdicts.actions import Subject, keep_verdicts
from rules import Book


def assess_submission(
    session: Session, scope: Scope, book: Book, submission: StoredSubmission
) -> Raised:
    """Judge a submission by the book, keep the verdicts, and raise what is broken.

    The same submission under the same book is judged once: again changes nothing.
    """
    document = json.loads(submission.facts.facts.document)
    assessment = assess_answers(book, document)
    kept = keep_verdicts(
        session,
        scope,
        book=book,
        subject=Subject(
            site_id=submission.site.id,
            site_public_id=submission.site.public_id,
            audit_id=submission.audit.id,
            submission_id=submission.id,
            submission_public_id=submission.public_id,
            observed_on=submission.observed_on,
        ),
        verdicts=assessment.verdicts,
    )
    if not kept.is_new:
        return Raised()
    raised = raise_findings(
        session,
        scope,
        as_supported(book, document, kept.verdicts),
        book=book,
        source=submission.public_id,
        observed_at=submission.audit.observed_at or start_of(submission),
    )
    follow_findings(session, scope, submission.site.id)
    return raised


def start_of(submission: StoredSubmission) -> datetime:
    """Return the earliest instant of the day of observation: no clock starts too late."""
    return observe(
        received_at=submission.received_at,
        declared_on=submission.observed_on,
        country=submission.site.country,
    ).at
