"""How sure it is, worked out by hand from what the book says of each rule."""

from itertools import product

import pytest

from compliance.findings.cases import CASE_WORDS, OVER, CaseWord, concerns_a_person
from compliance.findings.standing import (
    Standing,
    is_forced_labour,
    standing_of,
    surer,
)
from rules import Grounds, Severity, Topic, read_book

RULES = read_book().rule_by_id
SETTLED, UNVERIFIED = Grounds.SETTLED, Grounds.UNVERIFIED_LAW


@pytest.mark.parametrize(
    ("rule", "severity", "grounds", "standing"),
    [
        # Involuntariness and menace together.
        ("forced_labour.suspected", Severity.ZERO_TOLERANCE, SETTLED, "suspected"),
        # One sign alone, however grave.
        ("forced_labour.documents_denied", Severity.CRITICAL, SETTLED, "indicator"),
        ("forced_labour.documents_held", Severity.MAJOR, SETTLED, "indicator"),
        ("child_labour.minimum_age", Severity.ZERO_TOLERANCE, SETTLED, "suspected"),
        ("child_labour.minimum_age", Severity.ZERO_TOLERANCE, UNVERIFIED, "indicator"),
        ("child_labour.age_not_checked", Severity.MAJOR, SETTLED, "indicator"),
    ],
)
def test_the_rules_take_a_finding_as_far_as_suspected(
    rule: str, severity: Severity, grounds: Grounds, standing: str
) -> None:
    assert standing_of(RULES[rule], severity, grounds) == standing


def test_no_rule_confirms_anything_and_other_topics_have_no_standing() -> None:
    found = {
        (rule.topic, standing_of(rule, severity, SETTLED))
        for rule, severity in product(RULES.values(), Severity)
    }

    assert Standing.CONFIRMED not in {standing for _, standing in found}
    assert {topic for topic, standing in found if standing is None} == set(Topic) - {
        Topic.CHILD_LABOUR,
        Topic.FORCED_LABOUR,
    }


@pytest.mark.parametrize(
    ("rule", "is_forced"),
    [
        ("forced_labour.threats", True),
        ("child_labour.bonded_or_forced_child", True),
        ("child_labour.trafficked_child", True),
        ("child_labour.minimum_age", False),
        ("recruitment_and_contracts.fees_borne", False),
    ],
)
def test_force_done_to_a_child_is_forced_labour_too(rule: str, is_forced: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_forced_labour(RULES[rule]) is is_forced


def test_the_surer_of_two_is_kept() -> None:
    assert surer(None, Standing.INDICATOR) is Standing.INDICATOR
    assert surer(Standing.CONFIRMED, Standing.SUSPECTED) is Standing.CONFIRMED
    assert surer(None, None) is None


@pytest.mark.parametrize(
    ("topic", "severity", "is_about_somebody"),
    [
        (Topic.CHILD_LABOUR, Severity.ZERO_TOLERANCE, True),
        (Topic.EQUAL_TREATMENT, Severity.CRITICAL, True),
        (Topic.WAGES_AND_HOURS, Severity.CRITICAL, True),
        (Topic.CHILD_LABOUR, Severity.MAJOR, False),
        (Topic.GRIEVANCE_AND_MANAGEMENT, Severity.CRITICAL, False),
    ],
)
def test_a_red_flag_is_about_somebody_unless_it_speaks_of_management(
    topic: Topic,
    severity: Severity,
    is_about_somebody: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert concerns_a_person(topic, severity) is is_about_somebody


def test_a_case_begins_unopened_and_a_verified_outcome_is_final() -> None:
    reachable = {after for words in CASE_WORDS.values() for after in words}

    assert set(CaseWord) - reachable == {CaseWord.NOT_OPENED}
    assert CASE_WORDS[CaseWord.OUTCOME_VERIFIED] == frozenset()
    assert {
        before
        for before, words in CASE_WORDS.items()
        if CaseWord.OUTCOME_VERIFIED in words
    } == {CaseWord.IN_FOLLOW_UP}
    assert CaseWord.NOT_OPENED not in OVER
