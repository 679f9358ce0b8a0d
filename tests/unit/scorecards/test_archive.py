"""The file of a card: archival, accessible, repeatable, and carrying its own source."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import page
import pikepdf
import pytest

from compliance.scorecards.content import canonical_bytes
from compliance.scorecards.drawing import draw
from compliance.scorecards.drawing.grade import qr_path
from tests.unit.scorecards.cards import CARDS
from tests.unit.scorecards.pdf_reading import elements, opened, text_of
from tests.unit.scorecards.sample import card, titles

EVERY_CARD = [(state, language) for state in CARDS for language in ("en", "es")]
LARGEST = 150_000


@pytest.mark.parametrize(("state", "language"), EVERY_CARD)
def test_every_card_is_archival_and_accessible(
    tmp_path: Path, state: str, language: str
) -> None:
    path = tmp_path / "card.pdf"
    path.write_bytes(draw(CARDS[state], language, titles))

    archival = page.validate_pdf(str(path), profile="3a")
    accessible = page.validate_pdf(str(path), profile="ua1")

    assert archival.is_compliant, str(archival)
    assert accessible.is_compliant, str(accessible)


def test_a_card_without_the_signature_field_is_archival_too(tmp_path: Path) -> None:
    path = tmp_path / "card.pdf"
    path.write_bytes(draw(CARDS["farm"], "en", titles))

    judged = page.validate_pdf(str(path), profile="3a")

    assert judged.is_compliant, str(judged)


def test_a_card_that_names_no_key_has_no_place_for_a_signature() -> None:
    with opened(draw(CARDS["farm"], "en", titles)) as document:
        has_form = "/AcroForm" in document.Root

    assert not has_form


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_attachment_is_the_card_byte_for_byte(language: str) -> None:
    told = card()

    with opened(draw(told, language, titles)) as document:
        (specification,) = document.Root.AF
        attached = specification.EF.F.read_bytes()
        relation = str(specification.AFRelationship)
        kind = str(specification.EF.F.Subtype)

    assert attached == canonical_bytes(told)
    assert json.loads(attached) == json.loads(told.model_dump_json())
    assert (relation, kind) == ("/Source", "/application/json")


def test_the_same_card_is_the_same_bytes() -> None:
    first = draw(card(), "es", titles)
    draw(CARDS["crowded"], "es", titles)
    second = draw(card(), "es", titles)

    assert first == second


def test_another_card_or_language_has_another_identity() -> None:
    identities = set()
    for told, language in ((card(), "en"), (card(), "es"), (CARDS["E"], "en")):
        with opened(draw(told, language, titles)) as document:
            identities.add(bytes(document.trailer.ID[0]))

    assert len(identities) == 3


def test_every_font_is_embedded_and_speaks_unicode() -> None:
    with opened(draw(CARDS["crowded"], "es", titles)) as document:
        fonts = [
            font for sheet in document.pages for font in sheet.Resources.Font.values()
        ]
        embedded = [font.FontDescriptor.FontFile2 for font in fonts]
        maps = [font.ToUnicode.read_bytes().decode() for font in fonts]

    assert len(embedded) == len(fonts) > 0
    blocks = [int(count) for told in maps for count in re.findall(r"(\d+) begin", told)]
    assert max(blocks) <= 100
    assert all("<0000>" not in told for told in maps)


def test_the_text_layer_gives_back_guarani_and_vietnamese() -> None:
    told = text_of(draw(CARDS["crowded"], "en", titles))

    assert "G\u0303uaraní" in told
    assert "Đắk" in told


def test_metadata_and_info_say_the_same() -> None:
    with opened(draw(card(), "en", titles)) as document:
        info = {key: str(value) for key, value in document.docinfo.items()}
        with document.open_metadata() as metadata:
            title = metadata["dc:title"]
            created = metadata["xmp:CreateDate"]
            modified = metadata["xmp:ModifyDate"]
            level = metadata["pdfaid:part"], metadata["pdfaid:conformance"]

    assert info["/Title"] == title
    assert info["/CreationDate"] == info["/ModDate"] == "D:20261116140500+00'00'"
    assert created == modified == "2026-11-16T14:05:00+00:00"
    assert level == ("3", "A")


@pytest.mark.parametrize("state", ["C", "crowded"])
def test_there_is_one_h1_and_every_figure_speaks(state: str) -> None:
    pdf = draw(CARDS[state], "en", titles)

    figures = elements(pdf, "Figure")

    assert len(elements(pdf, "H1")) == 1
    assert figures
    assert all(figure["alt"] for figure in figures)
    assert elements(pdf, "TH")


def test_the_language_of_the_file_is_that_of_its_text() -> None:
    with opened(draw(card(), "es", titles)) as document:
        language = str(document.Root.Lang)

    assert language == "es"


def test_there_is_one_empty_field_for_a_signature() -> None:
    with opened(draw(card(), "en", titles)) as document:
        (field,) = document.Root.AcroForm.Fields
        kind, rectangle = str(field.FT), [float(side) for side in field.Rect]
        is_empty = "/V" not in field

    assert (kind, rectangle, is_empty) == ("/Sig", [0, 0, 0, 0], True)


@pytest.mark.parametrize("state", ["A", "C", "E", "suspended", "not_graded"])
def test_a_card_of_usual_length_stays_small(state: str) -> None:
    assert len(draw(CARDS[state], "es", titles)) <= LARGEST


def test_the_code_has_a_quiet_zone_and_every_dark_cell() -> None:
    path, cells = qr_path("https://scorecards.example.org/v/7Q4M-K2XH")

    runs = [tuple(map(int, run)) for run in re.findall(r"(\d+) (\d+) (\d+) 1 re", path)]

    assert cells >= 25
    assert all(column + length <= cells for column, _, length in runs)


def test_a_telephone_reads_the_verify_address(tmp_path: Path) -> None:
    if not (shutil.which("pdftoppm") and shutil.which("zbarimg")):
        pytest.skip("pdftoppm or zbarimg is not installed")
    told = card()
    path = tmp_path / "card.pdf"
    path.write_bytes(draw(told, "en", titles))

    subprocess.run(
        ["pdftoppm", "-r", "150", "-f", "1", "-l", "1", "-png", path, tmp_path / "p"],
        check=True,
    )
    (image,) = tmp_path.glob("p*.png")
    read = subprocess.run(
        ["zbarimg", "-q", "--raw", image], check=True, capture_output=True, text=True
    )

    assert read.stdout.strip() == told.integrity.verify_url


@pytest.mark.parametrize("state", ["C", "crowded"])
def test_a_reader_of_pdf_finds_no_fault(tmp_path: Path, state: str) -> None:
    if not shutil.which("qpdf"):
        pytest.skip("qpdf is not installed")
    path = tmp_path / "card.pdf"
    path.write_bytes(draw(CARDS[state], "en", titles))

    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stderr


def test_nothing_in_the_file_tells_of_the_machine_it_was_made_on() -> None:
    pdf = draw(card(), "en", titles)
    plain = io.BytesIO()
    with opened(pdf) as document:
        document.save(
            plain,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )

    assert b"/home" not in plain.getvalue()
    assert str(Path.cwd()).encode() not in plain.getvalue()
