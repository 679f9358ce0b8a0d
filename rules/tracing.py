"""Why a rule came to its verdict: the answers, members and legal values that decided.

The trace keeps decisive parts only: all of a true *all*, the first true part of an
*any*, what is unknown of an unknown.
"""

from collections.abc import Iterable
from datetime import date
from typing import assert_never

from rules.answers import Answers, Cause, RosterMember
from rules.definitions import Book, Grounds, Outcome, Rule, Verdict
from rules.expressions import (
    All,
    Any,
    Arithmetic,
    Compare,
    Condition,
    Count,
    DaysBetween,
    Derived,
    Every,
    Fact,
    Includes,
    IsMissing,
    Leaf,
    Literal,
    Member,
    Not,
    OneOf,
    Parameter,
    Some,
    Value,
    derived_id,
    fact_id,
    walk,
)
from rules.one_audit import (
    CALCULATE,
    COMPARE,
    Truth,
    assess_rule,
    compare_count,
    days_between,
    outcome_under,
)
from rules.parameters import (
    SECTOR_OF_SITE,
    ParameterDefinition,
    Reading,
    read_as,
    values_in_force,
)
from rules.settling import would_settle
from rules.traces import (
    DerivedSeen,
    FactSeen,
    LawSeen,
    LeafSeen,
    Limit,
    MemberSeen,
    RosterSeen,
    Seen,
    Trace,
)
from rules.vocabulary import AnswerValue


def explain(book: Book, answers: Answers, rule_id: str) -> Trace:
    """Explain the verdict of a rule on one audit; raise KeyError for no such rule."""
    rule = book.rule_by_id[rule_id]
    verdict = assess_rule(book, answers, rule_id)
    reading = _reading_of(verdict, book, answers, rule)
    limits = limits_of(rule, answers)
    looker = Looker(book, answers, reading)
    applies: Truth = not limits
    seen: tuple[Seen, ...] = ()
    if rule.applies_when is not None and not limits:
        applies, seen = looker.truth(rule.applies_when), looker.look(rule.applies_when)
    if applies:
        seen = (*seen, *looker.look(rule.flag_when))
    is_open = verdict.outcome is Outcome.UNDETERMINED
    return Trace(
        rule,
        verdict,
        book,
        answers.country,
        answers.observed_on,
        reading,
        limits,
        applies,
        seen,
        would_settle(seen, book, answers, rule, reading) if is_open else (),
    )


def _reading_of(verdict: Verdict, book: Book, answers: Answers, rule: Rule) -> Reading:
    """Return the reading of the law under which the verdict was reached."""
    if verdict.grounds is Grounds.DISPUTED_LAW:
        return Reading.STRICTEST
    if verdict.grounds is Grounds.UNVERIFIED_LAW:
        return Reading.FLOOR
    settled = outcome_under(book, answers, rule, Reading.SETTLED)
    return Reading.SETTLED if settled is verdict.outcome else Reading.FLOOR


def limits_of(rule: Rule, answers: Answers) -> tuple[Limit, ...]:
    scopes, period = rule.scopes, rule.in_force
    found = {
        Limit.COUNTRY: scopes.countries and answers.country not in scopes.countries,
        Limit.COMMODITY: scopes.commodities
        and answers.commodity not in scopes.commodities,
        Limit.SITE_KIND: scopes.site_kinds
        and answers.site_kind not in scopes.site_kinds,
        Limit.NOT_YET_IN_FORCE: answers.observed_on < period.start,
        Limit.NO_LONGER_IN_FORCE: period.end is not None
        and period.end <= answers.observed_on,
    }
    return tuple(limit for limit, holds in found.items() if holds)


class Looker:
    """Evaluates a tree once more, by its definition, and keeps what decided."""

    def __init__(self, book: Book, answers: Answers, reading: Reading) -> None:
        self._book = book
        self._answers = answers
        self._reading = reading
        self._law: dict[tuple[str, int | None], LawSeen] = {}

    def truth(self, node: Condition, member: RosterMember | None = None) -> Truth:
        match node:
            case All(items):
                return _all(self.truth(item, member) for item in items)
            case Any(items):
                return _not(_all(_not(self.truth(item, member)) for item in items))
            case Not(item):
                return _not(self.truth(item, member))
            case Derived():
                return self.truth(self._book.derived[derived_id(node)].when, member)
            case Some() | Every() | Count():
                members = self._answers.rosters[node.roster]
                if members is None:
                    return None
                return _truth_of_roster(
                    node, [self.truth(node.item, one) for one in members]
                )
            case (
                Fact()
                | Member()
                | Parameter()
                | Compare()
                | OneOf()
                | Includes()
                | IsMissing()
            ):
                return self._truth_of_leaf(node, member)
            case _:
                assert_never(node)

    def look(
        self, node: Condition, member: RosterMember | None = None
    ) -> tuple[Seen, ...]:
        """Return the parts of a condition that made it what it is."""
        match node:
            case All(items):
                return self._joined(items, member, decisive=False)
            case Any(items):
                return self._joined(items, member, decisive=True)
            case Not(item):
                return self.look(item, member)
            case Derived():
                definition = self._book.derived[derived_id(node)]
                truth = self.truth(definition.when, member)
                because = self.look(definition.when, member)
                return (DerivedSeen(definition, truth, because),)
            case Some() | Every() | Count():
                return (self._roster(node),)
            case (
                Fact()
                | Member()
                | Parameter()
                | Compare()
                | OneOf()
                | Includes()
                | IsMissing()
            ):
                return (self._leaf(node, member),)
            case _:
                assert_never(node)

    def _joined(
        self,
        items: tuple[Condition, ...],
        member: RosterMember | None,
        *,
        decisive: bool,
    ) -> tuple[Seen, ...]:
        """Look at the first decisive part; else at what is unknown; else at it all."""
        truths = [self.truth(item, member) for item in items]
        if decisive in truths:
            return self.look(items[truths.index(decisive)], member)
        wanted = None if None in truths else not decisive
        return tuple(
            seen
            for item, truth in zip(items, truths, strict=True)
            if truth is wanted
            for seen in self.look(item, member)
        )

    def _roster(self, node: Some | Every | Count) -> RosterSeen:
        members = self._answers.rosters[node.roster]
        if members is None:
            cause = self._answers.roster_causes[node.roster]
            return RosterSeen(node, None, None, cause, 0, 0, ())
        truths = [self.truth(node.item, member) for member in members]
        truth = _truth_of_roster(node, truths)
        telling = tuple(
            MemberSeen(member.key, of_member, self.look(node.item, member))
            for member, of_member in zip(members, truths, strict=True)
            if of_member is _telling(node, truth)
        )
        sure, unknown = truths.count(True), truths.count(None)
        return RosterSeen(node, truth, len(members), None, sure, unknown, telling)

    def _leaf(self, node: Leaf, member: RosterMember | None) -> LeafSeen:
        below = dict.fromkeys(walk(node))
        facts = [one for one in below if isinstance(one, (Fact, Member))]
        law = [one for one in below if isinstance(one, Parameter)]
        left = right = None
        if isinstance(node, Compare):
            left = self._value(node.left, member)
            right = self._value(node.right, member)
        return LeafSeen(
            node,
            self._truth_of_leaf(node, member),
            tuple(self._fact_seen(one, member) for one in facts),
            tuple(self._law_seen(one, member) for one in law),
            left,
            right,
        )

    def _truth_of_leaf(self, node: Leaf, member: RosterMember | None) -> Truth:
        match node:
            case IsMissing(item):
                return self._value(item, member) is None
            case OneOf(item, options):
                chosen = self._value(item, member)
                return None if chosen is None else chosen in options
            case Includes(item, options):
                several = self._value(item, member)
                if not isinstance(several, frozenset):
                    return None
                return not several.isdisjoint(options)
            case Compare(comparison, left, right):
                a, b = self._value(left, member), self._value(right, member)
                if a is None or b is None:
                    return None
                return COMPARE[comparison](a, b)
            case Fact() | Member() | Parameter():
                stated = self._value(node, member)
                return stated if isinstance(stated, bool) else None
            case _:
                assert_never(node)

    def _value(self, node: Value, member: RosterMember | None) -> AnswerValue | None:
        match node:
            case Literal(value):
                return value
            case Fact(name):
                return self._answers.facts.get(name)
            case Member(_, name):
                return None if member is None else member.facts.get(name)
            case Parameter():
                chosen = self._law_seen(node, member).chosen
                return None if chosen is None else chosen.value
            case Arithmetic(operation, left, right):
                a, b = self._value(left, member), self._value(right, member)
                if not isinstance(a, int) or not isinstance(b, int):
                    return None
                return CALCULATE[operation](a, b)
            case DaysBetween(start, end):
                a, b = self._value(start, member), self._value(end, member)
                if not isinstance(a, date) or not isinstance(b, date):
                    return None
                return days_between(a, b)
            case _:
                assert_never(node)

    def _fact_seen(self, node: Fact | Member, member: RosterMember | None) -> FactSeen:
        definition = self._book.vocabulary.facts[fact_id(node)]
        if isinstance(node, Member) and member is not None:
            value = member.facts.get(node.name)
            cause = member.causes.get(node.name, Cause.NOT_ASKED)
            key = member.key
            return FactSeen(
                definition, key, value, None if value is not None else cause
            )
        value = self._answers.facts.get(node.name)
        cause = self._answers.causes.get(node.name, Cause.NOT_ASKED)
        return FactSeen(definition, None, value, None if value is not None else cause)

    def _law_seen(self, node: Parameter, member: RosterMember | None) -> LawSeen:
        age = None if node.age is None else self._value(node.age, member)
        known_age = age if isinstance(age, int) else None
        key = (node.name, known_age)
        if key not in self._law:
            self._law[key] = self._look_up(self._book.parameters[node.name], known_age)
        return self._law[key]

    def _look_up(self, definition: ParameterDefinition, age: int | None) -> LawSeen:
        country = self._answers.country
        if definition.by_age and age is None:
            return LawSeen(definition, country, None, None, ())
        rows = values_in_force(
            definition,
            country=country,
            sector=SECTOR_OF_SITE[self._answers.site_kind],
            day=self._answers.observed_on,
            age=age,
        )
        chosen = read_as(definition, rows, self._reading)
        return LawSeen(definition, country, age, chosen, rows)


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _all(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def _truth_of_roster(node: Some | Every | Count, truths: list[Truth]) -> Truth:
    match node:
        case Some():
            return _not(_all(_not(truth) for truth in truths))
        case Every(_, _, if_empty):
            return _all(truths) if truths else if_empty
        case Count(_, _, comparison, number):
            sure, unknown = truths.count(True), truths.count(None)
            return compare_count(COMPARE[comparison], sure, unknown, number)
        case _:
            assert_never(node)


def _telling(node: Some | Every | Count, truth: Truth) -> Truth:
    """Return the truth of those members who show why a roster came to its own."""
    if truth is None:
        return None
    return truth or not isinstance(node, Every)
