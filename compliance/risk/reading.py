"""What a scorecard tells of the risk of a tier of the chain: by volume, or by count."""

import uuid
from collections.abc import Mapping

from sqlalchemy.orm import Session

from compliance import clock
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.risk.codes import RiskLevel
from compliance.risk.facts import Supplier
from compliance.risk.policy import RISK
from compliance.risk.supplying import LEVELS, suppliers_of, takers_of
from compliance.risk.upstream import upstream_of

WORST_FIRST = (RiskLevel.HIGH, RiskLevel.UNKNOWN, RiskLevel.MEDIUM, RiskLevel.LOW)


def risk_of_suppliers(session: Session, scope: Scope, mill_id: uuid.UUID) -> RiskLevel:
    """Return the risk of who supplies a mill of the caller's own, by volume.

    High or unknown where so much of the volume is as makes a mill so (the policy
    `risk`, `supply.share`); or else the worst of the rest that there is.
    """
    scope.require(Permission.READ_REGISTER)
    suppliers = suppliers_of(session, scope, [mill_id], clock.today())
    return level_by_volume(suppliers.get(mill_id, ()))


def risk_of_takers(session: Session, scope: Scope, site_id: uuid.UUID) -> RiskLevel:
    """Return the worst risk of the mills that a site of the caller's own delivers to."""
    scope.require(Permission.READ_REGISTER)
    takers = takers_of(session, scope, [site_id])
    levels = levels_of(session, scope, *takers)
    known = [levels.get(one, RiskLevel.UNKNOWN) for one in takers]
    return next((one for one in WORST_FIRST if one in known), RiskLevel.UNKNOWN)


def levels_of(
    session: Session, scope: Scope, *site_ids: uuid.UUID
) -> Mapping[uuid.UUID, RiskLevel]:
    """Return the levels of some sites of the caller's own, as far as they are assessed."""
    scope.require(Permission.READ_REGISTER)
    if not site_ids:
        return {}
    values = {"owner_id": scope.organisation_id, "sites": sorted(site_ids)}
    rows = session.execute(LEVELS, values)
    return {row.site_id: RiskLevel(row.level) for row in rows}


def level_by_volume(suppliers: tuple[Supplier, ...]) -> RiskLevel:
    """Return the level of a volume: what nobody knows is unknown, and never low."""
    upstream, share = upstream_of(suppliers), RISK.on(clock.today()).supply.share
    points = upstream.points
    if upstream.reaches(points[RiskLevel.HIGH], share):
        return RiskLevel.HIGH
    if upstream.reaches(points[RiskLevel.HIGH] + points[RiskLevel.UNKNOWN], share):
        return RiskLevel.UNKNOWN
    if points[RiskLevel.HIGH] or points[RiskLevel.MEDIUM]:
        return RiskLevel.MEDIUM
    return RiskLevel.LOW
