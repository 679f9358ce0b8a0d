"""Which rules a checklist can decide: never, only if, weakly, or always.

*Only if* names every condition on the way to the question, those of its groups and its
repeat included, because a question inside a group that is skipped is not asked either.
*Weak* means that the question may be left blank. A fact that no question brings is
never asked, unless another source gives it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audits.checklists.form import FormSchema, Question, QuestionType, Relevance, Repeat
from audits.checklists.relevance import (
    ConditionNotUnderstood,
    absolute,
    paths_of,
    read_condition,
)
from rules import Asked, Book, Decided, RuleCoverage, SiteKind, cover, needs_of

_SUREST = tuple(Asked)


@dataclass(frozen=True, slots=True)
class AskedHow:
    """How surely a checklist brings a fact or a roster, and on which conditions."""

    how: Asked
    conditions: tuple[Relevance, ...] = ()


NEVER = AskedHow(Asked.NEVER)


@dataclass(frozen=True, slots=True)
class CoveredRule:
    """What a checklist can make of one rule."""

    rule: str
    site_kinds: tuple[SiteKind, ...]
    how: Asked
    can_flag: bool
    can_clear: bool
    missing: tuple[str, ...]
    """Facts and rosters the rule reads and nobody asks for."""
    weak: tuple[str, ...]
    """Those that are asked and may be left blank."""
    only_if: Mapping[str, tuple[Relevance, ...]]
    """Those that are asked on conditions, with the conditions."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a checklist can make of a book."""

    edition: str
    book_sha256: str
    rules: tuple[CoveredRule, ...]
    unread: tuple[str, ...]
    """Facts the checklist asks for and no rule of the book reads."""

    def by_rule(self) -> Mapping[str, CoveredRule]:
        return {one.rule: one for one in self.rules}


def coverage_of(schema: FormSchema, book: Book, given: Iterable[str] = ()) -> Coverage:
    """Say of every rule of the book how a checklist can decide it.

    `given` names facts that come from another source and are always there.
    """
    asked = asked_by(schema) | {name: AskedHow(Asked.ALWAYS) for name in given}
    covered = cover(book, {name: one.how for name, one in asked.items()})
    read = {name for one in covered for name in _read_by(one, book)}
    return Coverage(
        edition=book.edition,
        book_sha256=book.sha256,
        rules=tuple(_covered(one, book, asked) for one in covered),
        unread=tuple(
            name for name in asked if name in book.vocabulary.facts and name not in read
        ),
    )


def asked_by(schema: FormSchema) -> dict[str, AskedHow]:
    """Return how each fact (`children.age`) and roster (`children`) is asked for."""
    repeats = {repeat.path: repeat for repeat in schema.repeats}
    asked = {
        question.fact.id: _asked(question, repeats.get(question.repeat or ""))
        for question in schema.questions
        if question.fact
    }
    listed = {
        str(repeat.roster): _listed(repeat, schema)
        for repeat in schema.repeats
        if repeat.roster
    }
    return asked | listed


def _asked(question: Question, repeat: Repeat | None) -> AskedHow:
    """Inside a repeat only what stands between its entries and the question counts.

    Whether there are entries at all is asked of the roster, once.
    """
    outside = repeat.relevance if repeat and repeat.roster else ()
    conditions = question.relevance[len(outside) :]
    if conditions:
        return AskedHow(Asked.ONLY_IF, conditions)
    surely = question.required and question.type is not QuestionType.CALCULATED
    return AskedHow(Asked.ALWAYS if surely else Asked.WEAK)


def _listed(repeat: Repeat, schema: FormSchema) -> AskedHow:
    """A repeat's own gate is its answer: a "no" there says that the roster is empty.

    So a gated repeat is as sure as the questions its gate reads.
    """
    gate = repeat.own_relevance
    outer = tuple(one for one in repeat.relevance if one is not gate)
    if outer:
        return AskedHow(Asked.ONLY_IF, outer)
    if gate is None:
        # Without a gate nobody can say "none": an empty list may be a forgotten one.
        return AskedHow(Asked.WEAK)
    read = questions_read(gate, schema)
    conditions = tuple(one for question in read for one in question.relevance)
    if conditions:
        return AskedHow(Asked.ONLY_IF, conditions)
    surely = bool(read) and all(question.required for question in read)
    return AskedHow(Asked.ALWAYS if surely else Asked.WEAK)


def questions_read(relevance: Relevance, schema: FormSchema) -> tuple[Question, ...]:
    """Return the questions a condition reads; none where it cannot be read."""
    try:
        paths = paths_of(read_condition(relevance.expression))
    except ConditionNotUnderstood:
        return ()
    read = (schema.by_path.get(absolute(path, relevance.path)) for path in paths)
    return tuple(dict.fromkeys(question for question in read if question))


def _read_by(covered: RuleCoverage, book: Book) -> tuple[str, ...]:
    return needs_of(book.rule_by_id[covered.rule], book).facts


def _covered(
    covered: RuleCoverage, book: Book, asked: Mapping[str, AskedHow]
) -> CoveredRule:
    how = {name: asked.get(name, NEVER) for name in covered.conditional}
    return CoveredRule(
        rule=covered.rule,
        site_kinds=tuple(sorted(book.rule_by_id[covered.rule].scopes.site_kinds)),
        how=_how(covered, how),
        can_flag=covered.can_flag,
        can_clear=covered.can_clear,
        missing=covered.missing,
        weak=tuple(name for name, one in how.items() if one.how is Asked.WEAK),
        only_if={
            name: one.conditions
            for name, one in how.items()
            if one.how is Asked.ONLY_IF
        },
    )


def _how(covered: RuleCoverage, conditional: Mapping[str, AskedHow]) -> Asked:
    """A rule is decided as surely as the least sure of what it reads."""
    if covered.decided is Decided.NEVER:
        return Asked.NEVER
    if covered.missing:
        return Asked.ONLY_IF
    least = (one.how for one in conditional.values())
    return min(least, key=_SUREST.index, default=Asked.ALWAYS)
