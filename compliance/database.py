"""The database: one model for SQLite and PostgreSQL, and the transactions on it.

SQLite is opened as its documentation asks for evidence that must not be lost: a
write-ahead log with `synchronous=FULL`, foreign keys on, and every transaction begun
by us, because the driver's own way of beginning them loses concurrent updates.

On PostgreSQL row-level security stands behind the Scope: a transaction sees nothing of
any organisation until `limit_to` names the one it works for. Work across organisations
says so: `reading(system=True)`, `writing(system=True)`, or `as_system` for a part of it.
"""

import functools
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, cast

from sqlalchemy import (
    Boolean,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    LargeBinary,
    MetaData,
    Select,
    SQLColumnExpression,
    String,
    Table,
    Uuid,
    bindparam,
    create_engine,
    event,
    func,
    literal_column,
    text,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import (
    DeclarativeBase,
    Session,
    mapped_column,
)
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from compliance import clock
from compliance.identifiers import OrganisationId
from compliance.prebuilt import PrebuiltSession, driver_fault
from compliance.problems import Kind, Problem
from compliance.texts import N_

BUSY_MILLISECONDS = 10_000
# A deadlock, and what could not be put in order: the SQLSTATE of each.
IN_THE_WAY = frozenset({"40P01", "40001"})
RESTED_SECONDS = 1.0


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, the same on both databases: always aware, never local."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; instants are kept in UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    @override
    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


class Keys(TypeDecorator[Sequence[uuid.UUID]]):
    """Many keys as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = String
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(Uuid()))
        return dialect.type_descriptor(String())

    @override
    def process_bind_param(
        self, value: Sequence[uuid.UUID] | None, dialect: Dialect
    ) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps([key.hex for key in value])


class one_of(FunctionElement[bool]):  # noqa: N801 - it reads as SQL's own functions do
    """A column is one of the keys bound to a name, however many: one statement for all.

    `IN` with a parameter for each key is another statement for each number of them.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[uuid.UUID], name: str) -> None:
        super().__init__(column, bindparam(name, type_=Keys()))

    @override
    def self_group(self, against: Any = None) -> Self:
        """It is a condition: with `… = 1` behind it SQLite looks at every row."""
        return self


@compiles(one_of)
def _one_of_an_array(element: one_of, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY ({keys})"


@compiles(one_of, "sqlite")
def _one_of_json(element: one_of, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - compiled


class Base(DeclarativeBase):
    """Every table's parent; the naming convention lets SQLite rebuild a table."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        uuid.UUID: Uuid,
        bytes: LargeBinary,
        str: String,
    }


# Columns that many tables have alike.
Key = Annotated[uuid.UUID, mapped_column(primary_key=True)]
PublicId = Annotated[str, mapped_column(String(40), unique=True)]
Owner = Annotated[uuid.UUID, mapped_column(ForeignKey("organisation.id"), index=True)]


class NotSealed(RuntimeError):
    """A change was about to be committed without its trail entries."""


class DatabaseUserTooStrong(Problem):
    """Row-level security would not hold against the user the product connects as."""

    kind = Kind.CONFLICT
    title = N_("The database user could see past row-level security")
    detail = N_(
        "The PostgreSQL user {user} {power}, so the wall between organisations would "
        "not hold. Connect as a plain user that owns the database; docs/postgresql.md "
        "shows how to make one."
    )


@dataclass(frozen=True)
class Database:
    """One database and the two ways to use it: reading, and writing.

    A transaction sees the rows of the organisation it is limited to, and before that
    none. With `system` it begins as work of the product itself and sees every row;
    `is_system` makes that so for all of them: a command line's way, never a server's.
    """

    engine: Engine
    is_system: bool = False

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self, *, system: bool = False) -> Iterator[Session]:
        """Open a transaction that sees one state of the data and changes nothing.

        It begins with its first statement. PostgreSQL refuses a change in it, and its
        good end is a commit: a rollback makes psycopg forget what it has prepared.
        """
        with self.engine.connect() as connection:
            connection.execution_options(reads=True)
            session = PrebuiltSession(connection, autoflush=False)
            if system or self.is_system:
                _begin_to_see(session)
            try:
                yield session
            finally:
                session.end()
            if connection.in_transaction() and not self.is_sqlite:
                connection.commit()

    @contextmanager
    def writing(self, *, system: bool = False) -> Iterator[Session]:
        """Open a transaction that commits at the end, or leaves no trace.

        Committing returns when the data are on disk. Trail entries that are still
        waiting to be sealed stop the commit: no change without its trail.
        """
        engine = self.engine.execution_options(writes=True)
        with PrebuiltSession(
            engine, autoflush=False, expire_on_commit=False
        ) as session:
            if system or self.is_system:
                _begin_to_see(session)
            yield session
            if session.info.get("trail"):
                raise NotSealed("trail entries were recorded but not sealed")
            session.commit()

    def close(self) -> None:
        self.engine.dispose()


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _undone: object) -> None:
    """A savepoint that is undone takes its settings along."""
    session.info.pop("is_system", None)
    session.info.pop("organisation_id", None)


# What the policies compare with; set for one transaction only, so that a connection
# which goes back to the pool carries nothing to the next.
LIMIT = text(
    "SELECT set_config('app.organisation', :organisation, true), "
    "set_config('app.now', :now, true), set_config('app.system', '', true)"
)
SEE_EVERYTHING = text("SELECT set_config('app.system', 'yes', true)")
SEE_AS_BEFORE = text("SELECT set_config('app.system', '', true)")
AS_SYSTEM = "; SET LOCAL app.system = 'yes'"


def limit_to(session: Session, organisation_id: OrganisationId) -> None:
    """Let the rest of the transaction see what this organisation may, and no more."""
    session.info.update(is_system=False, organisation_id=organisation_id)
    if has_walls(session):
        now = clock.now().isoformat()
        session.execute(LIMIT, {"organisation": str(organisation_id), "now": now})


def limiting(
    statement: Select[*tuple[Any, ...]], organisation_id: SQLColumnExpression[uuid.UUID]
) -> Select[*tuple[Any, ...]]:
    """Return a statement that limits the transaction to the organisation it finds.

    For PostgreSQL, in one round trip what `limit_to` would do in a second; bound to
    `limited_at`. It must find one row at most, and none where nobody is let in. Who runs
    it then says so: `note_limit`.
    """
    return statement.add_columns(
        func.set_config("app.organisation", sql_cast(organisation_id, String), true()),
        func.set_config("app.now", bindparam("limited_at", type_=String()), true()),
        func.set_config("app.system", "", true()),
    )


def note_limit(session: Session, organisation_id: OrganisationId) -> None:
    """Note that a `limiting` statement found this organisation."""
    session.info.update(is_system=False, organisation_id=organisation_id)


def is_limited_to(session: Session, organisation_id: OrganisationId) -> bool:
    """Tell whether the transaction sees what this organisation may, and no more."""
    told = session.info
    return told.get("organisation_id") == organisation_id and told["is_system"] is False


@contextmanager
def as_system(session: Session) -> Iterator[None]:
    """See the rows of every organisation inside the block; say there why it must be.

    A `limit_to` inside the block ends it early, and its limit stays.
    """
    if session.info.get("is_system"):
        yield
        return
    _begin_to_see(session)
    try:
        yield
    except BaseException:
        # An aborted transaction cannot be changed any more, and shows nothing either.
        with suppress(DBAPIError):
            _see_as_before(session)
        raise
    if session.info.get("is_system", True):
        _see_as_before(session)


@contextmanager
def on_behalf_of(session: Session, organisation_id: OrganisationId) -> Iterator[None]:
    """See at least what an organisation may, whichever the transaction is limited to."""
    if session.info.get("organisation_id") == organisation_id:
        yield
        return
    with as_system(session):
        yield


def _begin_to_see(session: Session) -> None:
    session.info["is_system"] = True
    if not has_walls(session):
        return
    if isinstance(session, PrebuiltSession) and not session.has_begun():
        session.begin_with(system=True)  # said with the BEGIN
    else:
        session.execute(SEE_EVERYTHING)


def _see_as_before(session: Session) -> None:
    session.info["is_system"] = False
    if has_walls(session):
        session.execute(SEE_AS_BEFORE)


def has_walls(session: Session) -> bool:
    """Tell whether the database itself keeps organisations apart."""
    return session.get_bind().dialect.name == "postgresql"


def refuse_strong_user(database: Database) -> None:
    """Raise DatabaseUserTooStrong where PostgreSQL would not apply the policies."""
    if database.is_sqlite:
        return
    with database.reading() as session:
        user = session.execute(
            text(
                "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles "
                "WHERE rolname = current_user"
            )
        ).one()
    if user.rolsuper:
        raise DatabaseUserTooStrong(user=user.rolname, power=N_("is a superuser"))
    if user.rolbypassrls:
        raise DatabaseUserTooStrong(user=user.rolname, power=N_("has BYPASSRLS"))


def open_database(
    url: str, connections: int = 8, *, is_system: bool = False
) -> Database:
    """Return the database at `url` (`sqlite:///file` or `postgresql+psycopg://…`).

    Values never stand in an error's text, and so never in a log.
    """
    # The connection used last is used next: it has the statements and pages at hand.
    pool: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_use_lifo": True,
    }
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            url,
            hide_parameters=True,
            **pool,
            connect_args={"autocommit": True},  # we begin transactions ourselves
        )
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "checkin", _rest)
        event.listen(engine, "checkout", functools.partial(_wake, engine.dialect))
    return Database(engine.execution_options(system=is_system), is_system)


def _prepare_sqlite(
    connection: DBAPIConnection, _record: ConnectionPoolEntry | None
) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _prepare_postgresql(
    connection: DBAPIConnection, _record: ConnectionPoolEntry | None
) -> None:
    # Row-level security makes small statements look dear, and PostgreSQL would compile
    # them for a tenth of a second to run for a millisecond.
    cursor = connection.cursor()
    cursor.execute("SET jit = off")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:  # the event hands over a bare Connection
    line = connection.connection.dbapi_connection
    if line.in_transaction:  # a commit that failed has left it open
        line.rollback()
    writes = connection.get_execution_options().get("writes", False)
    _begin(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Any) -> None:
    """Begin, and where it is system work say so in the same round trip."""
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        begin = "BEGIN READ ONLY" if options.get("reads") else "BEGIN"
        if options.get("system"):
            begin += AS_SYSTEM
        _begin(connection, begin, prepare=False)


def _begin(connection: Any, statement: str, **how: bool) -> None:
    try:
        connection.connection.dbapi_connection.execute(statement, **how)
    except connection.dialect.loaded_dbapi.Error as fault:
        raise driver_fault(connection, statement, None, fault) from fault


def _rest(_line: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _wake(
    dialect: Dialect,
    line: DBAPIConnection,
    record: ConnectionPoolEntry,
    _proxy: PoolProxiedConnection,
) -> None:
    """Ask a line that was not used for a while whether the server is still there.

    The pool then opens a new one. To ask before every transaction, as it could do by
    itself, costs as much as a small read.
    """
    if time.monotonic() - record.info.get("rests_since", 0) < RESTED_SECONDS:
        return
    try:
        dialect.do_ping(line)
    except dialect.loaded_dbapi.Error as fault:
        raise DisconnectionError from fault


def was_in_the_way(error: OperationalError) -> bool:
    """Tell whether two transactions stood in each other's way, and this one was undone.

    That is nobody's fault: done again, it finds the way clear (PostgreSQL, 13.5).
    """
    return getattr(error.orig, "sqlstate", None) in IN_THE_WAY


def insert_new(session: Session, table: type[Base], **values: object) -> bool:
    """Insert a row unless a unique constraint has its place; tell whether it was new.

    Two at once: the second waits here until the first has committed, and is not new.
    """
    dialect = session.get_bind().dialect.name
    inserted = session.execute(_insert_if_absent(table, dialect), values)
    return inserted.one_or_none() is not None


@functools.cache
def _insert_if_absent(table: type[Base], dialect: str) -> ReturningInsert[Any]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(cast(Table, table.__table__)).on_conflict_do_nothing()
    return statement.returning(literal_column("1"))


Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a longer list, and the id to ask for the rest with."""

    rows: tuple[Row, ...]
    next_after: str | None
