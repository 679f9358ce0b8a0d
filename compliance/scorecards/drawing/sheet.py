"""A drawing surface that measures from the top, tags what it writes, and calls the rest decoration."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from reportlab.pdfbase.pdfdoc import PDFArray

from compliance.scorecards.drawing import look
from compliance.scorecards.drawing.raw import (
    ArchivalDocument,
    Page,
    literal,
    stream,
    text,
)
from compliance.scorecards.drawing.structure import (
    Annotation,
    Element,
    MarkedContent,
    figure_box,
    write_tree,
)
from compliance.scorecards.drawing.typefaces import (
    Face,
    lines_within,
    printable,
    shortened,
    size_that_fits,
    typeface,
    width_of,
)

Align = Literal["left", "right", "centre"]
# A quarter of a circle as a Bézier curve.
KAPPA = 0.5523


@dataclass(frozen=True)
class Style:
    face: Face = Face.REGULAR
    size: float = look.TEXT
    colour: str = look.INK
    align: Align = "left"
    spacing: float = 0
    leading: float = 1.36

    @property
    def line_height(self) -> float:
        return self.size * self.leading


class Sheet:
    """Pages under way; y grows downwards, and text stands on its baseline."""

    def __init__(self) -> None:
        self.document = ArchivalDocument()
        self.root = Element("Document")
        self._element = self.root
        self._marking: Element | Literal["artifact"] | None = None
        self._wanted: Element | None = None
        self._finished: list[list[str]] = []
        self._owners: list[list[Element]] = [[]]
        self._annotations: list[tuple[int, Element, bytes, bytes]] = []
        self._operators: list[str] = []
        self._fill = self._stroke = ""
        self._line_width = -1.0

    @property
    def page_number(self) -> int:
        return len(self._finished) + 1

    # What it is.

    @contextmanager
    def part(self, role: str, *, attributes: bytes = b"") -> Iterator[Element]:
        """Group what follows; what is painted directly within it is decoration."""
        outer = self._element
        self._element = outer.child(role, attributes=attributes)
        yield self._element
        self._element = outer

    @contextmanager
    def tagged(
        self, role: str, *, alt: str | None = None, attributes: bytes = b""
    ) -> Iterator[Element]:
        """Let everything painted within be the content of one new element."""
        element = self._element.child(role, alt=alt, attributes=attributes)
        outer, self._wanted = self._wanted, element
        yield element
        self._wanted = outer

    @contextmanager
    def figure(
        self, alt: str, x: float, y: float, width: float, height: float
    ) -> Iterator[Element]:
        top = look.PAGE_HEIGHT - y
        box = figure_box(x, top - height, x + width, top)
        with self.tagged("Figure", alt=alt, attributes=box) as element:
            yield element

    # What is painted.

    def write(
        self, x: float, y: float, line: str, style: Style, *, width: float
    ) -> float:
        """Write one line that stays within `width`, and return the width it took.

        A line that is too long is set smaller, down to the smallest size, and then cut.
        """
        size = size_that_fits(line, style.face, style.size, width, look.SMALLEST)
        fitted = shortened(line, style.face, size, width)
        taken = width_of(fitted, style.face, size, style.spacing)
        shift = {"left": 0.0, "right": taken, "centre": taken / 2}[style.align]
        self._show(x - shift, y, fitted, style.face, size, style)
        return taken

    def write_lines(
        self, x: float, y: float, lines: Sequence[str], style: Style
    ) -> float:
        """Write lines that were wrapped before, and return the baseline after them."""
        for place, line in enumerate(lines):
            at = y + place * style.line_height
            taken = width_of(line, style.face, style.size)
            shift = {"left": 0.0, "right": taken, "centre": taken / 2}[style.align]
            self._show(x - shift, at, line, style.face, style.size, style)
        return y + len(lines) * style.line_height

    def write_paragraph(
        self,
        x: float,
        y: float,
        paragraph: str,
        style: Style,
        *,
        width: float,
        most: int = 99,
    ) -> float:
        lines = lines_within(paragraph, style.face, style.size, width, most)
        return self.write_lines(x, y, lines, style)

    def _show(
        self, x: float, y: float, line: str, face: Face, size: float, style: Style
    ) -> None:
        drawn = printable(line, face)
        self._prepare(fill=style.colour)
        add = self._operators.append
        add(f"BT 1 0 0 1 {x:.2f} {look.PAGE_HEIGHT - y:.2f} Tm")
        if style.spacing:
            add(f"{style.spacing:.2f} Tc")
        for name, codes in typeface(face).encoded(drawn, self.document):
            add(f"{name} {size:.2f} Tf <{codes.hex()}> Tj")
        add("0 Tc ET" if style.spacing else "ET")

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str | None = None,
        stroke: str | None = None,
        line_width: float = look.HAIRLINE,
        radius: float = 0,
        square: str = "",
    ) -> None:
        """Paint a rectangle; corners named in `square` ("left", "right") stay square."""
        self._prepare(fill=fill, stroke=stroke, line_width=line_width)
        across = width if square else width / 2
        radius = max(0.0, min(radius, across, height / 2))
        self._operators.append(_rectangle(x, y, width, height, radius, square))
        self._operators.append(_paint(fill, stroke))

    def rule(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        colour: str = look.LINE,
        *,
        width: float = look.HAIRLINE,
        dash: str = "",
    ) -> None:
        self._prepare(stroke=colour, line_width=width)
        dashed = (f"[{dash}] 0 d ", " [] 0 d") if dash else ("", "")
        self._operators.append(
            f"{dashed[0]}{_point(x1, y1)} m {_point(x2, y2)} l S{dashed[1]}"
        )

    def shape(
        self,
        points: Sequence[tuple[float, float]],
        *,
        fill: str | None = None,
        stroke: str | None = None,
        line_width: float = look.HAIRLINE,
        closed: bool = True,
    ) -> None:
        self._prepare(fill=fill, stroke=stroke, line_width=line_width)
        (start, *rest) = points
        path = [f"{_point(*start)} m", *(f"{_point(*point)} l" for point in rest)]
        self._operators.append(" ".join(path) + (" h" if closed else ""))
        self._operators.append("1 j " + _paint(fill, stroke) + " 0 j")

    def disc(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        fill: str | None = None,
        stroke: str | None = None,
        line_width: float = look.HAIRLINE,
    ) -> None:
        self.box(
            x - radius,
            y - radius,
            2 * radius,
            2 * radius,
            fill=fill,
            stroke=stroke,
            line_width=line_width,
            radius=radius,
        )

    def hatching(
        self, x: float, y: float, width: float, height: float, *, radius: float = 0
    ) -> None:
        """Paint the sign of what could not be determined."""
        self.box(x, y, width, height, fill=look.WHITE, radius=radius)
        self._operators.append("q " + _rectangle(x, y, width, height, radius, ""))
        self._operators.append("W n")
        self._prepare(stroke=look.HATCH, line_width=1.1)
        steps = math.ceil((width + height) / 3)
        lines = (
            f"{_point(x + 3 * step - height, y + height)} m {_point(x + 3 * step, y)} l"
            for step in range(steps + 1)
        )
        self._operators.append(" ".join(lines) + " S Q")
        self._stroke, self._line_width = "", -1
        self.box(x, y, width, height, stroke=look.HATCH, radius=radius)

    def watermark(self, label: str) -> None:
        """Write across the page, under everything, what must not be overlooked."""
        size = 1.02 * look.PAGE_WIDTH / width_of(label, Face.DISPLAY_BOLD, 1)
        self._prepare(fill="#ECEFF0")
        (name, codes), *_ = typeface(Face.DISPLAY_BOLD).encoded(label, self.document)
        self._operators.append(
            f"BT {name} {size:.2f} Tf 0.643 0.766 -0.766 0.643 140 120 Tm "
            f"<{codes.hex()}> Tj ET"
        )

    def cells(self, path: str, x: float, y: float, scale: float) -> None:
        """Fill a path of unit squares, for the QR code."""
        self._prepare(fill=look.INK)
        self._operators.append(
            f"q {scale:.4f} 0 0 {-scale:.4f} {x:.2f} {look.PAGE_HEIGHT - y:.2f} cm "
            f"{path} f Q"
        )

    def link(
        self, x: float, y: float, width: float, height: float, *, url: str, says: str
    ) -> None:
        """Make the element under way a link."""
        element = self._wanted or self._element
        top = look.PAGE_HEIGHT - y
        entries = b"/Subtype/Link/Border[0 0 0]/F 4/Contents%b/A<</S/URI/URI%b>>" % (
            text(says),
            literal(url),
        )
        rectangle = b"%.2f %.2f %.2f %.2f" % (x, top - height, x + width, top)
        self._annotations.append((self.page_number, element, entries, rectangle))

    def signature_field(self, says: str) -> None:
        """Leave an invisible, tagged field, in which a signature can be set later."""
        element = self.root.child("Form", alt=says)
        entries = b"/Subtype/Widget/FT/Sig/T(Signature)/TU%b/F 132" % text(says)
        self._annotations.append((1, element, entries, b"0 0 0 0"))

    # How it becomes a file.

    def next_page(self) -> None:
        self._stop_marking()
        self._finished.append(self._operators)
        self._owners.append([])
        self._operators = []
        self._fill = self._stroke = ""
        self._line_width = -1

    @contextmanager
    def returning_to(self, page: int) -> Iterator[None]:
        """Add to an earlier page what could be known only at the end."""
        self._stop_marking()
        kept = self._operators
        self._operators = self._finished[page - 1]
        self._fill = self._stroke = ""
        self._line_width = -1
        yield
        self._stop_marking()
        self._operators = kept

    def file(self) -> bytes:
        """Close the last page and return the whole document."""
        self.next_page()
        self._owners.pop()
        pages = [self._page(place) for place in range(len(self._finished))]
        document = self.document
        widgets = self._write_annotations(pages)
        if widgets:
            fields = b" ".join(b"%d 0 R" % widget for widget in widgets)
            document.Catalog.AcroForm = b"<</Fields[%b]/SigFlags 0>>" % fields
        root = write_tree(
            document,
            self.root,
            owners=self._owners,
            annotation_owners=[element for _, element, _, _ in self._annotations],
        )
        document.Catalog.StructTreeRoot = b"%d 0 R" % root
        write: Any = document.GetPDFData
        return bytes(write(self))

    def _page(self, place: int) -> Any:
        code = "\n".join(self._finished[place]).encode("ascii")
        _, contents = self.document.add(stream(code, level=6))
        page: Any = Page()
        page.MediaBox = b"[0 0 %.2f %.2f]" % (look.PAGE_WIDTH, look.PAGE_HEIGHT)
        page.Contents = contents
        page.Resources = b"<</Font %d 0 R>>" % self.document.number_of("BasicFonts")
        page.StructParents = place
        page.Tabs = "/S"
        self.document.addPage(page)
        return page

    def _write_annotations(self, pages: list[Any]) -> list[int]:
        """Add the annotations to their pages and return the numbers of form fields."""
        widgets = []
        of_page: dict[int, list[bytes]] = {}
        for key, (page, element, entries, rectangle) in enumerate(self._annotations):
            number, _ = self.document.add(
                b"<</Type/Annot%b/Rect[%b]/P %d 0 R/StructParent %d>>"
                % (
                    entries,
                    rectangle,
                    self.document.number_of_page(page),
                    len(self._owners) + key,
                )
            )
            element.kids.append(Annotation(page, number))
            of_page.setdefault(page, []).append(b"%d 0 R" % number)
            if b"/Widget" in entries:
                widgets.append(number)
        for page, references in of_page.items():
            pages[page - 1].Annots = PDFArray(references)
        return widgets

    def _prepare(
        self,
        *,
        fill: str | None = None,
        stroke: str | None = None,
        line_width: float | None = None,
    ) -> None:
        """Set colours and open the marked content that the next operator belongs to."""
        wanted: Element | Literal["artifact"] = self._wanted or "artifact"
        if wanted is not self._marking:
            self._stop_marking()
            self._start_marking(wanted)
        if fill and fill != self._fill:
            self._operators.append(f"{_colour(fill)} rg")
            self._fill = fill
        if stroke and stroke != self._stroke:
            self._operators.append(f"{_colour(stroke)} RG")
            self._stroke = stroke
        if stroke and line_width is not None and line_width != self._line_width:
            self._operators.append(f"{line_width:.2f} w")
            self._line_width = line_width

    def _start_marking(self, wanted: Element | Literal["artifact"]) -> None:
        self._marking = wanted
        if isinstance(wanted, str):
            self._operators.append("/Artifact BMC")
            return
        page = self.page_number
        owners = self._owners[page - 1]
        wanted.kids.append(MarkedContent(page, len(owners)))
        self._operators.append(f"/{wanted.role} <</MCID {len(owners)}>> BDC")
        owners.append(wanted)

    def _stop_marking(self) -> None:
        if self._marking is not None:
            self._operators.append("EMC")
        self._marking = None


def _colour(colour: str) -> str:
    return " ".join(
        f"{int(colour[place : place + 2], 16) / 255:.3f}" for place in (1, 3, 5)
    )


def _point(x: float, y: float) -> str:
    return f"{x:.2f} {look.PAGE_HEIGHT - y:.2f}"


def _paint(fill: str | None, stroke: str | None) -> str:
    if fill and stroke:
        return "B"
    return "f" if fill else "S"


def _rectangle(
    x: float, y: float, width: float, height: float, radius: float, square: str
) -> str:
    if not radius:
        return f"{_point(x, y + height)} {width:.2f} {height:.2f} re"
    left = 0.0 if "left" in square else radius
    right = 0.0 if "right" in square else radius
    x2, y2 = x + width, y + height
    return " ".join(
        [
            f"{_point(x + left, y)} m {_point(x2 - right, y)} l",
            _corner(x2 - right, y, x2, y + right, first_across=True),
            f"{_point(x2, y2 - right)} l",
            _corner(x2, y2 - right, x2 - right, y2, first_across=False),
            f"{_point(x + left, y2)} l",
            _corner(x + left, y2, x, y2 - left, first_across=True),
            f"{_point(x, y + left)} l",
            _corner(x, y + left, x + left, y, first_across=False),
            "h",
        ]
    )


def _corner(x1: float, y1: float, x2: float, y2: float, *, first_across: bool) -> str:
    right, down = KAPPA * (x2 - x1), KAPPA * (y2 - y1)
    if first_across:
        controls = ((x1 + right, y1), (x2, y2 - down))
    else:
        controls = ((x1, y1 + down), (x2 - right, y2))
    return " ".join(_point(*point) for point in (*controls, (x2, y2))) + " c"
