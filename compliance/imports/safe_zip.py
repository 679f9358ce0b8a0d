"""Whether an .xlsx file may be opened: its sizes, its document types, and its extent.

A workbook is a zip of XML that anybody can have made. One cell in the last corner of a
sheet is enough to make a reader ask for all the cells before it, so where the cells
stand is looked at, as a stream, before any reader that keeps a grid may see the file.
"""

import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from xml.parsers import expat

from compliance import limits
from compliance.imports.tables import ListTooLong, ListTooWide, ListUnreadable
from compliance.problems import Kind, Problem
from compliance.texts import N_

PARTS = 2_000
PIECE = 1 << 18
UNREADABLE_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # a part with a password
    EOFError,
    OSError,  # seeking where the directory points to nothing
    ValueError,
)
SAVE_AGAIN = N_("Open it in a spreadsheet program and save it again as .xlsx.")
_LOOKS_LIKE_XML = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")


class WorkbookTooLarge(Problem):
    kind = Kind.TOO_LARGE
    title = N_("The workbook is too large once unpacked")
    detail = N_(
        "Unpacked, it would have {size} bytes in {parts} parts; at most {limit} bytes, "
        "{ratio} times its own size, are unpacked. Remove pictures and unused sheets, "
        "or save the list as CSV."
    )


class WorkbookTooSparse(Problem):
    kind = Kind.TOO_LARGE
    title = N_("A sheet of the workbook reaches too far")
    detail = N_(
        "Its cells reach to row {rows} and column {columns}, which makes more than "
        "{limit} cells. Delete what stands far from the list, or save the list as CSV."
    )


class _DoctypeFound(Exception):
    pass


def refuse_unsafe(path: Path) -> None:
    """Raise a Problem unless the workbook at `path` can be opened without harm."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts, path.stat().st_size)
            for part in parts:
                _look_through(archive, part)
    except UNREADABLE_ZIP as error:
        raise ListUnreadable(
            reason=N_("The workbook is damaged."), remedy=SAVE_AGAIN
        ) from error


def _refuse_bomb(parts: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    limit, ratio = limits.IMPORT_UNPACKED_BYTES, limits.WORKBOOK_UNPACKED_RATIO
    if unpacked > min(limit, ratio * packed) or len(parts) > PARTS:
        raise WorkbookTooLarge(
            size=unpacked, parts=len(parts), limit=limit, ratio=ratio
        )


def _look_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part as a stream; zipfile never unpacks more than the part declares."""
    with archive.open(part) as stream:
        piece = stream.read(PIECE)
        named_as_xml = part.filename.endswith((".xml", ".rels"))
        if not named_as_xml and not _LOOKS_LIKE_XML.match(piece):
            while stream.read(PIECE):  # its checksum is verified at the end
                pass
            return
        extent = _Extent()
        try:
            while piece:
                extent.parser.Parse(piece, False)  # noqa: FBT003 - expat's own way
                piece = stream.read(PIECE)
            extent.parser.Parse(b"", True)  # noqa: FBT003 - expat's own way
        except _DoctypeFound:
            raise ListUnreadable(
                reason=N_("A part of the workbook declares a document type (DTD)."),
                remedy=SAVE_AGAIN,
                part=part.filename,
            ) from None
        except expat.ExpatError as error:
            raise ListUnreadable(
                reason=N_("A part of the workbook is not well-formed XML."),
                remedy=SAVE_AGAIN,
                part=part.filename,
            ) from error


class _Extent:
    """How far the cells of a sheet reach, found while its XML passes by."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._started
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.rows = self.columns = self._column = 0

    def _doctype(self, *_: object) -> None:
        raise _DoctypeFound

    def _started(self, name: str, attributes: Mapping[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self.rows = max(self.rows + 1, _number(attributes.get("r", "0")))
            self._column = 0
        elif kind == "c":
            column, row = _place(attributes.get("r", ""))
            self._column = column or self._column + 1
            self.columns = max(self.columns, self._column)
            self.rows = max(self.rows, row)
        else:
            return
        if self.rows > 2 * limits.IMPORT_ROWS:
            raise ListTooLong(limit=limits.IMPORT_ROWS)
        if self.columns > 4 * limits.IMPORT_COLUMNS:
            raise ListTooWide(count=self.columns, limit=limits.IMPORT_COLUMNS)
        if self.rows * self.columns > limits.IMPORT_CELLS:
            raise WorkbookTooSparse(
                rows=self.rows, columns=self.columns, limit=limits.IMPORT_CELLS
            )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _place(reference: str) -> tuple[int, int]:
    """Return the column and row that a cell's reference such as AB12 names; 0, 0 if none."""
    match = _PLACE.match(reference)
    if match is None:
        return 0, 0
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column, int(match[2])
