"""Every visit of the story: which site, on which day, and what was answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from api.demonstration.chance import Chance
from api.demonstration.story import Season, Story, VisitWritten
from api.demonstration.supply import SiteInvented, SupplyChain, mill_key
from audits.visits.models import AuditKind

VISITS_A_DAY = 2
FIRST_HOURS = (time(7, 40), time(13, 10))
# Colombia and mainland Ecuador keep the same hour all year.
LOCAL = timezone(timedelta(hours=-5))


@dataclass(frozen=True)
class Visit:
    """One visit as it will have happened."""

    key: str
    site: SiteInvented
    kind: AuditKind
    year: int
    started_at: datetime
    written: VisitWritten

    @property
    def day(self) -> date:
        return self.started_at.date()


def visits_of(story: Story, chain: SupplyChain) -> tuple[Visit, ...]:
    """Return the visits in the order of their days; nobody is drawn twice by chance."""
    visited: dict[str, SiteInvented] = {}
    found: list[Visit] = []
    for season in story.seasons:
        found += _mill_audits(season, chain)
        found += _farm_visits(story, season, chain, visited)
    return tuple(sorted(found, key=lambda visit: visit.started_at))


def _mill_audits(season: Season, chain: SupplyChain) -> Iterator[Visit]:
    by_key = {site.key: site for site in chain.sites}
    days = _weekdays(season.begins - timedelta(days=7))
    for written in season.mills:
        key = mill_key(written.chain)
        yield Visit(
            key=f"{key}-{season.year}",
            site=by_key[key],
            kind=AuditKind.MILL_AUDIT,
            year=season.year,
            started_at=datetime.combine(next(days), FIRST_HOURS[0], LOCAL),
            written=written,
        )


def _farm_visits(
    story: Story,
    season: Season,
    chain: SupplyChain,
    visited: dict[str, SiteInvented],
) -> Iterator[Visit]:
    chance = Chance(story.seed, "draw", str(season.year))
    days = _weekdays(season.begins)
    day = next(days)
    for number, written in enumerate(season.farms):
        turn = number % VISITS_A_DAY
        if number and turn == 0:
            day = next(days)
        site = (
            visited[written.again]
            if written.again
            else _drawn(chance, season, chain, written, visited)
        )
        visited[written.id] = site
        yield Visit(
            key=written.id,
            site=site,
            kind=AuditKind.FARM_VISIT,
            year=season.year,
            started_at=datetime.combine(day, FIRST_HOURS[turn], LOCAL),
            written=written,
        )


def _drawn(
    chance: Chance,
    season: Season,
    chain: SupplyChain,
    written: VisitWritten,
    visited: Mapping[str, SiteInvented],
) -> SiteInvented:
    known = set(visited.values())
    return chance.pick(
        [farm for farm in chain.farms(written.chain, season.year) if farm not in known]
    )


def _weekdays(first: date) -> Iterator[date]:
    day = first
    while True:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def instant(day: date, hour: int = 12) -> datetime:
    """Return an hour of a day in the field, in UTC."""
    return datetime.combine(day, time(hour), LOCAL).astimezone(UTC)
