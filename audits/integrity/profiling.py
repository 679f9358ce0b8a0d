"""From a filled checklist to its profile: counted and measured in the process that may
open what is sealed, so that nothing but numbers and codes leaves it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audits.checklists.form import (
    SILENT_TYPES,
    FormSchema,
    Question,
    QuestionType,
    Relevance,
)
from audits.checklists.instance import Instance, Node, nodes_at
from audits.checklists.metadata import METADATA_QUESTIONS, Metadata
from audits.checklists.relevance import (
    ConditionNotUnderstood,
    absolute,
    holds,
    read_condition,
)
from audits.integrity.codes import Why
from audits.integrity.profile import Heads, Pictures, Place, Span
from audits.integrity.signals.faster_than_reading import seconds_to_read
from audits.submissions.pictures import Position, metres_between
from rules.texts import LANGUAGES, Text

# The names that a question of any checklist takes to tell one of these.
PAYROLL, HOUSED, HARVEST = "payroll_heads", "housed_heads", "harvest_heads"
LONGEST_SPAN = 24 * 3600.0
# Facts of the site as a whole that tell of children there.
CHILDREN_DECLARED = (
    "children_accompany_parents",
    "children_live_in_housing",
    "workers_under_18_present",
    "children_on_adults_ticket",
)
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Answers:
    """What was asked and answered, and the texts that people wrote, to be sketched."""

    asked: int
    answered: int
    reading_seconds: float
    choices: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Taken:
    """What a picture's own data betrayed when its derivative was made."""

    distance_metres: int | None
    minutes_after_start: int | None
    is_plain: bool


def answers_of(schema: FormSchema, instance: Instance) -> Answers:
    """Return what was answered of a filled checklist."""
    asked, answered, seconds, texts = 0, 0, 0.0, list[str]()
    choices: dict[str, str] = {}
    for question in schema.questions:
        if question.type in SILENT_TYPES:
            continue
        for node in nodes_at(instance.root, question.path):
            if not node.text and not _is_relevant(question, instance.root):
                continue
            asked += 1
            if not node.text:
                continue
            answered += 1
            seconds += seconds_to_read(words_in(question.label))
            if _is_compared(question):
                choices[question.path] = node.text
            if question.type is QuestionType.TEXT and _is_told(question):
                texts.append(node.text)
    return Answers(asked, answered, round(seconds, 1), choices, "\n".join(texts))


def words_in(label: Text) -> int:
    """Return the words of a question in the language that says it shortest."""
    return min(len(label.in_language(language).split()) for language in LANGUAGES)


def words_by_path(schema: FormSchema) -> dict[str, int]:
    return {one.path: words_in(one.label) for one in schema.questions}


def place_of(
    point: Position | None,
    accuracy: float | None,
    site: Position | None,
    area_square_metres: int | None,
) -> Place:
    """Return how far the device's point lies from the registered one."""
    radius = round(math.sqrt((area_square_metres or 0) / math.pi), 1)
    if point is None:
        return Place(site_radius=radius, why=Why.NO_POINT)
    if site is None:
        return Place(accuracy=accuracy, site_radius=radius, why=Why.SITE_HAS_NO_POINT)
    return Place(float(metres_between(point, site)), accuracy, radius)


def span_of(began_at: datetime | None, ended_at: datetime | None) -> Span:
    """Return how long the interview took; clocks that cannot be right tell nothing."""
    if began_at is None or ended_at is None:
        return Span(why=Why.NO_TIMES)
    seconds = (ended_at - began_at).total_seconds()
    if seconds <= 0:
        return Span(why=Why.TIMES_IMPOSSIBLE)
    if seconds > LONGEST_SPAN:
        return Span(why=Why.MORE_THAN_A_DAY)
    return Span(seconds)


def position_of(metadata: Metadata) -> tuple[Position | None, float | None]:
    """Return where the device says it was, and how exactly it says so, in metres."""
    location = metadata.location
    if location is None:
        return None, None
    point = Position(float(location.latitude), float(location.longitude))
    return point, None if location.accuracy is None else float(location.accuracy)


def heads_of(schema: FormSchema, instance: Instance, facts: Facts) -> Heads:
    """Return the numbers of people that three questions tell, and contradictions."""

    def number(name: str) -> int | None:
        question = schema.by_name.get(name)
        nodes = nodes_at(instance.root, question.path) if question else ()
        text = next((node.text for node in nodes if node.text), "")
        return int(text) if text.isdecimal() and len(text) <= 6 else None

    return Heads(
        number(PAYROLL), number(HOUSED), number(HARVEST), contradictions_in(facts)
    )


def contradictions_in(facts: Facts) -> int | None:
    """Return how many pairs of facts exclude each other; None where no pair is known."""
    found = list(_contradicted(facts))
    return sum(found) if found else None


def children_of(document: Facts) -> tuple[bool | None, int | None]:
    """Return whether the site is said to have children, and how many are listed.

    Not declared is only what was answered "no" by every question that was asked.
    """
    facts = document.get("facts") or {}
    told = [facts[name] for name in CHILDREN_DECLARED if name in facts]
    known = [one for one in told if isinstance(one, bool)]
    listed = document.get("children")
    count = len(listed) if isinstance(listed, list) else None
    return (any(known) if known else None), count


def pictures_of(taken: Sequence[Taken], span: Span) -> Pictures:
    """Return what the pictures of a visit tell of where and when they were taken."""
    metres = [one.distance_metres for one in taken if one.distance_metres is not None]
    minutes = [
        _minutes_outside(one.minutes_after_start, span)
        for one in taken
        if one.minutes_after_start is not None
    ]
    return Pictures(
        count=len(taken),
        plain=sum(one.is_plain for one in taken),
        placed=len(metres),
        farthest=max(metres, default=None),
        dated=len(minutes),
        worst_minutes=max(minutes, default=None),
    )


def _minutes_outside(minutes: int, span: Span) -> int:
    """Return how long before the beginning or after the end; 0 is in between."""
    if minutes < 0:
        return -minutes
    return max(0, minutes - round((span.seconds or LONGEST_SPAN) / 60))


def _is_compared(question: Question) -> bool:
    return (
        question.type is QuestionType.SELECT_ONE
        and question.sensitive is None
        and question.repeat is None
        and question.name not in METADATA_QUESTIONS
    )


def _is_told(question: Question) -> bool:
    """A reference or another question of the visit itself is no report."""
    return question.name not in METADATA_QUESTIONS


def _is_relevant(question: Question, root: Node) -> bool:
    """Some web clients send empty elements for questions that were not relevant."""

    return all(_holds(condition, root) for condition in question.relevance)


def _holds(condition: Relevance, root: Node) -> bool:
    def text(path: str) -> str:
        nodes = nodes_at(root, absolute(path, condition.path))
        return next((node.text for node in nodes), "")

    try:
        return holds(read_condition(condition.expression), text)
    except ConditionNotUnderstood:
        return True


def _contradicted(facts: Facts) -> Iterator[bool]:
    """Yield for each pair of facts that are both known whether they exclude each other."""
    housing, live_there = (
        facts.get("housing_provided"),
        facts.get("children_live_in_housing"),
    )
    if isinstance(housing, bool) and isinstance(live_there, bool):
        yield live_there and not housing
    present, spoken = facts.get("groups_present"), facts.get("groups_interviewed")
    if isinstance(present, list) and isinstance(spoken, list):
        yield not set(spoken) <= set(present)
    young = facts.get("workers_under_18_present")
    if isinstance(present, list) and isinstance(young, bool):
        yield "young_workers" in present and not young
