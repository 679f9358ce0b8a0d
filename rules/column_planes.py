"""Truth by the column: two packed bits to a row, *known true* and *known false*.

A row in neither plane is unknown, and no row is in both. Bits beyond the last row are
zero in every plane, so a plane without bits is a condition nobody meets.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
WORD = 64


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    true: Bits
    false: Bits


Truths = Planes | bool | None
"""A truth to each row, or one for all of them."""


def words_for(rows: int) -> int:
    """Return how many words hold the rows and at least one bit beyond them."""
    return rows // WORD + 1


def nowhere(rows: int) -> Bits:
    return np.zeros(words_for(rows), np.uint64)


def everywhere(rows: int) -> Bits:
    return pack(np.ones(rows, np.bool_))


def pack(flags: Flags) -> Bits:
    bits = nowhere(len(flags))
    packed = np.packbits(flags, bitorder="little")
    bits.view(np.uint8)[: len(packed)] = packed
    return bits


def unpack(bits: Bits, rows: int) -> npt.NDArray[np.uint8]:
    """Return a 0 or 1 for each row."""
    return np.unpackbits(bits.view(np.uint8), count=rows, bitorder="little")


def aligned(packed: npt.NDArray[np.uint8], offset: int, rows: int) -> Bits:
    """Return the bits that begin anywhere in a packed buffer, from the first bit on."""
    start, shift = divmod(offset, 8)
    wanted = (rows + 7) // 8
    found = packed[start : start + wanted + (shift > 0)]
    if shift:
        following = np.append(found[1:], np.uint8(0))
        low, high = found >> np.uint8(shift), following << np.uint8(8 - shift)
        found = (low | high)[:wanted]
    bits = nowhere(rows)
    held = bits.view(np.uint8)
    held[: len(found)] = found
    if rows % 8:
        held[wanted - 1] &= (1 << rows % 8) - 1
    return bits


def negated(truths: Truths) -> Truths:
    if isinstance(truths, Planes):
        return Planes(truths.false, truths.true)
    return None if truths is None else not truths


def all_of(items: Iterable[Truths]) -> Truths:
    """Join by Kleene's *and*: false decides, then unknown."""
    joined: Truths = True
    for item in items:
        joined = _both(joined, item)
    return joined


def any_of(items: Iterable[Truths]) -> Truths:
    return negated(all_of(negated(item) for item in items))


def _both(one: Truths, other: Truths) -> Truths:
    if one is False or other is False:
        return False
    if one is True:
        return other
    if other is True:
        return one
    if one is None:
        return _never_true(other)
    if other is None:
        return _never_true(one)
    return Planes(one.true & other.true, one.false | other.false)


def _never_true(truths: Truths) -> Truths:
    if isinstance(truths, Planes):
        return Planes(np.zeros_like(truths.true), truths.false)
    return None


def spelt_out(truths: Truths, rows: int) -> Planes:
    """Return planes, also of a truth that is one for all rows."""
    if isinstance(truths, Planes):
        return truths
    true = everywhere(rows) if truths is True else nowhere(rows)
    false = everywhere(rows) if truths is False else nowhere(rows)
    return Planes(true, false)
