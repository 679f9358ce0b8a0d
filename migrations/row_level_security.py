"""Row-level security on PostgreSQL: whose rows a transaction sees, table by table.

The product names the organisation a transaction works for (`compliance/database.py`),
and these policies compare with it, also where a query forgot to. What is compared with
stands in a scalar sub-select, so that it is read once for a statement and not for each
row; a setting that was never made is empty, and empty equals nothing.
"""

from alembic import op

ORGANISATION = "(SELECT nullif(current_setting('app.organisation', true), '')::uuid)"
NOW = "(SELECT nullif(current_setting('app.now', true), '')::timestamptz)"
NOTHING = "false"
SYSTEM = "(SELECT current_setting('app.system', true) = 'yes')"


def owned_by(*columns: str) -> str:
    """Return the clause of rows that belong to the organisation by some column."""
    return " OR ".join(f"{column} = {ORGANISATION}" for column in columns)


def exists(rows: str) -> str:
    """Return the clause that some row is there, `rows` being a table and a condition."""
    return f"EXISTS (SELECT 1 FROM {rows})"  # noqa: S608 - names of our own tables


def part_of(table: str, column: str, parent: str, key: str = "id") -> str:
    """Return the clause of rows whose parent row is seen, as its own policy says."""
    return exists(f"{parent} WHERE {parent}.{key} = {table}.{column}")


def protect(
    table: str, sees: str, *, adds: str | None = None, changes: str | None = None
) -> None:
    """Show the rows of `sees`; let rows of `adds` be added, of `changes` be changed.

    Both are those of `sees` unless said. System work, which says so, sees every row.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    changes = sees if changes is None else changes
    adds = changes if adds is None else adds
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for name, rest in (
        ("system", f"USING ({SYSTEM}) WITH CHECK ({SYSTEM})"),
        ("seen", f"FOR SELECT USING ({sees})"),
        ("added", f"FOR INSERT WITH CHECK ({adds})"),
        ("changed", f"FOR UPDATE USING ({changes}) WITH CHECK ({changes})"),
        ("deleted", f"FOR DELETE USING ({changes})"),
    ):
        op.execute(f"CREATE POLICY {table}_{name} ON {table} {rest}")


def lay_open(table: str) -> None:
    """Take the policies away; only a downgrade does this."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in ("system", "seen", "added", "changed", "deleted"):
        op.execute(f"DROP POLICY {table}_{name} ON {table}")
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
