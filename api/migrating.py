"""Bring a database to the newest shape, and tell whether it is there."""

import shutil
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import migrations
from compliance.database import Database, refuse_strong_user

FOLDER = Path(migrations.__file__).parent


class BrokenReferences(RuntimeError):
    """A migration on SQLite left rows that point at nothing; it was rolled back."""


def migrate(database: Database) -> tuple[str | None, str]:
    """Upgrade to the newest step; return the step before and the step after.

    SQLite migrates with foreign keys off, because rebuilding a table with them on
    deletes the rows that depend on it; they are checked before the commit. The file is
    copied aside first, since SQLite cannot undo half a migration.
    """
    refuse_strong_user(database)
    before, newest = step_of(database), newest_step()
    if before == newest:
        return before, newest
    if database.is_sqlite:
        _migrate_sqlite(database, before)
    else:
        with database.engine.begin() as connection:
            _upgrade(connection)
    return before, newest


def step_of(database: Database) -> str | None:
    """Return the step the database stands at, None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_step() -> str:
    """Return the newest step there is."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise RuntimeError(f"no migrations in {FOLDER}")
    return head


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration; the connection is handed over, not an address."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def _upgrade(connection: Connection) -> None:
    command.upgrade(config(connection), "head")


def _migrate_sqlite(database: Database, before: str | None) -> None:
    name = database.engine.url.database
    if before is not None and name:
        shutil.copyfile(name, f"{name}.before-{newest_step()}")
    engine = database.engine.execution_options(writes=True)
    with engine.connect() as connection:
        raw = connection.connection
        raw.cursor().execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                _upgrade(connection)
                broken = connection.execute(text("PRAGMA foreign_key_check")).all()
                if broken:
                    raise BrokenReferences(f"{len(broken)} rows point at nothing")
        finally:
            raw.cursor().execute("PRAGMA foreign_keys=ON")
