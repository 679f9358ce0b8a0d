"""The fonts: measured, cut to the characters in use, and embedded with a true text layer."""

import functools
import math
import threading
import unicodedata
from enum import StrEnum
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont
from typing_extensions import override

from compliance.scorecards.drawing.raw import ArchivalDocument, stream

FOLDER = Path(__file__).parent.parent / "fonts"
# Every card in our languages starts from the same characters, so that the cut of a font
# is made once and kept; only a name from elsewhere needs a cut of its own.
SEED = (
    "".join(chr(code) for code in range(0x21, 0x7F))
    + "¡¿°·ºªÁÉÍÓÚÜÑÀÂÃÇÊÔÕáéíóúüñàâãçêôõ"
    + "–—‘’“”…•%−×≥≤→"
)
CAPITALS_SEED = "0123456789.,–%ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIGURES_SEED = "0123456789.,:%+–−±-<>/·ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GUARANI = {"g\u0303": "\ue000", "G\u0303": "\ue001"}
GUARANI_BACK = {ord(made): spelled for spelled, made in GUARANI.items()}
UNKNOWN = "?"
_CUTTING = threading.Lock()


class Face(StrEnum):
    REGULAR = "Inter-Regular"
    MEDIUM = "Inter-Medium"
    SEMIBOLD = "Inter-SemiBold"
    BOLD = "Inter-Bold"
    DISPLAY = "InterDisplay-SemiBold"
    DISPLAY_BOLD = "InterDisplay-Bold"
    FIGURES = "Inter-Regular-Tabular"
    FIGURES_BOLD = "Inter-SemiBold-Tabular"


SEEDS = {
    Face.BOLD: CAPITALS_SEED,
    Face.DISPLAY_BOLD: CAPITALS_SEED,
    Face.FIGURES: FIGURES_SEED,
    Face.FIGURES_BOLD: FIGURES_SEED,
}


class Typeface(TTFont):
    """A TrueType font whose embedded cuts are made once and kept compressed."""

    def __init__(self, face: Face) -> None:
        super().__init__(face, FOLDER / f"{face}.ttf", asciiReadable=False)
        self._seed = SEEDS.get(face, SEED)

    def encoded(self, line: str, document: PDFDocument) -> list[tuple[str, bytes]]:
        """Return (resource name, codes) for each run of a printable line."""
        if document not in self.state:
            self.splitString(self._seed, document)
        return [
            (self.getSubsetInternalName(subset, document), codes)
            for subset, codes in self.splitString(line, document)
        ]

    @override
    def addObjects(self, doc: PDFDocument) -> None:
        assert isinstance(doc, ArchivalDocument)  # noqa: S101 - no other is ever made
        state = self.state[doc]
        state.frozen = 1
        fonts = doc.fonts
        for place, subset in enumerate(state.subsets):
            name = self.getSubsetInternalName(place, doc)[1:]
            program, unicode_map, descriptor, head = embedded(
                Face(self.fontName), tuple(subset), place
            )
            program_number, _ = doc.add(program)
            map_number, _ = doc.add(unicode_map)
            descriptor_number, _ = doc.add(
                b"<<%b/FontFile2 %d 0 R>>" % (descriptor, program_number)
            )
            _, font = doc.add(
                b"<<%b/ToUnicode %d 0 R/FontDescriptor %d 0 R>>"
                % (head, map_number, descriptor_number)
            )
            fonts[name] = doc.reference(font)
        del self.state[doc]


@functools.cache
def typeface(face: Face) -> Typeface:
    made = Typeface(face)
    pdfmetrics.registerFont(made)
    return made


@functools.lru_cache(maxsize=96)
def embedded(
    face: Face, subset: tuple[int, ...], place: int
) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the program, the map to Unicode, the descriptor and the head of a cut."""
    metrics: Any = typeface(face).face
    with _CUTTING:  # ReportLab's reader keeps its place in the file
        program = metrics.makeSubset(list(subset))
    tag = "".join(chr(ord("A") + int(digit)) for digit in f"{place:06d}")
    name = f"{tag}+{face}".encode()
    widths = b" ".join(b"%g" % metrics.getCharWidth(code) for code in subset)
    box = b" ".join(b"%g" % side for side in metrics.bbox)
    descriptor = (
        b"/Type/FontDescriptor/FontName/%b/Flags 4/FontBBox[%b]/ItalicAngle 0"
        b"/Ascent %g/Descent %g/CapHeight %g/StemV %g/MissingWidth %g"
        % (
            name,
            box,
            metrics.ascent,
            metrics.descent,
            metrics.capHeight,
            metrics.stemV,
            metrics.defaultWidth,
        )
    )
    head = b"/Type/Font/Subtype/TrueType/BaseFont/%b/FirstChar 0/LastChar %d/Widths[%b]"
    return (
        stream(program, b"/Length1 %d" % len(program)),
        stream(_unicode_map(face, subset)),
        descriptor,
        head % (name, len(subset) - 1, widths),
    )


def _unicode_map(face: Face, subset: tuple[int, ...]) -> bytes:
    """Map the codes in use, and no others, in blocks of at most a hundred."""
    lines = []
    for code, character in enumerate(subset):
        if character == 0 or (character == ord(" ") and code != ord(" ")):
            continue
        spelled = GUARANI_BACK.get(character, chr(character))
        lines.append(f"<{code:02X}> <{spelled.encode('utf-16-be').hex().upper()}>")
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    body = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar"
        for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        f"/CMapName /{face}-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode("ascii")


@functools.lru_cache(maxsize=4096)
def printable(line: str, face: Face) -> str:
    """Return the characters to draw: composed, and none that the font lacks."""
    if line.isascii() and face not in (Face.FIGURES, Face.FIGURES_BOLD):
        return line
    composed = unicodedata.normalize("NFC", line)
    for spelled, made in GUARANI.items():
        composed = composed.replace(spelled, made)
    composed = composed.replace("\u202f", "\u00a0").replace("\u2011", "-")
    known = typeface(face).face.charToGlyph
    return "".join(_drawn(character, known) for character in composed)


def _drawn(character: str, known: dict[int, int]) -> str:
    if ord(character) in known or character == "\u00a0":
        return character
    plain = unicodedata.normalize("NFKD", character)
    return "".join(part for part in plain if ord(part) in known) or UNKNOWN


def width_of(line: str, face: Face, size: float, spacing: float = 0) -> float:
    drawn = printable(line, face)
    return float(typeface(face).stringWidth(drawn, size)) + spacing * len(drawn)


def size_that_fits(
    line: str, face: Face, size: float, width: float, smallest: float
) -> float:
    """Return `size`, or the smaller one at which the line fits, but not below smallest.

    A smaller size is a whole number of hundredths, which is as fine as it is written.
    """
    taken = width_of(line, face, size)
    if taken <= width:
        return size
    return max(smallest, math.floor(100 * size * width / taken) / 100)


def wrapped(paragraph: str, face: Face, size: float, width: float) -> list[str]:
    """Return lines no wider than `width`; a word that is wider itself is broken."""
    lines: list[str] = []
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer, face, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _broken(word, face, size, width)
        lines += whole
    return [*lines, line] if line else lines


def _broken(word: str, face: Face, size: float, width: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and width_of(pieces[-1] + character, face, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def shortened(line: str, face: Face, size: float, width: float) -> str:
    """Return the line, or as much of it as fits before an ellipsis."""
    if width_of(line, face, size) <= width:
        return line
    while line and width_of(line.rstrip() + "…", face, size) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def lines_within(
    paragraph: str, face: Face, size: float, width: float, most: int
) -> list[str]:
    """Return at most `most` lines; the last one tells with an ellipsis what is missing."""
    lines = wrapped(paragraph, face, size, width)
    if len(lines) <= most:
        return lines
    last = " ".join(lines[most - 1 :])
    return [*lines[: most - 1], shortened(last, face, size, width)]
