"""The reverse of reading: answers by question name → the record a device would send.

Made for the demonstration and for tests. Skip logic is kept as ODK Collect keeps it:
what is not relevant is not in the record, whatever answer was given for it.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from lxml import etree

from audits.checklists.form import (
    SILENT_TYPES,
    FormSchema,
    Question,
    QuestionType,
    Relevance,
    Repeat,
)
from audits.checklists.relevance import absolute, holds, read_condition

ORX = "http://openrosa.org/xforms"
Answers = Mapping[str, object]
"""By question name: a text, number, day, time, choice or choices; a repeat's is a list."""


class AnswerNotPossible(ValueError):
    """No device could have sent this: the question or choice does not exist."""


@dataclass(frozen=True)
class Header:
    """What the device adds to the answers by itself."""

    instance_id: str
    deprecated_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    device_id: str | None = None


@dataclass
class _Entry:
    """Texts by path, of the record as a whole or of one entry of a repeat."""

    texts: dict[str, str] = field(default_factory=dict)


def fill(
    schema: FormSchema,
    answers: Answers,
    *,
    instance_id: str,
    deprecated_id: str | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    device_id: str | None = None,
) -> bytes:
    """Return the XML of a record; a repeat's answer is a list of mappings.

    Raise AnswerNotPossible for a name or a choice the checklist does not have, and
    ConditionNotUnderstood if its skip logic goes beyond what is evaluated here.
    """
    header = Header(instance_id, deprecated_id, started_at, ended_at, device_id)
    return _Filler(schema, header).record(answers)


class _Filler:
    def __init__(self, schema: FormSchema, header: Header) -> None:
        self._schema = schema
        self._header = header
        self._repeats = {repeat.name: repeat for repeat in schema.repeats}
        self._whole = _Entry()
        self._root = etree.Element(
            schema.root,
            {"id": schema.form_id, "version": schema.version},
            nsmap={"orx": ORX},
        )

    def record(self, answers: Answers) -> bytes:
        known = {one.name for one in self._schema.asked_in(None)} | set(self._repeats)
        _refuse_unknown(answers, known)
        # Repeats stand among the questions; a node keeps the order of the XForm.
        placed: set[str] = set()
        for question in self._schema.questions:
            if question.repeat is None:
                self._place(question, answers.get(question.name))
            elif question.repeat not in placed:
                placed.add(question.repeat)
                self._place_repeat(question.repeat, answers)
        self._place_meta()
        return etree.tostring(self._root, xml_declaration=True, encoding="UTF-8")

    def _place(self, question: Question, answer: object) -> None:
        if question.type is QuestionType.AUDIT_LOG or not self._relevant(
            question.relevance, self._whole, ""
        ):
            return
        text = self._automatic(question) or _text_of(question, answer)
        self._whole.texts[question.path] = text
        _descend(self._root, question.path).text = text or None

    def _place_repeat(self, path: str, answers: Answers) -> None:
        repeat = next(one for one in self._schema.repeats if one.path == path)
        entries = answers.get(repeat.name) or ()
        if not self._relevant(repeat.relevance, self._whole, ""):
            return
        if isinstance(entries, str) or not isinstance(entries, Iterable):
            raise AnswerNotPossible(f"'{repeat.name}' is a repeat: give it a list.")
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, Mapping):
                raise AnswerNotPossible(f"'{repeat.name}' wants a mapping an entry.")
            self._place_entry(repeat, entry, number)

    def _place_entry(
        self, repeat: Repeat, answers: Mapping[str, object], number: int
    ) -> None:
        questions = list(self._schema.asked_in(repeat.path))
        _refuse_unknown(answers, {question.name for question in questions})
        parent = _descend(self._root, repeat.path.rpartition("/")[0])
        element = etree.SubElement(parent, repeat.name)
        entry = _Entry()
        for question in questions:
            if not self._relevant(question.relevance, entry, repeat.path):
                continue
            answer = answers.get(question.name)
            if answer is None and question.path == repeat.row_key:
                answer = self._row_key(repeat, number)
            text = _text_of(question, answer)
            entry.texts[question.path] = text
            inner = f"/entry{question.path.removeprefix(repeat.path)}"
            _descend(element, inner).text = text or None

    def _row_key(self, repeat: Repeat, number: int) -> str:
        """A device draws it at random; here the same record gets the same key again."""
        name = f"{self._header.instance_id}/{repeat.name}/{number}"
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    def _automatic(self, question: Question) -> str:
        header = self._header
        values: dict[QuestionType, str | None] = {
            QuestionType.START: _instant(header.started_at),
            QuestionType.END: _instant(header.ended_at),
            QuestionType.DEVICE_ID: header.device_id,
            QuestionType.TODAY: header.started_at.date().isoformat()
            if header.started_at
            else None,
        }
        return values.get(question.type) or ""

    def _relevant(
        self, conditions: Iterable[Relevance], entry: _Entry, repeat: str
    ) -> bool:
        return all(self._holds(one, entry, repeat) for one in conditions)

    def _holds(self, relevance: Relevance, entry: _Entry, repeat: str) -> bool:
        def lookup(path: str) -> str:
            whole = absolute(path, relevance.path)
            inside = repeat and whole.startswith(f"{repeat}/")
            return (entry if inside else self._whole).texts.get(whole, "")

        return holds(read_condition(relevance.expression), lookup)

    def _place_meta(self) -> None:
        meta = etree.SubElement(self._root, f"{{{ORX}}}meta")
        told = {
            "deprecatedID": self._header.deprecated_id,
            "instanceID": self._header.instance_id,
        }
        for name, text in told.items():
            if text:
                etree.SubElement(meta, f"{{{ORX}}}{name}").text = text


def _refuse_unknown(answers: Mapping[str, object], known: set[str]) -> None:
    unknown = sorted(set(answers) - known)
    if unknown:
        raise AnswerNotPossible(f"The checklist does not ask {', '.join(unknown)}.")


def _text_of(question: Question, answer: object) -> str:
    """Return an answer as it stands in the XML; blank for None and for nothing chosen."""
    if answer is None or question.type in SILENT_TYPES - {QuestionType.CALCULATED}:
        return ""
    if isinstance(answer, bool):
        answer = "yes" if answer else "no"
    if question.choices:
        return _chosen(question, answer)
    if isinstance(answer, datetime):
        return _instant(answer) or ""
    if isinstance(answer, date | time):
        return answer.isoformat()
    return str(answer)


def _chosen(question: Question, answer: object) -> str:
    names = [answer] if isinstance(answer, str) else answer
    if not isinstance(names, Iterable):
        raise AnswerNotPossible(f"'{question.name}' wants choices, not {names}.")
    chosen = [str(name) for name in names]
    known = {choice.name for choice in question.choices}
    if not known.issuperset(chosen):
        wrong = ", ".join(sorted(set(chosen) - known))
        raise AnswerNotPossible(f"'{question.name}' has no choice {wrong}.")
    if question.type is QuestionType.SELECT_ONE and len(chosen) > 1:
        raise AnswerNotPossible(f"'{question.name}' takes one choice.")
    return " ".join(chosen)


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None


def _descend(root: etree._Element, path: str) -> etree._Element:
    """Return the element at a path below the root, making what is missing on the way."""
    element = root
    for step in path.split("/")[2:]:
        found = element.find(step)
        element = etree.SubElement(element, step) if found is None else found
    return element
