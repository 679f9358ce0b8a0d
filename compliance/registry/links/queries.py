"""What can be read of supply links: a page of them, one, and those of a site."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from compliance.database import Page
from compliance.identity.models import Organisation, OrganisationKind
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.filters import kept_id_of
from compliance.registry.models import Site, Source, SupplyLink
from compliance.registry.shares import share_of
from compliance.texts import N_
from rules.vocabulary import Commodity, SiteKind


class LinkNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such supply link")
    detail = N_(
        "No supply link of yours has the id {link}. GET /v1/supply-links lists them."
    )


class GiverKind(StrEnum):
    """Who supplies: a site of either kind, or a producer group."""

    PRODUCER = SiteKind.PRODUCER.value
    MILL = SiteKind.MILL.value
    PRODUCER_GROUP = OrganisationKind.PRODUCER_GROUP.value


@dataclass(frozen=True)
class SupplyLinkRecord:
    """One link; where a site was merged, the record that is kept is named."""

    public_id: str
    from_public_id: str
    from_name: str
    from_kind: GiverKind
    to_public_id: str
    to_name: str
    commodity: Commodity
    season: str
    volume_share: float | None
    valid_from: date | None
    valid_until: date | None
    source: Source
    source_reference: str | None
    version: int

    @property
    def is_from_group(self) -> bool:
        return self.from_kind is GiverKind.PRODUCER_GROUP


FromRow, FromSite, ToRow, ToSite = (
    aliased(Site),
    aliased(Site),
    aliased(Site),
    aliased(Site),
)
Group = aliased(Organisation)

LINKS: Select[*tuple[Any, ...]] = (
    select(
        SupplyLink.id,
        SupplyLink.public_id,
        func.coalesce(FromSite.public_id, Group.public_id).label("from_public_id"),
        func.coalesce(FromSite.name, Group.name).label("from_name"),
        func.coalesce(FromSite.kind, GiverKind.PRODUCER_GROUP).label("from_kind"),
        ToSite.public_id.label("to_public_id"),
        ToSite.name.label("to_name"),
        SupplyLink.commodity,
        SupplyLink.season,
        SupplyLink.volume_share_basis_points,
        SupplyLink.valid_from,
        SupplyLink.valid_until,
        SupplyLink.source,
        SupplyLink.source_reference,
        SupplyLink.version,
    )
    .outerjoin(FromRow, FromRow.id == SupplyLink.from_site_id)
    .outerjoin(FromSite, FromSite.id == FromRow.kept_id)
    .outerjoin(Group, Group.id == SupplyLink.from_group_id)
    .join(ToRow, ToRow.id == SupplyLink.to_site_id)
    .join(ToSite, ToSite.id == ToRow.kept_id)
    .where(SupplyLink.owner_id == bindparam("owner_id"))
)
NEWEST_FIRST = LINKS.order_by(
    SupplyLink.season.desc(), func.coalesce(FromSite.name, Group.name), SupplyLink.id
)
FROM_SITE = NEWEST_FIRST.where(FromRow.kept_id == kept_id_of("site"))
TO_SITE = NEWEST_FIRST.where(ToRow.kept_id == kept_id_of("site"))


def supply_links(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | None,
) -> Page[SupplyLinkRecord]:
    """Return a page of links in the order of registration.

    `wanted` filters by from_site, to_site, from_group (public ids), season, commodity
    or source.
    """
    scope.require(Permission.READ_REGISTER)
    return LISTED.page(
        session,
        {"owner_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted=wanted,
    )


def links_from(
    session: Session, scope: Scope, site: str
) -> tuple[SupplyLinkRecord, ...]:
    """Return every link from a site, the newest season first, then by name."""
    return _links_of(session, scope, FROM_SITE, site)


def links_to(session: Session, scope: Scope, site: str) -> tuple[SupplyLinkRecord, ...]:
    """Return every link to a site, the newest season first, then by name."""
    return _links_of(session, scope, TO_SITE, site)


def _links_of(
    session: Session, scope: Scope, statement: Select[*tuple[Any, ...]], site: str
) -> tuple[SupplyLinkRecord, ...]:
    scope.require(Permission.READ_REGISTER)
    bound = {"owner_id": scope.organisation_id, "site": site}
    return tuple(_record(row) for row in session.execute(statement, bound))


def supply_link(session: Session, scope: Scope, public_id: str) -> SupplyLinkRecord:
    """Return one link, or raise LinkNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = LinkNotFound(link=public_id)
    return LISTED.one(session, {"owner_id": scope.organisation_id}, public_id, missing)


def _record(row: Row[*tuple[Any, ...]]) -> SupplyLinkRecord:
    return SupplyLinkRecord(
        public_id=row.public_id,
        from_public_id=row.from_public_id,
        from_name=row.from_name,
        from_kind=GiverKind(row.from_kind),
        to_public_id=row.to_public_id,
        to_name=row.to_name,
        commodity=Commodity(row.commodity),
        season=row.season,
        volume_share=share_of(row.volume_share_basis_points),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        source=Source(row.source),
        source_reference=row.source_reference,
        version=row.version,
    )


LISTED = Listing(
    LINKS,
    SupplyLink.id,
    SupplyLink.public_id,
    _record,
    {
        **equal_to(
            from_group=Group.public_id,
            season=SupplyLink.season,
            commodity=SupplyLink.commodity,
            source=SupplyLink.source,
        ),
        "from_site": FromRow.kept_id == kept_id_of("from_site"),
        "to_site": ToRow.kept_id == kept_id_of("to_site"),
    },
)
