"""Rules as one SQL statement for DuckDB, to be compared with the reader by the column.

SQL's *and*, *or* and *not* are Kleene's. Its aggregates are not: they leave out what is
unknown, so the members of a roster are counted twice, those it is true of and those of
whom it is not known. The law stands ready as columns of the audits.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, assert_never

import numpy as np
import pyarrow as pa

from rules.column_law import LawHere, law_of
from rules.definitions import Book, Outcome, Rule
from rules.expressions import (
    All,
    Arithmetic,
    Compare,
    Comparison,
    Condition,
    Count,
    DaysBetween,
    Derived,
    Every,
    Fact,
    Includes,
    IsMissing,
    Literal,
    Member,
    Not,
    OneOf,
    Parameter,
    Some,
    Value,
    derived_id,
)
from rules.expressions import Any as AnyOf
from rules.parameters import Reading
from rules.vocabulary import Roster

OUTCOMES = tuple(Outcome)


class Statement:
    """Builds the statement; each quantifier is two counts in a query of its roster."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._counts: dict[Roster, dict[str, str]] = {roster: {} for roster in Roster}

    def of(self, rules: Sequence[Rule]) -> str:
        columns = [
            f"{_outcome(self._asked(one))} AS r{n}" for n, one in enumerate(rules)
        ]
        joins = [self._join(roster) for roster in Roster if self._counts[roster]]
        body = f"SELECT {', '.join(columns)} FROM audits a {' '.join(joins)}"  # noqa: S608 - our own names
        return f"{body} ORDER BY a.audit"

    def _join(self, roster: Roster) -> str:
        counts = ", ".join(self._counted(roster))
        members = f"{roster} m JOIN audits a ON m.audit = a.audit GROUP BY m.audit"
        counted = f"(SELECT m.audit, {counts} FROM {members}) AS of_{roster}"  # noqa: S608 - our own names
        return f"LEFT JOIN {counted} ON of_{roster}.audit = a.audit"

    def _asked(self, rule: Rule) -> tuple[str, str]:
        applies = rule.applies_when
        scope = "TRUE" if applies is None else self.condition(applies)
        return scope, self.condition(rule.flag_when)

    def _counted(self, roster: Roster) -> list[str]:
        return [
            f"count(*) FILTER ({test}) AS {name}_true, "
            f"count(*) FILTER (({test}) IS NULL) AS {name}_open"
            for test, name in self._counts[roster].items()
        ]

    def condition(self, node: Condition) -> str:  # noqa: C901 - one case to a class
        match node:
            case Fact() | Member() | Parameter():
                return self.value(node)
            case Not(item):
                return f"(NOT {self.condition(item)})"
            case All(items):
                return f"({' AND '.join(map(self.condition, items))})"
            case AnyOf(items):
                return f"({' OR '.join(map(self.condition, items))})"
            case Derived():
                return self.condition(self._book.derived[derived_id(node)].when)
            case Compare(comparison, left, right):
                sign = "<>" if comparison is Comparison.UNEQUAL else comparison
                return f"({self.value(left)} {sign} {self.value(right)})"
            case OneOf(item, options):
                places = ", ".join(map(str, self._positions(item, options)))
                return f"({self.value(item)} IN ({places}))"
            case Includes(item, options):
                mask = sum(1 << place for place in self._positions(item, options))
                return f"(({self.value(item)} & {mask}) <> 0)"
            case IsMissing(item):
                return f"({self.value(item)} IS NULL)"
            case Some(roster, item):
                return self._some(roster, self.condition(item))
            case Every(roster, item, if_empty):
                some_fail = self._some(roster, f"(NOT {self.condition(item)})")
                empty = f"a.{roster} = 0" if not if_empty else "FALSE"
                return f"(NOT {some_fail} AND NOT coalesce({empty}, FALSE))"
            case Count():
                raise NotImplementedError("Nothing is counted in these rules")
            case _:
                assert_never(node)

    def _some(self, roster: Roster, test: str) -> str:
        name = self._counts[roster].setdefault(test, f"q{len(self._counts[roster])}")
        return (
            f"(CASE WHEN a.{roster} IS NULL THEN NULL "
            f"WHEN of_{roster}.{name}_true > 0 THEN TRUE "
            f"WHEN of_{roster}.{name}_open > 0 THEN NULL ELSE FALSE END)"
        )

    def value(self, node: Value) -> str:
        match node:
            case Literal(value):
                is_day = isinstance(value, date)
                return f"DATE '{value}'" if is_day else str(value)
            case Fact(name):
                return f"a.{name}"
            case Member(_, name):
                return f"m.{name}"
            case Parameter(name, None):
                return f"a.law_{name}"
            case Parameter():
                raise NotImplementedError("No law by age is in these rules")
            case Arithmetic(operation, left, right):
                one, other = self.value(left), self.value(right)
                return f"({one}::BIGINT {operation} {other}::BIGINT)"
            case DaysBetween(start, end):
                return f"({self.value(end)} - {self.value(start)})"
            case _:
                assert_never(node)

    def _positions(self, item: Fact | Member, options: Sequence[str]) -> list[int]:
        home = item.roster if isinstance(item, Member) else None
        known = list(self._book.vocabulary.by_roster[home][item.name].options)
        return [known.index(option) for option in options]


def _outcome(asked: tuple[str, str]) -> str:
    applies, flagged = asked
    codes = {one: OUTCOMES.index(one) for one in Outcome}
    return (
        f"(CASE WHEN {applies} IS NULL THEN {codes[Outcome.UNDETERMINED]} "
        f"WHEN NOT {applies} THEN {codes[Outcome.NOT_APPLICABLE]} "
        f"WHEN {flagged} THEN {codes[Outcome.NON_CONFORMITY]} "
        f"WHEN NOT {flagged} THEN {codes[Outcome.CONFORMITY]} "
        f"ELSE {codes[Outcome.UNDETERMINED]} END)::UTINYINT"
    )


class Duck:
    """A database in memory that holds the audits, their members and their law."""

    def __init__(
        self,
        duckdb: Any,
        book: Book,
        law: Sequence[str],
        audits: pa.RecordBatch,
        members: dict[Roster, pa.RecordBatch],
    ) -> None:
        self._connection = duckdb.connect()
        ids = pa.array(np.arange(audits.num_rows, dtype=np.int32))
        table = pa.Table.from_batches([audits]).append_column("audit", ids)
        here = _law_here(book, law, audits)
        for name in law:
            amounts = here.amounts(name, Reading.FLOOR)
            column = pa.array(
                amounts.values[:, 0][here.regimes].astype(np.int64),
                mask=~amounts.known[:, 0][here.regimes],
            )
            table = table.append_column(f"law_{name}", column)
        self._keep("audits", table)
        for roster, batch in members.items():
            counts = audits.column(roster).fill_null(0).to_numpy()
            owner = pa.array(np.repeat(np.arange(len(counts), dtype=np.int32), counts))
            owned = pa.Table.from_batches([batch]).append_column("audit", owner)
            self._keep(roster, owned)

    def _keep(self, name: str, table: pa.Table) -> None:
        self._connection.register("given", table)
        self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608 - our own names
        self._connection.unregister("given")

    def outcomes(self, statement: str) -> list[list[int]]:
        """Return the position of the outcome of every audit, rule by rule."""
        return [one.to_pylist() for one in self.run(statement).columns]

    def run(self, statement: str) -> pa.Table:
        return self._connection.sql(statement).to_arrow_table()


def _law_here(book: Book, law: Sequence[str], audits: pa.RecordBatch) -> LawHere:
    everywhere = law_of(book)
    columns = [audits.column(name) for name in ("country", "site_kind", "commodity")]
    days = audits.column("observed_on").cast(pa.int32())
    regimes = everywhere.regimes_of(*(one.to_numpy() for one in (*columns, days)))
    return LawHere(everywhere, regimes, law)
