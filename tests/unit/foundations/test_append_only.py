"""Evidence is never changed: each of its tables refuses it, on both databases."""

import sqlite3
from collections import defaultdict
from typing import Any

from sqlalchemy import LargeBinary, String, Table, text
from sqlalchemy.exc import DBAPIError

from compliance.database import Base, Database

SAMPLES: dict[type[Any], Any] = defaultdict(lambda: 1, {LargeBinary: b"x", String: "x"})
MARK = "are evidence and are never changed or deleted"
KNOWN = {
    "trail",
    "trail_anchor",
    "trail_key",
    "trail_seal",
    "trail_slot",
    "trail_tile",
    "trail_tree_head",
    "submission",
    "attachment",
    "fact_set",
    "checklist_version",
    "assessment",
    "verdict",
    "finding_step",
    "scorecard",
    "scorecard_status",
    "scorecard_paper",
    "scorecard_credential",
    "scorecard_listing",
}


PROTECTED = {
    True: "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE :mark",
    False: (
        "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE prosrc LIKE :mark"
    ),
}


def evidence_tables(database: Database) -> set[str]:
    """Return the tables that the live database itself protects."""
    with database.reading() as session:
        found = session.scalars(
            text(PROTECTED[database.is_sqlite]), {"mark": f"%{MARK}%"}
        )
        return set(found)


def test_every_table_of_evidence_is_protected(database: Database) -> None:
    protected = evidence_tables(database)

    assert protected >= KNOWN
    assert protected <= set(Base.metadata.tables)


def put_a_row(database: Database, table: Table) -> None:
    """Put one row of nothing into a table; SQLite's refusals speak for each row.

    PostgreSQL's speak for each statement, and its foreign keys would stop such a row.
    """
    if not database.is_sqlite:
        return
    values = [SAMPLES[type(column.type)] for column in table.columns]
    places = ", ".join("?" for _ in values)
    with sqlite3.connect(str(database.engine.url.database)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"INSERT INTO {table.name} VALUES ({places})", values)  # noqa: S608 - a name of ours
    connection.close()


def refusal(database: Database, statement: str) -> str:
    """Return what the database says to a statement, "" where it does it."""
    with database.writing() as session:
        try:
            session.execute(text(statement))
        except DBAPIError as refused:
            return str(refused.orig)
        finally:
            session.rollback()
    return ""


def test_every_protected_table_refuses_to_change_and_to_forget(
    database: Database,
) -> None:
    for name in sorted(evidence_tables(database)):
        table = Base.metadata.tables[name]
        column = next(iter(table.columns)).name
        put_a_row(database, table)

        to_change = refusal(database, f"UPDATE {name} SET {column} = {column}")  # noqa: S608 - names of ours
        to_forget = refusal(database, f"DELETE FROM {name}")  # noqa: S608 - a name of ours

        assert f"rows of {name} are evidence" in to_change
        assert f"rows of {name} are evidence" in to_forget
