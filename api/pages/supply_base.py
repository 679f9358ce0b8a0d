"""The supply base as a planner sees it: table and map, risk and age of the visits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages import figures
from api.pages.figures import Figures, Grade
from api.pages.harvests import Harvests, Missed
from api.pages.options import (
    Options,
    codes_told,
    countries_told,
    names_told,
    same_told,
    texts_told,
)
from api.pages.rendering import language_of, page
from api.pages.supply_base_filters import SEEN_AS, Sought, sought
from api.pages.tables import csv_response, every_row, pager, wants_csv
from api.routing import feature_router
from audits.visits.queries import planned_next
from compliance import clock
from compliance.database import Page
from compliance.findings.deadlines import RED_FLAGS
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.choices import (
    Named,
    Places,
    group_names,
    mill_names,
    places,
    seasons_of_links,
)
from compliance.registry.harvest.queries import Place
from compliance.risk.codes import ConfidenceWord, RiskLevel
from compliance.risk.portfolio import RiskOrder, portfolio
from compliance.risk.queries import RiskRecord
from compliance.texts import N_
from rules import Commodity, Severity, SiteKind

ROWS = 25
SHEET_PAGE = 2_000
ORDERS: Mapping[RiskOrder, str] = {
    RiskOrder.WORST: N_("Highest risk first"),
    RiskOrder.SCORE: N_("Lowest risk first"),
    RiskOrder.OLDEST_VISIT: N_("Longest without a visit first"),
    RiskOrder.NEWEST_VISIT: N_("Latest visit first"),
    RiskOrder.NAME: N_("By name"),
    RiskOrder.REGISTERED: N_("In order of registration"),
}

supply_base = feature_router("/supply-base", "pages")


@dataclass(frozen=True)
class SiteRow:
    """A line of the table: no visit is told as such, never as an empty cell."""

    risk: RiskRecord
    last_visit: date | None
    days_ago: int | None
    missed: Missed | None
    open_findings: int
    grade: Grade | None
    planned_on: date | None


@dataclass(frozen=True)
class Choices:
    """What the lists of the filters offer."""

    places: Places
    groups: tuple[Named, ...]
    mills: tuple[Named, ...]
    seasons: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """All that one look at the supply base shows, read in one transaction."""

    scope: Scope
    figures: Figures
    choices: Choices
    rows: tuple[SiteRow, ...]
    next_after: str | None


@supply_base.get("", include_in_schema=False)
async def show_supply_base(request: Request) -> Response:
    """Show the sites of the register, narrowed and ordered as the address says."""
    wish = sought(request)
    if wants_csv(request):
        rows = await hop.read(
            request, lambda session, scope: _every(session, scope, wish)
        )
        return csv_response([_cells(row) for row in rows], "supply-base")
    after = request.query_params.get("after") or None
    seen = await hop.read(
        request, lambda session, scope: _see(session, scope, wish, after)
    )
    return page(
        request,
        "supply_base.html",
        scope=seen.scope,
        seen=seen,
        wish=wish,
        today=clock.today(),
        book=hop.service_of(request).book,
        red_flags=RED_FLAGS,
        severities=tuple(Severity),
        options=_options(seen.choices, language_of(request, seen.scope)),
        curl=_curl(request, wish),
        may_see_plans=seen.scope.may(Permission.READ_VISITS),
        may_manage=seen.scope.may(Permission.MANAGE_FIELDWORK),
        may_import=seen.scope.may(Permission.CHANGE_REGISTER),
        **pager(request, seen.next_after),
    )


def _options(choices: Choices, language: str) -> dict[str, Options]:
    return {
        "kinds": codes_told(SiteKind, language),
        "commodities": codes_told(Commodity, language),
        "severities": codes_told(Severity, language),
        "levels": codes_told(RiskLevel, language),
        "confidences": codes_told(ConfidenceWord, language),
        "countries": countries_told(choices.places.countries, language),
        "regions": same_told(choices.places.regions),
        "municipalities": same_told(choices.places.municipalities),
        "groups": names_told(choices.groups),
        "mills": names_told(choices.mills),
        "seasons": same_told(choices.seasons),
        "orders": texts_told(ORDERS, language),
    }


def _curl(request: Request, wish: Sought) -> str:
    """Return the command that asks the interface for what both can narrow by."""
    url = hop.service_of(request).settings.resolved_public_url
    query = wish.by.query()
    address = f"{url}/v1/risk?{query}" if query else f"{url}/v1/risk"
    return f"curl -H 'Authorization: Bearer KEY' '{address}'"


def _see(session: Session, scope: Scope, wish: Sought, after: str | None) -> Seen:
    scope.require(Permission.READ_REGISTER)
    found = _found(session, scope, wish, after, ROWS)
    return Seen(
        scope=scope,
        figures=figures.figures(session, scope),
        choices=Choices(
            places(session, scope),
            group_names(session, scope),
            mill_names(session, scope),
            seasons_of_links(session, scope),
        ),
        rows=rows_of(session, scope, found.rows),
        next_after=found.next_after,
    )


def _found(
    session: Session, scope: Scope, wish: Sought, after: str | None, rows: int
) -> Page[RiskRecord]:
    return portfolio(
        session,
        scope,
        rows=rows,
        after=after,
        order=wish.by.order,
        seen_as=SEEN_AS,
        has_open=wish.by.has_open,
        counted=None,
        **wish.wanted(session, scope),
    )


def _every(session: Session, scope: Scope, wish: Sought) -> tuple[SiteRow, ...]:
    found = every_row(lambda after: _found(session, scope, wish, after, SHEET_PAGE))
    parts = range(0, len(found), SHEET_PAGE)
    return tuple(
        row
        for start in parts
        for row in rows_of(session, scope, found[start : start + SHEET_PAGE])
    )


def rows_of(
    session: Session, scope: Scope, found: Sequence[RiskRecord]
) -> tuple[SiteRow, ...]:
    """Return sites as lines of the table, what is known of each looked up at once."""
    ids = [one.site_id for one in found]
    today = clock.today()
    visits = figures.last_visits(session, scope, ids)
    counts = figures.open_counts(session, scope, ids)
    grades = figures.grades(session, scope, ids)
    planned = (
        planned_next(session, scope, ids, today)
        if scope.may(Permission.READ_VISITS)
        else {}
    )
    harvests = Harvests(session, scope, today)
    rows = []
    for one in found:
        place = Place(one.country, one.admin1 or "", one.municipality or "")
        last = visits.get(one.site_id)
        rows.append(
            SiteRow(
                risk=one,
                last_visit=last,
                days_ago=None if last is None else (today - last).days,
                missed=harvests.missed(place, one.commodity, last),
                open_findings=counts.get(one.site_id, 0),
                grade=grades.get(one.site_id),
                planned_on=planned.get(one.site_id),
            )
        )
    return tuple(rows)


def _cells(row: SiteRow) -> dict[str, Any]:
    """Return a line for a spreadsheet, in codes."""
    risk, grade = row.risk, row.grade
    return {
        "id": risk.public_id,
        "name": risk.name,
        "kind": risk.kind.value,
        "commodity": risk.commodity.value,
        "country": risk.country,
        "admin1": risk.admin1,
        "municipality": risk.municipality,
        "level": risk.level.value,
        "confidence": risk.confidence_word.value,
        "last_visit_on": row.last_visit,
        "open_findings": row.open_findings if row.last_visit else None,
        "grade": grade.shown_letter.value if grade and grade.shown_letter else None,
        "grade_status": None if grade is None else grade.status.value,
        "next_visit_on": row.planned_on,
    }
