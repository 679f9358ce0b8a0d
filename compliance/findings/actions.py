"""What can be done about findings: the steps that people decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from compliance import clock
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks.models import ClockKind
from compliance.findings import running
from compliance.findings.deadlines import RED_FLAGS
from compliance.findings.lifecycle import (
    PERMISSIONS,
    EvidenceKind,
    Reason,
    State,
    Step,
    reached_by,
    step,
)
from compliance.findings.noting import alter, change, locked
from compliance.findings.queries import FindingRecord, StepRecord, finding, steps_of
from compliance.findings.standing import (
    Basis,
    Body,
    CompetentBodyNeeded,
    NothingToConfirm,
    NotLower,
    PersonNeeded,
    Standing,
    surer,
)
from compliance.findings.statements import (
    Stated,
    Written,
    keep_confirmation,
    keep_statement,
)
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import Severity


class StepIncomplete(Problem):
    kind = Kind.INVALID
    title = N_("The step lacks something")
    detail = N_("The step {step} needs '{field}': {remedy}.")


class StepSaysTooMuch(Problem):
    kind = Kind.INVALID
    title = N_("The step takes no such thing")
    detail = N_("The step {step} takes no '{field}'; leave it out.")


class NotIndependent(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Somebody else must decide this")
    detail = N_(
        "Whoever raised a finding, answered it or worked on its correction cannot take "
        "the step {step}. Ask another reviewer or administrator of your organisation."
    )


class NotYoursToDecide(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Whoever keeps the record of the site decides this")
    detail = N_(
        "You operate the site of {finding} and can accept or dispute it; the step "
        "{step} is for the organisation that keeps the site's record."
    )


class ActionsNotVerified(Problem):
    kind = Kind.CONFLICT
    title = N_("Its corrective actions are not all verified")
    detail = N_(
        "{finding} has {open} corrective actions that are neither verified nor "
        "cancelled. GET /v1/corrective-actions?finding={finding} lists them."
    )


class NothingVerified(Problem):
    kind = Kind.CONFLICT
    title = N_("No corrective action of this finding was verified")
    detail = N_(
        "A finding is closed when at least one corrective action was verified. One that "
        "is no red flag can also be closed without any, where somebody went there and "
        "found it corrected before: evidence_kind site, reason "
        "corrected_before_visit."
    )


@dataclass(frozen=True)
class Words:
    """What can be said with a step; which of it, depends on the step."""

    reason: Reason | None = None
    evidence_kind: EvidenceKind | None = None
    statement: Written | None = None
    standing: Standing | None = None
    basis: Basis | None = None
    stated: Stated | None = None


@dataclass(frozen=True)
class Plan:
    """What the corrective actions of a finding's present round come to."""

    agreed: bool
    due_on: date | None
    open_actions: int
    verified_actions: int


# What a step must say beside its name, and what it may say; nothing else.
NEEDS: dict[Step, tuple[str, str]] = {
    Step.DISPUTE: ("reason", ", ".join(Reason)),
    Step.WITHDRAW: ("reason", ", ".join(Reason)),
    Step.CONFIRM: ("basis", ", ".join(Basis)),
    Step.CLOSE: ("evidence_kind", ", ".join(EvidenceKind)),
}
TAKES: dict[Step, frozenset[str]] = {
    Step.DISPUTE: frozenset({"statement"}),
    Step.UPHOLD: frozenset({"statement", "standing"}),
    Step.WITHDRAW: frozenset({"statement"}),
    Step.CONFIRM: frozenset({"stated"}),
    Step.CLOSE: frozenset({"reason"}),
}
# Who answered is not asked whether the answer was right.
ANSWERS = frozenset({Step.DISPUTE})
DECIDED_APART = frozenset({Step.UPHOLD, Step.WITHDRAW, Step.CONFIRM, Step.CLOSE})
NO_WORDS = Words()


def take_step(
    session: Session,
    scope: Scope,
    public_id: str,
    wanted: Step,
    words: Words = NO_WORDS,
    *,
    worked_on_by: frozenset[str] = frozenset(),
) -> FindingRecord:
    """Take a step that somebody decides, and return the finding as it then is.

    Whoever is among `worked_on_by` does not close it; `corrective_actions.closing`
    knows who they are.
    """
    scope.require(Permission.READ_FINDINGS)
    before = locked(session, scope, public_id)
    scope.require(PERMISSIONS[wanted])
    if Relation(before.relation) not in reached_by(wanted):
        raise NotYoursToDecide(finding=public_id, step=wanted)
    state = step(State(before.state), wanted)
    _check_words(wanted, words)
    if wanted in DECIDED_APART:
        _require_independence(session, scope, public_id, wanted, worked_on_by)
    changes: dict[str, object] = {"state": state}
    if before.acknowledged_at is None:
        changes["acknowledged_at"] = clock.now()
    changes.update(_changes(scope, before, wanted, words))
    ordinal = change(
        session,
        scope,
        before,
        wanted,
        changes,
        reason=words.reason,
        evidence_kind=words.evidence_kind,
    )
    _keep_words(session, before, wanted, ordinal, words)
    _follow(session, before, wanted)
    return finding(session, scope, public_id)


def note_plan(
    session: Session, scope: Scope, before: Row[*tuple[Any, ...]], plan: Plan
) -> None:
    """Let a locked finding follow its corrective actions: its plan, and what is open.

    The plan is agreed when somebody independent agreed it, and once: what is added to it
    later changes its day and not that it stands.
    """
    today = clock.today()
    changes: dict[str, object] = {
        "state": State(before.state),
        "open_actions": plan.open_actions,
        "verified_actions": plan.verified_actions,
        "plan_due_on": plan.due_on if plan.agreed else None,
        "plan_agreed_on": (before.plan_agreed_on or today) if plan.agreed else None,
    }
    is_new = plan.agreed and before.plan_agreed_on is None
    if is_new:
        changes["state"] = step(State(before.state), Step.AGREE_PLAN)
        due_on = plan.due_on
        change(session, scope, before, Step.AGREE_PLAN, changes, due_on=due_on)
        running.stop(session, before.public_id, ClockKind.PLAN)
    else:
        alter(session, before, changes)


def _check_words(wanted: Step, words: Words) -> None:
    needed, remedy = NEEDS.get(wanted, (None, ""))
    allowed = TAKES.get(wanted, frozenset())
    for name, value in vars(words).items():
        if name == needed and value is None:
            raise StepIncomplete(step=wanted, field=name, remedy=remedy)
        if value is not None and name != needed and name not in allowed:
            raise StepSaysTooMuch(step=wanted, field=name)


def _require_independence(
    session: Session,
    scope: Scope,
    public_id: str,
    wanted: Step,
    worked_on_by: frozenset[str],
) -> None:
    """Whoever raised or answered a finding does not decide on it; nor a program."""
    if scope.actor in involved(steps_of(session, scope, public_id)) | worked_on_by:
        raise NotIndependent(step=wanted)


def involved(steps: Iterable[StepRecord]) -> frozenset[str]:
    """Return who raised or answered a finding, and so decides nothing about it."""
    return frozenset(
        taken.actor for taken in steps if taken.was_seen or taken.step in ANSWERS
    )


def _changes(
    scope: Scope, before: Row[*tuple[Any, ...]], wanted: Step, words: Words
) -> dict[str, object]:
    """Return what a step changes besides the state."""
    match wanted:
        case Step.CONFIRM:
            _require_confirmable(scope, before, words)
            return {"standing": Standing.CONFIRMED}
        case Step.UPHOLD if words.standing is not None:
            return {"standing": _not_above(before, words.standing)}
        case Step.WITHDRAW:
            return {"standing": None}
        case Step.CLOSE:
            _require_corrected(before, words)
            return {"closed_on": clock.today()}
        case _:
            return {}


def _require_confirmable(
    scope: Scope, before: Row[*tuple[Any, ...]], words: Words
) -> None:
    """Refuse a confirmation by a program, of another topic, or without what it needs."""
    if before.standing is None:
        raise NothingToConfirm(finding=before.public_id, topic=before.topic)
    if scope.person_id is None:
        raise PersonNeeded
    is_of_body = words.basis is Basis.COMPETENT_BODY
    if before.is_forced_labour and not is_of_body:
        raise CompetentBodyNeeded(
            basis=Basis.COMPETENT_BODY.value, bodies=", ".join(Body)
        )
    if is_of_body and words.stated is None:
        raise StepIncomplete(step=Step.CONFIRM, field="body", remedy=", ".join(Body))
    if words.stated is not None and not is_of_body:
        raise StepSaysTooMuch(step=Step.CONFIRM, field="body")


def _not_above(before: Row[*tuple[Any, ...]], wanted: Standing) -> Standing:
    known = None if before.standing is None else Standing(before.standing)
    if surer(known, wanted) is not known:
        raise NotLower(
            finding=before.public_id, standing=before.standing or "-", wanted=wanted
        )
    return wanted


def _require_corrected(before: Row[*tuple[Any, ...]], words: Words) -> None:
    """Close on what was verified; without any action, only where it needed none.

    Somebody who went there can find that the site had corrected it before anybody
    asked. A red flag is not closed so: that the harm stopped, and what was done for whom
    it was done to, is itself something to be verified.
    """
    if before.open_actions:
        raise ActionsNotVerified(finding=before.public_id, open=before.open_actions)
    if before.verified_actions:
        if words.reason is not None:
            raise StepSaysTooMuch(step=Step.CLOSE, field="reason")
        return
    is_corrected_before = (
        words.evidence_kind is EvidenceKind.SITE
        and words.reason is Reason.CORRECTED_BEFORE_VISIT
        and Severity(before.severity) not in RED_FLAGS
    )
    if not is_corrected_before:
        raise NothingVerified(finding=before.public_id)


def _keep_words(
    session: Session,
    before: Row[*tuple[Any, ...]],
    wanted: Step,
    ordinal: int,
    words: Words,
) -> None:
    owner_id = OrganisationId(before.owner_id)
    if words.statement is not None:
        keep_statement(session, before.id, ordinal, owner_id, words.statement)
    if wanted is Step.CONFIRM and words.basis is not None:
        keep_confirmation(
            session, before.id, ordinal, owner_id, words.basis, words.stated
        )


EVENTS = {
    Step.DISPUTE: AlertEvent.FINDING_DISPUTED,
    Step.UPHOLD: AlertEvent.FINDING_DECIDED,
    Step.WITHDRAW: AlertEvent.FINDING_DECIDED,
}
STOPPED = {Step.WITHDRAW: running.WITHDRAWN, Step.CLOSE: running.CLOSED}


def _follow(session: Session, before: Row[*tuple[Any, ...]], wanted: Step) -> None:
    """Stop the clocks of what was done, and tell whoever waits for it."""
    done = STOPPED.get(wanted, ())
    running.stop(session, before.public_id, ClockKind.ACKNOWLEDGE, *done)
    if wanted in EVENTS:
        raise_alert(
            session,
            owner_id=OrganisationId(before.owner_id),
            event=EVENTS[wanted],
            subject=before.public_id,
            site_id=SiteId(before.site_id),
            severity=Severity(before.severity),
        )
