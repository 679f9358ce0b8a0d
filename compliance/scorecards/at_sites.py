"""What the cards of many sites are worth now, in one statement."""

import uuid
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.database import one_of
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Resource
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of, visible
from compliance.scorecards.codes import Letter, Status
from compliance.scorecards.lifecycle import status_on
from compliance.scorecards.models import Scorecard, ScorecardInForce, ScorecardStatus
from compliance.scorecards.queries import LAST_ORDINAL


class CardAtSite(NamedTuple):
    """The card that speaks for a site, and why it is what it is."""

    public_id: str
    status: Status
    reason: str
    letter: Letter | None


CARDS = (
    select(
        Site.id,
        Scorecard.public_id,
        Scorecard.letter,
        Scorecard.valid_until,
        ScorecardStatus.status,
        ScorecardStatus.reason,
    )
    .select_from(ScorecardInForce)
    .join(Site, Site.id == ScorecardInForce.site_id)
    .join(Scorecard, Scorecard.id == ScorecardInForce.scorecard_id)
    .join(
        ScorecardStatus,
        (ScorecardStatus.scorecard_id == Scorecard.id)
        & (ScorecardStatus.ordinal == LAST_ORDINAL),
    )
    .where(
        one_of(ScorecardInForce.site_id, "site_ids"),
        visible(Resource.SCORECARD, Action.READ),
    )
)


def cards_at_sites(
    session: Session, scope: Scope, site_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, CardAtSite]:
    """Return the card that speaks for each site, where the caller may read it.

    All are left out where the caller reads no scorecards.
    """
    if not site_ids or not scope.may(Permission.READ_SCORECARDS):
        return {}
    found = session.execute(CARDS, {**sight_of(scope), "site_ids": list(site_ids)})
    today = clock.today()
    return {
        row.id: CardAtSite(
            public_id=row.public_id,
            status=status_on(
                today, noted=Status(row.status), valid_until=row.valid_until
            ),
            reason=row.reason,
            letter=None if row.letter is None else Letter(row.letter),
        )
        for row in found
    }
