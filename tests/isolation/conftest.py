"""One world for all these tests, on each kind of database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from compliance import clock
from compliance.database import Database, open_database
from tests import postgres
from tests.isolation.world import LATER, World, inhabited


@pytest.fixture(scope="session")
def sqlite_world(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    shutil.copyfile(sqlite_template, folder / "atalaya.sqlite")
    with inhabited(f"sqlite:///{folder}/atalaya.sqlite", folder) as world:
        yield world


@pytest.fixture(scope="session")
def postgresql_world(
    postgresql: postgres.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with psycopg.connect(postgresql.database("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE world TEMPLATE template")
    folder = tmp_path_factory.mktemp("world")
    with inhabited(postgresql.database("world"), folder) as world:
        yield world


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    """It is a while after the world was made, for these tests and for no others."""
    with clock.set_to(lambda: LATER):
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest) -> World:
    """The world on either kind of database; whatever is asked, it stays the same."""
    found: World = request.getfixturevalue(f"{request.param}_world")
    return found


@pytest.fixture(scope="module")
def walled(postgresql_world: World) -> Iterator[Database]:
    """The world's database as a server opens it, with one connection to go round."""
    url = postgresql_world.database.engine.url.render_as_string(hide_password=False)
    opened = open_database(url, connections=1)
    yield opened
    opened.close()
