"""What can be read of signals: those of one visit, the list of them, and how many."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from audits.checklists.form import Purpose
from audits.checklists.models import ChecklistVersion
from audits.integrity.codes import Evidence, Reading, Signal, State, Why
from audits.integrity.models import VisitFlag, VisitProfile, VisitSignal
from audits.submissions.models import Placement, Submission, Withdrawal
from audits.submissions.queries import submission
from audits.visits.lifecycle import State as Reviewed
from audits.visits.models import Audit
from compliance.database import Page
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.merging import same_site
from compliance.registry.models import Site
from compliance.scorecards.codes import VisitIntegrity
from compliance.texts import N_


class OwnVisit(Problem):
    """Nobody reviews their own visit, whatever their role."""

    kind = Kind.FORBIDDEN
    title = N_("This is a visit of your own")
    detail = N_(
        "{submission} was made by you. Its integrity signals are for another person of "
        "your organisation to review."
    )


@dataclass(frozen=True)
class SignalRecord:
    """How one signal of a visit stands."""

    id: uuid.UUID
    public_id: str
    submission: str
    site: str
    auditor: str | None
    observed_on: date
    is_flagged: bool
    signal: Signal
    reading: Reading
    formula: int
    read_at: datetime


@dataclass(frozen=True)
class VisitSignals:
    """All signals of a visit and its flag; none before they were read for the first time."""

    submission: str
    is_flagged: bool | None
    points: int | None
    reasons: tuple[Signal, ...]
    signals: tuple[SignalRecord, ...]


@dataclass(frozen=True)
class FlagCounts:
    """Visits of a site that still hold: all, those with signals, those flagged."""

    visits: int
    read: int
    flagged: int


Own, Successor = aliased(Site), aliased(Submission)
SIGNALS = (
    select(
        VisitSignal.id,
        VisitSignal.public_id,
        Submission.public_id.label("submission"),
        Site.public_id.label("site"),
        VisitProfile.auditor,
        Submission.observed_on,
        VisitFlag.is_flagged,
        VisitSignal.signal,
        VisitSignal.state,
        VisitSignal.is_doubtful,
        VisitSignal.measure,
        VisitSignal.why,
        VisitSignal.evidence,
        VisitSignal.formula,
        VisitSignal.read_at,
    )
    .join(Submission, Submission.id == VisitSignal.submission_id)
    .join(VisitProfile, VisitProfile.submission_id == VisitSignal.submission_id)
    .join(VisitFlag, VisitFlag.submission_id == VisitSignal.submission_id)
    .join(Own, Own.id == VisitProfile.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(VisitSignal.owner_id == bindparam("owner_id"))
)
IS_ANOTHERS = (VisitProfile.actor != bindparam("reader")) & or_(
    VisitProfile.auditor.is_(None), VisitProfile.auditor != bindparam("reader")
)


def _record(row: Row[*tuple[Any, ...]]) -> SignalRecord:
    evidence: Evidence = json.loads(row.evidence)
    why = None if row.why is None else Why(row.why)
    measure = None if row.measure is None else float(row.measure)
    return SignalRecord(
        id=row.id,
        public_id=row.public_id,
        submission=row.submission,
        site=row.site,
        auditor=row.auditor,
        observed_on=row.observed_on,
        is_flagged=row.is_flagged,
        signal=Signal(row.signal),
        reading=Reading(
            State(row.state), measure, evidence, why, bool(row.is_doubtful)
        ),
        formula=row.formula,
        read_at=row.read_at,
    )


LISTED = Listing(
    SIGNALS.where(IS_ANOTHERS),
    VisitSignal.id,
    VisitSignal.public_id,
    _record,
    equal_to(
        signal=VisitSignal.signal,
        state=VisitSignal.state,
        site=Site.public_id,
        auditor=VisitProfile.auditor,
        flagged=VisitFlag.is_flagged,
        submission=Submission.public_id,
    ),
)
OF_ONE = SIGNALS.where(VisitSignal.submission_id == bindparam("submission_id"))
FLAG = select(VisitFlag.is_flagged, VisitFlag.points, VisitFlag.reasons).where(
    VisitFlag.submission_id == bindparam("submission_id")
)
MADE_BY = select(VisitProfile.auditor).where(
    VisitProfile.submission_id == bindparam("submission_id")
)

UNDER_REVIEW = frozenset(
    {Reviewed.IN_REVIEW, Reviewed.RETURNED, Reviewed.RIGHT_OF_REPLY}
)
FLAGS_OF_VISIT = (
    select(
        VisitFlag.is_flagged,
        VisitFlag.flagged_at,
        Audit.status,
        Audit.finalised_at,
    )
    .select_from(Submission)
    .join(Placement, Placement.submission_id == Submission.id)
    .join(Audit, Audit.id == Placement.audit_id)
    .outerjoin(VisitFlag, VisitFlag.submission_id == Submission.id)
    .where(
        Submission.owner_id == bindparam("owner_id"),
        Submission.id.in_(bindparam("submission_ids", expanding=True)),
    )
)


def signals(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: object,
) -> Page[SignalRecord]:
    """Return a page of signals, the oldest first, without those of one's own visits.

    `wanted` filters by signal, state, site, auditor, submission or flagged.
    """
    scope.require(Permission.SUPERVISE_VISITS)
    return LISTED.page(session, _bound(scope), rows=rows, after=after, wanted=wanted)


def signals_of_visit(session: Session, scope: Scope, public_id: str) -> VisitSignals:
    """Return the signals of a visit in the order of the signals.

    Raise OwnVisit where the reader made it, SubmissionNotFound where there is none.
    """
    scope.require(Permission.SUPERVISE_VISITS)
    found = submission(session, scope, public_id)
    of_one = {"submission_id": found.id}
    if scope.actor in (found.actor, session.scalar(MADE_BY, of_one)):
        raise OwnVisit(submission=public_id)
    rows = session.execute(OF_ONE, {**of_one, "owner_id": scope.organisation_id})
    order = list(Signal)
    records = sorted(map(_record, rows), key=lambda one: order.index(one.signal))
    flag = session.execute(FLAG, of_one).one_or_none()
    if flag is None:
        return VisitSignals(public_id, None, None, (), ())
    reasons = tuple(Signal(one) for one in json.loads(flag.reasons))
    return VisitSignals(
        public_id, flag.is_flagged, flag.points, reasons, tuple(records)
    )


def flag_counts(
    session: Session, scope: Scope, site_id: SiteId, since: date
) -> FlagCounts:
    """Return how many visits of a site since a day are flagged; nothing but counts.

    It is read with the scorecard of the site and tells of no visit and no auditor.
    """
    scope.require(Permission.READ_SCORECARDS)
    row = session.execute(
        select(
            func.count(),
            func.count(VisitFlag.submission_id),
            func.sum(case((VisitFlag.is_flagged.is_(True), 1), else_=0)),
        )
        .select_from(Submission)
        .join(Placement, Placement.submission_id == Submission.id)
        .join(Audit, Audit.id == Placement.audit_id)
        .join(ChecklistVersion, ChecklistVersion.id == Submission.checklist_version_id)
        .outerjoin(VisitFlag, VisitFlag.submission_id == Submission.id)
        .where(
            Submission.owner_id == scope.organisation_id,
            same_site(Audit.site_id),
            ChecklistVersion.purpose == Purpose.VISIT,
            Submission.observed_on >= since,
            ~select(Successor.id)
            .where(Successor.supersedes_id == Submission.id)
            .exists(),
            ~select(Withdrawal.submission_id)
            .where(Withdrawal.submission_id == Submission.id)
            .exists(),
        ),
        {"site_id": site_id},
    ).one()
    return FlagCounts(*(int(one or 0) for one in row))


def integrity_of(
    session: Session, scope: Scope, submission_ids: Sequence[uuid.UUID]
) -> VisitIntegrity:
    """Return the one word a scorecard has for the signals of a visit.

    A visit that was flagged is explained once its review ended, if that was after the
    flag; while a review goes on it is under review, and before one it is open.
    """
    scope.require(Permission.READ_SCORECARDS)
    rows = session.execute(
        FLAGS_OF_VISIT,
        {"owner_id": scope.organisation_id, "submission_ids": list(submission_ids)},
    ).all()
    if len(rows) < len(submission_ids) or any(row.is_flagged is None for row in rows):
        return VisitIntegrity.NOT_READ
    flagged = [row for row in rows if row.is_flagged]
    if not flagged:
        return VisitIntegrity.NONE
    if all(row.finalised_at and row.finalised_at >= row.flagged_at for row in flagged):
        return VisitIntegrity.EXPLAINED
    is_looked_at = any(row.status in UNDER_REVIEW for row in flagged)
    return VisitIntegrity.UNDER_REVIEW if is_looked_at else VisitIntegrity.OPEN


def _bound(scope: Scope) -> dict[str, object]:
    return {"owner_id": scope.organisation_id, "reader": scope.actor}
