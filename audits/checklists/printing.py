"""A checklist in plain Markdown, so that a change of it can be read in a diff."""

from collections.abc import Iterator

from audits.checklists.form import AUTOMATIC_TYPES, FormSchema, Group, Question, Repeat
from rules.texts import Text


def printed(schema: FormSchema) -> str:
    """Return every question with its texts, fact, choices and conditions."""
    return "\n".join(_lines(schema)) + "\n"


def _lines(schema: FormSchema) -> Iterator[str]:
    asked = [one for one in schema.questions if one.type not in AUTOMATIC_TYPES]
    facts = sum(question.fact is not None for question in asked)
    yield f"# {schema.title}"
    yield ""
    yield (
        f"`{schema.form_id}`, version {schema.version}: {len(asked)} questions, "
        f"{facts} of them answer a fact. Printed from the workbook; "
        "a question marked * must be answered."
    )
    section = ""
    for number, question in enumerate(asked, start=1):
        parent = question.path.rpartition("/")[0]
        if parent != section:
            section = parent
            yield from _heading(schema, section)
        yield from _question(number, question)


def _heading(schema: FormSchema, section: str) -> Iterator[str]:
    named: list[Group | Repeat] = [*schema.groups, *schema.repeats]
    for group in named:
        if group.path == section:
            yield ""
            yield f"## {_told(group.label)}"
            roster = next(
                (one.roster for one in schema.repeats if one.path == section), None
            )
            if roster:
                yield ""
                yield f"Repeated for each of `{roster}`."
            for condition in group.relevance:
                yield ""
                yield f"Asked when `{_condition(condition.expression)}`."


def _question(number: int, question: Question) -> Iterator[str]:
    star = "\\*" if question.required else ""
    yield ""
    yield f"**{number}. `{question.name}`**{star} {_told(question.label)}"
    if question.hint.en:
        yield f"  - *{_told(question.hint)}*"
    yield f"  - {_kind(question)}"
    own = [one for one in question.relevance if one.path == question.path]
    for condition in own:
        yield f"  - asked when `{_condition(condition.expression)}`"
    if question.choices:
        yield f"  - {'; '.join(_choice(question))}"


def _kind(question: Question) -> str:
    parts = [str(question.type)]
    if question.fact:
        parts.append(f"fact `{question.fact.id}`")
    if question.unit:
        wanted = question.fact.unit if question.fact else None
        kept = f" (kept in {wanted})" if wanted not in (None, question.unit) else ""
        parts.append(f"in {question.unit}{kept}")
    if question.sensitive:
        parts.append(f"sensitive: {question.sensitive}")
    return ", ".join(parts)


def _choice(question: Question) -> Iterator[str]:
    for choice in question.choices:
        meaning = "" if choice.value == choice.name else f" → `{choice.value}`"
        yield f"`{choice.name}`{meaning} {_told(choice.label)}"


def _told(text: Text) -> str:
    return f"{text.en} / {text.es}"


def _condition(expression: str) -> str:
    return " ".join(expression.split())
