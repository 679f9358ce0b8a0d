"""Many texts as one parameter, as `compliance.database.one_of` takes many keys.

SQLAlchemy writes `… = 1` behind a boolean where the database has no type for it, and then
SQLite goes through the whole table instead of the index. What is bound here is a
condition already, so nothing is written behind it.
"""

import json
from collections.abc import Sequence
from typing import Any, Self

from sqlalchemy import Boolean, Dialect, SQLColumnExpression, String, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override


class Texts(TypeDecorator[Sequence[str]]):
    """Texts as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = String
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(String()))
        return dialect.type_descriptor(String())

    @override
    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(value)


class one_of_texts(FunctionElement[bool]):  # noqa: N801 - as SQL's own functions do
    """A column is one of the texts bound to a name, however many."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: SQLColumnExpression[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=Texts()))

    @override
    def self_group(self, against: Any = None) -> Self:
        return self


@compiles(one_of_texts)
def _of_an_array(element: one_of_texts, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY ({texts})"


@compiles(one_of_texts, "sqlite")
def _of_json(element: one_of_texts, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - compiled
