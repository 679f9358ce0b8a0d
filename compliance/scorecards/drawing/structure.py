"""The structure tree: what a screen reader hears, written as ready bytes."""

from dataclasses import dataclass, field

from compliance.scorecards.drawing.raw import ArchivalDocument, Raw, text


@dataclass
class Element:
    role: str
    parent: "Element | None" = None
    alt: str | None = None
    attributes: bytes = b""
    kids: list["Element | MarkedContent | Annotation"] = field(default_factory=list)
    number: int = 0
    raw: Raw = field(default_factory=Raw)

    def child(
        self, role: str, *, alt: str | None = None, attributes: bytes = b""
    ) -> "Element":
        made = Element(role, self, alt, attributes)
        self.kids.append(made)
        return made


@dataclass(frozen=True)
class MarkedContent:
    page: int
    identifier: int


@dataclass(frozen=True)
class Annotation:
    page: int
    number: int


PLAIN_LIST = b"/A<</O/List/ListNumbering/None>>"
COLUMN_HEAD = b"/A<</O/Table/Scope/Column>>"
ROW_HEAD = b"/A<</O/Table/Scope/Row>>"


def row_head_over(columns: int) -> bytes:
    return b"/A<</O/Table/Scope/Row/ColSpan %d>>" % columns


def figure_box(left: float, bottom: float, right: float, top: float) -> bytes:
    return b"/A<</O/Layout/BBox[%.2f %.2f %.2f %.2f]>>" % (left, bottom, right, top)


def write_tree(
    document: ArchivalDocument,
    root: Element,
    *,
    owners: list[list[Element]],
    annotation_owners: list[Element],
) -> int:
    """Add the tree to the document and return the number of its root.

    `owners[page][mcid]` and `annotation_owners` are the elements behind each piece of
    content; annotations are numbered after the pages.
    """
    root_number, root_object = document.add()
    _reserve(document, root)
    _write(document, root, parent=root_number)
    nums = [
        b"%d[%b]" % (page, b" ".join(b"%d 0 R" % owner.number for owner in page_owners))
        for page, page_owners in enumerate(owners)
    ]
    nums += [
        b"%d %d 0 R" % (key, owner.number)
        for key, owner in enumerate(annotation_owners, start=len(owners))
    ]
    parents, _ = document.add(b"<</Nums[%b]>>" % b"\n".join(nums))
    root_object.content = (
        b"<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>"
        % (root.number, parents, len(owners) + len(annotation_owners))
    )
    return root_number


def _reserve(document: ArchivalDocument, element: Element) -> None:
    element.number, element.raw = document.add()
    for kid in element.kids:
        if isinstance(kid, Element):
            _reserve(document, kid)


def _write(document: ArchivalDocument, element: Element, *, parent: int) -> None:
    pages = [kid.page for kid in element.kids if isinstance(kid, MarkedContent)]
    own_page = pages[0] if pages else None
    kids = b" ".join(_kid(document, kid, own_page) for kid in element.kids)
    page = b"/Pg %d 0 R" % document.number_of_page(own_page) if own_page else b""
    alt = b"/Alt" + text(element.alt) if element.alt else b""
    element.raw.content = b"<</S/%b/P %d 0 R%b%b%b/K[%b]>>" % (
        element.role.encode(),
        parent,
        page,
        alt,
        element.attributes,
        kids,
    )
    for kid in element.kids:
        if isinstance(kid, Element):
            _write(document, kid, parent=element.number)


def _kid(
    document: ArchivalDocument,
    kid: Element | MarkedContent | Annotation,
    own_page: int | None,
) -> bytes:
    if isinstance(kid, Element):
        return b"%d 0 R" % kid.number
    page = document.number_of_page(kid.page)
    if isinstance(kid, Annotation):
        return b"<</Type/OBJR/Pg %d 0 R/Obj %d 0 R>>" % (page, kid.number)
    if kid.page == own_page:
        return b"%d" % kid.identifier
    return b"<</Type/MCR/Pg %d 0 R/MCID %d>>" % (page, kid.identifier)
