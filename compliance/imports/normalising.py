"""A row of text → what it says about a site, with notes; nothing is silently changed."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any

import orjson

from compliance.imports.drafts import Draft, Layout
from compliance.imports.fields import SCHEMES, Field
from compliance.imports.measures_of_rows import (
    read_altitude,
    read_area,
    read_day,
    read_harvest,
)
from compliance.imports.names import folded, is_damaged, mended, tidied
from compliance.imports.notes import Note, Weight
from compliance.imports.points_of_rows import look_at_countries, read_point
from compliance.imports.tables import Row
from compliance.imports.texts_of_rows import (
    read_country,
    read_group,
    read_kind,
    read_name,
    read_numbers,
    read_places,
    read_shape,
)

Step = Callable[[Draft], None]
CHUNK = 2_000
# The values that are words: what is the same in them however it is spelled.
WORDS = frozenset({"name", "admin1", "municipality", "locality"})
MOST_REMEMBERED = 20_000


@dataclass(frozen=True)
class Reading:
    """A step, the fields without any of which it has nothing to do, and what it looks at.

    Where `looks_at` is told, the same cells give the same values and notes, and are read
    once: lists say the same town and country thousands of times.
    """

    step: Step
    needs: tuple[Field, ...] = ()
    looks_at: tuple[Field, ...] = ()


PLACES = (Field.ADMIN1, Field.MUNICIPALITY, Field.LOCALITY)
HARVEST = (Field.HARVEST, Field.BAGS, Field.BAG_WEIGHT)
ALTITUDE = (Field.ALTITUDE, Field.ALTITUDE_UNIT, Field.COMMODITY)
READINGS = (
    Reading(read_shape),
    Reading(read_kind, looks_at=(Field.KIND, Field.COMMODITY)),
    Reading(read_name, looks_at=(Field.NAME,)),
    Reading(read_country, looks_at=(Field.COUNTRY,)),
    Reading(read_places, PLACES, PLACES),
    Reading(read_group, (Field.GROUP,), (Field.GROUP,)),
    Reading(read_numbers, tuple(SCHEMES)),
    Reading(read_point),
    Reading(read_altitude, (Field.ALTITUDE,), ALTITUDE),
    Reading(read_area, (Field.AREA,), (Field.AREA,)),
    Reading(read_harvest, HARVEST, HARVEST),
    Reading(read_day, (Field.NOTED_ON,), (Field.NOTED_ON,)),
)


@dataclass(frozen=True)
class Staged:
    """A row that was read: its cells as they were, its values, what was noted.

    `fingerprint` is the same for rows that say the same in any format: accents, case,
    padding and damage in the encoding left aside. `line` is that of the whole line.
    """

    number: int
    cells: tuple[str, ...]
    values: dict[str, Any]
    notes: list[Note]
    fingerprint: bytes
    line: bytes

    @property
    def is_refused(self) -> bool:
        return bool(self.notes) and any(
            note.weight is Weight.REFUSED for note in self.notes
        )


def normalised(layout: Layout, rows: Iterable[Row]) -> Iterator[Staged]:
    """Yield each row as it is understood, in order, holding only a few at a time."""
    waiting = iter(rows)
    steps = [
        _remembering(reading, layout) if reading.looks_at else reading.step
        for reading in READINGS
        if not reading.needs or layout.places.keys() & reading.needs
    ]
    while chunk := [_draft(layout, steps, row) for row in islice(waiting, CHUNK)]:
        look_at_countries(chunk)
        for draft in chunk:
            yield _staged(draft)


def _draft(layout: Layout, steps: Sequence[Step], row: Row) -> Draft:
    draft = Draft(layout, row)
    for step in steps:
        step(draft)
    return draft


def _remembering(reading: Reading, layout: Layout) -> Step:
    """Return the step as one that reads the same cells only once."""
    places = [layout.places[name] for name in reading.looks_at if name in layout.places]
    if not places:
        return reading.step
    cells_of = itemgetter(*places)
    known: dict[object, tuple[dict[str, Any], list[Note]]] = {}

    def step(draft: Draft) -> None:
        cells = cells_of(draft.row.cells)
        found = known.get(cells)
        if found is None:
            found = _added(reading.step, draft)
            if len(known) < MOST_REMEMBERED:
                known[cells] = found
        values, notes = found
        draft.values.update(values)
        if notes:
            draft.notes += notes

    return step


def _added(step: Step, draft: Draft) -> tuple[dict[str, Any], list[Note]]:
    """Return what a step would add to the values and the notes of a row."""
    alone = Draft(draft.layout, draft.row, dict(draft.values))
    step(alone)
    added = {
        name: value for name, value in alone.values.items() if name not in draft.values
    }
    return added, alone.notes


def _staged(draft: Draft) -> Staged:
    row = draft.row
    line, cells = "\x1f".join(row.cells), row.cells
    encoded = line.encode("utf-8", "replace")
    if (not line.isascii() and encoded.decode() != line) or "\x00" in line:
        cells = tuple(map(_printable, cells))
    return Staged(
        number=row.number,
        cells=cells,
        values=draft.values,
        notes=draft.notes,
        fingerprint=fingerprint(draft.values),
        line=hashlib.sha256(encoded).digest(),
    )


def _printable(cell: str) -> str:
    """Return a cell without what no database keeps: a zero character, half a pair."""
    if cell.isascii() and "\x00" not in cell:
        return cell
    return cell.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def fingerprint(values: dict[str, Any]) -> bytes:
    """Return what two rows share that say the same of a site."""
    plain = dict(values)
    for name in WORDS & plain.keys():
        plain[name] = _plain(plain[name])
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).digest()


@lru_cache(maxsize=20_000)
def _plain(value: str) -> str:
    text = tidied(value)
    if is_damaged(text):
        text = mended(text) or text
    return folded(text) or text
