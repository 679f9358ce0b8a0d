"""What can be done about harvest calendars: state one, correct it, take it back."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from compliance import clock, site_marks
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import record_change
from compliance.registry.folding import folded
from compliance.registry.harvest.calendar import Month, written
from compliance.registry.harvest.queries import (
    CalendarNotFound,
    CalendarRecord,
    Place,
    calendar,
)
from compliance.registry.models import HarvestCalendar, Site
from compliance.registry.versions import refuse_stale
from compliance.texts import N_
from rules.vocabulary import Commodity


class CalendarExists(Problem):
    kind = Kind.CONFLICT
    title = N_("This place has a harvest calendar")
    detail = N_(
        "The calendar {calendar} is of the same place and commodity; change it."
    )


class MunicipalityWithoutRegion(Problem):
    kind = Kind.INVALID
    title = N_("Which region is the municipality in?")
    detail = N_("Give 'admin1' with 'municipality': names of municipalities recur.")


def state_calendar(
    session: Session,
    scope: Scope,
    *,
    place: Place,
    commodity: Commodity,
    months: Sequence[Month],
    stated_by: str,
) -> CalendarRecord:
    """State in which months a commodity is harvested at a place, and who says so."""
    scope.require(Permission.CHANGE_REGISTER)
    admin1, municipality = folded(place.admin1), folded(place.municipality)
    if municipality and not admin1:
        raise MunicipalityWithoutRegion
    public_id = new_public_id("calendar")
    is_new = insert_new(
        session,
        HarvestCalendar,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        country=place.country,
        admin1=place.admin1,
        admin1_folded=admin1,
        municipality=place.municipality,
        municipality_folded=municipality,
        commodity=commodity,
        months=written(months),
        stated_by=stated_by,
        changed_at=clock.now(),
    )
    if not is_new:
        known = session.scalar(
            select(HarvestCalendar.public_id).where(
                HarvestCalendar.owner_id == scope.organisation_id,
                HarvestCalendar.country == place.country,
                HarvestCalendar.admin1_folded == admin1,
                HarvestCalendar.municipality_folded == municipality,
                HarvestCalendar.commodity == commodity,
            )
        )
        raise CalendarExists(calendar=known)
    _mark(session, scope, place.country, commodity)
    record_change(
        session,
        scope,
        "harvest_calendar.stated",
        public_id,
        country=place.country,
        admin1=place.admin1,
        municipality=place.municipality,
        commodity=commodity,
        months=written(months),
    )
    return calendar(session, scope, public_id)


def change_calendar(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    seen_version: int | None,
    months: Sequence[Month],
    stated_by: str,
) -> CalendarRecord:
    """Correct the months of a calendar, unless somebody did in the meantime."""
    scope.require(Permission.CHANGE_REGISTER)
    row = session.execute(
        select(*HarvestCalendar.__table__.columns)
        .where(
            HarvestCalendar.owner_id == scope.organisation_id,
            HarvestCalendar.public_id == public_id,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise CalendarNotFound(calendar=public_id)
    refuse_stale(public_id, seen=seen_version, version=row.version)
    letters = written(months)
    if (letters, stated_by) != (row.months, row.stated_by):
        session.execute(
            update(HarvestCalendar)
            .where(HarvestCalendar.id == row.id)
            .values(
                months=letters,
                stated_by=stated_by,
                version=row.version + 1,
                changed_at=clock.now(),
            )
        )
        _mark(session, scope, row.country, Commodity(row.commodity))
        record_change(
            session, scope, "harvest_calendar.changed", public_id, months=letters
        )
    return calendar(session, scope, public_id)


def remove_calendar(session: Session, scope: Scope, public_id: str) -> None:
    """Take a calendar back; what hung on it is told by the year alone again."""
    scope.require(Permission.CHANGE_REGISTER)
    found = calendar(session, scope, public_id)
    session.execute(
        delete(HarvestCalendar).where(
            HarvestCalendar.owner_id == scope.organisation_id,
            HarvestCalendar.public_id == public_id,
        )
    )
    _mark(session, scope, found.place.country, found.commodity)
    record_change(
        session,
        scope,
        "harvest_calendar.removed",
        public_id,
        months=written(found.months),
    )


def _mark(session: Session, scope: Scope, country: str, commodity: Commodity) -> None:
    """Have the risk assessed again of every site that may take its seasons from here."""
    sites = select(Site.id).where(
        Site.owner_id == scope.organisation_id,
        Site.kept_id == Site.id,
        Site.country == country,
        Site.commodity == commodity,
    )
    site_marks.mark(session, scope.organisation_id, *session.scalars(sites))
