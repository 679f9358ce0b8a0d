"""What can be read of harvest calendars, and of a place on a day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.folding import folded
from compliance.registry.harvest.calendar import Harvest, Months, harvest_on, read
from compliance.registry.models import HarvestCalendar
from compliance.texts import N_
from rules.vocabulary import Commodity


class CalendarNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such harvest calendar")
    detail = N_(
        "No harvest calendar of yours has the id {calendar}. GET "
        "/v1/harvest-calendars lists them."
    )


@dataclass(frozen=True)
class Place:
    """Where something grows; an empty region or municipality stands for all of them."""

    country: str
    admin1: str = ""
    municipality: str = ""


@dataclass(frozen=True)
class CalendarRecord:
    """The months of a place and a commodity, and who says so."""

    public_id: str
    place: Place
    commodity: Commodity
    months: Months
    stated_by: str
    version: int
    changed_at: datetime


CALENDARS: Select[*tuple[Any, ...]] = select(*HarvestCalendar.__table__.columns).where(
    HarvestCalendar.owner_id == bindparam("owner_id")
)
# The one of the municipality goes before that of its region, and this before the
# country's.
OF_PLACE = (
    CALENDARS.where(
        HarvestCalendar.country == bindparam("country"),
        HarvestCalendar.commodity == bindparam("commodity"),
        HarvestCalendar.admin1_folded.in_(["", bindparam("admin1")]),
        HarvestCalendar.municipality_folded.in_(["", bindparam("municipality")]),
    )
    .order_by(
        HarvestCalendar.municipality_folded.desc(),
        HarvestCalendar.admin1_folded.desc(),
    )
    .limit(1)
)


def calendars(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    country: str | None = None,
    commodity: Commodity | None = None,
) -> Page[CalendarRecord]:
    """Return a page of calendars in the order in which they were first stated."""
    scope.require(Permission.READ_REGISTER)
    return LISTED.page(
        session,
        {"owner_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted={"country": country, "commodity": commodity},
    )


def calendar(session: Session, scope: Scope, public_id: str) -> CalendarRecord:
    """Return one calendar, or raise CalendarNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = CalendarNotFound(calendar=public_id)
    return LISTED.one(session, {"owner_id": scope.organisation_id}, public_id, missing)


def calendar_of(
    session: Session, scope: Scope, place: Place, commodity: Commodity
) -> CalendarRecord | None:
    """Return the calendar that speaks for a place: the nearest that there is."""
    scope.require(Permission.READ_REGISTER)
    row = session.execute(
        OF_PLACE,
        {
            "owner_id": scope.organisation_id,
            "country": place.country,
            "admin1": folded(place.admin1),
            "municipality": folded(place.municipality),
            "commodity": commodity,
        },
    ).one_or_none()
    return None if row is None else _record(row)


def season_of(
    session: Session, scope: Scope, *, day: date, place: Place, commodity: Commodity
) -> Harvest | None:
    """Return what a day is to the harvest of a place; None where no calendar says."""
    found = calendar_of(session, scope, place, commodity)
    return None if found is None else harvest_on(day, found.months)


def _record(row: Row[*tuple[Any, ...]]) -> CalendarRecord:
    return CalendarRecord(
        public_id=row.public_id,
        place=Place(row.country, row.admin1, row.municipality),
        commodity=Commodity(row.commodity),
        months=read(row.months),
        stated_by=row.stated_by,
        version=row.version,
        changed_at=row.changed_at,
    )


LISTED = Listing(
    CALENDARS,
    HarvestCalendar.id,
    HarvestCalendar.public_id,
    _record,
    equal_to(country=HarvestCalendar.country, commodity=HarvestCalendar.commodity),
)
