"""The frame of a draw: the producers upstream of a mill, each in its stratum.

A stratum says where a site is, how large it is and whether it hires people; what is not
known of a site is a value of its own, so that unknown sites are drawn like any other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.sampling.drawing import Candidate
from audits.sampling.policy import SamplingPolicy
from audits.sampling.quotas import Present
from compliance.database import one_of
from compliance.findings.deadlines import RED_FLAGS
from compliance.findings.lifecycle import OPEN
from compliance.findings.models import Finding
from compliance.identifiers import SiteId
from compliance.identity.scope import Scope
from compliance.registry.models import Site, SiteState, WorkforceProfile
from compliance.registry.workforce.queries import IS_NEWEST
from rules.vocabulary import Commodity, SiteKind

UNKNOWN = "unknown"
SQUARE_METRES = 10_000  # of a hectare


@dataclass(frozen=True)
class Farm:
    """A producer of the base, and what decides of its stratum and its quota."""

    id: SiteId
    public_id: str
    municipality: str | None
    area_square_metres: int | None
    present: Present | None


Profiled = aliased(Site)
FARMS = select(
    Site.id, Site.public_id, Site.municipality, Site.area_square_metres
).where(
    one_of(Site.id, "sites"),
    Site.owner_id == bindparam("owner_id"),
    Site.kind == SiteKind.PRODUCER,
    Site.state == SiteState.ACTIVE,
)
# What was stated last of each site's people in the season, by any of its records.
PRESENT = (
    select(
        Site.id,
        WorkforceProfile.permanent,
        WorkforceProfile.temporary,
        WorkforceProfile.family_help,
    )
    .select_from(WorkforceProfile)
    .join(Profiled, Profiled.id == WorkforceProfile.site_id)
    .join(Site, Site.id == Profiled.kept_id)
    .where(
        WorkforceProfile.owner_id == bindparam("owner_id"),
        WorkforceProfile.season == bindparam("season"),
        one_of(Site.id, "sites"),
        IS_NEWEST,
    )
)
Flagged = aliased(Site)
OPEN_RED_FLAG = (
    select(Finding.id)
    .join(Flagged, Flagged.id == Finding.site_id)
    .where(
        Finding.owner_id == bindparam("owner_id"),
        one_of(Flagged.kept_id, "sites"),
        Finding.severity.in_(sorted(RED_FLAGS)),
        Finding.state.in_(sorted(OPEN)),
    )
    .limit(1)
)


def farms_among(
    session: Session, scope: Scope, sites: Collection[SiteId], *, season: str
) -> tuple[Farm, ...]:
    """Return the active producers among some sites, with who works there in a season."""
    bound: Mapping[str, Any] = {
        "owner_id": scope.organisation_id,
        "sites": sorted(sites),
    }
    profiled = session.execute(PRESENT, {**bound, "season": season})
    present = {row.id: _present(row) for row in profiled}
    return tuple(
        Farm(
            id=SiteId(row.id),
            public_id=row.public_id,
            municipality=row.municipality,
            area_square_metres=row.area_square_metres,
            present=present.get(row.id),
        )
        for row in session.execute(FARMS, bound)
    )


def has_open_red_flag(
    session: Session, scope: Scope, sites: Collection[SiteId]
) -> bool:
    """Tell whether a red flag is open at one of some sites."""
    found = session.execute(
        OPEN_RED_FLAG, {"owner_id": scope.organisation_id, "sites": sorted(sites)}
    )
    return found.first() is not None


def candidate(farm: Farm, bounds: Sequence[int]) -> Candidate:
    """Return a farm as the frame has it."""
    return Candidate(
        farm.public_id,
        (
            farm.municipality or UNKNOWN,
            size_class(farm.area_square_metres, bounds),
            hires_labour(farm.present),
        ),
    )


def size_class(area_square_metres: int | None, bounds: Sequence[int]) -> str:
    """Return the class of an area; bounds are hectares, and a bound opens a class."""
    if area_square_metres is None:
        return UNKNOWN
    below = [one for one in bounds if one * SQUARE_METRES <= area_square_metres]
    above = [one for one in bounds if one * SQUARE_METRES > area_square_metres]
    if not below:
        return f"under_{above[0]}_ha"
    return f"{below[-1]}_to_{above[0]}_ha" if above else f"{below[-1]}_ha_and_over"


def hires_labour(present: Present | None) -> str:
    """Return whether people are hired; one kind that is known to work there is enough."""
    if present is None:
        return UNKNOWN
    if (present.permanent or 0) + (present.temporary or 0) > 0:
        return "yes"
    return UNKNOWN if present.hired is None else "no"


def bounds_for(policy: SamplingPolicy, commodity: Commodity) -> tuple[int, ...]:
    """Return the bounds of size for a commodity, in hectares."""
    return policy.size_bounds_hectares[commodity]


def _present(row: Row[*tuple[Any, ...]]) -> Present:
    return Present(row.permanent, row.temporary, row.family_help)
