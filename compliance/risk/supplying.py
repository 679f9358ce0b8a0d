"""Who supplies a mill, by volume and with their own risk; and whom a site supplies."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from compliance.database import one_of
from compliance.identity.scope import Scope
from compliance.registry.models import GroupMembership, Site, SupplyLink
from compliance.registry.shares import WHOLE
from compliance.risk.codes import RiskLevel
from compliance.risk.facts import Supplier
from compliance.risk.models import SiteRisk

Giver, Taker = aliased(Site), aliased(Site)
# The last season of this year and the two before: an older one says nothing of today.
YEARS_BACK = 2

LINKS = (
    select(
        Taker.kept_id.label("taker"),
        Giver.kept_id.label("giver"),
        SupplyLink.from_group_id.label("group"),
        SupplyLink.season,
        SupplyLink.commodity,
        Taker.commodity.label("taken"),
        SupplyLink.volume_share_basis_points.label("points"),
    )
    .join(Taker, Taker.id == SupplyLink.to_site_id)
    .outerjoin(Giver, Giver.id == SupplyLink.from_site_id)
    .where(SupplyLink.owner_id == bindparam("owner_id"), one_of(Taker.kept_id, "sites"))
)
MEMBERS = (
    select(
        GroupMembership.group_id,
        GroupMembership.season,
        Giver.kept_id.label("giver"),
        GroupMembership.volume_share_basis_points.label("points"),
    )
    .join(Giver, Giver.id == GroupMembership.site_id)
    .where(
        GroupMembership.owner_id == bindparam("owner_id"),
        one_of(GroupMembership.group_id, "groups"),
    )
)
LEVELS = select(SiteRisk.site_id, SiteRisk.level).where(
    SiteRisk.owner_id == bindparam("owner_id"), one_of(SiteRisk.site_id, "sites")
)
TAKERS = (
    select(Taker.kept_id)
    .join(SupplyLink, SupplyLink.to_site_id == Taker.id)
    .join(Giver, Giver.id == SupplyLink.from_site_id)
    .where(SupplyLink.owner_id == bindparam("owner_id"), one_of(Giver.kept_id, "sites"))
    .distinct()
)
TAKERS_OF_GROUPS = (
    select(Taker.kept_id)
    .join(SupplyLink, SupplyLink.to_site_id == Taker.id)
    .join(GroupMembership, GroupMembership.group_id == SupplyLink.from_group_id)
    .join(Giver, Giver.id == GroupMembership.site_id)
    .where(
        SupplyLink.owner_id == bindparam("owner_id"),
        GroupMembership.owner_id == bindparam("owner_id"),
        one_of(Giver.kept_id, "sites"),
    )
    .distinct()
)


def takers_of(
    session: Session, scope: Scope, sites: Collection[uuid.UUID]
) -> frozenset[uuid.UUID]:
    """Return the sites that some of the sites deliver to, themselves or by a group."""
    values = {"owner_id": scope.organisation_id, "sites": sorted(sites)}
    found = {
        *session.scalars(TAKERS, values),
        *session.scalars(TAKERS_OF_GROUPS, values),
    }
    return frozenset(found)


def suppliers_of(
    session: Session, scope: Scope, mills: Collection[uuid.UUID], on: date
) -> Mapping[uuid.UUID, tuple[Supplier, ...]]:
    """Return the suppliers of each mill in its newest season, a group by its members.

    What of a group's volume is no member's is left out, and so is nobody's.
    """
    if not mills:
        return {}
    owner = {"owner_id": scope.organisation_id}
    ways: dict[uuid.UUID, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in session.execute(LINKS, {**owner, "sites": sorted(mills)}):
        if row.commodity == row.taken and int(row.season[:4]) >= on.year - YEARS_BACK:
            ways[row.taker][row.season].append(row)
    newest = {mill: seasons[max(seasons)] for mill, seasons in ways.items()}
    groups = {row.group for rows in newest.values() for row in rows if row.group}
    members: dict[tuple[uuid.UUID, str], list[Any]] = defaultdict(list)
    if groups:
        for one in session.execute(MEMBERS, {**owner, "groups": sorted(groups)}):
            members[one.group_id, one.season].append(one)
    shares = {mill: _shares(rows, members) for mill, rows in newest.items()}
    givers = {giver for some in shares.values() for giver, _ in some}
    levels = dict.fromkeys(givers, RiskLevel.UNKNOWN)
    if givers:
        for known in session.execute(LEVELS, {**owner, "sites": sorted(givers)}):
            levels[known.site_id] = RiskLevel(known.level)
    return {
        mill: tuple(Supplier(points, levels[giver]) for giver, points in some)
        for mill, some in shares.items()
    }


def _shares(
    rows: Collection[Any], members: Mapping[tuple[uuid.UUID, str], Collection[Any]]
) -> list[tuple[uuid.UUID, int | None]]:
    found: list[tuple[uuid.UUID, int | None]] = []
    for row in rows:
        if row.group is None:
            found.append((row.giver, row.points))
            continue
        for member in members.get((row.group, row.season), ()):
            is_known = row.points is not None and member.points is not None
            points = row.points * member.points // WHOLE if is_known else None
            found.append((member.giver, points))
    return found
