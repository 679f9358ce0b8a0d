"""A row on its way to becoming a site: its cells by field, values and notes so far."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from compliance.imports.fields import SCHEMES, Field
from compliance.imports.names import NOTHING, folded, tidied
from compliance.imports.notes import Code, Note
from compliance.imports.quantities import SQUARE_METRES, Length, unit_of_length
from compliance.imports.tables import Fact, Row
from compliance.registry.models import IdentifierScheme
from rules.vocabulary import Commodity, SiteKind

LONGEST_NOTHING = 24
# What needs no tidying, is never nothing, and is too seldom the same to be remembered.
_FIGURE = re.compile(r"-?[0-9][0-9.,]*\Z")


@dataclass(frozen=True)
class Defaults:
    """What holds for rows that do not say it themselves."""

    kind: SiteKind
    commodity: Commodity
    country: str | None


@dataclass(frozen=True)
class Layout:
    """How the rows of one list are to be understood."""

    headings: tuple[str, ...]
    places: Mapping[Field, int]
    defaults: Defaults
    groups: Mapping[str, str] = field(default_factory=dict)
    schemes: tuple[tuple[Field, IdentifierScheme], ...] = ()
    altitude_unit: Length | None = None
    area_unit: str | None = None


def layout_of(
    headings: tuple[str, ...],
    columns: Mapping[Field, str],
    defaults: Defaults,
    groups: Mapping[str, str],
) -> Layout:
    """Return the layout; a heading such as "Altitud (pies)" names the unit of its column.

    `groups` is folded name → public id of the producer groups that are known.
    """
    altitude, area = columns.get(Field.ALTITUDE), columns.get(Field.AREA)
    return Layout(
        headings=headings,
        places={name: headings.index(heading) for name, heading in columns.items()},
        defaults=defaults,
        groups=groups,
        schemes=tuple((name, SCHEMES[name]) for name in columns if name in SCHEMES),
        altitude_unit=None if altitude is None else unit_of_length(_apart(altitude)),
        area_unit=None if area is None else _area_unit(area),
    )


def _apart(heading: str) -> str:
    return " ".join(folded(heading).split())


def _area_unit(heading: str) -> str | None:
    words = folded(heading).split()
    return next((word for word in words if word in SQUARE_METRES), None)


@dataclass
class Draft:
    """What is known of a row so far; steps add to its values and notes."""

    layout: Layout
    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def raw(self, name: Field) -> str:
        """Return the cell of a field as it stands, "" where no column means it."""
        place = self.layout.places.get(name)
        return "" if place is None else self.row.cells[place]

    def given(self, name: Field) -> str:
        """Return the cell of a field, tidied; "" for what says only that nothing is known."""
        text = self.raw(name)
        return given_in(text) if text else ""

    def heading(self, name: Field) -> str | None:
        place = self.layout.places.get(name)
        return None if place is None else self.layout.headings[place]

    def note(self, code: Code, name: Field, **facts: Fact) -> None:
        """Note something about the cell of a field."""
        self.notes.append(Note(code, self.heading(name), self.raw(name), facts))


def given_in(text: str) -> str:
    """Return a cell, tidied; "" for what says only that nothing is known."""
    return text if _FIGURE.match(text) else _given_in(text)


@lru_cache(maxsize=20_000)
def _given_in(text: str) -> str:
    text = tidied(text)
    return "" if not text or is_nothing(text) else text


def is_nothing(text: str) -> bool:
    """Tell what stands in a cell only because something had to: NA, -, ?, unknown."""
    if len(text) > LONGEST_NOTHING:
        return False
    plain = folded(text)
    return not plain or plain in NOTHING
