"""What weighs against a site never makes it look better, in any rule of the book.

The vocabulary says of each fact which answer is the worse one. That is a statement of
its own, and not read off the rules: a rule with a *not* too many breaks the law.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rules import read_book
from rules.answers import Answers, RosterMember
from rules.column_answers import batches_of
from rules.columns import score, verdicts_of
from rules.coverage import needs_of
from rules.definitions import Outcome, Rule, Severity, Verdict
from rules.directions import directions
from rules.one_audit import assess
from rules.vocabulary import AnswerValue, FactDefinition, Kind, Roster, Worse
from tests.random_audits import random_audit, seeded

BOOK = read_book()
FACTS = [one for one in BOOK.vocabulary.facts.values() if one.worse is not None]
COUNTRIES = sorted(BOOK.countries)
DAYS = (date(2015, 3, 2), date(2023, 7, 14), date(2024, 5, 6), date(2026, 11, 3))
AUDITS = 300
# Both answers can weigh against a site, or it is one of several that exclude each other.
WITHOUT_DIRECTION = {
    "children.age",
    "children.age_evidence",
    "children.ends_at",
    "children.schooling",
    "children.starts_at",
    "exit_from_housing",
    "exit_from_workplace",
    "workers.living_conditions",
    "workers.wages_held_back",
    # Not to know whether there are any brings the same rule to bear.
    "workers_under_18_present",
}
LIGHTEST_FIRST = tuple(reversed(Severity))


def some_audit(random: Random) -> Answers:
    return random_audit(
        random,
        BOOK.vocabulary,
        missing=random.choice((0.0, 0.1, 0.5)),
        sizes=(None, 0, 1, 2, 3),
        country=random.choice(COUNTRIES),
        day=random.choice(DAYS),
    )


def better_and_worse(
    random: Random, fact: FactDefinition
) -> tuple[AnswerValue, AnswerValue]:
    """Return two answers to a question, the one that can only weigh more second."""
    rising: tuple[AnswerValue, AnswerValue]
    if fact.kind is Kind.YES_NO:
        rising = (False, True)
    elif fact.kind is Kind.INTEGER:
        low, high = sorted(random.randint(fact.lowest, fact.highest) for _ in "ab")
        rising = (low, high)
    else:
        more = frozenset(random.sample(list(fact.options), random.randint(1, 3)))
        rising = (frozenset(sorted(more)[1:]), more)
    assert fact.worse is not None
    return rising if fact.worse.rises else (rising[1], rising[0])


def with_answer(
    audit: Answers, fact: FactDefinition, value: AnswerValue, place: int
) -> Answers:
    """Return the audit with one answer given; to one member, in a roster."""
    if fact.roster is None:
        return replace(audit, facts={**audit.facts, fact.name: value})
    members = list(audit.rosters[fact.roster] or (RosterMember("m0", {}, {}),))
    chosen = members[place % len(members)]
    told = RosterMember(chosen.key, {**chosen.facts, fact.name: value}, chosen.causes)
    members[place % len(members)] = told
    return replace(audit, rosters={**audit.rosters, fact.roster: tuple(members)})


def weight(verdict: Verdict) -> int:
    """Return how heavily a verdict weighs; what is open weighs less than what is broken."""
    if verdict.outcome is Outcome.NON_CONFORMITY:
        return 2 + LIGHTEST_FIRST.index(verdict.severity)
    return int(verdict.outcome is Outcome.UNDETERMINED)


def scope_of(rule: Rule) -> frozenset[str]:
    """Return the facts on which it depends whether a rule applies."""
    if rule.applies_when is None:
        return frozenset()
    return frozenset(name for name, _ in directions(rule.applies_when, BOOK.derived))


SCOPES = {rule.id: scope_of(rule) for rule in BOOK.rules}


def improvements(
    fact: FactDefinition, before: tuple[Verdict, ...], after: tuple[Verdict, ...]
) -> list[str]:
    """Return the rules that weigh less after, though the answer got worse.

    Where it was open whether a rule applies, to know that it does may clear the site.
    """
    return [
        one.rule
        for one, other in zip(before, after, strict=True)
        if weight(other) < weight(one)
        and not (one.outcome is Outcome.UNDETERMINED and fact.id in SCOPES[one.rule])
    ]


@settings(max_examples=150)
@given(some.integers(0, 2**32 - 1))
def test_an_aggravating_answer_never_improves_a_verdict(seed: int) -> None:
    random = seeded(seed)
    audit = some_audit(random)

    for fact in random.sample(FACTS, 20):
        better, worse = better_and_worse(random, fact)
        place = random.randrange(3)
        before = assess(BOOK, with_answer(audit, fact, better, place))
        after = assess(BOOK, with_answer(audit, fact, worse, place))

        assert improvements(fact, before, after) == []


def with_column(
    batch: pa.RecordBatch, fact: FactDefinition, value: AnswerValue
) -> pa.RecordBatch:
    """Return the rows with one answer to a question wherever there was any."""
    place = batch.schema.get_field_index(fact.name)
    known = batch.column(place).is_valid()
    positions = {option: number for number, option in enumerate(fact.options)}
    held = (
        sum(1 << positions[one] for one in value)
        if isinstance(value, frozenset)
        else value
    )
    field = batch.schema.field(place)
    told = pa.array([held if one else None for one in known.to_pylist()], field.type)
    return batch.set_column(place, field, told)


def read_with(
    batches: tuple[pa.RecordBatch, Mapping[Roster, pa.RecordBatch]],
    fact: FactDefinition,
    value: AnswerValue,
    rules: tuple[Rule, ...],
) -> list[tuple[Verdict, ...]]:
    audits, members = batches
    if fact.roster is None:
        audits = with_column(audits, fact, value)
    else:
        changed = with_column(members[fact.roster], fact, value)
        members = {**members, fact.roster: changed}
    scored = score(BOOK, audits, members, only=[rule.id for rule in rules])
    columns = []
    for number, rule in enumerate(rules):
        meaning = verdicts_of(rule)
        columns.append([meaning[code] for code in scored.column(number).to_pylist()])
    return list(zip(*columns, strict=True))


def test_no_aggravating_answer_improves_a_verdict_by_column() -> None:
    random = seeded(7)
    batches = batches_of(BOOK.vocabulary, [some_audit(random) for _ in range(AUDITS)])
    compared = 0

    for fact in FACTS:
        readers = tuple(
            rule for rule in BOOK.rules if fact.id in needs_of(rule, BOOK).facts
        )
        better, worse = better_and_worse(random, fact)
        before = read_with(batches, fact, better, readers)
        after = read_with(batches, fact, worse, readers)
        for one, other in zip(before, after, strict=True):
            assert improvements(fact, one, other) == []
            compared += len(readers)

    assert compared > 100_000


def test_a_fact_without_a_direction_is_one_of_few() -> None:
    without = {one.id for one in BOOK.vocabulary.facts.values() if one.worse is None}

    assert without == WITHOUT_DIRECTION


# Who came from elsewhere, and how they are treated.
MIGRANTS = [one for one in BOOK.vocabulary.facts.values() if one.is_about_migrants]
# What an answer would be called that told where a person is from, or of which people.
ORIGINS = ("nationality", "citizen", "ethnic", "race", "birthplace", "passport", "visa")


@settings(max_examples=150)
@given(some.integers(0, 2**32 - 1))
def test_no_answer_about_migrants_lowers_a_severity(seed: int) -> None:
    """Whichever way it changes, what stays broken weighs what it weighed."""
    random = seeded(seed)
    audit = some_audit(random)

    for fact in MIGRANTS:
        answers = better_and_worse(random, fact)
        place = random.randrange(3)
        first, second = (
            assess(BOOK, with_answer(audit, fact, one, place)) for one in answers
        )

        both_broken = [
            (one, other)
            for one, other in zip(first, second, strict=True)
            if {one.outcome, other.outcome} == {Outcome.NON_CONFORMITY}
        ]
        assert [one for one, other in both_broken if one != other] == []
        assert improvements(fact, first, second) == []


def test_to_come_from_elsewhere_can_only_weigh_against_the_site() -> None:
    """That is what the law on aggravating answers then holds for these facts."""
    from_elsewhere = {
        "workers_hired_from_elsewhere",
        "workers.moved_for_this_work",
        "children.moved_by_contractor",
        "outsiders_on_worse_terms",
        "groups_present",
    }

    worse = {one.id: one.worse for one in MIGRANTS}

    assert all(worse.values())
    assert {worse[name] for name in from_elsewhere} == {Worse.TRUE, Worse.MORE}


@pytest.mark.parametrize("word", ORIGINS)
def test_nobody_is_asked_of_which_nation_or_people_they_are(word: str) -> None:
    asked = [
        one.id
        for one in BOOK.vocabulary.facts.values()
        if word in one.name or word in one.title.en.lower()
    ]

    assert asked == []
