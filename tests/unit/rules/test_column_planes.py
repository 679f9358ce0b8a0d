"""Packed truths: Kleene's tables, bits that begin anywhere, members counted by rank."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from rules.column_planes import (
    Planes,
    Truths,
    aligned,
    all_of,
    any_of,
    negated,
    pack,
    spelt_out,
    unpack,
)
from rules.column_rows import RosterRows

T, F, U = True, False, None
Truth = bool | None


def column_of(truths: Sequence[Truth]) -> Planes:
    return Planes(
        pack(np.array([one is T for one in truths])),
        pack(np.array([one is F for one in truths])),
    )


def read_back(truths: Truths, rows: int) -> list[Truth]:
    planes = spelt_out(truths, rows)
    pairs = zip(unpack(planes.true, rows), unpack(planes.false, rows), strict=True)
    return [{(1, 0): T, (0, 1): F, (0, 0): U}[int(t), int(f)] for t, f in pairs]


EVERY_PAIR = list(product((T, F, U), repeat=2))
AND = [T, F, U, F, F, F, U, F, U]
OR = [T, T, T, T, F, U, T, U, U]


def test_all_and_any_of_two_columns_are_kleenes() -> None:
    left, right = (column_of(side) for side in zip(*EVERY_PAIR, strict=True))

    assert read_back(all_of([left, right]), 9) == AND
    assert read_back(any_of([left, right]), 9) == OR


@pytest.mark.parametrize("constant", [T, F, U])
def test_a_truth_for_all_rows_joins_as_a_column_of_it_would(constant: Truth) -> None:
    three = column_of([T, F, U])
    spelt = column_of([constant] * 3)

    for join in (all_of, any_of):
        wanted = read_back(join([three, spelt]), 3)
        assert read_back(join([three, constant]), 3) == wanted
        assert read_back(join([constant, three]), 3) == wanted
    assert negated(constant) is {T: F, F: T, U: U}[constant]


def test_constants_join_among_themselves_as_kleene_says() -> None:
    assert [all_of(pair) for pair in EVERY_PAIR] == AND
    assert [any_of(pair) for pair in EVERY_PAIR] == OR


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 63, 64, 65, 130])
@pytest.mark.parametrize("offset", [0, 1, 7, 8, 13, 64])
def test_bits_that_begin_anywhere_are_found_and_nothing_beyond(
    rows: int, offset: int
) -> None:
    flags = np.random.default_rng(rows).random(offset + rows + 20) < 0.5
    packed = np.packbits(flags, bitorder="little")

    found = aligned(packed, offset, rows)

    assert unpack(found, rows).tolist() == flags[offset : offset + rows].tolist()
    assert not unpack(found, len(found) * 64)[rows:].any()


@pytest.mark.parametrize("sizes", [[0], [15, 16], [63, 64, 65, 0, 0, 1], [255, 256]])
def test_members_are_counted_however_many_there_are(sizes: list[int]) -> None:
    counts = np.array(sizes, np.int64)
    flags = np.random.default_rng(7).random(sum(sizes)) < 0.5
    members = pa.record_batch({"any": pa.nulls(len(flags))})
    roster = RosterRows(members, counts, pack(counts >= 0))

    found = roster.count(pack(flags))

    parts = np.split(flags, np.cumsum(counts)[:-1])
    assert found.tolist() == [int(part.sum()) for part in parts]
