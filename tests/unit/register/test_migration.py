"""The step that made the register whole: the live schema, and what it does to old rows."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, LargeBinary, Uuid, inspect, text

from api.migrating import config
from compliance.database import Base, Database, Instant, open_database
from tests import postgres

NOW = datetime(2026, 11, 22, tzinfo=UTC).isoformat()

TABLES = (
    "site",
    "site_identifier",
    "site_merge",
    "supply_link",
    "group_membership",
    "plot",
    "certificate",
    "workforce_profile",
    "broker",
    "engagement",
    "harvest_calendar",
)


def same_type(*compared: object) -> bool | None:
    """Leave out the types that SQLite keeps its own way."""
    return False if isinstance(compared[4], Uuid | Instant | LargeBinary) else None


def test_the_live_tables_are_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": same_type,
                "include_name": lambda name, kind, _parents: (
                    kind != "table" or name in TABLES
                ),
                "include_object": lambda thing, _name, kind, _reflected, _other: (
                    kind != "table" or thing.name in TABLES
                ),
            },
        )

        differences = compare_metadata(context, Base.metadata)

    assert differences == []


@pytest.mark.parametrize("table", TABLES)
def test_the_live_tables_check_what_the_models_check(
    database: Database, table: str
) -> None:
    wanted = {
        constraint.name
        for constraint in Base.metadata.tables[table].constraints
        if isinstance(constraint, CheckConstraint)
    }

    with database.engine.connect() as connection:
        live = {one["name"] for one in inspect(connection).get_check_constraints(table)}

    assert live == wanted


NUMBERS = {"organisation": 1, "first": 2, "second": 3, "link": 4}
OLD_ROWS = (
    (
        "INSERT INTO organisation (id, public_id, kind, name, country, created_at)"
        " VALUES (:organisation, 'org_a', 'exporter', 'A', 'CO', :now)"
    ),
    (
        "INSERT INTO site (id, public_id, owner_id, kind, name, country, commodity,"
        " registered_at) VALUES"
        " (:first, 'site_a', :organisation, 'producer', 'Peñón  Alto', 'CO', 'coffee', :now),"
        " (:second, 'site_b', :organisation, 'mill', 'Beneficio', 'CO', 'coffee', :now)"
    ),
    (
        "INSERT INTO supply_link (id, public_id, owner_id, from_site_id, to_site_id,"
        " commodity, season, volume_share_basis_points, registered_at) VALUES"
        " (:link, 'link_a', :organisation, :first, :second, 'coffee', '2026', 1250, :now)"
    ),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of either kind as it was at the beginning, with two sites in it."""
    address = f"sqlite:///{tmp_path / 'old.sqlite'}"
    if request.param == "postgresql":
        cluster: postgres.Cluster = request.getfixturevalue("postgresql")
        name = f"old_{uuid.uuid4().hex}"
        with psycopg.connect(cluster.database("postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        address = cluster.database(name).replace("://", "+psycopg://")
    opened = open_database(address, is_system=True)
    go(opened, command.upgrade, "foundations")
    values = {name: uuid.UUID(int=number).hex for name, number in NUMBERS.items()}
    with opened.writing() as session:
        for statement in OLD_ROWS:
            session.execute(text(statement), {**values, "now": NOW})
    yield opened
    opened.close()


def go(database: Database, way: Callable[[Config, str], None], to: str) -> None:
    """Go up or down to a step, with foreign keys off as the product does."""
    engine = database.engine.execution_options(writes=True)
    with engine.connect() as connection:
        keys = connection.connection.cursor()
        if database.is_sqlite:
            keys.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            way(config(connection), to)
        if database.is_sqlite:
            keys.execute("PRAGMA foreign_keys=ON")


def test_old_rows_are_active_kept_and_folded(old: Database) -> None:
    go(old, command.upgrade, "register")

    with old.reading() as session:
        sites = session.execute(
            text(
                "SELECT name_folded, state, source, version FROM site"
                " WHERE id = kept_id ORDER BY name_folded"
            )
        ).all()
        links = session.execute(
            text("SELECT from_group_id, source, version FROM supply_link")
        ).all()
    assert [tuple(row) for row in sites] == [
        ("beneficio", "active", "manual", 1),
        ("penon alto", "active", "manual", 1),
    ]
    assert [tuple(row) for row in links] == [(None, "manual", 1)]


def test_the_step_can_be_taken_back(old: Database) -> None:
    go(old, command.upgrade, "register")

    go(old, command.downgrade, "sharing")

    with old.reading() as session:
        tables = set(inspect(session.connection()).get_table_names())
        names = session.scalars(text("SELECT name FROM site ORDER BY name")).all()
        links = session.scalars(text("SELECT public_id FROM supply_link")).all()
    assert not tables & {"plot", "certificate", "broker", "site_merge"}
    assert names == ["Beneficio", "Peñón  Alto"]
    assert links == ["link_a"]
