"""One answers document through the book: verdicts, reasons, and what is refused."""

import pytest

from audits.assessments.judging import assess_answers
from rules import AnswersRejected, Outcome, read_book

BOOK = read_book()
RULE = "child_labour.minimum_age"


def document(**children: object) -> dict[str, object]:
    return {
        "country": "CO",
        "commodity": "coffee",
        "site_kind": "producer",
        "observed_on": "2026-11-03",
        "facts": {},
        "children": [{"key": "c1", "works": True, **children}],
    }


def test_every_rule_of_the_book_has_one_verdict_in_its_order() -> None:
    assessment = assess_answers(BOOK, document(age=16))

    assert [one.rule for one in assessment.verdicts] == [one.id for one in BOOK.rules]


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"age": 13}, Outcome.NON_CONFORMITY),
        ({"age": 16}, Outcome.CONFORMITY),
        ({}, Outcome.UNDETERMINED),
        ({"age": None}, Outcome.UNDETERMINED),
    ],
)
def test_an_age_that_nobody_knows_is_neither_old_enough_nor_too_young(
    answers: dict[str, object], outcome: Outcome
) -> None:
    assessment = assess_answers(BOOK, document(**answers))

    assert assessment.verdict_of[RULE].outcome is outcome


def test_the_reasons_lead_to_the_same_verdict() -> None:
    assessment = assess_answers(BOOK, document(age=13))

    trace = assessment.trace(RULE).as_json()

    assert trace["verdict"] == Outcome.NON_CONFORMITY
    assert {"instrument": "CO Ley 1098", "article": "35"} in trace["cites"]  # type: ignore[operator]


def test_the_sentences_are_in_the_language_of_the_reader() -> None:
    assessment = assess_answers(BOOK, document(age=13))

    assert assessment.told(RULE, "en")[0].startswith(BOOK.rule_by_id[RULE].title.en)
    assert assessment.told(RULE, "es")[0].startswith(BOOK.rule_by_id[RULE].title.es)


def test_verdicts_can_be_asked_for_by_outcome() -> None:
    assessment = assess_answers(BOOK, document(age=13))

    broken = assessment.with_outcome(Outcome.NON_CONFORMITY)

    assert RULE in [one.rule for one in broken]
    assert {one.outcome for one in broken} == {Outcome.NON_CONFORMITY}


def test_answers_that_cannot_be_read_are_refused_with_every_reason() -> None:
    with pytest.raises(AnswersRejected) as rejected:
        assess_answers(BOOK, {**document(age=-1), "country": "Colombia"})

    paths = {fault.path for fault in rejected.value.faults}
    assert paths == {"$.country", "$.children[0].age"}
