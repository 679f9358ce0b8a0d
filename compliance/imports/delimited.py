"""Lists as delimited text: which separator, where the headings stand, and the rows."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from compliance.imports.encodings import Encoding, encoding_of
from compliance.imports.tables import (
    Format,
    ListEmpty,
    ListUnreadable,
    Row,
    Source,
    Table,
    Told,
    counted,
    fitted,
    headings_of,
    is_blank,
    told,
)
from compliance.problems import Kind, Problem
from compliance.texts import N_

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {
    ";": N_("semicolons"),
    "\t": N_("tabs"),
    "|": N_("vertical bars"),
}
SAMPLE_CHARACTERS = 64 * 1024
SAMPLE_ROWS = 50
# Rows of titles and remarks that may stand above the headings.
PREAMBLE_ROWS = 20


class QuoteLeftOpen(Problem):
    kind = Kind.INVALID
    title = N_("The list cannot be divided into cells")
    detail = N_(
        "Row {row} has no end that can be found ({error}). A quotation mark was "
        "probably opened there and never closed: look at it, or save the list anew as "
        "CSV."
    )


def read_delimited(source: Source) -> Table:
    """Return a text file as a table; its rows are read as they are asked for."""
    encoding = encoding_of(source.path, source.encoding)
    try:
        return _read(source.path, encoding)
    except UnicodeError as error:
        raise _undecodable(encoding) from error


def _read(path: Path, encoding: Encoding) -> Table:
    file = path.open(encoding=encoding.codec, errors=encoding.errors, newline="")
    with file:
        sample = file.read(SAMPLE_CHARACTERS)
    separator, announced = _separator(sample)
    rows = _records(path, encoding, separator, skip=announced)
    number, headings = heading_row(rows)
    noticed = [*encoding.noticed]
    if separator in SEPARATOR_NAMES:
        noticed.append(
            told(
                N_("Columns are separated by {separator}."),
                separator=SEPARATOR_NAMES[separator],
            )
        )
    if number > 1 + announced:
        noticed.append(headings_stand_in(number))
    return Table(
        format=Format.CSV,
        headings=headings,
        rows=counted(_rows(rows, len(headings))),
        size=max(0, encoding.lines - number + 1),
        noticed=tuple(noticed),
    )


def headings_stand_in(number: int) -> Told:
    return told(N_("The headings were taken from row {row}."), row=number)


def heading_row(rows: Iterator[tuple[int, list[str]]]) -> tuple[int, tuple[str, ...]]:
    """Return the number and cells of the row with the headings, taken off `rows`.

    It is the first with more than one cell filled; a list of one column begins at once.
    """
    first: tuple[int, list[str]] | None = None
    for number, cells in islice(rows, PREAMBLE_ROWS):
        filled = sum(1 for cell in cells if cell.strip())
        if filled > 1:
            return number, headings_of(cells)
        if filled and first is None:
            first = (number, cells)
            if len(cells) == 1:
                break
    if first is None:
        raise ListEmpty
    return first[0], headings_of(first[1])


def _separator(sample: str) -> tuple[str, int]:
    """Return the separator, and 1 where a first line `sep=;` announces it."""
    first = sample.lstrip("\ufeff").split("\n", 1)[0].strip()
    if first.lower().startswith("sep=") and first[4:5] in SEPARATORS:
        return first[4:5], 1
    return max(SEPARATORS, key=lambda one: _regularity(sample, one)), 0


def _regularity(sample: str, separator: str) -> tuple[float, int]:
    """Tell how well a separator divides the sample: alike rows, then many columns."""
    lines = sample.splitlines(keepends=True)
    if len(sample) == SAMPLE_CHARACTERS and len(lines) > 1:
        lines = lines[:-1]
    reader = csv.reader(lines, delimiter=separator)
    widths: Counter[int] = Counter()
    try:
        widths.update(len(cells) for cells in islice(reader, SAMPLE_ROWS) if cells)
    except csv.Error:
        return 0.0, 0
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, 0
    width = max(several, key=lambda one: (several[one], one))
    return several[width] / widths.total(), width


def _records(
    path: Path, encoding: Encoding, separator: str, *, skip: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with its number; blank ones are counted, as a sheet does."""
    with path.open(encoding=encoding.codec, errors=encoding.errors, newline="") as file:
        if file.read(1) != "\ufeff":
            file.seek(0)
        yield from islice(_parsed(file, encoding, separator), skip, None)


def _parsed(
    file: TextIO, encoding: Encoding, separator: str
) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, cells in enumerate(csv.reader(file, delimiter=separator), start=1):
            yield number, cells
    except csv.Error as error:
        raise QuoteLeftOpen(row=number + 1, error=str(error)) from error
    except UnicodeError as error:
        raise _undecodable(encoding) from error


def _rows(records: Iterator[tuple[int, list[str]]], width: int) -> Iterator[Row]:
    for number, cells in records:
        if not is_blank(cells):
            yield fitted(number, cells, width)


def _undecodable(encoding: Encoding) -> ListUnreadable:
    return ListUnreadable(
        reason=N_("The text is not in the encoding that was named."),
        remedy=N_("Leave 'encoding' out, or save the list as CSV (UTF-8)."),
        encoding=encoding.codec,
    )
