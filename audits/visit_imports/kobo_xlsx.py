"""Kobo's workbook: a sheet of visits, and one for each repeat, joined by row numbers."""

import io

from python_calamine import CalamineError, CalamineWorkbook

from audits.checklists.form import FormSchema
from audits.visit_imports.assembling import Export
from audits.visit_imports.problems import ExportUnreadable
from audits.visit_imports.tables import Joining, Line, Sheet, joined
from compliance.imports.workbooks import RUST_PANIC, text_of
from compliance.texts import N_

BY_INDEX = Joining(key="_index", parent="_parent_index")
PARENT_TABLE = "_parent_table_name"


def read_kobo_xlsx(schema: FormSchema, content: bytes) -> Export:
    """Return the visits of an export, or raise ExportUnreadable.

    The workbook was looked through before, when it was uploaded.
    """
    sheets = _sheets(content)
    main = [one for one in sheets if BY_INDEX.parent not in one.headings]
    if not main:
        raise ExportUnreadable(reason=N_("The workbook has no sheet of visits."))
    if any(BY_INDEX.parent in one.headings for one in sheets) and (
        BY_INDEX.key not in main[0].headings
    ):
        raise ExportUnreadable(
            reason=N_("The sheet of visits has no column _index to join repeats by.")
        )
    repeats = {
        repeat.path: sheet
        for sheet in sheets
        for repeat in schema.repeats
        # A sheet's name has at most 31 characters.
        if BY_INDEX.parent in sheet.headings and sheet.name == repeat.name[:31]
    }
    return joined(schema, main[0], repeats, BY_INDEX)


def _sheets(content: bytes) -> list[Sheet]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [_sheet(workbook, name) for name in workbook.sheet_names]
    except CalamineError as fault:
        raise ExportUnreadable(reason=N_("The workbook is damaged.")) from fault
    except BaseException as fault:
        if type(fault).__name__ != RUST_PANIC:
            raise
        raise ExportUnreadable(reason=N_("The workbook is damaged.")) from fault


def _sheet(workbook: CalamineWorkbook, name: str) -> Sheet:
    rows = [
        [text_of(cell) for cell in row]
        for row in workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    ]
    headings = rows[0] if rows else []
    lines = [
        Line(number, dict(zip(headings, row, strict=False)))
        for number, row in enumerate(rows[1:], start=2)
        if any(row)
    ]
    return Sheet(name, headings, lines)
