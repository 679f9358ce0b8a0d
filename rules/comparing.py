"""Two editions of the book side by side: what was added, taken out, or changed.

A change of law is told by the value it concerns and by the first day whose facts are
judged otherwise; a rule by the fields that differ, and by what it reads that differs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import TypeVar

from rules.comparing_law import LegalChange, compare_values, earliest
from rules.definitions import (
    Book,
    DerivedDefinition,
    Example,
    Indicator,
    Instrument,
    Rule,
    Source,
)
from rules.expressions import (
    Condition,
    Derived,
    Fact,
    Member,
    Parameter,
    derived_id,
    fact_id,
)
from rules.hashes import reached
from rules.parameters import EVERYWHERE, ParameterDefinition
from rules.plain_values import Plain, plain
from rules.printing import print_condition
from rules.vocabulary import FactDefinition, Roster

Item = TypeVar("Item")
# Of a rule, what its logic hash is made of; of what it reads, the fields that count.
_LOGIC = frozenset(
    {"in_force", "countries", "commodities", "site_kinds", "applies_when", "flag_when"}
)
_DECIDING = frozenset({"type", "unit", "options", "stricter", "when"})


class ChangeKind(StrEnum):
    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs; a condition is given as the book writes it."""

    field: str
    before: Plain
    after: Plain


@dataclass(frozen=True, slots=True)
class ItemChange:
    """Something of the book with a name; an added or gone one has no fields."""

    kind: ChangeKind
    id: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that differs, and whether it can now say something else of an audit."""

    kind: ChangeKind
    id: str
    decides: bool
    """Whether its logic hash changed, or it stands in one of the books only."""
    since: date | None
    """The first day whose facts it can judge otherwise; None if it decides alike."""
    fields: tuple[FieldChange, ...] = ()
    because: tuple[str, ...] = ()
    """What it reads that differs: facts, derived conditions, `law.…`."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two editions, in the order of the later book."""

    edition: tuple[FieldChange, ...]
    rules: tuple[RuleChange, ...]
    values: tuple[LegalChange, ...]
    parameters: tuple[ItemChange, ...]
    facts: tuple[ItemChange, ...]
    derived: tuple[ItemChange, ...]
    indicators: tuple[ItemChange, ...]
    instruments: tuple[ItemChange, ...]
    sources: tuple[ItemChange, ...]

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, one.name) for one in fields(self))

    @property
    def deciding(self) -> tuple[RuleChange, ...]:
        """The rules that can say something else of an audit."""
        return tuple(one for one in self.rules if one.decides)


def compare(before: Book, after: Book) -> Comparison:
    """Return how `after` differs from `before`; where they stand does not count."""
    values = tuple(compare_values(before.parameters, after.parameters))
    found = {
        "parameters": _items(before.parameters, after.parameters, _of_parameter),
        "facts": _items(before.vocabulary.facts, after.vocabulary.facts, _of_fact),
        "derived": _items(before.derived, after.derived, _of_derived),
    }
    return Comparison(
        edition=_fields(_of_edition(before), _of_edition(after)),
        rules=tuple(_rules(before, after, values, found)),
        values=values,
        **found,
        indicators=_items(before.indicators, after.indicators, _of_item),
        instruments=_items(before.instruments, after.instruments, _of_item),
        sources=_items(before.sources, after.sources, _of_item),
    )


def _items(
    before: Mapping[str, Item],
    after: Mapping[str, Item],
    told: Callable[[Item], Mapping[str, Plain]],
) -> tuple[ItemChange, ...]:
    changes = []
    for name, item in after.items():
        if name not in before:
            changes.append(ItemChange(ChangeKind.ADDED, name))
            continue
        differing = _fields(told(before[name]), told(item))
        if differing:
            changes.append(ItemChange(ChangeKind.CHANGED, name, differing))
    gone = [ItemChange(ChangeKind.GONE, name) for name in before if name not in after]
    return (*changes, *gone)


def _fields(
    before: Mapping[str, Plain], after: Mapping[str, Plain]
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, before[name], after[name])
        for name in after
        if before[name] != after[name]
    )


def _of_edition(book: Book) -> Mapping[str, Plain]:
    return {
        "edition": book.edition,
        "title": plain(book.title),
        "in_force": plain(book.in_force),
        "valid_until": plain(book.valid_until),
        "countries": plain(book.countries),
    }


def _of_rule(rule: Rule) -> Mapping[str, Plain]:
    return {
        "title": plain(rule.title),
        "severity": plain(rule.severity),
        "status": plain(rule.status),
        "in_force": plain(rule.in_force),
        "countries": plain(rule.scopes.countries),
        "commodities": plain(rule.scopes.commodities),
        "site_kinds": plain(rule.scopes.site_kinds),
        "applies_when": _printed(rule.applies_when),
        "flag_when": _printed(rule.flag_when),
        "idea": rule.idea,
        "step": plain(rule.step),
        "indicator": rule.indicator,
        "cites": plain(rule.cites),
        "remedy": plain(rule.remedy),
        "note": plain(rule.note),
    }


def _examples(before: Rule, after: Rule) -> Iterable[FieldChange]:
    """Yield one change with the examples that stand on one side only."""
    old, new = ([_example(one) for one in rule.examples] for rule in (before, after))
    if old != new:
        gone: list[Plain] = [one for one in old if one not in new]
        added: list[Plain] = [one for one in new if one not in old]
        yield FieldChange("examples", gone, added)


def _example(example: Example) -> Plain:
    return {
        "why": example.why,
        "verdict": plain(example.verdict),
        "severity": plain(example.severity),
        "grounds": plain(example.grounds),
        "document": plain(example.document),
    }


def _of_parameter(parameter: ParameterDefinition) -> Mapping[str, Plain]:
    return {
        "title": plain(parameter.title),
        "type": plain(parameter.kind),
        "unit": parameter.unit.name if parameter.unit else None,
        "stricter": plain(parameter.stricter),
        "by_age": parameter.by_age,
        "gaps": plain(parameter.gaps),
    }


def _of_fact(fact: FactDefinition) -> Mapping[str, Plain]:
    return {
        "title": plain(fact.title),
        "type": plain(fact.kind),
        "unit": fact.unit.name if fact.unit else None,
        "range": [fact.lowest, fact.highest],
        # Their order counts: stored columns know an option by its place.
        "options": list(fact.options),
        "option_titles": plain(fact.options),
        "sensitive": plain(fact.sensitive),
    }


def _of_derived(derived: DerivedDefinition) -> Mapping[str, Plain]:
    return {
        "title": plain(derived.title),
        "when": _printed(derived.when, derived.roster),
    }


def _of_item(item: Indicator | Instrument | Source) -> Mapping[str, Plain]:
    return {one.name: plain(getattr(item, one.name)) for one in fields(item)}


def _printed(condition: Condition | None, roster: Roster | None = None) -> str | None:
    return None if condition is None else print_condition(condition, roster)


def _rules(
    before: Book,
    after: Book,
    values: Iterable[LegalChange],
    found: Mapping[str, tuple[ItemChange, ...]],
) -> Iterable[RuleChange]:
    law = [one for one in values if one.decides]
    for rule in after.rules:
        earlier = before.rule_by_id.get(rule.id)
        if earlier is None:
            start = rule.in_force.start
            yield RuleChange(ChangeKind.ADDED, rule.id, decides=True, since=start)
            continue
        differing = (
            *_fields(_of_rule(earlier), _of_rule(rule)),
            *_examples(earlier, rule),
        )
        decides = earlier.logic_hash != rule.logic_hash
        if not decides and not differing:
            continue
        because = _because(before, after, rule.id, law, found) if decides else ()
        here = [one for one in law if _reaches(one, _countries(before, after, rule.id))]
        since = _since(earlier, rule, here, because, differing) if decides else None
        yield RuleChange(
            ChangeKind.CHANGED, rule.id, decides, since, differing, because
        )
    for rule in before.rules:
        if rule.id not in after.rule_by_id:
            start = rule.in_force.start
            yield RuleChange(ChangeKind.GONE, rule.id, decides=True, since=start)


def _because(
    before: Book,
    after: Book,
    rule_id: str,
    law: Iterable[LegalChange],
    found: Mapping[str, tuple[ItemChange, ...]],
) -> tuple[str, ...]:
    """Return what the rule reads in either book that decides otherwise in the other."""
    read = {
        name
        for book in (before, after)
        for name in _names_read(book.rule_by_id[rule_id], book)
    }
    here = _countries(before, after, rule_id)
    differing = {f"law.{one.parameter}" for one in law if _reaches(one, here)}
    for kind, prefix in (("parameters", "law."), ("facts", ""), ("derived", "")):
        differing |= {prefix + one.id for one in found[kind] if _decides(one)}
    return tuple(sorted(read & differing))


def _decides(change: ItemChange) -> bool:
    names = {one.field for one in change.fields}
    return change.kind is not ChangeKind.CHANGED or bool(names & _DECIDING)


def _names_read(rule: Rule, book: Book) -> Iterable[str]:
    for node in reached(rule, book):
        if isinstance(node, Parameter):
            yield f"law.{node.name}"
        elif isinstance(node, Derived):
            yield derived_id(node)
        elif isinstance(node, (Fact, Member)):
            yield fact_id(node)


def _countries(before: Book, after: Book, rule_id: str) -> frozenset[str]:
    """Return where the rule applies in either book; empty where that is everywhere."""
    scopes = [book.rule_by_id[rule_id].scopes.countries for book in (before, after)]
    return scopes[0] | scopes[1] if all(scopes) else frozenset()


def _reaches(change: LegalChange, countries: frozenset[str]) -> bool:
    return not countries or change.country in {*countries, EVERYWHERE}


def _since(
    before: Rule,
    after: Rule,
    law: Iterable[LegalChange],
    because: Iterable[str],
    differing: Iterable[FieldChange],
) -> date:
    """Return the first day whose facts can be judged otherwise.

    Where only the law changed, it is the first day of a changed value, and never
    before the rule itself is in force.
    """
    start = min(before.in_force.start, after.in_force.start)
    logic = {one.field for one in differing} & _LOGIC
    names = set(because)
    if logic == {"in_force"} and not names:
        return _first_day_apart(before, after)
    days = [one.since for one in law if f"law.{one.parameter}" in names]
    if logic or not days or any(not name.startswith("law.") for name in names):
        return start
    return max(start, earliest(days) or start)


def _first_day_apart(before: Rule, after: Rule) -> date:
    one, other = before.in_force, after.in_force
    if one.start != other.start:
        return min(one.start, other.start)
    ends = [end for end in (one.end, other.end) if end is not None]
    return min(ends, default=one.start)
