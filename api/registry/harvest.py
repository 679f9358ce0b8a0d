"""Harvest calendars over HTTP, and the season that a day belongs to."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.registry.common import (
    CHANGE_PROBLEMS,
    REMOVE_PROBLEMS,
    WRITE_PROBLEMS,
    change,
    tagged,
)
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Country, Day, Name, Wire
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry import queries as registered
from compliance.registry.harvest import actions, queries
from compliance.registry.harvest.calendar import Harvest, Month
from compliance.registry.harvest.queries import CalendarRecord, Place
from compliance.registry.queries import RUN
from rules.vocabulary import Commodity

calendars = feature_router("/v1/harvest-calendars", "harvest")
site_season = feature_router("/v1/sites", "harvest")

PlaceText = Annotated[str, StringConstraints(max_length=100, strict=True)]
YearOfMonths = Annotated[
    list[Month],
    Field(min_length=12, max_length=12, description="Twelve, from January on."),
]


class CalendarMonths(Wire):
    """In which months is harvest, and who says so."""

    months: YearOfMonths
    stated_by: Annotated[
        Name, Field(description="Where the months are from: a body, a publication.")
    ]


class NewCalendar(CalendarMonths):
    """The calendar of a country, or of a region or municipality of it."""

    country: Country
    admin1: PlaceText = ""
    municipality: PlaceText = ""
    commodity: Commodity

    def place(self) -> Place:
        return Place(self.country, self.admin1, self.municipality)


class CalendarWire(Wire):
    id: str
    country: str
    admin1: str
    municipality: str
    commodity: Commodity
    months: list[Month]
    stated_by: str
    changed_at: datetime


class CalendarPage(Wire):
    items: list[CalendarWire]
    next: str | None


class SeasonWire(Wire):
    """What a day is to the harvest of a place; null where no calendar says."""

    on: Day
    month: Month | None
    season: str | None


def calendar_document(calendar: CalendarRecord) -> dict[str, Any]:
    """Return a calendar as the API tells it."""
    return {
        "id": calendar.public_id,
        "country": calendar.place.country,
        "admin1": calendar.place.admin1,
        "municipality": calendar.place.municipality,
        "commodity": calendar.commodity,
        "months": calendar.months,
        "stated_by": calendar.stated_by,
        "changed_at": calendar.changed_at,
    }


@calendars.get("", responses={200: {"model": CalendarPage}, **PROBLEMS})
async def list_calendars(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    country: Country | None = None,
    commodity: Commodity | None = None,
) -> Response:
    """List the harvest calendars of your register."""
    page = await hop.read(
        request,
        lambda session, scope: queries.calendars(
            session,
            scope,
            rows=rows,
            after=after,
            country=country,
            commodity=commodity,
        ),
    )
    documents = [calendar_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@calendars.post(
    "", status_code=201, responses={201: {"model": CalendarWire}, **WRITE_PROBLEMS}
)
async def state_calendar(request: Request, body: NewCalendar) -> Response:
    """State in which months a commodity is harvested at a place."""

    def work(session: Session, scope: Scope) -> Answer:
        record = actions.state_calendar(
            session,
            scope,
            place=body.place(),
            commodity=body.commodity,
            months=body.months,
            stated_by=body.stated_by,
        )
        return tagged(
            201,
            calendar_document(record),
            location=f"/v1/harvest-calendars/{record.public_id}",
        )

    return await hop.write(request, work)


@calendars.get("/{calendar}", responses={200: {"model": CalendarWire}, **ONE_PROBLEMS})
async def read_calendar(request: Request, calendar: str) -> Response:
    """Read one harvest calendar."""
    record = await hop.read(
        request, lambda session, scope: queries.calendar(session, scope, calendar)
    )
    return hop.respond(tagged(200, calendar_document(record)))


@calendars.put(
    "/{calendar}", responses={200: {"model": CalendarWire}, **CHANGE_PROBLEMS}
)
async def change_calendar(
    request: Request, calendar: str, body: CalendarMonths
) -> Response:
    """Correct the months of a calendar."""
    return await change(
        request,
        lambda session, scope: queries.calendar(session, scope, calendar),
        calendar_document,
        lambda session, scope, seen: actions.change_calendar(
            session,
            scope,
            calendar,
            seen_version=seen.version,
            months=body.months,
            stated_by=body.stated_by,
        ),
    )


@calendars.delete("/{calendar}", status_code=204, responses=REMOVE_PROBLEMS)
async def remove_calendar(request: Request, calendar: str) -> Response:
    """Take a calendar back; the trail keeps what it said."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.remove_calendar(session, scope, calendar)
        return hop.NOTHING

    return await hop.write(request, work)


@site_season.get(
    "/{site}/season", responses={200: {"model": SeasonWire}, **ONE_PROBLEMS}
)
async def read_season(
    request: Request,
    site: str,
    on: Annotated[Day | None, Query(description="The day; today without it.")] = None,
) -> Response:
    """Tell which harvest a day belongs to at a site."""
    day = on or clock.today()

    def read(session: Session, scope: Scope) -> Harvest | None:
        found = registered.site(session, scope, site, among=RUN)
        return queries.season_of(
            session,
            scope,
            day=day,
            place=Place(found.country, found.admin1 or "", found.municipality or ""),
            commodity=found.commodity,
        )

    harvest = await hop.read(request, read)
    document = {
        "on": day,
        "month": None if harvest is None else harvest.month,
        "season": None if harvest is None else harvest.season,
    }
    return hop.respond(hop.json_answer(200, document))
