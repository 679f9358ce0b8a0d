"""The packaged book: it loads, and every example in it is a test."""

import pytest

from rules.answers import read_answers
from rules.coverage import unused_facts
from rules.definitions import Example, Outcome, Rule
from rules.examples import verdict_of
from rules.explanation import tell
from rules.reading import read_book
from rules.tracing import explain
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
