"""Rows of an export → visits: values at the paths of their questions, faults beside them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audits.checklists.form import FormSchema, Question
from audits.checklists.mistakes import Sentence, sentence
from audits.visit_imports.cells import CellRefused, answer_text, is_chosen
from audits.visit_imports.columns import Columns, Meaning, Part, Unknown
from audits.visit_imports.rebuilding import Entry
from compliance.texts import N_

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
INSTANCE_ID_CHARACTERS = 249
ID_COLUMNS = ("meta/instanceID", "meta-instanceID", "instanceID", "_uuid", "KEY")
UNKNOWN = N_("The checklist has no question for this column; it is left out.")
COMPARE = N_("Compare the headings with the checklist, or name another version of it.")


@dataclass(frozen=True)
class Fault:
    """What cannot be read of a row, by its column; the value is never repeated."""

    column: str
    message: Sentence
    remedy: Sentence


@dataclass
class Visit:
    """One visit of an export, and what could not be read of it."""

    number: int
    """The row in the file, or the place in the list, from 1."""
    instance_id: str
    entry: Entry
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Export:
    """All visits of an export, and what is to be noticed about the file as a whole."""

    visits: tuple[Visit, ...]
    notices: tuple[Fault, ...]
    # The paths of the questions that have a column; None where blanks are left out.
    asked: frozenset[str] | None


@dataclass
class Assembler:
    """Reads values of one export against one version of a checklist."""

    schema: FormSchema
    unknown: dict[str, Fault] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    _columns: dict[str | None, Columns] = field(default_factory=dict)
    _known: dict[tuple[str | None, str], Meaning | Unknown | None] = field(
        default_factory=dict
    )

    def entry(
        self, repeat: str | None, cells: Iterable[tuple[str, str]]
    ) -> tuple[Entry, list[Fault]]:
        """Return the answers of a row, as far as they can be read."""
        entry, faults = Entry(), list[Fault]()
        chosen: dict[str, list[str]] = {}
        parts: dict[str, dict[Part, str]] = {}
        for heading, given in cells:
            meaning = self.meaning(repeat, heading)
            if not isinstance(meaning, Meaning):
                continue
            path = meaning.question.path
            try:
                if meaning.choice is not None:
                    picked = chosen.setdefault(path, [])
                    if is_chosen(given):
                        picked.append(meaning.choice)
                elif meaning.part is not None:
                    parts.setdefault(path, {})[meaning.part] = given.strip()
                else:
                    text = answer_text(meaning.question, given)
                    entry.texts[path] = text or entry.texts.get(path, "")
            except CellRefused as refused:
                faults.append(Fault(heading, refused.message, refused.remedy))
        by_path = self.schema.by_path
        for path, names in chosen.items():
            _settle(entry, faults, by_path[path], " ".join(names))
        for path, numbers in parts.items():
            _settle(entry, faults, by_path[path], _position(numbers))
        return entry, faults

    def meaning(self, repeat: str | None, heading: str) -> Meaning | Unknown | None:
        """Return what a heading means, noting what nobody asked, each once."""
        key = (repeat, heading)
        if key not in self._known:
            columns = self._columns.setdefault(repeat, Columns(self.schema, repeat))
            found = self._known[key] = columns.meaning(heading)
            if isinstance(found, Meaning):
                self.asked.add(found.question.path)
            elif isinstance(found, Unknown):
                self.note_unknown(heading)
        return self._known[key]

    def note_unknown(self, heading: str) -> None:
        self.unknown.setdefault(
            heading, Fault(heading, sentence(UNKNOWN), sentence(COMPARE))
        )

    @property
    def notices(self) -> tuple[Fault, ...]:
        return tuple(self.unknown.values())


def _settle(entry: Entry, faults: list[Fault], question: Question, given: str) -> None:
    """Take what was put together of parts, unless the whole stood in its own column."""
    if entry.texts.get(question.path):
        return
    try:
        entry.texts[question.path] = answer_text(question, given)
    except CellRefused as refused:
        faults.append(Fault(question.name, refused.message, refused.remedy))


def _position(numbers: Mapping[Part, str]) -> str:
    if not numbers.get(Part.LATITUDE) and not numbers.get(Part.LONGITUDE):
        return ""
    latitude, longitude = numbers.get(Part.LATITUDE), numbers.get(Part.LONGITUDE)
    rest = (numbers.get(part) or "0" for part in (Part.ALTITUDE, Part.ACCURACY))
    return " ".join((latitude or "?", longitude or "?", *rest))


def instance_id_of(cells: Mapping[str, str], faults: list[Fault]) -> str:
    """Return the id by which a visit is known again, noting where there is none."""
    for column in ID_COLUMNS:
        told = cells.get(column, "").strip()
        if told and len(told) <= INSTANCE_ID_CHARACTERS and told.isprintable():
            return f"uuid:{told}" if _UUID.fullmatch(told) else told
    faults.append(
        Fault(
            ID_COLUMNS[0],
            sentence(N_("The visit has no id of its own.")),
            sentence(N_("Export again with the columns that the tool adds.")),
        )
    )
    return ""
