"""PDF objects as ready bytes, and the archival document that ReportLab fills with them."""

import zlib
from typing import Any

from reportlab.pdfbase.pdfdoc import (
    PDFDocument,
    PDFInfo,
    PDFObject,
    PDFObjectReference,
    PDFPage,
)
from typing_extensions import override

PDF_VERSION = (1, 7)


class Raw(PDFObject):
    """An object that was written by us; ReportLab numbers it and sets it in the file."""

    __RefOnly__ = 1

    def __init__(self, content: bytes = b"") -> None:
        self.content = content

    def format(self, _document: PDFDocument) -> bytes:
        return self.content


class _Info(PDFInfo):
    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content

    @override
    def format(self, document: PDFDocument) -> bytes:
        return self.content


class Page(PDFPage):
    """A page that knows its place in the structure tree."""

    def __init__(self) -> None:
        super().__init__()
        self.__NoDefault__ = [*self.__NoDefault__, "StructParents", "Tabs"]


class ArchivalDocument(PDFDocument):
    """A document whose every byte follows from its content."""

    Catalog: Any  # ReportLab hangs every entry on it as an attribute

    def __init__(self) -> None:
        super().__init__(compression=1, invariant=1, pdfVersion=PDF_VERSION)
        self._identifier = b""
        catalog = self.Catalog
        catalog.__NoDefault__ = [*catalog.__NoDefault__, "AF", "OutputIntents"]

    def set_identity(self, identifier: bytes, info: bytes) -> None:
        self._identifier = identifier
        self.info = _Info(info)

    def add(self, content: bytes = b"") -> tuple[int, Raw]:
        """Return the number of a new object, and the object, to be filled later."""
        raw = Raw(content)
        self.reference(raw)
        return self.objectcounter, raw

    def reference(self, raw: Raw) -> PDFObjectReference:
        refer: Any = self.Reference
        reference: PDFObjectReference = refer(raw)
        return reference

    @property
    def fonts(self) -> dict[str, PDFObjectReference]:
        """The fonts that every page may name."""
        basic: Any = self.idToObject["BasicFonts"]
        of_name: dict[str, PDFObjectReference] = basic.dict
        return of_name

    def number_of(self, name: str) -> int:
        return int(self.idToObjectNumberAndVersion[name][0])

    def number_of_page(self, page: int) -> int:
        return self.number_of(f"Page{page}")

    @override
    def ID(self) -> bytes:
        return b"[<%b><%b>]" % (self._identifier, self._identifier)


def stream(content: bytes, entries: bytes = b"", *, level: int = 9) -> bytes:
    """Return a stream object; the length is that of the data, the line ends are ours.

    The last line end is CR LF: after a lone LF, data that happens to end in CR would
    seem to be one byte shorter.
    """
    if level:
        content = zlib.compress(content, level)
        entries += b"/Filter/FlateDecode"
    return b"<<%b/Length %d>>\nstream\n%b\r\nendstream" % (
        entries,
        len(content),
        content,
    )


def text(value: str) -> bytes:
    """Return a PDF text string in UTF-16, whatever its script."""
    return b"<%b>" % ("\ufeff" + value).encode("utf-16-be").hex().upper().encode()


def literal(value: str) -> bytes:
    """Return an ASCII string, for addresses and dates."""
    escaped = value.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return b"(%b)" % escaped.encode("ascii")
