"""What can be read of supply links: a page of them, one, and those of a site."""

import functools
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
from compliance.problems import Kind, Problem
from compliance.registry.models import Site, Source, SupplyLink
from compliance.registry.queries import NoSuchPage
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


FromRow, FromSite, ToRow, ToSite, Named = (
    aliased(Site),
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
ONE_LINK = LINKS.where(SupplyLink.public_id == bindparam("public_id"))


def _kept(name: str) -> Any:
    """Return the key of the kept record of the site whose public id is bound."""
    named = select(Named.kept_id).where(Named.public_id == bindparam(name))
    return named.scalar_subquery()


FILTERS = {
    "from_site": FromRow.kept_id == _kept("from_site"),
    "to_site": ToRow.kept_id == _kept("to_site"),
    "from_group": Group.public_id == bindparam("from_group"),
    "season": SupplyLink.season == bindparam("season"),
    "commodity": SupplyLink.commodity == bindparam("commodity"),
    "source": SupplyLink.source == bindparam("source"),
    "after_id": SupplyLink.id > bindparam("after_id"),
}


@functools.cache
def _listing(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Return the listing with the filters and cursor that are asked for, built once."""
    return LINKS.where(*(FILTERS[name] for name in sorted(names)))


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
    values: dict[str, object] = {
        name: value for name, value in wanted.items() if value is not None
    }
    if after is not None:
        values["after_id"] = _cursor(session, scope, after)
    found = session.execute(
        _listing(frozenset(values)).order_by(SupplyLink.id).limit(bindparam("rows")),
        {**values, "owner_id": scope.organisation_id, "rows": rows + 1},
    ).all()
    records = tuple(_record(row) for row in found[:rows])
    return Page(records, records[-1].public_id if len(found) > rows else None)


def links_of_site(
    session: Session,
    scope: Scope,
    *,
    from_site: str | None = None,
    to_site: str | None = None,
) -> tuple[SupplyLinkRecord, ...]:
    """Return every link of a site at one end, the newest season first, then by name."""
    scope.require(Permission.READ_REGISTER)
    ends = {"from_site": from_site, "to_site": to_site}
    values = {name: value for name, value in ends.items() if value is not None}
    statement = _listing(frozenset(values)).order_by(
        SupplyLink.season.desc(),
        func.coalesce(FromSite.name, Group.name),
        SupplyLink.id,
    )
    found = session.execute(statement, {**values, "owner_id": scope.organisation_id})
    return tuple(_record(row) for row in found)


def supply_link(session: Session, scope: Scope, public_id: str) -> SupplyLinkRecord:
    """Return one link, or raise LinkNotFound."""
    scope.require(Permission.READ_REGISTER)
    row = session.execute(
        ONE_LINK, {"owner_id": scope.organisation_id, "public_id": public_id}
    ).one_or_none()
    if row is None:
        raise LinkNotFound(link=public_id)
    return _record(row)


def _cursor(session: Session, scope: Scope, after: str) -> object:
    found = session.scalar(
        select(SupplyLink.id).where(
            SupplyLink.owner_id == scope.organisation_id, SupplyLink.public_id == after
        )
    )
    if found is None:
        raise NoSuchPage(after=after)
    return found


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
