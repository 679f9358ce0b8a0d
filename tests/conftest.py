"""What every test can ask for: a migrated database of either kind, a client, keys."""

import gc
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from starlette.testclient import TestClient

from api.app import create_app
from api.migrating import migrate
from compliance import trail
from compliance.database import Database, open_database
from compliance.identifiers import OrganisationId
from compliance.identity import actions
from compliance.identity.models import OrganisationKind, Role
from compliance.settings import Settings
from tests import postgres

# Until all tests are found (`pytest_collection_finish`).
gc.disable()

settings.register_profile(
    "short",
    max_examples=50,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile(
    "long", parent=settings.get_profile("short"), max_examples=2000, derandomize=False
)
settings.load_profile("short")

NO_POSTGRESQL = "PostgreSQL is not installed; Debian's package is `postgresql`"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Cluster]:
    """A PostgreSQL server with a migrated database named `template`."""
    if postgres.binaries() is None:
        pytest.skip(NO_POSTGRESQL)
    with postgres.cluster(tmp_path_factory.mktemp("postgresql")) as cluster:
        with psycopg.connect(cluster.database("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE template")
        database = open_database(
            cluster.database("template").replace("://", "+psycopg://")
        )
        migrate(database)
        database.close()
        yield cluster


@pytest.fixture(scope="session")
def databases(postgresql: postgres.Cluster) -> Iterator[postgres.Databases]:
    """The databases of that server which tests use, one after the other."""
    made = postgres.Databases(postgresql)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database; every test runs on both kinds."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "atalaya.sqlite"
        shutil.copyfile(template, path)
        yield f"sqlite:///{path}"
        return
    databases: postgres.Databases = request.getfixturevalue("databases")
    with databases.lent() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database of either kind.

    A test looks behind the walls, until a Scope limits its transaction as any other.
    """
    opened = open_database(
        database_url.replace("postgresql://", "postgresql+psycopg://"), is_system=True
    )
    yield opened
    opened.close()


@dataclass(frozen=True)
class Tenant:
    """An organisation of the tests with a key for each role."""

    id: OrganisationId
    public_id: str
    keys: dict[Role, str]

    def headers(self, role: Role = Role.ADMINISTRATOR) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


FoundTenant = Callable[..., Tenant]


def founded(
    database: Database,
    name: str,
    kind: OrganisationKind = OrganisationKind.EXPORTER,
) -> Tenant:
    """Found an organisation with a key for each role."""
    with database.writing(system=True) as session:
        made = actions.found_organisation(session, kind=kind, name=name, country="CO")
        keys = {
            role: actions.issue_key(
                session, organisation_id=made.id, role=role, label=role
            ).text
            for role in Role
        }
        trail.seal(session)
    return Tenant(made.id, made.public_id, keys)


@pytest.fixture
def found_tenant(database: Database) -> FoundTenant:
    """A function that founds an organisation of a name, and of a kind."""
    return partial(founded, database)


@pytest.fixture
def tenant(found_tenant: FoundTenant) -> Tenant:
    """The organisation the test acts for."""
    return found_tenant("Exportadora Puerto Sereno")


@pytest.fixture
def stranger(found_tenant: FoundTenant) -> Tenant:
    """Another organisation, which must see nothing of the first."""
    return found_tenant("Otra Comercializadora")


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> FastAPI:
    """The product on this test's database."""
    return create_app(
        Settings(
            data=tmp_path / "data",
            database_url=database_url,
            rules_publishers="*",
            odk_validate="off",
        )
    )


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client that speaks to the product as HTTP does, faults included."""
    with TestClient(app, raise_server_exceptions=False) as speaking:
        yield speaking


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left with it at the end."""
    items.sort(key=lambda item: "/e2e/" not in item.path.as_posix())


def pytest_collection_finish() -> None:
    """What was read to find the tests stays: it need not be looked at for garbage.

    What a test leaves is looked for seldom, which takes a quarter off the time of all.
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 5)
    gc.enable()


def pytest_report_header() -> str:
    """Say which databases this run covers."""
    programs = postgres.binaries()
    second = f"PostgreSQL from {programs}" if programs else f"none ({NO_POSTGRESQL})"
    return f"databases: SQLite {sqlite3.sqlite_version}; PostgreSQL: {second}"
