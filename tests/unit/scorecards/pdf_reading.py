"""Reads a card's PDF back: each piece of text with its place, and the structure tree."""

import io
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pikepdf

WATERMARK = 60.0


@dataclass(frozen=True)
class Piece:
    page: int
    text: str
    x: float
    y: float
    width: float
    size: float
    mark: str

    def overlaps(self, other: "Piece") -> bool:
        """Tell whether ink of both would touch, with half a point to spare."""
        return (
            self.page == other.page
            and self.x + 0.5 < other.x + other.width
            and other.x + 0.5 < self.x + self.width
            and self.y - 0.1 * self.size < other.y + 0.6 * other.size
            and other.y - 0.1 * other.size < self.y + 0.6 * self.size
        )


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def pieces(pdf: bytes) -> list[Piece]:
    read: list[Piece] = []
    with opened(pdf) as document:
        for number, page in enumerate(document.pages, start=1):
            read += _pieces_of(number, page)
    return read


def text_of(pdf: bytes) -> str:
    """Return all text, a line to each piece."""
    return "\n".join(piece.text for piece in pieces(pdf))


def _pieces_of(number: int, page: Any) -> list[Piece]:
    fonts = {name: _Font(font) for name, font in page.Resources.Font.items()}
    read: list[Piece] = []
    font, size, spacing, at, mark = None, 0.0, 0.0, (0.0, 0.0), ""
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        match str(operator):
            case "BDC" | "BMC":
                mark = str(operands[0])
            case "EMC":
                mark = ""
            case "Tm":
                at = (float(operands[4]), float(operands[5]))
            case "Tc":
                spacing = float(operands[0])
            case "Tf":
                font, size = fonts[str(operands[0])], float(operands[1])
            case "Tj" if font is not None:
                codes = bytes(operands[0])
                width = font.width(codes) * size / 1000 + spacing * len(codes)
                text = font.decoded(codes)
                read.append(Piece(number, text, *at, width, size, mark))
                at = (at[0] + width, at[1])
            case _:
                pass
    return read


class _Font:
    def __init__(self, font: Any) -> None:
        self.widths = [float(width) for width in font.Widths]
        cmap = font.ToUnicode.read_bytes().decode("ascii")
        self.unicode = {
            int(code, 16): bytes.fromhex(spelled).decode("utf-16-be")
            for code, spelled in re.findall(r"<(..)> <([0-9A-F]{4,})>", cmap)
        }

    def width(self, codes: bytes) -> float:
        return sum(self.widths[code] for code in codes)

    def decoded(self, codes: bytes) -> str:
        return "".join(self.unicode[code] for code in codes)


@dataclass(frozen=True)
class Box:
    """What one painted path covers, in the file's own coordinates."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.bottom <= other.bottom
            and other.top <= self.top
        )


def ink_of(piece: Piece) -> Box:
    """Return what the figures of a piece cover: from the baseline to their height."""
    top = piece.y + 0.73 * piece.size
    return Box(piece.x, piece.y, piece.x + piece.width, top)


def strokes(pdf: bytes) -> list[Box]:
    """Return what is painted on the first page besides text, each straight line alone."""
    read: list[Box] = []
    path: list[Box] = []
    at = (0.0, 0.0)
    with opened(pdf) as document:
        for instruction in pikepdf.parse_content_stream(document.pages[0]):
            operands: Any = instruction.operands
            numbers = [float(one) for one in operands if isinstance(one, int | Decimal)]
            match str(instruction.operator), numbers:
                case "m", [x, y]:
                    at = (x, y)
                case ("l", [x, y]) | ("c", [_, _, _, _, x, y]):
                    path.append(_spanned(at, (x, y)))
                    at = (x, y)
                case "re", [x, y, width, height]:
                    path.append(Box(x, y, x + width, y + height))
                case "S", _:
                    read += path
                    path = []
                case (("f" | "B"), _):
                    read.append(_around(path))
                    path = []
                case "n", _:
                    path = []
                case _:
                    pass
    return read


def _spanned(start: tuple[float, float], end: tuple[float, float]) -> Box:
    (left, right), (bottom, top) = (
        sorted(pair) for pair in zip(start, end, strict=True)
    )
    return Box(left, bottom, right, top)


def _around(boxes: list[Box]) -> Box:
    return Box(
        min(box.left for box in boxes),
        min(box.bottom for box in boxes),
        max(box.right for box in boxes),
        max(box.top for box in boxes),
    )


def elements(pdf: bytes, role: str) -> list[Any]:
    """Return the structure elements of a role, in reading order."""
    with opened(pdf) as document:
        found: list[Any] = []
        _collect(document.Root.StructTreeRoot.K, role, found)
        return [_plain(element) for element in found]


def _collect(element: Any, role: str, found: list[Any]) -> None:
    if isinstance(element, pikepdf.Array):
        for kid in element:
            _collect(kid, role, found)
    elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
        if f"/{role}" == element.S:
            found.append(element)
        _collect(element.K, role, found)


def _plain(element: Any) -> dict[str, str]:
    return {"alt": str(element.get("/Alt", "")), "kids": str(len(element.K))}
