"""How far the supply base of a site was assessed: by head, by volume, and how long ago.

A supplier counts as assessed by a visit whose answers stand and were judged. Nobody's
visit is never a good sign: what was never visited is told as such.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.models import Placement, Submission, Withdrawal
from audits.visits.lifecycle import State
from audits.visits.models import Audit
from compliance import clock
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import batches
from compliance.registry.harvest.calendar import Months, is_in_season
from compliance.registry.models import Site
from compliance.registry.supply_base import Supplier, SupplyBase, total_share
from compliance.verdicts.models import Assessment

MONTHS_RECENT = 12

Successor, Own = aliased(Submission), aliased(Site)
# The days of visits that stand and were judged, of each site and of what was merged
# into it.
DAYS = (
    select(Own.kept_id, Submission.observed_on)
    .join(Placement, Placement.submission_id == Submission.id)
    .join(Audit, Audit.id == Placement.audit_id)
    .join(Own, Own.id == Audit.site_id)
    .outerjoin(Successor, Successor.supersedes_id == Submission.id)
    .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
    .where(
        Audit.owner_id == bindparam("owner_id"),
        Own.kept_id.in_(bindparam("site_ids", expanding=True)),
        Audit.status != State.VOIDED,
        Successor.id.is_(None),
        Withdrawal.submission_id.is_(None),
        select(Assessment.id).where(Assessment.submission_id == Submission.id).exists(),
    )
    .distinct()
)


@dataclass(frozen=True)
class Assessed:
    """When a supplier was last assessed; None is never."""

    last_on: date | None = None
    in_season: bool = False
    recently: bool = False  # within twelve months


NEVER = Assessed()


@dataclass(frozen=True)
class Coverage:
    """How far a supply base was assessed on a day, and when each supplier was.

    Shares are of the volume of the site at the root; the last known supplier of each
    chain decides whether its part was assessed. `oldest_on` is the last visit of the
    supplier whose last visit lies furthest back.
    """

    on: date
    by_site: Mapping[SiteId, Assessed]
    suppliers: int
    assessed_in_season: int
    assessed_recently: int
    never_assessed: int
    oldest_on: date | None
    known_share: Fraction
    traced_share: Fraction
    share_assessed_in_season: Fraction
    share_assessed_recently: Fraction

    @property
    def unknown_share(self) -> Fraction:
        return 1 - self.known_share

    def of(self, supplier: Supplier) -> Assessed | None:
        """Return when a supplier was assessed; None of a group, which nobody visits."""
        if not supplier.is_site:
            return None
        return self.by_site.get(SiteId(supplier.way.giver), NEVER)


def coverage(
    session: Session,
    scope: Scope,
    base: SupplyBase,
    *,
    months: Months | None = None,
    on: date | None = None,
) -> Coverage:
    """Return how far a supply base was assessed up to a day, today unless one is given.

    `months` is the harvest calendar of the place, by which a day is of a season.
    """
    scope.require(Permission.READ_REGISTER)
    day = on or clock.today()
    days = _days(session, scope, base.sites, day)
    return covered(base, days, months, day)


def covered(
    base: SupplyBase,
    days: Mapping[SiteId, Iterable[date]],
    months: Months | None,
    on: date,
) -> Coverage:
    """Return the coverage that follows from the days of the visits of each site."""
    by_site = {
        site: _assessed(days.get(site, ()), base.season, months, on)
        for site in base.sites
    }
    visited = [one.last_on for one in by_site.values() if one.last_on is not None]
    ends = [(one, by_site[SiteId(one.way.giver)]) for one in base.ends if one.is_site]
    return Coverage(
        on=on,
        by_site=by_site,
        suppliers=len(by_site),
        assessed_in_season=sum(one.in_season for one in by_site.values()),
        assessed_recently=sum(one.recently for one in by_site.values()),
        never_assessed=len(by_site) - len(visited),
        oldest_on=min(visited, default=None),
        known_share=base.known_share,
        traced_share=base.traced_share,
        share_assessed_in_season=total_share(
            end for end, known in ends if known.in_season
        ),
        share_assessed_recently=total_share(
            end for end, known in ends if known.recently
        ),
    )


def _assessed(
    days: Iterable[date], season: str, months: Months | None, on: date
) -> Assessed:
    known = sorted(days)
    if not known:
        return NEVER
    last = known[-1]
    return Assessed(
        last_on=last,
        in_season=any(is_in_season(day, season, months) for day in known),
        recently=last > _year_before(on),
    )


def _year_before(day: date) -> date:
    """Return the same day a year ago; the 28th where that year has no 29 February."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _days(
    session: Session, scope: Scope, sites: Collection[SiteId], until: date
) -> Mapping[SiteId, list[date]]:
    found: dict[SiteId, list[date]] = defaultdict(list)
    values = {"owner_id": scope.organisation_id}
    for some in batches(sites):
        for row in session.execute(DAYS, {**values, "site_ids": some}):
            if row.observed_on <= until:
                found[SiteId(row.kept_id)].append(row.observed_on)
    return found
