"""One card in force for a site, also when it was written down twice and merged.

Of the cards of merged records one speaks for the site that is kept: its own, or else
the newest. The others are suspended, with the merge as the reason, until it is undone.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.identifiers import SiteId
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.scorecards.codes import Status
from compliance.scorecards.lifecycle import Why, grounds_of
from compliance.scorecards.models import Scorecard, ScorecardInForce, ScorecardStatus
from compliance.scorecards.noting import history_of, note
from compliance.scorecards.queries import LAST_ORDINAL, own_scorecard
from compliance.scorecards.suspending import follow_findings, lift

STANDING = (Status.ISSUED, Status.SUSPENDED)


@dataclass(frozen=True)
class Standing:
    """A card that is neither superseded nor revoked, and the site it speaks for."""

    id: uuid.UUID
    public_id: str
    made_of: uuid.UUID
    kept_site: uuid.UUID
    speaks_for: uuid.UUID | None
    is_set_aside: bool
    issued_at: datetime
    valid_until: date

    def weight(self, today: date) -> tuple[bool, bool, bool, datetime]:
        """Return what decides which card of several speaks for the kept site."""
        return (
            today <= self.valid_until,
            self.made_of == self.kept_site,
            self.speaks_for == self.kept_site,
            self.issued_at,
        )


def settle_cards(session: Session, scope: Scope, sites: Collection[SiteId]) -> None:
    """Let one card speak for each of the kept sites, after a merge or its undoing."""
    cards = _standing(session, scope, sites)
    session.execute(
        delete(ScorecardInForce).where(
            ScorecardInForce.scorecard_id.in_([card.id for card in cards])
        )
    )
    for site in sites:
        of_site = [card for card in cards if card.kept_site == site]
        if of_site:
            _choose(session, scope, site, of_site)
            follow_findings(session, scope, site)


def _standing(
    session: Session, scope: Scope, sites: Collection[SiteId]
) -> list[Standing]:
    rows = session.execute(
        select(
            Scorecard.id,
            Scorecard.public_id,
            Scorecard.site_id,
            Site.kept_id,
            ScorecardInForce.site_id.label("speaks_for"),
            Scorecard.issued_at,
            Scorecard.valid_until,
        )
        .join(Site, Site.id == Scorecard.site_id)
        .join(
            ScorecardStatus,
            (ScorecardStatus.scorecard_id == Scorecard.id)
            & (ScorecardStatus.ordinal == LAST_ORDINAL),
        )
        .outerjoin(ScorecardInForce, ScorecardInForce.scorecard_id == Scorecard.id)
        .where(
            Scorecard.owner_id == scope.organisation_id,
            Site.kept_id.in_(sites),
            ScorecardStatus.status.in_(STANDING),
        )
    )
    return [
        Standing(
            id=row.id,
            public_id=row.public_id,
            made_of=row.site_id,
            kept_site=row.kept_id,
            speaks_for=row.speaks_for,
            is_set_aside=Why.SITE_MERGED in grounds_of(history_of(session, row.id)),
            issued_at=row.issued_at,
            valid_until=row.valid_until,
        )
        for row in rows.all()
    ]


def _choose(
    session: Session, scope: Scope, site: SiteId, cards: Collection[Standing]
) -> None:
    today = clock.today()
    chosen = max(cards, key=lambda card: card.weight(today))
    session.execute(
        insert(ScorecardInForce).values(site_id=site, scorecard_id=chosen.id)
    )
    if chosen.is_set_aside:
        spoken_for = own_scorecard(session, scope, chosen.public_id)
        lift(session, scope, spoken_for, Why.SITE_MERGED)
    for card in cards:
        if card is not chosen and not card.is_set_aside:
            note(
                session,
                scope,
                card.id,
                card.public_id,
                Status.SUSPENDED,
                Why.SITE_MERGED,
                in_force=chosen.public_id,
            )
