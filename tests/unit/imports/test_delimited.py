"""Delimited text: separators, quotes, rows of the wrong width, titles above the headings."""

from pathlib import Path

import pytest

from compliance import limits
from compliance.imports.delimited import QuoteLeftOpen
from compliance.imports.reading import read_list
from compliance.imports.tables import (
    ListEmpty,
    ListTooLong,
    ListTooWide,
    Source,
    Table,
)


def table_of(folder: Path, text: str) -> Table:
    path = folder / "list.csv"
    path.write_text(text, "utf-8", newline="")
    return read_list(Source(path, "list.csv"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_is_found(tmp_path: Path, separator: str) -> None:
    lines = [
        separator.join(cells)
        for cells in (("name", "country", "area"), ("El Cedro", "CO", "2"))
    ]

    table = table_of(tmp_path, "\n".join(lines))

    assert table.headings == ("name", "country", "area")
    assert [row.cells for row in table.rows] == [("El Cedro", "CO", "2")]


def test_decimal_commas_do_not_make_semicolons_commas(tmp_path: Path) -> None:
    table = table_of(tmp_path, "name;lat;area\nA;3,19;2,5\nB;3,20;1,5\nC;3,21;4,5\n")

    assert table.headings == ("name", "lat", "area")


def test_a_first_line_that_names_the_separator_is_obeyed(tmp_path: Path) -> None:
    table = table_of(tmp_path, "sep=;\nname;country\nA, B;CO\n")

    assert table.headings == ("name", "country")
    assert [row.cells for row in table.rows] == [("A, B", "CO")]


def test_quotes_hold_separators_line_breaks_and_quotes(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'name,place\n"El ""Cedro"", alto","one\ntwo"\n')

    assert [row.cells for row in table.rows] == [('El "Cedro", alto', "one\ntwo")]


def test_rows_have_the_numbers_a_sheet_shows(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'name,country\nA,CO\n\n"B\nb",CO\n , \nC,CO\n')

    assert [row.number for row in table.rows] == [2, 4, 6]


def test_a_row_says_how_many_cells_it_has_too_many_or_too_few(tmp_path: Path) -> None:
    table = table_of(tmp_path, "a,b,c\n1,2,3,4,5\n1\n1,2,3,,\n")

    assert [(row.surplus, row.missing) for row in table.rows] == [
        (2, 0),
        (0, 2),
        (0, 0),
    ]


def test_titles_above_the_headings_are_passed_over_and_told(tmp_path: Path) -> None:
    table = table_of(tmp_path, "Lista de fincas,,\n,,\nname,country,area\nA,CO,2\n")

    assert table.headings == ("name", "country", "area")
    assert [row.number for row in table.rows] == [4]
    assert table.noticed[-1].facts == {"row": 3}


def test_headings_are_made_unique_and_none_is_empty(tmp_path: Path) -> None:
    table = table_of(tmp_path, "name,,name, name \nA,1,2,3\n")

    assert table.headings == ("name", "#2", "name (2)", "name (3)")


def test_an_empty_file_and_one_of_blanks_are_refused(tmp_path: Path) -> None:
    for text in ("", " \n \n", ",,\n,,\n"):
        with pytest.raises(ListEmpty):
            table_of(tmp_path, text)


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    wide = ",".join(f"c{number}" for number in range(limits.IMPORT_COLUMNS + 1))

    with pytest.raises(ListTooWide):
        table_of(tmp_path, wide + "\n")


def test_too_many_rows_stop_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "IMPORT_ROWS", 3)
    table = table_of(tmp_path, "name,country\n" + "A,CO\n" * 4)

    with pytest.raises(ListTooLong):
        list(table.rows)


def test_a_quotation_mark_never_closed_is_told_with_its_row(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'name,country\nA,CO\n"B,CO\n' + "C,CO\n" * 40_000)

    with pytest.raises(QuoteLeftOpen, match="Row 3"):
        list(table.rows)
