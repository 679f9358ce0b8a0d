"""What can be done about audits: plan one, note that answers came in, make it final."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from audits.visits.lifecycle import STEPS, State, step
from audits.visits.models import Audit, AuditKind, Notice
from audits.visits.queries import AuditRecord, audit, audit_on
from compliance import clock, jobs, trail
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
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


class AuditPlanned(Problem):
    kind = Kind.CONFLICT
    title = N_("An audit of this site is already planned for these days")
    detail = N_("The audit {audit} of {site} covers {day}. Use it, or another day.")


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
) -> AuditRecord:
    """Plan an audit; submissions of its days will belong to it."""
    scope.require(Permission.SUBMIT_VISITS)
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
    )
    planned = known or _on(session, scope, site, kind, fieldwork_from)
    if not is_new:
        raise AuditPlanned(
            audit=planned.public_id, site=site.public_id, day=fieldwork_from.isoformat()
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
) -> AuditRecord:
    """Return the audit that answers of `day` belong to, opening one if none is there.

    What the answers state of the circumstances replaces what was known of them. What a
    site says of itself is an audit of a kind of its own, never a visit.
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
    changes = circumstances.stated()
    if audit.status in AWAITING_ANSWERS:
        changes["status"] = step(audit.status, State.SUBMITTED)
    if changes:
        session.execute(update(Audit).where(Audit.id == audit.id).values(**changes))
    if is_new:
        _record(session, scope, "audit.opened", audit)
    elif "status" in changes:
        _record(session, scope, "audit.submitted", audit)
    return replace(audit, **changes)


def finalise(session: Session, scope: Scope, public_id: str) -> AuditRecord:
    """Close the review of an audit: what it found stands.

    An audit that was only submitted is taken into review on the way. Its facts are
    projected to shards by a job that the same transaction asks for.
    """
    scope.require(Permission.SUPERVISE_VISITS)
    found = audit(session, scope, public_id)
    reviewed = found
    if (
        State.FINAL not in STEPS[found.status]
        and State.IN_REVIEW in STEPS[found.status]
    ):
        reviewed = replace(found, status=step(found.status, State.IN_REVIEW))
    final = replace(reviewed, status=step(reviewed.status, State.FINAL))
    changed = session.execute(
        update(Audit)
        .where(Audit.id == found.id, Audit.status == found.status)
        .values(status=State.FINAL)
        .returning(Audit.id)
    ).all()
    if not changed:  # somebody else took a step meanwhile
        return finalise(session, scope, public_id)
    if reviewed is not found:
        _record(session, scope, "audit.reviewed", reviewed)
    _record(session, scope, "audit.finalised", final)
    jobs.enqueue(
        session,
        kind=PROJECTION,
        organisation_id=scope.organisation_id,
        arguments={"audit": public_id},
        dedup_key=public_id,
    )
    return final


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


def _record(session: Session, scope: Scope, action: str, audit: AuditRecord) -> None:
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
    )
