"""What can be read of producer groups: a page of them, one, and who belongs to them."""

import functools
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from compliance.database import Page
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.models import Organisation, OrganisationKind
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.batches import batches
from compliance.registry.models import GroupMembership, Site, Source
from compliance.registry.queries import NoSuchPage
from compliance.registry.shares import share_of
from compliance.texts import N_
from rules.vocabulary import SiteKind


class NoSuchGroup(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such group")
    detail = N_(
        "No producer group of your register has the id {group}. GET /v1/groups lists "
        "them."
    )


class MembershipNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such membership")
    detail = N_("No membership of yours has the id {membership}.")


@dataclass(frozen=True)
class GroupRecord:
    """A producer group; `members` counts the sites that ever belonged to it."""

    id: OrganisationId
    public_id: str
    name: str
    country: str
    members: int


@dataclass(frozen=True)
class MemberRecord:
    """A site belongs to a group in a season; the share is of the group's volume."""

    public_id: str
    group_public_id: str
    group_name: str
    site_id: SiteId
    site_public_id: str
    site_name: str
    site_kind: SiteKind
    municipality: str | None
    season: str
    volume_share: float | None
    source: Source
    source_reference: str | None


Own, Kept, Named, Counted = (
    aliased(Site),
    aliased(Site),
    aliased(Site),
    aliased(Site),
)
MEMBERS_OF = (
    select(func.count(Counted.kept_id.distinct()))
    .join(GroupMembership, GroupMembership.site_id == Counted.id)
    .where(GroupMembership.group_id == Organisation.id)
    .correlate(Organisation)
    .scalar_subquery()
)
GROUPS: Select[*tuple[Any, ...]] = select(
    Organisation.id,
    Organisation.public_id,
    Organisation.name,
    Organisation.country,
    MEMBERS_OF.label("members"),
).where(
    Organisation.registered_by_id == bindparam("owner_id"),
    Organisation.kind == OrganisationKind.PRODUCER_GROUP,
)
ONE_GROUP = GROUPS.where(Organisation.public_id == bindparam("public_id"))
MEMBERSHIPS: Select[*tuple[Any, ...]] = (
    select(
        GroupMembership.id,
        GroupMembership.public_id,
        GroupMembership.group_id,
        Organisation.public_id.label("group_public_id"),
        Organisation.name.label("group_name"),
        Kept.id.label("kept_site_id"),
        Kept.public_id.label("site_public_id"),
        Kept.name.label("site_name"),
        Kept.kind.label("site_kind"),
        Kept.municipality,
        GroupMembership.season,
        GroupMembership.volume_share_basis_points,
        GroupMembership.source,
        GroupMembership.source_reference,
    )
    .join(Organisation, Organisation.id == GroupMembership.group_id)
    .join(Own, Own.id == GroupMembership.site_id)
    .join(Kept, Kept.id == Own.kept_id)
    .where(GroupMembership.owner_id == bindparam("owner_id"))
)
ONE_MEMBERSHIP = MEMBERSHIPS.where(GroupMembership.public_id == bindparam("public_id"))
OF_GROUPS = MEMBERSHIPS.where(
    GroupMembership.group_id.in_(bindparam("group_ids", expanding=True)),
    GroupMembership.season == bindparam("season"),
).order_by(Kept.name_folded, GroupMembership.id)
OF_SITES = MEMBERSHIPS.where(
    Kept.id.in_(bindparam("site_ids", expanding=True)),
    GroupMembership.season == bindparam("season"),
).order_by(Organisation.name, GroupMembership.id)
FILTERS = {
    "group": Organisation.public_id == bindparam("group"),
    "site": Kept.id
    == select(Named.kept_id)
    .where(Named.public_id == bindparam("site"))
    .scalar_subquery(),
    "season": GroupMembership.season == bindparam("season"),
    "after_id": GroupMembership.id > bindparam("after_id"),
}


@functools.cache
def _members(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Return the listing with the filters and cursor that are asked for, built once."""
    found = MEMBERSHIPS.where(*(FILTERS[name] for name in sorted(names)))
    return found.order_by(GroupMembership.id).limit(bindparam("rows"))


def groups(
    session: Session, scope: Scope, *, rows: int, after: str | None = None
) -> Page[GroupRecord]:
    """Return a page of the producer groups of the register, in order of registration."""
    scope.require(Permission.READ_REGISTER)
    values: dict[str, object] = {"owner_id": scope.organisation_id, "rows": rows + 1}
    statement = GROUPS.order_by(Organisation.id).limit(bindparam("rows"))
    if after is not None:
        values["after_id"] = _one(
            session, scope, ONE_GROUP, after, NoSuchPage(after=after)
        ).id
        statement = statement.where(Organisation.id > bindparam("after_id"))
    found = session.execute(statement, values).all()
    records = tuple(_group(row) for row in found[:rows])
    return Page(records, records[-1].public_id if len(found) > rows else None)


def group(session: Session, scope: Scope, public_id: str) -> GroupRecord:
    """Return one producer group, or raise NoSuchGroup."""
    scope.require(Permission.READ_REGISTER)
    missing = NoSuchGroup(group=public_id)
    return _group(_one(session, scope, ONE_GROUP, public_id, missing))


def members(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | None,
) -> Page[MemberRecord]:
    """Return a page of memberships in the order of registration.

    `wanted` filters by group or site (public ids) and season.
    """
    scope.require(Permission.READ_REGISTER)
    values: dict[str, object] = {
        name: value for name, value in wanted.items() if value is not None
    }
    if after is not None:
        values["after_id"] = _one(
            session, scope, ONE_MEMBERSHIP, after, NoSuchPage(after=after)
        ).id
    found = session.execute(
        _members(frozenset(values)),
        {**values, "owner_id": scope.organisation_id, "rows": rows + 1},
    ).all()
    records = tuple(_member(row) for row in found[:rows])
    return Page(records, records[-1].public_id if len(found) > rows else None)


def membership(session: Session, scope: Scope, public_id: str) -> MemberRecord:
    """Return one membership, or raise MembershipNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = MembershipNotFound(membership=public_id)
    return _member(_one(session, scope, ONE_MEMBERSHIP, public_id, missing))


def members_of_groups(
    session: Session,
    scope: Scope,
    group_ids: Collection[OrganisationId],
    season: str,
) -> Mapping[OrganisationId, tuple[MemberRecord, ...]]:
    """Return who belongs to each of the groups in a season."""
    scope.require(Permission.READ_REGISTER)
    found: dict[OrganisationId, list[MemberRecord]] = defaultdict(list)
    values = {"owner_id": scope.organisation_id, "season": season}
    for some in batches(group_ids):
        for row in session.execute(OF_GROUPS, {**values, "group_ids": some}):
            found[OrganisationId(row.group_id)].append(_member(row))
    return {key: tuple(records) for key, records in found.items()}


def memberships_of_sites(
    session: Session, scope: Scope, site_ids: Collection[SiteId], season: str
) -> Mapping[SiteId, tuple[MemberRecord, ...]]:
    """Return the groups that each of the sites belongs to in a season."""
    scope.require(Permission.READ_REGISTER)
    found: dict[uuid.UUID, list[MemberRecord]] = defaultdict(list)
    values = {"owner_id": scope.organisation_id, "season": season}
    for some in batches(site_ids):
        for row in session.execute(OF_SITES, {**values, "site_ids": some}):
            found[row.kept_site_id].append(_member(row))
    return {SiteId(key): tuple(records) for key, records in found.items()}


def _one(
    session: Session,
    scope: Scope,
    statement: Select[*tuple[Any, ...]],
    public_id: str,
    missing: Problem,
) -> Row[*tuple[Any, ...]]:
    row = session.execute(
        statement, {"owner_id": scope.organisation_id, "public_id": public_id}
    ).one_or_none()
    if row is None:
        raise missing
    return row


def _group(row: Row[*tuple[Any, ...]]) -> GroupRecord:
    return GroupRecord(
        OrganisationId(row.id), row.public_id, row.name, row.country, row.members
    )


def _member(row: Row[*tuple[Any, ...]]) -> MemberRecord:
    return MemberRecord(
        public_id=row.public_id,
        group_public_id=row.group_public_id,
        group_name=row.group_name,
        site_id=SiteId(row.kept_site_id),
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        site_kind=SiteKind(row.site_kind),
        municipality=row.municipality,
        season=row.season,
        volume_share=share_of(row.volume_share_basis_points),
        source=Source(row.source),
        source_reference=row.source_reference,
    )
