"""What can be done about the register: sites and supply links are noted here."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.identifiers import OrganisationId, SiteId, new_id, new_public_id
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.models import (
    Site,
    SiteIdentifier,
    SupplyLink,
)
from compliance.registry.queries import Identifier, SiteNotFound, SiteRecord, site
from compliance.texts import N_
from rules.vocabulary import Commodity, SiteKind

MICRO = 1_000_000


class IdentifierTaken(Problem):
    kind = Kind.CONFLICT
    title = N_("Another site has this identifier")
    detail = N_(
        "The {scheme} number {value} already belongs to {site}. Correct the number, "
        "or use the site that is there."
    )


class GroupNotFound(Problem):
    kind = Kind.INVALID
    title = N_("No such producer group")
    detail = N_("No producer group of your register has the id {group}.")


class SiteUnknown(Problem):
    kind = Kind.INVALID
    title = N_("The request names a site that is not there")
    detail = N_(
        "'{field}' is {site}, but no producer or mill of yours has this id. "
        "GET /v1/producers and GET /v1/mills list those you may name."
    )


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


def register_site(
    session: Session,
    scope: Scope,
    *,
    kind: SiteKind,
    name: str,
    country: str,
    commodity: Commodity,
    admin1: str | None = None,
    municipality: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    area_square_metres: int | None = None,
    group: str | None = None,
    identifiers: Sequence[Identifier] = (),
) -> SiteRecord:
    """Register a producer's farm or a mill; a known identifier is refused."""
    scope.require(Permission.CHANGE_REGISTER)
    for identifier in identifiers:
        _refuse_taken(session, scope, identifier)

    site_id, public_id = SiteId(new_id()), new_public_id("site")
    session.execute(
        insert(Site).values(
            id=site_id,
            public_id=public_id,
            owner_id=scope.organisation_id,
            kind=kind,
            name=name,
            country=country,
            admin1=admin1,
            municipality=municipality,
            commodity=commodity,
            latitude_microdegrees=_micro(latitude),
            longitude_microdegrees=_micro(longitude),
            area_square_metres=area_square_metres,
            group_id=_group_id(session, scope, group),
            registered_at=clock.now(),
        )
    )
    for identifier in identifiers:
        session.execute(
            insert(SiteIdentifier).values(
                id=new_id(),
                owner_id=scope.organisation_id,
                site_id=site_id,
                scheme=identifier.scheme,
                value=identifier.value,
            )
        )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=f"{kind}.registered",
        subject_id=public_id,
        commodity=commodity,
        country=country,
    )
    return site(session, scope, public_id)


def _refuse_taken(session: Session, scope: Scope, identifier: Identifier) -> None:
    holder = session.scalar(
        select(Site.public_id)
        .join(SiteIdentifier, SiteIdentifier.site_id == Site.id)
        .where(
            SiteIdentifier.owner_id == scope.organisation_id,
            SiteIdentifier.scheme == identifier.scheme,
            SiteIdentifier.value == identifier.value,
        )
    )
    if holder is not None:
        raise IdentifierTaken(
            scheme=identifier.scheme, value=identifier.value, site=holder
        )


def _group_id(
    session: Session, scope: Scope, group: str | None
) -> OrganisationId | None:
    if group is None:
        return None
    found = session.scalar(
        select(Organisation.id).where(
            Organisation.public_id == group,
            Organisation.registered_by_id == scope.organisation_id,
        )
    )
    if found is None:
        raise GroupNotFound(group=group)
    return OrganisationId(found)


def _micro(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * MICRO)


def register_supply_link(
    session: Session,
    scope: Scope,
    *,
    from_site: str,
    to_site: str,
    commodity: Commodity,
    season: str,
    volume_share: float | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> str:
    """Note that one site supplies another in a season; return the link's public id."""
    scope.require(Permission.CHANGE_REGISTER)
    if from_site == to_site:
        raise LinkToItself(site=from_site)
    giver = _named(session, scope, "from_site", from_site)
    taker = _named(session, scope, "to_site", to_site)
    existing = session.scalar(
        select(SupplyLink.public_id).where(
            SupplyLink.from_site_id == giver.id,
            SupplyLink.to_site_id == taker.id,
            SupplyLink.commodity == commodity,
            SupplyLink.season == season,
        )
    )
    if existing is not None:
        raise LinkExists(
            from_site=from_site,
            to_site=to_site,
            commodity=commodity,
            season=season,
            link=existing,
        )
    public_id = new_public_id("link")
    session.execute(
        insert(SupplyLink).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            from_site_id=giver.id,
            to_site_id=taker.id,
            commodity=commodity,
            season=season,
            volume_share_basis_points=None
            if volume_share is None
            else round(volume_share * 10_000),
            valid_from=valid_from,
            valid_until=valid_until,
            registered_at=clock.now(),
        )
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="supply_link.registered",
        subject_id=public_id,
        from_site=from_site,
        to_site=to_site,
        season=season,
    )
    return public_id


def _named(session: Session, scope: Scope, field: str, public_id: str) -> SiteRecord:
    try:
        return site(session, scope, public_id)
    except SiteNotFound as missing:
        raise SiteUnknown(field=field, site=public_id) from missing
