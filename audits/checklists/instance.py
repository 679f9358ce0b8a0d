"""A filled checklist as a device sends it: safe to read, its parts by name.

Nothing is taken on trust: no document type, no entity, no network, bounded depth and
size. What questions mean is not known here; `answers.py` reads them by the schema.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from lxml import etree

from audits.checklists.form import FormSchema
from audits.checklists.mistakes import Sentence, sentence
from compliance.limits import XML_BYTES, XML_DEPTH, XML_ELEMENTS
from compliance.texts import N_

ATTRIBUTES = 64  # of one element; an honest instance has two or three
NAME_CHARACTERS = 249  # of a form id, a version, an instance id (OpenRosa)
_PIECE = 65_536
_DECLARATION = re.compile(r"\A<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([^\"']*)[\"']")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF_16_UNMARKED = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}


class InstanceRejected(Exception):
    """What was sent is no filled checklist; message and remedy are for the auditor."""

    def __init__(self, message: Sentence, remedy: Sentence) -> None:
        super().__init__(f"{message} {remedy}".rstrip())
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Node:
    """An element by its local name; prefixes and namespaces say nothing about answers."""

    name: str
    text: str = ""
    children: tuple["Node", ...] = ()

    def named(self, name: str) -> Iterator["Node"]:
        return (child for child in self.children if child.name == name)


@dataclass(frozen=True)
class Instance:
    form_id: str
    version: str
    instance_id: str
    deprecated_id: str | None
    instance_name: str | None
    started_at: datetime | None
    ended_at: datetime | None
    device_id: str | None
    user_id: str | None
    root: Node
    is_encrypted: bool = False
    """It is an envelope; its answers are in files that came along."""


def read_instance(xml: bytes) -> Instance:
    """Return the instance; raise InstanceRejected for whatever is not one."""
    root, attributes, namespace = _parse(_decoded(xml))
    meta = next(
        (child for child in root.children if child.name == "meta"), Node("meta")
    )
    form_id = attributes.get("id", "").strip() or namespace
    instance_id = _text(meta, "instanceID") or attributes.get("instanceID", "").strip()
    version = attributes.get("version", "").strip()
    _want(form_id, N_("The record does not say of which checklist it is."))
    _want(instance_id, N_("The record has no instanceID."))
    for name in (form_id, version, instance_id):
        if len(name) > NAME_CHARACTERS:
            raise _rejected(N_("An identifier of the record is too long."))
    return Instance(
        form_id=form_id,
        version=version,
        instance_id=instance_id,
        deprecated_id=_text(meta, "deprecatedID"),
        instance_name=_text(meta, "instanceName"),
        started_at=instant(_text(meta, "timeStart")),
        ended_at=instant(_text(meta, "timeEnd")),
        device_id=_text(meta, "deviceID"),
        user_id=_text(meta, "userID"),
        root=root,
        is_encrypted=attributes.get("encrypted", "").strip() == "yes",
    )


def nodes_at(root: Node, path: str) -> tuple[Node, ...]:
    """Return every element at a path of the schema; the root's own name is arbitrary."""
    found: tuple[Node, ...] = (root,)
    for step in path.split("/")[2:]:
        found = tuple(child for node in found for child in node.named(step))
    return found


def expected_attachments(schema: FormSchema, instance: Instance) -> tuple[str, ...]:
    """Return the file names that the answers of this form version name, each once."""
    named = (
        node.text
        for path in schema.binary_paths
        for node in nodes_at(instance.root, path)
    )
    return tuple(dict.fromkeys(name for name in named if name))


def instant(text: str | None) -> datetime | None:
    """Return a moment of the device's clock, or None if it cannot be read."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _decoded(xml: bytes) -> str:
    """Return the document as text; only UTF-8 and UTF-16 are read, without NUL."""
    if len(xml) > XML_BYTES:
        raise _rejected(
            N_("The record has {size} bytes; at most {limit} are read."),
            size=len(xml),
            limit=XML_BYTES,
        )
    encoding = _UTF_16_UNMARKED.get(xml[:2], "utf-8-sig")
    if xml.startswith(_UTF_16_MARKS):
        encoding = "utf-16"
    try:
        text = xml.decode(encoding)
    except UnicodeDecodeError:
        raise _rejected(N_("The record is not written in UTF-8 or UTF-16.")) from None
    if "\x00" in text:
        raise _rejected(N_("The record holds a NUL character."))
    declaration = _DECLARATION.match(text)
    if declaration is None:
        return text
    declared = _ENCODING.search(declaration[0])
    if declared and declared[1].lower() not in ("utf-8", "utf-16", "us-ascii"):
        raise _rejected(N_("The record is not written in UTF-8 or UTF-16."))
    return text[declaration.end() :]


def _parse(text: str) -> tuple[Node, dict[str, str], str]:
    target = _Target()
    parser = etree.XMLParser(
        target=cast("etree.ParserTarget", target),  # the stub wants comments too
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    content = text.encode()
    try:
        for start in range(0, len(content), _PIECE):
            parser.feed(content[start : start + _PIECE])
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _rejected(N_("The record is not well-formed XML.")) from error
    if target.root is None:
        raise _rejected(N_("The record is not well-formed XML."))
    return target.root, target.attributes, target.namespace


@dataclass
class _Open:
    name: str
    text: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)


class _Target:
    """Builds the nodes while the parser reads, and stops it at the first excess."""

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.namespace = ""
        self._open: list[_Open] = []
        self._elements = 0
        self.root: Node | None = None

    def doctype(self, *_: object) -> None:
        raise _rejected(N_("The record declares a document type (DTD)."))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > XML_ELEMENTS:
            raise _rejected(
                N_("The record has more than {limit} elements."), limit=XML_ELEMENTS
            )
        if len(self._open) >= XML_DEPTH:
            raise _rejected(
                N_("The record is nested more than {limit} deep."), limit=XML_DEPTH
            )
        if len(attributes) > ATTRIBUTES:
            raise _rejected(
                N_("An element has more than {limit} attributes."), limit=ATTRIBUTES
            )
        name = etree.QName(tag)
        if not self._open:
            # With entities left alone libxml2 hands an ampersand over as its number.
            self.attributes = {
                key: value.replace("&#38;", "&") for key, value in attributes.items()
            }
            self.namespace = name.namespace or ""
        self._open.append(_Open(name.localname))

    def data(self, text: str) -> None:
        self._open[-1].text.append(text)

    def end(self, _tag: str) -> None:
        closed = self._open.pop()
        node = Node(closed.name, "".join(closed.text).strip(), tuple(closed.children))
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node

    def close(self) -> None:
        """Called by the parser at the end; the root is kept already."""


def _text(meta: Node, name: str) -> str | None:
    return next((child.text for child in meta.named(name) if child.text), None)


def _want(value: str, message: str) -> None:
    if not value:
        raise _rejected(message)


def _rejected(message: str, **facts: object) -> InstanceRejected:
    return InstanceRejected(
        sentence(message, **facts),
        sentence(N_("Send the record again from the device, unchanged.")),
    )
