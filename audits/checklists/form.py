"""The shape of a published checklist: what is asked, of which fact, and when.

A schema is derived from the XForm alone, the bytes every device gets, together with the
vocabulary of facts it was published against; it is kept as JSON beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from pydantic import TypeAdapter

from rules.texts import Text
from rules.vocabulary import Kind, Roster, Sensitive


class QuestionType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date_time"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    GEOPOINT = "geopoint"
    GEOTRACE = "geotrace"
    GEOSHAPE = "geoshape"
    BARCODE = "barcode"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"
    SIGNATURE = "signature"
    NOTE = "note"
    ACKNOWLEDGE = "acknowledge"
    CALCULATED = "calculated"
    START = "start"
    END = "end"
    TODAY = "today"
    DEVICE_ID = "device_id"
    AUDIT_LOG = "audit_log"
    OTHER = "other"


class Purpose(StrEnum):
    """What a filled checklist is good for; only a visit is assessed."""

    VISIT = "visit"
    """Somebody from outside saw and asked: it decides rules and raises findings."""
    SELF_ASSESSMENT = "self_assessment"
    """The site about itself: kept beside the visits, and never taken for one."""
    COMMUNITY = "community"
    """About a place where many sites are: it belongs to no site and moves no grade."""


BINARY_TYPES = frozenset(
    {
        QuestionType.IMAGE,
        QuestionType.AUDIO,
        QuestionType.VIDEO,
        QuestionType.FILE,
        QuestionType.SIGNATURE,
        QuestionType.AUDIT_LOG,
    }
)
# What the device fills in by itself: no sign that anybody answered.
AUTOMATIC_TYPES = frozenset(
    {
        QuestionType.CALCULATED,
        QuestionType.START,
        QuestionType.END,
        QuestionType.TODAY,
        QuestionType.DEVICE_ID,
        QuestionType.AUDIT_LOG,
    }
)
SILENT_TYPES = AUTOMATIC_TYPES | {QuestionType.NOTE, QuestionType.OTHER}
CANNOT_TELL = "unk"  # the choice that is an answer and decides nothing
NONE_OF_THEM = "none"  # the choice of a multiple select that says: known to be empty
YES = frozenset({"yes", "true"})
NO = frozenset({"no", "false"})


@dataclass(frozen=True, slots=True)
class Relevance:
    """A condition as the XForm has it, and the question, group or repeat that bears it."""

    path: str
    expression: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice as sent (`name`) and what it means among the fact's options (`value`)."""

    name: str
    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class AskedFact:
    """The fact a question answers, as the vocabulary had it at publishing."""

    id: str
    name: str
    roster: Roster | None
    kind: Kind
    unit: str | None
    lowest: int
    highest: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    path: str
    name: str
    type: QuestionType
    label: Text
    hint: Text
    fact: AskedFact | None
    unit: str | None
    sensitive: Sensitive | None
    choices: tuple[Choice, ...]
    required: bool
    relevance: tuple[Relevance, ...]
    """Every condition that must hold, outermost group first, the question's own last."""
    repeat: str | None
    """The path of the repeat the question stands in."""


@dataclass(frozen=True, slots=True)
class Group:
    path: str
    name: str
    label: Text
    relevance: tuple[Relevance, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    path: str
    name: str
    label: Text
    roster: Roster | None
    row_key: str | None
    """The path of the calculated uuid that identifies an entry."""
    relevance: tuple[Relevance, ...]

    @property
    def own_relevance(self) -> Relevance | None:
        """The condition on the repeat itself: its gate."""
        return next((one for one in self.relevance if one.path == self.path), None)


@dataclass(frozen=True)
class FormSchema:
    form_id: str
    version: str
    title: str
    root: str
    questions: tuple[Question, ...]
    groups: tuple[Group, ...]
    repeats: tuple[Repeat, ...]
    purpose: Purpose = Purpose.VISIT

    @cached_property
    def by_name(self) -> dict[str, Question]:
        return {question.name: question for question in self.questions}

    @cached_property
    def by_path(self) -> dict[str, Question]:
        return {question.path: question for question in self.questions}

    @cached_property
    def binary_paths(self) -> tuple[str, ...]:
        """Where a non-empty value names an attachment."""
        return tuple(
            question.path
            for question in self.questions
            if question.type in BINARY_TYPES
        )

    def asked_in(self, repeat: str | None) -> Iterator[Question]:
        """Yield the questions that stand directly in a repeat, or in none."""
        return (one for one in self.questions if one.repeat == repeat)


_ADAPTER = TypeAdapter(FormSchema)


def schema_to_json(schema: FormSchema) -> bytes:
    """Return the schema as it is kept; equal schemas give equal bytes."""
    return _ADAPTER.dump_json(schema)


def schema_from_json(document: bytes | str) -> FormSchema:
    return _ADAPTER.validate_json(document)
