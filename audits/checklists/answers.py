"""From a filled checklist to facts: what was answered, left blank, or never asked.

Facts can be derived again at any time from the instance and the schema of its version.
Three states are kept apart. A question that was answered gives its value, or
`cannot_tell`; one that was asked and left blank gives null; one that was not asked, for
want of relevance or of the question itself, gives no key at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from audits.checklists.form import (
    AUTOMATIC_TYPES,
    NO,
    FormSchema,
    Question,
    Relevance,
    Repeat,
)
from audits.checklists.instance import Instance, Node, nodes_at
from audits.checklists.metadata import Metadata, metadata_of
from audits.checklists.mistakes import Sentence, sentence
from audits.checklists.relevance import (
    ConditionNotUnderstood,
    absolute,
    holds,
    paths_of,
    read_condition,
)
from audits.checklists.values import FactValue, ValueRefused, fact_value
from compliance.texts import N_

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Member = dict[str, FactValue]


@dataclass(frozen=True)
class Fault:
    """An answer that cannot be read; it counts as given but unusable, so as blank."""

    path: str
    value: str
    message: Sentence
    remedy: Sentence

    def __post_init__(self) -> None:
        # A fault goes into logs and pages: a whole essay in a number field does not.
        object.__setattr__(self, "value", self.value[:80])


@dataclass(frozen=True)
class Reading:
    """What one filled checklist says."""

    facts: dict[str, FactValue]
    """The facts of the audit as a whole, by id."""
    rosters: dict[str, list[Member] | None]
    """The members of each roster the checklist lists; None if that went unanswered."""
    metadata: Metadata
    faults: tuple[Fault, ...]

    def document(self) -> dict[str, object]:
        """Return the part of the answers document that comes from the checklist."""
        return {"facts": self.facts, **self.rosters}


def facts_of(schema: FormSchema, instance: Instance) -> Reading:
    """Return the facts, rosters and metadata of an instance of this form version."""
    reader = _Reader(schema, instance.root)
    facts = reader.facts(None, _Place(instance.root, None))
    rosters = {
        str(repeat.roster): reader.members(repeat)
        for repeat in schema.repeats
        if repeat.roster
    }
    return Reading(facts, rosters, metadata_of(schema, instance), tuple(reader.faults))


@dataclass(frozen=True)
class _Place:
    """Where paths are looked up: the whole record and, in a repeat, one entry of it."""

    root: Node
    entry: Node | None
    repeat: str = ""

    def nodes(self, path: str) -> tuple[Node, ...]:
        if self.entry is not None and path.startswith(f"{self.repeat}/"):
            return nodes_at(self.entry, f"/entry{path.removeprefix(self.repeat)}")
        return nodes_at(self.root, path)

    def text(self, path: str) -> str:
        return next((node.text for node in self.nodes(path)), "")


class _Reader:
    def __init__(self, schema: FormSchema, root: Node) -> None:
        self._schema = schema
        self._root = root
        self.faults: list[Fault] = []
        self._keys: set[str] = set()

    def facts(self, repeat: str | None, place: _Place) -> dict[str, FactValue]:
        """Return the facts asked directly in a repeat, or in none, by their bare name."""
        return {
            question.fact.name: value
            for question in self._schema.asked_in(repeat)
            if question.fact
            for value in self._answer(question, place)
        }

    def members(self, repeat: Repeat) -> list[Member] | None:
        """Return the entries that say anything; with none, what the gate says of them."""
        entries = [
            entry
            for entry in nodes_at(self._root, repeat.path)
            if self._says_anything(repeat, entry)
        ]
        if entries:
            return [
                self._member(repeat, entry, number)
                for number, entry in enumerate(entries, start=1)
            ]
        return [] if self._gate_says_none(repeat) else None

    def _member(self, repeat: Repeat, entry: Node, number: int) -> Member:
        place = _Place(self._root, entry, repeat.path)
        key = place.text(repeat.row_key) if repeat.row_key else ""
        # Only what looks like a uuid is kept: a key goes where no name may go.
        lasting = key if _UUID.fullmatch(key) and key not in self._keys else str(number)
        self._keys.add(lasting)
        return {"key": lasting} | self.facts(repeat.path, place)

    def _says_anything(self, repeat: Repeat, entry: Node) -> bool:
        place = _Place(self._root, entry, repeat.path)
        return any(
            place.text(question.path)
            for question in self._schema.asked_in(repeat.path)
            if question.type not in AUTOMATIC_TYPES
        )

    def _gate_says_none(self, repeat: Repeat) -> bool:
        """Say whether an answered "no" or 0 closed the repeat, so that it is known empty.

        A gate that was not asked, left blank or not known says nothing; nor does a
        question farther out, such as a refused consent.
        """
        place = _Place(self._root, None)
        gate = repeat.own_relevance
        outer = [one for one in repeat.relevance if one is not gate]
        if gate is None or not all(self._holds(one, place) for one in outer):
            return False
        try:
            condition = read_condition(gate.expression)
        except ConditionNotUnderstood:
            return False
        asked = {absolute(path, repeat.path) for path in paths_of(condition)}
        return bool(asked) and all(self._denied(path, place) for path in asked)

    def _denied(self, path: str, place: _Place) -> bool:
        text = place.text(path)
        question = self._schema.by_path.get(path)
        choices = question.choices if question else ()
        meaning = {choice.name: choice.value for choice in choices}
        return meaning.get(text, text) in NO | {"0"}

    def _answer(self, question: Question, place: _Place) -> Iterator[FactValue]:
        """Yield the value of a question, null if it was left blank, nothing if not asked."""
        nodes = place.nodes(question.path)
        if len(nodes) > 1:
            self._note(question, nodes[1].text, _TWICE, _ONCE)
            yield None
        elif nodes and nodes[0].text:
            yield self._value(question, nodes[0].text)
        elif nodes and self._relevant(question, place):
            yield None

    def _value(self, question: Question, text: str) -> FactValue:
        if question.fact is None:
            return None
        try:
            return fact_value(question, question.fact, text)
        except ValueRefused as refused:
            self._note(question, text, refused.message, refused.remedy)
            return None

    def _relevant(self, question: Question, place: _Place) -> bool:
        """Some web clients send empty elements for questions that were not relevant."""
        return all(self._holds(condition, place) for condition in question.relevance)

    def _holds(self, relevance: Relevance, place: _Place) -> bool:
        try:
            condition = read_condition(relevance.expression)
        except ConditionNotUnderstood:
            return True
        return holds(condition, lambda path: place.text(absolute(path, relevance.path)))

    def _note(
        self, question: Question, text: str, message: Sentence, remedy: Sentence
    ) -> None:
        if question.sensitive:
            # A fault is read by many; what was said of a person is not for them.
            text, message = "", _WITHHELD
        self.faults.append(Fault(question.path, text, message, remedy))


_WITHHELD = sentence(
    N_("An answer about a person cannot be read; it is sealed and not shown here.")
)
_TWICE = sentence(N_("The question is answered twice."))
_ONCE = sentence(N_("Send one answer to it."))
