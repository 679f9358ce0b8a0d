"""The portfolio of an exporter or a buyer: who supplies, at what risk, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import csv_bytes, csv_rows
from api.pages.charts import History, history_chart
from api.pages.portfolio_filters import STANDARD, Narrowed, narrowed_by
from api.pages.rendering import language_of, page
from api.pages.tables import address_with, wants_csv, words_chosen
from api.risk import beside
from api.risk_documents import listed_risk
from api.routing import feature_router
from compliance import clock
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.risk import portfolio as portfolios
from compliance.risk.codes import ConfidenceWord, RiskLevel
from compliance.risk.counting import Counted, counted
from compliance.risk.histories import histories
from compliance.risk.narrowing import EVERY_WAY
from compliance.risk.portfolio import RiskOrder
from compliance.risk.queries import OpenActions, RiskRecord
from compliance.scorecards.at_sites import CardAtSite
from rules import Severity
from rules.places import country_name
from rules.vocabulary import Commodity, SiteKind

portfolio = feature_router("/portfolio", "pages")

ROWS = 30
SHEET_PAGE, SHEET_ROWS = 5_000, 200_000
SPARK_WIDTH, SPARK_HEIGHT = 120.0, 28.0
MAPPED = 8  # countries whose boundaries the map draws finely
# What a column's heading sorts by: first as it is wanted most, then turned round.
SORTS = {
    "name": (RiskOrder.NAME, RiskOrder.NAME_LAST),
    "score": (RiskOrder.WORST, RiskOrder.SCORE),
    "visit": (RiskOrder.OLDEST_VISIT, RiskOrder.NEWEST_VISIT),
}
WAYS = tuple(one for one in Relation if one in EVERY_WAY)


@dataclass(frozen=True)
class Line:
    """One site of the portfolio, with all that its row tells."""

    risk: RiskRecord
    actions: OpenActions | None
    card: CardAtSite | None
    history: History | None
    today: date

    @property
    def days_since_visit(self) -> int | None:
        visited_on = self.risk.last_visit_on
        return None if visited_on is None else max(0, (self.today - visited_on).days)

    @property
    def months_since_visit(self) -> int | None:
        days = self.days_since_visit
        return None if days is None else days * 12 // 365

    @property
    def open_findings(self) -> tuple[tuple[Severity, int], ...]:
        """Return how many are open of each severity that has any, the gravest first."""
        numbers = (
            (Severity.ZERO_TOLERANCE, self.risk.open_zero_tolerance),
            (Severity.CRITICAL, self.risk.open_critical),
            (Severity.MAJOR, self.risk.open_major),
            (Severity.MINOR, self.risk.open_minor),
        )
        return tuple((severity, count) for severity, count in numbers if count)


@dataclass(frozen=True)
class Seen:
    """All that the list shows, read in one transaction."""

    scope: Scope
    by: Narrowed
    lines: tuple[Line, ...]
    counted: Counted
    next_after: str | None


@dataclass(frozen=True)
class Heading:
    """A column that the list can be sorted by: where it leads, and how it stands now."""

    address: str
    sorted: str | None


@portfolio.get("", include_in_schema=False)
async def show_portfolio(request: Request) -> Response:
    """List the sites that the reader keeps, operates or is shown, at what risk."""
    by = narrowed_by(request)
    if wants_csv(request):
        return await hop.read(
            request, lambda session, scope: _sheet(session, scope, by)
        )
    after = words_chosen(request, "after")
    seen = await hop.read(
        request, lambda session, scope: _see(session, scope, by, after)
    )
    return page(
        request,
        "portfolio.html",
        scope=seen.scope,
        seen=seen,
        headings={name: _heading(request, by, name) for name in SORTS},
        level_address={
            level: address_with(request, level=level.value) for level in RiskLevel
        },
        next_page=None
        if seen.next_after is None
        else address_with(request, after=seen.next_after),
        first_page=None if after is None else address_with(request),
        mapped=seen.counted.countries[:MAPPED],
        countries=_countries(request, seen.scope),
        curl=curl_of(request, by, after),
        levels=tuple(RiskLevel),
        confidences=tuple(ConfidenceWord),
        kinds=tuple(SiteKind),
        commodities=tuple(Commodity),
        severities=tuple(Severity),
        ways=WAYS,
    )


def _see(session: Session, scope: Scope, by: Narrowed, after: str | None) -> Seen:
    numbers = counted(
        session, scope, seen_as=by.seen_as, has_open=by.has_open, **by.wanted
    )
    found = portfolios.portfolio(
        session,
        scope,
        rows=ROWS,
        after=after,
        order=by.order,
        seen_as=by.seen_as,
        has_open=by.has_open,
        counted=numbers,
        **by.wanted,
    )
    return Seen(
        scope=scope,
        by=by,
        lines=lines_of(session, scope, found.rows),
        counted=numbers,
        next_after=found.next_after,
    )


def lines_of(
    session: Session, scope: Scope, risks: tuple[RiskRecord, ...]
) -> tuple[Line, ...]:
    """Return the rows of some sites: their cards, actions and histories beside them."""
    ids = [one.site_id for one in risks]
    known, past = beside(session, scope, ids), histories(session, scope, ids)
    now = clock.now()
    return tuple(
        Line(
            risk=one,
            actions=known.actions_of(one),
            card=known.cards.get(one.site_id),
            history=history_chart(
                past.get(one.site_id, ()),
                until=now,
                width=SPARK_WIDTH,
                height=SPARK_HEIGHT,
            ),
            today=now.date(),
        )
        for one in risks
    )


def _sheet(session: Session, scope: Scope, by: Narrowed) -> Response:
    """Return the whole of the list for a spreadsheet, in codes, as /v1/risk has it."""
    written = b"".join(_sheet_pages(session, scope, by))
    return Response(
        written,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="portfolio.csv"',
            "Cache-Control": "private, no-store",
        },
    )


def _sheet_pages(session: Session, scope: Scope, by: Narrowed) -> Iterator[bytes]:
    after: str | None = None
    for number in range(SHEET_ROWS // SHEET_PAGE):
        found = portfolios.portfolio(
            session,
            scope,
            rows=SHEET_PAGE,
            after=after,
            order=by.order,
            seen_as=by.seen_as,
            has_open=by.has_open,
            counted=None,
            **by.wanted,
        )
        ids = [one.site_id for one in found.rows]
        known = beside(session, scope, ids)
        rows = [
            {
                **listed_risk(one),
                "open_actions": actions.open if actions else None,
                "late_actions": actions.past_due if actions else None,
                "scorecard": card.public_id if card else None,
                "letter": card.letter if card else None,
            }
            for one in found.rows
            for actions in (known.actions_of(one),)
            for card in (known.cards.get(one.site_id),)
        ]
        if number == 0:
            yield csv_bytes(rows)
        else:
            yield csv_rows([tuple(one.values()) for one in rows])
        after = found.next_after
        if after is None:
            return


def _heading(request: Request, by: Narrowed, name: str) -> Heading:
    usual, turned = SORTS[name]
    following = turned if by.order is usual else usual
    address = address_with(
        request, sort=None if following is STANDARD else following.value
    )
    if by.order not in {usual, turned}:
        return Heading(address, None)
    return Heading(address, "descending" if by.order.is_descending else "ascending")


def _countries(request: Request, scope: Scope) -> list[tuple[str, str]]:
    """Return the countries that the book knows, by their names."""
    language = language_of(request, scope)
    codes = hop.service_of(request).book.countries
    return sorted(
        ((code, country_name(code, language)) for code in codes), key=lambda one: one[1]
    )


def curl_of(request: Request, by: Narrowed, after: str | None) -> str:
    """Return the command that asks the interface for just the rows of this page."""
    asked = {"rows": str(ROWS), "sort": by.order.value, **by.given}
    if after is not None:
        asked["after"] = after
    pairs = " \\\n  ".join(
        f"--data-urlencode '{name}={quoted(value)}'" for name, value in asked.items()
    )
    url = hop.service_of(request).settings.resolved_public_url
    return f"curl -G -H 'Authorization: Bearer KEY' '{url}/v1/risk' \\\n  {pairs}"


def quoted(value: str) -> str:
    """Return a text as it stands between the single quotes of a shell."""
    return value.replace("'", "'\\''")
