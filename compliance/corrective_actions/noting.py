"""Writing what became of an action: its row, the step, the trail, and its finding."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, site_marks, trail
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.clocks.passing import end_of
from compliance.corrective_actions import queries
from compliance.corrective_actions.codes import ActionCode
from compliance.corrective_actions.lifecycle import (
    ENDED,
    PLANNED,
    State,
    Step,
)
from compliance.corrective_actions.models import (
    CorrectiveAction,
    CorrectiveActionStep,
)
from compliance.corrective_actions.queries import ActionRecord, corrective_action
from compliance.findings.actions import Plan, note_plan
from compliance.findings.noting import locked
from compliance.findings.queries import steps_of as finding_steps
from compliance.identifiers import OrganisationId, SiteId, new_id
from compliance.identity.scope import Scope
from rules import Severity

LAST_ORDINAL = select(func.coalesce(func.max(CorrectiveActionStep.ordinal), 0)).where(
    CorrectiveActionStep.action_id == bindparam("action_id")
)
OF_ROUND = select(
    CorrectiveAction.action, CorrectiveAction.state, CorrectiveAction.due_on
).where(
    CorrectiveAction.finding_id == bindparam("finding_id"),
    CorrectiveAction.round == bindparam("of_round"),
)
Finding = Row[*tuple[Any, ...]]


def lock(
    session: Session, scope: Scope, public_id: str
) -> tuple[ActionRecord, Finding]:
    """Return an action and its finding, and let nobody else change either.

    The finding is locked first, always, so that two who change two of its actions wait
    for each other instead of for ever.
    """
    seen = corrective_action(session, scope, public_id)
    finding = locked(session, scope, seen.finding)
    session.execute(
        select(CorrectiveAction.id)
        .where(CorrectiveAction.id == seen.id)
        .with_for_update()
    ).one()
    return corrective_action(session, scope, public_id), finding


def change(
    session: Session,
    scope: Scope,
    before: ActionRecord,
    taken: Step,
    changes: dict[str, object],
    **words: object,
) -> int:
    """Write the change, its step and its entry in the trail; return the step's number."""
    state = State(str(changes["state"]))
    session.execute(
        update(CorrectiveAction)
        .where(CorrectiveAction.id == before.id)
        .values(**changes)
    )
    site_marks.mark(session, before.owner_id, before.site_id)
    last: int = session.execute(LAST_ORDINAL, {"action_id": before.id}).scalar_one()
    note(session, scope, before.id, last + 1, taken, state, **words)
    record(
        session,
        scope,
        before.owner_id,
        before.public_id,
        str(taken),
        state=state,
        finding=before.finding,
        **words,
    )
    return last + 1


def note(
    session: Session,
    scope: Scope,
    action_id: uuid.UUID,
    ordinal: int,
    taken: Step,
    state: State,
    **words: object,
) -> None:
    session.execute(
        insert(CorrectiveActionStep).values(
            id=new_id(),
            action_id=action_id,
            ordinal=ordinal,
            step=taken,
            state=state,
            actor=scope.actor,
            taken_at=clock.now(),
            **words,
        )
    )


def record(
    session: Session,
    scope: Scope,
    owner_id: OrganisationId,
    public_id: str,
    taken: str,
    **facts: object,
) -> None:
    """Write to the trail of whoever acts, and of whoever keeps the finding."""
    for organisation_id in sorted({scope.organisation_id, owner_id}):
        trail.record(
            session,
            organisation_id=organisation_id,
            actor=scope.actor,
            action=f"corrective_action.{taken}",
            subject_id=public_id,
            **{name: str(fact) for name, fact in facts.items() if fact is not None},
        )


def follow(session: Session, scope: Scope, finding: Finding) -> None:
    """Let a locked finding follow its actions of this round, and their clock with it.

    What nobody tolerates has no plan before it is agreed how the harm stops.
    """
    rows = session.execute(
        OF_ROUND, {"finding_id": finding.id, "of_round": finding.came_back}
    ).all()
    planned = [row for row in rows if State(row.state) in PLANNED]
    is_gravest = Severity(finding.severity) is Severity.ZERO_TOLERANCE
    stops = any(row.action == ActionCode.STOP_AND_PROTECT for row in planned)
    plan = Plan(
        agreed=bool(planned) and (stops or not is_gravest),
        due_on=max((row.due_on for row in planned), default=None),
        open_actions=sum(State(row.state) not in ENDED for row in rows),
        verified_actions=sum(row.state == State.VERIFIED for row in rows),
    )
    note_plan(session, scope, finding, plan)
    if plan.agreed and plan.open_actions and plan.due_on is not None:
        run(
            session,
            scope,
            finding,
            finding.public_id,
            ClockKind.CORRECTION,
            plan.due_on,
        )


def run(
    session: Session,
    scope: Scope,
    finding: Finding,
    subject: str,
    kind: ClockKind,
    due_on: date,
) -> None:
    """Let a clock of an action, or of its finding, run to the end of a day."""
    clocks.start(
        session,
        scope,
        owner_id=OrganisationId(finding.owner_id),
        site_id=SiteId(finding.site_id),
        subject=subject,
        kind=kind,
        due_at=end_of(due_on),
        started_at=clock.now(),
        severity=Severity(finding.severity),
    )


def involved(session: Session, scope: Scope, finding: Finding) -> frozenset[str]:
    """Return who raised a finding, or stood on the site's side of its correction.

    None of them agrees, verifies or grants anything about it.
    """
    return involved_in(session, scope, finding.id, finding.public_id)


def involved_in(
    session: Session, scope: Scope, finding_id: uuid.UUID, ref: str
) -> frozenset[str]:
    """Return the same of a finding by its id and its reference, to be told beforehand."""
    raised = {
        taken.actor for taken in finding_steps(session, scope, ref) if taken.was_seen
    }
    return queries.worked_on_by(session, finding_id) | raised
