"""Some thousands of audits through the steps of a plan, each step once for all rows.

The meaning of every node is that of the plain reader; a property test holds the two
together.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import assert_never

import numpy as np
import numpy.typing as npt

from rules.column_law import EPOCH, Integers, LawHere
from rules.column_plan import RulePlan, Step
from rules.column_planes import (
    Bits,
    Planes,
    Truths,
    all_of,
    any_of,
    negated,
    pack,
    spelt_out,
)
from rules.column_rows import Numbers, RosterRows, Rows, Values
from rules.expressions import (
    All,
    Any,
    Arithmetic,
    Compare,
    Comparison,
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
    Operation,
    Parameter,
    Some,
)
from rules.parameters import Reading
from rules.vocabulary import Roster, Vocabulary

COMPARE: dict[Comparison, Callable[..., npt.NDArray[np.bool_]]] = {
    Comparison.BELOW: np.less,
    Comparison.AT_MOST: np.less_equal,
    Comparison.ABOVE: np.greater,
    Comparison.AT_LEAST: np.greater_equal,
    Comparison.EQUAL: np.equal,
    Comparison.UNEQUAL: np.not_equal,
}
CALCULATE: dict[Operation, Callable[..., npt.NDArray[np.int64]]] = {
    Operation.PLUS: np.add,
    Operation.MINUS: np.subtract,
    Operation.TIMES: np.multiply,
}


class Kernel:
    """The steps of a plan over some audits; each is evaluated when first needed."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        law: LawHere,
        regimes: npt.NDArray[np.int32],
        audits: Rows,
        rosters: Mapping[Roster, RosterRows],
    ) -> None:
        self._vocabulary = vocabulary
        self._law = law
        self._audits = audits
        self._rosters = rosters
        self._regimes: dict[Roster | None, Integers] = {None: regimes}
        self._truths: dict[tuple[Step, Roster | None, Reading], Truths] = {}
        self._numbers: dict[tuple[Step, Roster | None, Reading], Values] = {}

    def outcome(self, rule: RulePlan, reading: Reading) -> "OutcomePlanes":
        """Return what a rule says of the audits under one reading of the law."""
        rows = self._audits.rows
        flag = spelt_out(self._truth(rule.flag, None, reading), rows)
        admitted = self._admitted(rule)
        if rule.applies is None:
            return OutcomePlanes(admitted, self._audits.everywhere ^ admitted, flag)
        applies = spelt_out(self._truth(rule.applies, None, reading), rows)
        beyond = (self._audits.everywhere ^ admitted) | applies.false
        return OutcomePlanes(admitted & applies.true, beyond, flag)

    def _admitted(self, rule: RulePlan) -> Bits:
        admits = self._law.admits(rule.rule)
        if admits.all():
            return self._audits.everywhere
        return pack(admits.take(self._regimes[None]))

    def _truth(self, step: Step, home: Roster | None, reading: Reading) -> Truths:
        """Return the truth of a condition for the rows of a roster or of the audits."""
        reading = self._law.reading_that_counts(step.law, reading)
        key = (step, home, reading)
        if key not in self._truths:
            if step.roster is home or home is None:
                self._truths[key] = self._condition(step, reading)
            else:
                found = self._truth(step, step.roster, reading)
                self._truths[key] = self._truth_of_each_member(found, home)
        return self._truths[key]

    def _truth_of_each_member(self, truths: Truths, home: Roster) -> Truths:
        if not isinstance(truths, Planes):
            return truths
        rows = self._rosters[home]
        return Planes(
            rows.bits_of_each_member(truths.true),
            rows.bits_of_each_member(truths.false),
        )

    def _condition(self, step: Step, reading: Reading) -> Truths:  # noqa: C901 - one case to a class
        node = step.node
        match node:
            case Fact(name) | Member(_, name):
                return self._rows(step.roster).truths(name)
            case Parameter():
                return self._is_true(self._value(step, step.roster, reading), step)
            case Not():
                return negated(self._truth(step.inputs[0], step.roster, reading))
            case All():
                return all_of(self._items(step, reading))
            case Any():
                return any_of(self._items(step, reading))
            case Compare(comparison):
                return self._compared(step, COMPARE[comparison], reading)
            case OneOf(item, options):
                return self._one_of(item, options)
            case Includes(item, options):
                return self._includes(item, options)
            case IsMissing(item):
                return self._is_missing(item)
            case Some(roster):
                members, truths = self._of_members(step, roster, reading)
                return _some(members, truths)
            case Every(roster, _, if_empty):
                members, truths = self._of_members(step, roster, reading)
                return _every(members, truths, if_empty=if_empty)
            case Count(roster, _, comparison, number):
                members, truths = self._of_members(step, roster, reading)
                return _count(members, truths, comparison, number)
            case Derived() | Literal() | Arithmetic() | DaysBetween():
                raise TypeError(f"{type(node).__name__} is no condition of a plan")
            case _:
                assert_never(node)

    def _items(self, step: Step, reading: Reading) -> list[Truths]:
        return [self._truth(one, step.roster, reading) for one in step.inputs]

    def _rows(self, home: Roster | None) -> Rows:
        return self._audits if home is None else self._rosters[home]

    def _of_members(
        self, step: Step, roster: Roster, reading: Reading
    ) -> tuple[RosterRows, Planes]:
        rows = self._rosters[roster]
        truths = self._truth(step.inputs[0], roster, reading)
        return rows, spelt_out(truths, rows.rows)

    def _compared(
        self,
        step: Step,
        compare: Callable[..., npt.NDArray[np.bool_]],
        reading: Reading,
    ) -> Truths:
        left, right = self._operands(step, reading)
        if left is None or right is None:
            return None
        flags = compare(_bare(left), _bare(right))
        known = _where_both(left, right)
        if known is None:
            return bool(flags)
        return self._rows(step.roster).truths_where(flags, known)

    def _operands(self, step: Step, reading: Reading) -> tuple[Values, Values]:
        left, right = step.inputs
        return (
            self._value(left, step.roster, reading),
            self._value(right, step.roster, reading),
        )

    def _is_true(self, values: Values, step: Step) -> Truths:
        if isinstance(values, Numbers):
            rows = self._rows(step.roster)
            return rows.truths_where(values.values != 0, values.known)
        return None if values is None else bool(values)

    def _one_of(self, item: Fact | Member, options: tuple[str, ...]) -> Truths:
        rows = self._rows(_home(item))
        answers = rows.numbers(item.name)
        if answers is None:
            return None
        flags = np.zeros(rows.rows, np.bool_)
        for position in self._positions(item, options):
            flags |= answers.values == position
        return rows.truths_where(flags, answers.known)

    def _includes(self, item: Fact | Member, options: tuple[str, ...]) -> Truths:
        rows = self._rows(_home(item))
        answers = rows.numbers(item.name)
        if answers is None:
            return None
        wanted = sum(1 << position for position in self._positions(item, options))
        # Options newer than the column cannot have been chosen in it.
        mask = wanted & int(np.iinfo(answers.values.dtype).max)
        return rows.truths_where((answers.values & mask) != 0, answers.known)

    def _positions(self, item: Fact | Member, options: tuple[str, ...]) -> list[int]:
        known = list(self._vocabulary.by_roster[_home(item)][item.name].options)
        return [known.index(option) for option in options]

    def _is_missing(self, item: Fact | Member) -> Truths:
        rows = self._rows(_home(item))
        answered = rows.answered(item.name)
        if answered is None:
            return True
        return Planes(rows.everywhere ^ answered, answered)

    def _value(self, step: Step, home: Roster | None, reading: Reading) -> Values:
        """Return a number, a day or a legal value for the rows of a roster or audits."""
        reading = self._law.reading_that_counts(step.law, reading)
        key = (step, home, reading)
        if key not in self._numbers:
            if step.roster is home or home is None:
                self._numbers[key] = self._calculated(step, reading)
            else:
                found = self._value(step, step.roster, reading)
                self._numbers[key] = self._value_of_each_member(found, home)
        return self._numbers[key]

    def _value_of_each_member(self, values: Values, home: Roster) -> Values:
        if not isinstance(values, Numbers):
            return values
        rows = self._rosters[home]
        return Numbers(
            rows.of_each_member(values.values), rows.bits_of_each_member(values.known)
        )

    def _calculated(self, step: Step, reading: Reading) -> Values:
        node = step.node
        match node:
            case Literal(value):
                return (value - EPOCH).days if isinstance(value, date) else value
            case Fact(name) | Member(_, name):
                return self._rows(step.roster).numbers(name)
            case Parameter(name, age):
                if age is None:
                    return self._legal_value(name, reading)
                return self._legal_value_at(name, age, reading)
            case Arithmetic(operation):
                left, right = self._operands(step, reading)
                return _combined(CALCULATE[operation], left, right)
            case DaysBetween():
                start, end = self._operands(step, reading)
                return _combined(np.subtract, end, start)
            case (
                Not()
                | All()
                | Any()
                | Compare()
                | OneOf()
                | Includes()
                | IsMissing()
                | Some()
                | Every()
                | Count()
                | Derived()
            ):
                raise TypeError(f"{type(node).__name__} is no value of a plan")
            case _:
                assert_never(node)

    def _legal_value(self, name: str, reading: Reading) -> Values:
        amounts = self._law.amounts(name, reading)
        values, known = amounts.values[:, 0], amounts.known[:, 0]
        if not known.any():
            return None
        if known.all() and (values == values[0]).all():
            return int(values[0])
        regimes = self._regimes[None]
        return Numbers(values.take(regimes), self._known_in(known, regimes, None))

    def _legal_value_at(
        self, name: str, age: Fact | Member, reading: Reading
    ) -> Values:
        home = _home(age)
        ages = self._rows(home).numbers(age.name)
        if ages is None or not self._law.is_by_age(name):
            return None
        amounts = self._law.amounts(name, reading)
        limits = self._law.limits(name)
        cells = self._regimes_of(home) * np.int32(len(limits) + 1)
        for limit in limits:
            cells += ages.values >= limit
        known = self._known_in(amounts.known.ravel(), cells, home)
        return Numbers(amounts.values.ravel().take(cells), known & ages.known)

    def _known_in(
        self, known: npt.NDArray[np.bool_], cells: Integers, home: Roster | None
    ) -> Bits:
        if known.all():
            return self._rows(home).everywhere
        return pack(known.take(cells))

    def _regimes_of(self, home: Roster | None) -> Integers:
        if home is not None and home not in self._regimes:
            regimes = self._rosters[home].of_each_member(self._regimes[None])
            self._regimes[home] = regimes
        return self._regimes[home]


class OutcomePlanes:
    """Where a rule is broken, kept, or does not apply; elsewhere it is undetermined."""

    __slots__ = ("beyond", "broken", "kept")

    def __init__(self, relevant: Bits, beyond: Bits, flag: Planes) -> None:
        self.broken = relevant & flag.true
        self.kept = relevant & flag.false
        self.beyond = beyond


def _home(item: Fact | Member) -> Roster | None:
    return item.roster if isinstance(item, Member) else None


def _bare(values: Numbers | int) -> Integers | int:
    return values.values if isinstance(values, Numbers) else values


def _where_both(left: Numbers | int, right: Numbers | int) -> Bits | None:
    """Return where both are known; None if neither has rows."""
    if isinstance(left, Numbers) and isinstance(right, Numbers):
        return left.known & right.known
    for one in (left, right):
        if isinstance(one, Numbers):
            return one.known
    return None


def _combined(
    combine: Callable[..., npt.NDArray[np.int64]], left: Values, right: Values
) -> Values:
    if left is None or right is None:
        return None
    # The book was checked to stay within 64 bits; what a column is held in is narrower.
    values = combine(_bare(left), _bare(right), dtype=np.int64)
    known = _where_both(left, right)
    return int(values) if known is None else Numbers(values, known)


def _some(members: RosterRows, truths: Planes) -> Truths:
    sure = members.has_any(truths.true)
    perhaps = members.has_any(members.unknown(truths))
    return Planes(sure, members.roster_answered ^ (sure | perhaps))


def _every(members: RosterRows, truths: Planes, *, if_empty: bool) -> Truths:
    failed = members.has_any(truths.false)
    if not if_empty:
        failed = failed | (members.roster_answered & members.nobody)
    perhaps = members.has_any(members.unknown(truths))
    return Planes(members.roster_answered ^ (failed | perhaps), failed)


def _count(
    members: RosterRows, truths: Planes, comparison: Comparison, number: int
) -> Truths:
    """Compare a count known to lie between the sure ones and all that may be true."""
    least = members.count(truths.true)
    most = least + members.count(members.unknown(truths))
    certain, excluded = _bounds(comparison, least, most, number)
    answered = members.roster_answered
    return Planes(pack(certain) & answered, pack(excluded) & answered)


def _bounds(
    comparison: Comparison, least: Integers, most: Integers, number: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return where every possible count passes, and where none does."""
    match comparison:
        case Comparison.BELOW:
            return most < number, least >= number
        case Comparison.AT_MOST:
            return most <= number, least > number
        case Comparison.ABOVE:
            return least > number, most <= number
        case Comparison.AT_LEAST:
            return least >= number, most < number
        case Comparison.EQUAL:
            alone = (least == number) & (most == number)
            return alone, (least > number) | (most < number)
        case Comparison.UNEQUAL:
            alone = (least == number) & (most == number)
            return (least > number) | (most < number), alone
        case _:
            assert_never(comparison)
