"""The grade in single cases, worked out by hand from the guide's figures."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from compliance.scorecards.codes import (
    Cap,
    GateCode,
    GateValue,
    Letter,
    Severity,
    Topic,
)
from compliance.scorecards.content import Gate
from compliance.scorecards.grading import (
    Concealment,
    FieldworkFacts,
    Graded,
    OpenFlag,
    Plan,
    RuleResult,
    Sign,
    combined,
    grade,
    months_after,
)
from compliance.scorecards.policy import FILE, policy_on, read_policies
from rules import Grounds, Outcome

TODAY = date(2026, 11, 22)
POLICY = policy_on(TODAY, read_policies())
BEST_FIELDWORK = FieldworkFacts(
    ended_on=date(2026, 11, 3),
    was_in_harvest=True,
    was_announced=False,
    had_off_site_interviews=True,
)
NOTHING_HIDDEN = Concealment(Sign.CLEAR, Sign.CLEAR, Sign.CLEAR)


def results(
    topic: Topic,
    *,
    met: int = 0,
    not_met: int = 0,
    undetermined: int = 0,
    severity: Severity = Severity.MINOR,
) -> list[RuleResult]:
    """Return so many rules of a topic with each outcome."""
    outcomes = (
        [Outcome.CONFORMITY] * met
        + [Outcome.NON_CONFORMITY] * not_met
        + [Outcome.UNDETERMINED] * undetermined
    )
    return [
        RuleResult(f"{topic}.rule_{number}", topic, severity, outcome)
        for number, outcome in enumerate(outcomes)
    ]


def graded(
    given: list[RuleResult],
    *,
    flags: tuple[OpenFlag, ...] = (),
    fieldwork: FieldworkFacts = BEST_FIELDWORK,
    concealment: Concealment = NOTHING_HIDDEN,
    on: date = TODAY,
) -> Graded:
    return grade(
        given,
        flags=flags,
        fieldwork=fieldwork,
        concealment=concealment,
        policy=POLICY,
        on=on,
    )


def gate(told: Graded, code: GateCode) -> Gate:
    return next(gate for gate in told.grade.gates if gate.code is code)


ALL_MET = results(Topic.HEALTH_AND_SAFETY, met=20)


def test_a_spotless_site_seen_in_harvest_has_an_a() -> None:
    told = graded(ALL_MET)

    assert (told.grade.letter, told.grade.score) == (Letter.A, 100)
    assert not any(gate.applied for gate in told.grade.gates)


def test_a_topic_score_is_the_weighted_share_met() -> None:
    """Met: one critical (4) and one minor (1); not met: one major (2). 5 of 7 is 71."""
    topic = Topic.WAGES_AND_HOURS
    given = [
        RuleResult("a", topic, Severity.CRITICAL, Outcome.CONFORMITY),
        RuleResult("b", topic, Severity.MINOR, Outcome.CONFORMITY),
        RuleResult("c", topic, Severity.MAJOR, Outcome.NON_CONFORMITY),
    ]

    told = graded(given)

    assert told.grade.score == 71
    assert told.grade.letter is Letter.B


def test_forced_labour_counts_double_in_the_overall_score() -> None:
    """(2 x 40 + 1 x 100) / 3 is 60."""
    given = results(Topic.FORCED_LABOUR, met=2, not_met=3) + ALL_MET

    assert graded(given).grade.score == 60


def test_a_score_is_rounded_down_so_that_it_never_borrows_a_letter() -> None:
    """849 of 999 is 84.98: a B."""
    given = results(Topic.HEALTH_AND_SAFETY, met=849, not_met=150)

    told = graded(given)

    assert (told.grade.score, told.grade.letter) == (84, Letter.B)


@pytest.mark.parametrize(
    ("met", "letter"),
    [
        (85, "A"),
        (84, "B"),
        (70, "B"),
        (69, "C"),
        (55, "C"),
        (54, "D"),
        (40, "D"),
        (39, "E"),
        (0, "E"),
    ],
)
def test_the_bands_are_those_of_the_guide(met: int, letter: str) -> None:
    given = results(Topic.HEALTH_AND_SAFETY, met=met, not_met=100 - met)

    assert graded(given).grade.letter == letter


@pytest.mark.parametrize(
    ("plan", "letter", "value"),
    [
        (Plan.NONE, None, GateValue.NO_PLAN),
        (Plan.IN_TIME, Letter.D, GateValue.PLAN_IN_TIME),
        (Plan.LAPSED, Letter.E, GateValue.PLAN_LAPSED),
    ],
)
def test_zero_tolerance_caps_by_the_state_of_its_plan(
    plan: Plan, letter: Letter | None, value: GateValue
) -> None:
    flag = OpenFlag(
        Topic.WAGES_AND_HOURS, Severity.ZERO_TOLERANCE, plan, is_past_due=False
    )

    told = graded(ALL_MET, flags=(flag,))

    assert told.grade.letter == letter
    assert gate(told, GateCode.ZERO_TOLERANCE).value is value


def test_the_hardest_of_two_zero_tolerance_flags_is_told() -> None:
    topic, severity = Topic.CHILD_LABOUR, Severity.ZERO_TOLERANCE
    flags = (
        OpenFlag(topic, severity, Plan.LAPSED, is_past_due=True),
        OpenFlag(topic, severity, Plan.NONE, is_past_due=False),
    )

    told = graded(ALL_MET, flags=flags)

    assert gate(told, GateCode.ZERO_TOLERANCE).caps_at is Cap.SUSPENDED


@pytest.mark.parametrize(
    ("topic", "open_letter", "overdue_letter"),
    [
        (Topic.CHILD_LABOUR, Letter.C, Letter.D),
        (Topic.FORCED_LABOUR, Letter.C, Letter.D),
        (Topic.WAGES_AND_HOURS, Letter.A, Letter.A),
    ],
)
def test_an_open_high_flag_caps_only_child_and_forced_labour(
    topic: Topic, open_letter: Letter, overdue_letter: Letter
) -> None:
    in_time = OpenFlag(topic, Severity.CRITICAL, Plan.NONE, is_past_due=False)
    overdue = replace(in_time, is_past_due=True)

    assert graded(ALL_MET, flags=(in_time,)).grade.letter is open_letter
    assert graded(ALL_MET, flags=(overdue,)).grade.letter is overdue_letter


@pytest.mark.parametrize("place", ["access", "records", "coaching"])
def test_concealment_caps_at_e(place: str) -> None:
    told = graded(ALL_MET, concealment=Concealment(**{place: Sign.FOUND}))

    assert told.grade.letter is Letter.E
    assert told.grade.score == 100


@pytest.mark.parametrize(
    ("undetermined", "limit", "cap"),
    [(20, 80, None), (21, 80, Cap.B), (41, 60, Cap.C), (61, 40, Cap.NOT_GRADED)],
)
def test_what_could_not_be_determined_caps_the_grade(
    undetermined: int, limit: int, cap: Cap | None
) -> None:
    given = results(
        Topic.HEALTH_AND_SAFETY, met=100 - undetermined, undetermined=undetermined
    )

    told = gate(graded(given), GateCode.DETERMINATE_SHARE)

    assert (told.value, told.limit, told.caps_at) == (100 - undetermined, limit, cap)


@pytest.mark.parametrize(
    ("undetermined", "cap"),
    [(40, None), (41, Cap.C)],
)
def test_child_labour_must_be_determined_for_itself(
    undetermined: int, cap: Cap | None
) -> None:
    given = ALL_MET * 20 + results(
        Topic.CHILD_LABOUR, met=100 - undetermined, undetermined=undetermined
    )

    told = gate(graded(given), GateCode.CHILD_LABOUR_SHARE)

    assert told.caps_at is cap


def test_open_questions_are_held_against_the_letter_and_never_the_score() -> None:
    """Seven met, three open: the score is 100; at worst it were 70, which is a B."""
    told = graded(results(Topic.EQUAL_TREATMENT, met=7, undetermined=3))

    questions = gate(told, GateCode.OPEN_QUESTIONS)
    assert (told.grade.score, told.grade.letter_by_score) == (100, Letter.A)
    assert (questions.value, questions.limit, questions.caps_at) == (70, 85, Cap.B)
    assert told.grade.letter is Letter.B


def test_open_questions_that_could_not_change_the_letter_do_not_bite() -> None:
    told = graded(results(Topic.EQUAL_TREATMENT, met=9, undetermined=1))

    assert not gate(told, GateCode.OPEN_QUESTIONS).applied


@pytest.mark.parametrize(
    ("on", "value", "limit", "cap"),
    [
        (date(2026, 11, 3), 365, 365, None),
        (date(2026, 11, 4), 366, 365, Cap.B),
        (date(2027, 5, 3), 546, 365, Cap.B),
        (date(2027, 5, 4), 547, 546, Cap.C),
        (date(2027, 11, 3), 730, 546, Cap.C),
        (date(2027, 11, 4), 731, 730, Cap.EXPIRED),
    ],
)
def test_fieldwork_ages_by_calendar_months(
    on: date, value: int, limit: int, cap: Cap | None
) -> None:
    old = FieldworkFacts(
        date(2025, 11, 3),
        was_in_harvest=True,
        was_announced=False,
        had_off_site_interviews=None,
    )

    told = gate(graded(ALL_MET, fieldwork=old, on=on), GateCode.FIELDWORK_AGE)

    assert (told.value, told.limit, told.caps_at) == (value, limit, cap)


@pytest.mark.parametrize(
    ("in_harvest_announced_interviews", "season", "notice"),
    [
        ((True, False, None), "clear", "clear"),
        ((True, True, True), "clear", "clear"),
        ((True, True, False), "clear", "found"),
        ((True, True, None), "clear", "undetermined"),
        ((True, None, False), "clear", "undetermined"),
        ((True, None, True), "clear", "clear"),
        ((False, False, True), "found", "clear"),
        ((None, False, True), "undetermined", "clear"),
    ],
)
def test_there_is_no_a_without_harvest_and_free_speech_shown(
    in_harvest_announced_interviews: tuple[bool | None, bool | None, bool | None],
    season: str,
    notice: str,
) -> None:
    known = FieldworkFacts(date(2026, 11, 3), *in_harvest_announced_interviews)

    told = graded(ALL_MET, fieldwork=known)

    assert gate(told, GateCode.SEASON).value == season
    assert gate(told, GateCode.NOTICE).value == notice
    expected = Letter.A if (season, notice) == ("clear", "clear") else Letter.B
    assert told.grade.letter is expected


def test_nothing_known_is_not_graded() -> None:
    told = graded(results(Topic.CHILD_LABOUR, undetermined=5))

    assert told.grade.letter is None
    assert told.grade.score is None
    assert told.grade.state == "not_graded"


def test_a_rule_broken_in_one_submission_is_broken() -> None:
    met = RuleResult("a", Topic.CHILD_LABOUR, Severity.MAJOR, Outcome.CONFORMITY)
    broken = RuleResult("a", Topic.CHILD_LABOUR, Severity.MAJOR, Outcome.NON_CONFORMITY)

    assert combined([met, broken]) == (broken,)


def test_an_advisory_does_not_hide_a_settled_answer() -> None:
    met = RuleResult("a", Topic.CHILD_LABOUR, Severity.MAJOR, Outcome.CONFORMITY)
    advisory = RuleResult(
        "a",
        Topic.CHILD_LABOUR,
        Severity.MINOR,
        Outcome.NON_CONFORMITY,
        Grounds.DISPUTED_LAW,
    )

    assert combined([advisory, met]) == (met,)


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    assert months_after(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_after(date(2026, 12, 31), 12) == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("A: 85", "A: 65"),
        ("E: 0}", "E: 10}"),
        ("critical: 4", "critical: 1"),
        ("80: B, 60: C", "80: C, 60: B"),
        ("12: B, 18: C", "12: C, 18: B"),
        ("  season: B\n", ""),
        ("concealment: E", "concealment: E\n  kindness: A"),
        ("    equal_treatment: 1\n", ""),
    ],
)
def test_a_policy_that_would_reward_the_worse_is_refused(
    right: str, wrong: str, tmp_path: Path
) -> None:
    text = FILE.read_text()
    changed = tmp_path / "grading.yaml"
    changed.write_text(text.replace(right, wrong, 1))

    assert right in text
    with pytest.raises(ValueError, match="validation error"):
        read_policies(changed)


def test_a_grade_keeps_to_the_policy_of_its_day(tmp_path: Path) -> None:
    entry = FILE.read_text()
    later = entry.replace("valid_from: 2026-11-01", "valid_from: 2028-01-01")
    both = tmp_path / "grading.yaml"
    both.write_text(entry + later.replace("A: 85", "A: 90"))

    policies = read_policies(both)

    assert policy_on(date(2027, 12, 31), policies).bands[Letter.A] == 85
    assert policy_on(date(2028, 1, 1), policies).bands[Letter.A] == 90
