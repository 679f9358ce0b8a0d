"""What is noted about a row: why it is refused, or what somebody should look at.

A note is kept as a code with its column, value and facts, so that every reader has it in
their own language. Each says what was found and what would be right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from babel import Locale

from compliance.imports.tables import Fact
from compliance.texts import N_, translate

VALUE_CHARACTERS = 120


class Weight(StrEnum):
    REFUSED = "refused"
    WARNED = "warned"


class Code(StrEnum):
    NAME_MISSING = "name_missing"
    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    HOLDS_CONTACT = "holds_contact"
    COUNTRY_MISSING = "country_missing"
    COUNTRY_UNKNOWN = "country_unknown"
    COUNTRY_MEANT = "country_meant"
    COMMODITY_UNKNOWN = "commodity_unknown"
    KIND_UNKNOWN = "kind_unknown"
    CELLS_SHIFTED = "cells_shifted"
    CELL_TOO_LONG = "cell_too_long"
    CELLS_MISSING = "cells_missing"
    QUOTE_LEFT_OPEN = "quote_left_open"
    NUMBER_MALFORMED = "number_malformed"
    NUMBER_ODD = "number_odd"
    NAME_DIFFERS = "name_differs"
    TWO_SITES = "two_sites"
    ENCODING_DAMAGED = "encoding_damaged"
    ENCODING_MENDED = "encoding_mended"
    FORMULA = "formula"
    TEXT_TOO_LONG = "text_too_long"
    ALTITUDE_NONE = "altitude_none"
    ALTITUDE_UNCLEAR = "altitude_unclear"
    ALTITUDE_IMPOSSIBLE = "altitude_impossible"
    ALTITUDE_UNUSUAL = "altitude_unusual"
    UNITS_CONTRADICT = "units_contradict"
    AREA_UNREADABLE = "area_unreadable"
    AREA_UNIT = "area_unit"
    WEIGHT_UNREADABLE = "weight_unreadable"
    WEIGHT_UNIT_ASSUMED = "weight_unit_assumed"
    BAGS_UNREADABLE = "bags_unreadable"
    HARVEST_UNREADABLE = "harvest_unreadable"
    DAY_UNREADABLE = "day_unreadable"
    POINT_HALF = "point_half"
    POINT_UNREADABLE = "point_unreadable"
    POINT_ZERO = "point_zero"
    POINT_IMPOSSIBLE = "point_impossible"
    POINT_SWAPPED = "point_swapped"
    POINT_ROUNDED = "point_rounded"
    POINT_ELSEWHERE = "point_elsewhere"
    POINT_SHARED = "point_shared"
    GEOMETRY_REFUSED = "geometry_refused"
    GEOMETRY_KIND = "geometry_kind"
    GROUP_UNKNOWN = "group_unknown"


@dataclass(frozen=True)
class Wording:
    weight: Weight
    what: str
    remedy: str


def _refused(what: str, remedy: str) -> Wording:
    return Wording(Weight.REFUSED, what, remedy)


def _warned(what: str, remedy: str) -> Wording:
    return Wording(Weight.WARNED, what, remedy)


NOT_TAKEN = N_("It is kept with the row and was not taken over.")
WORDINGS: Mapping[Code, Wording] = {
    Code.NAME_MISSING: _refused(
        N_("The site has no name."),
        N_("Write the name the place is known by."),
    ),
    Code.NO_NAME: _refused(
        N_("This names no single place."),
        N_("Write the name the place is known by, one row for each place."),
    ),
    Code.NAME_TOO_LONG: _refused(
        N_("The name has {count} characters; at most {limit} are kept."),
        N_("Shorten it, and put an address into a column of its own."),
    ),
    Code.HOLDS_CONTACT: _refused(
        N_("The name holds an address to reach a person by."),
        N_("Write the name of the place only; the register keeps no contacts."),
    ),
    Code.COUNTRY_MISSING: _refused(
        N_("No country is given."),
        N_("Fill it in, or choose one country for the whole list."),
    ),
    Code.COUNTRY_UNKNOWN: _refused(
        N_("This is no country we know."),
        N_("Write its name in English, Spanish or Portuguese, or its ISO code."),
    ),
    Code.COUNTRY_MEANT: _refused(
        N_("This is no country we know; {meant} is near it."),
        N_("If that is meant, correct the spelling."),
    ),
    Code.COMMODITY_UNKNOWN: _refused(
        N_("This is no commodity we know."),
        N_("Write coffee or palm oil, or choose one for the whole list."),
    ),
    Code.KIND_UNKNOWN: _refused(
        N_("This is no kind of site we know."),
        N_("Write producer or mill, or choose one for the whole list."),
    ),
    Code.CELLS_SHIFTED: _refused(
        N_("The row has {count} cells more than there are headings."),
        N_("Put quotation marks around cells that hold a separator."),
    ),
    Code.CELL_TOO_LONG: _refused(
        N_("A cell has {count} characters; at most {limit} are read."),
        N_("Shorten it; a quotation mark above it may never have been closed."),
    ),
    Code.CELLS_MISSING: _warned(
        N_("The row ends {count} cells early."),
        N_("Look whether its values stand below the right headings."),
    ),
    Code.QUOTE_LEFT_OPEN: _warned(
        N_("A cell holds {count} line breaks."),
        N_("Look whether a quotation mark was opened there and never closed."),
    ),
    Code.NUMBER_MALFORMED: _refused(
        N_("This is no valid number of its register: {reason}"),
        N_("Correct it, or leave the cell empty."),
    ),
    Code.NUMBER_ODD: _warned(
        N_("This number looks odd: {reason}"),
        N_("Compare it with the document it comes from."),
    ),
    Code.NAME_DIFFERS: _warned(
        N_("The number is that of {other}, whose name is quite different."),
        N_("Look whether the number stands in the right row."),
    ),
    Code.TWO_SITES: _refused(
        N_("Its numbers belong to different sites of the register."),
        N_("Correct the numbers, or merge the two sites first."),
    ),
    Code.ENCODING_DAMAGED: _warned(
        N_("Letters were lost on the way to this file."),
        N_("Correct the cell in the source of the list."),
    ),
    Code.ENCODING_MENDED: _warned(
        N_("This was read in a wrong encoding once; probably it should be: {proposal}"),
        N_("Correct the cell if that is right. Nothing was changed."),
    ),
    Code.FORMULA: _warned(
        N_("This begins as a formula does."),
        N_("It was taken as plain text. Look whether that is what was meant."),
    ),
    Code.TEXT_TOO_LONG: _warned(
        N_("The text has {count} characters; the register keeps {limit}."),
        NOT_TAKEN,
    ),
    Code.ALTITUDE_NONE: _warned(
        N_("This holds no altitude."),
        N_("Write metres above sea level, such as 1650."),
    ),
    Code.ALTITUDE_UNCLEAR: _warned(
        N_("It cannot be told which altitude this means."),
        N_("Write metres above sea level without a separator, such as 1650."),
    ),
    Code.ALTITUDE_IMPOSSIBLE: _warned(
        N_("No farm stands at {metres} m."),
        N_("It was not taken over. Look at the figure and its unit."),
    ),
    Code.ALTITUDE_UNUSUAL: _warned(
        N_("{metres} m is unusual for this commodity ({lowest} to {highest} m)."),
        N_("Look at the figure and its unit."),
    ),
    Code.UNITS_CONTRADICT: _warned(
        N_("The cell and the column of units do not name the same unit."),
        N_("The unit in the cell was taken. Look which is right."),
    ),
    Code.AREA_UNREADABLE: _warned(
        N_("This is no area that can be read."),
        N_("Write hectares, such as 2.5. It was not taken over."),
    ),
    Code.AREA_UNIT: _warned(
        N_("The unit of this area is not known."),
        N_("Write hectares, such as 2.5. It was not taken over."),
    ),
    Code.WEIGHT_UNREADABLE: _warned(
        N_("This is no weight that can be read."),
        N_("Write kilograms, such as 60 kg."),
    ),
    Code.WEIGHT_UNIT_ASSUMED: _warned(
        N_("The weight has no unit; kilograms were assumed."),
        N_("Write the unit, such as 60 kg."),
    ),
    Code.BAGS_UNREADABLE: _warned(
        N_("This is no number of bags."),
        N_("Write a whole number."),
    ),
    Code.HARVEST_UNREADABLE: _warned(
        N_("This names no harvest year."),
        N_("Write the year the harvest ended, such as 2026, or 2025/2026."),
    ),
    Code.DAY_UNREADABLE: _warned(
        N_("This names no day, or could be one of two."),
        N_("Write it as YYYY-MM-DD."),
    ),
    Code.POINT_HALF: _warned(
        N_("Only one of latitude and longitude is given."),
        N_("Give both, or neither. The site has no point for now."),
    ),
    Code.POINT_UNREADABLE: _warned(
        N_("This is no latitude or longitude that can be read."),
        N_("Write decimal degrees, such as 3.19698 and -75.64506."),
    ),
    Code.POINT_ZERO: _warned(
        N_("The point 0, 0 lies in the Atlantic; it stands for 'not known'."),
        N_("Leave both cells empty. The site has no point for now."),
    ),
    Code.POINT_IMPOSSIBLE: _warned(
        N_("There is no such place on earth."),
        N_("Write decimal degrees; a decimal point may be missing."),
    ),
    Code.POINT_SWAPPED: _warned(
        N_("Latitude and longitude are probably swapped: swapped, it is in {country}."),
        N_("Correct it, or map the two columns the other way round."),
    ),
    Code.POINT_ROUNDED: _warned(
        N_("The point has {decimals} decimals and may be {kilometres} km off."),
        N_("Give at least four decimals, as every telephone does."),
    ),
    Code.POINT_ELSEWHERE: _warned(
        N_("The point lies {kilometres} km outside of {country}."),
        N_("Look at the signs and the digits. Rough outlines were used."),
    ),
    Code.POINT_SHARED: _warned(
        N_("{count} rows of this list stand on this very point."),
        N_("It may be the office that wrote the list, not the sites."),
    ),
    Code.GEOMETRY_REFUSED: _warned(
        N_("The outline cannot be used: {reason}"),
        N_("Draw it anew. The site is taken over without its outline."),
    ),
    Code.GEOMETRY_KIND: _warned(
        N_("A {kind} is neither a point nor an outline."),
        N_("Give a point or a polygon. The site has none for now."),
    ),
    Code.GROUP_UNKNOWN: _warned(
        N_("No producer group of your register has this name."),
        N_("Register the group first, or leave the cell empty."),
    ),
}


@dataclass(frozen=True)
class Note:
    """One thing about a row: in which column, what stood there, and the facts."""

    code: Code
    column: str | None = None
    value: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        return WORDINGS[self.code].weight

    def what(self, language: str) -> str:
        return _told(WORDINGS[self.code].what, language, self.facts)

    def remedy(self, language: str) -> str:
        return _told(WORDINGS[self.code].remedy, language, self.facts)


def _told(message: str, language: str, facts: Mapping[str, Fact]) -> str:
    known = {name: _fact(name, facts, language) for name in facts}
    return translate(message, language, **known)


def _fact(name: str, facts: Mapping[str, Fact], language: str) -> Fact:
    fact = facts[name]
    if not isinstance(fact, str):
        return fact
    if name == "country":
        return str(Locale(language).territories.get(fact, fact))
    if name == "reason":  # a text of another part, with places for the other facts
        others = {key: value for key, value in facts.items() if key != name}
        return translate(fact, language, **others)
    return translate(fact, language)


def packed(notes: Sequence[Note]) -> list[list[Any]]:
    """Return notes as they are kept."""
    return [
        [note.code, note.column, _shortened(note.value), dict(note.facts)]
        for note in notes
    ]


def unpacked(kept: Sequence[Sequence[Any]]) -> tuple[Note, ...]:
    """Return notes as they were packed."""
    return tuple(
        Note(Code(code), column, value, facts) for code, column, value, facts in kept
    )


def _shortened(value: str | None) -> str | None:
    if value is None or len(value) <= VALUE_CHARACTERS:
        return value
    return value[:VALUE_CHARACTERS] + "…"
