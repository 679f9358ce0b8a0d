"""Facts of many audits as one Arrow batch, and the batch of what the rules say of them.

A shard has a row to a submission: its name, where and when it was, a column to a fact,
and the members of each roster as a list. It carries in its schema what each fact was
when it was written, so that a later edition of the book reads it as what it meant: a
fact it does not know is not read, an option that moved is found, and a row it cannot
hold is given no verdict at all.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.answers import Answers
from rules.column_answers import batches_of
from rules.column_batches import SITE, audit_schema, column_type, member_schema
from rules.columns import columns_needed, score
from rules.definitions import Book
from rules.shard_columns import Flags, Written, described, differs, fitted
from rules.vocabulary import Roster, Vocabulary

SUBMISSION = "submission"
FACTS = b"facts"
"""The name in a schema's metadata under which the facts are described."""


def shard_schema(vocabulary: Vocabulary) -> pa.Schema:
    """Return the columns of a shard, with the description of every fact beside them."""
    fields = [pa.field(SUBMISSION, pa.string(), nullable=False)]
    for field in audit_schema(vocabulary):
        if field.name in list(Roster):
            members = pa.struct(list(member_schema(vocabulary, Roster(field.name))))
            fields.append(pa.field(field.name, pa.list_(members)))
        else:
            fields.append(field)
    facts = {name: described(fact) for name, fact in vocabulary.facts.items()}
    return pa.schema(fields, {FACTS: json.dumps(facts).encode()})


def shard_of(
    vocabulary: Vocabulary, submissions: Sequence[str], answers: Sequence[Answers]
) -> pa.RecordBatch:
    """Return the shard of some submissions with their answers, in the same order."""
    audits, members = batches_of(vocabulary, answers)
    columns: dict[str, pa.Array] = {SUBMISSION: pa.array(submissions, pa.string())}
    for name in audits.schema.names:
        column = audits.column(name)
        columns[name] = (
            _listed(column, members[Roster(name)]) if name in list(Roster) else column
        )
    return pa.record_batch(columns, shard_schema(vocabulary))


def score_shard(
    book: Book, shard: pa.RecordBatch, *, only: Iterable[str] | None = None
) -> pa.RecordBatch:
    """Return the submissions, and by logic hash the code of each rule or of `only` some.

    `rules.columns.verdicts_of` says what a code means. It is null where the vocabulary
    of the book cannot hold the answers. A shard whose schema describes no facts must
    have been written under this very vocabulary; ColumnsRejected says where it does
    not even fit.
    """
    audits, refused = as_read_by(book.vocabulary, shard)
    codes = score(book, audits, only=only)
    columns = {SUBMISSION: shard.column(SUBMISSION)}
    for name in codes.schema.names:
        column = codes.column(name)
        columns[name] = (
            column
            if refused is None
            else pa.array(column.to_numpy(), pa.uint8(), mask=refused)
        )
    return pa.record_batch(columns)


def facts_written(schema: pa.Schema) -> Mapping[str, Written]:
    """Return what each fact was when the shard was written, by its id."""
    told = (schema.metadata or {}).get(FACTS)
    return {} if told is None else json.loads(told)


def as_read_by(
    vocabulary: Vocabulary, shard: pa.RecordBatch
) -> tuple[pa.RecordBatch, Flags | None]:
    """Return the facts as this vocabulary knows them, and which rows it cannot hold."""
    written = facts_written(shard.schema)
    columns: dict[str, pa.Array] = {}
    refused = np.zeros(shard.num_rows, np.bool_)
    for field in shard.schema:
        column = shard.column(field.name)
        if field.name in SITE:
            columns[field.name] = column
        elif field.name in list(Roster):
            roster = Roster(field.name)
            if vocabulary.by_roster[roster]:
                columns[roster] = _members_as_read(
                    vocabulary, roster, column, written, refused
                )
        elif field.name in vocabulary.by_roster[None]:
            fact = vocabulary.facts[field.name]
            columns[field.name], unfit = fitted(fact, column, written.get(fact.id))
            refused |= unfit
    return pa.record_batch(columns), refused if refused.any() else None


def columns_to_read(
    book: Book, schema: pa.Schema, only: Iterable[str] | None = None
) -> list[str]:
    """Return the Parquet columns that scoring reads of shards with this schema.

    They are what the rules read, and what else could make a row unreadable.
    """
    written = facts_written(schema)
    needed = columns_needed(book, only)
    columns = [SUBMISSION, *SITE]
    for home in (None, *Roster):
        if home is not None and home not in schema.names:
            continue
        here = schema.names if home is None else _member_names(schema, home)
        names = [
            fact.name
            for fact in book.vocabulary.by_roster[home].values()
            if fact.name in here
            and (
                fact.name in needed[home]
                or (fact.id in written and differs(fact, written[fact.id]))
            )
        ]
        if home is None:
            columns += names
        else:
            # One is enough to know how many members there are.
            columns += [f"{home}.list.element.{name}" for name in names or here[:1]]
    return columns


def _member_names(schema: pa.Schema, roster: Roster) -> list[str]:
    members = schema.field(roster).type.value_type
    return [field.name for field in members]


def _listed(counts: pa.Array, members: pa.RecordBatch) -> pa.ListArray:
    """Return the members of each audit as a list; a null count is a null list."""
    filled = pc.fill_null(counts, 0).to_numpy()
    offsets = np.concatenate(([0], np.cumsum(filled))).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), members.to_struct_array(), mask=counts.is_null()
    )


def _members_as_read(
    vocabulary: Vocabulary,
    roster: Roster,
    column: pa.ListArray,
    written: Mapping[str, Written],
    refused: Flags,
) -> pa.ListArray:
    """Return a roster with its members' facts as this vocabulary knows them."""
    members = pa.RecordBatch.from_struct_array(column.flatten())
    unfit_members = np.zeros(members.num_rows, np.bool_)
    known = vocabulary.by_roster[roster]
    columns: dict[str, pa.Array] = {}
    for name in members.schema.names:
        if name in known:
            columns[name], unfit = fitted(
                known[name], members.column(name), written.get(known[name].id)
            )
            unfit_members |= unfit
    counts = pc.list_value_length(column)
    ends = np.cumsum(pc.fill_null(counts, 0).to_numpy())
    before = np.concatenate(([0], np.cumsum(unfit_members)))
    refused |= np.diff(before[np.concatenate(([0], ends))]) > 0
    if not columns:
        # A roster none of whose facts are known still has a number of members.
        first = next(iter(known.values()))
        columns[first.name] = pa.nulls(members.num_rows, column_type(first))
    return _listed(counts, pa.record_batch(columns))
