"""What can be done about memberships: note one, and take it back."""

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session, aliased

from compliance import clock, site_marks
from compliance.identifiers import OrganisationId, new_id, new_public_id
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import named_site, record_change
from compliance.registry.groups.queries import MemberRecord, group, membership
from compliance.registry.models import GroupMembership, Site, Source, SupplyLink
from compliance.registry.shares import basis_points, refuse_over_whole
from compliance.texts import N_


class AlreadyMember(Problem):
    kind = Kind.CONFLICT
    title = N_("The site belongs to this group already")
    detail = N_("{site} belongs to {group} in season {season}: {membership}.")


Own = aliased(Site)


def join_group(
    session: Session,
    scope: Scope,
    *,
    group_id: str,
    site: str,
    season: str,
    volume_share: float | None = None,
    source: Source = Source.MANUAL,
    source_reference: str | None = None,
) -> MemberRecord:
    """Note that a site belongs to a group in a season, with its share of the volume.

    Shares of one group and season never sum above the whole.
    """
    scope.require(Permission.CHANGE_REGISTER)
    joined = group(session, scope, group_id)
    holder = named_site(session, scope, site)
    _lock(session, joined.id)
    known = session.scalar(
        select(GroupMembership.public_id)
        .join(Own, Own.id == GroupMembership.site_id)
        .where(
            GroupMembership.group_id == joined.id,
            GroupMembership.season == season,
            Own.kept_id == holder.id,
        )
        .limit(1)
    )
    if known is not None:
        raise AlreadyMember(
            site=holder.public_id, group=group_id, season=season, membership=known
        )
    points = basis_points(volume_share)
    refuse_over_whole(
        giver=holder.public_id,
        taker=group_id,
        season=season,
        others=_given(session, joined.id, season),
        points=points,
    )
    public_id = new_public_id("membership")
    session.execute(
        insert(GroupMembership).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            group_id=joined.id,
            site_id=holder.id,
            season=season,
            volume_share_basis_points=points,
            source=source,
            source_reference=source_reference,
            registered_at=clock.now(),
        )
    )
    _mark_takers(session, scope, joined.id)
    record_change(
        session,
        scope,
        "group.joined",
        public_id,
        group=group_id,
        site=holder.public_id,
        season=season,
        source=source,
    )
    return membership(session, scope, public_id)


def leave_group(session: Session, scope: Scope, public_id: str) -> None:
    """Take back a membership noted by mistake; the trail keeps what it said."""
    scope.require(Permission.CHANGE_REGISTER)
    found = membership(session, scope, public_id)
    _mark_takers(session, scope, group(session, scope, found.group_public_id).id)
    session.execute(
        delete(GroupMembership).where(
            GroupMembership.owner_id == scope.organisation_id,
            GroupMembership.public_id == public_id,
        )
    )
    record_change(
        session,
        scope,
        "group.membership_removed",
        public_id,
        group=found.group_public_id,
        site=found.site_public_id,
        season=found.season,
        basis_points=basis_points(found.volume_share),
    )


def _mark_takers(session: Session, scope: Scope, group_key: OrganisationId) -> None:
    """Have the risk of whoever the group delivers to assessed again."""
    takers = select(SupplyLink.to_site_id).where(
        SupplyLink.owner_id == scope.organisation_id,
        SupplyLink.from_group_id == group_key,
    )
    site_marks.mark(session, scope.organisation_id, *session.scalars(takers))


def _lock(session: Session, group_key: object) -> None:
    """Let one site at a time join a group; what only refers to the group goes on."""
    session.execute(
        select(Organisation.id)
        .where(Organisation.id == group_key)
        .with_for_update(key_share=True)
    ).one()


def _given(session: Session, group_key: object, season: str) -> int:
    known = session.scalar(
        select(func.sum(GroupMembership.volume_share_basis_points)).where(
            GroupMembership.group_id == group_key, GroupMembership.season == season
        )
    )
    return int(known or 0)
