"""Somebody who adds, subtracts and compares all that was ever published.

What is published becomes relations: a sum of hidden numbers lies between two bounds. An
equation is a relation whose bounds are one. The equations are eliminated exactly, over
fractions, and then every relation narrows what its numbers can be, until nothing moves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, inf

Terms = Mapping[str, int]
Bound = float | Fraction
ROUNDS = 40


@dataclass(frozen=True)
class Relation:
    """`low` ≤ sum of coefficient × number ≤ `high`."""

    terms: Mapping[str, Fraction]
    low: Bound
    high: Bound


@dataclass
class Knowledge:
    """All that an attacker has; every hidden number is whole and at least 0."""

    relations: list[Relation] = field(default_factory=list)

    def between(self, terms: Terms, low: float = -inf, high: float = inf) -> None:
        exact = {name: Fraction(many) for name, many in terms.items() if many}
        self.relations.append(Relation(exact, _exact(low), _exact(high)))

    def equal(self, terms: Terms, number: int) -> None:
        self.between(terms, number, number)

    @property
    def names(self) -> list[str]:
        return sorted({name for one in self.relations for name in one.terms})


def _exact(bound: float) -> Bound:
    return bound if bound in (inf, -inf) else Fraction(bound)


def solved(known: Knowledge) -> dict[str, tuple[float, float]]:
    """Return the least and the most that each hidden number can be."""
    limits: dict[str, tuple[float, float]] = dict.fromkeys(known.names, (0, inf))
    relations = [*known.relations, *_eliminated(known.relations)]
    for _ in range(ROUNDS):
        before = dict(limits)
        for relation in relations:
            limits |= dict(_narrowed(relation, limits))
        if limits == before:
            return limits
    return limits


def found_out(known: Knowledge, hidden: Mapping[str, int]) -> list[str]:
    """Return those of the hidden numbers that can be one number only."""
    limits = solved(known)
    return [
        name
        for name, number in hidden.items()
        if limits.get(name, (0, inf)) == (number, number)
    ]


def _eliminated(relations: list[Relation]) -> Iterator[Relation]:
    """Yield the equations in reduced form: each number stands alone in front once."""
    rows = [(dict(one.terms), one.low) for one in relations if one.low == one.high]
    done: list[tuple[str, dict[str, Fraction], Bound]] = []
    for terms, number in rows:
        rest, value = dict(terms), number
        for pivot, other, other_value in done:
            rest, value = _without(pivot, rest, value, other, other_value)
        if not rest:
            continue
        pivot = min(rest)
        scale = rest[pivot]
        rest = {name: many / scale for name, many in rest.items()}
        value = value / scale
        done = [
            (name, *_without(pivot, other, other_value, rest, value))
            for name, other, other_value in done
        ]
        done.append((pivot, rest, value))
    for _, rest, value in done:
        yield Relation(rest, value, value)


def _without(
    pivot: str,
    terms: dict[str, Fraction],
    number: Bound,
    other: Mapping[str, Fraction],
    other_number: Bound,
) -> tuple[dict[str, Fraction], Bound]:
    many = terms.get(pivot, Fraction(0))
    if not many:
        return terms, number
    merged = {
        name: terms.get(name, Fraction(0)) - many * other.get(name, Fraction(0))
        for name in {*terms, *other}
    }
    return {
        name: one for name, one in merged.items() if one
    }, number - many * other_number


def _narrowed(
    relation: Relation, limits: Mapping[str, tuple[float, float]]
) -> Iterator[tuple[str, tuple[float, float]]]:
    for name, many in relation.terms.items():
        rest_low: Bound = Fraction(0)
        rest_high: Bound = Fraction(0)
        for other, factor in relation.terms.items():
            if other == name:
                continue
            bounds_of_other = [_times(factor, bound) for bound in limits[other]]
            rest_low += min(bounds_of_other)
            rest_high += max(bounds_of_other)
        ends = (relation.low - rest_high, relation.high - rest_low)
        least, most = ends if many > 0 else (ends[1], ends[0])
        bounds = (_divided(least, many), _divided(most, many))
        was_low, was_high = limits[name]
        yield (
            name,
            (
                was_low if bounds[0] == -inf else max(was_low, ceil(bounds[0])),
                was_high if bounds[1] == inf else min(was_high, floor(bounds[1])),
            ),
        )


def _times(factor: Fraction, bound: float) -> Bound:
    if bound in (inf, -inf):
        return bound if factor > 0 else -bound
    return factor * Fraction(bound)


def _divided(bound: Bound, factor: Fraction) -> Bound:
    if bound in (inf, -inf):
        return float(bound) if factor > 0 else -float(bound)
    return bound / factor
