"""An uploaded workbook as rows with their places, opened only once it is known safe.

A workbook is a zip of XML: sizes, ratio and document types are looked at before any of
it is parsed for its meaning. pyxform's own readers then turn cells into text, so that
our checks and the conversion see the very same rows.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import (
    DefinitionData,
    definition_to_dict,
    get_definition_data,
)

from audits.checklists.mistakes import (
    NO_REMEDY,
    ChecklistRejected,
    Mistake,
    Sentence,
    sentence,
)
from compliance.limits import (
    WORKBOOK_BYTES,
    WORKBOOK_UNPACKED_BYTES,
    WORKBOOK_UNPACKED_RATIO,
)
from compliance.texts import N_

WORKBOOK = "workbook"  # the "sheet" of a mistake that concerns the file as a whole
WORKBOOK_PARTS = 1_000
SURVEY_ROWS = 2_000
FIRST_ROW = 2  # row 1 holds the headings
ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"
UNREADABLE_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # a part with a password
    EOFError,
)
_LOOKS_LIKE_XML = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<")


@dataclass(frozen=True)
class Row:
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Workbook:
    sheets: Mapping[str, Sheet]
    definition: DefinitionData

    def sheet(self, name: str) -> Sheet:
        return self.sheets.get(name, Sheet(name, (), ()))


class _DoctypeFound(Exception):
    pass


def read_workbook(content: bytes) -> Workbook:
    """Return the sheets of an .xlsx file, or of pyxform Markdown; raise ChecklistRejected."""
    file_type = _file_type(content)
    if file_type == ".xlsx":
        _refuse_unsafe_zip(content)
    try:
        definition = definition_to_dict(get_definition_data(content), file_type)
    except PyXFormError as error:
        raise _rejected(
            sentence(N_("The workbook cannot be read: {reason}"), reason=error)
        ) from error
    except Exception as error:  # openpyxl fails in many ways on a broken file
        raise _rejected(
            sentence(N_("The workbook is damaged.")),
            sentence(
                N_("Open it in a spreadsheet program and save it again as .xlsx.")
            ),
        ) from error
    workbook = Workbook(_sheets(definition), definition)
    _refuse_too_many_rows(workbook)
    return workbook


def _file_type(content: bytes) -> str:
    """Tell the type by the first bytes: a public `.xlsx` was an `.xls` once."""
    if len(content) > WORKBOOK_BYTES:
        raise _rejected(
            sentence(
                N_("The workbook has {size} bytes; at most {limit} are read."),
                size=len(content),
                limit=WORKBOOK_BYTES,
            ),
            sentence(N_("Remove pictures and unused sheets.")),
        )
    if content.startswith(ZIP_MAGIC):
        return ".xlsx"
    if content.startswith(OLD_EXCEL_MAGIC):
        raise _rejected(
            sentence(N_("This is a workbook in the old .xls format.")),
            sentence(N_("Save it as .xlsx and upload that.")),
        )
    if content.lstrip().startswith(b"|") and b"\x00" not in content:
        return ".md"
    raise _rejected(
        sentence(N_("This is not a workbook.")),
        sentence(N_("Upload an XLSForm saved as .xlsx.")),
    )


def _refuse_unsafe_zip(content: bytes) -> None:
    """Refuse a bomb by the sizes it declares; zipfile never unpacks more than those."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts, len(content))
            for part in parts:
                _refuse_doctype(part.filename, archive.read(part))
    except UNREADABLE_ZIP as error:
        raise _rejected(
            sentence(N_("The workbook is damaged.")),
            sentence(
                N_("Open it in a spreadsheet program and save it again as .xlsx.")
            ),
        ) from error


def _refuse_bomb(parts: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    ratio_exceeded = unpacked > WORKBOOK_UNPACKED_RATIO * packed
    if (
        unpacked > WORKBOOK_UNPACKED_BYTES
        or ratio_exceeded
        or len(parts) > WORKBOOK_PARTS
    ):
        raise _rejected(
            sentence(
                N_("Unpacked, the workbook would have {size} bytes in {parts} parts."),
                size=unpacked,
                parts=len(parts),
            ),
            sentence(
                N_("At most {limit} bytes, {ratio} times its own size, are unpacked."),
                limit=WORKBOOK_UNPACKED_BYTES,
                ratio=WORKBOOK_UNPACKED_RATIO,
            ),
        )


def _refuse_doctype(name: str, part: bytes) -> None:
    """Refuse a part with a document type: it could define entities or name outside files."""
    named_as_xml = name.endswith((".xml", ".rels"))
    if not named_as_xml and not _LOOKS_LIKE_XML.match(part):
        return
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _found_doctype
    try:
        parser.Parse(part, True)  # noqa: FBT003 - expat takes no keywords
    except _DoctypeFound:
        raise _rejected(
            sentence(N_("The part {name} declares a document type (DTD)."), name=name),
            sentence(N_("Save the workbook again with a spreadsheet program.")),
        ) from None
    except expat.ExpatError as error:
        raise _rejected(
            sentence(N_("The part {name} is not well-formed XML."), name=name),
            sentence(N_("Save the workbook again with a spreadsheet program.")),
        ) from error


def _found_doctype(*_: object) -> None:
    raise _DoctypeFound


def _refuse_too_many_rows(workbook: Workbook) -> None:
    for sheet in workbook.sheets.values():
        if len(sheet.rows) > SURVEY_ROWS:
            raise ChecklistRejected(
                [
                    Mistake(
                        sheet.name,
                        0,
                        "",
                        sentence(
                            N_("The sheet has {count} rows; at most {limit} are read."),
                            count=len(sheet.rows),
                            limit=SURVEY_ROWS,
                        ),
                        sentence(N_("Divide the checklist.")),
                    )
                ]
            )


def _sheets(definition: DefinitionData) -> dict[str, Sheet]:
    return {
        name: _sheet(
            name, getattr(definition, name), getattr(definition, f"{name}_header")
        )
        for name in ("survey", "choices", "settings")
    }


def _sheet(
    name: str,
    rows: list[dict[str, str | None]] | None,
    header: list[dict[str, None]] | None,
) -> Sheet:
    columns = [column for entry in header or [] for column in entry]
    return Sheet(
        name,
        tuple(columns),
        tuple(
            Row(number, {key: value for key, value in row.items() if value})
            for number, row in enumerate(rows or [], start=FIRST_ROW)
        ),
    )


def _rejected(message: Sentence, remedy: Sentence = NO_REMEDY) -> ChecklistRejected:
    return ChecklistRejected([Mistake(WORKBOOK, 0, "", message, remedy)])
