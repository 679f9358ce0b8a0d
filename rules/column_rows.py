"""The rows of some audits, and of the members of their rosters, as numpy sees them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rules.column_batches import Batch, bits_of
from rules.column_law import Integers
from rules.column_planes import (
    WORD,
    Bits,
    Flags,
    Planes,
    Truths,
    aligned,
    everywhere,
    nowhere,
    pack,
    unpack,
)
from rules.vocabulary import Roster

Scalar = TypeVar("Scalar", bound=np.generic)
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A number to each row, in the rows where one is known."""

    values: Integers
    known: Bits


Values = Numbers | int | None
"""Numbers, or one for all rows, or unknown in all of them."""


class Rows:
    """The columns of one table of facts, a row to an audit or to a member."""

    def __init__(self, batch: pa.RecordBatch, rows: int) -> None:
        self._batch = batch
        self._names = frozenset(batch.schema.names)
        self.rows = rows
        self.everywhere = everywhere(rows)

    def answered(self, name: str) -> Bits | None:
        """Return where a fact is answered; None if nowhere."""
        if name not in self._names:
            return None
        column = self._batch.column(name)
        if column.null_count == self.rows:
            return None
        found = bits_of(column, 0)
        return self.everywhere if found is None else aligned(*found, self.rows)

    def truths(self, name: str) -> Truths:
        """Return the answers to a fact of yes or no."""
        answered = self.answered(name)
        found = None if answered is None else bits_of(self._batch.column(name), 1)
        if answered is None or found is None:
            return None
        yes = aligned(*found, self.rows) & answered
        return Planes(yes, answered ^ yes)

    def numbers(self, name: str) -> Numbers | None:
        """Return the answers to any other fact, as Arrow holds them."""
        answered = self.answered(name)
        if answered is None:
            return None
        column = self._batch.column(name)
        kind = column.type.to_pandas_dtype()
        held = np.dtype(np.int32) if pa.types.is_date32(column.type) else np.dtype(kind)
        values = np.frombuffer(column.buffers()[1], held)
        return Numbers(values[column.offset : column.offset + self.rows], answered)

    def truths_where(self, flags: Flags, known: Bits) -> Planes:
        true = pack(flags) & known
        return Planes(true, known ^ true)

    def unknown(self, planes: Planes) -> Bits:
        return self.everywhere ^ (planes.true | planes.false)


class RosterRows(Rows):
    """The members of one roster, side by side in the order of their audits."""

    def __init__(
        self, batch: pa.RecordBatch, counts: npt.NDArray[np.int64], answered: Bits
    ) -> None:
        offsets = np.concatenate(([0], np.cumsum(counts)))
        super().__init__(batch, int(offsets[-1]))
        self.roster_answered = answered
        self._counts = counts
        self._word = offsets // WORD
        self._below = (_ONE << (offsets % WORD).astype(np.uint64)) - _ONE
        self._owner: npt.NDArray[np.intp] | None = None

    @property
    def audits(self) -> int:
        return len(self._counts)

    @property
    def nobody(self) -> Bits:
        """Return the audits whose roster has no member, answered or not."""
        return pack(self._counts == 0)

    def count(self, bits: Bits) -> npt.NDArray[np.int32]:
        """Count the members with their bit set, audit by audit.

        The rank of a row is the number of bits before it: those of the words before,
        and those below it in its own word. Two ranks make a count, however long the
        roster is.
        """
        in_words = np.bitwise_count(bits)
        before = np.cumsum(in_words, dtype=np.int32) - in_words
        rank = before.take(self._word)
        rank += np.bitwise_count(bits.take(self._word) & self._below)
        return rank[1:] - rank[:-1]

    def has_any(self, bits: Bits) -> Bits:
        if not bits.any():
            return nowhere(self.audits)
        return pack(self.count(bits) != 0)

    def of_each_member(self, values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Give every member what their audit has."""
        if self._owner is None:
            self._owner = np.repeat(np.arange(self.audits), self._counts)
        return values.take(self._owner)

    def bits_of_each_member(self, bits: Bits) -> Bits:
        flags = unpack(bits, self.audits).view(np.bool_)
        return pack(self.of_each_member(flags))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some audits of a batch, from `start` on, with their members."""

    start: int
    audits: Rows
    rosters: Mapping[Roster, RosterRows]


def parts_of(batch: Batch, audits_at_a_time: int) -> Iterator[Part]:
    rows = batch.audits.num_rows
    counts = {roster: _numbers_of(column) for roster, column in batch.counts.items()}
    offsets = {
        roster: np.concatenate(([0], np.cumsum(one))) for roster, one in counts.items()
    }
    for start in range(0, rows, audits_at_a_time):
        stop = min(start + audits_at_a_time, rows)
        rosters: dict[Roster, RosterRows] = {}
        for roster, counted in counts.items():
            first, last = (int(offsets[roster][row]) for row in (start, stop))
            answered = batch.counts[roster].slice(start, stop - start).is_valid()
            rosters[roster] = RosterRows(
                batch.members[roster].slice(first, last - first),
                counted[start:stop],
                pack(answered.to_numpy(zero_copy_only=False)),
            )
        audits = Rows(batch.audits.slice(start, stop - start), stop - start)
        yield Part(start, audits, rosters)


def _numbers_of(counts: pa.Array) -> npt.NDArray[np.int64]:
    filled = counts.fill_null(0).to_numpy(zero_copy_only=False)
    return np.asarray(filled, np.int64)
