"""Lists that are read by the page, from the oldest row on, and row by row."""

import functools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    or_,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from compliance import limits
from compliance.database import Page
from compliance.problems import Kind, Problem
from compliance.texts import N_

Thing = TypeVar("Thing")
Record = TypeVar("Record")
Values = Mapping[str, object]
NO_FILTERS: Values = MappingProxyType({})


class NoSuchPage(Problem):
    kind = Kind.INVALID
    title = N_("The list cannot go on from there")
    detail = N_(
        "'after' is {after}, which is not in this list. Use the address in the Link "
        "header of the page before, or leave 'after' out to begin."
    )


@dataclass(frozen=True, eq=False)
class Listing(Generic[Record]):
    """Rows of one kind, told as records; each statement is built once.

    `statement` asks for `id` and `public_id` at least, and is bound to what keeps others'
    rows out. A filter is a clause bound to its own name, or to nothing.
    """

    statement: Select[*tuple[Any, ...]]
    key: InstrumentedAttribute[Any]
    public_id: InstrumentedAttribute[str]
    record: Callable[[Row[*tuple[Any, ...]]], Record]
    filters: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)

    def page(
        self,
        session: Session,
        bound: Values,
        *,
        rows: int,
        after: str | None = None,
        wanted: Values = NO_FILTERS,
        newest_first: bool = False,
    ) -> Page[Record]:
        """Return a page in the order of the keys, or the other way round.

        A filter that is None is left out.

        Raise NoSuchPage where `after` is no public id of this list.
        """
        values = {name: value for name, value in wanted.items() if value is not None}
        names = frozenset(values)
        if after is not None:
            values["after_id"] = self._row(
                session, bound, after, NoSuchPage(after=after)
            ).id
        statement = _page(
            self, names, goes_on=after is not None, newest_first=newest_first
        )
        found = session.execute(statement, {**values, **bound, "rows": rows + 1}).all()
        records = tuple(self.record(row) for row in found[:rows])
        return Page(records, found[rows - 1].public_id if len(found) > rows else None)

    def one(
        self, session: Session, bound: Values, public_id: str, missing: Problem
    ) -> Record:
        """Return one record by its public id, or raise `missing`."""
        return self.record(self._row(session, bound, public_id, missing))

    def _row(
        self, session: Session, bound: Values, public_id: str, missing: Problem
    ) -> Row[*tuple[Any, ...]]:
        row = session.execute(
            _one(self), {**bound, "public_id": public_id}
        ).one_or_none()
        if row is None:
            raise missing
        return row


def equal_to(**columns: SQLColumnExpression[Any]) -> dict[str, ColumnElement[bool]]:
    """Return a filter for each column: it is what is bound to the filter's name."""
    return {name: column == bindparam(name) for name, column in columns.items()}


@dataclass(frozen=True, eq=False)
class Ordering(Generic[Record]):
    """The rows of a listing by some expressions, and by their keys where these are alike.

    None of the expressions is ever empty. `filters` add to those of the listing.
    """

    listing: Listing[Record]
    by: tuple[ColumnElement[Any], ...]
    filters: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)

    def page(
        self,
        session: Session,
        bound: Values,
        *,
        rows: int,
        after: str | None = None,
        wanted: Values = NO_FILTERS,
    ) -> Page[Record]:
        """Return a page in this order, as `Listing.page` does in that of the keys.

        What moved on in the order since the page before is met again, or not at all.
        """
        values = {name: value for name, value in wanted.items() if value is not None}
        names = frozenset(values)
        if after is not None:
            found = session.execute(
                _place_in(self), {**bound, "public_id": after}
            ).one_or_none()
            if found is None:
                raise NoSuchPage(after=after)
            values |= {f"after_{place}": one for place, one in enumerate(found)}
        statement = _page_in(self, names, goes_on=after is not None)
        met = session.execute(statement, {**values, **bound, "rows": rows + 1}).all()
        records = tuple(self.listing.record(row) for row in met[:rows])
        return Page(records, met[rows - 1].public_id if len(met) > rows else None)


@functools.cache
def _place_in(ordering: Ordering[Any]) -> Select[*tuple[Any, ...]]:
    listing = ordering.listing
    return listing.statement.where(
        listing.public_id == bindparam("public_id")
    ).with_only_columns(*ordering.by, listing.key, maintain_column_froms=True)


@functools.cache
def _page_in(
    ordering: Ordering[Any], names: frozenset[str], *, goes_on: bool
) -> Select[*tuple[Any, ...]]:
    filters = {**ordering.listing.filters, **ordering.filters}
    columns = (*ordering.by, ordering.listing.key.expression)
    statement = ordering.listing.statement.where(
        *(filters[name] for name in sorted(names))
    )
    if goes_on:
        statement = statement.where(_beyond(columns))
    return statement.order_by(*columns).limit(bindparam("rows"))


def _beyond(columns: tuple[ColumnElement[Any], ...]) -> ColumnElement[bool]:
    """Return what holds of rows behind a place: by the first column that tells it."""
    places = [
        bindparam(f"after_{place}", type_=column.type)
        for place, column in enumerate(columns)
    ]
    return or_(
        *(
            and_(
                *(
                    before == at
                    for before, at in zip(columns[:one], places[:one], strict=True)
                ),
                columns[one] > places[one],
            )
            for one in range(len(columns))
        )
    )


@functools.cache
def _page(
    listing: Listing[Any],
    names: frozenset[str],
    *,
    goes_on: bool,
    newest_first: bool = False,
) -> Select[*tuple[Any, ...]]:
    statement = listing.statement.where(
        *(listing.filters[name] for name in sorted(names))
    )
    if goes_on:
        after: ColumnElement[Any] = bindparam("after_id")
        statement = statement.where(
            listing.key < after if newest_first else listing.key > after
        )
    order = listing.key.desc() if newest_first else listing.key
    return statement.order_by(order).limit(bindparam("rows"))


@functools.cache
def _one(listing: Listing[Any]) -> Select[*tuple[Any, ...]]:
    return listing.statement.where(listing.public_id == bindparam("public_id"))


def gathered(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    bound: Values,
    keys: Collection[Thing],
    by: str,
    record: Callable[[Row[*tuple[Any, ...]]], Record],
) -> dict[Thing, tuple[Record, ...]]:
    """Return the records of each of many keys, in the statement's order.

    The statement is bound to `keys` and asked for a part of them at a time; its column
    `by` says whose a row is.
    """
    found: dict[Thing, list[Record]] = defaultdict(list)
    for some in batches(keys):
        for row in session.execute(statement, {**bound, "keys": some}):
            found[getattr(row, by)].append(record(row))
    return {key: tuple(records) for key, records in found.items()}


def batches(things: Collection[Thing]) -> Iterator[list[Thing]]:
    """Yield all the things in lists that a statement takes; none for no things."""
    listed = list(things)
    for start in range(0, len(listed), limits.KEYS_AT_ONCE):
        yield listed[start : start + limits.KEYS_AT_ONCE]
