"""Lists as XML: each element that holds only texts is a row, with what stands above it.

A list by goods with countries below, or by countries with goods below, reads the same.
Document types are refused before anything in them is looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from compliance import limits
from compliance.imports.names import tidied
from compliance.imports.tables import ListEmpty, ListTooLong, ListUnreadable, Row
from compliance.public_lists.sheets import Sheet
from compliance.texts import N_

PIECE = 1 << 18
SAVE_AGAIN = N_("Download the list again from its publisher, or save it as CSV.")


class _Refused(Exception):
    """What the handlers cannot raise as a problem from inside the parser."""


@dataclass
class _Element:
    """An element that is open: its texts so far, and whether something is below it."""

    name: str
    line: int
    leaves: dict[str, str] = field(default_factory=dict)
    text: str = ""
    is_leaf: bool = True
    has_records: bool = False


@dataclass(frozen=True)
class _Record:
    line: int
    values: Mapping[str, str]


def read_xml(path: Path) -> Sheet:
    """Return an XML list as a sheet; a row's number is the line where it begins."""
    reader = _Reader()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                reader.parser.Parse(piece, False)  # noqa: FBT003 - expat's own way
        reader.parser.Parse(b"", True)  # noqa: FBT003 - expat's own way
    except _Refused:
        raise ListUnreadable(
            reason=N_(
                "The XML declares a document type (DTD) or is nested too deeply."
            ),
            remedy=SAVE_AGAIN,
            row=reader.parser.CurrentLineNumber,
        ) from None
    except expat.ExpatError as error:
        raise ListUnreadable(
            reason=N_("The XML is not well-formed."),
            remedy=SAVE_AGAIN,
            row=error.lineno,
        ) from error
    return _sheet(reader.records)


def _sheet(records: list[_Record]) -> Sheet:
    headings: dict[str, None] = {}
    for record in records:
        headings.update(dict.fromkeys(record.values))
    if not headings:
        raise ListEmpty
    rows = [
        Row(record.line, tuple(record.values.get(one, "") for one in headings))
        for record in records
    ]
    return Sheet(tuple(one.replace("_", " ") for one in headings), 1, rows, ())


class _Reader:
    """What the parser tells, put together to records."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._started
        self.parser.EndElementHandler = self._ended
        self.parser.CharacterDataHandler = self._told
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.buffer_text = True
        self.records: list[_Record] = []
        self._open: list[_Element] = []

    def _refuse(self, *_: object) -> None:
        raise _Refused

    def _started(self, name: str, _attributes: object) -> None:
        if len(self._open) >= limits.PUBLIC_LIST_XML_DEPTH:
            raise _Refused
        if self._open:
            self._open[-1].is_leaf = False
        plain = name.rpartition(":")[2]
        self._open.append(_Element(plain, self.parser.CurrentLineNumber))

    def _told(self, text: str) -> None:
        if self._open and len(self._open[-1].text) < limits.IMPORT_CELL_CHARACTERS:
            self._open[-1].text += text

    def _ended(self, _name: str) -> None:
        ended = self._open.pop()
        above = self._open[-1] if self._open else None
        if ended.is_leaf:
            if above is not None:
                above.leaves.setdefault(ended.name, tidied(ended.text))
            return
        if ended.leaves and not ended.has_records:
            self._add(ended)
        if above is not None and (ended.leaves or ended.has_records):
            above.has_records = True

    def _add(self, element: _Element) -> None:
        if len(self.records) >= limits.PUBLIC_LIST_ROWS:
            raise ListTooLong(limit=limits.PUBLIC_LIST_ROWS)
        values: dict[str, str] = {}
        for one in (*self._open, element):
            values.update(one.leaves)
        self.records.append(_Record(element.line, values))
