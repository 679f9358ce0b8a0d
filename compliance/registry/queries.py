"""What can be read of the register."""

import functools
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from compliance.database import Page, listing
from compliance.identifiers import SiteId
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.models import (
    IdentifierScheme,
    Site,
    SiteIdentifier,
    SupplyLink,
)
from compliance.texts import N_
from rules.vocabulary import Commodity, SiteKind


class SiteNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such site")
    detail = N_(
        "No producer or mill of yours has the id {site}. GET /v1/producers and "
        "GET /v1/mills list those you may see."
    )


class NoSuchPage(Problem):
    kind = Kind.INVALID
    title = N_("The list cannot go on from there")
    detail = N_(
        "'after' is {after}, which is not in this list. Use the address in the Link "
        "header of the page before, or leave 'after' out to begin."
    )


@dataclass(frozen=True)
class Identifier:
    scheme: IdentifierScheme
    value: str


@dataclass(frozen=True)
class SiteRecord:
    """A producer or mill as the register knows it."""

    id: SiteId
    public_id: str
    kind: SiteKind
    name: str
    country: str
    admin1: str | None
    municipality: str | None
    commodity: Commodity
    latitude: float | None
    longitude: float | None
    area_square_metres: int | None
    group_public_id: str | None
    group_name: str | None
    identifiers: tuple[Identifier, ...] = field(default=())


@dataclass(frozen=True)
class SupplyLinkRecord:
    public_id: str
    from_public_id: str
    from_name: str
    from_kind: SiteKind
    to_public_id: str
    to_name: str
    commodity: Commodity
    season: str
    volume_share: float | None
    valid_from: date | None
    valid_until: date | None


Group = aliased(Organisation)

SITES: Select[*tuple[Any, ...]] = (
    select(
        Site.id,
        Site.public_id,
        Site.kind,
        Site.name,
        Site.country,
        Site.admin1,
        Site.municipality,
        Site.commodity,
        Site.latitude_microdegrees,
        Site.longitude_microdegrees,
        Site.area_square_metres,
        Group.public_id.label("group_public_id"),
        Group.name.label("group_name"),
    )
    .outerjoin(Group, Group.id == Site.group_id)
    .where(Site.owner_id == bindparam("owner_id"))
)

ONE_SITE = SITES.where(Site.public_id == bindparam("public_id"))

IDENTIFIERS = (
    select(SiteIdentifier.site_id, SiteIdentifier.scheme, SiteIdentifier.value)
    .where(
        SiteIdentifier.owner_id == bindparam("owner_id"),
        SiteIdentifier.site_id.in_(bindparam("site_ids", expanding=True)),
    )
    .order_by(SiteIdentifier.scheme, SiteIdentifier.value)
)

FILTERS = {
    "kind": Site.kind,
    "commodity": Site.commodity,
    "country": Site.country,
    "municipality": Site.municipality,
    "group": Group.public_id,
}


@functools.cache
def _listing(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Return the listing with the filters and cursor that are asked for, built once."""
    return listing(SITES, Site.id, FILTERS, names)


def site(
    session: Session, scope: Scope, public_id: str, *, kind: SiteKind | None = None
) -> SiteRecord:
    """Return one site, or raise SiteNotFound: another organisation's is not found."""
    scope.require(Permission.READ_REGISTER)
    row = session.execute(
        ONE_SITE, {"owner_id": scope.organisation_id, "public_id": public_id}
    ).one_or_none()
    if row is None or (kind is not None and row.kind != kind):
        raise SiteNotFound(site=public_id)
    return _records(session, scope, [row])[0]


def sites(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | None,
) -> Page[SiteRecord]:
    """Return a page of sites in the order of registration.

    `wanted` filters by kind, commodity, country, municipality or group (public id).
    """
    scope.require(Permission.READ_REGISTER)
    values: dict[str, object] = {
        name: value for name, value in wanted.items() if value is not None
    }
    if after is not None:
        values["after_id"] = _cursor(session, scope, after)

    found = session.execute(
        _listing(frozenset(values)),
        {**values, "owner_id": scope.organisation_id, "rows": rows + 1},
    ).all()
    records = tuple(_records(session, scope, found[:rows]))
    return Page(records, records[-1].public_id if len(found) > rows else None)


def _cursor(session: Session, scope: Scope, after: str) -> uuid.UUID:
    identifier = session.scalar(
        select(Site.id).where(
            Site.owner_id == scope.organisation_id, Site.public_id == after
        )
    )
    if identifier is None:
        raise NoSuchPage(after=after)
    return identifier


def _records(
    session: Session, scope: Scope, rows: Sequence[Row[Any]]
) -> list[SiteRecord]:
    identifiers: dict[uuid.UUID, list[Identifier]] = defaultdict(list)
    for found in session.execute(
        IDENTIFIERS,
        {
            "owner_id": scope.organisation_id,
            "site_ids": [row.id for row in rows],
        },
    ):
        identifiers[found.site_id].append(
            Identifier(IdentifierScheme(found.scheme), found.value)
        )
    return [
        SiteRecord(
            id=row.id,
            public_id=row.public_id,
            kind=SiteKind(row.kind),
            name=row.name,
            country=row.country,
            admin1=row.admin1,
            municipality=row.municipality,
            commodity=Commodity(row.commodity),
            latitude=_degrees(row.latitude_microdegrees),
            longitude=_degrees(row.longitude_microdegrees),
            area_square_metres=row.area_square_metres,
            group_public_id=row.group_public_id,
            group_name=row.group_name,
            identifiers=tuple(identifiers[row.id]),
        )
        for row in rows
    ]


def _degrees(microdegrees: int | None) -> float | None:
    return None if microdegrees is None else microdegrees / 1_000_000


FromSite, ToSite = aliased(Site), aliased(Site)


def supply_links(
    session: Session,
    scope: Scope,
    *,
    from_site: str | None = None,
    to_site: str | None = None,
    season: str | None = None,
) -> tuple[SupplyLinkRecord, ...]:
    """Return the supply links of a site (either end) or of a season, newest first."""
    scope.require(Permission.READ_REGISTER)
    statement = (
        select(
            SupplyLink,
            FromSite.public_id.label("from_public_id"),
            FromSite.name.label("from_name"),
            FromSite.kind.label("from_kind"),
            ToSite.public_id.label("to_public_id"),
            ToSite.name.label("to_name"),
        )
        .join(FromSite, FromSite.id == SupplyLink.from_site_id)
        .join(ToSite, ToSite.id == SupplyLink.to_site_id)
        .where(SupplyLink.owner_id == scope.organisation_id)
        .order_by(SupplyLink.season.desc(), FromSite.name, SupplyLink.id)
    )
    if from_site is not None:
        statement = statement.where(FromSite.public_id == from_site)
    if to_site is not None:
        statement = statement.where(ToSite.public_id == to_site)
    if season is not None:
        statement = statement.where(SupplyLink.season == season)
    return tuple(
        SupplyLinkRecord(
            public_id=row.SupplyLink.public_id,
            from_public_id=row.from_public_id,
            from_name=row.from_name,
            from_kind=SiteKind(row.from_kind),
            to_public_id=row.to_public_id,
            to_name=row.to_name,
            commodity=Commodity(row.SupplyLink.commodity),
            season=row.SupplyLink.season,
            volume_share=_share(row.SupplyLink.volume_share_basis_points),
            valid_from=row.SupplyLink.valid_from,
            valid_until=row.SupplyLink.valid_until,
        )
        for row in session.execute(statement)
    )


def _share(basis_points: int | None) -> float | None:
    return None if basis_points is None else basis_points / 10_000
