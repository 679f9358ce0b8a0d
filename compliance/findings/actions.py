"""What can be done about findings: raise what a visit found, and take a step."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.findings.deadlines import clock_of
from compliance.findings.lifecycle import (
    PERMISSIONS,
    EvidenceKind,
    Reason,
    State,
    Step,
    reached_by,
    step,
)
from compliance.findings.models import Finding, FindingStep, SourceKind
from compliance.findings.queries import (
    FindingNotFound,
    FindingRecord,
    finding,
    steps_of,
)
from compliance.identifiers import OrganisationId, SiteId, new_id, random_word
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.merging import same_site
from compliance.registry.models import Site
from compliance.registry.visibility import relation, sight_of, visible
from compliance.texts import N_
from compliance.verdicts.actions import require_assessing
from compliance.verdicts.queries import VerdictRecord
from rules import Severity

REFERENCE_CHARACTERS = 8


class StepIncomplete(Problem):
    kind = Kind.INVALID
    title = N_("The step lacks something")
    detail = N_("The step {step} needs '{field}': {remedy}.")


class StepSaysTooMuch(Problem):
    kind = Kind.INVALID
    title = N_("The step takes no such thing")
    detail = N_("The step {step} takes no '{field}'; leave it out.")


class PlanInThePast(Problem):
    kind = Kind.INVALID
    title = N_("The plan would end before it is agreed")
    detail = N_("'due_on' is {due_on}; give a day from {today} on.")


class NotIndependent(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Somebody else must close this finding")
    detail = N_(
        "Whoever raised a finding cannot close it. Ask another reviewer or "
        "administrator of your organisation."
    )


class NotYoursToDecide(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Whoever keeps the record of the site decides this")
    detail = N_(
        "You operate the site of {finding} and can accept or dispute it; the step "
        "{step} is for the organisation that keeps the site's record."
    )


# What a step must say beside its name; it may say nothing else.
NEEDS: dict[Step, tuple[str, str]] = {
    Step.DISPUTE: ("reason", ", ".join(Reason)),
    Step.WITHDRAW: ("reason", ", ".join(Reason)),
    Step.AGREE_PLAN: ("due_on", "YYYY-MM-DD"),
    Step.CLOSE: ("evidence_kind", ", ".join(EvidenceKind)),
}


@dataclass
class Raised:
    """What became of the broken rules of a visit, as references."""

    new: list[str] = field(default_factory=list)
    seen_again: list[str] = field(default_factory=list)
    reopened: list[str] = field(default_factory=list)


def raise_findings(
    session: Session,
    scope: Scope,
    verdicts: Sequence[VerdictRecord],
    *,
    source: str,
    observed_at: datetime,
) -> Raised:
    """Raise a finding for each broken rule of one submission (its public id: `source`).

    A rule that is already open at the site is seen again, and one that was closed
    before it was observed is reopened. That a rule is kept closes nothing by itself.
    """
    require_assessing(scope)
    raised = Raised()
    broken = [verdict for verdict in verdicts if verdict.asks_for_an_answer]
    if not broken:
        return raised
    at_site = _lock_site(session, scope, broken[0].site_id)
    last_number = max((row.number for row in at_site), default=0)
    known = {row.rule_id: row for row in at_site if row.state != State.WITHDRAWN}
    for verdict in broken:
        before = known.get(verdict.rule)
        if before is None:
            number = last_number + len(raised.new) + 1
            raised.new.append(
                _raise(session, scope, verdict, number, source, observed_at)
            )
        elif before.closed_on is not None and verdict.observed_on >= before.closed_on:
            _reopen(session, scope, before, verdict, source, observed_at)
            raised.reopened.append(before.public_id)
        else:
            _see_again(session, scope, before, verdict, source, observed_at)
            raised.seen_again.append(before.public_id)
    return raised


def take_step(
    session: Session,
    scope: Scope,
    public_id: str,
    wanted: Step,
    *,
    reason: Reason | None = None,
    evidence_kind: EvidenceKind | None = None,
    due_on: date | None = None,
) -> FindingRecord:
    """Take a step that somebody decides, and return the finding as it then is."""
    scope.require(Permission.READ_FINDINGS)
    before = _lock(session, scope, public_id)
    scope.require(PERMISSIONS[wanted])
    if Relation(before.relation) not in reached_by(wanted):
        raise NotYoursToDecide(finding=public_id, step=wanted)
    state = step(State(before.state), wanted)
    _check_words(wanted, reason=reason, evidence_kind=evidence_kind, due_on=due_on)
    now = clock.now()
    changes: dict[str, object] = {"state": state}
    if before.acknowledged_at is None:
        changes["acknowledged_at"] = now
    if wanted is Step.AGREE_PLAN and due_on is not None:
        if due_on < now.date():
            raise PlanInThePast(due_on=due_on.isoformat(), today=now.date().isoformat())
        changes.update(plan_agreed_on=now.date(), plan_due_on=due_on)
    if wanted is Step.CLOSE:
        _require_independence(session, scope, public_id)
        changes["closed_on"] = now.date()
    _change(
        session,
        scope,
        before,
        wanted,
        changes,
        reason=reason,
        evidence_kind=evidence_kind,
        due_on=due_on,
    )
    return finding(session, scope, public_id)


def _check_words(wanted: Step, **given: object) -> None:
    needed, remedy = NEEDS.get(wanted, (None, ""))
    for name, value in given.items():
        if name == needed and value is None:
            raise StepIncomplete(step=wanted, field=name, remedy=remedy)
        if name != needed and value is not None:
            raise StepSaysTooMuch(step=wanted, field=name)


def _require_independence(session: Session, scope: Scope, public_id: str) -> None:
    raisers = {
        taken.actor for taken in steps_of(session, scope, public_id) if taken.was_seen
    }
    if scope.actor in raisers:
        raise NotIndependent


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


def _lock(session: Session, scope: Scope, public_id: str) -> Row[*tuple[Any, ...]]:
    row = session.execute(
        select(
            *Finding.__table__.columns,
            relation(Resource.FINDING, Action.READ).label("relation"),
        )
        .join(Site, Site.id == Finding.site_id)
        .where(visible(Resource.FINDING, Action.READ), Finding.public_id == public_id)
        .with_for_update(of=Finding),
        sight_of(scope),
    ).one_or_none()
    if row is None:
        raise FindingNotFound(finding=public_id)
    return row


def _raise(
    session: Session,
    scope: Scope,
    verdict: VerdictRecord,
    number: int,
    source: str,
    observed_at: datetime,
) -> str:
    now = clock.now()
    due = clock_of(verdict.severity, raised_on=now.date(), observed_at=observed_at)
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
            observed_at=observed_at,
            last_seen_on=verdict.observed_on,
            due_on=due.due_on,
            acknowledge_by=due.acknowledge_by,
            refer_by=due.refer_by,
            source_kind=SourceKind.SUBMISSION,
            source=source,
            first_verdict_id=verdict.id,
            last_verdict_id=verdict.id,
        )
    )
    _note(session, scope, finding_id, 1, Step.RAISE, State.RAISED, source=source)
    _record(
        session,
        scope,
        scope.organisation_id,
        public_id,
        Step.RAISE,
        State.RAISED,
        rule=verdict.rule,
    )
    return public_id


def _reopen(
    session: Session,
    scope: Scope,
    before: Row[*tuple[Any, ...]],
    verdict: VerdictRecord,
    source: str,
    observed_at: datetime,
) -> None:
    """Start the clocks again: what comes back is due as if it were new."""
    due = clock_of(verdict.severity, raised_on=clock.today(), observed_at=observed_at)
    changes = {
        "state": step(State(before.state), Step.REOPEN),
        "severity": verdict.severity,
        "observed_on": verdict.observed_on,
        "observed_at": observed_at,
        "last_seen_on": verdict.observed_on,
        "last_verdict_id": verdict.id,
        "due_on": due.due_on,
        "acknowledge_by": due.acknowledge_by,
        "refer_by": due.refer_by,
        "acknowledged_at": None,
        "plan_agreed_on": None,
        "plan_due_on": None,
        "closed_on": None,
    }
    _change(session, scope, before, Step.REOPEN, changes, source=source)


def _see_again(
    session: Session,
    scope: Scope,
    before: Row[*tuple[Any, ...]],
    verdict: VerdictRecord,
    source: str,
    observed_at: datetime,
) -> None:
    """Note another sight of it; a graver one shortens the deadlines, none lengthens."""
    changes: dict[str, object] = {
        "state": step(State(before.state), Step.SEE_AGAIN),
        "last_seen_on": max(before.last_seen_on, verdict.observed_on),
    }
    if verdict.observed_on >= before.last_seen_on:
        changes["last_verdict_id"] = verdict.id
    if _is_graver(verdict.severity, Severity(before.severity)):
        due = clock_of(
            verdict.severity, raised_on=clock.today(), observed_at=observed_at
        )
        changes.update(
            severity=verdict.severity,
            due_on=min(before.due_on, due.due_on),
            acknowledge_by=before.acknowledge_by or due.acknowledge_by,
            refer_by=before.refer_by or due.refer_by,
        )
    _change(session, scope, before, Step.SEE_AGAIN, changes, source=source)


def _is_graver(one: Severity, other: Severity) -> bool:
    order = list(Severity)
    return order.index(one) < order.index(other)


def _change(
    session: Session,
    scope: Scope,
    before: Row[*tuple[Any, ...]],
    taken: Step,
    changes: dict[str, object],
    **words: object,
) -> None:
    """Write the change, the step that made it, and its entry in the trail."""
    state = State(str(changes["state"]))
    session.execute(update(Finding).where(Finding.id == before.id).values(**changes))
    ordinal = len(steps_of(session, scope, before.public_id)) + 1
    _note(session, scope, before.id, ordinal, taken, state, **words)
    _record(
        session,
        scope,
        OrganisationId(before.owner_id),
        before.public_id,
        taken,
        state,
        **words,
    )


def _note(
    session: Session,
    scope: Scope,
    finding_id: uuid.UUID,
    ordinal: int,
    taken: Step,
    state: State,
    **words: object,
) -> None:
    session.execute(
        insert(FindingStep).values(
            id=new_id(),
            finding_id=finding_id,
            ordinal=ordinal,
            step=taken,
            state=state,
            actor=scope.actor,
            taken_at=clock.now(),
            **words,
        )
    )


def _record(
    session: Session,
    scope: Scope,
    owner_id: OrganisationId,
    public_id: str,
    taken: Step,
    state: State,
    **facts: object,
) -> None:
    """Write to the trail of whoever acts, and of whoever keeps the finding."""
    for organisation_id in sorted({scope.organisation_id, owner_id}):
        trail.record(
            session,
            organisation_id=organisation_id,
            actor=scope.actor,
            action=f"finding.{taken}",
            subject_id=public_id,
            state=state,
            **{name: str(fact) for name, fact in facts.items() if fact is not None},
        )
