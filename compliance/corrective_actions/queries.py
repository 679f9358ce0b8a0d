"""What can be read of corrective actions: a page of them, one with all that hangs on it."""

import functools
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    and_,
    bindparam,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.corrective_actions.codes import (
    ActionCode,
    ExtensionReason,
    OwnerRole,
    ProofKind,
    RootCause,
    StepReason,
)
from compliance.corrective_actions.lifecycle import (
    OWED,
    PERMISSIONS,
    STEPS,
    State,
    Step,
    reached_by,
)
from compliance.corrective_actions.models import (
    CorrectiveAction,
    CorrectiveActionStep,
    Extension,
    Proof,
)
from compliance.database import Page
from compliance.findings.lifecycle import EvidenceKind
from compliance.findings.models import Finding
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.merging import same_site
from compliance.registry.models import Site
from compliance.registry.visibility import relation, sight_of, visible
from compliance.texts import N_


class ActionNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such corrective action")
    detail = N_(
        "No corrective action of yours has the id {action}. "
        "GET /v1/corrective-actions lists those you may see."
    )


@dataclass(frozen=True)
class ActionRecord:
    """What a site does about a cause, by when, and how far it has come."""

    id: uuid.UUID
    public_id: str
    relation: Relation
    owner_id: OrganisationId
    site_id: SiteId
    site_public_id: str
    site_name: str
    finding_id: uuid.UUID
    finding: str
    rule: str
    number: int
    round: int
    is_of_this_round: bool
    root_cause: RootCause
    action: ActionCode
    owner_role: OwnerRole
    due_on: date
    first_due_on: date
    state: State
    proposed_at: datetime
    agreed_on: date | None
    reported_on: date | None
    ended_on: date | None
    extended: int
    key_id: uuid.UUID

    def is_late(self, on: date) -> bool:
        """Tell what the site still owes after its day."""
        return self.state in OWED and on > self.due_on


@dataclass(frozen=True)
class StepRecord:
    ordinal: int
    step: Step
    state: State
    reason: StepReason | None
    evidence_kind: EvidenceKind | None
    due_on: date | None
    actor: str
    taken_at: datetime


@dataclass(frozen=True)
class ExtensionRecord:
    public_id: str
    reason: ExtensionReason
    due_before: date
    until: date
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class ProofRecord:
    id: uuid.UUID
    public_id: str
    kind: ProofKind
    sha256: str
    size: int
    media_type: str
    file_sha256: str
    added_by: str
    added_at: datetime


# An action is told with the record that is kept of its site.
Own = aliased(Site)
OF_ACTION = (Resource.CORRECTIVE_ACTION, Action.READ)
STATEMENT: Select[*tuple[Any, ...]] = (
    select(
        CorrectiveAction.id,
        CorrectiveAction.public_id,
        relation(*OF_ACTION).label("relation"),
        CorrectiveAction.owner_id,
        CorrectiveAction.site_id,
        Site.public_id.label("site_public_id"),
        Site.name.label("site_name"),
        CorrectiveAction.finding_id,
        Finding.public_id.label("finding"),
        Finding.rule_id,
        Finding.came_back,
        CorrectiveAction.number,
        CorrectiveAction.round,
        CorrectiveAction.root_cause,
        CorrectiveAction.action,
        CorrectiveAction.owner_role,
        CorrectiveAction.due_on,
        CorrectiveAction.first_due_on,
        CorrectiveAction.state,
        CorrectiveAction.proposed_at,
        CorrectiveAction.agreed_on,
        CorrectiveAction.reported_on,
        CorrectiveAction.ended_on,
        CorrectiveAction.extended,
        CorrectiveAction.key_id,
    )
    .join(Finding, Finding.id == CorrectiveAction.finding_id)
    .join(Own, Own.id == CorrectiveAction.site_id)
    .join(Site, Site.id == Own.kept_id)
)
IS_OWN = CorrectiveAction.owner_id == bindparam("organisation_id")
IS_OWED = or_(*(CorrectiveAction.state == state.value for state in sorted(OWED)))
OF_ONE: BindParameter[uuid.UUID] = bindparam("action_id")
STEPS_OF = (
    select(CorrectiveActionStep)
    .with_only_columns(*CorrectiveActionStep.__table__.columns)
    .where(CorrectiveActionStep.action_id == OF_ONE)
    .order_by(CorrectiveActionStep.ordinal)
)
EXTENSIONS_OF = (
    select(*Extension.__table__.columns)
    .where(Extension.action_id == OF_ONE)
    .order_by(Extension.ordinal)
)
PROOFS_OF = (
    select(*Proof.__table__.columns).where(Proof.action_id == OF_ONE).order_by(Proof.id)
)
# Everybody who worked on the correction of a finding: the site's side of every action.
WORKED_ON = (
    select(CorrectiveActionStep.actor)
    .join(CorrectiveAction, CorrectiveAction.id == CorrectiveActionStep.action_id)
    .where(
        CorrectiveAction.finding_id == bindparam("finding_id"),
        or_(
            *(
                CorrectiveActionStep.step == one.value
                for one in Step
                if PERMISSIONS.get(one) is not Permission.DECIDE_FINDINGS
            )
        ),
    )
)
GAVE_PROOF = (
    select(Proof.added_by)
    .join(CorrectiveAction, CorrectiveAction.id == Proof.action_id)
    .where(CorrectiveAction.finding_id == bindparam("finding_id"))
)
ASKED_FOR_MORE = (
    select(Extension.asked_by)
    .join(CorrectiveAction, CorrectiveAction.id == Extension.action_id)
    .where(CorrectiveAction.finding_id == bindparam("finding_id"))
)


def corrective_action(session: Session, scope: Scope, public_id: str) -> ActionRecord:
    """Return one corrective action of a site that the caller owns or operates.

    Raise ActionNotFound for any other.
    """
    scope.require(Permission.READ_FINDINGS)
    missing = ActionNotFound(action=public_id)
    return LISTED.one(session, sight_of(scope), public_id, missing)


def corrective_actions(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    seen_as: Relation = Relation.OWN,
    is_late: bool | None = None,
    due_before: date | None = None,
    **wanted: str | None,
) -> Page[ActionRecord]:
    """Return a page of corrective actions in the order in which they were proposed.

    They are of the caller's own findings, or of the sites it operates. `wanted` filters
    by site and finding (public ids), state and owner_role.
    """
    scope.require(Permission.READ_FINDINGS)
    today = clock.today()
    return _seen_as(seen_as).page(
        session,
        sight_of(scope),
        rows=rows,
        after=after,
        wanted={
            **wanted,
            "due_before": due_before,
            "late_on": today if is_late else None,
            "in_time_on": today if is_late is False else None,
        },
    )


def actions_of_finding(
    session: Session, scope: Scope, finding_id: uuid.UUID
) -> tuple[ActionRecord, ...]:
    """Return every corrective action of a finding, of earlier rounds too, in order."""
    scope.require(Permission.READ_FINDINGS)
    rows = session.execute(OF_FINDING, {**sight_of(scope), "finding_id": finding_id})
    return tuple(_record(row) for row in rows)


def actions_of_site(
    session: Session, scope: Scope, site_id: SiteId
) -> tuple[ActionRecord, ...]:
    """Return every corrective action of a kept site, those of earlier rounds too."""
    scope.require(Permission.READ_FINDINGS)
    rows = session.execute(OF_SITE, {**sight_of(scope), "site_id": site_id})
    return tuple(_record(row) for row in rows)


def steps_of(
    session: Session, scope: Scope, found: ActionRecord
) -> tuple[StepRecord, ...]:
    """Return the steps of an action that the caller has read, the first one first."""
    scope.require(Permission.READ_FINDINGS)
    return tuple(
        StepRecord(
            ordinal=row.ordinal,
            step=Step(row.step),
            state=State(row.state),
            reason=None if row.reason is None else StepReason(row.reason),
            evidence_kind=None
            if row.evidence_kind is None
            else EvidenceKind(row.evidence_kind),
            due_on=row.due_on,
            actor=row.actor,
            taken_at=row.taken_at,
        )
        for row in session.execute(STEPS_OF, {"action_id": found.id})
    )


def extensions_of(
    session: Session, scope: Scope, found: ActionRecord
) -> tuple[ExtensionRecord, ...]:
    """Return every request for more time, the first one first."""
    scope.require(Permission.READ_FINDINGS)
    return tuple(
        ExtensionRecord(
            public_id=row.public_id,
            reason=ExtensionReason(row.reason),
            due_before=row.due_before,
            until=row.until,
            state=row.state,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in session.execute(EXTENSIONS_OF, {"action_id": found.id})
    )


def proofs_of(
    session: Session, scope: Scope, found: ActionRecord
) -> tuple[ProofRecord, ...]:
    """Return what is known of the files of an action, in the order they were given."""
    scope.require(Permission.READ_FINDINGS)
    return tuple(
        ProofRecord(
            id=row.id,
            public_id=row.public_id,
            kind=ProofKind(row.kind),
            sha256=row.sha256,
            size=row.size,
            media_type=row.media_type,
            file_sha256=row.file_sha256,
            added_by=row.added_by,
            added_at=row.added_at,
        )
        for row in session.execute(PROOFS_OF, {"action_id": found.id})
    )


def worked_on_by(session: Session, finding_id: uuid.UUID) -> frozenset[str]:
    """Return who stood on the site's side of a finding's actions, in any round."""
    found: set[str] = set()
    for statement in (WORKED_ON, GAVE_PROOF, ASKED_FOR_MORE):
        found |= set(session.execute(statement, {"finding_id": finding_id}).scalars())
    return frozenset(found)


def possible_steps(found: ActionRecord, scope: Scope) -> tuple[Step, ...]:
    """Return the steps that the caller's role can take now.

    Whether the caller is independent enough, the step itself tells.
    """
    return tuple(
        step
        for step in STEPS[found.state]
        if scope.may(PERMISSIONS[step]) and found.relation in reached_by(step)
    )


def _record(row: Row[*tuple[Any, ...]]) -> ActionRecord:
    return ActionRecord(
        id=row.id,
        public_id=row.public_id,
        relation=Relation(row.relation),
        owner_id=OrganisationId(row.owner_id),
        site_id=SiteId(row.site_id),
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        finding_id=row.finding_id,
        finding=row.finding,
        rule=row.rule_id,
        number=row.number,
        round=row.round + 1,
        is_of_this_round=row.round == row.came_back,
        root_cause=RootCause(row.root_cause),
        action=ActionCode(row.action),
        owner_role=OwnerRole(row.owner_role),
        due_on=row.due_on,
        first_due_on=row.first_due_on,
        state=State(row.state),
        proposed_at=row.proposed_at,
        agreed_on=row.agreed_on,
        reported_on=row.reported_on,
        ended_on=row.ended_on,
        extended=row.extended,
        key_id=row.key_id,
    )


LISTED = Listing(
    STATEMENT.where(visible(*OF_ACTION)),
    CorrectiveAction.id,
    CorrectiveAction.public_id,
    _record,
    {
        **equal_to(
            site=Site.public_id,
            finding=Finding.public_id,
            state=CorrectiveAction.state,
            owner_role=CorrectiveAction.owner_role,
        ),
        "due_before": CorrectiveAction.due_on < bindparam("due_before"),
        "late_on": and_(IS_OWED, CorrectiveAction.due_on < bindparam("late_on")),
        "in_time_on": not_(
            and_(IS_OWED, CorrectiveAction.due_on < bindparam("in_time_on"))
        ),
    },
)
OF_SITE = LISTED.statement.where(same_site(CorrectiveAction.site_id)).order_by(
    CorrectiveAction.finding_id, CorrectiveAction.number
)
OF_FINDING = LISTED.statement.where(
    CorrectiveAction.finding_id == bindparam("finding_id")
).order_by(CorrectiveAction.number)


@functools.cache
def _seen_as(wanted: Relation) -> Listing[ActionRecord]:
    """Return the corrective actions that the caller reaches in one way."""
    is_seen = visible(*OF_ACTION, {wanted})
    clause = IS_OWN if wanted is Relation.OWN else is_seen
    return replace(LISTED, statement=STATEMENT.where(clause))
