"""A row of text → what it says about a site, with notes; nothing is silently changed."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
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
ALWAYS: frozenset[Field] = frozenset()
# Each step, and the fields without any of which there is nothing to do for it.
STEPS: tuple[tuple[Step, frozenset[Field]], ...] = (
    (read_shape, ALWAYS),
    (read_kind, ALWAYS),
    (read_name, ALWAYS),
    (read_country, ALWAYS),
    (read_places, frozenset({Field.ADMIN1, Field.MUNICIPALITY, Field.LOCALITY})),
    (read_group, frozenset({Field.GROUP})),
    (read_numbers, frozenset(SCHEMES)),
    (read_point, ALWAYS),
    (read_altitude, frozenset({Field.ALTITUDE})),
    (read_area, frozenset({Field.AREA})),
    (read_harvest, frozenset({Field.HARVEST, Field.BAGS, Field.BAG_WEIGHT})),
    (read_day, frozenset({Field.NOTED_ON})),
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
        return any(note.weight is Weight.REFUSED for note in self.notes)


def normalised(layout: Layout, rows: Iterable[Row]) -> Iterator[Staged]:
    """Yield each row as it is understood, in order, holding only a few at a time."""
    waiting = iter(rows)
    steps = [
        step for step, fields in STEPS if not fields or fields & layout.places.keys()
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


def _staged(draft: Draft) -> Staged:
    row = draft.row
    return Staged(
        number=row.number,
        cells=tuple(_printable(cell) for cell in row.cells),
        values=draft.values,
        notes=draft.notes,
        fingerprint=fingerprint(draft.values),
        line=hashlib.sha256("\x1f".join(row.cells).encode("utf-8", "replace")).digest(),
    )


def _printable(cell: str) -> str:
    """Return a cell without what no database keeps: a zero character, half a pair."""
    if cell.isascii() and "\x00" not in cell:
        return cell
    return cell.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def fingerprint(values: dict[str, Any]) -> bytes:
    """Return what two rows share that say the same of a site."""
    plain = {
        name: _plain(value) if name in WORDS else value
        for name, value in values.items()
    }
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).digest()


@lru_cache(maxsize=20_000)
def _plain(value: str) -> str:
    text = tidied(value)
    if is_damaged(text):
        text = mended(text) or text
    return folded(text) or text
