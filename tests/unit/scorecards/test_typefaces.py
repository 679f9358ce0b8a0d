"""Text is measured before it is set, and what a language needs is there."""

import unicodedata

import pytest

from compliance.scorecards.drawing.typefaces import (
    Face,
    lines_within,
    printable,
    shortened,
    size_that_fits,
    typeface,
    width_of,
    wrapped,
)

TEXT_FACES = [Face.REGULAR, Face.MEDIUM, Face.SEMIBOLD, Face.BOLD, Face.DISPLAY]
LONG = "Asociación de Caficultores y Palmicultores Orgánicos del Suroccidente"


@pytest.mark.parametrize("face", TEXT_FACES)
@pytest.mark.parametrize(
    "text",
    [
        "áéíóúüñ ÁÉÍÓÚÜÑ ¿¡",
        "Việt Nam, Đắk Lắk, Buôn Ma Thuột, ươ ƯƠ ỵ Ỷ",
        "Kelapa sawit di Kalimantan Barat",
        "Ñe’ẽ, mbo’e, ỹ Ỹ ĩ Ĩ ũ Ũ",
        "açaí, São João, coração, Ü",
    ],
)
def test_each_language_of_the_field_has_its_letters(face: Face, text: str) -> None:
    known = typeface(face).face.charToGlyph

    drawn = printable(unicodedata.normalize("NFD", text), face)

    assert drawn == text
    assert all(ord(letter) in known for letter in drawn)


@pytest.mark.parametrize("face", TEXT_FACES)
def test_the_guarani_letter_is_one_glyph_as_wide_as_its_base(face: Face) -> None:
    drawn = printable("g\u0303", face)

    assert drawn == "\ue000"
    assert width_of("g\u0303", face, 10) == pytest.approx(width_of("g", face, 10))


def test_a_letter_that_no_font_has_becomes_a_question_mark() -> None:
    assert printable("Kopi 咖啡", Face.REGULAR) == "Kopi ??"


@pytest.mark.parametrize("width", [20, 60, 133, 400])
def test_no_wrapped_line_is_wider_than_its_column(width: float) -> None:
    text = f"{LONG} Pneumonoultramicroscopicsilicovolcanoconiosis 2026"

    lines = wrapped(text, Face.MEDIUM, 8, width)

    assert all(width_of(line, Face.MEDIUM, 8) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_line_that_fits_keeps_its_size() -> None:
    assert size_that_fits("Finca", Face.DISPLAY, 22, 400, 6.3) == 22


def test_a_line_that_does_not_fit_is_set_smaller_until_the_smallest() -> None:
    size = size_that_fits(LONG, Face.DISPLAY, 22, 300, 6.3)

    assert 299 < width_of(LONG, Face.DISPLAY, size) <= 300
    assert size_that_fits(LONG, Face.DISPLAY, 22, 30, 6.3) == 6.3


def test_what_is_cut_says_so_and_fits() -> None:
    cut = shortened(LONG, Face.REGULAR, 8, 100)

    assert cut.endswith("…")
    assert width_of(cut, Face.REGULAR, 8) <= 100


def test_lines_beyond_the_most_are_told_by_an_ellipsis() -> None:
    lines = lines_within(LONG, Face.REGULAR, 8, 100, 2)

    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(width_of(line, Face.REGULAR, 8) <= 100 for line in lines)


def test_figures_in_columns_are_equally_wide() -> None:
    widths = {round(width_of(digit, Face.FIGURES, 10), 3) for digit in "0123456789"}

    assert len(widths) == 1
