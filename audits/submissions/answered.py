"""The answers of a submission in the order of its checklist, as far as they may be read.

What was said about a person stays sealed: it is only told that it was answered.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from audits.checklists import queries as checklists
from audits.checklists.form import (
    BINARY_TYPES,
    CANNOT_TELL,
    NO,
    SILENT_TYPES,
    YES,
    FormSchema,
    Question,
    Repeat,
)
from audits.checklists.instance import InstanceRejected, Node, read_instance
from audits.checklists.metadata import LOCATION, Location, read_location
from audits.checklists.relevance import (
    ConditionNotUnderstood,
    absolute,
    holds,
    paths_of,
    read_condition,
)
from audits.submissions.arriving import ENCRYPTED, JSON
from audits.submissions.models import SealedAnswer
from audits.submissions.queries import (
    FactsNotThere,
    SubmissionRecord,
    facts,
    original,
    submission,
)
from compliance.identity.scope import Scope
from rules.texts import Text

Texts = dict[
    tuple[str, str], str
]  # by the path of a question and the entry it stands in


class Given(StrEnum):
    """What became of a question; not asked is not the same as not answered."""

    ANSWERED = "answered"
    CANNOT_TELL = "cannot_tell"
    NOT_ANSWERED = "not_answered"
    NOT_ASKED = "not_asked"
    SEALED = "sealed"


@dataclass(frozen=True)
class Answer:
    """A question and what was sent to it; of what is sealed, nothing."""

    question: Question
    given: Given
    text: str = ""


@dataclass(frozen=True)
class Part:
    """Questions that stand together; of a repeat, those of one entry."""

    name: str
    label: Text
    entry: str
    answers: tuple[Answer, ...]

    def count(self, given: Given) -> int:
        return sum(one.given is given for one in self.answers)


@dataclass(frozen=True)
class Answered:
    """What can be read of a submission, and where its device said it was."""

    schema: FormSchema
    parts: tuple[Part, ...] = ()
    location: Location | None = None
    files: Mapping[str, Question] = field(default_factory=dict)
    # Facts that a program sent of questions the checklist does not ask.
    others: Mapping[str, Any] = field(default_factory=dict)
    is_readable: bool = True


SEALED = select(SealedAnswer.path, SealedAnswer.entry).where(
    SealedAnswer.owner_id == bindparam("owner_id"),
    SealedAnswer.submission_id == bindparam("submission_id"),
)


def answered(session: Session, scope: Scope, public_id: str) -> Answered:
    """Return the answers of a submission; another organisation's is not found."""
    found = submission(session, scope, public_id)
    version = checklists.version(session, scope, found.checklist, found.version)
    schema = checklists.schema_of_version(session, version)
    if found.media_type == JSON:
        return _written(session, scope, found, schema)
    if found.media_type == ENCRYPTED:
        return Answered(schema, is_readable=False)
    try:
        root = read_instance(original(session, scope, public_id).content).root
    except InstanceRejected:
        return Answered(schema, is_readable=False)
    bound = {"owner_id": scope.organisation_id, "submission_id": found.id}
    sealed = {(row.path, row.entry) for row in session.execute(SEALED, bound)}
    return _filled(schema, root, sealed)


def _filled(schema: FormSchema, root: Node, sealed: set[tuple[str, str]]) -> Answered:
    repeats = {one.path for one in schema.repeats}
    texts: Texts = {
        (question.path, entry): node.text
        for question in schema.questions
        for entry, node in _entries(repeats, root, schema.root, question.path)
    }
    parts = tuple(_parts(schema, texts, sealed))
    files = {
        text: question
        for question in schema.questions
        if question.type in BINARY_TYPES
        for (path, _), text in texts.items()
        if path == question.path and text
    }
    return Answered(schema, parts, _location(schema, texts), files)


def _entries(
    repeats: set[str], root: Node, name: str, path: str
) -> list[tuple[str, Node]]:
    """Return the elements at a path, each with the numbers of the entries around it."""
    found, place = [("", root)], f"/{name}"
    for step in path.split("/")[2:]:
        place = f"{place}/{step}"
        found = [
            (f"{entry}.{number}".strip(".") if place in repeats else entry, child)
            for entry, node in found
            for number, child in enumerate(node.named(step), start=1)
        ]
    return found


def _location(schema: FormSchema, texts: Texts) -> Location | None:
    question = schema.by_name.get(LOCATION)
    return read_location(texts.get((question.path, ""))) if question else None


def _parts(
    schema: FormSchema, texts: Texts, sealed: set[tuple[str, str]]
) -> Iterator[Part]:
    """Yield the parts in the order of the checklist, each entry of a repeat by itself."""
    told: set[str] = set()
    for question in _asked(schema):
        place = question.repeat or question.path.rpartition("/")[0]
        if place in told:
            continue
        told.add(place)
        inside = [
            one
            for one in _asked(schema)
            if (one.repeat or one.path.rpartition("/")[0]) == place
        ]
        paths = {one.path for one in inside}
        entries = sorted(
            {entry for path, entry in [*texts, *sealed] if path in paths}, key=_numbers
        )
        for entry in entries or ([] if question.repeat else [""]):
            yield Part(
                place.rpartition("/")[2],
                _label(schema, place),
                entry,
                tuple(_answer(schema, one, entry, texts, sealed) for one in inside),
            )


def _numbers(entry: str) -> tuple[int, ...]:
    return tuple(int(one) for one in entry.split(".") if one)


def _asked(schema: FormSchema) -> Iterator[Question]:
    return (one for one in schema.questions if one.type not in SILENT_TYPES)


def _label(schema: FormSchema, path: str) -> Text:
    named = {one.path: one.label for one in schema.groups}
    named |= {one.path: one.label for one in schema.repeats}
    return named.get(path, Text(schema.title, schema.title))


def _answer(
    schema: FormSchema,
    question: Question,
    entry: str,
    texts: Texts,
    sealed: set[tuple[str, str]],
) -> Answer:
    place = (question.path, entry)
    if place in sealed:
        return Answer(question, Given.SEALED)
    text = texts.get(place)
    if text and question.sensitive is None:
        meaning = {one.name: one.value for one in question.choices}.get(text, text)
        told = Given.CANNOT_TELL if meaning == CANNOT_TELL else Given.ANSWERED
        return Answer(question, told, text)
    is_asked = text is not None and _is_relevant(schema, question, entry, texts, sealed)
    return Answer(question, Given.NOT_ANSWERED if is_asked else Given.NOT_ASKED)


def _is_relevant(
    schema: FormSchema,
    question: Question,
    entry: str,
    texts: Texts,
    sealed: set[tuple[str, str]],
) -> bool:
    """Some clients send empty elements for what was not asked; a seal is not opened."""

    def text(path: str) -> str:
        known = schema.by_path.get(path)
        return texts.get((path, entry if known and known.repeat else ""), "")

    for one in question.relevance:
        try:
            condition = read_condition(one.expression)
        except ConditionNotUnderstood:
            continue
        paths = {absolute(path, one.path) for path in paths_of(condition)}
        if paths & {path for path, _ in sealed}:
            continue
        if not holds(condition, lambda path, at=one.path: text(absolute(path, at))):  # type: ignore[misc]  # bound at once
            return False
    return True


def _written(
    session: Session, scope: Scope, found: SubmissionRecord, schema: FormSchema
) -> Answered:
    """Return answers that a program wrote as facts, under the questions that ask them."""
    try:
        document = json.loads(facts(session, scope, found.public_id).document)
    except FactsNotThere:
        return Answered(schema, is_readable=False)
    sent: dict[str, Any] = dict(document.get("facts") or {})
    texts: Texts = {}
    sealed: set[tuple[str, str]] = set()
    for question in _asked(schema):
        if question.fact is None or question.fact.roster is not None:
            continue
        if question.fact.name in sent:
            value = sent.pop(question.fact.name)
            texts[question.path, ""] = _as_sent(question, value)
            if question.sensitive and value is not None:
                sealed.add((question.path, ""))
    for repeat in schema.repeats:
        _listed(schema, repeat, document, sealed)
    return Answered(schema, tuple(_parts(schema, texts, sealed)), others=sent)


def _listed(
    schema: FormSchema,
    repeat: Repeat,
    document: Mapping[str, Any],
    sealed: set[tuple[str, str]],
) -> None:
    """Note what was told of the people of a roster: that it was, and no more."""
    members = document.get(str(repeat.roster)) or []
    for number, member in enumerate(members, start=1):
        for question in schema.asked_in(repeat.path):
            if question.fact and member.get(question.fact.name) is not None:
                sealed.add((question.path, str(number)))


def _as_sent(question: Question, value: Any) -> str:
    """Return the value of a fact as a device would have sent it."""
    if value is None:
        return ""
    if isinstance(value, dict):
        value = CANNOT_TELL
    among = {one.value: one.name for one in question.choices}
    if isinstance(value, bool):
        named = [among[one] for one in among if one in (YES if value else NO)]
        return named[0] if named else str(value).lower()
    if isinstance(value, list):
        return " ".join(among.get(str(one), str(one)) for one in value)
    return among.get(str(value), str(value))
