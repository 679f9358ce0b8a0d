"""A portfolio read by its indexes is the one that is read plainly, site by site."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from compliance import clock, trail
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.policy import Relation
from compliance.identity.scope import KeyGiven, Scope, scope_of, scope_of_system
from compliance.registry.actions import register_site
from compliance.registry.models import Site
from compliance.registry.queries import SiteNotFound
from compliance.risk import many_sites
from compliance.risk import portfolio as portfolios
from compliance.risk.codes import RiskLevel
from compliance.risk.counting import Counted, counted
from compliance.risk.narrowing import Asked, asked
from compliance.risk.places import places
from compliance.risk.portfolio import RiskOrder, portfolio
from compliance.risk.queries import RiskRecord, risk_of_site
from rules import Severity
from rules.vocabulary import Commodity, SiteKind
from tests.conftest import FoundTenant, Tenant
from tests.risks import Risk, note_risk
from tests.sharing import Sharing, let_operate
from tests.visits import TODAY

HIGH = Risk(level="high", score=81, word="high", open_zero_tolerance=1)
LOW = Risk(level="low", score=12, open_major=0, last_visit_on=date(2026, 10, 2))
UNSEEN = Risk(level="unknown", score=50, word="none", last_visit_on=None)
NEVER = None
OF_ONES_OWN: Mapping[str, Risk | None] = {
    "Alta": HIGH,
    "Baja": LOW,
    "Casi Alta": HIGH,
    "Desconocida": UNSEEN,
    "Entrante": NEVER,
    "Futura": NEVER,
    "Gemela": LOW,
    "Hermana": LOW,
}
OF_OTHERS: Mapping[str, Risk | None] = {
    "Alquilada": LOW,
    "Arrendada": NEVER,
    "Compartida": HIGH,
    "Con Tarjeta": HIGH,
    "Callada": HIGH,
    "Cerrada": HIGH,
}
WAYS = (None, Relation.OWN, Relation.OPERATES, Relation.SHARED_RISK)
NARROWED: Mapping[str, tuple[dict[str, Any], Callable[[RiskRecord], bool]]] = {
    "high": ({"level": "high"}, lambda one: one.level is RiskLevel.HIGH),
    "unknown": ({"level": "unknown"}, lambda one: one.level is RiskLevel.UNKNOWN),
    "unsure": ({"confidence": "none"}, lambda one: one.confidence_word == "none"),
    "kind": ({"kind": "mill"}, lambda _: False),
    "name": ({"name": "alt"}, lambda one: "Alt" in one.name),
    "old visit": (
        {"visited_before": date(2026, 1, 1)},
        lambda one: (one.last_visit_on or date.min) < date(2026, 1, 1),
    ),
    "zero tolerance": (
        {"has_open": Severity.ZERO_TOLERANCE},
        lambda one: one.open_zero_tolerance > 0,
    ),
}
KEYS: Mapping[RiskOrder, Callable[[RiskRecord], Any]] = {
    RiskOrder.REGISTERED: lambda one: one.site_id,
    **dict.fromkeys(
        (RiskOrder.SCORE, RiskOrder.WORST),
        lambda one: (101 if one.score is None else one.score, one.site_id),
    ),
    **dict.fromkeys(
        (RiskOrder.OLDEST_VISIT, RiskOrder.NEWEST_VISIT),
        lambda one: (one.last_visit_on or date.min, one.site_id),
    ),
    **dict.fromkeys(
        (RiskOrder.NAME, RiskOrder.NAME_LAST), lambda one: (one.name, one.site_id)
    ),
}


@dataclass(frozen=True)
class World:
    """Sites of two organisations, by their names, and a reader of the first."""

    tenant: Tenant
    sites: Mapping[str, str]
    taken_back: str
    sharing: Sharing

    def scope(self, session: Session) -> Scope:
        return scope_of(session, KeyGiven(self.tenant.keys[Role.ANALYST]))

    def plainly(self, session: Session, scope: Scope) -> list[RiskRecord]:
        """Return every risk that the reader may see, each asked for on its own."""
        found: dict[str, RiskRecord] = {}
        for public_id in self.sites.values():
            with suppress(SiteNotFound):
                one = risk_of_site(session, scope, public_id)
                found[one.public_id] = one
        return list(found.values())

    def is_seen_as(self, one: RiskRecord, way: Relation | None) -> bool:
        operates = one.name in {"Alquilada", "Arrendada", "Hermana"}
        return way in {None, one.relation} or (way is Relation.OPERATES and operates)


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@pytest.fixture
def world(
    client: TestClient, tenant: Tenant, found_tenant: FoundTenant, database: Database
) -> World:
    """Sites that are one's own, operated, shared, shared otherwise, and not at all."""
    giver = found_tenant("Cooperativa El Cedro")
    risks = {**OF_ONES_OWN, **OF_OTHERS}
    with database.writing(system=True) as session:
        sites = registered(session, tenant, OF_ONES_OWN)
        sites |= registered(session, giver, OF_OTHERS)
        trail.seal(session)
    note_risk(database, {sites[name]: risk for name, risk in risks.items() if risk})
    for name in ("Alquilada", "Arrendada", "Hermana"):
        let_operate(database, sites[name], tenant)
    sharing = Sharing(client, giver, tenant)
    sharing.give(sites["Compartida"], "risk")
    sharing.give(sites["Con Tarjeta"], "scorecard")
    taken_back = sharing.give(sites["Cerrada"], "risk")["id"]
    merge(database, sites["Gemela"], sites["Baja"])
    return World(tenant, sites, taken_back, sharing)


def registered(
    session: Session, keeper: Tenant, names: Iterable[str]
) -> dict[str, str]:
    """Register farms at one place and return their ids by their names."""
    scope = scope_of_system(session, keeper.id)
    return {
        name: register_site(
            session,
            scope,
            kind=SiteKind.PRODUCER,
            name=name,
            country="CO",
            commodity=Commodity.COFFEE,
            latitude=3.1234,
            longitude=-75.6543,
        ).public_id
        for name in names
    }


def merge(database: Database, gone: str, kept: str) -> None:
    """Say that a record leads to another; its risk is not taken away yet."""
    with database.writing(system=True) as session:
        kept_id = session.scalar(select(Site.id).where(Site.public_id == kept))
        session.execute(
            update(Site).where(Site.public_id == gone).values(kept_id=kept_id)
        )


def paged(session: Session, scope: Scope, **asked_for: Any) -> list[str]:
    """Return the names of a portfolio, a few to a page."""
    names, after, more = [], None, True
    while more:
        page = portfolio(session, scope, rows=3, after=after, **asked_for)
        names += [one.name for one in page.rows]
        after, more = page.next_after, page.next_after is not None
    return names


def in_order(found: Sequence[RiskRecord], order: RiskOrder) -> list[str]:
    ordered = sorted(found, key=KEYS[order], reverse=order.is_descending)
    return [one.name for one in ordered]


@pytest.mark.parametrize("way", WAYS)
def test_every_order_is_told_as_site_by_site(
    database: Database, world: World, way: Relation | None
) -> None:
    with database.reading() as session:
        scope = world.scope(session)
        plain = world.plainly(session, scope)
        known = counted(session, scope, seen_as=way)

        found, again = (
            {
                order: paged(session, scope, order=order, seen_as=way, counted=one)
                for order in RiskOrder
            }
            for one in (None, known)
        )

    seen = [one for one in plain if world.is_seen_as(one, way)]
    assert found == {order: in_order(seen, order) for order in RiskOrder}
    assert again == found
    assert known == figures(seen)
    assert len(plain) == 11


@pytest.mark.parametrize("name", NARROWED)
def test_a_narrowed_portfolio_is_told_as_site_by_site_however_it_is_found(
    database: Database, world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, fits = NARROWED[name]
    with database.reading() as session:
        scope = world.scope(session)
        plain = [one for one in world.plainly(session, scope) if fits(one)]
        known = counted(session, scope, **wanted)
        cells = places(session, scope, **wanted)

        few = {one: paged(session, scope, order=one, **wanted) for one in RiskOrder}
        monkeypatch.setattr(portfolios, "MANY", 0)
        many = {
            one: paged(session, scope, order=one, counted=known, **wanted)
            for one in RiskOrder
        }

    told = {order: in_order(plain, order) for order in RiskOrder}
    assert few == told
    assert many == told
    assert known == figures(plain)
    assert sum(one.count for one in cells) == len(plain)


def figures(plain: Sequence[RiskRecord]) -> Counted:
    return Counted(
        levels={level: sum(one.level is level for one in plain) for level in RiskLevel},
        countries=tuple(dict.fromkeys(one.country for one in plain)),
        assessed=sum(one.score is not None for one in plain),
    )


def test_a_consent_that_is_taken_back_is_gone_from_every_page_at_once(
    database: Database, world: World
) -> None:
    before = shown(database, world)

    world.sharing.take_back(world.taken_back)

    after = shown(database, world)
    assert before == (["Cerrada", "Compartida"], 2, 2)
    assert after == (["Compartida"], 1, 1)


def shown(database: Database, world: World) -> tuple[list[str], int, int]:
    """Return what the portfolio, its figures and its map tell of what others share."""
    with database.reading() as session:
        scope = world.scope(session)
        way = Relation.SHARED_RISK
        names = paged(session, scope, order=RiskOrder.NAME, seen_as=way)
        sites = counted(session, scope, seen_as=way).sites
        cells = places(session, scope, seen_as=way)
    return names, sites, sum(one.count for one in cells)


def test_only_where_somebody_lets_it_see_a_site_is_an_organisation_shown_any_of_others(
    database: Database, world: World
) -> None:
    giver = world.sharing.giver
    with database.reading() as session:
        scope = scope_of(session, KeyGiven(giver.keys[Role.ANALYST]))
        own, _ = asked(session, scope, {}, None, None)
        names = paged(session, scope, order=RiskOrder.NAME)
    with database.reading() as session:
        every, _ = asked(session, world.scope(session), {}, None, None)

    assert [part.is_own for part in own.parts] == [True]
    assert [part.is_own for part in every.parts] == [True, False]
    assert names == sorted(OF_OTHERS)


@pytest.mark.parametrize(
    ("names", "how"), [((), "off"), (("country",), "off"), (("name",), "on")]
)
def test_very_many_sites_are_read_side_by_side_and_no_setting_is_left(
    database: Database,
    world: World,
    names: tuple[str, ...],
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    way = Asked(frozenset(names), None, frozenset({Relation.OWN}))
    monkeypatch.setattr(many_sites, "MANY", len(OF_ONES_OWN))
    with database.reading() as session:
        scope = world.scope(session)

        with many_sites.side_by_side(session, scope, way):
            inside = joins_row_by_row(session)
        known = counted(session, scope, seen_as=Relation.OWN)
        after = joins_row_by_row(session)

    is_postgresql = database.engine.dialect.name == "postgresql"
    assert inside == (how if is_postgresql else "on")
    assert after == "on"
    assert known.sites == len(OF_ONES_OWN) - 1


def joins_row_by_row(session: Session) -> str:
    """Return whether PostgreSQL may look up row by row; SQLite always may."""
    if session.get_bind().dialect.name != "postgresql":
        return "on"
    return str(session.scalar(text("SHOW enable_nestloop")))
