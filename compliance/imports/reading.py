"""One door for every list: what a file is, whatever it is called, and how to read it."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from compliance import limits
from compliance.imports.delimited import read_delimited
from compliance.imports.geojson import read_geojson
from compliance.imports.tables import (
    Format,
    ListEmpty,
    ListUnreadable,
    Source,
    Table,
    Told,
    told,
)
from compliance.imports.workbooks import read_workbook
from compliance.problems import Kind, Problem
from compliance.texts import N_

BEGINNING_BYTES = 2_048
ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
OTHER_KINDS = {
    b"%PDF": N_("a PDF"),
    b"\x89PNG": N_("a picture"),
    b"\xff\xd8\xff": N_("a picture"),
    b"GIF8": N_("a picture"),
    b"Rar!": N_("an archive"),
    b"7z\xbc\xaf": N_("an archive"),
    b"\x1f\x8b": N_("an archive"),
    b"{\\rtf": N_("a text document"),
    b"SQLite format 3": N_("a database"),
}
ENDINGS = {
    ".csv": Format.CSV,
    ".txt": Format.CSV,
    ".tsv": Format.CSV,
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".xls": Format.XLS,
    ".json": Format.GEOJSON,
    ".geojson": Format.GEOJSON,
}
FORMAT_NAMES = {
    Format.CSV: N_("delimited text (CSV)"),
    Format.XLSX: N_("a workbook of the newer kind (.xlsx)"),
    Format.XLS: N_("a workbook of the old kind (.xls)"),
    Format.GEOJSON: "GeoJSON",
}


class FileTooLarge(Problem):
    kind = Kind.TOO_LARGE
    title = N_("The file is too large")
    detail = N_(
        "It has {size} bytes; at most {limit} are read. Remove pictures and unused "
        "sheets, or divide the list."
    )


class NotAList(Problem):
    kind = Kind.WRONG_TYPE
    title = N_("The file is no list")
    detail = N_(
        "By its first bytes it is {found}. Upload a list as CSV, .xlsx, .xls or GeoJSON."
    )


_READERS: Mapping[Format, Callable[[Source], Table]] = {
    Format.CSV: read_delimited,
    Format.GEOJSON: read_geojson,
    Format.XLSX: partial(read_workbook, kind=Format.XLSX),
    Format.XLS: partial(read_workbook, kind=Format.XLS),
}


def read_list(source: Source) -> Table:
    """Return the list in a file as a table, or raise a Problem that says what would do."""
    kind = format_of(source.path)
    table = _READERS[kind](source)
    noticed = (*_mislabelled(source.name, kind), *table.noticed)
    return Table(table.format, table.headings, table.rows, table.size, noticed)


def format_of(path: Path) -> Format:
    """Tell what a file is by its first bytes; its name may say anything."""
    size = path.stat().st_size
    if size > limits.IMPORT_BYTES:
        raise FileTooLarge(size=size, limit=limits.IMPORT_BYTES)
    with path.open("rb") as file:
        beginning = file.read(BEGINNING_BYTES)
    if not beginning.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ListEmpty
    for magic, found in OTHER_KINDS.items():
        if beginning.startswith(magic):
            raise NotAList(found=found)
    if beginning.startswith(ZIP_MAGIC):
        return Format.XLSX
    if beginning.startswith(OLD_EXCEL_MAGIC):
        return Format.XLS
    return _text_format(beginning.removeprefix(b"\xef\xbb\xbf").lstrip())


def _text_format(beginning: bytes) -> Format:
    lowered = beginning[:512].lower()
    if lowered.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise ListUnreadable(
            reason=N_("The file is a web page or XML that only calls itself a list."),
            remedy=N_("Open it in a spreadsheet program and save it as .xlsx."),
        )
    return Format.GEOJSON if beginning.startswith(b"{") else Format.CSV


def _mislabelled(name: str, kind: Format) -> tuple[Told, ...]:
    ending = Path(name).suffix.lower()
    if ENDINGS.get(ending, kind) is kind:
        return ()
    return (
        told(
            N_("The file is called {name}, but it is {found}, and was read as such."),
            name=name,
            found=FORMAT_NAMES[kind],
        ),
    )
