"""What the harvest says of a visit: whether anybody came while something was picked."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from compliance.identity.scope import Scope
from compliance.registry.harvest.calendar import Harvest, Months, harvest_on
from compliance.registry.harvest.queries import Place, calendar_of
from rules import Commodity

MONTHS_BACK = 12
A_MONTH = timedelta(days=28)
Grown = tuple[Place, Commodity]


class Missed(StrEnum):
    """Which harvest nobody came in: the one that goes on, or the last one."""

    THIS = "this"
    LAST = "last"


@dataclass
class Harvests:
    """The harvests of a few places on a day; a calendar is read once for each place."""

    session: Session
    scope: Scope
    day: date
    known: dict[Grown, Months | None] = field(default_factory=dict)

    def months(self, place: Place, commodity: Commodity) -> Months | None:
        """Return the calendar of a place; None where nobody stated one."""
        grown = place, commodity
        if grown not in self.known:
            found = calendar_of(self.session, self.scope, place, commodity)
            self.known[grown] = None if found is None else found.months
        return self.known[grown]

    def missed(
        self, place: Place, commodity: Commodity, last_visit: date | None
    ) -> Missed | None:
        """Return the harvest that nobody came in; None where somebody did.

        Without a calendar nobody can tell, and nothing is said.
        """
        months = self.months(place, commodity)
        season = None if months is None else latest_season(self.day, months)
        if months is None or season is None:
            return None
        if last_visit is not None and harvest_on(last_visit, months).season == season:
            return None
        is_on = harvest_on(self.day, months).season == season
        return Missed.THIS if is_on else Missed.LAST


def latest_season(day: date, months: Months) -> str | None:
    """Return the season of the harvest that goes on, or of the one before; None of none."""
    for back in range(MONTHS_BACK + 1):
        found: Harvest = harvest_on(day - back * A_MONTH, months)
        if found.season is not None:
            return found.season
    return None
