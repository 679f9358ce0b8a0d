"""Why a card is worth what it is now, for whoever may read the card.

What was found after a card was issued stands on none yet. Who may read the card is told
of it what the next one will say: the rule, how sure it is, the kind of source, the plan
and its day. Not the finding itself, nor when or by whom anything was seen.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.database import as_system
from compliance.findings.lifecycle import OPEN
from compliance.findings.models import Finding, SourceKind
from compliance.findings.standing import Standing
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.scorecards.grading import Plan
from compliance.scorecards.lifecycle import Why, grounds_of
from compliance.scorecards.models import Scorecard, ScorecardStatus
from compliance.scorecards.noting import history_of
from compliance.scorecards.queries import ScorecardRecord, scorecard
from rules import Severity, Topic


@dataclass(frozen=True)
class Flag:
    """What a suspension rests on, as far as who reads the card may know it.

    `seen_on` is for finding the law of that day, and is told to nobody.
    """

    rule: str
    topic: Topic
    severity: Severity
    standing: Standing | None
    source: SourceKind
    plan: Plan
    due_on: date
    is_late: bool
    country: str
    seen_on: date


@dataclass(frozen=True)
class Reasons:
    """What a card stands suspended for, since when it is what it is, and the flags."""

    card: ScorecardRecord
    since: datetime
    grounds: tuple[Why, ...]
    flags: tuple[Flag, ...]


Made, Own = aliased(Site), aliased(Site)
SINCE = (
    select(ScorecardStatus.changed_at)
    .where(ScorecardStatus.scorecard_id == bindparam("card_id"))
    .order_by(ScorecardStatus.ordinal.desc())
    .limit(1)
)
BEHIND = (
    select(
        Finding.rule_id,
        Finding.topic,
        Finding.severity,
        Finding.standing,
        Finding.source_kind,
        Finding.due_on,
        Finding.plan_due_on,
        Finding.observed_on,
        Made.country,
    )
    .join(Own, Own.id == Finding.site_id)
    .join(Made, Made.kept_id == Own.kept_id)
    .join(
        Scorecard,
        (Scorecard.site_id == Made.id) & (Scorecard.owner_id == Finding.owner_id),
    )
    .where(
        Scorecard.id == bindparam("card_id"),
        Finding.severity == Severity.ZERO_TOLERANCE,
        Finding.state.in_(OPEN),
    )
    .order_by(Finding.number)
)


def reasons_of(session: Session, scope: Scope, public_id: str) -> Reasons:
    """Return why a card is what it is; raises ScorecardNotFound."""
    scope.require(Permission.READ_SCORECARDS)
    card = scorecard(session, scope, public_id)
    bound = {"card_id": card.id}
    grounds = grounds_of(history_of(session, card.id))
    rows: list[Row[*tuple[Any, ...]]] = []
    if card.is_in_force and Why.ZERO_TOLERANCE in grounds:
        # A finding is its keeper's; who may read the card is told this much of it.
        with as_system(session):
            rows = list(session.execute(BEHIND, bound))
    today = clock.today()
    return Reasons(
        card=card,
        since=session.execute(SINCE, bound).scalar_one(),
        grounds=grounds,
        flags=tuple(_flag(row, today) for row in rows),
    )


def _flag(row: Row[*tuple[Any, ...]], today: date) -> Flag:
    due_on = row.plan_due_on or row.due_on
    is_late = today > due_on
    plan = Plan.LAPSED if is_late else Plan.IN_TIME
    return Flag(
        rule=row.rule_id,
        topic=Topic(row.topic),
        severity=Severity(row.severity),
        standing=None if row.standing is None else Standing(row.standing),
        source=SourceKind(row.source_kind),
        plan=Plan.NONE if row.plan_due_on is None else plan,
        due_on=due_on,
        is_late=is_late,
        country=row.country,
        seen_on=row.observed_on,
    )
