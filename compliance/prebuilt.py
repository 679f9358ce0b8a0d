"""A session that runs statements which were built once through the driver itself.

`Session.execute` looks at a statement anew each time: which mapper, which compiled form,
which loader. That costs several times what the database takes for a row by its key, and
nothing of it changes from one request to the next. So a statement that is run again is
compiled and kept; from then on its values go straight to the driver's cursor, and its
rows come back through the same types. Nothing that was read is kept.

What is not plain goes SQLAlchemy's own way, as everything does at first: statements
built for one occasion, mapped objects, lists that become many parameters, streams, and
all of them while somebody listens to what is run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from typing_extensions import override

Values = Mapping[str, Any]
Processor = Callable[[Any], Any]
Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Columns = Sequence[tuple[str, TypeEngine[Any]]]
NO_VALUES: Values = {}
NO_NAMES: frozenset[str] = frozenset()


class Unfit(Exception):
    """A statement that only SQLAlchemy itself can run."""


class Ran(IteratorResult[*tuple[Any, ...]]):
    """Rows that were all fetched, and how many rows a change found."""

    def __init__(
        self, metadata: SimpleResultMetaData, rows: Sequence[Any], rowcount: int
    ) -> None:
        super().__init__(metadata, iter(rows))
        self.rowcount = rowcount


@dataclass(frozen=True)
class Plan:
    """A compiled statement: what the driver gets, and how its rows are read."""

    sql: str
    order: tuple[str, ...] | None
    fixed: Values
    asked: tuple[tuple[str, Processor | None], ...]
    metadata: SimpleResultMetaData | None
    readers: tuple[tuple[int, Processor], ...]

    def arguments(self, values: Values) -> Any:
        """Return values as the driver takes them; KeyError where it is not for us."""
        if not self.fixed.keys().isdisjoint(values):
            raise KeyError
        told = dict(self.fixed)
        for name, write in self.asked:
            value = values[name]
            told[name] = value if write is None else write(value)
        return told if self.order is None else [told[name] for name in self.order]

    def read(self, fetched: Sequence[Any]) -> Sequence[Any]:
        """Return rows as the driver gave them with the types of their columns."""
        if not self.readers:
            return fetched
        return [self._row(row) for row in fetched]

    def _row(self, row: Sequence[Any]) -> tuple[Any, ...]:
        cells = list(row)
        for place, reader in self.readers:
            cells[place] = reader(cells[place])
        return tuple(cells)


_seen: WeakSet[Statement] = WeakSet()
_plans: WeakKeyDictionary[Statement, dict[tuple[str, frozenset[str]], Plan | None]] = (
    WeakKeyDictionary()
)
NO_ROWS = SimpleResultMetaData(())


class PrebuiltSession(Session):
    """A session for rows and changes; what was built once takes the short way."""

    known: Connection | None = None

    def has_begun(self) -> bool:
        """Tell whether a statement was run in the transaction already."""
        bind = self.get_bind()
        if isinstance(bind, Connection):
            return bind.in_transaction()
        return self.in_transaction()

    def begin_with(self, **options: object) -> None:
        """Begin the transaction with options of its connection."""
        bind = self.get_bind()
        if isinstance(bind, Connection):
            bind.execution_options(**options)
            bind.begin()
        else:
            self.connection(execution_options=options)

    def end(self) -> None:
        """Undo what is open; a session that took the short way alone has nothing."""
        if self.in_transaction():
            self.close()

    @override
    def execute(self, statement: Any, params: Any = None, **rest: Any) -> Any:
        ran = None if rest else self._run(statement, params)
        return super().execute(statement, params, **rest) if ran is None else ran

    @override
    def scalar(self, statement: Any, params: Any = None, **rest: Any) -> Any:
        ran = None if rest else self._run(statement, params)
        return (
            super().scalar(statement, params, **rest) if ran is None else ran.scalar()
        )

    @override
    def scalars(self, statement: Any, params: Any = None, **rest: Any) -> Any:
        ran = None if rest else self._run(statement, params)
        if ran is None:
            return super().scalars(statement, params, **rest)
        return ran.scalars()

    def _run(self, statement: Any, params: Any) -> Ran | None:
        """Run a plain statement that was seen before; None leaves it to SQLAlchemy."""
        if not isinstance(statement, Select | Insert | Update | Delete):
            return None
        if isinstance(params, list) and not params:
            return None
        connection = self._connection()
        if connection.dispatch.before_cursor_execute:
            return None
        many = params if isinstance(params, list) else [params or NO_VALUES]
        plan = _plan_of(statement, many, connection.dialect)
        if plan is None:
            return None
        try:
            arguments = [plan.arguments(values) for values in many]
        except KeyError:
            return None  # SQLAlchemy tells which value is missing
        return _run(connection, plan, arguments, is_many=many is params)

    def _connection(self) -> Connection:
        """Return the connection of the running transaction."""
        known = self.known
        if known is not None and not known.closed and known.in_transaction():
            return known
        bind = self.get_bind()
        if isinstance(bind, Connection):
            if not bind.in_transaction():
                bind.begin()
            self.known = bind
        else:
            self.known = self.connection()
        return self.known


def _run(
    connection: Connection, plan: Plan, arguments: list[Any], *, is_many: bool
) -> Ran:
    cursor = connection.connection.cursor()
    try:
        if is_many:
            cursor.executemany(plan.sql, arguments)
        else:
            cursor.execute(plan.sql, arguments[0])
        if plan.metadata is None:
            return Ran(NO_ROWS, (), cursor.rowcount)
        return Ran(plan.metadata, plan.read(cursor.fetchall()), cursor.rowcount)
    except connection.dialect.loaded_dbapi.Error as fault:
        raise driver_fault(connection, plan.sql, arguments, fault) from fault
    finally:
        cursor.close()


def driver_fault(
    connection: Connection, sql: str, arguments: Any, fault: Exception
) -> BaseException:
    """Return a fault of the driver as SQLAlchemy tells it, having let go of a dead line."""
    dialect = connection.dialect
    line = connection.connection.dbapi_connection
    is_gone = dialect.is_disconnect(fault, line, None)  # type: ignore[arg-type]
    hides, base = connection.engine.hide_parameters, dialect.loaded_dbapi.Error
    if is_gone:
        connection.invalidate(fault)
    return DBAPIError.instance(
        sql,
        arguments,
        fault,
        base,
        hide_parameters=hides,
        connection_invalidated=is_gone,
        dialect=dialect,
    )


def _plan_of(
    statement: Statement, many: Sequence[Values], dialect: Dialect
) -> Plan | None:
    """Return the plan of a statement that was seen before; None if there is none."""
    plans = _plans.get(statement)
    if plans is None:
        if statement not in _seen:
            _seen.add(statement)
            return None
        plans = _plans.setdefault(statement, {})
    is_read = isinstance(statement, Select)
    key = dialect.name, NO_NAMES if is_read or not many else frozenset(many[0])
    if key not in plans:
        try:
            plans[key] = _planned(statement, key[1], dialect)
        except (Unfit, SQLAlchemyError):
            plans[key] = None
    return plans[key]


def _planned(statement: Statement, names: frozenset[str], dialect: Dialect) -> Plan:
    columns = _columns(statement)
    compiled = statement.compile(dialect=dialect, column_keys=sorted(names) or None)
    if not _is_plain(statement, compiled):
        raise Unfit
    fixed: dict[str, Any] = {}
    asked: dict[str, Processor | None] = {}
    for parameter, name in compiled.bind_names.items():
        write = parameter.type.dialect_impl(dialect).bind_processor(dialect)
        if parameter.required:
            asked[name] = write
        elif parameter.callable is None:
            value = parameter.value
            fixed[name] = value if write is None else write(value)
        else:
            raise Unfit
    readers = [
        (place, reader)
        for place, (_, type_) in enumerate(columns)
        if (reader := type_.dialect_impl(dialect).result_processor(dialect, None))
    ]
    return Plan(
        sql=compiled.string,
        order=tuple(compiled.positiontup or ()) if compiled.positional else None,
        fixed=fixed,
        asked=tuple(asked.items()),
        metadata=SimpleResultMetaData([name for name, _ in columns])
        if columns
        else None,
        readers=tuple(readers),
    )


def _columns(statement: Statement) -> Columns:
    """Return the names and types of what is told; Unfit for mapped objects."""
    if isinstance(statement, Select):
        told = statement.column_descriptions
        if any(one.get("entity") is one["expr"] for one in told if one.get("entity")):
            raise Unfit
        return [(one["name"], one["type"]) for one in told]
    if "entity" in statement.entity_description:
        raise Unfit  # a change of mapped objects follows up what was loaded of them
    return [(str(column.key), column.type) for column in statement.exported_columns]


def _is_plain(statement: Statement, compiled: SQLCompiler) -> bool:
    return not (
        statement.get_execution_options()
        or compiled.post_compile_params
        or compiled.literal_execute_params
        or compiled.escaped_bind_names
        or (
            not isinstance(statement, Select)
            and (
                compiled.insert_prefetch
                or compiled.update_prefetch
                or compiled.postfetch
                or compiled.implicit_returning
            )
        )
    )
