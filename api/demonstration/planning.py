"""What the story's sites do about their findings: plans proposed, agreed, done, verified."""

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import assert_never

from sqlalchemy.orm import Session

from api.demonstration.story import Planning
from api.intake import keyring_of
from api.service import Service
from compliance import clock
from compliance.corrective_actions import actions, extensions, proofs
from compliance.corrective_actions.actions import Proposal, Words
from compliance.corrective_actions.closing import close
from compliance.corrective_actions.codes import (
    ActionCode,
    ExtensionReason,
    OwnerRole,
    ProofKind,
    RootCause,
)
from compliance.corrective_actions.extensions import ASKED
from compliance.corrective_actions.lifecycle import State, Step
from compliance.corrective_actions.policy import last_day
from compliance.corrective_actions.proofs import ArrivedProof
from compliance.corrective_actions.queries import (
    ActionRecord,
    actions_of_finding,
    corrective_action,
    extensions_of,
)
from compliance.findings.actions import Words as FindingWords
from compliance.findings.deadlines import DEADLINES
from compliance.findings.lifecycle import EvidenceKind, Reason
from compliance.findings.queries import FindingRecord, finding
from compliance.identity.scope import Scope
from rules import Severity, Topic

CAUSES: Mapping[Topic, tuple[RootCause, ActionCode, OwnerRole]] = {
    Topic.CHILD_LABOUR: (
        RootCause.NO_SCHOOL_OR_CARE,
        ActionCode.ACCESS_TO_SCHOOL_OR_CARE,
        OwnerRole.GROUP_COORDINATOR,
    ),
    Topic.FORCED_LABOUR: (
        RootCause.LABOUR_BROKER,
        ActionCode.RECRUIT_OTHERWISE,
        OwnerRole.SITE_OWNER,
    ),
    Topic.WAGES_AND_HOURS: (
        RootCause.LABOUR_SHORTAGE_AT_HARVEST,
        ActionCode.CHANGE_PAY_OR_HOURS,
        OwnerRole.HUMAN_RESOURCES,
    ),
    Topic.RECRUITMENT_AND_CONTRACTS: (
        RootCause.POLICY_MISSING,
        ActionCode.WRITE_CONTRACTS,
        OwnerRole.HUMAN_RESOURCES,
    ),
    Topic.HEALTH_AND_SAFETY: (
        RootCause.EQUIPMENT_MISSING,
        ActionCode.PROVIDE_EQUIPMENT,
        OwnerRole.HEALTH_AND_SAFETY,
    ),
    Topic.FREEDOM_OF_ASSOCIATION: (
        RootCause.NO_WORKER_VOICE,
        ActionCode.TRAIN,
        OwnerRole.SITE_OWNER,
    ),
    Topic.EQUAL_TREATMENT: (
        RootCause.SUPERVISION_LACKING,
        ActionCode.SUPERVISE,
        OwnerRole.FIELD_SUPERVISOR,
    ),
    Topic.GRIEVANCE_AND_MANAGEMENT: (
        RootCause.POLICY_MISSING,
        ActionCode.WRITE_OR_CHANGE_POLICY,
        OwnerRole.SITE_OWNER,
    ),
}
PROOF = b"%PDF-1.4\n% An invented paper of the demonstration: nothing stands in it.\n"


def plan(
    service: Service,
    session: Session,
    scope: Scope,
    found: FindingRecord,
    wanted: Planning,
    *,
    due_after: int,
) -> None:
    """Do something about the corrective actions of an accepted finding."""
    match wanted:
        case Planning.PROPOSE:
            if not found.open_actions:
                due_on = clock.today() + timedelta(days=due_after)
                _propose(service, session, scope, found, due_on)
        case Planning.AGREE:
            _agree(service, session, scope, found)
        case Planning.STOP:
            _report(service, session, scope, found, ActionCode.STOP_AND_PROTECT)
        case Planning.REPORT:
            _report(service, session, scope, found)
        case _:
            assert_never(wanted)


def verify_and_close(
    service: Service,
    session: Session,
    scope: Scope,
    found: FindingRecord,
    evidence: EvidenceKind,
) -> None:
    """Verify what was reported, and close the finding if that was all there was to do.

    What no red flag is can be closed without a plan, where a visit found it gone.
    """
    for one in _of_round(session, scope, found):
        if one.state is State.REPORTED_DONE:
            words = Words(evidence_kind=evidence)
            keyring = keyring_of(service)
            actions.take_step(
                session, scope, keyring, one.public_id, Step.VERIFY, words
            )
    now = finding(session, scope, found.public_id)
    if now.open_actions or (now.is_red_flag and not now.verified_actions):
        return
    is_without = not now.verified_actions
    reason = Reason.CORRECTED_BEFORE_VISIT if is_without else None
    close(session, scope, found.public_id, FindingWords(reason, evidence))


def _of_round(
    session: Session, scope: Scope, found: FindingRecord
) -> list[ActionRecord]:
    known = actions_of_finding(session, scope, found.id)
    return [one for one in known if one.is_of_this_round]


def _propose(
    service: Service,
    session: Session,
    scope: Scope,
    found: FindingRecord,
    due_on: date,
) -> None:
    today = clock.today()
    cause, action, owner = CAUSES[found.topic]
    stop = Proposal(cause, ActionCode.STOP_AND_PROTECT, owner, today)
    latest = max(today, last_day(found, action, DEADLINES.on(today), today))
    takes_longer = ExtensionReason.OUT_OF_SEASON if due_on > latest else None
    proposed = [Proposal(cause, action, owner, due_on, takes_longer)]
    if found.severity is Severity.ZERO_TOLERANCE:
        proposed.insert(0, stop)
    for one in proposed:
        actions.propose(session, scope, keyring_of(service), found.public_id, one)


def _agree(
    service: Service, session: Session, scope: Scope, found: FindingRecord
) -> None:
    for one in _of_round(session, scope, found):
        for asked in extensions_of(session, scope, one):
            if asked.state == ASKED:
                extensions.decide(
                    session, scope, one.public_id, asked.public_id, grant=True
                )
        if one.state is State.PROPOSED:
            keyring = keyring_of(service)
            actions.take_step(session, scope, keyring, one.public_id, Step.AGREE)


def _report(
    service: Service,
    session: Session,
    scope: Scope,
    found: FindingRecord,
    only: ActionCode | None = None,
) -> None:
    keyring = keyring_of(service)
    for one in _of_round(session, scope, found):
        if only not in {None, one.action}:
            continue
        if one.state is State.AGREED:
            actions.take_step(session, scope, keyring, one.public_id, Step.START)
        now = corrective_action(session, scope, one.public_id)
        if now.state is State.IN_PROGRESS:
            _prove(service, session, scope, now)
            actions.take_step(session, scope, keyring, one.public_id, Step.REPORT_DONE)


def _prove(
    service: Service, session: Session, scope: Scope, found: ActionRecord
) -> None:
    content = PROOF + f"% {found.number}\n".encode()
    incoming = service.files.incoming()
    with NamedTemporaryFile(dir=incoming) as file:
        file.write(content)
        file.flush()
        proofs.add_proof(
            session,
            scope,
            keyring_of(service),
            service.files,
            found.public_id,
            kind=ProofKind.OTHER_DOCUMENT,
            arrived=ArrivedProof(
                Path(file.name),
                hashlib.sha256(content).hexdigest(),
                len(content),
                "application/pdf",
            ),
        )
