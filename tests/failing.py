"""Statements that are made to fail, one after the other: nothing may be half done.

The fault is a true one of the database, so that PostgreSQL ends the transaction as it
would of itself. While somebody listens, no statement goes through the driver alone
(`compliance.prebuilt`): so none escapes, and what it then would have sent is the same.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event, inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from compliance import trail
from compliance.database import Database, open_database

COMMIT = "COMMIT"
# What passes when the same is tried again: a mistake in a statement never would.
FAULTS = {
    "sqlite": "SELECT this_statement_was_made_to_fail",
    "postgresql": "DO $$BEGIN RAISE EXCEPTION 'made to fail' "
    "USING ERRCODE = 'deadlock_detected'; END$$",
}
MOST_STATEMENTS = 1000

Snapshot = dict[str, tuple[int, str]]


class HalfDone(AssertionError):
    """Something stayed of an action that failed, or it was acknowledged all the same."""


@dataclass
class Failing:
    """Lets statement number `nth` of what this thread writes fail, and counts them."""

    nth: int
    thread: int = field(default_factory=threading.get_ident)
    statements: list[str] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        return len(self.statements) >= self.nth

    @property
    def failed(self) -> str:
        return self.statements[self.nth - 1]

    def is_its_turn(self, connection: Connection, statement: str) -> bool:
        is_written = connection.get_execution_options().get("writes")
        if not is_written or threading.get_ident() != self.thread:
            return False
        self.statements.append(statement)
        return len(self.statements) == self.nth

    def before_execute(
        self,
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: Any,
        _context: object,
        executemany: bool,  # noqa: FBT001 - SQLAlchemy hands it over so
    ) -> tuple[str, Any]:
        if self.is_its_turn(connection, statement):
            return FAULTS[connection.dialect.name], [()] if executemany else ()
        return statement, parameters

    def before_commit(self, connection: Connection) -> None:
        if self.is_its_turn(connection, COMMIT):
            # A database that cannot commit has undone the transaction.
            connection.connection.rollback()
            raise OperationalError(COMMIT, None, RuntimeError("made to fail"))


@contextmanager
def statement_failing(database: Database, nth: int) -> Iterator[Failing]:
    """Let the nth statement of what is written meanwhile fail; a commit is one too."""
    failing = Failing(nth)
    engine = database.engine
    event.listen(engine, "before_cursor_execute", failing.before_execute, retval=True)
    event.listen(engine, "commit", failing.before_commit)
    try:
        yield failing
    finally:
        event.remove(engine, "before_cursor_execute", failing.before_execute)
        event.remove(engine, "commit", failing.before_commit)


def in_one_transaction(
    database: Database, work: Callable[[Session], object]
) -> Callable[[], object]:
    """Return `work` as a request does it: one transaction, the trail sealed last."""

    def act() -> object:
        with database.writing() as session:
            done = work(session)
            trail.seal(session)
        return done

    return act


def fail_each_statement(
    database: Database,
    act: Callable[[], object],
    *,
    is_noted: Callable[[Session], bool] | None = None,
) -> int:
    """Do `act` again and again, each time with another statement failing, till none is.

    Returns how many statements were made to fail. After each failure every table must
    be as it was, and `act` must have raised: its return is the acknowledgement. It does
    its work in this very thread, as `in_one_transaction` and `Service.write_now` do.

    What is acknowledged in spite of a failure must have been kept whole with the failure
    noted beside it, which `is_noted` tells; `act` then does something new each time.
    """
    with looking_at(database) as look:
        for nth in range(1, MOST_STATEMENTS):
            before = look()
            with statement_failing(database, nth) as failing:
                is_acknowledged = _is_acknowledged(act, failing)
            if not failing.has_failed:
                return nth - 1
            if is_acknowledged:
                _refuse_unnoted(database, failing, is_noted)
            else:
                _refuse_changes(failing, before, look())
    raise RuntimeError(f"{MOST_STATEMENTS} statements, and still another")


def _is_acknowledged(act: Callable[[], object], failing: Failing) -> bool:
    try:
        act()
    except Exception:
        if not failing.has_failed:
            raise  # a fault that is not ours
        return False
    return True


def _refuse_unnoted(
    database: Database,
    failing: Failing,
    is_noted: Callable[[Session], bool] | None,
) -> None:
    if is_noted is None:
        raise HalfDone(f"acknowledged although this failed: {failing.failed}")
    with database.reading(system=True) as session:
        if not is_noted(session):
            raise HalfDone(f"acknowledged, and not noted: {failing.failed}")


def _refuse_changes(failing: Failing, before: Snapshot, after: Snapshot) -> None:
    changed = sorted(name for name in after if after[name] != before[name])
    if changed:
        raise HalfDone(
            f"{', '.join(changed)} changed, although {failing.failed} failed"
        )


def snapshot(database: Database) -> Snapshot:
    """Return of every table its number of rows and a digest of all they hold."""
    with looking_at(database) as look:
        return look()


@contextmanager
def looking_at(database: Database) -> Iterator[Callable[[], Snapshot]]:
    """Open a line of its own that takes snapshots, and prepares for them only once.

    To plan a hundred tables with their policies takes PostgreSQL half a second.
    """
    url = database.engine.url.render_as_string(hide_password=False)
    opened = open_database(url, connections=1, is_system=True)
    names = sorted(inspect(opened.engine).get_table_names())
    look = _of_sqlite if opened.is_sqlite else _of_postgresql

    def taken() -> Snapshot:
        with opened.reading(system=True) as session:
            line: Any = session.connection().connection.dbapi_connection
            return look(line, names)

    try:
        yield taken
    finally:
        opened.close()


def _of_sqlite(line: Any, names: list[str]) -> Snapshot:
    found = {}
    for name in names:
        rows = line.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - a table's name
        held = "\n".join(sorted(repr(row) for row in rows))
        found[name] = len(rows), hashlib.sha256(held.encode()).hexdigest()
    return found


def _of_postgresql(line: Any, names: list[str]) -> Snapshot:
    parts = [
        f"SELECT '{name}', count(*), "  # noqa: S608 - a table's name
        f"coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') "
        f'FROM "{name}" AS t'
        for name in names
    ]
    rows = line.execute(" UNION ALL ".join(parts), prepare=True).fetchall()
    return {name: (count, digest) for name, count, digest in rows}
