"""What of a filled checklist names people, and what may be read without opening a seal.

The readable record is built anew from what is known to be harmless; whatever the
checklist does not know, or works out from other answers, is left out of it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from audits.checklists.form import (
    BINARY_TYPES,
    FormSchema,
    Question,
    QuestionType,
)
from audits.checklists.instance import Instance, Node, nodes_at
from rules.vocabulary import Sensitive

# What a record tells of itself; a name given to it may be put together of answers.
PLAIN_META = frozenset(
    {"instanceID", "deprecatedID", "timeStart", "timeEnd", "deviceID", "audit"}
)
MARK = "sealed"


@dataclass(frozen=True)
class SensitiveAnswer:
    """An answer about a person: which question, in which entry, and what was said."""

    path: str
    entry: str
    """The numbers of the entries on the way, outermost first: `2`, `2.1`, or nothing."""
    kind: Sensitive
    text: str


@dataclass(frozen=True)
class Apart:
    """A record in its two parts: what everybody may read, and what is sealed."""

    readable: bytes
    answers: tuple[SensitiveAnswer, ...]


@dataclass(frozen=True)
class _Shape:
    """The paths of a checklist by what becomes of the elements there."""

    schema: FormSchema

    @cached_property
    def sensitive(self) -> dict[str, Question]:
        return {one.path: one for one in self.schema.questions if one.sensitive}

    @cached_property
    def plain(self) -> frozenset[str]:
        keys = {repeat.row_key for repeat in self.schema.repeats}
        return frozenset(
            one.path
            for one in self.schema.questions
            if one.path not in self.sensitive and (_is_plain(one) or one.path in keys)
        )

    @cached_property
    def holders(self) -> frozenset[str]:
        """The paths of what holds questions: groups, repeats and unnamed levels."""
        return frozenset(
            path for one in self.schema.questions for path in _above(one.path)
        )

    @cached_property
    def repeats(self) -> frozenset[str]:
        return frozenset(one.path for one in self.schema.repeats)


# Schemas are read once in a process; each is kept beside its shape, so that its id
# cannot come to mean another.
_SHAPES: dict[int, _Shape] = {}
SHAPES_KEPT = 200


def _shape_of(schema: FormSchema) -> _Shape:
    shape = _SHAPES.get(id(schema))
    if shape is None or shape.schema is not schema:
        if len(_SHAPES) >= SHAPES_KEPT:
            _SHAPES.clear()
        shape = _SHAPES[id(schema)] = _Shape(schema)
    return shape


def seals(schema: FormSchema) -> bool:
    """Tell whether a checklist asks anything whose answers are kept apart."""
    return any(question.sensitive for question in schema.questions)


def take_apart(schema: FormSchema, instance: Instance) -> Apart:
    """Divide a record of a checklist that asks about people."""
    shape, answers = _shape_of(schema), dict[tuple[str, str], SensitiveAnswer]()
    root = etree.Element(
        instance.root.name, {"id": instance.form_id, "version": instance.version}
    )
    _copy(shape, instance.root, root, f"/{schema.root}", (), answers)
    readable = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Apart(readable, tuple(answers.values()))


def hidden_names(schema: FormSchema, instance: Instance) -> frozenset[str]:
    """Return the names of files that answer a question about a person."""
    return _names_at(
        instance,
        (
            one.path
            for one in schema.questions
            if one.sensitive and one.type in BINARY_TYPES
        ),
    )


def log_names(schema: FormSchema, instance: Instance) -> frozenset[str]:
    """Return the names of logs of the interview, which repeat what was typed."""
    return _names_at(
        instance,
        (one.path for one in schema.questions if one.type is QuestionType.AUDIT_LOG),
    )


def _names_at(instance: Instance, paths: Iterable[str]) -> frozenset[str]:
    return frozenset(
        node.text for path in paths for node in nodes_at(instance.root, path)
    ) - {""}


def _is_plain(question: Question) -> bool:
    """A calculation may repeat a sensitive answer, unless it is a fact of its own."""
    if question.type in {QuestionType.CALCULATED, QuestionType.OTHER}:
        return question.fact is not None
    return True


def _above(path: str) -> Iterator[str]:
    steps = path.split("/")
    return ("/".join(steps[:end]) for end in range(2, len(steps)))


def _copy(
    shape: _Shape,
    node: Node,
    element: etree._Element,
    path: str,
    entry: tuple[int, ...],
    answers: dict[tuple[str, str], SensitiveAnswer],
) -> None:
    counted: Counter[str] = Counter()
    for child in node.children:
        below = f"{path}/{child.name}"
        counted[child.name] += 1
        inner = entry
        if below in shape.repeats:
            inner = (*entry, counted[child.name])
        if below in shape.sensitive:
            _seal(shape.sensitive[below], child, element, inner, answers)
        elif child.name == "meta" and path.count("/") == 1:
            _copy_meta(child, etree.SubElement(element, "meta"))
        elif below in shape.holders:
            _copy(
                shape,
                child,
                etree.SubElement(element, child.name),
                below,
                inner,
                answers,
            )
        elif below in shape.plain:
            etree.SubElement(element, child.name).text = child.text or None


def _seal(
    question: Question,
    node: Node,
    element: etree._Element,
    entry: tuple[int, ...],
    answers: dict[tuple[str, str], SensitiveAnswer],
) -> None:
    shown = etree.SubElement(element, node.name)
    if not node.text or question.sensitive is None:
        return
    shown.set(MARK, question.sensitive)
    number = ".".join(str(one) for one in entry)
    # No device answers twice; if it were so, the second is still in the original.
    answers.setdefault(
        (question.path, number),
        SensitiveAnswer(question.path, number, question.sensitive, node.text),
    )


def _copy_meta(meta: Node, element: etree._Element) -> None:
    for child in meta.children:
        if child.name in PLAIN_META:
            etree.SubElement(element, child.name).text = child.text or None
