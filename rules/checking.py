"""The type checker: gives the names of a condition their meaning, or says what is wrong.

Types are yes/no, whole number with a unit, choice, choices and day.
"""

import operator
from dataclasses import dataclass
from typing import assert_never

from rules.expressions import (
    All,
    Any,
    Compare,
    Comparison,
    Condition,
    Count,
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
)
from rules.mistakes import MistakeList, Place, Refused, suggestion
from rules.names import Names
from rules.units import (
    PURE,
    name_of,
)
from rules.value_types import A_KIND, HOW_TO_TEST, Typed, Use, ValueChecker
from rules.vocabulary import FactDefinition, Kind, Roster
from rules.written import (
    Chosen,
    Compared,
    CountOf,
    EveryOf,
    Joined,
    Missing,
    Name,
    Negated,
    SomeOf,
    Stated,
    Written,
    WrittenLeaf,
)


@dataclass(frozen=True, slots=True)
class Checked:
    condition: Condition
    uses: tuple[Use, ...]


def check_condition(
    written: Written | None,
    names: Names,
    mistakes: MistakeList,
    *,
    roster: Roster | None = None,
) -> Checked | None:
    """Resolve and type a condition; None after noting every line that is wrong."""
    if written is None:
        return None
    checker = _Checker(names, mistakes)
    condition = checker.condition(written, roster)
    return None if condition is None else Checked(condition, tuple(checker.uses))


class _Checker:
    def __init__(self, names: Names, mistakes: MistakeList) -> None:
        self._values = ValueChecker(names)
        self._mistakes = mistakes
        self.uses = self._values.uses

    def condition(self, written: Written, roster: Roster | None) -> Condition | None:
        match written:
            case Joined(_, of_all, items):
                found = [self.condition(item, roster) for item in items]
                known = tuple(item for item in found if item is not None)
                if len(known) != len(found):
                    return None
                return All(known) if of_all else Any(known)
            case Negated(_, item):
                inner = self.condition(item, roster)
                return None if inner is None else Not(inner)
            case SomeOf(place, over, item):
                inner = self._of_members(place, item, over, roster)
                return None if inner is None else Some(over, inner)
            case EveryOf(place, over, item, if_empty):
                inner = self._of_members(place, item, over, roster)
                return None if inner is None else Every(over, inner, if_empty)
            case CountOf(place, over, item, comparison, number):
                inner = self._of_members(place, item, over, roster)
                return None if inner is None else Count(over, inner, comparison, number)
            case Stated() | Compared() | Chosen() | Missing():
                try:
                    return self._leaf(written, roster)
                except Refused as refused:
                    self._mistakes.note_refused(refused)
                    return None
            case _:
                assert_never(written)

    def _of_members(
        self, place: Place, item: Written, over: Roster, roster: Roster | None
    ) -> Condition | None:
        if roster is not None:
            self._mistakes.note(
                place,
                f"a roster inside '{roster}' cannot be told to a reader.",
                "Name the inner part as a derived condition of the audit, and say "
                "'audit.name'.",
            )
            return None
        return self.condition(item, over)

    def _leaf(self, leaf: WrittenLeaf, roster: Roster | None) -> Condition:
        match leaf:
            case Stated(_, name):
                return self._stated(name, roster)
            case Missing(_, name):
                return IsMissing(self._values.answered(name, roster, "is missing")[0])
            case Chosen(_, name, options, of_several):
                return self._chosen(name, options, roster, of_several=of_several)
            case Compared():
                return self._compared(leaf, roster)
            case _:
                assert_never(leaf)

    def _stated(self, name: Name, roster: Roster | None) -> Condition:
        if name.text.startswith("law."):
            parameter = self._values.parameter(name, roster)
            if parameter.kind is not Kind.YES_NO:
                raise Refused(name.place, f"'{name.text}' is a number.", "Compare it.")
            assert isinstance(parameter.node, Parameter)  # noqa: S101 - narrows
            return parameter.node
        found = self._values.resolve(name, roster)
        if isinstance(found, Derived):
            return found
        node, fact = found
        if fact.kind is not Kind.YES_NO:
            raise Refused(
                name.place,
                f"'{name.text}' is {A_KIND[fact.kind]}, not a yes-or-no fact.",
                HOW_TO_TEST[fact.kind],
            )
        return node

    def _chosen(
        self,
        name: Name,
        options: tuple[Name, ...],
        roster: Roster | None,
        *,
        of_several: bool,
    ) -> Condition:
        wanted = Kind.CHOICES if of_several else Kind.CHOICE
        node, fact = self._values.answered(name, roster, "a test of options")
        if fact.kind is not wanted:
            raise Refused(
                name.place,
                f"'{name.text}' is {A_KIND[fact.kind]}.",
                HOW_TO_TEST[fact.kind],
            )
        chosen = tuple(self._option(option, name, fact) for option in options)
        for number, option in enumerate(options):
            if option.text in chosen[:number]:
                raise Refused(
                    option.place, f"'{option.text}' stands twice.", "Keep one."
                )
        return Includes(node, chosen) if of_several else OneOf(node, chosen)

    def _option(self, option: Name, name: Name, fact: FactDefinition) -> str:
        if option.text not in fact.options or option.argument is not None:
            raise Refused(
                option.place,
                f"'{option.text}' is not an option of '{name.text}'.",
                suggestion(option.text, fact.options),
            )
        return option.text

    def _compared(self, leaf: Compared, roster: Roster | None) -> Condition:
        choice = self._choice_compared(leaf, roster)
        if choice is not None:
            return choice
        left = self._values.value(leaf.left, roster)
        right = self._values.value(leaf.right, roster)
        if left.kind is not right.kind:
            raise Refused(
                leaf.place,
                f"{left.told} is {A_KIND[left.kind]}, but {right.told} is "
                f"{A_KIND[right.kind]}.",
                "Compare like with like.",
            )
        self._values.same_unit(left, right, leaf.place)
        self._is_open(left, leaf.comparison, right, leaf.place)
        return Compare(leaf.comparison, left.node, right.node)

    def _choice_compared(
        self, leaf: Compared, roster: Roster | None
    ) -> Condition | None:
        """Read `choice = option`; None if the left side is no choice."""
        if not isinstance(leaf.left, Name) or leaf.left.text.startswith("law."):
            return None
        found = self._values.resolve(leaf.left, roster)
        if isinstance(found, Derived):
            raise Refused(
                leaf.left.place,
                f"'{leaf.left.text}' is true or false.",
                "Write it alone, or with 'not' before it.",
            )
        node, fact = found
        if fact.kind in (Kind.INTEGER, Kind.DAY):
            return None
        is_equality = leaf.comparison in (Comparison.EQUAL, Comparison.UNEQUAL)
        if fact.kind is not Kind.CHOICE or not is_equality:
            raise Refused(
                leaf.place,
                f"'{leaf.left.text}' is {A_KIND[fact.kind]}; "
                f"'{leaf.comparison}' does not fit it.",
                HOW_TO_TEST[fact.kind],
            )
        if not isinstance(leaf.right, Name):
            raise Refused(
                leaf.right.place,
                f"'{leaf.left.text}' is compared with one of its options.",
                suggestion("", fact.options),
            )
        option = self._option(leaf.right, leaf.left, fact)
        chosen = OneOf(node, (option,))
        return chosen if leaf.comparison is Comparison.EQUAL else Not(chosen)

    def _is_open(
        self, left: Typed, comparison: Comparison, right: Typed, place: Place
    ) -> None:
        """Refuse a comparison of a fact with a number that its range has decided."""
        is_fact = isinstance(left.node, (Fact, Member))
        if not is_fact or not isinstance(right.node, Literal):
            return
        if left.kind is not Kind.INTEGER:
            return
        outcomes = _possible(comparison, left, right)
        if len(outcomes) == 1:
            always = "always true" if outcomes.pop() else "never true"
            unit = name_of(left.dimension or PURE)
            raise Refused(
                place,
                f"this is {always}: {left.told} is between {left.lowest} and "
                f"{left.highest} {unit}.",
                "Check the number and its unit.",
            )


_COMPARE = {
    Comparison.BELOW: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.ABOVE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.EQUAL: operator.eq,
    Comparison.UNEQUAL: operator.ne,
}


def _possible(comparison: Comparison, left: Typed, right: Typed) -> set[bool]:
    """Return what a comparison with a fixed number can come to over the range."""
    number = right.lowest
    compare = _COMPARE[comparison]
    tried = {left.lowest, left.highest}
    if left.lowest <= number <= left.highest:
        tried.add(number)
    return {compare(value, number) for value in tried}
