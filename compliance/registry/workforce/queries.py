"""What can be read of workforce profiles, by a site's owner and operator alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from compliance.database import Page
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.registry.filters import kept_id_of
from compliance.registry.models import Site, Source, WorkforceProfile
from compliance.registry.queries import RUN
from compliance.registry.visibility import sight_of, visible
from compliance.registry.workforce.counts import Category, Counts, Workforce


@dataclass(frozen=True)
class ProfileRecord:
    """What was stated of a site's people in a season; the highest revision counts."""

    public_id: str
    site_public_id: str
    site_name: str
    season: str
    revision: int
    workforce: Workforce
    source: Source
    source_reference: str | None
    stated_by: str
    stated_at: datetime


Own, Later = aliased(Site), aliased(WorkforceProfile)
LaterOwn = aliased(Site)

PROFILES: Select[*tuple[Any, ...]] = (
    select(
        *WorkforceProfile.__table__.columns,
        Site.public_id.label("site_public_id"),
        Site.name.label("site_name"),
    )
    .join(Own, Own.id == WorkforceProfile.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(visible(Resource.SITE, Action.READ, RUN))
)
ONE_PROFILE = PROFILES.where(WorkforceProfile.public_id == bindparam("public_id"))
# Of a merged site the newest statement counts, whichever record it was made of.
IS_NEWEST = ~(
    select(Later.id)
    .join(LaterOwn, LaterOwn.id == Later.site_id)
    .where(
        LaterOwn.kept_id == Site.id,
        Later.season == WorkforceProfile.season,
        or_(
            and_(
                Later.site_id == WorkforceProfile.site_id,
                Later.revision > WorkforceProfile.revision,
            ),
            and_(
                Later.site_id != WorkforceProfile.site_id,
                Later.stated_at > WorkforceProfile.stated_at,
            ),
        ),
    )
    .correlate(Site, WorkforceProfile)
    .exists()
)

OF_SITE = PROFILES.where(Site.id == bindparam("site_id"), IS_NEWEST)


def profiles(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    history: bool = False,
    **wanted: str | None,
) -> Page[ProfileRecord]:
    """Return a page of the profiles that count, or with `history` of all there were.

    `wanted` filters by site (public id) or season.
    """
    scope.require(Permission.READ_REGISTER)
    return LISTED.page(
        session,
        sight_of(scope),
        rows=rows,
        after=after,
        wanted={**wanted, "newest": None if history else True},
    )


def profile(session: Session, scope: Scope, public_id: str) -> ProfileRecord:
    """Return one profile that the caller has just stated."""
    row = session.execute(
        ONE_PROFILE, {**sight_of(scope), "public_id": public_id}
    ).one()
    return _record(row)


def last_revision(session: Session, site_id: object, season: str) -> int:
    """Return the highest revision of a site's season, 0 where there is none."""
    found = session.scalar(
        select(func.max(WorkforceProfile.revision)).where(
            WorkforceProfile.site_id == site_id, WorkforceProfile.season == season
        )
    )
    return found or 0


def hired_in(
    session: Session,
    scope: Scope,
    site_id: SiteId,
    *,
    season: str | None,
    year: int,
) -> int | None:
    """Return how many a kept site hires in a season, None where nobody stated it.

    Where the season has no profile of its own, the fullest season of the year counts.
    """
    scope.require(Permission.READ_REGISTER)
    rows = session.execute(OF_SITE, {**sight_of(scope), "site_id": site_id})
    hired = {row.season: _hired(_record(row).workforce) for row in rows}
    if season is not None and hired.get(season) is not None:
        return hired[season]
    of_year = [
        count
        for name, count in hired.items()
        if name.startswith(str(year)) and count is not None
    ]
    return max(of_year, default=None)


def _hired(workforce: Workforce) -> int | None:
    permanent, temporary = workforce.permanent.total, workforce.temporary.total
    if permanent is None or temporary is None:
        return None
    return permanent + temporary


def _record(row: Row[*tuple[Any, ...]]) -> ProfileRecord:
    counted = {
        one.value: Counts(
            getattr(row, one.value),
            getattr(row, f"{one.value}_women"),
            getattr(row, f"{one.value}_men"),
        )
        for one in Category
    }
    return ProfileRecord(
        public_id=row.public_id,
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        season=row.season,
        revision=row.revision,
        workforce=Workforce(**counted),
        source=Source(row.source),
        source_reference=row.source_reference,
        stated_by=row.stated_by,
        stated_at=row.stated_at,
    )


LISTED = Listing(
    PROFILES,
    WorkforceProfile.id,
    WorkforceProfile.public_id,
    _record,
    {
        **equal_to(season=WorkforceProfile.season),
        "site": Site.id == kept_id_of("site"),
        "newest": IS_NEWEST,
    },
)
