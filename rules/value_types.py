"""The types of values in a condition: units, and ranges proven to stay within 64 bits."""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from rules.expressions import (
    Arithmetic,
    DaysBetween,
    Derived,
    Fact,
    Literal,
    Member,
    Operation,
    Parameter,
    Value,
)
from rules.mistakes import Place, Refused, suggestion
from rules.names import Names, Resolved, resolve
from rules.parameters import ParameterDefinition
from rules.scalars import LARGEST
from rules.units import (
    PURE,
    UNITS,
    Dimension,
    QuantityRefused,
    name_of,
    product,
    read_quantity,
    whole_number_in,
)
from rules.vocabulary import FactDefinition, Kind, Roster
from rules.written import (
    Calculation,
    Day,
    Days,
    Name,
    Number,
    Term,
)

SMALLEST_INTEGER = -(2**63)
LARGEST_INTEGER = 2**63 - 1
_WIDEST_SPAN_OF_DAYS = date.max.toordinal()
_AGE = UNITS["years"].dimension


@dataclass(frozen=True, slots=True)
class Use:
    """Where a condition reads a legal value or a derived condition."""

    place: Place
    node: Parameter | Derived


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with its type; a bare number has no dimension of its own."""

    node: Value
    kind: Kind
    place: Place
    told: str
    dimension: Dimension | None = None
    lowest: int = 0
    highest: int = 0


class ValueChecker:
    """Gives values their type, and remembers what law and conditions they read."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.uses: list[Use] = []

    def value(self, term: Term, roster: Roster | None) -> Typed:
        match term:
            case Number():
                return self._number(term)
            case Day(place, text):
                try:
                    day = date.fromisoformat(text)
                except ValueError:
                    raise Refused(
                        place, f"there is no day {text}.", "Check the calendar."
                    ) from None
                return Typed(Literal(day), Kind.DAY, place, text)
            case Name(place, text) if text.startswith("law."):
                return self.parameter(term, roster)
            case Name():
                return self._fact_value(term, roster)
            case Days():
                return self._days_between(term, roster)
            case Calculation():
                return self._calculation(term, roster)
            case _:
                assert_never(term)

    def _number(self, term: Number) -> Typed:
        try:
            quantity = read_quantity(term.text)
            unit = quantity.unit or UNITS["number"]
            value = whole_number_in(quantity, unit)
        except QuantityRefused as refused:
            raise Refused(term.place, str(refused), "Use whole numbers.") from None
        if abs(value) > LARGEST:
            raise Refused(
                term.place, f"{term.text} is too large.", f"At most {LARGEST}."
            )
        dimension = quantity.unit.dimension if quantity.unit else None
        return Typed(
            Literal(value), Kind.INTEGER, term.place, term.text, dimension, value, value
        )

    def _fact_value(self, name: Name, roster: Roster | None) -> Typed:
        node, fact = self.answered(name, roster, "a comparison")
        told = f"'{name.text}'"
        dimension = fact.unit.dimension if fact.unit else None
        return Typed(
            node, fact.kind, name.place, told, dimension, fact.lowest, fact.highest
        )

    def parameter(self, name: Name, roster: Roster | None) -> Typed:
        law_name = name.text.removeprefix("law.")
        parameter = self._names.parameters.get(law_name)
        if parameter is None:
            raise Refused(
                name.place,
                f"no legal parameter '{law_name}'.",
                suggestion(law_name, self._names.parameters),
            )
        node = Parameter(law_name, self._age_argument(name, parameter, roster))
        self.uses.append(Use(name.place, node))
        values = [row.value for row in parameter.values] or [0]
        dimension = parameter.unit.dimension if parameter.unit else None
        return Typed(
            node,
            parameter.kind,
            name.place,
            f"'{name.text}'",
            dimension,
            min(values),
            max(values),
        )

    def _age_argument(
        self, name: Name, parameter: ParameterDefinition, roster: Roster | None
    ) -> Fact | Member | None:
        if not parameter.by_age:
            if name.argument is not None:
                raise Refused(
                    name.argument.place,
                    f"'{name.text}' does not depend on age.",
                    f"Write '{name.text}'.",
                )
            return None
        if name.argument is None:
            raise Refused(
                name.place,
                f"'{name.text}' goes by age.",
                f"Say whose age: {name.text}(age).",
            )
        node, fact = self.answered(name.argument, roster, "an age")
        if fact.unit is None or fact.unit.dimension != _AGE:
            raise Refused(
                name.argument.place,
                f"'{name.argument.text}' is no age.",
                "The argument is a fact in years.",
            )
        return node

    def _days_between(self, term: Days, roster: Roster | None) -> Typed:
        start = self.value(term.start, roster)
        end = self.value(term.end, roster)
        for side in (start, end):
            if side.kind is not Kind.DAY:
                raise Refused(
                    side.place, f"{side.told} is {A_KIND[side.kind]}.", "Name a day."
                )
        return Typed(
            DaysBetween(start.node, end.node),
            Kind.INTEGER,
            term.place,
            "the number of days",
            UNITS["days"].dimension,
            -_WIDEST_SPAN_OF_DAYS,
            _WIDEST_SPAN_OF_DAYS,
        )

    def _calculation(self, term: Calculation, roster: Roster | None) -> Typed:
        left = self.value(term.left, roster)
        right = self.value(term.right, roster)
        for side in (left, right):
            if side.kind is not Kind.INTEGER:
                raise Refused(
                    side.place,
                    f"{side.told} is {A_KIND[side.kind]}; nothing can be "
                    "calculated with it.",
                    "Calculate with numbers.",
                )
        dimension = self._calculated_dimension(term, left, right)
        lowest, highest = _calculated_range(term.operation, left, right)
        if lowest < SMALLEST_INTEGER or highest > LARGEST_INTEGER:
            raise Refused(
                term.place,
                f"'{term.operation}' can reach {max(-lowest, highest):.3g}, which "
                "does not fit 64 bits.",
                "Narrow the ranges of the facts.",
            )
        node = Arithmetic(term.operation, left.node, right.node)
        told = f"{left.told} {term.operation} {right.told}"
        return Typed(node, Kind.INTEGER, left.place, told, dimension, lowest, highest)

    def _calculated_dimension(
        self, term: Calculation, left: Typed, right: Typed
    ) -> Dimension | None:
        if term.operation is not Operation.TIMES:
            self.same_unit(left, right, term.place)
            return right.dimension if left.dimension is None else left.dimension
        if left.dimension is None and right.dimension is None:
            return None
        return product(left.dimension or PURE, right.dimension or PURE)

    def same_unit(self, left: Typed, right: Typed, place: Place) -> None:
        if left.dimension is None or right.dimension is None:
            return
        if left.dimension != right.dimension:
            raise Refused(
                place,
                f"{left.told} is in {name_of(left.dimension)}, but {right.told} is in "
                f"{name_of(right.dimension)}.",
                "Compare like with like.",
            )

    def answered(
        self, name: Name, roster: Roster | None, what: str
    ) -> tuple[Fact | Member, FactDefinition]:
        if name.text.startswith("law."):
            raise Refused(
                name.place,
                f"{what} asks for a fact, not for law.",
                "Name a fact; where there is no law, the outcome is open by itself.",
            )
        found = self.resolve(name, roster)
        if isinstance(found, Derived):
            raise Refused(
                name.place,
                f"'{name.text}' is a derived condition; {what} asks for a fact.",
                "Write the derived condition alone.",
            )
        return found

    def resolve(self, name: Name, roster: Roster | None) -> Resolved:
        found = resolve(name, roster, self._names)
        if isinstance(found, Derived):
            self.uses.append(Use(name.place, found))
        return found


A_KIND = {
    Kind.YES_NO: "a yes-or-no fact",
    Kind.INTEGER: "a number",
    Kind.CHOICE: "a choice",
    Kind.CHOICES: "a choice of several",
    Kind.DAY: "a day",
}
HOW_TO_TEST = {
    Kind.YES_NO: "Write it alone, or with 'not' before it.",
    Kind.INTEGER: "Compare it: < <= > >= = !=.",
    Kind.CHOICE: "Write 'fact = option' or 'fact is one of [a, b]'.",
    Kind.CHOICES: "Write 'fact has any of [a, b]'.",
    Kind.DAY: "Compare it with another day.",
}


def _calculated_range(
    operation: Operation, left: Typed, right: Typed
) -> tuple[int, int]:
    match operation:
        case Operation.PLUS:
            return left.lowest + right.lowest, left.highest + right.highest
        case Operation.MINUS:
            return left.lowest - right.highest, left.highest - right.lowest
        case Operation.TIMES:
            corners = [
                one * other
                for one in (left.lowest, left.highest)
                for other in (right.lowest, right.highest)
            ]
            return min(corners), max(corners)
        case _:
            assert_never(operation)
