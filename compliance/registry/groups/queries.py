"""What can be read of producer groups: a page of them, one, and who belongs to them."""

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
from compliance.listings import Listing, equal_to, gathered
from compliance.problems import Kind, Problem
from compliance.registry.filters import kept_id_of
from compliance.registry.models import GroupMembership, Site, Source
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


Own, Kept, Counted = aliased(Site), aliased(Site), aliased(Site)
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
OF_GROUPS = MEMBERSHIPS.where(
    GroupMembership.group_id.in_(bindparam("keys", expanding=True)),
    GroupMembership.season == bindparam("season"),
).order_by(Kept.name_folded, GroupMembership.id)
OF_SITES = MEMBERSHIPS.where(
    Kept.id.in_(bindparam("keys", expanding=True)),
    GroupMembership.season == bindparam("season"),
).order_by(Organisation.name, GroupMembership.id)


def groups(
    session: Session, scope: Scope, *, rows: int, after: str | None = None
) -> Page[GroupRecord]:
    """Return a page of the producer groups of the register, in order of registration."""
    scope.require(Permission.READ_REGISTER)
    return LISTED_GROUPS.page(session, _mine(scope), rows=rows, after=after)


def group(session: Session, scope: Scope, public_id: str) -> GroupRecord:
    """Return one producer group, or raise NoSuchGroup."""
    scope.require(Permission.READ_REGISTER)
    missing = NoSuchGroup(group=public_id)
    return LISTED_GROUPS.one(session, _mine(scope), public_id, missing)


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
    return LISTED_MEMBERS.page(
        session, _mine(scope), rows=rows, after=after, wanted=wanted
    )


def membership(session: Session, scope: Scope, public_id: str) -> MemberRecord:
    """Return one membership, or raise MembershipNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = MembershipNotFound(membership=public_id)
    return LISTED_MEMBERS.one(session, _mine(scope), public_id, missing)


def members_of_groups(
    session: Session,
    scope: Scope,
    group_ids: Collection[OrganisationId],
    season: str,
) -> Mapping[OrganisationId, tuple[MemberRecord, ...]]:
    """Return who belongs to each of the groups in a season."""
    scope.require(Permission.READ_REGISTER)
    bound = {**_mine(scope), "season": season}
    return gathered(session, OF_GROUPS, bound, group_ids, "group_id", _member)


def memberships_of_sites(
    session: Session, scope: Scope, site_ids: Collection[SiteId], season: str
) -> Mapping[SiteId, tuple[MemberRecord, ...]]:
    """Return the groups that each of the sites belongs to in a season."""
    scope.require(Permission.READ_REGISTER)
    bound = {**_mine(scope), "season": season}
    return gathered(session, OF_SITES, bound, site_ids, "kept_site_id", _member)


def _mine(scope: Scope) -> dict[str, object]:
    return {"owner_id": scope.organisation_id}


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


LISTED_GROUPS = Listing(GROUPS, Organisation.id, Organisation.public_id, _group)
LISTED_MEMBERS = Listing(
    MEMBERSHIPS,
    GroupMembership.id,
    GroupMembership.public_id,
    _member,
    {
        **equal_to(group=Organisation.public_id, season=GroupMembership.season),
        "site": Kept.id == kept_id_of("site"),
    },
)
