"""A file that somebody published → what each of its rows says, or why it cannot be read.

Nothing is guessed: a country that is not known, a day that could be two, a mark that is
neither yes nor no is refused with its row and what to write instead. An empty cell means
that nothing is listed there; it never means that something is free of it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from compliance import limits
from compliance.imports.countries import country_of
from compliance.imports.names import folded, tidied
from compliance.imports.reading import BEGINNING_BYTES, format_of, read_list
from compliance.imports.tables import (
    Format,
    ListTooLong,
    ListUnreadable,
    Row,
    Source,
    Told,
)
from compliance.public_lists.columns import NUMBERS, Field, columns_of
from compliance.public_lists.legal_forms import core, has_legal_form
from compliance.public_lists.models import Category
from compliance.public_lists.numbers import is_of_company, is_of_person, plain_number
from compliance.public_lists.schemes import NumberScheme
from compliance.public_lists.sheets import Sheet
from compliance.public_lists.xml_tables import read_xml
from compliance.texts import N_
from rules.vocabulary import Commodity

YES = frozenset({"1", "1 0", "yes", "y", "x", "true", "si", "s", "sim", "listed"})
NO = frozenset({"", "0", "0 0", "no", "n", "false", "nao", "not listed"})
PERSON = frozenset(
    {"person", "individual", "natural person", "persona natural", "persona fisica"}
    | {"pessoa fisica", "natural", "fisica"}
)
COMPANY = frozenset(
    {"company", "organisation", "organization", "entity", "legal entity", "business"}
    | {"persona juridica", "pessoa juridica", "juridica", "empresa", "vessel"}
)
COMMODITIES: Mapping[str, Commodity] = {
    "coffee": Commodity.COFFEE,
    "cafe": Commodity.COFFEE,
    "coffee beans": Commodity.COFFEE,
    "green coffee": Commodity.COFFEE,
    "oil palm": Commodity.PALM_OIL,
    "palm oil": Commodity.PALM_OIL,
    "palm fruit": Commodity.PALM_OIL,
    "oil palm fruit": Commodity.PALM_OIL,
    "palm kernel oil": Commodity.PALM_OIL,
    "crude palm oil": Commodity.PALM_OIL,
    "aceite de palma": Commodity.PALM_OIL,
    "palma de aceite": Commodity.PALM_OIL,
    "oleo de palma": Commodity.PALM_OIL,
    "dende": Commodity.PALM_OIL,
}
# Goods as lists turn them round, "Oil (Palm)", are turned back before they are looked up.
_TURNED = re.compile(r"\s*(.+?)\s*\((.+?)\)\s*\Z")
_COMMA = re.compile(r"\s*([^,]+?)\s*,\s*(.+?)\s*\Z")
OFFICIAL_NAMES = {"kyrgyz republic": "KG", "congo": "CG", "republic of congo": "CG"}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?\Z", re.ASCII)
_PARTED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})\Z", re.ASCII)
NAME_CHARACTERS, TEXT_CHARACTERS, NUMBER_CHARACTERS = 300, 200, 100

COUNTRY_UNKNOWN = N_("{given} is no country that is known.")
COUNTRY_REMEDY = N_("Write its name, or its two letters of ISO 3166-1.")
COUNTRY_MISSING = N_("The row names no country.")
COUNTRY_MISSING_REMEDY = N_("Write it, or say which country such rows are of.")
MARK_UNKNOWN = N_("{given} is neither yes nor no.")
MARK_REMEDY = N_("Write yes where it is listed, and leave the cell empty where not.")
DAY_UNKNOWN = N_("{given} is no day, or could be two.")
DAY_REMEDY = N_("Write YYYY-MM-DD, or say in which order days are written.")
DAYS_TURNED = N_("It would hold until {until}, before it begins on {since}.")
DAYS_REMEDY = N_("Correct one of the two days.")
ENTITY_UNKNOWN = N_("{given} says neither person nor company.")
ENTITY_REMEDY = N_("Write person or company, or leave the cell empty.")
LABOUR_UNKNOWN = N_("{given} names no kind of labour.")
LABOUR_REMEDY = N_("Write child labour, forced labour or forced child labour.")
NAME_MISSING = N_("The row names nobody and has no number.")
NAME_REMEDY = N_("Write the name, or a number; or delete the row.")
GOOD_MISSING = N_("The row names no good.")
GOOD_REMEDY = N_("Write the good, or delete the row.")
TOO_LONG = N_("The text has {count} characters; at most {limit} are kept.")
TOO_LONG_REMEDY = N_("Shorten it.")
NOT_LISTED = N_("The row lists no kind of labour, so it says nothing.")
PERSON_UNMATCHED = N_("A person without a number: nothing of the row is kept.")
PERSON_KEPT = N_("A person: the name is not kept, of the number a keyed digest only.")
TWICE = N_("The row says what row {row} says.")
NO_COUNTRY = N_("Without a country it is matched by numbers only, never by its name.")


class DayOrder(StrEnum):
    """How a list writes days that are not YYYY-MM-DD."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Names(StrEnum):
    """Whom the rows of a list name, as its importer says."""

    MIXED = "mixed"  # companies where a row shows it, and people otherwise
    COMPANIES = "companies"


class RowOutcome(StrEnum):
    """What becomes of a row."""

    ENTRY = "entry"
    PERSON = "person"
    LEFT_OUT = "left_out"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reading:
    """How a list is to be read: what it is, and what only its importer can know."""

    category: Category
    columns: tuple[str, ...] = ()
    country: str | None = None
    names: Names = Names.MIXED
    days: DayOrder | None = None


@dataclass(frozen=True)
class RowNote:
    """What is to be looked at in a row: which column, what is wrong, what would do."""

    column: Field | None
    message: str
    remedy: str | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class RowReport:
    row: int
    outcome: RowOutcome
    notes: tuple[RowNote, ...] = ()


@dataclass(frozen=True)
class Listed:
    """What one row says; `numbers` are plain, and nobody keeps those of a person."""

    row: int
    is_person: bool
    name: str | None
    country: str | None
    region: str | None
    good: str | None
    commodity: Commodity | None
    child_labour: bool
    forced_labour: bool
    forced_child_labour: bool
    from_on: date | None
    until_on: date | None
    numbers: tuple[tuple[NumberScheme, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ReadList:
    """A file that was read: what it says, and a report of every row."""

    listed: tuple[Listed, ...]
    report: tuple[RowReport, ...]
    noticed: tuple[Told, ...]

    @property
    def refused(self) -> int:
        return sum(one.outcome is RowOutcome.REFUSED for one in self.report)

    @property
    def has_people(self) -> bool:
        """Tell whether the file holds anything about people, kept or not."""
        return any(
            one.outcome is RowOutcome.PERSON
            or any(note.message == PERSON_UNMATCHED for note in one.notes)
            for one in self.report
        )


class _Wrong(Exception):
    """A cell cannot be used; the argument is the note that says so."""

    def __init__(self, note: RowNote) -> None:
        super().__init__(note.message)
        self.note = note


def read_public_list(path: Path, name: str, reading: Reading) -> ReadList:
    """Return what a file says, as CSV, a workbook or XML; or raise a Problem.

    A row that cannot be used is in the report with its remedy, and stops nothing else.
    """
    sheet = _sheet(path, name)
    places = columns_of(
        sheet.headings, reading.category, reading.columns, sheet.heading_row
    )
    listed: list[Listed] = []
    report: list[RowReport] = []
    for row in sheet.rows:
        found, told_of_row = _row(row, places, reading)
        report.append(told_of_row)
        if found is not None:
            listed.append(found)
    return ReadList(tuple(listed), tuple(report), sheet.noticed)


def _sheet(path: Path, name: str) -> Sheet:
    with path.open("rb") as file:
        beginning = file.read(BEGINNING_BYTES)
    if beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml"):
        return read_xml(path)
    if format_of(path) is Format.GEOJSON:
        raise ListUnreadable(
            reason=N_("The file is JSON, which public lists are not read from."),
            remedy=N_("Save the list as CSV, .xlsx or XML."),
        )
    table = read_list(Source(path, name))
    rows: list[Row] = []
    for row in table.rows:
        if len(rows) >= limits.PUBLIC_LIST_ROWS:
            raise ListTooLong(limit=limits.PUBLIC_LIST_ROWS)
        rows.append(row)
    return Sheet(table.headings, 1, rows, table.noticed)


@dataclass(frozen=True)
class _Cells:
    """The cells of a row by what they are."""

    row: Row
    places: Mapping[Field, int]

    def text(self, wanted: Field) -> str:
        place = self.places.get(wanted)
        return "" if place is None else tidied(self.row.cells[place])


def _row(
    row: Row, places: Mapping[Field, int], reading: Reading
) -> tuple[Listed | None, RowReport]:
    cells = _Cells(row, places)
    try:
        if reading.category is Category.GOODS:
            return _of_good(cells, reading)
        return _of_company(cells, reading)
    except _Wrong as wrong:
        return None, RowReport(row.number, RowOutcome.REFUSED, (wrong.note,))


def _of_good(cells: _Cells, reading: Reading) -> tuple[Listed | None, RowReport]:
    number = cells.row.number
    child, forced, both = _kinds_of_labour(cells)
    if not (child or forced or both):
        note = RowNote(None, NOT_LISTED)
        return None, RowReport(number, RowOutcome.LEFT_OUT, (note,))
    country = _country(cells, reading)
    if country is None:
        raise _Wrong(RowNote(Field.COUNTRY, COUNTRY_MISSING, COUNTRY_MISSING_REMEDY))
    good = _text(cells, Field.GOOD, TEXT_CHARACTERS)
    if good is None:
        raise _Wrong(RowNote(Field.GOOD, GOOD_MISSING, GOOD_REMEDY))
    since, until = _days(cells, reading)
    listed = Listed(
        row=number,
        is_person=False,
        name=None,
        country=country,
        region=_text(cells, Field.REGION, TEXT_CHARACTERS),
        good=good,
        commodity=commodity_of(good),
        child_labour=child,
        forced_labour=forced,
        forced_child_labour=both,
        from_on=since,
        until_on=until,
    )
    return listed, RowReport(number, RowOutcome.ENTRY)


def _of_company(cells: _Cells, reading: Reading) -> tuple[Listed | None, RowReport]:
    number = cells.row.number
    country = _country(cells, reading)
    name = _text(cells, Field.NAME, NAME_CHARACTERS)
    numbers = _numbers(cells, country)
    if not numbers and (name is None or not core(name)):
        raise _Wrong(RowNote(Field.NAME, NAME_MISSING, NAME_REMEDY))
    is_person = _is_person(cells, name, dict(numbers), country, reading.names)
    if is_person and not numbers:
        note = RowNote(None, PERSON_UNMATCHED)
        return None, RowReport(number, RowOutcome.LEFT_OUT, (note,))
    child, forced, both = _kinds_of_labour(cells)
    good = _text(cells, Field.GOOD, TEXT_CHARACTERS)
    since, until = _days(cells, reading)
    listed = Listed(
        row=number,
        is_person=is_person,
        name=None if is_person else name,
        country=country,
        region=_text(cells, Field.REGION, TEXT_CHARACTERS),
        good=good,
        commodity=None if good is None else commodity_of(good),
        child_labour=child,
        forced_labour=forced,
        forced_child_labour=both,
        from_on=since,
        until_on=until,
        numbers=numbers,
    )
    if is_person:
        note = RowNote(None, PERSON_KEPT)
        return listed, RowReport(number, RowOutcome.PERSON, (note,))
    notes = (RowNote(Field.COUNTRY, NO_COUNTRY),) if country is None else ()
    return listed, RowReport(number, RowOutcome.ENTRY, notes)


def country_named(text: str) -> str | None:
    """Return the ISO 3166-1 code of a country as lists name it, None if it is unknown.

    "Congo, Democratic Republic of the" is turned round; a group of countries is none.
    """
    found = country_of(text) or OFFICIAL_NAMES.get(folded(text))
    turned = _COMMA.match(text)
    if found is None and turned is not None:
        found = country_of(f"{turned[2]} {turned[1]}")
    return found


def commodity_of(good: str) -> Commodity | None:
    """Return which of the product's commodities a good is, None for any other."""
    turned = _TURNED.match(good)
    names = (good,) if turned is None else (f"{turned[2]} {turned[1]}", turned[1])
    found = (COMMODITIES.get(folded(name)) for name in names)
    return next((one for one in found if one is not None), None)


def _country(cells: _Cells, reading: Reading) -> str | None:
    """Return the country by its name; by a code only where no name stands."""
    given = cells.text(Field.COUNTRY) or cells.text(Field.COUNTRY_CODE)
    if not given:
        return reading.country
    found = country_named(given)
    if found is None:
        raise _Wrong(
            RowNote(Field.COUNTRY, COUNTRY_UNKNOWN, COUNTRY_REMEDY, {"given": given})
        )
    return found


def _text(cells: _Cells, wanted: Field, limit: int) -> str | None:
    given = cells.text(wanted).replace("\x00", "\ufffd")
    if len(given) > limit:
        facts = {"count": len(given), "limit": limit}
        raise _Wrong(RowNote(wanted, TOO_LONG, TOO_LONG_REMEDY, facts))
    return given or None


def _numbers(
    cells: _Cells, country: str | None
) -> tuple[tuple[NumberScheme, str], ...]:
    found = []
    for one in NUMBERS:
        given = _text(cells, one, NUMBER_CHARACTERS)
        scheme = NumberScheme(one.value)
        plain = "" if given is None else plain_number(scheme, given, country)
        if plain.strip("0"):
            found.append((scheme, plain))
    return tuple(found)


def _is_person(
    cells: _Cells,
    name: str | None,
    numbers: Mapping[NumberScheme, str],
    country: str | None,
    names: Names,
) -> bool:
    """Tell whether a row names a natural person, or might.

    A number that only people have settles it, whatever else is said; then what the list
    says, a number that only companies have, a legal form in the name, and its importer.
    """
    tax = numbers.get(NumberScheme.TAX_NUMBER, "")
    if is_of_person(tax, country):
        return True
    entity = folded(cells.text(Field.ENTITY))
    if entity in PERSON:
        return True
    if entity and entity not in COMPANY:
        given = {"given": cells.text(Field.ENTITY)}
        raise _Wrong(RowNote(Field.ENTITY, ENTITY_UNKNOWN, ENTITY_REMEDY, given))
    shows_company = (
        bool(entity)
        or names is Names.COMPANIES
        or is_of_company(tax, country)
        or any(scheme is not NumberScheme.TAX_NUMBER for scheme in numbers)
        or (name is not None and has_legal_form(name))
    )
    return not shows_company


def _kinds_of_labour(cells: _Cells) -> tuple[bool, bool, bool]:
    child = _mark(cells, Field.CHILD_LABOUR)
    forced = _mark(cells, Field.FORCED_LABOUR)
    both = _mark(cells, Field.FORCED_CHILD_LABOUR)
    given = cells.text(Field.LABOUR)
    words = set(folded(given).split())
    if given:
        says_child = bool(words & {"child", "infantil"})
        says_forced = bool(words & {"forced", "forzoso", "forzado", "forcado"})
        if not (says_child or says_forced):
            facts = {"given": given}
            raise _Wrong(RowNote(Field.LABOUR, LABOUR_UNKNOWN, LABOUR_REMEDY, facts))
        is_both = says_child and says_forced and not words & {"and", "y", "e"}
        child = child or (says_child and not is_both)
        forced = forced or (says_forced and not is_both)
        both = both or is_both
    return child, forced, both


def _mark(cells: _Cells, wanted: Field) -> bool:
    given = cells.text(wanted)
    word = folded(given)
    if word in YES:
        return True
    if word in NO:
        return False
    raise _Wrong(RowNote(wanted, MARK_UNKNOWN, MARK_REMEDY, {"given": given}))


def _days(cells: _Cells, reading: Reading) -> tuple[date | None, date | None]:
    since = _day(cells, Field.FROM_ON, reading.days)
    until = _day(cells, Field.UNTIL_ON, reading.days)
    if since is not None and until is not None and until < since:
        facts = {"since": since.isoformat(), "until": until.isoformat()}
        raise _Wrong(RowNote(Field.UNTIL_ON, DAYS_TURNED, DAYS_REMEDY, facts))
    return since, until


def _day(cells: _Cells, wanted: Field, order: DayOrder | None) -> date | None:
    given = cells.text(wanted)
    if not given:
        return None
    for year, month, day in _days_meant(given, order):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise _Wrong(RowNote(wanted, DAY_UNKNOWN, DAY_REMEDY, {"given": given}))


def _days_meant(given: str, order: DayOrder | None) -> Iterable[tuple[int, int, int]]:
    """Return what a text can mean as year, month and day: nothing where that is two."""
    iso = _ISO.match(given)
    if iso is not None:
        return ((int(iso[1]), int(iso[2]), int(iso[3])),)
    parted = _PARTED.match(given)
    if parted is None:
        return ()
    first, second, year = int(parted[1]), int(parted[2]), int(parted[3])
    day_first, month_first = (year, second, first), (year, first, second)
    if order is not None:
        return (day_first if order is DayOrder.DAY_FIRST else month_first,)
    if first > 12:
        return (day_first,)
    return (month_first,) if second > 12 or first == second else ()
