"""Tables whose rows can be ended, once, and otherwise neither changed nor deleted.

Triggers refuse the rest on either database, whoever asks.
"""

from collections.abc import Sequence

from alembic import op

REFUSAL = "rows of {table} are history: they end once and are never changed or deleted"


def let_only_end(table: str, *, ending: Sequence[str], kept: Sequence[str]) -> None:
    """Let the columns of `ending` be filled once; `kept` are all the others.

    The first column of `ending` tells whether a row has ended.
    """
    refusal = REFUSAL.format(table=table)
    sqlite = op.get_bind().dialect.name == "sqlite"
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    changed = " OR ".join(f"NEW.{one} {differs} OLD.{one}" for one in kept)
    wrong = f"OLD.{ending[0]} IS NOT NULL OR {changed}"
    if sqlite:
        abort = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {abort}")
        op.execute(
            f"CREATE TRIGGER {table}_ends_once BEFORE UPDATE ON {table} "
            f"WHEN {wrong} {abort}"
        )
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_history() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    refuse = f"EXECUTE FUNCTION {table}_is_history()"
    op.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} {refuse}"
    )
    op.execute(
        f"CREATE TRIGGER {table}_ends_once BEFORE UPDATE ON {table} "
        f"FOR EACH ROW WHEN ({wrong}) {refuse}"
    )


def let_change(table: str) -> None:
    """Take the refusal back; only a downgrade does this."""
    for trigger in ("no_delete", "ends_once"):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {table}_{trigger}")
        else:
            op.execute(f"DROP TRIGGER {table}_{trigger} ON {table}")
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"DROP FUNCTION {table}_is_history()")
