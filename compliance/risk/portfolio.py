"""The portfolio: the risk of every site the caller may see it of, narrowed and ordered.

A site that was not assessed yet stands in it with level `unknown`, and where the worst
come first it comes before them: no data is never low risk.
"""

import functools
from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import NoSuchPage
from compliance.registry.models import Site
from compliance.registry.visibility import CALLER, sight_of, visible
from compliance.risk.counting import Counted
from compliance.risk.models import SiteRisk
from compliance.risk.narrowing import (
    BEFORE_ALL_DAYS,
    Asked,
    Narrowing,
    Part,
    asked,
    last_visit,
)
from compliance.risk.queries import RiskRecord, risks_of_sites
from rules import Severity


class RiskOrder(StrEnum):
    """The order of a portfolio; a minus turns it round."""

    REGISTERED = "registered"
    SCORE = "score"
    WORST = "-score"
    OLDEST_VISIT = "last_visit"
    NEWEST_VISIT = "-last_visit"
    NAME = "name"
    NAME_LAST = "-name"

    @property
    def is_descending(self) -> bool:
        return self.value.startswith("-")


BEYOND_ALL_SCORES = 101
MANY = 1_000  # sites that fit, of 100,000: a page is full after 3,000 looks
BY_SCORE = frozenset({RiskOrder.SCORE, RiskOrder.WORST})
BY_VISIT = frozenset({RiskOrder.OLDEST_VISIT, RiskOrder.NEWEST_VISIT})
score_told = func.coalesce(SiteRisk.score, BEYOND_ALL_SCORES)
BY: Mapping[RiskOrder, Any] = {
    **dict.fromkeys(BY_SCORE, score_told),
    **dict.fromkeys(BY_VISIT, last_visit),
    RiskOrder.NAME: Site.name_folded,
    RiskOrder.NAME_LAST: Site.name_folded,
    RiskOrder.REGISTERED: Site.id,
}
BESIDE = select(Site.id).outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
ASSESSED = (
    select(Site.id)
    .join_from(SiteRisk, Site, Site.id == SiteRisk.site_id)
    .where(SiteRisk.owner_id == CALLER)
)


class Stretch(NamedTuple):
    """Some of the sites, such that an index has just these in the order that is asked.

    `at` is what that index goes by before the site; what a row is told by, and compared
    with other stretches by, is `key`.
    """

    sites: Select[*tuple[Any, ...]]
    clauses: tuple[ColumnElement[bool], ...]
    key: Any
    at: Any = None
    site_id: Any = Site.id

    def first(self, order: RiskOrder, *, goes_on: bool) -> Select[*tuple[Any, ...]]:
        """Return the first rows of the stretch, or the first behind `after_id`."""
        chosen = self.sites.with_only_columns(
            self.site_id.label("id"), self.key.label("key")
        ).where(*self.clauses)
        if goes_on:
            chosen = chosen.where(_beyond(order, self.key, self.site_id))
        ordered = (self.site_id,) if self.at is None else (self.at, self.site_id)
        return chosen.order_by(*_turned(order, *ordered)).limit(bindparam("rows"))


def portfolio(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    order: RiskOrder = RiskOrder.REGISTERED,
    seen_as: Relation | None = None,
    has_open: Severity | None = None,
    counted: Counted | None = None,
    **wanted: Narrowing,
) -> Page[RiskRecord]:
    """Return a page of the risk of the sites that the caller keeps, operates or is shown.

    `seen_as` narrows it to one of these ways, `has_open` to sites with an open finding of
    a severity, `wanted` by level, confidence (its word), kind, country, admin1,
    municipality, commodity, state, name (part of it, without accents), visited_before
    (a day; never counts too, and is all that counts before NEVER_VISITED), group (public
    id), within (keys of sites) and least_open (findings). Raise NoSuchPage where `after`
    is no site of the portfolio.

    `counted` is how many sites there are in the portfolio narrowed like this, where the
    caller knows it already: then what is not there is not looked for.
    """
    scope.require(Permission.READ_RISK)
    way, values = asked(session, scope, wanted, has_open, seen_as)
    bound: dict[str, object] = {**values, "rows": rows + 1}
    if after is not None:
        bound |= _cursor(session, scope, after, order, way)
    split = _split(way, order, counted)
    statement = _page(way, order, split, goes_on=after is not None)
    found = session.scalars(statement, bound).all()
    known = risks_of_sites(session, scope, found[:rows])
    # A consent that was taken back a moment ago shows nothing any more.
    records = tuple(
        known[one] for one in found[:rows] if one in known and known[one].is_shown
    )
    goes_on = records and len(found) > rows
    return Page(records, records[-1].public_id if goes_on else None)


class Split(Enum):
    """How the caller's own sites are parted to be told by what is known of their risk."""

    NOT = "not at all: they are few, or the order is another"
    ASSESSED = "all were assessed, and lie in an index in the order that is asked"
    WHOLE = "likewise, but some were perhaps never assessed"


def _split(way: Asked, order: RiskOrder, counted: Counted | None) -> Split:
    """Return how to find a page: in the order of an index, or all sites and then ordered.

    The index is left as soon as the page is full. Where few sites fit among very many it
    would be read to its end, with a look at each site.
    """
    if order not in BY_SCORE | BY_VISIT or not way.holds_own:
        return Split.NOT
    if way.is_narrowed and (counted is None or counted.sites < MANY):
        return Split.NOT
    is_whole = counted is not None and counted.are_all_assessed
    return Split.ASSESSED if is_whole else Split.WHOLE


@functools.cache
def _page(
    way: Asked, order: RiskOrder, split: Split, *, goes_on: bool
) -> Select[*tuple[Any, ...]]:
    """Return the statement of a page's keys, built once: the first of all stretches."""
    firsts = [
        stretch.first(order, goes_on=goes_on).subquery()
        for part in way.parts
        for stretch in _stretches(part, order, split if part.is_own else Split.NOT)
    ]
    found = union_all(*(select(one.c.id, one.c.key) for one in firsts)).subquery()
    return (
        select(found.c.id)
        .order_by(*_turned(order, found.c.key, found.c.id))
        .limit(bindparam("rows"))
    )


def _stretches(part: Part, order: RiskOrder, split: Split) -> list[Stretch]:
    if split is Split.NOT:
        return [Stretch(BESIDE, part.clauses, BY[order], BY[order])]
    day, risk = SiteRisk.last_visit_on, SiteRisk.site_id
    if order in BY_SCORE:
        score = SiteRisk.score
        found = [Stretch(ASSESSED, part.clauses, score, score, risk)]
        none: Any = literal(BEYOND_ALL_SCORES, score.type)
    else:
        # An index may have those without a day first or last: they are told apart.
        ever, never = (
            (one, *part.clauses) for one in (day.is_not(None), day.is_(None))
        )
        none = literal(BEFORE_ALL_DAYS, day.type)
        found = [
            Stretch(ASSESSED, ever, day, day, risk),
            Stretch(ASSESSED, never, none, day, risk),
        ]
    if split is Split.WHOLE:
        found.append(Stretch(BESIDE, (risk.is_(None), *part.clauses), none))
    return found


def _turned(order: RiskOrder, *keys: Any) -> list[Any]:
    return [key.desc() if order.is_descending else key for key in keys]


def _beyond(order: RiskOrder, key: Any, site_id: Any) -> ColumnElement[bool]:
    """Return the clause of what stands behind the row bound to `after_id`, `after_key`.

    What bounds the key stands alone, so that an index begins there.
    """
    after_id = bindparam("after_id", type_=Site.id.type)
    after_key = bindparam("after_key", type_=key.type)
    if order.is_descending:
        return and_(key <= after_key, or_(key < after_key, site_id < after_id))
    return and_(key >= after_key, or_(key > after_key, site_id > after_id))


@functools.cache
def _at(order: RiskOrder, among: frozenset[Relation]) -> Select[*tuple[Any, ...]]:
    return (
        select(Site.id.label("after_id"), BY[order].label("after_key"))
        .outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
        .where(
            Site.kept_id == Site.id,
            Site.public_id == bindparam("public_id"),
            visible(Resource.RISK, Action.READ, among),
        )
    )


def _cursor(
    session: Session, scope: Scope, after: str, order: RiskOrder, way: Asked
) -> dict[str, object]:
    row = session.execute(
        _at(order, way.among), {**sight_of(scope), "public_id": after}
    ).one_or_none()
    if row is None:
        raise NoSuchPage(after=after)
    return {"after_id": row.after_id, "after_key": row.after_key}
