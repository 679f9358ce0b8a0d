"""Many rows into one table, as fast as each database takes them, in the open transaction.

PostgreSQL refuses COPY into a table with row-level security, so rows are copied into a
temporary table and inserted from there, which the policies see.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from compliance.database import Base

ROWS_AT_ONCE = 2_000
Values = Sequence[Any]


def load(
    session: Session, model: type[Base], columns: Sequence[str], rows: Iterable[Values]
) -> None:
    """Insert `rows`, each with the values of `columns` in their order."""
    table = cast(Table, model.__table__)
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    waiting = chain([first], waiting)
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table, columns, waiting)
        return
    while chunk := list(islice(waiting, ROWS_AT_ONCE)):
        session.execute(
            insert(table), [dict(zip(columns, row, strict=True)) for row in chunk]
        )


def _copy(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[Values]
) -> None:
    driver = cast(
        "psycopg.Connection[Any]", session.connection().connection.driver_connection
    )
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    target, incoming = (
        sql.Identifier(table.name),
        sql.Identifier(f"incoming_{table.name}"),
    )
    with driver.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS "
                "SELECT {} FROM {} WITH NO DATA"
            ).format(incoming, names, target)
        )
        copying = sql.SQL("COPY {} ({}) FROM STDIN").format(incoming, names)
        with cursor.copy(copying) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
                target, names, names, incoming
            )
        )
        cursor.execute(sql.SQL("DROP TABLE {}").format(incoming))
