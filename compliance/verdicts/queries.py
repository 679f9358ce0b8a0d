"""What can be read of verdicts: those of a submission, and which sites have any."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.verdicts.models import Assessment, Verdict
from rules import Grounds, Outcome, Severity, Topic


class VerdictRecord(NamedTuple):
    """What one rule said of one submission, and by which edition of the book.

    A tuple, because every submission makes one for each rule.
    """

    id: uuid.UUID
    site_id: SiteId
    site_public_id: str
    audit_id: uuid.UUID
    submission_id: uuid.UUID
    edition: str
    book_sha256: str
    observed_on: date
    decided_at: datetime
    rule: str
    topic: Topic
    outcome: Outcome
    severity: Severity
    grounds: Grounds
    is_shadow: bool
    logic_hash: str

    @property
    def asks_for_an_answer(self) -> bool:
        """Tell a non-conformity from a rule on trial and from disputed law."""
        return (
            self.outcome is Outcome.NON_CONFORMITY
            and not self.is_shadow
            and self.grounds is not Grounds.DISPUTED_LAW
        )


class TrialRecord(NamedTuple):
    """How often a rule on trial came to an outcome: at how many visits and sites."""

    rule: str
    outcome: Outcome
    severity: Severity
    visits: int
    sites: int
    last_on: date


VERDICTS: Select[*tuple[Any, ...]] = (
    select(
        Verdict.id,
        Assessment.site_id,
        Site.public_id.label("site_public_id"),
        Assessment.audit_id,
        Assessment.submission_id,
        Assessment.edition,
        Assessment.book_sha256,
        Assessment.observed_on,
        Assessment.decided_at,
        Verdict.rule_id,
        Verdict.topic,
        Verdict.outcome,
        Verdict.severity,
        Verdict.grounds,
        Verdict.is_shadow,
        Verdict.logic_hash,
    )
    .join(Assessment, Assessment.id == Verdict.assessment_id)
    .join(Site, Site.id == Assessment.site_id)
    .where(Assessment.owner_id == bindparam("owner_id"))
    .order_by(Verdict.place, Verdict.id)
)

Later = aliased(Assessment)
ON_TRIAL = (
    select(
        Verdict.rule_id,
        Verdict.outcome,
        Verdict.severity,
        func.count().label("visits"),
        func.count(Assessment.site_id.distinct()).label("sites"),
        func.max(Assessment.observed_on).label("last_on"),
    )
    .join(Assessment, Assessment.id == Verdict.assessment_id)
    .where(
        Assessment.owner_id == bindparam("owner_id"),
        Verdict.rule_id.in_(bindparam("rule_ids", expanding=True)),
        Verdict.is_shadow.is_(True),
        ~select(Later.id)
        .where(
            Later.submission_id == Assessment.submission_id, Later.id > Assessment.id
        )
        .exists(),
    )
    .group_by(Verdict.rule_id, Verdict.outcome, Verdict.severity)
    .order_by(Verdict.rule_id, Verdict.outcome)
)
LAST_OF_SUBMISSION = (
    select(Assessment.id)
    .where(
        Assessment.owner_id == bindparam("owner_id"),
        Assessment.submission_id == bindparam("submission_id"),
    )
    .order_by(Assessment.id.desc())
    .limit(1)
)
OF_ASSESSMENTS = VERDICTS.where(
    Verdict.assessment_id.in_(bindparam("assessment_ids", expanding=True))
)
ASSESSED_SITES = (
    select(Assessment.site_id)
    .where(
        Assessment.owner_id == bindparam("owner_id"),
        Assessment.site_id.in_(bindparam("site_ids", expanding=True)),
    )
    .distinct()
)


def verdicts_of_submission(
    session: Session, scope: Scope, submission_id: uuid.UUID
) -> tuple[VerdictRecord, ...]:
    """Return what the rules said of a submission, in the order of the book.

    Of several editions the one that judged last is told; none yet is an empty tuple.
    """
    scope.require(Permission.READ_FINDINGS)
    assessment_id = session.scalar(
        LAST_OF_SUBMISSION,
        {"owner_id": scope.organisation_id, "submission_id": submission_id},
    )
    return () if assessment_id is None else _of(session, scope, [assessment_id])


def on_trial(
    session: Session, scope: Scope, rule_ids: Iterable[str]
) -> tuple[TrialRecord, ...]:
    """Return what rules on trial said of the caller's visits, as they were judged last.

    A verdict that was made while its rule counted is left out.
    """
    scope.require(Permission.READ_FINDINGS)
    found = session.execute(
        ON_TRIAL,
        {"owner_id": scope.organisation_id, "rule_ids": list(rule_ids)},
    )
    return tuple(
        TrialRecord(
            rule=row.rule_id,
            outcome=Outcome(row.outcome),
            severity=Severity(row.severity),
            visits=row.visits,
            sites=row.sites,
            last_on=row.last_on,
        )
        for row in found
    )


def assessed_among(
    session: Session, scope: Scope, site_ids: Iterable[SiteId]
) -> frozenset[SiteId]:
    """Return those of the sites that any audit has judged."""
    scope.require(Permission.READ_FINDINGS)
    found = session.execute(
        ASSESSED_SITES,
        {"owner_id": scope.organisation_id, "site_ids": list(site_ids)},
    )
    return frozenset(SiteId(site_id) for site_id in found.scalars())


def _of(
    session: Session, scope: Scope, assessment_ids: Iterable[uuid.UUID]
) -> tuple[VerdictRecord, ...]:
    found = session.execute(
        OF_ASSESSMENTS,
        {
            "owner_id": scope.organisation_id,
            "assessment_ids": list(assessment_ids),
        },
    )
    return tuple(_record(row) for row in found)


def _record(row: Row[*tuple[Any, ...]]) -> VerdictRecord:
    return VerdictRecord(
        id=row.id,
        site_id=SiteId(row.site_id),
        site_public_id=row.site_public_id,
        audit_id=row.audit_id,
        submission_id=row.submission_id,
        edition=row.edition,
        book_sha256=row.book_sha256,
        observed_on=row.observed_on,
        decided_at=row.decided_at,
        rule=row.rule_id,
        topic=Topic(row.topic),
        outcome=Outcome(row.outcome),
        severity=Severity(row.severity),
        grounds=Grounds(row.grounds),
        is_shadow=row.is_shadow,
        logic_hash=row.logic_hash,
    )
