"""A reader with the guide's own numbers and a printed card comes to the printed letter."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given

from compliance.scorecards.codes import GateCode
from compliance.scorecards.grading import RuleResult
from tests.property.test_grading import cases, graded, sites

BANDS = ((85, "A"), (70, "B"), (55, "C"), (40, "D"), (0, "E"))
FOUND: dict[str, dict[object, str | None]] = {
    "zero_tolerance": {"no_plan": None, "plan_in_time": "D", "plan_lapsed": "E"},
    "access": {"found": "E"},
    "records": {"found": "E"},
    "coaching": {"found": "E"},
    "child_labour_flag": {"open": "C", "overdue": "D"},
    "forced_labour_flag": {"open": "C", "overdue": "D"},
    "season": {"found": "B", "undetermined": "B"},
    "notice": {"found": "B", "undetermined": "B"},
}
SHARES = {
    "determinate_share": ((40, None), (60, "C"), (80, "B")),
    "child_labour_share": ((60, "C"),),
    "forced_labour_share": ((60, "C"),),
}
# The least and the most days that so many months can have.
AGES = ((730, None), (546, "C"), (365, "B"))


def band(score: int) -> str:
    return next(letter for floor, letter in BANDS if score >= floor)


def cap(gate: Mapping[str, Any]) -> tuple[bool, str | None]:
    """Return whether a gate bites, and at which letter; None is no letter at all."""
    code, value, limit = gate["code"], gate["value"], gate["limit"]
    if code in FOUND:
        found = FOUND[code]
        return value in found, found.get(value)
    if value is None:
        return False, None
    if code in SHARES:
        missed = [letter for least, letter in SHARES[code] if value < least]
        return bool(missed), missed[0] if missed else None
    if code == "open_questions":
        return value < limit, band(value)
    passed = [letter for days, letter in AGES if value > limit >= days]
    return bool(passed), passed[0] if passed else None


def read(told: Mapping[str, Any]) -> str | None:
    """Return the letter by score, gates and their limits, without their `caps_at`."""
    caps = [letter for bites, letter in map(cap, told["gates"]) if bites]
    if told["score"] is None or None in caps:
        return None
    return max([band(told["score"]), *(letter for letter in caps if letter)])


@given(sites(), cases())
def test_a_reader_who_recomputes_the_letter_from_the_printed_gates_gets_it(
    results: tuple[RuleResult, ...], case: dict[str, object]
) -> None:
    printed = json.loads(graded(results, case).grade.model_dump_json())

    assert read(printed) == printed["letter"]


@given(sites(), cases())
def test_every_gate_stands_on_every_card_whether_it_bit_or_not(
    results: tuple[RuleResult, ...], case: dict[str, object]
) -> None:
    printed = json.loads(graded(results, case).grade.model_dump_json())

    assert [gate["code"] for gate in printed["gates"]] == list(GateCode)
    assert [gate["applied"] for gate in printed["gates"]] == [
        cap(gate)[0] for gate in printed["gates"]
    ]


@given(sites(), cases())
def test_the_shares_at_the_gates_are_those_of_the_topics(
    results: tuple[RuleResult, ...], case: dict[str, object]
) -> None:
    made = graded(results, case)
    topics = {topic.topic: topic for topic in made.topics}
    gates = {gate.code: gate.value for gate in made.grade.gates}
    clear = sum(topic.met + topic.not_met for topic in made.topics)
    applicable = clear + sum(topic.undetermined for topic in made.topics)

    assert gates[GateCode.DETERMINATE_SHARE] == (
        100 * clear // applicable if applicable else None
    )
    for name in ("child_labour", "forced_labour"):
        gate = gates[GateCode(f"{name}_share")]
        assert gate == topics[name].determinate_share  # type: ignore[index]
