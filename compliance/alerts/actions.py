"""What can be done about alerts: raise one in the transaction that makes it necessary."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from compliance import clock, jobs, trail
from compliance.alerts.changes import NO_CHANGE, Change
from compliance.alerts.events import OF_CARDS, AlertEvent
from compliance.alerts.following import followers_of
from compliance.alerts.models import Alert, AlertAudience
from compliance.alerts.policy import ALERTS, Told
from compliance.database import as_system, insert_new
from compliance.identifiers import OrganisationId, SiteId, new_id, new_public_id
from compliance.identity.models import Role
from compliance.identity.scope import SYSTEM
from compliance.policies.queries import in_force_of
from compliance.registry.models import Site
from compliance.registry.models.consents import Subject
from rules import Severity

TELL = "alerts.tell"
SITE = select(Site.public_id, Site.operator_id, Site.kept_id).where(
    Site.id == bindparam("site_id")
)


def raise_alert(
    session: Session,
    *,
    owner_id: OrganisationId,
    event: AlertEvent,
    subject: str,
    site_id: SiteId | None = None,
    at: datetime | None = None,
    severity: Severity | None = None,
    clock_kind: str | None = None,
    due_at: datetime | None = None,
    because: str | None = None,
    told: Told | None = None,
    occasion: str | None = None,
    followers: Subject | None = None,
    change: Change = NO_CHANGE,
) -> tuple[str, ...]:
    """Tell those whom the policy names that something happened to `subject`.

    It stands beside the change that calls for it and is committed with it, or not at
    all. Nothing of it is a person's: `subject` and the site are opaque references.
    With `followers` those are told too who hold a consent in force for that subject of
    the site, each by its own policy. `change` is from what to what it went, and why.
    The same `occasion` is told to an organisation once for good; without one, the event
    of the subject at that instant. Return the public ids of the alerts that are new, one
    for each organisation that is told.
    """
    happened_at = at or clock.now()
    told = told or in_force_of(session, owner_id, ALERTS, clock.today()).told[event]
    occasion = occasion or f"{event} {subject} {happened_at.isoformat()}"
    # The organisation that acts may be neither the keeper nor the operator.
    with as_system(session):
        site = session.execute(SITE, {"site_id": site_id}).one_or_none()
        operator_id = None if site is None else site.operator_id
        audiences = {owner_id: frozenset(told.keeper)}
        if operator_id is not None:
            known = audiences.get(operator_id, frozenset())
            audiences[OrganisationId(operator_id)] = known | frozenset(told.operator)
        following: dict[OrganisationId, frozenset[Role]] = {}
        if followers is not None and site is not None:
            following = {
                one: _roles_of_follower(session, one, event)
                for one in followers_of(session, site.kept_id, followers)
                if one not in audiences
            }
        alerts = [
            _raise(
                session,
                organisation_id,
                roles,
                event=event,
                subject=subject,
                site_id=site_id,
                site=None if site is None else site.public_id,
                severity=severity,
                clock=clock_kind,
                due_at=due_at,
                because=because,
                at=happened_at,
                occasion=occasion,
                series=site.public_id if site and event in OF_CARDS else subject,
                followed=followers if organisation_id in following else None,
                **_columns_of(change),
            )
            for organisation_id, roles in {**audiences, **following}.items()
            if roles
        ]
    return tuple(one for one in alerts if one is not None)


def _roles_of_follower(
    session: Session, organisation_id: OrganisationId, event: AlertEvent
) -> frozenset[Role]:
    """Return who is told where a site is followed: its own policy says, not the keeper's."""
    policy = in_force_of(session, organisation_id, ALERTS, clock.today())
    return frozenset(policy.told[event].follower)


def _columns_of(change: Change) -> dict[str, object]:
    known = asdict(change)
    return {
        "state_before": known.pop("before"),
        "state_after": known.pop("after"),
        **known,
    }


def _raise(
    session: Session,
    organisation_id: OrganisationId,
    roles: frozenset[Role],
    **facts: object,
) -> str | None:
    alert_id, public_id = new_id(), new_public_id("alert")
    is_new = insert_new(
        session,
        Alert,
        id=alert_id,
        public_id=public_id,
        owner_id=organisation_id,
        **facts,
    )
    if not is_new:
        return None
    session.execute(
        insert(AlertAudience),
        [
            {"alert_id": alert_id, "role": role, "owner_id": organisation_id}
            for role in sorted(roles)
        ],
    )
    jobs.enqueue(
        session,
        kind=TELL,
        organisation_id=organisation_id,
        arguments={"alert": public_id},
        priority=1,
    )
    trail.record(
        session,
        organisation_id=organisation_id,
        actor=SYSTEM,
        action="alert.raised",
        subject_id=str(facts["subject"]),
        alert=public_id,
        event=str(facts["event"]),
        told=sorted(roles),
    )
    return public_id
