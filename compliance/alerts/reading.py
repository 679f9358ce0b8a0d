"""What somebody does about the alerts they are told: read them, and want fewer mails."""

from collections.abc import Collection

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.alerts.events import ALWAYS_TOLD, AlertEvent
from compliance.alerts.models import AlertMuted, AlertReading
from compliance.alerts.queries import AlertRecord, alert, muted
from compliance.database import insert_new
from compliance.identifiers import PersonId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_


class OnlyAPersonReads(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Only a person reads alerts, or wants fewer mails")
    detail = N_(
        "A key or an access token is nobody. Sign in at /sign-in; a program keeps its own "
        "account of what it has seen."
    )


class AlwaysTold(Problem):
    kind = Kind.INVALID
    title = N_("This is always told")
    detail = N_(
        "'muted' holds {event}. Whom the policy names is told of it, and nobody turns it "
        "off for themselves; leave it out."
    )


def mark_read(session: Session, scope: Scope, public_id: str) -> AlertRecord:
    """Note that the caller has read an alert; the first time counts."""
    person_id = _person(scope)
    found = alert(session, scope, public_id)
    is_new = insert_new(
        session,
        AlertReading,
        alert_id=found.id,
        person_id=person_id,
        owner_id=scope.organisation_id,
        read_at=clock.now(),
    )
    if is_new:
        _record(session, scope, "alert.read", public_id)
    return alert(session, scope, public_id)


def mute(
    session: Session, scope: Scope, events: Collection[AlertEvent]
) -> tuple[AlertEvent, ...]:
    """Send the caller no mail of these events, and of all others again.

    In the product they are told all the same. Raises AlwaysTold for what nobody turns
    off.
    """
    person_id = _person(scope)
    scope.require(Permission.READ_ALERTS)
    for event in sorted(events):
        if event in ALWAYS_TOLD:
            raise AlwaysTold(event=event)
    session.execute(
        delete(AlertMuted).where(
            AlertMuted.owner_id == scope.organisation_id,
            AlertMuted.person_id == person_id,
        )
    )
    if events:
        session.execute(
            insert(AlertMuted),
            [
                {
                    "person_id": person_id,
                    "owner_id": scope.organisation_id,
                    "event": event,
                }
                for event in sorted(set(events))
            ],
        )
    _record(session, scope, "alerts.muted", scope.actor, events=sorted(set(events)))
    return muted(session, scope)


def _record(
    session: Session, scope: Scope, action: str, subject_id: str, **facts: object
) -> None:
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=action,
        subject_id=subject_id,
        **facts,
    )


def _person(scope: Scope) -> PersonId:
    if scope.person_id is None:
        raise OnlyAPersonReads
    return scope.person_id
