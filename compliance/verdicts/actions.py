"""What can be done about verdicts: keep those of an assessment, once and for good."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from compliance import clock, site_marks, trail
from compliance.database import insert_new
from compliance.identifiers import SiteId, new_id, new_ids
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.verdicts.models import Assessment, Verdict
from compliance.verdicts.queries import VerdictRecord, verdicts_of_submission
from rules import Book, Status
from rules import Verdict as Decided

ADD = insert(cast(Table, Verdict.__table__))


@dataclass(frozen=True)
class Subject:
    """What was assessed: which submission of which visit to which site."""

    site_id: SiteId
    site_public_id: str
    audit_id: uuid.UUID
    submission_id: uuid.UUID
    submission_public_id: str
    observed_on: date


@dataclass(frozen=True)
class Kept:
    """The verdicts as they are kept, and whether this assessment was the first."""

    verdicts: tuple[VerdictRecord, ...]
    is_new: bool


def keep_verdicts(
    session: Session,
    scope: Scope,
    *,
    book: Book,
    subject: Subject,
    verdicts: Sequence[Decided],
) -> Kept:
    """Keep what the book said of a submission; said once, it is not said again."""
    require_assessing(scope)
    assessment_id, now = new_id(), clock.now()
    is_new = insert_new(
        session,
        Assessment,
        id=assessment_id,
        owner_id=scope.organisation_id,
        site_id=subject.site_id,
        audit_id=subject.audit_id,
        submission_id=subject.submission_id,
        edition=book.edition,
        book_sha256=book.sha256,
        observed_on=subject.observed_on,
        decided_at=now,
    )
    if not is_new:
        return Kept(
            verdicts_of_submission(session, scope, subject.submission_id), is_new=False
        )

    kept = tuple(
        VerdictRecord(
            id=key,
            site_id=subject.site_id,
            site_public_id=subject.site_public_id,
            audit_id=subject.audit_id,
            submission_id=subject.submission_id,
            edition=book.edition,
            book_sha256=book.sha256,
            observed_on=subject.observed_on,
            decided_at=now,
            rule=verdict.rule,
            topic=book.rule_by_id[verdict.rule].topic,
            outcome=verdict.outcome,
            severity=verdict.severity,
            grounds=verdict.grounds,
            is_shadow=book.rule_by_id[verdict.rule].status is Status.SHADOW,
            logic_hash=verdict.logic_hash,
        )
        for key, verdict in zip(new_ids(len(verdicts)), verdicts, strict=True)
    )
    if kept:
        session.execute(
            ADD, [_row(assessment_id, place, one) for place, one in enumerate(kept)]
        )
    site_marks.mark(session, scope.organisation_id, subject.site_id)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="submission.assessed",
        subject_id=subject.submission_public_id,
        edition=book.edition,
        rulebook_sha256=book.sha256,
        verdicts=len(verdicts),
    )
    return Kept(kept, is_new=True)


def _row(assessment_id: uuid.UUID, place: int, kept: VerdictRecord) -> dict[str, Any]:
    return {
        "id": kept.id,
        "assessment_id": assessment_id,
        "place": place,
        "rule_id": kept.rule,
        "topic": kept.topic,
        "outcome": kept.outcome,
        "severity": kept.severity,
        "grounds": kept.grounds,
        "is_shadow": kept.is_shadow,
        "logic_hash": kept.logic_hash,
    }


def require_assessing(scope: Scope) -> None:
    """Go on where the caller sent a visit, or supervises those that others sent."""
    if not scope.may(Permission.SUPERVISE_VISITS):
        scope.require(Permission.SUBMIT_VISITS)
