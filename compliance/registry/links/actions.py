"""What can be done about supply links: note one, correct it, take it back."""

import uuid
from datetime import date
from typing import Any, TypedDict

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from compliance import clock, site_marks
from compliance.identifiers import OrganisationId, SiteId, new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import (
    group_id_of,
    lock_site,
    named_site,
    record_change,
)
from compliance.registry.days import refuse_disorder
from compliance.registry.links.queries import (
    LinkNotFound,
    SupplyLinkRecord,
    supply_link,
)
from compliance.registry.models import Site, Source, SupplyLink
from compliance.registry.shares import basis_points, refuse_over_whole
from compliance.registry.versions import refuse_stale
from compliance.texts import N_
from rules.vocabulary import Commodity


class OneGiver(Problem):
    kind = Kind.INVALID
    title = N_("A link comes from a site or from a group")
    detail = N_("Give 'from_site' or 'from_group', one of the two.")


class LinkToItself(Problem):
    kind = Kind.INVALID
    title = N_("A site cannot supply itself")
    detail = N_("'from_site' and 'to_site' are both {site}; they must differ.")


class LinkExists(Problem):
    kind = Kind.CONFLICT
    title = N_("This supply link is already registered")
    detail = N_(
        "A link from {from_site} to {to_site} for {commodity} in season {season} "
        "exists: {link}."
    )


class LinkChanges(TypedDict, total=False):
    """What may change of a link; who, whom, what and when are another link."""

    volume_share: float | None
    valid_from: date | None
    valid_until: date | None


Member = aliased(Site)


def register_supply_link(
    session: Session,
    scope: Scope,
    *,
    to_site: str,
    commodity: Commodity,
    season: str,
    from_site: str | None = None,
    from_group: str | None = None,
    volume_share: float | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
    source: Source = Source.MANUAL,
    source_reference: str | None = None,
) -> str:
    """Note that a site or a group supplies a site in a season; return the link's id.

    Shares of one taker, commodity and season never sum above the whole.
    """
    scope.require(Permission.CHANGE_REGISTER)
    refuse_disorder(valid_from=valid_from, valid_until=valid_until)
    giver_site, giver_group = _giver(session, scope, from_site, from_group)
    taker = named_site(session, scope, to_site, "to_site")
    if giver_site == taker.id:
        raise LinkToItself(site=taker.public_id)
    lock_site(session, scope, taker.public_id, None)
    giver = from_site or from_group or ""
    _refuse_known(
        session,
        giver_site or giver_group,
        giver,
        (taker.id, taker.public_id),
        commodity,
        season,
    )
    points = basis_points(volume_share)
    refuse_over_whole(
        giver=giver,
        taker=taker.public_id,
        season=season,
        others=_taken(session, taker.id, commodity, season),
        points=points,
    )
    public_id = new_public_id("link")
    session.execute(
        insert(SupplyLink).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            from_site_id=giver_site,
            from_group_id=giver_group,
            to_site_id=taker.id,
            commodity=commodity,
            season=season,
            volume_share_basis_points=points,
            valid_from=valid_from,
            valid_until=valid_until,
            source=source,
            source_reference=source_reference,
            registered_at=clock.now(),
        )
    )
    site_marks.mark(session, scope.organisation_id, taker.id)
    told = {"from_site": from_site} if from_site else {"from_group": from_group}
    record_change(
        session,
        scope,
        "supply_link.registered",
        public_id,
        **told,
        to_site=to_site,
        season=season,
        source=source,
    )
    return public_id


def change_supply_link(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    seen_version: int | None,
    changes: LinkChanges,
) -> SupplyLinkRecord:
    """Correct the share or the days of a link, unless somebody did in the meantime."""
    scope.require(Permission.CHANGE_REGISTER)
    link = supply_link(session, scope, public_id)
    taker = lock_site(session, scope, link.to_public_id, None)
    row = _lock(session, scope, public_id, seen_version)
    values: dict[str, object] = dict(changes)
    if "volume_share" in changes:
        points = basis_points(changes["volume_share"])
        values["volume_share_basis_points"] = points
        del values["volume_share"]
        others = _taken(session, taker.id, link.commodity, link.season)
        refuse_over_whole(
            giver=link.from_public_id,
            taker=link.to_public_id,
            season=link.season,
            others=others - (row.volume_share_basis_points or 0),
            points=points,
        )
    refuse_disorder(
        valid_from=changes.get("valid_from", row.valid_from),
        valid_until=changes.get("valid_until", row.valid_until),
    )
    if any(getattr(row, name) != value for name, value in values.items()):
        session.execute(
            update(SupplyLink)
            .where(SupplyLink.id == row.id)
            .values(**values, version=row.version + 1)
        )
        site_marks.mark(session, scope.organisation_id, taker.id)
        record_change(
            session, scope, "supply_link.changed", public_id, fields=sorted(changes)
        )
    return supply_link(session, scope, public_id)


def remove_supply_link(session: Session, scope: Scope, public_id: str) -> None:
    """Take back a link that was noted by mistake; the trail keeps what it said."""
    scope.require(Permission.CHANGE_REGISTER)
    link = supply_link(session, scope, public_id)
    session.execute(
        delete(SupplyLink).where(
            SupplyLink.owner_id == scope.organisation_id,
            SupplyLink.public_id == public_id,
        )
    )
    taker = named_site(session, scope, link.to_public_id, "to_site")
    site_marks.mark(session, scope.organisation_id, taker.id)
    record_change(
        session,
        scope,
        "supply_link.removed",
        public_id,
        giver=link.from_public_id,
        to_site=link.to_public_id,
        commodity=link.commodity,
        season=link.season,
        basis_points=basis_points(link.volume_share),
    )


def _giver(
    session: Session, scope: Scope, from_site: str | None, from_group: str | None
) -> tuple[SiteId | None, OrganisationId | None]:
    if (from_site is None) == (from_group is None):
        raise OneGiver
    if from_site is None:
        return None, group_id_of(session, scope, from_group)
    return named_site(session, scope, from_site, "from_site").id, None


def _refuse_known(
    session: Session,
    giver: uuid.UUID | None,
    giver_name: str,
    taker: tuple[SiteId, str],
    commodity: Commodity,
    season: str,
) -> None:
    """Refuse a second link between two sites, whichever of their records it names."""
    taker_id, taker_name = taker
    from_rows = select(Member.id).where(Member.kept_id == giver)
    to_rows = select(Member.id).where(Member.kept_id == taker_id)
    existing = session.scalar(
        select(SupplyLink.public_id)
        .where(
            SupplyLink.from_site_id.in_(from_rows)
            | (SupplyLink.from_group_id == giver),
            SupplyLink.to_site_id.in_(to_rows),
            SupplyLink.commodity == commodity,
            SupplyLink.season == season,
        )
        .limit(1)
    )
    if existing is not None:
        raise LinkExists(
            from_site=giver_name,
            to_site=taker_name,
            commodity=commodity,
            season=season,
            link=existing,
        )


def _taken(session: Session, taker_id: uuid.UUID, commodity: str, season: str) -> int:
    """Return the sum of the shares that are known of a taker's season."""
    rows = select(Member.id).where(Member.kept_id == taker_id)
    known = session.scalar(
        select(func.sum(SupplyLink.volume_share_basis_points)).where(
            SupplyLink.to_site_id.in_(rows),
            SupplyLink.commodity == commodity,
            SupplyLink.season == season,
        )
    )
    return int(known or 0)


def _lock(
    session: Session, scope: Scope, public_id: str, seen_version: int | None
) -> Row[*tuple[Any, ...]]:
    row = session.execute(
        select(*SupplyLink.__table__.columns)
        .where(
            SupplyLink.owner_id == scope.organisation_id,
            SupplyLink.public_id == public_id,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise LinkNotFound(link=public_id)
    refuse_stale(public_id, seen=seen_version, version=row.version)
    return row
