"""What changed from one version of a checklist to the next, and what that costs.

A question is the same where its path is the same: that is where its answers lie. A
fact that is no longer asked may leave a rule undecidable, which is worth knowing before
a season of visits is spent on it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from audits.checklists.coverage import Coverage
from audits.checklists.form import AUTOMATIC_TYPES, FormSchema, Question
from rules import Asked

_SUREST = tuple(Asked)


@dataclass(frozen=True, slots=True)
class ChangedQuestion:
    """A question that stands where it stood, and what of it is not as it was.

    `aspects` are among `type`, `fact`, `unit`, `required`, `condition`, `label` and
    `choices`.
    """

    path: str
    aspects: tuple[str, ...]
    choices_added: tuple[str, ...]
    choices_removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleShift:
    """A rule that the checklist decides less surely, or more surely, than before."""

    rule: str
    before: Asked
    after: Asked

    @property
    def is_worse(self) -> bool:
        return _SUREST.index(self.after) < _SUREST.index(self.before)


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that is not as it was."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    """Questions of the same name that stand elsewhere, from where to where."""
    changed: tuple[ChangedQuestion, ...]
    rules: tuple[RuleShift, ...]

    @property
    def types_changed(self) -> tuple[str, ...]:
        """Paths whose answers would no longer be of the same type: never allowed."""
        return tuple(one.path for one in self.changed if "type" in one.aspects)


def changes_between(
    before: FormSchema,
    after: FormSchema,
    covered_before: Coverage,
    covered_after: Coverage,
) -> Changes:
    """Return what is not as it was; both coverages are by the same book."""
    old, new = _asked(before), _asked(after)
    gone = {one.name: path for path, one in old.items() if path not in new}
    come = {one.name: path for path, one in new.items() if path not in old}
    moved = tuple((gone[name], come[name]) for name in gone if name in come)
    pairs = [(old[path], new[path]) for path in new if path in old]
    pairs += [(old[source], new[target]) for source, target in moved]
    found = (_changed(one, other) for one, other in pairs)
    return Changes(
        added=tuple(path for name, path in come.items() if name not in gone),
        removed=tuple(path for name, path in gone.items() if name not in come),
        moved=moved,
        changed=tuple(one for one in found if one.aspects),
        rules=tuple(_shifts(covered_before, covered_after)),
    )


def types_changed(before: FormSchema, after: FormSchema) -> tuple[str, ...]:
    """Return the paths at which answers change their type from `before` to `after`."""
    old = before.by_path
    return tuple(
        question.path
        for question in after.questions
        if question.path in old and question.type is not old[question.path].type
    )


def _asked(schema: FormSchema) -> dict[str, Question]:
    return {
        question.path: question
        for question in schema.questions
        if question.type not in AUTOMATIC_TYPES or question.fact
    }


def _changed(before: Question, after: Question) -> ChangedQuestion:
    old = {choice.name: choice for choice in before.choices}
    new = {choice.name: choice for choice in after.choices}
    differs = {
        "type": before.type is not after.type,
        "fact": _fact(before) != _fact(after),
        "unit": before.unit != after.unit,
        "required": before.required is not after.required,
        "condition": _conditions(before) != _conditions(after),
        "label": (before.label, before.hint) != (after.label, after.hint),
        "choices": old != new,
    }
    return ChangedQuestion(
        path=after.path,
        aspects=tuple(aspect for aspect, does in differs.items() if does),
        choices_added=tuple(name for name in new if name not in old),
        choices_removed=tuple(name for name in old if name not in new),
    )


def _fact(question: Question) -> str | None:
    return question.fact.id if question.fact else None


def _conditions(question: Question) -> list[str]:
    return ["".join(one.expression.split()) for one in question.relevance]


def _shifts(before: Coverage, after: Coverage) -> Iterable[RuleShift]:
    known = before.by_rule()
    for rule in after.rules:
        was = known[rule.rule].how
        if was is not rule.how:
            yield RuleShift(rule.rule, was, rule.how)
