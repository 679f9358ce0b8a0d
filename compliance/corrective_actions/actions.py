"""What can be done about corrective actions: propose one, and take its steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.corrective_actions import extensions
from compliance.corrective_actions.codes import (
    ActionCode,
    ExtensionReason,
    OwnerRole,
    RootCause,
    StepReason,
    TextKind,
)
from compliance.corrective_actions.lifecycle import (
    ENDED,
    OF_SITE,
    PERMISSIONS,
    REASONS,
    State,
    Step,
    reached_by,
    step,
)
from compliance.corrective_actions.models import CorrectiveAction
from compliance.corrective_actions.noting import (
    Finding,
    change,
    follow,
    involved,
    lock,
    note,
    record,
    run,
)
from compliance.corrective_actions.policy import FOLLOWING, last_day, must_be_at_once
from compliance.corrective_actions.queries import (
    ActionRecord,
    corrective_action,
    proofs_of,
)
from compliance.corrective_actions.texts import keep_texts, key_of
from compliance.database import on_behalf_of
from compliance.findings.deadlines import DEADLINES
from compliance.findings.lifecycle import EvidenceKind
from compliance.findings.lifecycle import State as FindingState
from compliance.findings.noting import locked
from compliance.findings.queries import finding as finding_named
from compliance.identifiers import OrganisationId, SiteId, new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource, reach
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.problems import Kind, Problem
from compliance.sealing import DataKey, Keyring, new_data_key
from compliance.texts import N_
from rules import Severity


class FindingNotAccepted(Problem):
    kind = Kind.CONFLICT
    title = N_("Only an accepted finding is corrected")
    detail = N_(
        "{finding} is {state}. Accept it first, or wait until its dispute is decided; "
        "what is closed was corrected."
    )


class DueTooLate(Problem):
    kind = Kind.INVALID
    title = N_("The corrective action would end too late")
    detail = N_(
        "'due_on' is {due_on}, but {finding} allows {latest} at the latest. Give an "
        "earlier day, or say with 'extension_reason' why it takes longer; somebody "
        "independent then decides on it."
    )


class DueAtOnce(Problem):
    kind = Kind.INVALID
    title = N_("What nobody tolerates stops at once")
    detail = N_(
        "'due_on' is {due_on}. The harm of a zero-tolerance finding stops and those "
        "harmed are protected today, {today}; there is no extension of that."
    )


class DueInThePast(Problem):
    kind = Kind.INVALID
    title = N_("The corrective action would end before it began")
    detail = N_("'due_on' is {due_on}; give a day from {today} on.")


class TooManyActions(Problem):
    kind = Kind.CONFLICT
    title = N_("This finding has too many corrective actions")
    detail = N_("{finding} has {limit}; more than that is no plan.")


class ActionNotIndependent(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Somebody independent must do this")
    detail = N_(
        "Whoever raised the finding, or proposed, did, reported or proved a corrective "
        "action of it, cannot take the step {step}. Ask another reviewer or "
        "administrator of the organisation that keeps the site's record."
    )


class ActionNotYours(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Whoever keeps the record of the site decides on its corrective actions")
    detail = N_(
        "You operate the site of {action}: you propose, do and report; the step {step} "
        "is for the organisation that keeps the site's record."
    )


class ActionStepIncomplete(Problem):
    kind = Kind.INVALID
    title = N_("The step lacks something, or says too much")
    detail = N_("The step {step} takes '{field}' as follows: {remedy}.")


class NothingProven(Problem):
    kind = Kind.CONFLICT
    title = N_("At a desk, nothing can be verified without a proof")
    detail = N_(
        "{action} has no file that shows what was done. Ask for one, or verify it on "
        "site."
    )


@dataclass(frozen=True)
class Proposal:
    """What a site proposes; the texts are sealed, and only they may be in own words."""

    root_cause: RootCause
    action: ActionCode
    owner_role: OwnerRole
    due_on: date
    extension_reason: ExtensionReason | None = None
    texts: Mapping[TextKind, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Words:
    """What is said with a step; which of it, depends on the step."""

    reason: StepReason | None = None
    evidence_kind: EvidenceKind | None = None
    remark: str | None = field(default=None, repr=False)


COUNT = select(func.count(), func.coalesce(func.max(CorrectiveAction.number), 0)).where(
    CorrectiveAction.finding_id == bindparam("finding_id")
)
NO_WORDS = Words()
VERIFYING = frozenset({Step.VERIFY, Step.FIND_INEFFECTIVE})
EVENTS = {
    Step.PROPOSE_AGAIN: AlertEvent.PLAN_PROPOSED,
    Step.AGREE: AlertEvent.PLAN_ANSWERED,
    Step.SEND_BACK: AlertEvent.PLAN_ANSWERED,
    Step.REPORT_DONE: AlertEvent.EVIDENCE_GIVEN,
    Step.VERIFY: AlertEvent.VERIFIED,
    Step.FIND_INEFFECTIVE: AlertEvent.VERIFIED,
}


def propose(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    finding: str,
    proposal: Proposal,
) -> ActionRecord:
    """Propose a corrective action of an accepted finding, and return it.

    A day after the finding's own needs a reason; the action then is due on the finding's
    day until somebody grants more.
    """
    scope.require(Permission.READ_FINDINGS)
    before = locked(session, scope, finding)
    scope.require(Permission.ANSWER_FINDINGS)
    if before.state != FindingState.ACCEPTED:
        raise FindingNotAccepted(finding=finding, state=before.state)
    count, last = session.execute(COUNT, {"finding_id": before.id}).one()
    if count >= limits.ACTIONS_OF_FINDING:
        raise TooManyActions(finding=finding, limit=limits.ACTIONS_OF_FINDING)
    due_on = _day_of(session, scope, finding, proposal)
    owner_id = OrganisationId(before.owner_id)
    with on_behalf_of(session, owner_id):  # the key is the keeper's, whoever proposes
        key = new_data_key(session, keyring, owner_id)
    action_id, public_id = new_id(), new_public_id("action")
    session.execute(
        insert(CorrectiveAction).values(
            id=action_id,
            public_id=public_id,
            owner_id=before.owner_id,
            site_id=before.site_id,
            finding_id=before.id,
            number=last + 1,
            round=before.came_back,
            root_cause=proposal.root_cause,
            action=proposal.action,
            owner_role=proposal.owner_role,
            due_on=due_on,
            first_due_on=due_on,
            state=State.PROPOSED,
            proposed_at=clock.now(),
            extended=0,
            key_id=key.id,
        )
    )
    note(session, scope, action_id, 1, Step.PROPOSE, State.PROPOSED, due_on=due_on)
    record(
        session,
        scope,
        owner_id,
        public_id,
        Step.PROPOSE,
        state=State.PROPOSED,
        finding=finding,
        root_cause=proposal.root_cause,
        does=proposal.action,
        due_on=due_on,
    )
    keep_texts(session, key, action_id, 1, proposal.texts)
    _follow(session, scope, before, public_id, AlertEvent.PLAN_PROPOSED)
    run(session, scope, before, public_id, ClockKind.CORRECTION, due_on)
    _ask_for_the_rest(session, scope, public_id, proposal)
    return corrective_action(session, scope, public_id)


def take_step(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    public_id: str,
    wanted: Step,
    words: Words = NO_WORDS,
    *,
    proposal: Proposal | None = None,
) -> ActionRecord:
    """Take a step of an action, and return it as it then is.

    `proposal` replaces one that was sent back, and comes with that step alone.
    """
    scope.require(Permission.READ_FINDINGS)
    before, finding = lock(session, scope, public_id)
    scope.require(PERMISSIONS[wanted])
    if before.relation not in reached_by(wanted):
        raise ActionNotYours(action=public_id, step=wanted)
    state = step(before.state, wanted)
    _check_words(wanted, words, proposal)
    if wanted not in OF_SITE and scope.actor in involved(session, scope, finding):
        raise ActionNotIndependent(step=wanted)
    if words.evidence_kind is EvidenceKind.DESK and wanted is Step.VERIFY:
        _require_proof(session, scope, before)
    changes = {"state": state, **_changes(session, scope, before, state, proposal)}
    ordinal = change(
        session,
        scope,
        before,
        wanted,
        changes,
        reason=words.reason,
        evidence_kind=words.evidence_kind,
        due_on=changes.get("due_on"),
    )
    key = key_of(session, keyring, before.owner_id, before.key_id)
    _keep_words(session, key, before, ordinal, words, proposal)
    if state in ENDED:
        extensions.lapse(session, before)
    _run(session, scope, before, finding, state, changes)
    _follow(session, scope, finding, public_id, EVENTS.get(wanted))
    if proposal is not None:
        _ask_for_the_rest(session, scope, public_id, proposal)
    return corrective_action(session, scope, public_id)


def _day_of(session: Session, scope: Scope, finding: str, proposal: Proposal) -> date:
    """Return the day a proposed action is due, or raise what is wrong with it."""
    today = clock.today()
    found = finding_named(session, scope, finding)
    owner_id = OrganisationId(found.owner_id)
    entry = in_force(session, scope, DEADLINES, today, owner_id=owner_id)
    latest = last_day(found, proposal.action, entry, today)
    if proposal.due_on < today:
        raise DueInThePast(due_on=proposal.due_on.isoformat(), today=today.isoformat())
    if proposal.due_on <= latest:
        return proposal.due_on
    if must_be_at_once(found, proposal.action):
        raise DueAtOnce(due_on=proposal.due_on.isoformat(), today=today.isoformat())
    if proposal.extension_reason is None:
        raise DueTooLate(
            due_on=proposal.due_on.isoformat(),
            finding=finding,
            latest=latest.isoformat(),
        )
    return latest


def _ask_for_the_rest(
    session: Session, scope: Scope, public_id: str, proposal: Proposal
) -> None:
    """Ask for the days beyond the finding's own, where a proposal named a reason."""
    due_on = corrective_action(session, scope, public_id).due_on
    if proposal.due_on > due_on and proposal.extension_reason is not None:
        extensions.ask(
            session,
            scope,
            public_id,
            reason=proposal.extension_reason,
            until=proposal.due_on,
        )


def _check_words(wanted: Step, words: Words, proposal: Proposal | None) -> None:
    reasons = REASONS.get(wanted, frozenset())
    if (words.reason is None) == bool(reasons) or (
        words.reason is not None and words.reason not in reasons
    ):
        _incomplete(wanted, "reason", ", ".join(sorted(reasons)))
    if (words.evidence_kind is None) == (wanted in VERIFYING):
        kinds = ", ".join(EvidenceKind) if wanted in VERIFYING else ""
        _incomplete(wanted, "evidence_kind", kinds)
    if (proposal is None) == (wanted is Step.PROPOSE_AGAIN):
        _incomplete(wanted, "proposal", "")


def _incomplete(wanted: Step, name: str, remedy: str) -> None:
    raise ActionStepIncomplete(step=wanted, field=name, remedy=remedy or "-")


def _require_proof(session: Session, scope: Scope, before: ActionRecord) -> None:
    if not proofs_of(session, scope, before):
        raise NothingProven(action=before.public_id)


def _changes(
    session: Session,
    scope: Scope,
    before: ActionRecord,
    state: State,
    proposal: Proposal | None,
) -> dict[str, object]:
    """Return what a step changes besides the state."""
    today = clock.today()
    match state:
        case State.AGREED:
            return {"agreed_on": today}
        case State.REPORTED_DONE:
            return {"reported_on": today}
        case State.VERIFIED | State.CANCELLED:
            return {"ended_on": today}
        case State.PROPOSED if proposal is not None:
            return {
                "root_cause": proposal.root_cause,
                "action": proposal.action,
                "owner_role": proposal.owner_role,
                "due_on": _day_of(session, scope, before.finding, proposal),
            }
        case _:
            return {}


def _keep_words(
    session: Session,
    key: DataKey,
    before: ActionRecord,
    ordinal: int,
    words: Words,
    proposal: Proposal | None,
) -> None:
    texts = dict(proposal.texts) if proposal is not None else {}
    if words.remark is not None:
        texts[TextKind.REMARK] = words.remark
    keep_texts(session, key, before.id, ordinal, texts)


def _run(
    session: Session,
    scope: Scope,
    before: ActionRecord,
    finding: Finding,
    state: State,
    changes: Mapping[str, object],
) -> None:
    """Let the clock of whose turn it is run, and the other stand still."""
    public_id = before.public_id
    if state is State.REPORTED_DONE:
        clocks.stop(session, public_id, ClockKind.CORRECTION)
        today, owner_id = clock.today(), before.owner_id
        entry = in_force(session, scope, FOLLOWING, today, owner_id=owner_id)
        until = today + timedelta(days=entry.verification_days)
        run(session, scope, finding, public_id, ClockKind.VERIFICATION, until)
        return
    clocks.stop(session, public_id, ClockKind.VERIFICATION)
    if state in ENDED:
        clocks.stop(session, public_id, ClockKind.CORRECTION)
    elif state in {State.PROPOSED, State.NOT_EFFECTIVE}:
        due_on = changes.get("due_on", before.due_on)
        if isinstance(due_on, date):
            run(session, scope, finding, public_id, ClockKind.CORRECTION, due_on)


def _follow(
    session: Session,
    scope: Scope,
    finding: Finding,
    public_id: str,
    event: AlertEvent | None,
) -> None:
    """Let the finding follow, and tell whoever waits for it."""
    follow(session, scope, finding)
    if event is not None:
        raise_alert(
            session,
            owner_id=OrganisationId(finding.owner_id),
            event=event,
            subject=public_id,
            site_id=SiteId(finding.site_id),
            severity=Severity(finding.severity),
        )


def may_propose(scope: Scope, relation: Relation) -> bool:
    """Tell whether the caller may propose actions of a finding it stands so to."""
    reaches = reach(Resource.CORRECTIVE_ACTION, Action.ANSWER)
    return scope.may(Permission.ANSWER_FINDINGS) and relation in reaches
