"""The packaged book: it loads, and every example in it is a test."""

import re

import pytest

from rules.answers import read_answers
from rules.citing import cites_in
from rules.coverage import unused_facts
from rules.definitions import Example, Outcome, Rule, Severity, Topic
from rules.examples import verdict_of
from rules.explanation import tell
from rules.reading import read_book
from rules.tracing import explain
from rules.vocabulary import SiteKind
from rules.whole_book import possible_outcomes

BOOK = read_book()
CASES = [
    pytest.param(rule, example, id=example.id)
    for rule in BOOK.rules
    for example in rule.examples
]
RULES = [pytest.param(rule, id=rule.id) for rule in BOOK.rules]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_an_example_comes_to_what_it_says(rule: Rule, example: Example) -> None:
    verdict = verdict_of(BOOK, rule, example)

    assert verdict.outcome is example.verdict
    assert example.severity in (None, verdict.severity)
    assert example.grounds in (None, verdict.grounds)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_an_example_can_be_told_in_both_languages(rule: Rule, example: Example) -> None:
    answers = read_answers(BOOK.vocabulary, example.document)

    trace = explain(BOOK, answers, rule.id)

    english, spanish = tell(trace, "en"), tell(trace, "es")
    assert len(english) >= 3
    assert len(english) == len(spanish)
    assert not [one for one in (*english, *spanish) if "{" in one or "None" in one]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_what_is_undetermined_says_what_would_settle_it(
    rule: Rule, example: Example
) -> None:
    trace = explain(BOOK, read_answers(BOOK.vocabulary, example.document), rule.id)

    is_undetermined = trace.verdict.outcome is Outcome.UNDETERMINED

    assert bool(trace.would_settle) is is_undetermined


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_cites_and_shows_every_outcome_it_can_have(rule: Rule) -> None:
    shown = {example.verdict for example in rule.examples}

    assert rule.cites
    assert shown >= set(possible_outcomes(rule, BOOK.derived))


def test_no_two_rules_share_a_fingerprint() -> None:
    hashes = [rule.logic_hash for rule in BOOK.rules]

    assert len(set(hashes)) == len(hashes)


def test_most_facts_are_read_by_some_rule() -> None:
    assert len(unused_facts(BOOK)) * 20 < len(BOOK.vocabulary.facts)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_something_to_cite_wherever_it_holds(rule: Rule) -> None:
    countries = rule.scopes.countries or BOOK.countries

    assert not [one for one in countries if not cites_in(rule, BOOK, one)]


def test_an_instrument_named_for_a_country_says_which() -> None:
    named = {
        one.id: one.id[:2]
        for one in BOOK.instruments.values()
        if one.id[:3] in {f"{country} " for country in BOOK.countries}
    }

    assert {
        one.id: one.country for one in BOOK.instruments.values() if one.country
    } == named


def test_a_rule_that_a_note_points_to_exists() -> None:
    pointed = {
        name
        for rule in BOOK.rules
        if rule.note
        for text in (rule.note.en, rule.note.es)
        for name in re.findall(rf"(?:{'|'.join(Topic)})\.\w+", text)
    }

    assert pointed
    assert pointed <= set(BOOK.rule_by_id)


def test_what_protects_a_person_holds_on_farms_too() -> None:
    for_mills = [
        rule for rule in BOOK.rules if rule.scopes.site_kinds == {SiteKind.MILL}
    ]

    topics = {Topic.FORCED_LABOUR, Topic.CHILD_LABOUR}
    # A buyer is asked whether it goes on buying from where a child was found.
    assert {
        rule.id for rule in for_mills if rule.severity is Severity.ZERO_TOLERANCE
    } == {"grievance_and_management.supplier_with_open_case"}
    # Who monitors small farms is the mill that buys from them.
    assert {rule.id for rule in for_mills if rule.topic in topics} == {
        "child_labour.suppliers_not_monitored"
    }
    assert {rule.id for rule in for_mills if rule.severity is Severity.CRITICAL} == {
        "health_and_safety.machines_and_boiler",
        # What workers tell of these is asked on every farm.
        "wages_and_hours.deductions_on_record",
        "wages_and_hours.extreme_week_on_record",
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_for_one_kind_of_site_says_why(rule: Rule) -> None:
    assert not rule.scopes.site_kinds or rule.note
