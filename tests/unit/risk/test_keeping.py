"""Risk as it is kept: soon after what changes it, told once, and seen by whom it may be."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from audits.risk_evidence import working
from audits.risk_evidence.assessing import assess_now
from compliance import clock, jobs, site_marks
from compliance.alerts.models import Alert
from compliance.database import Database, limit_to
from compliance.identifiers import new_id
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of, scope_of_system
from compliance.jobs.models import Job
from compliance.registry.models import Site
from compliance.risk.models import SiteRisk, SiteRiskChange
from compliance.site_marks import ASSESS, SiteRiskDue
from tests.conftest import FoundTenant, Tenant
from tests.jobs import wait_until
from tests.register import Register
from tests.reviews import Reviewing
from tests.sharing import Sharing, let_operate, trail_of
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, visited

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
BROKER = {"kind": "crew_leader", "name": "Cuadrilla El Roble", "country": "CO"}


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    return Register(client, tenant)


def risk_of(database: Database, site: str) -> Any:
    with database.reading(system=True) as session:
        return session.execute(
            select(*SiteRisk.__table__.columns)
            .join(Site, Site.id == SiteRisk.site_id)
            .where(Site.public_id == site)
        ).one_or_none()


def level_of(database: Database, site: str) -> str | None:
    found = risk_of(database, site)
    return None if found is None else str(found.level)


def is_settled(database: Database) -> bool:
    """Tell whether nothing is marked any more."""
    with database.reading(system=True) as session:
        return session.scalar(select(func.count()).select_from(SiteRiskDue)) == 0


def settle(database: Database) -> None:
    wait_until(lambda: is_settled(database))


def asked(database: Database) -> int:
    """Return how often it was asked to assess something."""
    with database.reading(system=True) as session:
        counted = select(func.count()).select_from(Job).where(Job.kind == ASSESS)
        return int(session.scalar(counted) or 0)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Count the statements that a session sends while the context lasts."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_visit_is_as_old_as_its_answers_however_long_it_was_planned(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    farm = visited(client, tenant)
    window = {"fieldwork_from": "2026-11-01", "fieldwork_to": "2030-11-01"}
    Reviewing(client, tenant).plan(farm.site, **window)
    farm.send(observed_on="2026-11-03")

    settle(database)

    assert risk_of(database, farm.site).last_visit_on == date(2026, 11, 3)


def test_what_a_visit_finds_is_the_risk_of_the_site_soon_after(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    farm = visited(client, tenant)
    settle(database)
    unseen = risk_of(database, farm.site)

    farm.send(children=[A_CHILD_OF_13])
    settle(database)
    seen = risk_of(database, farm.site)
    farm.send(children=[A_CHILD_OF_13])
    settle(database)

    assert (unseen.level, unseen.confidence_word) == ("unknown", "none")
    assert unseen.last_visit_on is None
    assert seen.level == "high"
    assert seen.open_zero_tolerance == 1
    assert seen.score >= 90
    assert seen.last_visit_on == date(2026, 11, 3)
    told = json.loads(seen.document)
    assert told["decided_by"]["code"] == "open_finding"
    assert "open_zero_tolerance" in {
        one["code"] for one in told["parts"]["outcome"]["reasons"]
    }
    entries = trail_of(database, tenant, but=("clock.",))
    of_risk = [one for one in entries if one[0] == "risk.changed"]
    assert set(of_risk) == {("risk.changed", farm.site)}
    with database.reading(system=True) as session:
        history = session.scalars(
            select(SiteRiskChange.level).order_by(SiteRiskChange.id)
        ).all()
        alerts = session.execute(
            select(Alert.state_before, Alert.state_after).where(
                Alert.event == "risk_changed"
            )
        ).all()
    assert history[0] == "unknown"
    assert "high" in history
    assert len(of_risk) == len(history)
    assert alerts == [("unknown", "high")]


def test_a_mark_stands_until_it_is_assessed_and_no_longer(
    database: Database, tenant: Tenant, register: Register
) -> None:
    site = register.farm()
    settle(database)
    with database.writing(system=True) as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        site_id = session.scalars(select(Site.id).where(Site.public_id == site)).one()
        site_marks.mark(session, scope.organisation_id, site_id)
        site_marks.mark(session, scope.organisation_id, site_id)
        marked = session.scalar(select(func.count()).select_from(SiteRiskDue))
        is_due = site_marks.is_due(session, site_id)
        nested = session.begin_nested()
        nested.rollback()
        site_marks.mark(session, scope.organisation_id, site_id)
        again = session.scalar(select(func.count()).select_from(SiteRiskDue))

    settle(database)

    assert (marked, is_due) == (1, True)
    assert again == 2  # the savepoint took the note along that it was marked
    with database.reading(system=True) as session:
        assert not site_marks.is_due(session, site_id)


def test_everything_in_the_register_that_changes_a_risk_marks_the_site(
    register: Register, database: Database
) -> None:
    farm, other, mill = register.farm(), register.farm("Finca Dos"), register.mill()
    group = register.group()
    broker = register.post("/v1/brokers", BROKER)
    link = register.link(farm, mill)
    register.link(group, mill, season="2026-main")
    engaged = {"site": farm, "season": "2026"}
    calendar = {
        "country": "CO",
        "commodity": "coffee",
        "months": ["main"] * 3 + ["none"] * 9,
        "stated_by": "Cooperativa de ejemplo",
    }
    changes: list[tuple[str, str, object]] = [
        ("POST", f"/v1/sites/{farm}/workforce", {"season": "2026"}),
        ("POST", f"/v1/brokers/{broker['id']}/sites", engaged),
        ("DELETE", f"/v1/supply-links/{link}", None),
        ("POST", f"/v1/groups/{group}/members", {"site": farm, "season": "2026"}),
        ("POST", "/v1/harvest-calendars", calendar),
        (
            "POST",
            "/v1/site-merges",
            {"keep": farm, "gone": other, "reason": "same_name"},
        ),
    ]

    counts = [asked(database)]
    for method, path, body in changes:
        answer = register.send(method, path, body)
        assert answer.status_code < 300, (path, answer.text)
        counts.append(asked(database))

    assert all(now > before for before, now in pairwise(counts))
    settle(database)
    assert risk_of(database, other) is None
    assert level_of(database, farm) == "unknown"


def test_a_mill_is_as_risky_as_those_who_supply_it(
    client: TestClient, tenant: Tenant, register: Register, database: Database
) -> None:
    farm, mill = visited(client, tenant), register.mill()
    register.link(farm.site, mill, volume_share=0.6)
    register.link(register.farm("Finca Sin Visita"), mill, volume_share=0.3)
    settle(database)
    before = json.loads(risk_of(database, mill).document)

    farm.send(children=[A_CHILD_OF_13])
    wait_until(lambda: level_of(database, mill) == "high")
    settle(database)

    after = json.loads(risk_of(database, mill).document)
    assert before["upstream"] == {
        "known_volume_share": 0,
        "unknown_volume_share": 100,
        "by_level": {"high": 0, "medium": 0, "low": 0, "unknown": 100},
    }
    assert after["upstream"]["by_level"] == {
        "high": 60,
        "medium": 0,
        "low": 0,
        "unknown": 40,
    }
    assert after["decided_by"] == {"code": "supply", "params": {"share": 60}}
    gaps = {one["code"]: one["params"] for one in after["gaps"]}
    assert gaps["supply_volume_not_known"] == {"share": 10}
    assert gaps["suppliers_not_assessed"] == {"share": 30}


def test_many_sites_take_as_many_statements_as_one(
    client: TestClient, tenant: Tenant, register: Register, database: Database
) -> None:
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_16])
    mills = [register.mill(f"Beneficio {name}") for name in "ABC"]
    farms = [register.farm(f"Finca {name}") for name in "ABC"]
    for mill, giver in zip(mills, farms, strict=True):
        register.link(giver, mill, volume_share=0.5)
    settle(database)

    with database.reading(system=True) as session:
        scope = scope_of_system(session, tenant.id)
        ids = {
            one: key for key, one in session.execute(select(Site.id, Site.public_id))
        }
        few = [ids[farm.site], ids[mills[0]]]
        with counted(session) as one:
            found = assess_now(session, scope, few)
        with counted(session) as many:
            assess_now(session, scope, list(ids.values()))
        stranger = assess_now(session, scope, [tenant.id])

    assert {len(one.assessment.parts) for one in found} == {3}
    assert len(one) == len(many) <= 22
    assert stranger == ()


def test_what_is_of_yesterday_or_was_lost_is_assessed_again(
    register: Register, database: Database, tenant: Tenant
) -> None:
    site = register.farm()
    settle(database)
    with database.writing(system=True) as session:
        session.execute(delete(Job))
        site_id = session.scalars(select(Site.id).where(Site.public_id == site)).one()
        session.add(
            SiteRiskDue(
                id=new_id(), owner_id=tenant.id, site_id=site_id, marked_at=NOON
            )
        )

    def is_of_today() -> bool:
        return bool(risk_of(database, site).assessed_at.date() == clock.today())

    with clock.set_to(lambda: datetime.now(UTC) + timedelta(days=1)):
        was_of_today = is_of_today()
        with database.writing(system=True) as session:
            jobs.enqueue(session, kind=working.LOOK, organisation_id=None, arguments={})
        settle(database)
        wait_until(is_of_today)
        today = clock.today()

    assert not was_of_today
    assert json.loads(risk_of(database, site).document)["computed_on"] == (
        today.isoformat()
    )


def test_a_risk_is_seen_by_its_keeper_its_operator_and_who_has_consent_for_risk(
    client: TestClient, database: Database, tenant: Tenant, found_tenant: FoundTenant
) -> None:
    farm = visited(client, tenant)
    operator = found_tenant("Beneficio Vecino")
    follower, reader = found_tenant("Compradora Uno"), found_tenant("Compradora Dos")
    let_operate(database, farm.site, operator)
    Sharing(client, tenant, follower).give(farm.site, "risk")
    Sharing(client, tenant, reader).give(farm.site, "scorecard")
    farm.send(children=[A_CHILD_OF_13])
    wait_until(lambda: level_of(database, farm.site) == "high")
    settle(database)

    seen = {}
    for one in (tenant, operator, follower, reader):
        with database.reading() as session:
            limit_to(session, one.id)
            seen[one.id] = {
                table.__tablename__: session.scalar(
                    select(func.count()).select_from(table)
                )
                for table in (SiteRisk, SiteRiskChange)
            }
    with database.reading(system=True) as session:
        told = session.scalars(
            select(Alert.owner_id).where(Alert.event == "risk_changed")
        ).all()

    assert follower.id in told
    assert reader.id not in told
    shown = [seen[one.id]["site_risk"] for one in (tenant, operator, follower)]
    assert shown == [1, 1, 1]
    is_walled = database.engine.dialect.name == "postgresql"
    assert (seen[reader.id]["site_risk"] == 0) is is_walled
    assert (seen[reader.id]["site_risk_change"] == 0) is is_walled
