"""What every format is read into: headings, numbered rows of text, and what was noticed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from compliance import limits
from compliance.problems import Kind, Problem
from compliance.texts import N_

Fact = str | int


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    GEOJSON = "geojson"


@dataclass(frozen=True)
class Told:
    """One thing that the reader of a report should know: a text and its {places}."""

    message: str
    facts: Mapping[str, Fact]


def told(message: str, **facts: Fact) -> Told:
    return Told(message, facts)


@dataclass(frozen=True)
class Row:
    """A row as the file has it; `number` is what a spreadsheet shows beside it.

    `geometry` is a GeoJSON geometry as text. `surplus` counts cells that stand beyond
    the last heading and `missing` those that the row ends without.
    """

    number: int
    cells: tuple[str, ...]
    geometry: str | None = None
    surplus: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Table:
    """A file that is open: `rows` is read once, and no row is kept.

    `size` is about how many rows there are, to tell progress by.
    """

    format: Format
    headings: tuple[str, ...]
    rows: Iterator[Row]
    size: int
    noticed: tuple[Told, ...]


@dataclass(frozen=True)
class Source:
    """A file to be read: where it lies, what it was called, what was said of it."""

    path: Path
    name: str
    encoding: str | None = None
    sheet: str | None = None


class ListUnreadable(Problem):
    kind = Kind.INVALID
    title = N_("The list cannot be read")
    detail = N_("{reason} {remedy}")


class ListTooLong(Problem):
    kind = Kind.TOO_LARGE
    title = N_("The list is too long")
    detail = N_(
        "At most {limit} rows are read at once, and there are more. Divide the list and "
        "import the parts one after the other; rows already imported are recognised."
    )


class ListTooWide(Problem):
    kind = Kind.TOO_LARGE
    title = N_("The list has too many columns")
    detail = N_(
        "It has {count} columns; at most {limit} are read. Remove empty columns and "
        "those that do not concern the sites."
    )


class ListEmpty(Problem):
    kind = Kind.INVALID
    title = N_("The list is empty")
    detail = N_(
        "No row with headings was found. The first row names the columns, such as "
        "name, country and municipality; each row below it is one site."
    )


def headings_of(cells: list[str]) -> tuple[str, ...]:
    """Return each heading once: empty ones get a number, repeated ones a suffix."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > limits.IMPORT_COLUMNS:
        raise ListTooWide(count=len(cells), limit=limits.IMPORT_COLUMNS)
    used: dict[str, int] = {}
    headings = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[: limits.IMPORT_HEADING_CHARACTERS] or f"#{place}"
        used[name] = used.get(name, 0) + 1
        headings.append(name if used[name] == 1 else f"{name} ({used[name]})")
    return tuple(headings)


def fitted(number: int, cells: list[str], width: int) -> Row:
    """Return a row as wide as the headings, saying what it had too many or too few."""
    if len(cells) == width:
        return Row(number, tuple(cells))
    surplus = sum(1 for cell in cells[width:] if cell.strip())
    missing = max(0, width - len(cells))
    return Row(
        number,
        tuple(cells[:width]) + ("",) * missing,
        surplus=surplus,
        missing=missing,
    )


def is_blank(cells: list[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in cells)


def counted(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the rows, and stop with ListTooLong at the first that is one too many."""
    for count, row in enumerate(rows, start=1):
        if count > limits.IMPORT_ROWS:
            raise ListTooLong(limit=limits.IMPORT_ROWS)
        yield row
