"""What a batch of audits looks like in Arrow: its columns, its members, its mistakes.

A row is an audit, a column a fact; unanswered is null. Choices are small numbers by
their position in the vocabulary, several choices a bit mask, days days. The members of
a roster stand in a batch of their own in the order of their audits, and the column of
the roster's name counts them; or that column is a list of members, which is the same
without a second batch. A roster nobody answered is a null count, or a null list.

A statement may also be held as codes that are never null: 0 no, 1 yes, 2 unanswered.
Parquet takes a quarter of the time to read those, and they are as small.

A column that is absent was not asked. Options are only ever added at the end of a
fact's list, so that what was stored keeps its meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rules.mistakes import suggestion
from rules.vocabulary import (
    Commodity,
    FactDefinition,
    Kind,
    Roster,
    SiteKind,
    Vocabulary,
)

COMMODITIES = tuple(Commodity)
SITE_KINDS = tuple(SiteKind)
_LETTERS = 26
COUNTRY_CODES = _LETTERS * _LETTERS
SITE = {
    "country": pa.uint16(),
    "commodity": pa.uint8(),
    "site_kind": pa.uint8(),
    "observed_on": pa.date32(),
}
"""The columns that say where and when; the only ones that cannot be null."""
_YES, _UNANSWERED = 1, 2
_HOW_MANY = {"country": COUNTRY_CODES, "commodity": len(Commodity), "site_kind": 2}


class ColumnsRejected(ValueError):
    """The batch cannot be scored; the message says which column is wrong, and why."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Audits with the members of their rosters, checked against the vocabulary."""

    audits: pa.RecordBatch
    members: Mapping[Roster, pa.RecordBatch]
    counts: Mapping[Roster, pa.Array]


def country_code(country: str) -> int:
    """Number a country by its two letters: AA is 0, ZZ is 675, in every edition."""
    first, second = (ord(letter) - ord("A") for letter in country)
    return first * _LETTERS + second


def column_type(fact: FactDefinition) -> pa.DataType:
    match fact.kind:
        case Kind.YES_NO:
            return pa.bool_()
        case Kind.INTEGER:
            return _integer_for(fact.lowest, fact.highest)
        case Kind.CHOICE:
            return pa.uint8()
        case Kind.CHOICES:
            return pa.uint32() if len(fact.options) <= 32 else pa.uint64()
        case Kind.DAY:
            return pa.date32()
        case _:
            assert_never(fact.kind)


def _integer_for(lowest: int, highest: int) -> pa.DataType:
    for bits, kind in ((7, pa.int8()), (15, pa.int16()), (31, pa.int32())):
        if -(2**bits) <= lowest and highest < 2**bits:
            return kind
    return pa.int64()


def audit_schema(vocabulary: Vocabulary) -> pa.Schema:
    """Return the columns of audits whose members stand in batches of their own."""
    site = [pa.field(name, kind, nullable=False) for name, kind in SITE.items()]
    rosters = [pa.field(str(roster), pa.int32()) for roster in Roster]
    return pa.schema([*site, *rosters, *_fact_fields(vocabulary, None)])


def member_schema(vocabulary: Vocabulary, roster: Roster) -> pa.Schema:
    return pa.schema(_fact_fields(vocabulary, roster))


def _fact_fields(vocabulary: Vocabulary, home: Roster | None) -> list[pa.Field]:
    facts = vocabulary.by_roster[home].values()
    return [pa.field(fact.name, column_type(fact)) for fact in facts]


def check_batch(
    vocabulary: Vocabulary,
    audits: pa.RecordBatch,
    members: Mapping[Roster, pa.RecordBatch],
) -> Batch:
    """Return the batch with its rosters side by side; raise ColumnsRejected."""
    for name in SITE:
        _check_site(audits, name)
    _check_facts(vocabulary, audits, None, "audits")
    counts: dict[Roster, pa.Array] = {}
    found: dict[Roster, pa.RecordBatch] = {}
    for roster in Roster:
        counts[roster], listed = _roster(audits, members, roster)
        _check_facts(vocabulary, listed, roster, roster)
        found[roster] = _decoded(listed, vocabulary.by_roster[roster])
    return Batch(_decoded(audits, vocabulary.by_roster[None]), found, counts)


def coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with its statements as codes, for files that are read often."""
    schema = pa.schema(
        [
            pa.field(field.name, pa.uint8(), nullable=False)
            if pa.types.is_boolean(field.type)
            else field
            for field in batch.schema
        ]
    )
    columns = [
        pc.fill_null(column.cast(pa.uint8()), _UNANSWERED)
        if pa.types.is_boolean(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _decoded(
    batch: pa.RecordBatch, known: Mapping[str, FactDefinition]
) -> pa.RecordBatch:
    """Return the batch with its statements as Arrow has them."""
    columns = [
        _statements(column) if _is_coded(field, known.get(field.name)) else column
        for field, column in zip(batch.schema, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_coded(field: pa.Field, fact: FactDefinition | None) -> bool:
    return (
        fact is not None and fact.kind is Kind.YES_NO and field.type.equals(pa.uint8())
    )


def _statements(codes: pa.Array) -> pa.Array:
    values = codes.fill_null(_UNANSWERED).to_numpy()
    bits = [
        pa.py_buffer(np.packbits(flags, bitorder="little"))
        for flags in (values < _UNANSWERED, values == _YES)
    ]
    return pa.Array.from_buffers(pa.bool_(), len(codes), bits)


def _check_site(audits: pa.RecordBatch, name: str) -> None:
    if name not in audits.schema.names:
        raise ColumnsRejected(f"audits: the column '{name}' is missing.")
    column = audits.column(name)
    if not column.type.equals(SITE[name]):
        raise ColumnsRejected(f"audits.{name} is {column.type}, not {SITE[name]}.")
    if column.null_count:
        raise ColumnsRejected(f"audits.{name} is null in {column.null_count} rows.")
    limit = _HOW_MANY.get(name)
    highest = pc.max(column).as_py() if limit and len(column) else None
    if limit and highest is not None and highest >= limit:
        raise ColumnsRejected(
            f"audits.{name} holds {highest}; {limit - 1} is the last."
        )


def _check_facts(
    vocabulary: Vocabulary, batch: pa.RecordBatch, home: Roster | None, told: str
) -> None:
    known = vocabulary.by_roster[home]
    own = () if home else (*SITE, *Roster)
    for field in batch.schema:
        if field.name in own:
            continue
        if field.name not in known:
            hint = suggestion(field.name, known)
            raise ColumnsRejected(f"{told}.{field.name} is no fact. {hint}".rstrip())
        wanted = column_type(known[field.name])
        if _is_coded(field, known[field.name]):
            continue
        # A stored number may be wider or narrower than its range is today.
        if not (field.type.equals(wanted) or _both_integers(field.type, wanted)):
            raise ColumnsRejected(f"{told}.{field.name} is {field.type}, not {wanted}.")


def _both_integers(one: pa.DataType, other: pa.DataType) -> bool:
    return any(
        same(one) and same(other)
        for same in (pa.types.is_signed_integer, pa.types.is_unsigned_integer)
    )


def _roster(
    audits: pa.RecordBatch, members: Mapping[Roster, pa.RecordBatch], roster: Roster
) -> tuple[pa.Array, pa.RecordBatch]:
    if roster not in audits.schema.names:
        return pa.nulls(audits.num_rows, pa.int32()), _nobody()
    column = audits.column(roster)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        listed = column.flatten()
        return pc.list_value_length(column), pa.RecordBatch.from_struct_array(listed)
    if not pa.types.is_integer(column.type):
        raise ColumnsRejected(
            f"audits.{roster} is {column.type}, no count and no list."
        )
    found = members.get(roster, _nobody())
    least = pc.min(column).as_py()
    if least is not None and least < 0:
        raise ColumnsRejected(f"audits.{roster} counts {least} members.")
    counted = pc.sum(column).as_py() or 0
    if counted != found.num_rows:
        raise ColumnsRejected(
            f"audits.{roster} counts {counted} members; {found.num_rows} are given."
        )
    return column, found


def _nobody() -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([], names=[])


def bits_of(array: pa.Array, number: int) -> tuple[npt.NDArray[np.uint8], int] | None:
    """Return the packed bits of an Arrow buffer and where they begin, if there are any."""
    buffer = array.buffers()[number]
    if buffer is None:
        return None
    return np.frombuffer(buffer, np.uint8), array.offset
