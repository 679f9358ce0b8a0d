"""What can be read of alerts: those that are told to the caller's role."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.alerts.events import AlertEvent
from compliance.alerts.following import IS_FOLLOWED
from compliance.alerts.models import Alert, AlertAudience, AlertMuted, AlertReading
from compliance.alerts.telling import AlertFacts, facts_of
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.texts import N_


class AlertNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such alert")
    detail = N_(
        "No alert with the id {alert} is told to your role. GET /v1/alerts lists those "
        "that are."
    )


@dataclass(frozen=True)
class AlertRecord:
    """An alert as it is told to somebody; `read_at` is when that very person read it."""

    id: uuid.UUID
    facts: AlertFacts
    read_at: datetime | None


# What an alert tells, whoever is told.
TOLD = (
    Alert.event,
    Alert.subject,
    Alert.site,
    Alert.severity,
    Alert.clock,
    Alert.due_at,
    Alert.because,
    Alert.at,
    Alert.state_before,
    Alert.state_after,
    Alert.reason,
    Alert.topic,
    Alert.standing,
    Alert.version,
    Alert.letter_before,
    Alert.letter_after,
    Alert.code,
)
IS_TOLD = exists().where(
    AlertAudience.alert_id == Alert.id, AlertAudience.role == bindparam("role")
)
# What was told by consent is told no more once none is in force.
MAY_HEAR = or_(Alert.followed.is_(None), IS_FOLLOWED)
ALERTS = (
    select(
        Alert.id,
        Alert.public_id,
        *TOLD,
        AlertReading.read_at,
    )
    .outerjoin(
        AlertReading,
        and_(
            AlertReading.alert_id == Alert.id,
            AlertReading.person_id == bindparam("person_id"),
        ),
    )
    .where(Alert.owner_id == bindparam("organisation_id"), IS_TOLD)
)
MUTED = (
    select(AlertMuted.event)
    .where(
        AlertMuted.owner_id == bindparam("organisation_id"),
        AlertMuted.person_id == bindparam("person_id"),
    )
    .order_by(AlertMuted.event)
)


def alerts(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    unread: bool | None = None,
    newest_first: bool = False,
    **wanted: str | None,
) -> Page[AlertRecord]:
    """Return a page of the alerts told to the caller's role, the oldest first.

    People read the other way round: `newest_first`. `wanted` filters by event, subject or site (public ids); with `unread` only what this
    person has not read yet, which for a program is all.
    """
    scope.require(Permission.READ_ALERTS)
    filters = {**wanted, "unread": unread or None, "heard": True}
    return LISTED.page(
        session,
        told_to(scope),
        rows=rows,
        after=after,
        wanted=filters,
        newest_first=newest_first,
    )


def alert(session: Session, scope: Scope, public_id: str) -> AlertRecord:
    """Return one alert, or raise AlertNotFound."""
    scope.require(Permission.READ_ALERTS)
    return HEARD.one(session, told_to(scope), public_id, AlertNotFound(alert=public_id))


def muted(session: Session, scope: Scope) -> tuple[AlertEvent, ...]:
    """Return the events the caller wants no mail of."""
    scope.require(Permission.READ_ALERTS)
    found = session.scalars(MUTED, told_to(scope))
    return tuple(AlertEvent(one) for one in found)


def told_to(scope: Scope) -> Mapping[str, object]:
    return {
        "organisation_id": scope.organisation_id,
        "role": scope.role,
        "now": clock.now(),
        "person_id": scope.person_id,
    }


def _record(row: Row[*tuple[Any, ...]]) -> AlertRecord:
    return AlertRecord(
        id=row.id,
        facts=facts_of(row, row.public_id),
        read_at=row.read_at,
    )


LISTED = Listing(
    ALERTS,
    Alert.id,
    Alert.public_id,
    _record,
    {
        **equal_to(event=Alert.event, subject=Alert.subject, site=Alert.site),
        "unread": AlertReading.read_at.is_(None),
        # No condition of the list itself: a program goes on from the last alert it read,
        # also when that one is told no more.
        "heard": MAY_HEAR,
    },
)
HEARD = replace(LISTED, statement=ALERTS.where(MAY_HEAR))
