"""What can only be checked of a book as a whole: law for every country, examples."""

from collections.abc import Iterable, Mapping

from rules.definitions import DerivedDefinition, Outcome, Rule, Scopes
from rules.expressions import (
    Compare,
    Derived,
    Fact,
    Includes,
    IsMissing,
    Member,
    Node,
    OneOf,
    Parameter,
    children_of,
    derived_id,
)
from rules.mistakes import MistakeList, Place
from rules.parameters import EVERYWHERE, SECTOR_OF_SITE, ParameterDefinition, Sector
from rules.value_types import Use
from rules.vocabulary import SiteKind


def refuse_cycles(uses: Mapping[str, Iterable[Use]], mistakes: MistakeList) -> bool:
    """Note each derived condition that rests on itself; tell whether there was one."""
    found = False
    for start in uses:
        trail = _way_back(start, start, uses, [])
        if trail:
            told = " → ".join([start, *(step for step, _ in trail)])
            mistakes.note(
                trail[0][1],
                f"'{start}' rests on itself: {told}.",
                "Take one of them out of the circle.",
            )
            found = True
    return found


def _way_back(
    here: str, goal: str, uses: Mapping[str, Iterable[Use]], seen: list[str]
) -> list[tuple[str, Place]]:
    for use in uses.get(here, ()):
        if not isinstance(use.node, Derived):
            continue
        name = derived_id(use.node)
        if name == goal:
            return [(name, use.place)]
        if name in seen:
            continue
        seen.append(name)
        rest = _way_back(name, goal, uses, seen)
        if rest:
            return [(name, use.place), *rest]
    return []


def refuse_missing_law(
    rule: Rule,
    uses: Iterable[Use],
    derived_uses: Mapping[str, tuple[Use, ...]],
    parameters: Mapping[str, ParameterDefinition],
    countries: frozenset[str],
    mistakes: MistakeList,
) -> None:
    """Note every legal parameter with neither a value nor a gap where the rule applies."""
    for place, name in _law_read(uses, derived_uses):
        parameter = parameters[name]
        wanting = [
            country
            for country in sorted(rule.scopes.countries or countries)
            if not _is_settled(parameter, country, rule.scopes)
        ]
        if wanting:
            mistakes.note(
                place,
                f"'law.{name}' has neither a value nor a gap for "
                f"{', '.join(wanting)}, where this rule applies.",
                f"Add values or 'gaps' in parameters/{name}.yaml, or limit 'countries'.",
            )


def _law_read(
    uses: Iterable[Use], derived_uses: Mapping[str, tuple[Use, ...]]
) -> list[tuple[Place, str]]:
    """Return each parameter a rule reads, with the place in the rule it comes from."""
    found: dict[str, Place] = {}
    for use in uses:
        if isinstance(use.node, Parameter):
            found.setdefault(use.node.name, use.place)
        else:
            below = derived_uses.get(derived_id(use.node), ())
            for _, name in _law_read(below, derived_uses):
                found.setdefault(name, use.place)
    return [(place, name) for name, place in found.items()]


def _is_settled(parameter: ParameterDefinition, country: str, scopes: Scopes) -> bool:
    if country in parameter.gap_countries:
        return True
    site_kinds = scopes.site_kinds or SiteKind
    return all(
        any(
            (where, what) in parameter.by_place
            for where in (country, EVERYWHERE)
            for what in (Sector.ALL, SECTOR_OF_SITE[site_kind])
        )
        for site_kind in site_kinds
    )


def refuse_missing_examples(
    rule: Rule, derived: Mapping[str, DerivedDefinition], mistakes: MistakeList
) -> None:
    """Note every outcome the rule can have and shows no example of."""
    shown = {example.verdict for example in rule.examples}
    for outcome in possible_outcomes(rule, derived):
        if outcome not in shown:
            mistakes.note(
                rule.place,
                f"'{rule.id}' has no example of '{outcome}'.",
                "Add the smallest case that shows it.",
            )


def possible_outcomes(
    rule: Rule, derived: Mapping[str, DerivedDefinition]
) -> tuple[Outcome, ...]:
    """Return the outcomes that a rule can have on the days it is in force."""
    scopes = rule.scopes
    is_limited = scopes.countries or scopes.commodities or scopes.site_kinds
    outcomes = [Outcome.CONFORMITY, Outcome.NON_CONFORMITY]
    conditions = [rule.flag_when]
    if rule.applies_when is not None:
        conditions.append(rule.applies_when)
    if any(_can_be_unknown(condition, derived) for condition in conditions):
        outcomes.append(Outcome.UNDETERMINED)
    if is_limited or rule.applies_when is not None:
        outcomes.append(Outcome.NOT_APPLICABLE)
    return tuple(outcomes)


def _can_be_unknown(node: Node, derived: Mapping[str, DerivedDefinition]) -> bool:
    match node:
        case IsMissing():
            return False
        case Fact() | Member() | Parameter() | Compare() | OneOf() | Includes():
            return True
        case Derived():
            return _can_be_unknown(derived[derived_id(node)].when, derived)
        case _:
            return any(_can_be_unknown(child, derived) for child in children_of(node))
