"""The laws of a grade, on random sites: what makes it worse never makes it look better."""

import random
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from compliance.scorecards.codes import Cap, Letter, Severity, Topic
from compliance.scorecards.content import Grade
from compliance.scorecards.grading import (
    Concealment,
    FieldworkFacts,
    Graded,
    OpenFlag,
    Plan,
    RuleResult,
    Sign,
    grade,
)
from compliance.scorecards.policy import policy_on, read_policies
from rules import Grounds, Outcome

TODAY = date(2026, 11, 22)
POLICY = policy_on(TODAY, read_policies())
TOPICS = tuple(Topic)

# One rule to a number, so that a list of distinct numbers names each rule once.
rule_numbers = some.lists(some.integers(0, 40), min_size=1, max_size=25, unique=True)


@some.composite
def sites(draw: some.DrawFn) -> tuple[RuleResult, ...]:
    """Draw one result to a rule, as `combined` would leave them."""
    return tuple(
        RuleResult(
            rule=f"rule_{number:02}",
            topic=TOPICS[number % len(TOPICS)],
            weighs=draw(some.sampled_from(Severity)),
            outcome=draw(some.sampled_from(Outcome)),
            grounds=draw(some.sampled_from(Grounds)),
            is_shadow=draw(some.booleans()) and number % 7 == 0,
        )
        for number in draw(rule_numbers)
    )


flags = some.lists(
    some.builds(
        OpenFlag,
        topic=some.sampled_from(Topic),
        severity=some.sampled_from(Severity),
        plan=some.sampled_from(Plan),
        is_past_due=some.booleans(),
    ),
    max_size=3,
)
unknown_or_not = some.sampled_from((None, False, True))
fieldwork = some.builds(
    FieldworkFacts,
    ended_on=some.integers(0, 800).map(lambda days: TODAY - timedelta(days=days)),
    was_in_harvest=unknown_or_not,
    was_announced=unknown_or_not,
    had_off_site_interviews=unknown_or_not,
)
signs = some.sampled_from(Sign)
concealment = some.one_of(
    some.just(Concealment()),
    some.builds(Concealment, access=signs, records=signs, coaching=signs),
)


@some.composite
def cases(draw: some.DrawFn) -> dict[str, object]:
    """Draw the rest of what a grade stands on."""
    return {
        "flags": tuple(draw(flags)),
        "fieldwork": draw(fieldwork),
        "concealment": draw(concealment),
    }


def graded(results: tuple[RuleResult, ...], case: dict[str, object]) -> Graded:
    return grade(results, policy=POLICY, on=TODAY, **case)  # type: ignore[arg-type]


def badness(told: Grade) -> int:
    """Return how bad a printed grade is; no letter at all is worse than any letter."""
    order = [*Letter, Cap.EXPIRED, Cap.NOT_GRADED, Cap.SUSPENDED]
    return order.index(told.letter or Cap(told.state))


def turned(
    results: tuple[RuleResult, ...],
    place: int,
    outcome: Outcome,
    weighs: Severity | None = None,
) -> tuple[RuleResult, ...]:
    """Return the results with one of them turned to `outcome`."""
    chosen = place % len(results)
    old = results[chosen]
    new = replace(old, outcome=outcome, weighs=weighs or old.weighs)
    return (*results[:chosen], new, *results[chosen + 1 :])


@given(sites(), cases(), some.integers(0, 99), some.data())
def test_met_to_not_met_never_raises_the_letter(
    results: tuple[RuleResult, ...],
    case: dict[str, object],
    place: int,
    data: some.DataObject,
) -> None:
    """On unsettled law a broken rule weighs less than a kept one: never more."""
    full = results[place % len(results)].weighs
    lighter = data.draw(
        some.sampled_from(tuple(Severity)[tuple(Severity).index(full) :])
    )
    met = turned(results, place, Outcome.CONFORMITY)

    not_met = turned(results, place, Outcome.NON_CONFORMITY, lighter)

    assert badness(graded(not_met, case).grade) >= badness(graded(met, case).grade)


@given(sites(), cases(), some.integers(0, 99))
def test_undetermined_to_met_never_lowers_the_letter(
    results: tuple[RuleResult, ...], case: dict[str, object], place: int
) -> None:
    undetermined = turned(results, place, Outcome.UNDETERMINED)

    met = turned(results, place, Outcome.CONFORMITY)

    assert badness(graded(met, case).grade) <= badness(graded(undetermined, case).grade)


@given(sites(), cases(), some.integers(0, 99))
def test_dropping_an_answer_never_raises_the_letter(
    results: tuple[RuleResult, ...], case: dict[str, object], place: int
) -> None:
    dropped = turned(results, place, Outcome.UNDETERMINED)

    before, after = graded(results, case).grade, graded(dropped, case).grade

    assert badness(after) >= badness(before)


@given(sites(), cases(), fieldwork)
def test_dropping_what_is_known_of_the_fieldwork_never_raises_the_letter(
    results: tuple[RuleResult, ...], case: dict[str, object], known: FieldworkFacts
) -> None:
    before = graded(results, {**case, "fieldwork": known}).grade

    for dropped in (
        replace(known, was_in_harvest=None),
        replace(known, was_announced=None),
        replace(known, had_off_site_interviews=None),
    ):
        after = graded(results, {**case, "fieldwork": dropped}).grade
        assert badness(after) >= badness(before)


@given(sites(), sites(), cases(), some.randoms(use_true_random=False))
def test_the_order_of_audits_and_rules_does_not_matter(
    first: tuple[RuleResult, ...],
    second: tuple[RuleResult, ...],
    case: dict[str, object],
    chance: random.Random,
) -> None:
    results = list(first + second)
    shuffled = chance.sample(results, len(results))
    backwards = {**case, "flags": tuple(reversed(case["flags"]))}  # type: ignore[call-overload]

    assert graded(tuple(shuffled), backwards) == graded(tuple(results), case)


@given(sites(), cases())
def test_a_reader_who_recomputes_the_letter_gets_the_printed_one(
    results: tuple[RuleResult, ...], case: dict[str, object]
) -> None:
    """The reader has the printed score, the printed gates, and the bands of the guide."""
    told = graded(results, case).grade
    bands = ((85, "A"), (70, "B"), (55, "C"), (40, "D"), (0, "E"))

    caps = {gate.caps_at for gate in told.gates if gate.applied}
    by_score = next(
        (letter for floor, letter in bands if (told.score or 0) >= floor), "E"
    )
    has_letter = told.score is not None and not caps & {
        "suspended",
        "not_graded",
        "expired",
    }
    recomputed = max({by_score, *map(str, caps - {None})}) if has_letter else None

    assert told.letter == recomputed


@given(sites(), sites(), cases())
def test_rules_on_trial_and_advisories_count_in_nothing(
    results: tuple[RuleResult, ...],
    others: tuple[RuleResult, ...],
    case: dict[str, object],
) -> None:
    on_trial = tuple(
        replace(result, rule="trial_" + result.rule, is_shadow=True)
        for result in others
    )
    advisories = tuple(
        replace(
            result,
            rule="advisory_" + result.rule,
            outcome=Outcome.NON_CONFORMITY,
            grounds=Grounds.DISPUTED_LAW,
        )
        for result in others
    )

    assert graded(results + on_trial + advisories, case) == graded(results, case)


@given(sites(), cases(), flags)
def test_one_more_open_flag_never_raises_the_letter(
    results: tuple[RuleResult, ...], case: dict[str, object], more: list[OpenFlag]
) -> None:
    with_more = {**case, "flags": (*case["flags"], *more)}  # type: ignore[misc]

    before, after = graded(results, case).grade, graded(results, with_more).grade

    assert badness(after) >= badness(before)
