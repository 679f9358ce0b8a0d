"""The trace of a verdict comes to the verdict it explains, under every reading."""

import json

from hypothesis import given

from rules.answers import Answers
from rules.definitions import Outcome
from rules.explanation import tell
from rules.expressions import Condition
from rules.one_audit import assess, outcome_of, outcome_under
from rules.parameters import Reading
from rules.tracing import Looker, explain
from tests.strategies import answers, book_with, conditions


@given(conditions(), answers())
def test_the_quick_and_the_slow_evaluation_agree(
    condition: Condition, answered: Answers
) -> None:
    book = book_with(condition)

    for reading in Reading:
        truth = Looker(book, answered, reading).truth(condition)

        quick = outcome_under(book, answered, book.rules[0], reading)
        assert outcome_of(True, truth) is quick


@given(conditions(), answers())
def test_every_verdict_can_be_explained_and_told(
    condition: Condition, answered: Answers
) -> None:
    book = book_with(condition)

    trace = explain(book, answered, book.rules[0].id)

    assert trace.verdict == assess(book, answered)[0]
    assert json.loads(json.dumps(trace.as_json()))["rule"] == book.rules[0].id
    assert len(tell(trace, "en")) > 1
    assert len(tell(trace, "es")) > 1


@given(conditions(missing=False), answers())
def test_what_is_undetermined_has_something_that_would_settle_it(
    condition: Condition, answered: Answers
) -> None:
    book = book_with(condition)

    trace = explain(book, answered, book.rules[0].id)

    is_open = trace.verdict.outcome is Outcome.UNDETERMINED
    assert bool(trace.would_settle) is is_open
