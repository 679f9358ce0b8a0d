"""Tables whose rows are evidence: once written, never changed and never deleted.

A trigger refuses both on either database, whoever asks.
"""

from alembic import op

REFUSAL = "rows of {table} are evidence and are never changed or deleted"


def make_append_only(table: str) -> None:
    """Refuse UPDATE and DELETE on `table` from now on."""
    refusal = REFUSAL.format(table=table)
    if op.get_bind().dialect.name == "sqlite":
        for event in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_evidence() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {table} EXECUTE FUNCTION {table}_is_evidence()"
    )


def make_changeable(table: str) -> None:
    """Take the refusal back; only a downgrade does this."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{event}")
        return
    op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
    op.execute(f"DROP FUNCTION {table}_is_evidence()")
