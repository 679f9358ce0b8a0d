"""In which encoding a text file was written: told by its bytes, and never guessed boldly.

A byte order mark decides. Without one the whole file is tried as strict UTF-8, which
other encodings practically never are. Only then is it Windows-1252, or Latin-1 where a
byte has no meaning in that; what is not certain is told, so that somebody looks.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path

from compliance.imports.tables import ListUnreadable, Told, told
from compliance.texts import N_

PIECE = 1 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_IN_WINDOWS_1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")
# Valid sequences of UTF-8 for each byte that is not: above it, the file is damaged UTF-8.
VALID_FOR_EACH_BROKEN = 4
NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
}
CHOICES = ("utf-8", "utf-16", "cp1252", "latin-1")


@dataclass(frozen=True)
class Encoding:
    """A codec's name, how it treats errors, the number of lines, and what to tell."""

    codec: str
    errors: str
    lines: int
    noticed: tuple[Told, ...]


@dataclass(frozen=True)
class Looked:
    """What one pass over the bytes found."""

    beginning: bytes
    lines: int
    high: frozenset[int]
    nul_even: int
    nul_odd: int
    is_utf8: bool


def encoding_of(path: Path, wanted: str | None = None) -> Encoding:
    """Return the encoding of a text file; ListUnreadable where it is no text."""
    looked = _look(path)
    if wanted is not None:
        return Encoding(wanted, "strict", looked.lines, ())
    for mark, codec in MARKS:
        if looked.beginning.startswith(mark):
            return Encoding(codec, "strict", looked.lines, _named(codec))
    if looked.nul_even or looked.nul_odd:
        return _wide(looked)
    if looked.is_utf8:
        return Encoding("utf-8", "strict", looked.lines, ())
    return _narrow(path, looked)


def _named(codec: str) -> tuple[Told, ...]:
    if codec.startswith("utf-8"):
        return ()
    return (told(N_("The text is written in {encoding}."), encoding=NAMES[codec]),)


def _look(path: Path) -> Looked:
    decoder = codecs.getincrementaldecoder("utf-8")()
    beginning, lines, is_utf8 = b"", 0, True
    high: set[int] = set()
    nuls = [0, 0]
    place = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            beginning = beginning or piece[:4]
            lines += piece.count(b"\n") or piece.count(b"\r")
            if 0 in piece:
                even, odd = piece[::2].count(0), piece[1::2].count(0)
                nuls[place % 2] += even
                nuls[1 - place % 2] += odd
            place += len(piece)
            if is_utf8:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    is_utf8 = False
            high |= {byte for byte in set(piece) if byte >= 0x80}
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        is_utf8 = False
    return Looked(beginning, lines, frozenset(high), nuls[0], nuls[1], is_utf8)


def _wide(looked: Looked) -> Encoding:
    """Two bytes to a character: in Western text every second byte is zero."""
    if looked.nul_odd > 20 * looked.nul_even:
        codec = "utf-16-le"
    elif looked.nul_even > 20 * looked.nul_odd:
        codec = "utf-16-be"
    else:
        raise ListUnreadable(
            reason=N_("The file is no text: it holds zero bytes."),
            remedy=N_("Save the list as CSV (UTF-8) or as .xlsx and upload that."),
        )
    return Encoding(codec, "strict", looked.lines, _named(codec))


def _narrow(path: Path, looked: Looked) -> Encoding:
    valid, broken = _utf8_in(path)
    if valid >= VALID_FOR_EACH_BROKEN * broken:
        noticed = told(
            N_(
                "The text is UTF-8, but {count} bytes are damaged. Cells that hold them "
                "are flagged; save the list anew from its source to have them whole."
            ),
            count=broken,
        )
        return Encoding("utf-8", "replace", looked.lines, (noticed,))
    codec = "latin-1" if looked.high & NOT_IN_WINDOWS_1252 else "cp1252"
    noticed = told(
        N_(
            "The text is not UTF-8; it was read as {encoding}. Look at names with "
            "accents, and save as CSV (UTF-8) if they came out wrong."
        ),
        encoding=NAMES[codec],
    )
    return Encoding(codec, "strict", looked.lines, (noticed,))


def _utf8_in(path: Path) -> tuple[int, int]:
    """Return how many characters beyond ASCII are valid UTF-8, and how many bytes not."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    valid = broken = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            text = decoder.decode(piece)
            lost = text.count("\ufffd")
            broken += lost
            valid += sum(1 for character in text if character > "\x7f") - lost
    return valid, broken
