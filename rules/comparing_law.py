"""Legal values side by side: which are new, which went, which hold otherwise now."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

from rules.parameters import LegalValue, ParameterDefinition

_KEY = ("country", "sector", "age_from", "age_below")
_DECIDING = frozenset({"start", "end", "value", "confidence"})
_TOLD = tuple(
    one.name for one in fields(LegalValue) if one.name not in {*_KEY, "place"}
)
# From the likest to the least alike: a row is changed, not gone and come again.
_LIKENESS = (
    ("start", "end", "value"),
    ("start", "value"),
    ("start", "end"),
    ("end", "value"),
    ("start",),
    ("value",),
)


@dataclass(frozen=True, slots=True)
class LegalChange:
    """A row of a parameter that differs; without `before` it is new, without `after` gone."""

    parameter: str
    before: LegalValue | None
    after: LegalValue | None
    differing: tuple[str, ...]
    """The fields that differ, where there is a row on both sides."""
    decides: bool
    """Whether a rule can read another value; else only what it cites is told otherwise."""
    since: date | None
    """The first day on which it makes a difference; None for always, or for never."""

    @property
    def row(self) -> LegalValue:
        """The row as it now is, or as it was last: for its country, sector and ages."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one side always has a row
        return found

    @property
    def country(self) -> str:
        return self.row.country


def compare_values(
    before: Mapping[str, ParameterDefinition], after: Mapping[str, ParameterDefinition]
) -> Iterator[LegalChange]:
    """Yield the rows that differ, by parameter, country, sector, ages and day."""
    for name in sorted({*before, *after}):
        rows = [
            list(found[name].values) if name in found else []
            for found in (before, after)
        ]
        yield from sorted(_rows(name, *rows), key=_order)


def earliest(days: Iterable[date | None]) -> date | None:
    """Return the first day, None if one of them is always or there is none."""
    kept = list(days)
    known = [day for day in kept if day is not None]
    return min(known) if known and len(known) == len(kept) else None


def _rows(
    name: str, before: list[LegalValue], after: list[LegalValue]
) -> Iterator[LegalChange]:
    gone, new = _without_twins(before, after)
    for likeness in _LIKENESS:
        for row in list(gone):
            twin = next((one for one in new if _alike(row, one, likeness)), None)
            if twin is not None:
                gone.remove(row)
                new.remove(twin)
                yield _changed(name, row, twin)
    for row in gone:
        yield LegalChange(name, row, None, (), decides=True, since=row.start)
    for row in new:
        yield LegalChange(name, None, row, (), decides=True, since=row.start)


def _without_twins(
    before: Iterable[LegalValue], after: Iterable[LegalValue]
) -> tuple[list[LegalValue], list[LegalValue]]:
    """Return the rows of either side that the other has not just so."""
    left: list[LegalValue] = []
    waiting = list(after)
    for row in before:
        twin = next((one for one in waiting if _alike(row, one, _TOLD)), None)
        if twin is None:
            left.append(row)
        else:
            waiting.remove(twin)
    return left, waiting


def _alike(one: LegalValue, other: LegalValue, names: Iterable[str]) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in (*_KEY, *names))


def _changed(name: str, before: LegalValue, after: LegalValue) -> LegalChange:
    differing = tuple(
        field for field in _TOLD if getattr(before, field) != getattr(after, field)
    )
    deciding = _DECIDING & set(differing)
    since = _since(before, after, deciding) if deciding else None
    return LegalChange(name, before, after, differing, bool(deciding), since)


def _since(
    before: LegalValue, after: LegalValue, deciding: frozenset[str]
) -> date | None:
    if deciding == {"end"}:
        return min(end for end in (before.end, after.end) if end is not None)
    return earliest([before.start, after.start])


def _order(change: LegalChange) -> tuple[object, ...]:
    row = change.row
    return (
        row.country,
        str(row.sector),
        -1 if row.age_from is None else row.age_from,
        -1 if row.age_below is None else row.age_below,
        row.start or date.min,
        str(row.value),
        change.after is None,
    )
