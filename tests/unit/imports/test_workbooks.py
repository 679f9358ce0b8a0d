"""Workbooks: cells as text, sheets, names that lie, and files made to do harm."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from compliance.imports.reading import NotAList, read_list
from compliance.imports.safe_zip import WorkbookTooLarge, WorkbookTooSparse
from compliance.imports.tables import (
    ListEmpty,
    ListTooLong,
    ListTooWide,
    ListUnreadable,
    Source,
    Table,
)
from compliance.imports.workbooks import SheetNotFound
from tests.real_lists import REGISTRY

SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows: tuple[Any, ...], **sheets: tuple[tuple[Any, ...], ...]) -> bytes:
    made = Workbook()
    made.worksheets[0].title = "first"
    for name, those in {"first": rows, **sheets}.items():
        sheet = made[name] if name in made.sheetnames else made.create_sheet(name)
        for row in those:
            sheet.append(row)
    output = io.BytesIO()
    made.save(output)
    return output.getvalue()


def table_of(
    folder: Path, content: bytes, name: str = "list.xlsx", sheet: str | None = None
) -> Table:
    path = folder / "list"
    path.write_bytes(content)
    return read_list(Source(path, name, sheet=sheet))


def with_part(content: bytes, part: str, text: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, text if name == part else before.read(name))
    return output.getvalue()


def sheet_of(cells: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def test_cells_become_the_text_a_person_sees(tmp_path: Path) -> None:
    content = workbook(
        ("name", "altitude", "share", "on", "at", "organic"),
        ("El Cedro", 1650.0, 2.5, date(2026, 3, 4), datetime(2026, 3, 4, 8, 30), True),  # noqa: DTZ001 - a cell has no zone
    )

    rows = list(table_of(tmp_path, content).rows)

    assert rows[0].cells == (
        "El Cedro",
        "1650",
        "2.5",
        "2026-03-04",
        "2026-03-04 08:30:00",
        "true",
    )
    assert rows[0].number == 2


def test_the_first_sheet_with_content_is_read_and_the_others_named(
    tmp_path: Path,
) -> None:
    content = workbook(farms=(("name", "country"), ("A", "CO")), other=(("x", "y"),))

    table = table_of(tmp_path, content)

    assert table.headings == ("name", "country")
    assert table.noticed[0].facts == {"sheet": "farms", "others": "first, other"}


def test_a_sheet_can_be_chosen_and_a_missing_one_is_told(tmp_path: Path) -> None:
    content = workbook(("name", "x"), farms=(("finca", "pais"), ("A", "CO")))

    assert table_of(tmp_path, content, sheet="farms").headings == ("finca", "pais")
    with pytest.raises(SheetNotFound, match="first, farms"):
        table_of(tmp_path, content, sheet="mills")


def test_a_workbook_without_a_filled_cell_is_empty(tmp_path: Path) -> None:
    with pytest.raises(ListEmpty):
        table_of(tmp_path, workbook())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.xls", workbook(("name", "country"), ("A", "CO"))),
        ("list.xlsx", b"name,country\nA,CO\n"),
        ("list.csv", (REGISTRY / "osh" / "12_plain.xls").read_bytes()),
    ],
)
def test_a_file_is_read_as_what_it_is_and_a_name_that_lies_is_told(
    tmp_path: Path, name: str, content: bytes
) -> None:
    table = table_of(tmp_path, content, name)

    assert list(table.rows)
    assert table.noticed[0].facts["name"] == name


@pytest.mark.parametrize(
    "beginning", [b"%PDF-1.7\n", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"\x1f\x8b\x08"]
)
def test_what_is_no_list_is_named_for_what_it_is(
    tmp_path: Path, beginning: bytes
) -> None:
    with pytest.raises(NotAList):
        table_of(tmp_path, beginning + b"x" * 100)


@pytest.mark.parametrize("page", [b"<html><table>", b"<?xml version='1.0'?><Workbook>"])
def test_a_web_page_that_calls_itself_xls_is_refused_with_a_remedy(
    tmp_path: Path, page: bytes
) -> None:
    with pytest.raises(ListUnreadable, match=r"save it as \.xlsx"):
        table_of(tmp_path, page, "list.xls")


def test_a_zip_bomb_is_refused_by_the_sizes_it_declares(tmp_path: Path) -> None:
    content = with_part(
        workbook(("a", "b")), SHEET, sheet_of("<row r='1'/>" + " " * 30_000_000)
    )

    with pytest.raises(WorkbookTooLarge):
        table_of(tmp_path, content)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', ListTooLong),
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', ListTooWide),
        ("<row>" + "<c/>" * 801 + "</row>", ListTooWide),
        (
            '<row r="1"><c r="ZZ1"/></row><row r="99999"><c r="A99999"/></row>',
            WorkbookTooSparse,
        ),
    ],
)
def test_a_cell_far_out_is_refused_before_a_grid_is_made_of_it(
    tmp_path: Path, cells: str, problem: type[Exception]
) -> None:
    content = with_part(workbook(("a", "b")), SHEET, sheet_of(cells))

    with pytest.raises(problem):
        table_of(tmp_path, content)


@pytest.mark.parametrize(
    "part",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>',
        b"<worksheet><sheetData>",
        b"not xml at all",
    ],
)
def test_parts_with_a_document_type_or_broken_ones_are_refused(
    tmp_path: Path, part: bytes
) -> None:
    content = with_part(workbook(("a", "b")), SHEET, part)

    with pytest.raises(ListUnreadable):
        table_of(tmp_path, content)


def test_half_a_workbook_is_damaged(tmp_path: Path) -> None:
    content = workbook(("a", "b"), ("1", "2"))

    with pytest.raises(ListUnreadable):
        table_of(tmp_path, content[: len(content) // 2])


def test_half_an_old_workbook_is_damaged(tmp_path: Path) -> None:
    content = (REGISTRY / "osh" / "12_plain.xls").read_bytes()

    with pytest.raises(ListUnreadable):
        table_of(tmp_path, content[:1_500], "list.xls")
