"""What lists of the register can be narrowed to: places, groups, mills and seasons."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from compliance.identity.models import Organisation, OrganisationKind
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.filters import kept_id_of
from compliance.registry.models import Site, SiteState, SupplyLink
from rules.vocabulary import SiteKind

# More than these nobody looks through: whoever has more writes the name.
MOST = 500

Taker = aliased(Site)
OF_OWNER = (Site.owner_id == bindparam("owner_id"), Site.kept_id == Site.id)
PLACES = (
    select(Site.country, Site.admin1, Site.municipality)
    .where(*OF_OWNER)
    .group_by(Site.country, Site.admin1, Site.municipality)
    .order_by(Site.country, Site.admin1, Site.municipality)
)
GROUPS = (
    select(Organisation.public_id, Organisation.name)
    .where(
        Organisation.registered_by_id == bindparam("owner_id"),
        Organisation.kind == OrganisationKind.PRODUCER_GROUP,
    )
    .order_by(Organisation.name, Organisation.id)
    .limit(MOST)
)
MILLS = (
    select(Site.public_id, Site.name)
    .where(*OF_OWNER, Site.kind == SiteKind.MILL, Site.state == SiteState.ACTIVE)
    .order_by(Site.name_folded, Site.id)
    .limit(MOST)
)
SEASONS = (
    select(SupplyLink.season)
    .where(SupplyLink.owner_id == bindparam("owner_id"))
    .distinct()
    .order_by(SupplyLink.season.desc())
)
SEASONS_INTO = SEASONS.join(Taker, Taker.id == SupplyLink.to_site_id).where(
    Taker.kept_id == kept_id_of("site")
)


@dataclass(frozen=True)
class Places:
    """Where the sites of a register are."""

    countries: tuple[str, ...]
    regions: tuple[str, ...]
    municipalities: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """A group or a mill to choose."""

    public_id: str
    name: str


def places(session: Session, scope: Scope) -> Places:
    """Return the countries, regions and municipalities of the register, each once."""
    found = session.execute(PLACES, _mine(scope)).all()
    return Places(
        countries=tuple(sorted({row.country for row in found})),
        regions=tuple(sorted({row.admin1 for row in found if row.admin1}))[:MOST],
        municipalities=tuple(
            sorted({row.municipality for row in found if row.municipality})
        )[:MOST],
    )


def group_names(session: Session, scope: Scope) -> tuple[Named, ...]:
    """Return the producer groups of the register by name."""
    found = session.execute(GROUPS, _mine(scope))
    return tuple(Named(row.public_id, row.name) for row in found)


def mill_names(session: Session, scope: Scope) -> tuple[Named, ...]:
    """Return the mills of the register that work, by name."""
    found = session.execute(MILLS, _mine(scope))
    return tuple(Named(row.public_id, row.name) for row in found)


def seasons_of_links(session: Session, scope: Scope) -> tuple[str, ...]:
    """Return the seasons of which supply links are known, the newest first."""
    return tuple(session.execute(SEASONS, _mine(scope)).scalars())


def seasons_into(session: Session, scope: Scope, mill: str) -> tuple[str, ...]:
    """Return the seasons in which somebody delivers to a site, the newest first."""
    bound = {**_mine(scope), "site": mill}
    return tuple(session.execute(SEASONS_INTO, bound).scalars())


def _mine(scope: Scope) -> dict[str, object]:
    scope.require(Permission.READ_REGISTER)
    return {"owner_id": scope.organisation_id}
