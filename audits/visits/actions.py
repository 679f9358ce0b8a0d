"""What can be done about audits before a review: plan one, name its team, take answers."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from audits.competence.gaps import Gap, Goer, gaps
from audits.competence.policy import COMPETENCE, Competence
from audits.competence.queries import held_on
from audits.visits.lifecycle import State, step
from audits.visits.models import (
    Audit,
    AuditKind,
    Notice,
    Purpose,
    TeamMember,
    TeamRole,
)
from audits.visits.policy import FIELDWORK
from audits.visits.queries import AuditRecord, audit_on, locked_audit, team_of
from compliance import clock, site_marks, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks.actions import start, stop
from compliance.clocks.models import ClockKind
from compliance.clocks.passing import end_of
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.auditors import auditor_named
from compliance.identity.models import Device
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.problems import Kind, Problem
from compliance.registry.queries import SiteRecord
from compliance.texts import N_
from rules.vocabulary import SiteKind

KIND_OF_AUDIT = {
    SiteKind.PRODUCER: AuditKind.FARM_VISIT,
    SiteKind.MILL: AuditKind.MILL_AUDIT,
}
# The job that projects the facts of final audits; `audits.assessments` does it.
PROJECTION = "shards.project"
# From these states, answers that come in make an audit `submitted`.
AWAITING_ANSWERS = frozenset({State.PLANNED, State.RETURNED})
BEFORE_REVIEW = AWAITING_ANSWERS | {State.SUBMITTED}


class AuditPlanned(Problem):
    kind = Kind.CONFLICT
    title = N_("An audit of this site is already planned for these days")
    detail = N_("The audit {audit} of {site} covers {day}. Use it, or another day.")


class PlannedBackwards(Problem):
    kind = Kind.INVALID
    title = N_("The fieldwork would end before it begins")
    detail = N_("'fieldwork_from' is {first} and 'fieldwork_to' {last}.")


class TeamSettled(Problem):
    kind = Kind.CONFLICT
    title = N_("The team cannot be changed any more")
    detail = N_("{audit} is {status}; who goes along is said before its review begins.")


class TeamNotQualified(Problem):
    kind = Kind.CONFLICT
    title = N_("The team lacks a qualification")
    detail = N_(
        "The policy 'competence' asks for what nobody of the team holds today: "
        "{lacking}. Name somebody who holds it, or record it at POST "
        "/v1/qualifications."
    )


class MemberTwice(Problem):
    kind = Kind.INVALID
    title = N_("Somebody is named twice")
    detail = N_("'members' names each person and each device once, with one role.")


class TwoLeads(Problem):
    kind = Kind.INVALID
    title = N_("A team has one lead")
    detail = N_("'members' names more than one 'lead'; the others are auditors.")


class DeviceUnknown(Problem):
    kind = Kind.INVALID
    title = N_("Your organisation has no such device")
    detail = N_("'device' is {device}; GET /v1/devices lists those it has.")


@dataclass(frozen=True)
class NewMember:
    """Somebody to go along: a person or a device, one of both."""

    role: TeamRole
    person: str | None = None
    device: str | None = None
    languages: tuple[str, ...] = ()
    attended: bool | None = None


@dataclass(frozen=True)
class Circumstances:
    """What a submission says about the visit; what it does not say stays empty."""

    notice: Notice | None = None
    payer: str | None = None
    season: str | None = None
    spent_minutes: int | None = None
    observed_at: datetime | None = None

    def stated(self) -> dict[str, Any]:
        values = {
            "notice": self.notice,
            "payer": self.payer,
            "season": self.season,
            "spent_minutes": self.spent_minutes,
            "observed_at": self.observed_at,
        }
        return {name: value for name, value in values.items() if value is not None}


def plan(
    session: Session,
    scope: Scope,
    *,
    site: SiteRecord,
    fieldwork_from: date,
    fieldwork_to: date,
    notice: Notice = Notice.UNKNOWN,
    planned_minutes: int | None = None,
    purpose: Purpose = Purpose.UNSTATED,
    programme: str | None = None,
    season: str | None = None,
    payer: str | None = None,
) -> AuditRecord:
    """Plan an audit; submissions of its days will belong to it.

    A clock runs until its answers are in, for as long as the policy `fieldwork` gives.
    """
    scope.require(Permission.SUBMIT_VISITS)
    if fieldwork_to < fieldwork_from:
        raise PlannedBackwards(
            first=fieldwork_from.isoformat(), last=fieldwork_to.isoformat()
        )
    policy = in_force(session, scope, FIELDWORK, clock.today(), programme=programme)
    kind = KIND_OF_AUDIT[site.kind]
    known = audit_on(session, scope, site_id=site.id, kind=kind, day=fieldwork_from)
    is_new = known is None and _insert(
        session,
        scope,
        site,
        kind,
        status=State.PLANNED,
        notice=notice,
        fieldwork_from=fieldwork_from,
        fieldwork_to=fieldwork_to,
        planned_minutes=planned_minutes,
        purpose=purpose,
        programme=programme,
        season=season,
        payer=payer,
    )
    planned = known or _on(session, scope, site, kind, fieldwork_from)
    if not is_new:
        raise AuditPlanned(
            audit=planned.public_id, site=site.public_id, day=fieldwork_from.isoformat()
        )
    start(
        session,
        scope,
        owner_id=scope.organisation_id,
        site_id=site.id,
        subject=planned.public_id,
        kind=ClockKind.FIELDWORK,
        due_at=end_of(fieldwork_to + timedelta(days=policy.answers_due_days)),
        started_at=clock.now(),
    )
    _record(session, scope, "audit.planned", planned)
    return planned


def receive_answers(
    session: Session,
    scope: Scope,
    *,
    site: SiteRecord,
    day: date,
    circumstances: Circumstances,
    is_by_the_site: bool = False,
    is_told: bool = True,
) -> AuditRecord:
    """Return the audit that answers of `day` belong to, opening one if none is there.

    What the answers state of the circumstances replaces what was known of them. What a
    site says of itself is an audit of a kind of its own, never a visit. Reviewers are
    told of an audit that waits for them now, unless `is_told` says otherwise.
    """
    kind = AuditKind.SELF_ASSESSMENT if is_by_the_site else KIND_OF_AUDIT[site.kind]
    known = audit_on(session, scope, site_id=site.id, kind=kind, day=day)
    is_new = known is None and _insert(
        session,
        scope,
        site,
        kind,
        status=State.SUBMITTED,
        notice=Notice.UNKNOWN,
        fieldwork_from=day,
        fieldwork_to=day,
    )
    audit = known or _on(session, scope, site, kind, day)
    changes = _follows(audit, circumstances)
    if changes:
        changed = session.execute(
            update(Audit)
            .where(Audit.id == audit.id, Audit.status == audit.status)
            .values(**changes)
            .returning(Audit.id)
        ).all()
        if not changed:  # somebody took a step meanwhile, voided it perhaps
            return receive_answers(
                session,
                scope,
                site=site,
                day=day,
                circumstances=circumstances,
                is_by_the_site=is_by_the_site,
                is_told=is_told,
            )
    if audit.status is State.PLANNED:
        stop(session, audit.public_id, ClockKind.FIELDWORK)
    if is_new:
        _record(session, scope, "audit.opened", audit)
    elif "status" in changes:
        _record(session, scope, "audit.submitted", audit)
    if is_told and (is_new or "status" in changes):
        tell(session, scope, audit, AlertEvent.VISIT_SUBMITTED)
    return replace(audit, **changes)


def tell(
    session: Session,
    scope: Scope,
    audit: AuditRecord,
    event: AlertEvent,
    subject: str | None = None,
) -> None:
    """Tell whom the policy names of a step of the caller's audit, or of its reply."""
    raise_alert(
        session,
        owner_id=scope.organisation_id,
        event=event,
        subject=subject or audit.public_id,
        site_id=audit.site_id,
    )


def _follows(audit: AuditRecord, circumstances: Circumstances) -> dict[str, Any]:
    """Return what answers change of an audit; what is final stands as it is."""
    if audit.status is State.FINAL:
        return {}
    changes = circumstances.stated()
    if audit.status in AWAITING_ANSWERS:
        changes["status"] = step(audit.status, State.SUBMITTED)
    return changes


def set_team(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    members: Sequence[NewMember],
    women: int | None = None,
    men: int | None = None,
) -> tuple[AuditRecord, tuple[Gap, ...]]:
    """Say who goes along, instead of whoever was named before; return what they lack.

    Raise TeamNotQualified where the policy `competence` refuses a team that lacks
    something, and TeamSettled once a review has begun: it was somebody else's by then.
    """
    scope.require(Permission.SUPERVISE_VISITS)
    found = locked_audit(session, scope, public_id)
    if found.status not in BEFORE_REVIEW:
        raise TeamSettled(audit=public_id, status=found.status)
    _replace_team(session, scope, found, members)
    session.execute(
        update(Audit).where(Audit.id == found.id).values(women=women, men=men)
    )
    site_marks.mark(session, scope.organisation_id, found.site_id)
    changed = replace(found, women=women, men=men)
    lacking, policy = competence_of(session, scope, changed, clock.today())
    if lacking and policy.refuses_team:
        told = ", ".join(sorted({f"{one.who}: {one.qualification}" for one in lacking}))
        raise TeamNotQualified(lacking=told)
    _record(session, scope, "audit.team_set", changed, members=len(members))
    return changed, lacking


def competence_of(
    session: Session, scope: Scope, found: AuditRecord, day: date
) -> tuple[tuple[Gap, ...], Competence]:
    """Return what the team of an audit lacks on a day, and the policy that asks for it."""
    policy = in_force(session, scope, COMPETENCE, day, programme=found.programme)
    team = team_of(session, scope, found)
    people = {one.person_id for one in team if one.person_id is not None}
    held = held_on(session, scope, people, day)
    goers = [Goer(one.named, one.role, one.person_id) for one in team]
    return gaps(policy, found.kind, goers, held), policy


def _replace_team(
    session: Session, scope: Scope, found: AuditRecord, members: Sequence[NewMember]
) -> None:
    named = [one.person or one.device for one in members]
    if len(set(named)) < len(named):
        raise MemberTwice
    if sum(one.role is TeamRole.LEAD for one in members) > 1:
        raise TwoLeads
    session.execute(delete(TeamMember).where(TeamMember.audit_id == found.id))
    rows = [
        {
            "id": new_id(),
            "owner_id": scope.organisation_id,
            "audit_id": found.id,
            **_who(session, scope, one),
            "role": one.role,
            "languages": " ".join(one.languages),
            "attended": one.attended,
        }
        for one in members
    ]
    if rows:
        session.execute(insert(TeamMember), rows)


def _who(
    session: Session, scope: Scope, member: NewMember
) -> dict[str, uuid.UUID | None]:
    if member.person is not None:
        person = auditor_named(session, scope, member.person)
        return {"person_id": person.id, "device_id": None}
    device_id = session.scalar(
        select(Device.id).where(
            Device.owner_id == scope.organisation_id,
            Device.public_id == member.device,
        )
    )
    if device_id is None:
        raise DeviceUnknown(device=member.device)
    return {"person_id": None, "device_id": device_id}


def _insert(
    session: Session,
    scope: Scope,
    site: SiteRecord,
    kind: AuditKind,
    **values: object,
) -> bool:
    return insert_new(
        session,
        Audit,
        id=new_id(),
        public_id=new_public_id("audit"),
        owner_id=scope.organisation_id,
        site_id=site.id,
        kind=kind,
        created_at=clock.now(),
        **values,
    )


def _on(
    session: Session, scope: Scope, site: SiteRecord, kind: AuditKind, day: date
) -> AuditRecord:
    found = audit_on(session, scope, site_id=site.id, kind=kind, day=day)
    if found is None:
        raise LookupError(f"no audit of {site.public_id} on {day}")
    return found


def _record(
    session: Session, scope: Scope, action: str, audit: AuditRecord, **facts: object
) -> None:
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=action,
        subject_id=audit.public_id,
        site=audit.site_public_id,
        kind=audit.kind,
        fieldwork_from=audit.fieldwork_from.isoformat(),
        fieldwork_to=audit.fieldwork_to.isoformat(),
        **facts,
    )
