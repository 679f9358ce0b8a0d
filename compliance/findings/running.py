"""The clocks of a finding: which run from when, and which have done their work."""

from datetime import datetime

from sqlalchemy.orm import Session

from compliance import clock
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.clocks.passing import end_of
from compliance.findings.deadlines import Clock
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.scope import Scope
from rules import Severity


def run(
    session: Session,
    scope: Scope,
    *,
    owner_id: OrganisationId,
    site_id: SiteId,
    subject: str,
    severity: Severity,
    due: Clock,
    observed_at: datetime,
    refers: bool,
) -> None:
    """Start, or move, what is owed of a finding that was seen.

    A red flag's hours run from the observation. What nobody tolerates is owed a plan by
    its day; of anything else that day is the correction's.
    """
    now = clock.now()
    is_plan = severity is Severity.ZERO_TOLERANCE
    wanted: dict[ClockKind, tuple[datetime | None, datetime]] = {
        ClockKind.ACKNOWLEDGE: (due.acknowledge_by, observed_at),
        ClockKind.REFERRAL: (due.refer_by if refers else None, observed_at),
        ClockKind.PLAN if is_plan else ClockKind.CORRECTION: (end_of(due.due_on), now),
    }
    for kind, (due_at, started_at) in wanted.items():
        if due_at is not None:
            clocks.start(
                session,
                scope,
                owner_id=owner_id,
                site_id=site_id,
                subject=subject,
                kind=kind,
                due_at=due_at,
                started_at=started_at,
                severity=severity,
            )


def stop(session: Session, subject: str, *kinds: ClockKind) -> None:
    """Let some clocks of a finding stand still; those that never ran may."""
    for kind in kinds:
        clocks.stop(session, subject, kind)


# What no longer is owed of a finding that was withdrawn, or closed.
WITHDRAWN = (
    ClockKind.ACKNOWLEDGE,
    ClockKind.REFERRAL,
    ClockKind.PLAN,
    ClockKind.CORRECTION,
)
CLOSED = (ClockKind.PLAN, ClockKind.CORRECTION)
