"""What a checklist asks, section by section, as its author reads it."""

from collections.abc import Iterable
from dataclasses import dataclass

from audits.checklists.conditions_told import told_condition
from audits.checklists.form import (
    AUTOMATIC_TYPES,
    FormSchema,
    Group,
    Question,
    Relevance,
    Repeat,
)
from rules.vocabulary import Roster


@dataclass(frozen=True)
class ToldQuestion:
    number: int
    question: Question
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class ToldSection:
    """Questions that stand together; `roster` tells of whom they are asked each."""

    group: Group | Repeat | None
    roster: Roster | None
    conditions: tuple[str, ...]
    questions: tuple[ToldQuestion, ...]


def told_questions(schema: FormSchema, language: str) -> tuple[ToldSection, ...]:
    """Return what a checklist asks, section by section, in its order."""
    groups: tuple[Group | Repeat, ...] = (*schema.groups, *schema.repeats)
    named = {one.path: one for one in groups}
    sections: list[tuple[str, list[ToldQuestion]]] = []
    asked = [one for one in schema.questions if one.type not in AUTOMATIC_TYPES]
    for number, question in enumerate(asked, start=1):
        parent = question.path.rpartition("/")[0]
        if not sections or sections[-1][0] != parent:
            sections.append((parent, []))
        own = (one for one in question.relevance if one.path == question.path)
        conditions = tuple(told_condition(one, schema, language) for one in own)
        sections[-1][1].append(ToldQuestion(number, question, conditions))
    return tuple(
        _section(named.get(path), tuple(found), schema, language)
        for path, found in sections
    )


def _section(
    group: Group | Repeat | None,
    questions: tuple[ToldQuestion, ...],
    schema: FormSchema,
    language: str,
) -> ToldSection:
    relevance: Iterable[Relevance] = group.relevance if group else ()
    return ToldSection(
        group=group,
        roster=group.roster if isinstance(group, Repeat) else None,
        conditions=tuple(
            dict.fromkeys(told_condition(one, schema, language) for one in relevance)
        ),
        questions=questions,
    )
