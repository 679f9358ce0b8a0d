"""How Alembic runs the steps: on the connection it is handed, in one transaction."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, LargeBinary, Text, Uuid

from compliance.database import Base, Instant
from migrations.tables import KNOWN


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types so that a migration imports nothing of ours."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def same_type(
    _context: Any, _inspected: Any, _column: Any, inspected: Any, wanted: Any
) -> bool | None:
    """Say when a column's type differs; SQLite keeps UUIDs and bytes its own way."""
    if isinstance(wanted, Uuid | Instant | LargeBinary):
        return False
    if isinstance(wanted, Text) and isinstance(inspected, Text):
        return False
    return None


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=same_type,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # A step may change the rows of every organisation.
            connection.exec_driver_sql("SET LOCAL app.system = 'yes'")
        context.run_migrations()


assert KNOWN  # noqa: S101 - importing the tables is what fills the metadata
run(context.config.attributes["connection"])
