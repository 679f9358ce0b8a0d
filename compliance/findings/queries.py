"""What can be read of findings: a page of them, one with its steps, those of a site."""

import functools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from compliance.clocks.models import LateBecause
from compliance.database import Page
from compliance.findings.deadlines import RED_FLAGS
from compliance.findings.lifecycle import (
    OPEN,
    PERMISSIONS,
    SEEN,
    STEPS,
    EvidenceKind,
    Reason,
    State,
    Step,
    reached_by,
)
from compliance.findings.models import Finding, FindingStep, SourceKind
from compliance.findings.standing import Standing
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.merging import same_site
from compliance.registry.models import Site
from compliance.registry.visibility import relation, sight_of, visible
from compliance.texts import N_
from rules import Severity, Topic


class FindingNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such finding")
    detail = N_(
        "No finding of yours has the reference {finding}. GET /v1/findings lists "
        "those you may see."
    )


@dataclass(frozen=True)
class FindingRecord:
    """What asks for an answer at a site, and how far it has come."""

    id: uuid.UUID
    public_id: str
    relation: Relation
    site_id: SiteId
    site_public_id: str
    site_name: str
    country: str
    number: int
    rule: str
    topic: Topic
    severity: Severity
    state: State
    raised_at: datetime
    raised_by: str
    observed_on: date
    observed_at: datetime
    last_seen_on: date
    due_on: date
    acknowledge_by: datetime | None
    refer_by: datetime | None
    acknowledged_at: datetime | None
    plan_agreed_on: date | None
    plan_due_on: date | None
    closed_on: date | None
    source_kind: SourceKind
    source: str
    owner_id: uuid.UUID
    standing: Standing | None = None
    late_because: LateBecause | None = None
    came_back: int = 0
    open_actions: int = 0
    verified_actions: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_red_flag(self) -> bool:
        return self.severity in RED_FLAGS

    @property
    def must_be_done_on(self) -> date:
        """The day that counts: the plan's, once one is agreed."""
        return self.plan_due_on or self.due_on

    def is_past_due(self, on: date) -> bool:
        return self.is_open and on > self.must_be_done_on


@dataclass(frozen=True)
class StepRecord:
    step: Step
    state: State
    reason: Reason | None
    evidence_kind: EvidenceKind | None
    due_on: date | None
    source: str | None
    actor: str
    taken_at: datetime

    @property
    def was_seen(self) -> bool:
        """Tell a step that a visit took from one that somebody decided."""
        return self.step in SEEN


# A finding is told with the record that is kept of its site.
Own = aliased(Site)
FINDINGS: Select[*tuple[Any, ...]] = select(
    Finding.id,
    Finding.public_id,
    relation(Resource.FINDING, Action.READ).label("relation"),
    Finding.site_id,
    Site.public_id.label("site_public_id"),
    Site.name.label("site_name"),
    Site.country,
    Finding.number,
    Finding.rule_id,
    Finding.topic,
    Finding.severity,
    Finding.state,
    Finding.raised_at,
    Finding.raised_by,
    Finding.observed_on,
    Finding.observed_at,
    Finding.last_seen_on,
    Finding.due_on,
    Finding.acknowledge_by,
    Finding.refer_by,
    Finding.acknowledged_at,
    Finding.plan_agreed_on,
    Finding.plan_due_on,
    Finding.closed_on,
    Finding.source_kind,
    Finding.source,
    Finding.owner_id,
    Finding.standing,
    Finding.late_because,
    Finding.came_back,
    Finding.open_actions,
    Finding.verified_actions,
)
FINDINGS = FINDINGS.join(Own, Own.id == Finding.site_id).join(
    Site, Site.id == Own.kept_id
)
IS_SEEN = visible(Resource.FINDING, Action.READ)
# By its own column, so that the index over it serves the list.
IS_OWN = Finding.owner_id == bindparam("organisation_id")
OF_SITE = FINDINGS.where(IS_OWN, same_site(Finding.site_id)).order_by(
    Finding.number, Finding.id
)
RULES_OF = (
    select(Finding.public_id, Finding.rule_id)
    .join(Own, Own.id == Finding.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(IS_SEEN)
)
STEPS_OF = (
    select(
        FindingStep.step,
        FindingStep.state,
        FindingStep.reason,
        FindingStep.evidence_kind,
        FindingStep.due_on,
        FindingStep.source,
        FindingStep.actor,
        FindingStep.taken_at,
    )
    .join(Finding, Finding.id == FindingStep.finding_id)
    .join(Own, Own.id == Finding.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(IS_SEEN, Finding.public_id == bindparam("public_id"))
    .order_by(FindingStep.ordinal)
)


def finding(session: Session, scope: Scope, public_id: str) -> FindingRecord:
    """Return one finding of a site that the caller owns or operates.

    Raise FindingNotFound for any other.
    """
    scope.require(Permission.READ_FINDINGS)
    missing = FindingNotFound(finding=public_id)
    return LISTED.one(session, sight_of(scope), public_id, missing)


def findings(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    seen_as: Relation = Relation.OWN,
    **wanted: str | None,
) -> Page[FindingRecord]:
    """Return a page of findings in the order in which they were raised.

    They are the caller's own, or those of the sites it operates. `wanted` filters by
    site (public id), topic, severity, state or standing.
    """
    scope.require(Permission.READ_FINDINGS)
    return _seen_as(seen_as).page(
        session, sight_of(scope), rows=rows, after=after, wanted=wanted
    )


def findings_of_site(
    session: Session, scope: Scope, site_id: SiteId
) -> tuple[FindingRecord, ...]:
    """Return every finding of a site, withdrawn ones too, in the order of its numbers."""
    scope.require(Permission.READ_FINDINGS)
    found = session.execute(OF_SITE, {**sight_of(scope), "site_id": site_id})
    return tuple(_record(row) for row in found)


def rules_of_findings(
    session: Session, scope: Scope, public_ids: Iterable[str]
) -> dict[str, str]:
    """Return rules by the references of findings; of one not to be seen there is none."""
    scope.require(Permission.READ_FINDINGS)
    found = session.execute(
        RULES_OF.where(Finding.public_id.in_(set(public_ids))), sight_of(scope)
    )
    return {row.public_id: row.rule_id for row in found}


def steps_of(session: Session, scope: Scope, public_id: str) -> tuple[StepRecord, ...]:
    """Return the steps of a finding, the first one first."""
    scope.require(Permission.READ_FINDINGS)
    rows = session.execute(STEPS_OF, {**sight_of(scope), "public_id": public_id})
    return tuple(
        StepRecord(
            step=Step(row.step),
            state=State(row.state),
            reason=None if row.reason is None else Reason(row.reason),
            evidence_kind=None
            if row.evidence_kind is None
            else EvidenceKind(row.evidence_kind),
            due_on=row.due_on,
            source=row.source,
            actor=row.actor,
            taken_at=row.taken_at,
        )
        for row in rows
    )


def possible_steps(found: FindingRecord, scope: Scope) -> tuple[Step, ...]:
    """Return the steps that the caller can take now.

    Whether the caller is independent enough, the step itself tells.
    """
    can_confirm = (
        scope.person_id is not None
        and found.standing is not None
        and found.standing is not Standing.CONFIRMED
    )
    return tuple(
        step
        for step in STEPS[found.state]
        if step in PERMISSIONS
        and scope.may(PERMISSIONS[step])
        and found.relation in reached_by(step)
        and (step is not Step.CONFIRM or can_confirm)
    )


def _record(row: Row[*tuple[Any, ...]]) -> FindingRecord:
    return FindingRecord(
        id=row.id,
        public_id=row.public_id,
        relation=Relation(row.relation),
        site_id=SiteId(row.site_id),
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        country=row.country,
        number=row.number,
        rule=row.rule_id,
        topic=Topic(row.topic),
        severity=Severity(row.severity),
        state=State(row.state),
        raised_at=row.raised_at,
        raised_by=row.raised_by,
        observed_on=row.observed_on,
        observed_at=row.observed_at,
        last_seen_on=row.last_seen_on,
        due_on=row.due_on,
        acknowledge_by=row.acknowledge_by,
        refer_by=row.refer_by,
        acknowledged_at=row.acknowledged_at,
        plan_agreed_on=row.plan_agreed_on,
        plan_due_on=row.plan_due_on,
        closed_on=row.closed_on,
        source_kind=SourceKind(row.source_kind),
        source=row.source,
        owner_id=row.owner_id,
        standing=None if row.standing is None else Standing(row.standing),
        late_because=None
        if row.late_because is None
        else LateBecause(row.late_because),
        came_back=row.came_back,
        open_actions=row.open_actions,
        verified_actions=row.verified_actions,
    )


LISTED = Listing(
    FINDINGS.where(IS_SEEN),
    Finding.id,
    Finding.public_id,
    _record,
    equal_to(
        site=Site.public_id,
        topic=Finding.topic,
        severity=Finding.severity,
        state=Finding.state,
        standing=Finding.standing,
    ),
)


@functools.cache
def _seen_as(wanted: Relation) -> Listing[FindingRecord]:
    """Return the findings that the caller reaches in one way."""
    is_seen = visible(Resource.FINDING, Action.READ, {wanted})
    clause = IS_OWN if wanted is Relation.OWN else is_seen
    return replace(LISTED, statement=FINDINGS.where(clause))
