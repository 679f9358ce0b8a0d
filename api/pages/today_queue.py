"""The queue of whoever is signed in: all that is theirs to do, in two statements."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Row,
    String,
    Subquery,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from api.pages.today_errands import ERRANDS, KINDS, TaskKind
from api.pages.today_findings import OF_FINDINGS
from api.pages.today_rest import OF_THE_REST
from api.pages.today_rows import Rows, Sources, by_when, key_of
from api.pages.today_tasks import MOST, Queue, Task, Waiting
from api.pages.today_visits import OF_VISITS
from compliance import clock
from compliance.findings.models import Finding
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from rules import Severity

SOURCES: Sources = {
    **OF_FINDINGS,
    **OF_VISITS,
    **OF_THE_REST,
}
MONTH, FORTNIGHT, WEEK = timedelta(days=30), timedelta(days=14), timedelta(days=7)
YEAR = timedelta(days=366)
Own, Answered = aliased(Site), aliased(Finding)
SHOWN = ("kind", "key", "subject", "told", "due_on", "due_at")


def kinds_of(scope: Scope) -> tuple[TaskKind, ...]:
    """Return what somebody of this role can have to do."""
    return tuple(one for one in KINDS if ERRANDS[one].needs <= scope.permissions)


def queue(
    session: Session, scope: Scope, *, rows: int, only: TaskKind | None = None
) -> Queue:
    """Return what is the caller's to do: of each kind all counted, and the first `rows`.

    `only` leaves one kind; one that the caller's role cannot do is empty.
    """
    now = clock.now()
    wanted = frozenset(one for one in kinds_of(scope) if only in {None, one})
    if not wanted:
        return Queue((), now)
    today = now.date()
    bound: dict[str, Any] = {
        "organisation_id": scope.organisation_id,
        "person_id": scope.person_id,
        "actor": scope.actor,
        "now": now,
        "today": today,
        "in_a_week": today + WEEK,
        "in_a_fortnight": today + FORTNIGHT,
        "in_a_month": today + MONTH,
        "a_month_ago": now - MONTH,
        "a_year_ago": now - YEAR,
    }
    counted = {
        row.kind: row
        for row in session.execute(_counts(wanted, MOST), bound)
        if row.number
    }
    bound |= {_asks(one): one in counted for one in wanted}
    first = session.execute(_first(wanted, rows), bound).all() if counted else ()
    return Queue(tuple(_waiting(counted, first)), now)


def _waiting(
    counted: Mapping[str, Row[*tuple[Any, ...]]],
    first: Sequence[Row[*tuple[Any, ...]]],
) -> Iterator[Waiting]:
    for kind in KINDS:
        if kind in counted:
            number, late = counted[kind].number, counted[kind].late
            yield Waiting(
                kind,
                number=min(number, MOST),
                late=min(late, MOST),
                first=tuple(_task(row) for row in first if row.kind == kind),
                has_more=number > MOST,
                has_more_late=late > MOST,
            )


def _task(row: Row[*tuple[Any, ...]]) -> Task:
    return Task(
        kind=TaskKind(row.kind),
        subject=row.subject,
        told=row.told,
        site=row.site,
        site_name=row.site_name,
        severity=None if row.severity is None else Severity(row.severity),
        due_on=row.due_on,
        due_at=row.due_at,
    )


@functools.cache
def _counts(wanted: frozenset[TaskKind], most: int) -> Rows:
    """Return how many there are of each kind, and how many of them are late.

    Those that are due first are counted, up to one more than `most`: whatever is late
    is among them.
    """
    return select(union_all(*(_count(one, most) for one in _sorted(wanted))).subquery())


def _count(kind: TaskKind, most: int) -> Rows:
    counted = [
        _cut(
            found.with_only_columns(
                *(found.selected_columns[name] for name in ("due_on", "due_at")),
                maintain_column_froms=True,
            ).order_by(*by_when(found)),
            most + 1,
        )
        for found in SOURCES[kind]
    ]
    few = union_all(*counted).subquery()
    is_late = or_(few.c.due_on < bindparam("today"), few.c.due_at < bindparam("now"))
    return select(
        literal(kind.value, String()).label("kind"),
        func.count().label("number"),
        func.coalesce(func.sum(case((is_late, 1), else_=0)), 0).label("late"),
    ).select_from(few)


@functools.cache
def _first(wanted: frozenset[TaskKind], rows: int) -> Rows:
    """Return the first rows of each kind, as they are due.

    Each kind is cut before the next is asked for, and the sites are joined to what is
    left: a hundred thousand findings are never sorted.
    """
    few = union_all(*(_few(one, rows) for one in _sorted(wanted))).subquery("few")
    return (
        select(
            *(few.c[name] for name in SHOWN),
            func.coalesce(few.c.severity, Answered.severity).label("severity"),
            Site.public_id.label("site"),
            Site.name.label("site_name"),
        )
        .outerjoin(Answered, Answered.id == few.c.finding_id)
        .outerjoin(Own, Own.id == few.c.site_id)
        .outerjoin(Site, Site.id == Own.kept_id)
        .order_by(few.c.kind, *_as_due(few))
    )


def _asks(kind: TaskKind) -> str:
    """Return what tells that there is something of a kind: of others nothing is read."""
    return f"asks_{kind}"


def _few(kind: TaskKind, rows: int) -> Rows:
    asks = bindparam(_asks(kind), type_=Boolean())
    parts = [
        _cut(found.where(asks).order_by(*by_when(found), key_of(found)), rows)
        for found in SOURCES[kind]
    ]
    found = union_all(*parts).subquery()
    named = select(literal(kind.value, String()).label("kind"), found)
    return named if len(parts) == 1 else _cut(named.order_by(*_as_due(found)), rows)


def _as_due(rows: Subquery) -> Sequence[ColumnElement[Any]]:
    return rows.c.due_at.nulls_last(), rows.c.due_on.nulls_last(), rows.c.key


def _cut(found: Rows, rows: int) -> Rows:
    """Return the first rows; how many is said in words that the planner can read."""
    return select(found.limit(literal_column(str(rows), Integer())).subquery())


def _sorted(wanted: frozenset[TaskKind]) -> Iterator[TaskKind]:
    return (one for one in KINDS if one in wanted)
