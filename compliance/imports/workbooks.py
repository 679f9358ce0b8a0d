"""Lists as spreadsheets: .xlsx and the old .xls, each cell as the text a person sees."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from compliance.imports.delimited import heading_row, headings_stand_in
from compliance.imports.safe_zip import SAVE_AGAIN, refuse_unsafe
from compliance.imports.tables import (
    Format,
    ListEmpty,
    ListUnreadable,
    Row,
    Source,
    Table,
    counted,
    fitted,
    is_blank,
    told,
)
from compliance.problems import Kind, Problem
from compliance.texts import N_

Cell = int | float | str | bool | time | date | datetime | timedelta
# The reader is written in Rust; what it did not foresee comes as this, no Exception.
RUST_PANIC = "PanicException"


class SheetNotFound(Problem):
    kind = Kind.INVALID
    title = N_("The workbook has no such sheet")
    detail = N_("There is no sheet named {sheet}. Its sheets are: {sheets}.")


def read_workbook(source: Source, kind: Format) -> Table:
    """Return one sheet of a workbook as a table: the one named, or the first filled."""
    if kind is Format.XLSX:
        refuse_unsafe(source.path)
    name, sheet, others = _opened(source)
    rows = _numbered(sheet)
    number, headings = heading_row(rows)
    noticed = []
    if others:
        noticed.append(
            told(
                N_("Only the sheet {sheet} was read; others were left: {others}."),
                sheet=name,
                others=", ".join(others),
            )
        )
    if number > 1:
        noticed.append(headings_stand_in(number))
    return Table(
        format=kind,
        headings=headings,
        rows=counted(_rows(rows, len(headings))),
        size=_last_row(sheet) - number,
        noticed=tuple(noticed),
    )


def _opened(source: Source) -> tuple[str, CalamineSheet, list[str]]:
    try:
        return _sheet(source)
    except PasswordError as error:
        raise ListUnreadable(
            reason=N_("The workbook is locked with a password."),
            remedy=N_("Save a copy without the password and upload that."),
        ) from error
    except CalamineError as error:
        raise _damaged() from error
    except BaseException as error:
        if type(error).__name__ != RUST_PANIC:
            raise
        raise _damaged() from error


def _damaged() -> ListUnreadable:
    return ListUnreadable(reason=N_("The workbook is damaged."), remedy=SAVE_AGAIN)


def _sheet(source: Source) -> tuple[str, CalamineSheet, list[str]]:
    workbook = CalamineWorkbook.from_path(str(source.path))
    names = [
        one.name
        for one in workbook.sheets_metadata
        if one.typ is SheetTypeEnum.WorkSheet
        and one.visible is SheetVisibleEnum.Visible
    ]
    if source.sheet is not None:
        if source.sheet not in names:
            raise SheetNotFound(sheet=source.sheet, sheets=", ".join(names))
        return source.sheet, workbook.get_sheet_by_name(source.sheet), []
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height > 0:
            return name, sheet, [other for other in names if other != name]
    raise ListEmpty


def _last_row(sheet: CalamineSheet) -> int:
    return 0 if sheet.end is None else sheet.end[0] + 1


def _numbered(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    first = 0 if sheet.start is None else sheet.start[0]
    for number, cells in enumerate(sheet.iter_rows(), start=first + 1):
        yield number, [text_of(cell) for cell in cells]


def _rows(records: Iterator[tuple[int, list[str]]], width: int) -> Iterator[Row]:
    for number, cells in records:
        if not is_blank(cells):
            yield fitted(number, cells, width)


def text_of(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a point, days as YYYY-MM-DD."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        is_day = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if is_day else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
