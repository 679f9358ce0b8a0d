"""What the risk of many sites became lately, in one statement, to be drawn."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from compliance.database import one_of
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.visibility import relation, sight_of
from compliance.risk.codes import RiskLevel
from compliance.risk.models import SiteRiskChange

POINTS = 12  # as many as a small picture can tell apart


class Point(NamedTuple):
    """What a risk was from an instant on."""

    at: datetime
    level: RiskLevel
    score: int


Own = aliased(Site)
NUMBERED = (
    select(
        Own.kept_id.label("site_id"),
        SiteRiskChange.changed_at,
        SiteRiskChange.level,
        SiteRiskChange.score,
        func.row_number()
        .over(partition_by=Own.kept_id, order_by=SiteRiskChange.id.desc())
        .label("ago"),
    )
    .select_from(SiteRiskChange)
    .join(Own, Own.id == SiteRiskChange.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(
        one_of(Own.kept_id, "site_ids"),
        # Not as `visible`: from there SQLite would begin, with every site of the caller.
        relation(Resource.RISK, Action.READ) != Relation.OTHER,
    )
    .subquery()
)
LATEST = (
    select(
        NUMBERED.c.site_id, NUMBERED.c.changed_at, NUMBERED.c.level, NUMBERED.c.score
    )
    .where(NUMBERED.c.ago <= bindparam("points"))
    .order_by(NUMBERED.c.site_id, NUMBERED.c.ago.desc())
)


def histories(
    session: Session,
    scope: Scope,
    site_ids: Collection[uuid.UUID],
    *,
    points: int = POINTS,
) -> Mapping[uuid.UUID, tuple[Point, ...]]:
    """Return the latest risks of each site whose risk the caller sees, oldest first."""
    scope.require(Permission.READ_RISK)
    if not site_ids:
        return {}
    found: dict[uuid.UUID, list[Point]] = defaultdict(list)
    values = {**sight_of(scope), "site_ids": list(site_ids), "points": points}
    for site_id, at, level, score in session.execute(LATEST, values):
        found[site_id].append(Point(at, RiskLevel(level), score))
    return {site_id: tuple(told) for site_id, told in found.items()}
