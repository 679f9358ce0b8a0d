"""Answers by the path of their question → the record a device would have sent.

The same answers give the same bytes, so that an export read twice is one set of visits.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from audits.checklists.filling import ORX
from audits.checklists.form import FormSchema, Question, QuestionType, Repeat

UNSENT = frozenset({QuestionType.NOTE, QuestionType.AUDIT_LOG})


@dataclass
class Entry:
    """A record as a whole, or one entry of a repeat: texts and inner entries by path."""

    texts: dict[str, str] = field(default_factory=dict)
    entries: dict[str, list["Entry"]] = field(default_factory=dict)


def rebuild(
    schema: FormSchema, entry: Entry, instance_id: str, asked: frozenset[str] | None
) -> bytes:
    """Return the XML of a record.

    What was `asked` and not answered is there and empty; None stands for exports that
    leave empty answers out, where every question counts as asked.
    """
    builder = _Builder(schema, instance_id, asked)
    return etree.tostring(builder.record(entry), xml_declaration=True, encoding="UTF-8")


@dataclass
class _Builder:
    schema: FormSchema
    instance_id: str
    asked: frozenset[str] | None
    keys: int = 0

    def record(self, entry: Entry) -> etree._Element:
        root = etree.Element(
            self.schema.root,
            {"id": self.schema.form_id, "version": self.schema.version},
            nsmap={"orx": ORX},
        )
        self._fill(root, entry, None, f"/{self.schema.root}")
        meta = etree.SubElement(root, f"{{{ORX}}}meta")
        etree.SubElement(meta, f"{{{ORX}}}instanceID").text = self.instance_id
        return root

    def _fill(
        self, element: etree._Element, entry: Entry, repeat: str | None, base: str
    ) -> None:
        for question in self.schema.asked_in(repeat):
            if question.type in UNSENT:
                continue
            text = entry.texts.get(question.path) or self._key(question, repeat)
            if text or self._is_asked(question):
                below = question.path.removeprefix(base).strip("/")
                _descend(element, below).text = text or None
        for inner in self._repeats_in(repeat):
            for one in entry.entries.get(inner.path, []):
                above = inner.path.removeprefix(base).strip("/").rpartition("/")[0]
                parent = _descend(element, above) if above else element
                made = etree.SubElement(parent, inner.name)
                self._fill(made, one, inner.path, inner.path)

    def _is_asked(self, question: Question) -> bool:
        return self.asked is None or question.path in self.asked

    def _key(self, question: Question, repeat: str | None) -> str:
        """A lasting key for an entry whose tool made none: the same at every reading."""
        if repeat is None or question.path not in self._row_keys():
            return ""
        self.keys += 1
        name = f"{self.instance_id}{repeat}/{self.keys}"
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    def _row_keys(self) -> frozenset[str | None]:
        return frozenset(one.row_key for one in self.schema.repeats)

    def _repeats_in(self, outer: str | None) -> Iterator[Repeat]:
        """Yield the repeats that stand in another, or in none."""
        return (
            one for one in self.schema.repeats if outer_of(self.schema, one) == outer
        )


def outer_of(schema: FormSchema, repeat: Repeat) -> str | None:
    """Return the path of the repeat around a repeat, the nearest one."""
    around = [
        one.path for one in schema.repeats if repeat.path.startswith(f"{one.path}/")
    ]
    return max(around, key=len, default=None)


def _descend(element: etree._Element, path: str) -> etree._Element:
    for step in path.split("/"):
        found = element.find(step)
        element = etree.SubElement(element, step) if found is None else found
    return element
