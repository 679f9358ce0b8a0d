"""What a heading of an export means in a checklist: a question, a part of one, or nothing.

Kobo joins groups and questions with `/`, ODK Central with `-`; either may leave groups
out. A multiple select may stand as one column of 0 and 1 for each choice, a position as
one column for each number.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from audits.checklists.form import FormSchema, Question, QuestionType

SYSTEM = frozenset(
    {
        "KEY",
        "PARENT_KEY",
        "SubmissionDate",
        "SubmitterID",
        "SubmitterName",
        "AttachmentsPresent",
        "AttachmentsExpected",
        "Status",
        "ReviewState",
        "DeviceID",
        "Edits",
        "FormVersion",
        "formhub/uuid",
        "meta/instanceID",
        "meta-instanceID",
        "instanceID",
        "meta/instanceName",
        "meta-instanceName",
        "meta/deprecatedID",
        "meta/rootUuid",
        "meta/audit",
        "meta-audit",
        "start",
        "end",
        "today",
        "deviceid",
        "username",
        "phonenumber",
        "audit",
    }
)
SEPARATORS = ("/", "-")


class Part(StrEnum):
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    ALTITUDE = "altitude"
    ACCURACY = "accuracy"


PARTS = {
    **{str(part): part for part in Part},
    "precision": Part.ACCURACY,
}


@dataclass(frozen=True)
class Meaning:
    """What a column holds: the answer of a question, or a choice or part of it."""

    question: Question
    choice: str | None = None
    part: Part | None = None


@dataclass(frozen=True)
class Unknown:
    """A heading that the checklist does not know."""


@dataclass
class Columns:
    """The headings of one table, read against the questions of one repeat, or of none."""

    schema: FormSchema
    repeat: str | None
    known: Mapping[str, Question] = field(init=False)

    def __post_init__(self) -> None:
        self.known = dict(_names(self.schema, self.repeat))

    def meaning(self, heading: str) -> Meaning | Unknown | None:
        """Return what a heading means; None for what tools add by themselves."""
        name = heading.strip()
        question = self.known.get(name)
        if question is not None:
            return Meaning(question)
        if name in SYSTEM or name.startswith("SET-OF-") or not name:
            return None
        found = self._choice(name) or self._part(name)
        if found is not None:
            return found
        return None if name.startswith("_") else Unknown()

    def _choice(self, name: str) -> Meaning | None:
        for separator in SEPARATORS:
            for end in _ends(name, separator):
                question = self.known.get(name[:end])
                choice = name[end + 1 :]
                if question is not None and _has(question, choice):
                    return Meaning(question, choice=choice)
        return None

    def _part(self, name: str) -> Meaning | None:
        """Kobo writes `_location_latitude`, ODK Central `location-Latitude`."""
        for end in (*_ends(name, "-"), *_ends(name, "_")):
            part = PARTS.get(name[end + 1 :].lower())
            question = self.known.get(name[:end].removeprefix("_"))
            if part and question and question.type is QuestionType.GEOPOINT:
                return Meaning(question, part=part)
        return None


def _has(question: Question, choice: str) -> bool:
    return question.type is QuestionType.SELECT_MULTIPLE and any(
        one.name == choice for one in question.choices
    )


def _ends(name: str, separator: str) -> Iterator[int]:
    return (place for place, one in enumerate(name) if one == separator)


def _names(schema: FormSchema, repeat: str | None) -> Iterator[tuple[str, Question]]:
    """Yield every name an export may give a question; a bare one only if it is alone."""
    questions = list(schema.asked_in(repeat))
    counted = Counter(one.name for one in questions)
    for question in questions:
        whole = question.path.removeprefix(f"/{schema.root}/")
        inner = question.path.removeprefix(f"{repeat or '/' + schema.root}/")
        for path in (whole, inner):
            for separator in SEPARATORS:
                yield path.replace("/", separator), question
        if counted[question.name] == 1:
            yield question.name, question
