"""What a visit does to findings: it raises them, sees them again, and reopens them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from compliance import clock, site_marks
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks.models import ClockKind, LateBecause
from compliance.clocks.passing import late_because
from compliance.findings import running
from compliance.findings.cases import concerns_a_person, mark_case
from compliance.findings.deadlines import DEADLINES, RED_FLAGS, Clock, clock_of
from compliance.findings.lifecycle import State, Step, step
from compliance.findings.models import Finding, SourceKind
from compliance.findings.noting import change, note, record
from compliance.findings.standing import (
    Standing,
    is_forced_labour,
    standing_of,
    surer,
)
from compliance.identifiers import OrganisationId, SiteId, new_id, random_word
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.registry.merging import same_site
from compliance.registry.models import Site
from compliance.verdicts.actions import require_assessing
from compliance.verdicts.queries import VerdictRecord
from rules import Book, Severity

REFERENCE_CHARACTERS = 8


@dataclass
class Raised:
    """What became of the broken rules of a visit, as references."""

    new: list[str] = field(default_factory=list)
    seen_again: list[str] = field(default_factory=list)
    reopened: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """A broken rule as one visit saw it, and by when it must be dealt with."""

    book: Book
    verdict: VerdictRecord
    source: str
    observed_at: datetime
    due: Clock

    @property
    def standing(self) -> Standing | None:
        verdict = self.verdict
        rule = self.book.rule_by_id[verdict.rule]
        return standing_of(rule, verdict.severity, verdict.grounds)

    @property
    def is_forced_labour(self) -> bool:
        return is_forced_labour(self.book.rule_by_id[self.verdict.rule])

    @property
    def is_about_somebody(self) -> bool:
        return concerns_a_person(self.verdict.topic, self.verdict.severity)

    def late_because(self) -> LateBecause | None:
        """Tell of a visit that came when the first hours had run out already."""
        due_at, now = self.due.acknowledge_by, clock.now()
        if due_at is None or due_at >= now:
            return None
        return late_because(ClockKind.ACKNOWLEDGE, due_at=due_at, known_at=now)


def raise_findings(
    session: Session,
    scope: Scope,
    verdicts: Sequence[VerdictRecord],
    *,
    book: Book,
    source: str,
    observed_at: datetime,
) -> Raised:
    """Raise a finding for each broken rule of one submission (its public id: `source`).

    A rule that is already open at the site is seen again, and one that was closed
    before it was observed is reopened. That a rule is kept closes nothing by itself.
    `book` is the one that judged.
    """
    require_assessing(scope)
    raised = Raised()
    broken = [verdict for verdict in verdicts if verdict.asks_for_an_answer]
    if not broken:
        return raised
    at_site = _lock_site(session, scope, broken[0].site_id)
    last_number = max((row.number for row in at_site), default=0)
    known = {row.rule_id: row for row in at_site if row.state != State.WITHDRAWN}
    today = clock.today()
    entry = in_force(session, scope, DEADLINES, today)
    for verdict in broken:
        due = clock_of(
            verdict.severity,
            raised_on=today,
            observed_at=observed_at,
            entries=(entry,),
        )
        seen = Seen(book, verdict, source, observed_at, due)
        before = known.get(verdict.rule)
        if before is None:
            number = last_number + len(raised.new) + 1
            raised.new.append(_raise(session, scope, seen, number))
        elif before.closed_on is not None and verdict.observed_on >= before.closed_on:
            _reopen(session, scope, before, seen)
            raised.reopened.append(before.public_id)
        else:
            _see_again(session, scope, before, seen)
            raised.seen_again.append(before.public_id)
    return raised


def _lock_site(
    session: Session, scope: Scope, site_id: SiteId
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Let one visit at a time raise findings at a site, and return what it has.

    The lock leaves alone what only refers to the site: the visit itself does.
    """
    session.execute(
        select(Site.id)
        .where(Site.owner_id == scope.organisation_id, Site.id == site_id)
        .with_for_update(key_share=True)
    ).one()
    return session.execute(
        select(*Finding.__table__.columns).where(same_site(Finding.site_id)),
        {"site_id": site_id},
    ).all()


def _raise(session: Session, scope: Scope, seen: Seen, number: int) -> str:
    now, verdict = clock.now(), seen.verdict
    finding_id = new_id()
    public_id = f"F-{random_word(REFERENCE_CHARACTERS).upper()}"
    session.execute(
        insert(Finding).values(
            id=finding_id,
            public_id=public_id,
            owner_id=scope.organisation_id,
            site_id=verdict.site_id,
            number=number,
            rule_id=verdict.rule,
            topic=verdict.topic,
            severity=verdict.severity,
            state=State.RAISED,
            raised_at=now,
            raised_by=scope.actor,
            observed_on=verdict.observed_on,
            observed_at=seen.observed_at,
            last_seen_on=verdict.observed_on,
            due_on=seen.due.due_on,
            acknowledge_by=seen.due.acknowledge_by,
            refer_by=seen.due.refer_by,
            source_kind=SourceKind.SUBMISSION,
            source=seen.source,
            first_verdict_id=verdict.id,
            last_verdict_id=verdict.id,
            standing=seen.standing,
            is_forced_labour=seen.is_forced_labour,
            late_because=seen.late_because(),
        )
    )
    site_marks.mark(session, scope.organisation_id, verdict.site_id)
    note(session, scope, finding_id, 1, Step.RAISE, State.RAISED, source=seen.source)
    record(
        session,
        scope,
        scope.organisation_id,
        public_id,
        Step.RAISE,
        State.RAISED,
        rule=verdict.rule,
    )
    if seen.is_about_somebody:
        mark_case(session, scope.organisation_id, finding_id)
    _run(session, scope, public_id, seen, seen.due)
    _alert(session, scope, public_id, seen)
    return public_id


def _reopen(
    session: Session, scope: Scope, before: Row[*tuple[Any, ...]], seen: Seen
) -> None:
    """Start the clocks again: what comes back is due as if it were new.

    Its corrective actions stay as they ended, of an earlier round; this one has none.
    """
    verdict, due = seen.verdict, seen.due
    changes: dict[str, object] = {
        "state": step(State(before.state), Step.REOPEN),
        "severity": verdict.severity,
        "observed_on": verdict.observed_on,
        "observed_at": seen.observed_at,
        "last_seen_on": verdict.observed_on,
        "last_verdict_id": verdict.id,
        "due_on": due.due_on,
        "acknowledge_by": due.acknowledge_by,
        "refer_by": due.refer_by,
        "acknowledged_at": None,
        "plan_agreed_on": None,
        "plan_due_on": None,
        "closed_on": None,
        "standing": _surer(before, seen),
        "late_because": seen.late_because(),
        "came_back": before.came_back + 1,
        "open_actions": 0,
        "verified_actions": 0,
    }
    change(session, scope, before, Step.REOPEN, changes, source=seen.source)
    if seen.is_about_somebody:
        mark_case(session, OrganisationId(before.owner_id), before.id)
    _run(session, scope, before.public_id, seen, due)
    _alert(session, scope, before.public_id, seen, AlertEvent.FINDING_REOPENED)


def _see_again(
    session: Session, scope: Scope, before: Row[*tuple[Any, ...]], seen: Seen
) -> None:
    """Note another sight of it; a graver one shortens the deadlines, none lengthens."""
    verdict, due = seen.verdict, seen.due
    changes: dict[str, object] = {
        "state": step(State(before.state), Step.SEE_AGAIN),
        "last_seen_on": max(before.last_seen_on, verdict.observed_on),
        "standing": _surer(before, seen),
    }
    if verdict.observed_on >= before.last_seen_on:
        changes["last_verdict_id"] = verdict.id
    is_graver = _is_graver(verdict.severity, Severity(before.severity))
    shorter = Clock(
        min(before.due_on, due.due_on),
        before.acknowledge_by or due.acknowledge_by,
        before.refer_by or due.refer_by,
    )
    if is_graver:
        changes.update(
            severity=verdict.severity,
            due_on=shorter.due_on,
            acknowledge_by=shorter.acknowledge_by,
            refer_by=shorter.refer_by,
        )
    change(session, scope, before, Step.SEE_AGAIN, changes, source=seen.source)
    if not is_graver or before.closed_on is not None:
        return
    if seen.is_about_somebody:
        mark_case(session, OrganisationId(before.owner_id), before.id)
    _run(session, scope, before.public_id, seen, shorter)
    _alert(session, scope, before.public_id, seen)


def _surer(before: Row[*tuple[Any, ...]], seen: Seen) -> Standing | None:
    """Seeing it again never takes back how sure it is; a dispute does, or nothing."""
    known = None if before.standing is None else Standing(before.standing)
    return surer(known, seen.standing)


def _run(
    session: Session, scope: Scope, public_id: str, seen: Seen, due: Clock
) -> None:
    running.run(
        session,
        scope,
        owner_id=scope.organisation_id,
        site_id=seen.verdict.site_id,
        subject=public_id,
        severity=seen.verdict.severity,
        due=due,
        observed_at=seen.observed_at,
        refers=seen.is_about_somebody,
    )


def _alert(
    session: Session,
    scope: Scope,
    public_id: str,
    seen: Seen,
    otherwise: AlertEvent | None = None,
) -> None:
    """Tell of a red flag at once; of what weighs less the end of the visit's review."""
    severity = seen.verdict.severity
    event = otherwise
    if severity in RED_FLAGS:
        is_gravest = severity is Severity.ZERO_TOLERANCE
        event = AlertEvent.ZERO_TOLERANCE if is_gravest else AlertEvent.RED_FLAG
    if event is not None:
        raise_alert(
            session,
            owner_id=scope.organisation_id,
            event=event,
            subject=public_id,
            site_id=seen.verdict.site_id,
            severity=severity,
            because=seen.late_because(),
        )


def _is_graver(one: Severity, other: Severity) -> bool:
    order = list(Severity)
    return order.index(one) < order.index(other)
