"""Why a rule came to its verdict: the answers, members and legal values that decided.

The trace keeps decisive parts only: all of a true *all*, the first true part of an
*any*, what is unknown of an unknown.
"""

from typing import assert_never

from rules.answers import Answers, Cause, RosterMember
from rules.definitions import Book, Grounds, Outcome, Rule, Verdict
from rules.expressions import (
    All,
    Any,
    Count,
    Derived,
    Every,
    Not,
    Some,
)
from rules.one_audit import (
    COMPARE,
    Cases,
    CompiledRule,
    Truth,
    compare_count,
    compile_book,
)
from rules.parameters import Reading
from rules.parts import Line, Part, View, parts_of
from rules.settling import would_settle
from rules.traces import (
    DerivedSeen,
    FactSeen,
    LeafSeen,
    Limit,
    MemberSeen,
    Open,
    RosterSeen,
    Seen,
    Trace,
)
from rules.vocabulary import FactDefinition, Roster


def explain(book: Book, answers: Answers, rule_id: str) -> Trace:
    """Explain the verdict of a rule on one audit; raise KeyError for no such rule."""
    return Explainer(book, answers).explain(rule_id)


class Explainer:
    """The reasons of every verdict of one audit; what they share is found once."""

    def __init__(self, book: Book, answers: Answers) -> None:
        self._book = book
        self._answers = answers
        self._compiled = compile_book(book)
        self._parts = parts_of(book)
        self._regime = self._compiled.regime_of(answers)
        self._cases = Cases(answers, self._regime)
        self._views: dict[Reading, View] = {}
        self._people = {
            roster: tuple(member.key for member in members or ())
            for roster, members in answers.rosters.items()
        }

    def explain(self, rule_id: str) -> Trace:
        """Explain the verdict of one rule; raise KeyError for no such rule."""
        compiled = self._compiled.by_id[rule_id]
        verdict = self._cases.verdict(compiled)
        reading = self._reading_of(verdict, compiled)
        view = self._under(reading)
        limits = limits_of(compiled.rule, self._answers)
        applies, seen, opened = self._reasons(compiled, verdict, view, limits)
        return Trace(
            compiled.rule,
            verdict,
            self._book,
            self._answers.country,
            self._answers.observed_on,
            reading,
            limits,
            self._people,
            applies,
            seen,
            opened,
        )

    def _reasons(
        self,
        compiled: CompiledRule,
        verdict: Verdict,
        view: View,
        limits: tuple[Limit, ...],
    ) -> tuple[Truth, tuple[Seen, ...], tuple[Open, ...]]:
        """Return whether the rule applies, what was seen, and what would settle it."""
        if limits:
            return False, (), ()
        rule = compiled.rule
        applies: Truth = True
        seen: tuple[Seen, ...] = ()
        scope = None
        flag = self._parts.part(rule.flag_when)
        if rule.applies_when is not None:
            scope = self._parts.part(rule.applies_when)
            applies, seen = view.truth(scope), look(scope, view)
        if applies:
            seen = (*seen, *look(flag, view))
        if verdict.outcome is not Outcome.UNDETERMINED:
            return applies, seen, ()
        return applies, seen, would_settle(seen, compiled, flag, scope, view)

    def _under(self, reading: Reading) -> View:
        if reading not in self._views:
            case = self._cases.under(reading)
            self._views[reading] = View(self._answers, self._regime, reading, case)
        return self._views[reading]

    def _reading_of(self, verdict: Verdict, rule: CompiledRule) -> Reading:
        """Return the reading of the law under which the verdict was reached."""
        if verdict.grounds is Grounds.DISPUTED_LAW:
            return Reading.STRICTEST
        if verdict.grounds is Grounds.UNVERIFIED_LAW:
            return Reading.FLOOR
        is_applicable = rule.rule.id in self._regime.applicable
        if not is_applicable or self._regime.unsure.isdisjoint(rule.law):
            return Reading.SETTLED
        settled = rule.outcome(self._cases.under(Reading.SETTLED))
        return Reading.SETTLED if settled is verdict.outcome else Reading.FLOOR


def limits_of(rule: Rule, answers: Answers) -> tuple[Limit, ...]:
    scopes, period = rule.scopes, rule.in_force
    place = (answers.country, answers.commodity, answers.site_kind)
    if scopes.admit(*place) and period.holds_on(answers.observed_on):
        return ()
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


def look(
    part: Part, view: View, member: RosterMember | None = None
) -> tuple[Seen, ...]:
    """Return what made a part of a condition what it is."""
    node = part.node
    match node:
        case All():
            return _look_at_joined(part, view, member, decisive=False)
        case Any():
            return _look_at_joined(part, view, member, decisive=True)
        case Not():
            return look(part.items[0], view, member)
        case Derived():
            within = None if node.roster is None else member
            inner = part.items[0]
            assert part.definition is not None  # noqa: S101 - narrows
            truth = view.truth(inner, within)
            return (DerivedSeen(part.definition, truth, look(inner, view, within)),)
        case Some() | Every() | Count():
            return (_roster(node, part.items[0], view),)
        case _:
            assert part.line is not None  # noqa: S101 - narrows
            return (_leaf(part.line, view.truth(part, member), view, member),)


def _look_at_joined(
    part: Part, view: View, member: RosterMember | None, *, decisive: bool
) -> tuple[Seen, ...]:
    """Look at the first decisive part; else at what is unknown; else at it all."""
    truths = []
    for item in part.items:
        truth = view.truth(item, member)
        if truth is decisive:
            return look(item, view, member)
        truths.append(truth)
    wanted = None if None in truths else not decisive
    return tuple(
        seen
        for item, truth in zip(part.items, truths, strict=True)
        if truth is wanted
        for seen in look(item, view, member)
    )


def _roster(node: Some | Every | Count, part: Part, view: View) -> RosterSeen:
    members = view.answers.rosters[node.roster]
    if members is None:
        cause = view.answers.roster_causes.get(node.roster, Cause.NOT_ASKED)
        return RosterSeen(node, None, None, cause, 0, 0, ())
    truths = [view.truth(part, member) for member in members]
    truth = _truth_of_roster(node, truths)
    wanted = _telling(node, truth)
    telling = tuple(
        MemberSeen(member.key, of_member, look(part, view, member))
        for member, of_member in zip(members, truths, strict=True)
        if of_member is wanted
    )
    sure, unknown = truths.count(True), truths.count(None)
    return RosterSeen(node, truth, len(members), None, sure, unknown, telling)


def _leaf(
    line: Line, truth: Truth, view: View, member: RosterMember | None
) -> LeafSeen:
    here, case = view.here(member), view.case
    return LeafSeen(
        line.node,
        truth,
        tuple([_fact_seen(fact, roster, view, member) for fact, roster in line.facts]),
        tuple([view.law(one, age and age(here, case)) for one, age in line.law]),
        line.left and line.left(here, case),
        line.right and line.right(here, case),
    )


def _fact_seen(
    definition: FactDefinition,
    roster: Roster | None,
    view: View,
    member: RosterMember | None,
) -> FactSeen:
    told: Answers | RosterMember = view.answers
    key = None
    if roster is not None and member is not None:
        told, key = member, member.key
    value = told.facts.get(definition.name)
    if value is not None:
        return FactSeen(definition, key, value, None)
    cause = told.causes.get(definition.name, Cause.NOT_ASKED)
    return FactSeen(definition, key, None, cause)


def _truth_of_roster(node: Some | Every | Count, truths: list[Truth]) -> Truth:
    match node:
        case Some():
            return True if True in truths else None if None in truths else False
        case Every(_, _, if_empty):
            if not truths:
                return if_empty
            return False if False in truths else None if None in truths else True
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
