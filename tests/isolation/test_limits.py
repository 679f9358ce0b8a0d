"""What a transaction may see: limited to an organisation, for itself alone, on PostgreSQL."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.service import open_service
from compliance.database import (
    Database,
    DatabaseUserTooStrong,
    as_system,
    limit_to,
    on_behalf_of,
    refuse_strong_user,
)
from compliance.identity.models import ApiKey, Role
from compliance.identity.scope import KeyGiven, NotSignedIn, scope_of
from compliance.settings import Settings
from tests import postgres
from tests.conftest import Tenant
from tests.isolation.world import World

COUNT = select(func.count()).select_from(ApiKey)


def test_a_connection_that_comes_back_carries_nothing_to_the_next(
    walled: Database, postgresql_world: World
) -> None:
    tenant = postgresql_world.tenants["exporter"]
    backend = text("SELECT pg_backend_pid()")
    settings = text(
        "SELECT current_setting('app.organisation', true),"
        " current_setting('app.system', true)"
    )

    with walled.reading() as session:
        limit_to(session, tenant.id)
        first, seen = session.scalar(backend), session.scalar(COUNT)
    with walled.writing() as session:
        limit_to(session, tenant.id)
        session.commit()
        after_commit = session.scalar(COUNT)
    with walled.reading(system=True) as session:
        everything = session.scalar(COUNT)
    with walled.reading() as session:
        second, unseen = session.scalar(backend), session.scalar(COUNT)
        left = session.execute(settings).one()

    assert first == second
    assert seen
    assert everything
    assert (after_commit, unseen) == (0, 0)
    assert not any(left)


def test_system_work_inside_a_scope_ends_where_it_says(
    walled: Database, postgresql_world: World
) -> None:
    tenant = postgresql_world.tenants["mill"]
    with walled.reading() as session:
        limit_to(session, tenant.id)
        before = session.scalar(COUNT)
        with as_system(session):
            inside = session.scalar(COUNT)
        after = session.scalar(COUNT)
        with pytest.raises(ZeroDivisionError), as_system(session):
            raise ZeroDivisionError
        after_fault = session.scalar(COUNT)

    assert before is not None
    assert inside is not None
    assert before < inside
    assert before == after == after_fault


def test_system_work_that_is_undone_by_a_savepoint_leaves_the_limit(
    walled: Database, postgresql_world: World
) -> None:
    tenant = postgresql_world.tenants["mill"]
    with walled.writing() as session:
        limit_to(session, tenant.id)
        before = session.scalar(COUNT)
        savepoint = session.begin_nested()
        with pytest.raises(DBAPIError), as_system(session):
            session.execute(text("SELECT 1 / 0"))
        savepoint.rollback()
        after = session.scalar(COUNT)
        with as_system(session):
            inside = session.scalar(COUNT)
            session.begin_nested().rollback()
        at_last = session.scalar(COUNT)

    assert before == after == at_last
    assert inside != before


def test_a_limit_inside_system_work_stays(
    walled: Database, postgresql_world: World
) -> None:
    tenant = postgresql_world.tenants["mill"]
    with walled.reading() as session:
        with as_system(session):
            limit_to(session, tenant.id)
        limited = session.scalar(COUNT)
        with on_behalf_of(session, tenant.id):
            own = session.scalar(COUNT)
        with on_behalf_of(session, postgresql_world.tenants["buyer"].id):
            beyond = session.scalar(COUNT)

    assert limited == own
    assert beyond != own


def test_who_is_not_let_in_sees_nothing_afterwards(
    walled: Database, postgresql_world: World
) -> None:
    key = postgresql_world.tenants["exporter"].keys[Role.ADMINISTRATOR]
    with walled.reading() as session:
        with pytest.raises(NotSignedIn):
            scope_of(session, KeyGiven(f"{key}x"))
        unseen = session.scalar(COUNT)
        scope_of(session, KeyGiven(key))
        seen = session.scalar(COUNT)

    assert unseen == 0
    assert seen


@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS"])
def test_the_product_does_not_start_as_a_user_that_sees_past_the_policies(
    postgresql: postgres.Cluster, tmp_path: Path, power: str
) -> None:
    name = f"strong_{power.lower()}"
    with psycopg.connect(postgresql.as_superuser("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN {power}")
    url = postgresql.database("template").replace(postgres.PLAIN, name, 1)
    settings = Settings(data=tmp_path, database_url=url)

    with pytest.raises(DatabaseUserTooStrong) as refused, open_service(settings):
        pass

    assert refused.value.facts["user"] == name
    assert "docs/postgresql.md" in refused.value.told("en")


def test_a_plain_user_may_start_the_product(walled: Database) -> None:
    refuse_strong_user(walled)


@given(
    steps=st.lists(
        st.sampled_from(["limit", "system", "savepoint", "fault"]), max_size=6
    )
)
def test_whatever_was_done_before_a_limit_is_a_limit(
    walled: Database, postgresql_world: World, steps: list[str]
) -> None:
    """However system work, savepoints and faults are nested, the last word counts."""
    tenant = postgresql_world.tenants["mill"]
    with walled.writing() as session:
        limit_to(session, tenant.id)
        before = session.scalar(COUNT)
        nest(session, steps, tenant)
        after = session.scalar(COUNT)
        session.rollback()

    assert before == after


def nest(session: Session, steps: list[str], tenant: Tenant) -> None:
    """Do steps one inside the other; a fault ends where its savepoint began."""
    if not steps:
        return
    doing = NESTING[steps[0]]
    with suppress(ZeroDivisionError), doing(session, tenant):
        nest(session, steps[1:], tenant)


@contextmanager
def _limited(session: Session, tenant: Tenant) -> Iterator[None]:
    limit_to(session, tenant.id)
    yield


@contextmanager
def _system(session: Session, _tenant: Tenant) -> Iterator[None]:
    with as_system(session):
        yield


@contextmanager
def _savepoint(session: Session, _tenant: Tenant) -> Iterator[None]:
    with session.begin_nested() as savepoint:
        yield
        savepoint.rollback()


@contextmanager
def _fault(_session: Session, _tenant: Tenant) -> Iterator[None]:
    yield
    raise ZeroDivisionError


NESTING: Mapping[str, Callable[[Session, Tenant], AbstractContextManager[None]]] = {
    "limit": _limited,
    "system": _system,
    "savepoint": _savepoint,
    "fault": _fault,
}
