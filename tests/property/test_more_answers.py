"""One more answer never overturns what was decided."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as some

from rules.answers import Answers, RosterMember
from rules.definitions import Outcome
from rules.expressions import Condition
from rules.one_audit import outcome_under
from rules.parameters import Reading
from rules.vocabulary import AnswerValue, Roster
from tests.strategies import VOCABULARY, answer_to, answers, book_with, conditions


@some.composite
def answers_then_more(draw: some.DrawFn) -> tuple[Answers, Answers]:
    """Return answers, and the same with one more question answered."""
    before = draw(answers())
    roster = draw(some.sampled_from([None, *Roster]))
    members = None if roster is None else before.rosters[roster]
    if roster is None:
        more = draw_more(draw, None, dict(before.facts))
        return before, replace(before, facts=more)
    if not members:
        answered = draw(answers()).rosters[roster]
        after = answered if members is None else members
        return before, replace(before, rosters={**before.rosters, roster: after})
    position = draw(some.integers(0, len(members) - 1))
    one = members[position]
    told = RosterMember(one.key, draw_more(draw, roster, dict(one.facts)), {})
    changed = (*members[:position], told, *members[position + 1 :])
    return before, replace(before, rosters={**before.rosters, roster: changed})


def draw_more(
    draw: some.DrawFn, roster: Roster | None, facts: dict[str, AnswerValue]
) -> dict[str, AnswerValue]:
    name = draw(some.sampled_from(sorted(VOCABULARY.by_roster[roster])))
    if name not in facts:
        facts[name] = draw(answer_to(VOCABULARY.by_roster[roster][name]))
    return facts


@given(
    conditions(missing=False),
    some.none() | conditions(missing=False),
    answers_then_more(),
)
def test_one_more_answer_never_overturns_an_outcome(
    condition: Condition,
    applies_when: Condition | None,
    both: tuple[Answers, Answers],
) -> None:
    book = book_with(condition, applies_when)
    before, after = both

    for reading in Reading:
        first = outcome_under(book, before, book.rules[0], reading)
        second = outcome_under(book, after, book.rules[0], reading)
        assert first in (Outcome.UNDETERMINED, second)
