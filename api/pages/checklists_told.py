"""Checklists as their author reads them: what they decide, and what changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from api.checklist_review import ASPECTS, rules_for
from api.pages.words import word
from audits.checklists.changes import Changes, RuleShift
from audits.checklists.conditions_told import told_condition
from audits.checklists.coverage import Coverage, CoveredRule
from audits.checklists.form import FormSchema
from compliance.texts import translate
from rules import Asked, Book, Rule, SiteKind, Topic
from rules.vocabulary import Roster


@dataclass(frozen=True)
class ToldOnlyIf:
    """Facts that are asked on the same conditions, and these in words."""

    facts: tuple[str, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class ToldRule:
    """A rule, how surely a checklist decides it, and what stands in the way."""

    rule: Rule
    how: Asked
    can_flag: bool
    can_clear: bool
    missing: tuple[str, ...]
    weak: tuple[str, ...]
    only_if: tuple[ToldOnlyIf, ...]


@dataclass(frozen=True)
class ToldTopic:
    topic: Topic
    counts: Mapping[Asked, int]
    rules: tuple[ToldRule, ...]

    @property
    def decided(self) -> int:
        return len(self.rules) - self.counts[Asked.NEVER]


@dataclass(frozen=True)
class ToldCoverage:
    """What a checklist can make of the book, topic by topic."""

    edition: str
    counts: Mapping[Asked, int]
    topics: tuple[ToldTopic, ...]
    by_kind: tuple[tuple[SiteKind, int, int], ...]
    """For each kind of site, how many of the rules that concern it can be decided."""
    unread: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        return self.total - self.counts[Asked.NEVER]


@dataclass(frozen=True)
class ToldShift:
    rule: Rule
    before: Asked
    after: Asked


@dataclass(frozen=True)
class ToldChange:
    """A question that differs: its name, its text now, and what of it is not as it was."""

    name: str
    label: str
    aspects: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToldChanges:
    """What is not as it was in the version before."""

    against: str
    added: tuple[ToldChange, ...]
    removed: tuple[ToldChange, ...]
    moved: tuple[ToldChange, ...]
    changed: tuple[ToldChange, ...]
    gained: tuple[ToldShift, ...]
    lost: tuple[ToldShift, ...]
    surer: tuple[ToldShift, ...]
    less_sure: tuple[ToldShift, ...]

    @property
    def is_empty(self) -> bool:
        questions = (*self.added, *self.removed, *self.moved, *self.changed)
        rules = (*self.gained, *self.lost, *self.surer, *self.less_sure)
        return not questions and not rules


def told_coverage(
    schema: FormSchema,
    coverage: Coverage,
    book: Book,
    language: str,
    site_kind: SiteKind | None = None,
) -> ToldCoverage:
    """Return a coverage in a reader's words, of one kind of site or of all."""
    told = tuple(
        _rule(one, schema, book, language) for one in rules_for(coverage, site_kind)
    )
    topics = (
        (topic, tuple(one for one in told if one.rule.topic is topic))
        for topic in Topic
    )
    return ToldCoverage(
        edition=coverage.edition,
        counts=_counts(told),
        topics=tuple(
            ToldTopic(topic, _counts(found), found) for topic, found in topics if found
        ),
        by_kind=tuple(_of_kind(coverage, kind) for kind in SiteKind),
        unread=tuple(_fact(name, book, language) for name in coverage.unread),
    )


def decided_of(coverage: Coverage) -> tuple[int, int]:
    """Return how many rules a checklist can decide, and of how many."""
    decided = sum(one.how is not Asked.NEVER for one in coverage.rules)
    return decided, len(coverage.rules)


def told_changes(
    changes: Changes,
    before: FormSchema,
    after: FormSchema,
    book: Book,
    language: str,
) -> ToldChanges:
    """Return what changed from one version to the next in a reader's words."""
    shifts = changes.rules
    return ToldChanges(
        against=before.version,
        added=tuple(_change(after, path, language) for path in changes.added),
        removed=tuple(_change(before, path, language) for path in changes.removed),
        moved=tuple(_change(after, path, language) for _, path in changes.moved),
        changed=tuple(
            _change(
                after,
                one.path,
                language,
                aspects=tuple(translate(ASPECTS[a], language) for a in one.aspects),
                came=one.choices_added,
                went=one.choices_removed,
            )
            for one in changes.changed
        ),
        gained=_shifts(shifts, book, lambda one: one.before is Asked.NEVER),
        lost=_shifts(shifts, book, lambda one: one.after is Asked.NEVER),
        surer=_shifts(
            shifts,
            book,
            lambda one: not one.is_worse and one.before is not Asked.NEVER,
        ),
        less_sure=_shifts(
            shifts, book, lambda one: one.is_worse and one.after is not Asked.NEVER
        ),
    )


def _counts(rules: Iterable[ToldRule]) -> Mapping[Asked, int]:
    found = [one.how for one in rules]
    return {how: found.count(how) for how in Asked}


def _of_kind(coverage: Coverage, kind: SiteKind) -> tuple[SiteKind, int, int]:
    rules = rules_for(coverage, kind)
    return kind, sum(one.how is not Asked.NEVER for one in rules), len(rules)


def _rule(
    covered: CoveredRule, schema: FormSchema, book: Book, language: str
) -> ToldRule:
    facts_on: dict[tuple[str, ...], list[str]] = {}
    for name, conditions in covered.only_if.items():
        told = tuple(
            dict.fromkeys(told_condition(one, schema, language) for one in conditions)
        )
        facts_on.setdefault(told, []).append(_fact(name, book, language))
    return ToldRule(
        rule=book.rule_by_id[covered.rule],
        how=covered.how,
        can_flag=covered.can_flag,
        can_clear=covered.can_clear,
        missing=tuple(_fact(name, book, language) for name in covered.missing),
        weak=tuple(_fact(name, book, language) for name in covered.weak),
        only_if=tuple(
            ToldOnlyIf(tuple(names), conditions)
            for conditions, names in facts_on.items()
        ),
    )


def _fact(name: str, book: Book, language: str) -> str:
    """Return what a fact, or a list of people, is called; its code where it is neither."""
    fact = book.vocabulary.facts.get(name)
    if fact is not None:
        return fact.title.in_language(language)
    if name in set(Roster):
        return translate(word(Roster(name)), language)
    return name


def _shifts(
    shifts: Iterable[RuleShift], book: Book, is_wanted: Callable[[RuleShift], bool]
) -> tuple[ToldShift, ...]:
    return tuple(
        ToldShift(book.rule_by_id[one.rule], one.before, one.after)
        for one in shifts
        if is_wanted(one)
    )


def _change(
    schema: FormSchema,
    path: str,
    language: str,
    *,
    aspects: tuple[str, ...] = (),
    came: tuple[str, ...] = (),
    went: tuple[str, ...] = (),
) -> ToldChange:
    question = schema.by_path.get(path)
    return ToldChange(
        name=path.rpartition("/")[2],
        label=question.label.in_language(language) if question else path,
        aspects=aspects,
        came=came,
        went=went,
    )
