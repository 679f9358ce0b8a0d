"""One stored column read by a later vocabulary: options that moved, ranges that closed."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rules.column_batches import column_type
from rules.vocabulary import FactDefinition, Kind

Flags = npt.NDArray[np.bool_]
NOWHERE = 255
"""The place of an option that is gone; a vocabulary has no list that long."""


class Written(TypedDict):
    """What a fact was when a column of it was written."""

    kind: str
    unit: str | None
    lowest: int
    highest: int
    options: Sequence[str]


def described(fact: FactDefinition) -> Written:
    return {
        "kind": fact.kind.value,
        "unit": fact.unit.name if fact.unit else None,
        "lowest": fact.lowest,
        "highest": fact.highest,
        "options": list(fact.options),
    }


def differs(fact: FactDefinition, written: Written) -> bool:
    """Tell whether a value that was written could be unfit, or mean something else now."""
    now = described(fact)
    is_wider = (
        now["lowest"] <= written["lowest"] <= written["highest"] <= now["highest"]
    )
    is_longer = (
        list(written["options"]) == list(now["options"])[: len(written["options"])]
    )
    same_kind = (now["kind"], now["unit"]) == (written["kind"], written["unit"])
    return not (same_kind and is_longer and (is_wider or fact.kind is not Kind.INTEGER))


def fitted(
    fact: FactDefinition, column: pa.Array, written: Written | None
) -> tuple[pa.Array, Flags]:
    """Return the column as the fact is now, and the rows whose answer it cannot be.

    What nobody described is taken to have been written under this very fact.
    """
    if written is None or not differs(fact, written):
        return column, np.zeros(len(column), np.bool_)
    answered = column.is_valid().to_numpy(zero_copy_only=False)
    if (written["kind"], written["unit"]) != (
        fact.kind.value,
        fact.unit.name if fact.unit else None,
    ):
        return pa.nulls(len(column), column_type(fact)), answered
    values = column.fill_null(0).to_numpy(zero_copy_only=False)
    if fact.kind is Kind.INTEGER:
        unfit = answered & ((values < fact.lowest) | (values > fact.highest))
        moved = values
    else:
        places = _places(fact, written)
        moved, unfit = (
            _moved(values, places)
            if fact.kind is Kind.CHOICE
            else _moved_bits(values, places)
        )
        unfit &= answered
    kept = np.where(unfit | ~answered, 0, moved)
    return pa.array(kept, column_type(fact), mask=unfit | ~answered), unfit


def _places(fact: FactDefinition, written: Written) -> list[int]:
    """Return where each option that was written stands now."""
    now: Mapping[str, int] = {name: place for place, name in enumerate(fact.options)}
    return [now.get(name, NOWHERE) for name in written["options"]]


def _moved(
    values: npt.NDArray[np.integer], places: list[int]
) -> tuple[npt.NDArray[np.integer], Flags]:
    moved = np.array(places or [NOWHERE], np.uint8).take(values)
    return moved, moved == NOWHERE


def _moved_bits(
    values: npt.NDArray[np.integer], places: list[int]
) -> tuple[npt.NDArray[np.integer], Flags]:
    moved = np.zeros(len(values), np.uint64)
    unfit = np.zeros(len(values), np.bool_)
    bits = values.astype(np.uint64)
    for place, now in enumerate(places):
        chosen = (bits >> np.uint64(place)) & np.uint64(1)
        if now == NOWHERE:
            unfit |= chosen.astype(np.bool_)
        else:
            moved |= chosen << np.uint64(now)
    return moved, unfit
