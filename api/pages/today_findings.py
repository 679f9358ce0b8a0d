"""What is to be done about findings, and about what follows from them."""

from typing import Any

from sqlalchemy import and_, bindparam

from api.pages.today_errands import TaskKind
from api.pages.today_rows import (
    CALLER,
    Rows,
    Sources,
    is_none_of,
    is_one_of,
    looked_at,
    plainly,
    reached,
    row,
)
from audits.reviews.models import AuditReply
from compliance.clocks.models import Clock, ClockKind
from compliance.corrective_actions.extensions import ASKED
from compliance.corrective_actions.lifecycle import State as ActionState
from compliance.corrective_actions.models import CorrectiveAction, Extension
from compliance.findings.lifecycle import OPEN, State
from compliance.findings.models import Finding
from compliance.remedies.balance import UNSETTLED
from compliance.remedies.models import Remedy

ABOUT = {
    "told": Finding.rule_id,
    "site_id": Finding.site_id,
    "severity": Finding.severity,
}
OF_ACTION = {
    "told": CorrectiveAction.action,
    "site_id": CorrectiveAction.site_id,
    "finding_id": CorrectiveAction.finding_id,
}


# As what is not open any more: an index over the states would be begun from.
IS_OPEN = is_none_of(Finding.state, frozenset(State) - OPEN)


def _finding(**due: Any) -> Rows:
    return row(Finding.id, Finding.public_id, **ABOUT, **due)


def _action(**due: Any) -> Rows:
    return row(CorrectiveAction.id, CorrectiveAction.public_id, **OF_ACTION, **due)


def _runs(kind: ClockKind, subject: Any) -> Any:
    return and_(
        Clock.subject == subject,
        Clock.kind == kind.value,
        Clock.stopped_at.is_(None),
    )


ACKNOWLEDGE = _finding(due_at=Finding.acknowledge_by).where(
    Finding.owner_id == CALLER,
    IS_OPEN,
    Finding.acknowledge_by.is_not(None),
    Finding.acknowledged_at.is_(None),
)
REFER = (
    _finding(due_at=Clock.due_at)
    .select_from(Clock)
    .join(Finding, Finding.public_id == Clock.subject)
    .where(
        Clock.owner_id == CALLER,
        Clock.kind == ClockKind.REFERRAL.value,
        Clock.stopped_at.is_(None),
        IS_OPEN,
    )
)
DISPUTED = _finding(due_on=Finding.due_on).where(
    Finding.owner_id == CALLER, Finding.state == State.DISPUTED.value
)
RAISED = _finding(due_on=Finding.due_on).where(Finding.state == State.RAISED.value)
UNPLANNED = _finding(due_on=Finding.due_on).where(
    Finding.state == State.ACCEPTED.value,
    Finding.plan_agreed_on.is_(None),
    Finding.open_actions == 0,
    Finding.verified_actions == 0,
)
OWED = (
    row(
        Remedy.id,
        Finding.public_id,
        told=Finding.rule_id,
        site_id=Remedy.site_id,
        severity=Finding.severity,
        due_on=Remedy.due_on,
    )
    .select_from(Remedy)
    .join(Finding, Finding.id == Remedy.finding_id)
    .where(is_one_of(Remedy.standing, UNSETTLED))
)
TO_DO = frozenset(
    {ActionState.AGREED, ActionState.IN_PROGRESS, ActionState.NOT_EFFECTIVE}
)
DOING = _action(due_on=CorrectiveAction.due_on).where(
    is_one_of(CorrectiveAction.state, TO_DO),
    CorrectiveAction.due_on <= bindparam("in_a_fortnight"),
)
SENT_BACK = _action(due_on=CorrectiveAction.due_on).where(
    CorrectiveAction.state == ActionState.SENT_BACK.value
)
PROPOSED = _action().where(
    CorrectiveAction.owner_id == CALLER,
    CorrectiveAction.state == ActionState.PROPOSED.value,
)
REPORTED = (
    _action(due_at=Clock.due_at)
    .outerjoin(Clock, _runs(ClockKind.VERIFICATION, CorrectiveAction.public_id))
    .where(
        CorrectiveAction.owner_id == CALLER,
        CorrectiveAction.state == ActionState.REPORTED_DONE.value,
    )
)
ASKED_FOR_MORE = (
    row(
        Extension.id,
        CorrectiveAction.public_id,
        **OF_ACTION,
        due_at=Clock.due_at,
    )
    .select_from(Extension)
    .join(CorrectiveAction, CorrectiveAction.id == Extension.action_id)
    .outerjoin(Clock, _runs(ClockKind.EXTENSION_ANSWER, Extension.public_id))
    .where(
        looked_at(CorrectiveAction.owner_id == CALLER),
        plainly(Extension.state, ASKED),
    )
)
# What is over is answered no more: the site had its days.
OFFERED = row(
    AuditReply.id,
    AuditReply.public_id,
    site_id=AuditReply.site_id,
    due_at=AuditReply.due_at,
).where(
    AuditReply.answered_at.is_(None),
    AuditReply.closed_at.is_(None),
    AuditReply.due_at >= bindparam("now"),
)


def _of_findings(found: Rows) -> tuple[Rows, Rows]:
    return reached(found, Finding.owner_id, Finding.site_id)


def _of_actions(found: Rows) -> tuple[Rows, Rows]:
    return reached(found, CorrectiveAction.owner_id, CorrectiveAction.site_id)


OF_FINDINGS: Sources = {
    TaskKind.ACKNOWLEDGE: (ACKNOWLEDGE,),
    TaskKind.REFER: (REFER,),
    TaskKind.DECIDE_DISPUTE: (DISPUTED,),
    TaskKind.ANSWER_FINDING: _of_findings(RAISED),
    TaskKind.GIVE_PLAN: _of_findings(UNPLANNED),
    TaskKind.REPLY: reached(OFFERED, AuditReply.owner_id, AuditReply.site_id),
    TaskKind.SETTLE_REMEDY: reached(OWED, Remedy.owner_id, Remedy.site_id),
    TaskKind.DO_ACTION: _of_actions(DOING),
    TaskKind.PROPOSE_AGAIN: _of_actions(SENT_BACK),
    TaskKind.DECIDE_EXTENSION: (ASKED_FOR_MORE,),
    TaskKind.VERIFY_ACTION: (REPORTED,),
    TaskKind.AGREE_ACTION: (PROPOSED,),
}
