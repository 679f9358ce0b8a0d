"""What differs between two editions, in a reader's words: rules, values, and the rest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from api.telling_changes import SECTIONS, told_fields, told_value
from audits.assessments.changes import Turn
from compliance.texts import N_, translate
from rules import Book, Rule
from rules.comparing import ChangeKind, Comparison, FieldChange, RuleChange
from rules.comparing_law import LegalChange
from rules.parameters import EVERYWHERE
from rules.places import country_name

INTERNATIONAL = N_("International")
# What turns no verdict and still says whether, and how much, a rule counts.
WEIGHTS = frozenset({"severity", "status"})


@dataclass(frozen=True)
class ToldRuleChange:
    """A rule that differs; `lines` say what of it, as the book writes it."""

    kind: ChangeKind
    id: str
    rule: Rule
    decides: bool
    weighs: bool
    """Whether it counts in a grade otherwise than before, however it decides."""
    since: date | None
    because: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class ToldLegalChange:
    title: str
    place: str
    decides: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class ToldItems:
    """Other things of the book that differ, under their heading."""

    heading: str
    items: tuple[tuple[ChangeKind, str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class ToldComparison:
    before: Book
    after: Book
    edition: tuple[str, ...]
    added: tuple[ToldRuleChange, ...]
    gone: tuple[ToldRuleChange, ...]
    deciding: tuple[ToldRuleChange, ...]
    """Rules of both editions that can say something else of an audit."""
    weighing: tuple[ToldRuleChange, ...]
    """Rules of both editions that decide alike and count otherwise."""
    worded: tuple[ToldRuleChange, ...]
    """Rules of both editions that decide and count alike, and are told otherwise."""
    values: tuple[ToldLegalChange, ...]
    others: tuple[ToldItems, ...]

    @property
    def is_empty(self) -> bool:
        told_otherwise = (*self.weighing, *self.worded)
        rules = (*self.added, *self.gone, *self.deciding, *told_otherwise)
        return not (rules or self.values or self.others or self.edition)


@dataclass(frozen=True)
class ToldEffect:
    """A rule whose verdicts would turn, and how many in which direction."""

    id: str
    title: str
    counts: Mapping[Turn, int]


@dataclass(frozen=True)
class ToldEffects:
    submissions: int
    unreadable: int
    unreadable_before: int
    rules: tuple[ToldEffect, ...]

    @property
    def sums(self) -> Mapping[Turn, int]:
        return {
            turn: sum(one.counts.get(turn, 0) for one in self.rules) for turn in Turn
        }


def told_comparison(
    before: Book, after: Book, comparison: Comparison, language: str
) -> ToldComparison:
    """Return everything that differs between two editions in a reader's words."""
    told = [_rule(one, before, after) for one in comparison.rules]
    return ToldComparison(
        before=before,
        after=after,
        edition=_lines(comparison.edition),
        added=_those(told, lambda one: one.kind is ChangeKind.ADDED),
        gone=_those(told, lambda one: one.kind is ChangeKind.GONE),
        deciding=_those(
            told, lambda one: one.kind is ChangeKind.CHANGED and one.decides
        ),
        weighing=_those(told, lambda one: not one.decides and one.weighs),
        worded=_those(told, lambda one: not one.decides and not one.weighs),
        values=tuple(_value(one, before, after, language) for one in comparison.values),
        others=tuple(_others(comparison, language)),
    )


def told_effects(
    result: Mapping[str, object], before: Book, after: Book, language: str
) -> ToldEffects:
    """Return what a job found that tried a book, with the rules by their titles."""
    known = {**before.rule_by_id, **after.rule_by_id}
    found = result["rules"]
    rules = found if isinstance(found, Mapping) else {}
    return ToldEffects(
        submissions=_number(result["submissions"]),
        unreadable=_number(result["unreadable"]),
        unreadable_before=_number(result["unreadable_before"]),
        rules=tuple(
            ToldEffect(
                rule,
                known[rule].title.in_language(language) if rule in known else rule,
                {Turn(turn): _number(count) for turn, count in turns.items()},
            )
            for rule, turns in rules.items()
        ),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _those(
    told: Sequence[ToldRuleChange], is_wanted: Callable[[ToldRuleChange], bool]
) -> tuple[ToldRuleChange, ...]:
    return tuple(one for one in told if is_wanted(one))


def _rule(change: RuleChange, before: Book, after: Book) -> ToldRuleChange:
    return ToldRuleChange(
        kind=change.kind,
        id=change.id,
        rule=after.rule_by_id.get(change.id) or before.rule_by_id[change.id],
        decides=change.decides,
        weighs=any(one.field in WEIGHTS for one in change.fields),
        since=change.since,
        because=change.because,
        lines=_lines(change.fields),
    )


def _lines(changes: Iterable[FieldChange]) -> tuple[str, ...]:
    return tuple(told_fields(changes))


def _value(
    change: LegalChange, before: Book, after: Book, language: str
) -> ToldLegalChange:
    books = (after, before)
    title = next(
        book.parameters[change.parameter].title.in_language(language)
        for book in books
        if change.parameter in book.parameters
    )
    first, *rest = told_value(change, before, after, language)
    # What stands before the colon tells the parameter and the place again.
    amount = first.partition("): ")[2] or first
    return ToldLegalChange(
        title=title,
        place=translate(INTERNATIONAL, language)
        if change.country == EVERYWHERE
        else country_name(change.country, language),
        decides=change.decides,
        lines=(amount, *(one.strip() for one in rest)),
    )


def _others(comparison: Comparison, language: str) -> Iterable[ToldItems]:
    for name, heading in SECTIONS.items():
        if name in {"edition", "rules", "values"}:
            continue
        found = getattr(comparison, name)
        if found:
            yield ToldItems(
                translate(heading, language),
                tuple((one.kind, one.id, _lines(one.fields)) for one in found),
            )
