"""The columns that every kind of task is asked for with, so that one statement asks all."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Cast,
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    String,
    UnaryExpression,
    Uuid,
    and_,
    bindparam,
    cast,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from api.pages.today_errands import TaskKind
from compliance.database import Instant
from compliance.registry.models import Site

CALLER = bindparam("organisation_id", type_=Uuid())
Column = SQLColumnExpression[Any]
Rows = Select[*tuple[Any, ...]]
# Of each kind where its rows come from: from more than one place, as nobody's twice.
Sources = Mapping[TaskKind, Sequence[Rows]]
Visited, Kept = aliased(Site), aliased(Site)
# Found once for all kinds, and by everyone who operates nothing in no time.
OPERATED = (
    select(Visited.id)
    .join(Kept, Kept.id == Visited.kept_id)
    .where(Kept.operator_id == CALLER)
    .cte("operated")
    .prefix_with("MATERIALIZED")
)


def row(
    key: Column,
    subject: Column,
    *,
    told: Column | None = None,
    site_id: Column | None = None,
    severity: Column | None = None,
    finding_id: Column | None = None,
    due_on: Column | None = None,
    due_at: Column | None = None,
) -> Rows:
    """Return the beginning of a statement: what a task is about, where, and by when.

    Its severity is told, or is that of a finding.
    """
    return select(
        key.label("key"),
        subject.label("subject"),
        _or_nothing(told, String()).label("told"),
        _or_nothing(site_id, Uuid()).label("site_id"),
        _or_nothing(severity, String()).label("severity"),
        _or_nothing(finding_id, Uuid()).label("finding_id"),
        _or_nothing(due_on, Date()).label("due_on"),
        _or_nothing(due_at, Instant()).label("due_at"),
    )


def reached(
    rows: Rows,
    owner_id: SQLColumnExpression[uuid.UUID],
    site_id: SQLColumnExpression[uuid.UUID],
) -> tuple[Rows, Rows]:
    """Return the rows of the caller's own sites, and those of sites it operates."""
    is_operated = site_id.in_(select(OPERATED.c.id))
    return rows.where(owner_id == CALLER), rows.where(is_operated, owner_id != CALLER)


def by_when(rows: Rows) -> Sequence[UnaryExpression[Any]]:
    """Return what rows are ordered by as they are due; nothing where they never are.

    By the column itself, so that an index leads to the first of them.
    """
    return [
        column.nulls_last()
        for column in (_asked(rows, "due_at"), _asked(rows, "due_on"))
        if not isinstance(column, Cast)
    ]


def key_of(rows: Rows) -> ColumnElement[Any]:
    """Return what orders rows that are due alike."""
    return _asked(rows, "key")


def _asked(rows: Rows, name: str) -> ColumnElement[Any]:
    found: ColumnElement[Any] = rows.selected_columns[name].element
    return found


def is_one_of(column: Column, states: Iterable[StrEnum]) -> ColumnElement[bool]:
    return or_(*(column == one.value for one in sorted(states)))


def is_none_of(column: Column, states: Iterable[StrEnum]) -> ColumnElement[bool]:
    """Tell what has none of these states; no index is begun from that."""
    return and_(*(column != one.value for one in sorted(states)))


def plainly(column: Column, state: str) -> ColumnElement[bool]:
    """Compare with the word itself: with a value SQLite takes no index of one state."""
    return column == literal_column(f"'{state}'")


def looked_at(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that is looked at row by row.

    SQLite knows of no table how long it is, and takes what belongs to an organisation
    for a few rows; so it is kept from beginning there, where an index has fewer.
    """
    return condition.is_(true())


def _or_nothing(column: Column | None, type_: Any) -> ColumnElement[Any] | Column:
    return cast(null(), type_) if column is None else column
