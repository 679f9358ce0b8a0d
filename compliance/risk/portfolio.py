"""The portfolio: the risk of every site the caller may see it of, narrowed and ordered.

A site that was not assessed yet stands in it with level `unknown`, and where the worst
come first it comes before them: no data is never low risk.
"""

import functools
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import NoSuchPage
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of, visible
from compliance.risk.codes import ConfidenceWord, RiskLevel
from compliance.risk.models import SiteRisk
from compliance.risk.queries import RISKS, RiskRecord, record_of
from rules import Severity


class RiskOrder(StrEnum):
    """The order of a portfolio; a minus turns it round."""

    REGISTERED = "registered"
    SCORE = "score"
    WORST = "-score"
    OLDEST_VISIT = "last_visit"
    NEWEST_VISIT = "-last_visit"

    @property
    def is_descending(self) -> bool:
        return self.value.startswith("-")


BEYOND_ALL_SCORES = 101
BEFORE_ALL_DAYS = date(1, 1, 1)
score_told = func.coalesce(SiteRisk.score, BEYOND_ALL_SCORES)
last_visit = func.coalesce(SiteRisk.last_visit_on, BEFORE_ALL_DAYS)
BY: Mapping[RiskOrder, Any] = {
    RiskOrder.SCORE: score_told,
    RiskOrder.WORST: score_told,
    RiskOrder.OLDEST_VISIT: last_visit,
    RiskOrder.NEWEST_VISIT: last_visit,
}
OPEN_OF = {
    Severity.ZERO_TOLERANCE: SiteRisk.open_zero_tolerance,
    Severity.CRITICAL: SiteRisk.open_critical,
    Severity.MAJOR: SiteRisk.open_major,
    Severity.MINOR: SiteRisk.open_minor,
}
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "level": func.coalesce(SiteRisk.level, RiskLevel.UNKNOWN.value)
    == bindparam("level"),
    "confidence": func.coalesce(SiteRisk.confidence_word, ConfidenceWord.NONE.value)
    == bindparam("confidence"),
    "kind": Site.kind == bindparam("kind"),
    "country": Site.country == bindparam("country"),
    "admin1": Site.admin1 == bindparam("admin1"),
    "municipality": Site.municipality == bindparam("municipality"),
    "commodity": Site.commodity == bindparam("commodity"),
    "state": Site.state == bindparam("state"),
    "visited_before": last_visit < bindparam("visited_before"),
}
EVERY_WAY = frozenset({Relation.OWN, Relation.OPERATES, Relation.SHARED_RISK})


def portfolio(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    order: RiskOrder = RiskOrder.REGISTERED,
    seen_as: Relation | None = None,
    has_open: Severity | None = None,
    **wanted: str | date | None,
) -> Page[RiskRecord]:
    """Return a page of the risk of the sites that the caller keeps, operates or is shown.

    `seen_as` narrows it to one of these ways, `has_open` to sites with an open finding of
    a severity, `wanted` by level, confidence (its word), kind, country, admin1,
    municipality, commodity, state, and visited_before (a day; never counts too). Raise
    NoSuchPage where `after` is no site of the portfolio.
    """
    scope.require(Permission.READ_RISK)
    values = {name: value for name, value in wanted.items() if value is not None}
    names = frozenset(values)
    among = EVERY_WAY if seen_as is None else frozenset({seen_as})
    bound: dict[str, object] = {**values, **sight_of(scope), "rows": rows + 1}
    if after is not None:
        bound |= _cursor(session, scope, after, order, among)
    statement = _page(names, has_open, order, among, goes_on=after is not None)
    found = session.execute(statement, bound).all()
    records = tuple(record_of(row) for row in found[:rows])
    return Page(records, records[-1].public_id if len(found) > rows else None)


@functools.cache
def _page(
    names: frozenset[str],
    has_open: Severity | None,
    order: RiskOrder,
    among: frozenset[Relation],
    *,
    goes_on: bool,
) -> Select[*tuple[Any, ...]]:
    """Return the statement of a page, built once.

    The page is chosen by the keys alone; what is told of each is looked up for its rows.
    """
    chosen = (
        select(Site.id)
        .outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
        .where(
            Site.kept_id == Site.id,
            visible(Resource.RISK, Action.READ, among),
            *(FILTERS[name] for name in sorted(names)),
        )
    )
    if has_open is not None:
        chosen = chosen.where(OPEN_OF[has_open] > 0)
    if goes_on:
        chosen = chosen.where(_beyond(order))
    keys = [BY[order], Site.id] if order in BY else [Site.id]
    ordered = [key.desc() if order.is_descending else key for key in keys]
    page = chosen.order_by(*ordered).limit(bindparam("rows")).subquery()
    return RISKS.where(Site.id.in_(select(page.c.id))).order_by(*ordered)


def _beyond(order: RiskOrder) -> ColumnElement[bool]:
    """Return the clause of what stands behind the row bound to `after_id`, `after_key`."""
    after_id = bindparam("after_id", type_=Site.id.type)
    if order not in BY:
        return Site.id > after_id
    key = BY[order]
    after_key = bindparam("after_key", type_=key.type)
    if order.is_descending:
        return or_(key < after_key, and_(key == after_key, Site.id < after_id))
    return or_(key > after_key, and_(key == after_key, Site.id > after_id))


@functools.cache
def _at(order: RiskOrder, among: frozenset[Relation]) -> Select[*tuple[Any, ...]]:
    key = BY.get(order, Site.id)
    return (
        select(Site.id.label("after_id"), key.label("after_key"))
        .outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
        .where(
            Site.kept_id == Site.id,
            Site.public_id == bindparam("public_id"),
            visible(Resource.RISK, Action.READ, among),
        )
    )


def _cursor(
    session: Session,
    scope: Scope,
    after: str,
    order: RiskOrder,
    among: frozenset[Relation],
) -> dict[str, object]:
    row = session.execute(
        _at(order, among), {**sight_of(scope), "public_id": after}
    ).one_or_none()
    if row is None:
        raise NoSuchPage(after=after)
    found: dict[str, object] = {"after_id": row.after_id}
    return found if order not in BY else {**found, "after_key": row.after_key}
