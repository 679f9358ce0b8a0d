"""Each sentence of a card stands there when its state asks for it, and only then."""

from collections.abc import Callable
from functools import cache

import pytest

from compliance.scorecards.codes import (
    CODED_GATES,
    ChildCases,
    FindingStatus,
    GateCode,
    GateValue,
    GradeState,
    Severity,
    Status,
    Topic,
    VisitIntegrity,
    WorkersWithheld,
)
from compliance.scorecards.content import Scorecard
from compliance.scorecards.drawing import draw
from compliance.scorecards.drawing.attention import priorities
from compliance.scorecards.drawing.words import Words
from tests.unit.scorecards.cards import CARDS
from tests.unit.scorecards.pdf_reading import text_of
from tests.unit.scorecards.sample import titles

LANGUAGES = ("en", "es")
EVERY_CARD = [(state, language) for state in CARDS for language in LANGUAGES]
Asks = Callable[[Scorecard], bool]


def gate(card: Scorecard, code: GateCode) -> object:
    return next(one.value for one in card.grade.gates if one.code is code)


def has_open(
    card: Scorecard, *severities: Severity, topic: Topic | None = None
) -> bool:
    return any(
        flag.severity in severities and (topic is None or flag.topic is topic)
        for flag in card.flags
        if flag.is_open
    )


def has_zero_tolerance(card: Scorecard) -> bool:
    found = {GateValue.NO_PLAN, GateValue.PLAN_IN_TIME, GateValue.PLAN_LAPSED}
    value = gate(card, GateCode.ZERO_TOLERANCE)
    return value in found or has_open(card, Severity.ZERO_TOLERANCE)


def lacks_plan(card: Scorecard) -> bool:
    return gate(card, GateCode.ZERO_TOLERANCE) is GateValue.NO_PLAN


def is_shown_as(card: Scorecard, status: Status) -> bool:
    of_grade = {
        GradeState.SUSPENDED: Status.SUSPENDED,
        GradeState.EXPIRED: Status.EXPIRED,
    }
    told = card.status
    if told is Status.ISSUED:
        told = of_grade.get(card.grade.state, Status.ISSUED)
    return told is status


def work_of_site(card: Scorecard) -> bool:
    return any(one.is_unfinished and not one.is_the_buyers for one in card.actions)


def flag_gate_is(code: GateCode, topic: Topic, value: GateValue) -> Asks:
    """A gate that is clear is told otherwise while its topic has zero tolerance."""

    def asks(card: Scorecard) -> bool:
        graver = has_open(card, Severity.ZERO_TOLERANCE, topic=topic)
        hidden = value is GateValue.CLEAR and graver
        return gate(card, code) is value and not hidden

    return asks


TOPICS = {
    GateCode.CHILD_LABOUR_FLAG: Topic.CHILD_LABOUR,
    GateCode.FORCED_LABOUR_FLAG: Topic.FORCED_LABOUR,
}
SENTENCES: dict[tuple[str, ...], Asks] = {
    ("labels", "glance_zero_tolerance"): has_zero_tolerance,
    ("labels", "glance_no_zero_tolerance"): lambda card: (
        not has_zero_tolerance(card)
        and gate(card, GateCode.ZERO_TOLERANCE) is GateValue.CLEAR
    ),
    ("labels", "glance_undetermined"): lambda card: (
        not has_zero_tolerance(card)
        and gate(card, GateCode.ZERO_TOLERANCE) is GateValue.UNDETERMINED
    ),
    ("labels", "glance_none"): lambda card: not card.flags,
    ("labels", "glance_all_closed"): lambda card: (
        bool(card.flags) and not any(flag.is_open for flag in card.flags)
    ),
    ("labels", "flags_none"): lambda card: not card.flags,
    ("labels", "priorities_zero_tolerance"): lacks_plan,
    ("labels", "priorities_nothing"): lambda card: (
        not lacks_plan(card)
        and not work_of_site(card)
        and not any(flag.is_open for flag in card.flags)
    ),
    ("labels", "priorities_later"): lambda card: (
        not lacks_plan(card)
        and work_of_site(card)
        and not priorities(card, card.issued_at.date())
    ),
    ("labels", "priorities_no_plan"): lambda card: (
        not lacks_plan(card)
        and not work_of_site(card)
        and any(flag.is_open for flag in card.flags)
    ),
    ("labels", "plan_none_needed"): lambda card: (
        not card.actions and not any(flag.is_open for flag in card.flags)
    ),
    ("labels", "plan_none_open"): lambda card: (
        not any(not one.is_the_buyers and not one.is_a_remedy for one in card.actions)
        and any(flag.is_open for flag in card.flags)
    ),
    ("labels", "buyer_none"): lambda card: (
        bool(card.actions) and not any(one.is_the_buyers for one in card.actions)
    ),
    ("labels", "plan_buyer"): lambda card: any(
        one.is_the_buyers for one in card.actions
    ),
    ("labels", "plan_remedy"): lambda card: any(
        one.is_a_remedy for one in card.actions
    ),
    ("labels", "chain_none"): lambda card: not card.chain,
    ("labels", "why"): lambda card: card.grade.state is GradeState.GRADED,
    ("labels", "why_suspended"): lambda card: card.grade.state is GradeState.SUSPENDED,
    ("labels", "score_missing"): lambda card: card.grade.score is None,
    ("labels", "too_old"): lambda card: (
        is_shown_as(card, Status.EXPIRED) and card.status is not Status.EXPIRED
    ),
    ("labels", "no_audit_firm"): lambda card: card.issuer.audit_firm is None,
    ("labels", "interviews_missing"): lambda card: card.scope.interviews_range is None,
    ("labels", "workers"): lambda card: card.scope.workers_withheld is None,
    ("labels", "volume_unknown"): lambda card: card.scope.volume_traced_share is None,
    ("labels", "history_empty"): lambda card: (
        not card.history and card.grade.score is None
    ),
    ("labels", "history_first"): lambda card: (
        not card.history and card.grade.score is not None
    ),
    ("labels", "child_cases_not_needed"): lambda card: (
        card.scope.child_cases is ChildCases.NONE
        and has_open(
            card,
            Severity.ZERO_TOLERANCE,
            Severity.CRITICAL,
            topic=Topic.CHILD_LABOUR,
        )
    ),
    ("codes", "child_cases", "none"): lambda card: (
        card.scope.child_cases is ChildCases.NONE
        and not has_open(
            card,
            Severity.ZERO_TOLERANCE,
            Severity.CRITICAL,
            topic=Topic.CHILD_LABOUR,
        )
    ),
    **{
        ("codes", "child_cases", word): lambda card, word=word: (  # type: ignore[misc]
            card.scope.child_cases is word
        )
        for word in ChildCases
        if word is not ChildCases.NONE
    },
    **{
        ("codes", "visit_integrity", word): lambda card, word=word: (  # type: ignore[misc]
            card.fieldwork.integrity is word
        )
        for word in VisitIntegrity
    },
    **{
        ("codes", "workers_withheld", why): lambda card, why=why: (  # type: ignore[misc]
            card.scope.workers_withheld is why
        )
        for why in WorkersWithheld
    },
    **{
        ("codes", "gate", code, value): flag_gate_is(code, topic, value)
        for code, topic in TOPICS.items()
        for value in CODED_GATES[code]
    },
    **{
        ("codes", "gate", code, value): lambda card, code=code, value=value: (  # type: ignore[misc]
            gate(card, code) is value
        )
        for code, values in CODED_GATES.items()
        for value in values
        if code not in TOPICS
    },
}


@cache
def lines(state: str, language: str) -> tuple[str, ...]:
    return tuple(text_of(draw(CARDS[state], language, titles)).splitlines())


def told(words: Words, path: tuple[str, ...]) -> str:
    catalogue, *rest = path
    return words.label(*rest) if catalogue == "labels" else words.code(*rest)


@pytest.mark.parametrize(("state", "language"), EVERY_CARD)
def test_a_sentence_stands_on_a_card_when_its_state_asks_for_it_and_only_then(
    state: str, language: str
) -> None:
    card, words = CARDS[state], Words(language)
    flowing = " ".join(" ".join(lines(state, language)).split())

    wrong = {
        ".".join(path): asks(card)
        for path, asks in SENTENCES.items()
        if (told(words, path) in flowing) is not asks(card)
    }

    assert wrong == {}


def test_every_sentence_is_asked_for_by_some_card_or_by_none_for_a_reason() -> None:
    """What no card of the tests shows would be checked to be absent only."""
    unseen = {
        ".".join(path)
        for path, asks in SENTENCES.items()
        if not any(asks(card) for card in CARDS.values())
    }

    assert len(unseen) < len(SENTENCES) / 3


@pytest.mark.parametrize("state", list(CARDS))
def test_a_card_says_one_thing_of_whether_it_may_be_relied_upon(state: str) -> None:
    words = Words("en")
    pills = [
        status
        for status in Status
        if words.code("status", status).upper() in lines(state, "en")
    ]

    assert len(pills) == 1
    assert is_shown_as(CARDS[state], pills[0])


@pytest.mark.parametrize("state", list(CARDS))
def test_what_is_closed_or_broken_is_no_priority(state: str) -> None:
    card = CARDS[state]

    found = priorities(card, card.issued_at.date())

    over = {FindingStatus.VERIFIED_CLOSED, FindingStatus.BROKEN}
    assert not [one for one in found if one.status in over or one.is_the_buyers]
