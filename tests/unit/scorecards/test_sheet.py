"""The drawing surface: text kept in its box, tags around what is spoken."""

from typing import get_args

import pytest

from compliance.scorecards.drawing.archive import describe
from compliance.scorecards.drawing.sheet import Align, Sheet, Style
from compliance.scorecards.drawing.typefaces import Face
from tests.unit.scorecards.pdf_reading import Piece, elements, pieces
from tests.unit.scorecards.sample import card

LONG = "Asociación de Caficultores Orgánicos del Suroccidente Andino"


def file_of(sheet: Sheet) -> bytes:
    describe(
        sheet.document,
        title="t",
        author="a",
        subject="s",
        language="es",
        instant=card().issued_at,
        content=b"{}",
    )
    return sheet.file()


def written(line: str, style: Style, width: float) -> Piece:
    sheet = Sheet()
    with sheet.tagged("P"):
        sheet.write(200, 100, line, style, width=width)
    (piece,) = pieces(file_of(sheet))
    return piece


@pytest.mark.parametrize("width", [30, 90, 180, 400])
@pytest.mark.parametrize("align", get_args(Align))
def test_a_line_stays_in_its_width_whatever_its_side(
    width: float, align: Align
) -> None:
    piece = written(LONG, Style(Face.SEMIBOLD, 16, align=align), width)

    shift = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]

    assert piece.width <= width + 0.1
    assert piece.x == pytest.approx(200 - shift * piece.width, abs=0.02)


def test_a_line_is_set_smaller_before_it_is_cut() -> None:
    shrunk = written(LONG, Style(size=8), 210)
    cut = written(LONG, Style(size=8), 120)

    assert shrunk.text == LONG
    assert shrunk.size < 8
    assert cut.text.endswith("…")
    assert cut.size == pytest.approx(6.3)


def test_what_is_painted_outside_a_tag_is_decoration() -> None:
    sheet = Sheet()
    sheet.write(50, 50, "decoration", Style(), width=200)
    with sheet.tagged("P"):
        sheet.write(50, 70, "spoken", Style(), width=200)
    sheet.write(50, 90, "decoration again", Style(), width=200)

    marks = {piece.text: piece.mark for piece in pieces(file_of(sheet))}

    assert marks == {
        "decoration": "/Artifact",
        "spoken": "/P",
        "decoration again": "/Artifact",
    }


def test_an_element_may_go_on_over_a_page() -> None:
    sheet = Sheet()
    with sheet.part("Table"):
        for line in ("first", "second"):
            with sheet.part("TR"), sheet.tagged("TD"):
                sheet.write(50, 50, line, Style(), width=200)
            sheet.next_page()
    pdf = file_of(sheet)

    placed = [(piece.page, piece.text) for piece in pieces(pdf)]

    assert placed == [(1, "first"), (2, "second")]
    assert elements(pdf, "Table") == [{"alt": "", "kids": "2"}]
