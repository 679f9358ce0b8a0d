"""The steps of a card's life as they are kept: each is a row, is in the trail, is told."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session, aliased

from compliance import clock, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.changes import Change
from compliance.alerts.events import AlertEvent
from compliance.findings.standing import Standing
from compliance.identifiers import OrganisationId, SiteId, new_id
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.models.consents import Subject
from compliance.scorecards.codes import Status
from compliance.scorecards.lifecycle import ENDS, Why, step
from compliance.scorecards.models import Scorecard, ScorecardStatus
from rules import Topic

EVENTS: Mapping[Status, AlertEvent] = {
    Status.ISSUED: AlertEvent.CARD_ISSUED,
    Status.SUSPENDED: AlertEvent.CARD_SUSPENDED,
    Status.SUPERSEDED: AlertEvent.CARD_SUPERSEDED,
    Status.REVOKED: AlertEvent.CARD_REVOKED,
}
Made = aliased(Site)
HISTORY = (
    select(ScorecardStatus.status, ScorecardStatus.reason)
    .where(ScorecardStatus.scorecard_id == bindparam("card_id"))
    .order_by(ScorecardStatus.ordinal)
)
TOLD = (
    select(
        Scorecard.public_id,
        Scorecard.owner_id,
        Scorecard.version,
        Scorecard.letter,
        Scorecard.code,
        Made.kept_id.label("site_id"),
    )
    .join(Made, Made.id == Scorecard.site_id)
    .where(Scorecard.id == bindparam("card_id"))
)


@dataclass(frozen=True)
class About:
    """What kind of thing was found, and how sure it is; nothing of whom."""

    topic: Topic | None = None
    standing: Standing | None = None


ABOUT_NOTHING = About()


def history_of(session: Session, card_id: uuid.UUID) -> list[tuple[Status, Why]]:
    """Return what a card has been and why, in order."""
    found = session.execute(HISTORY, {"card_id": card_id})
    return [(Status(row.status), Why(row.reason)) for row in found]


def statuses(session: Session, card_id: uuid.UUID) -> list[Status]:
    """Return what a card has been, in order."""
    return [status for status, _ in history_of(session, card_id)]


def note(
    session: Session,
    scope: Scope,
    card_id: uuid.UUID,
    public_id: str,
    wanted: Status,
    reason: Why,
    about: About = ABOUT_NOTHING,
    *,
    is_told: bool = True,
    **facts: object,
) -> None:
    """Take one step of a card's life, write it to the trail, and tell who follows it.

    Not told is what says again what was told before.
    """
    history = statuses(session, card_id)
    before = history[-1] if history else Status.DRAFT
    status = step(before, wanted)
    ordinal = len(history) + 1
    session.execute(
        insert(ScorecardStatus).values(
            id=new_id(),
            scorecard_id=card_id,
            ordinal=ordinal,
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
    # One of several grounds has ended: what the card stays suspended for is told next.
    if is_told and not (status is Status.SUSPENDED and reason in ENDS):
        _tell(session, card_id, ordinal, before, status, reason, about)


def _tell(
    session: Session,
    card_id: uuid.UUID,
    ordinal: int,
    before: Status,
    after: Status,
    reason: Why,
    about: About,
) -> None:
    card = session.execute(TOLD, {"card_id": card_id}).one()
    is_back = (before, after) == (Status.SUSPENDED, Status.ISSUED)
    raise_alert(
        session,
        owner_id=OrganisationId(card.owner_id),
        event=AlertEvent.CARD_RESTORED if is_back else EVENTS[after],
        subject=card.public_id,
        site_id=SiteId(card.site_id),
        occasion=f"card {card.public_id} {ordinal}",
        followers=Subject.SCORECARD,
        change=Change(
            before=None if before is Status.DRAFT else before,
            after=after,
            reason=reason,
            topic=about.topic,
            standing=about.standing,
            version=card.version,
            letter_before=card.letter if before is Status.ISSUED else None,
            letter_after=card.letter if after is Status.ISSUED else None,
            code=card.code,
        ),
    )
