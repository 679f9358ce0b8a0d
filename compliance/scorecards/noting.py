"""The steps of a card's life as they are kept: each is a row, and stands in the trail."""

import uuid

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.identifiers import new_id
from compliance.identity.scope import Scope
from compliance.scorecards.codes import Status
from compliance.scorecards.lifecycle import Why, step
from compliance.scorecards.models import ScorecardStatus


def statuses(session: Session, card_id: uuid.UUID) -> list[Status]:
    """Return what a card has been, in order."""
    found = session.execute(
        select(ScorecardStatus.status)
        .where(ScorecardStatus.scorecard_id == card_id)
        .order_by(ScorecardStatus.ordinal)
    ).scalars()
    return [Status(status) for status in found]


def note(
    session: Session,
    scope: Scope,
    card_id: uuid.UUID,
    public_id: str,
    wanted: Status,
    reason: Why,
    **facts: object,
) -> None:
    """Take one step of a card's life and write it to the trail."""
    history = statuses(session, card_id)
    status = step(history[-1] if history else Status.DRAFT, wanted)
    session.execute(
        insert(ScorecardStatus).values(
            id=new_id(),
            scorecard_id=card_id,
            ordinal=len(history) + 1,
            status=status,
            reason=reason,
            actor=scope.actor,
            changed_at=clock.now(),
        )
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=f"scorecard.{status}",
        subject_id=public_id,
        reason=reason,
        **facts,
    )
