"""Exports that are tables: one for the visits, one for each repeat, joined by keys."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audits.checklists.form import FormSchema, Repeat
from audits.checklists.mistakes import sentence
from audits.visit_imports.assembling import (
    Assembler,
    Export,
    Fault,
    Visit,
    instance_id_of,
)
from audits.visit_imports.rebuilding import Entry, outer_of
from compliance.texts import N_


@dataclass(frozen=True)
class Line:
    """A row with its number in the file."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    name: str
    headings: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Joining:
    """Which column names a row, and which names the row that it belongs to."""

    key: str
    parent: str


def joined(
    schema: FormSchema, main: Sheet, repeats: Mapping[str, Sheet], by: Joining
) -> Export:
    """Return the visits of an export; entries whose visit is not there are told."""
    assembler = Assembler(schema)
    for path, sheet in ((None, main), *repeats.items()):
        for heading in sheet.headings:
            assembler.meaning(path, heading)
    entries, faults = _entries(assembler, schema, repeats, by)
    visits = []
    for line in main.lines:
        entry, wrong = assembler.entry(None, line.cells.items())
        key = line.cells.get(by.key, "").strip()
        for path in repeats:
            if outer_of(schema, _repeat(schema, path)) is None:
                entry.entries[path] = entries[path].pop(key, [])
                wrong += faults[path].pop(key, [])
        visits.append(
            Visit(line.number, instance_id_of(line.cells, wrong), entry, wrong)
        )
    notices = [*assembler.notices, *_left_over(entries, repeats, schema)]
    return Export(tuple(visits), tuple(notices), frozenset(assembler.asked))


def _repeat(schema: FormSchema, path: str) -> Repeat:
    return next(one for one in schema.repeats if one.path == path)


def _entries(
    assembler: Assembler,
    schema: FormSchema,
    repeats: Mapping[str, Sheet],
    by: Joining,
) -> tuple[
    dict[str, dict[str, list[Entry]]],
    dict[str, dict[str, list[Fault]]],
]:
    """Return entries and faults by repeat and by the key of what they belong to.

    The innermost repeats come first, so that each finds its own entries made.
    """
    entries: dict[str, dict[str, list[Entry]]] = {}
    faults: dict[str, dict[str, list[Fault]]] = {}
    for path in sorted(repeats, key=len, reverse=True):
        made, wrong = (
            defaultdict[str, list[Entry]](list),
            defaultdict[str, list[Fault]](list),
        )
        inner = [
            one.path
            for one in schema.repeats
            if outer_of(schema, one) == path and one.path in entries
        ]
        for line in repeats[path].lines:
            entry, found = assembler.entry(path, line.cells.items())
            own = line.cells.get(by.key, "").strip()
            for below in inner:
                entry.entries[below] = entries[below].pop(own, [])
                found += faults[below].pop(own, [])
            parent = line.cells.get(by.parent, "").strip()
            made[parent].append(entry)
            wrong[parent] += [
                Fault(
                    f"{repeats[path].name}:{line.number}:{one.column}",
                    one.message,
                    one.remedy,
                )
                for one in found
            ]
        entries[path], faults[path] = made, wrong
    return entries, faults


def _left_over(
    entries: Mapping[str, Mapping[str, list[Entry]]],
    repeats: Mapping[str, Sheet],
    schema: FormSchema,
) -> list[Fault]:
    return [
        Fault(
            repeats[path].name,
            sentence(
                N_(
                    "{count} entries belong to no visit of the file; they are left out."
                ),
                count=sum(len(one) for one in left.values()),
            ),
            sentence(N_("Export all visits together with their repeats.")),
        )
        for path, left in entries.items()
        if any(left.values()) and _repeat(schema, path) is not None
    ]
