"""The parts of a risk, its levels and how sure it is, on sites small enough to reckon."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from compliance.risk.codes import (
    ConfidenceWord,
    DecisionCode,
    FactorCode,
    GapCode,
    PartCode,
    ReasonCode,
    RiskLevel,
)
from compliance.risk.document import codes_in, told
from compliance.risk.facts import (
    Brokers,
    Flaw,
    Promises,
    Said,
    SiteFacts,
    Supplier,
    Tally,
    Told,
    Visit,
    Workforce,
    standing_of,
)
from compliance.risk.formula import Assessment, assess
from compliance.risk.inherent import FACTS, Facts, children_of, goods_of
from rules import Outcome, Severity
from rules.vocabulary import Commodity
from tests.risk_facts import CLEAN, GOOD, ON, POLICY

OPEN = Flaw(Severity.MAJOR, is_open=True)


def assessed(**changes: object) -> Assessment:
    return assess(replace(CLEAN, **changes), POLICY)  # type: ignore[arg-type]


def reasons(found: Assessment, part: PartCode) -> dict[ReasonCode, int]:
    return {one.code: one.points for one in found.parts[part].reasons}


def gaps(found: Assessment) -> set[GapCode]:
    return {one.code for one in found.gaps}


def test_a_site_in_order_that_was_seen_well_is_low() -> None:
    found = assessed()

    # Goods list 20, few children at work 4, some temporary 4, many on piece rate 8,
    # harvest 5: 41 of inherent risk, of which a quarter counts.
    assert reasons(found, PartCode.INHERENT) == {
        ReasonCode.GOODS_CHILD_LABOUR: 20,
        ReasonCode.PREVALENCE_LOW: 4,
        ReasonCode.TEMPORARY_WORKERS_SOME: 4,
        ReasonCode.PIECE_RATE_MANY: 8,
        ReasonCode.HARVEST_NOW: 5,
    }
    assert (found.score, found.level) == (10, RiskLevel.LOW)
    assert (found.confidence, found.confidence_word) == (100, ConfidenceWord.HIGH)
    assert found.decided_by.code is DecisionCode.SCORE
    assert gaps(found) == set()


def test_what_nobody_saw_is_unknown_and_says_what_is_missing() -> None:
    nothing = SiteFacts(on=ON, country="CO", commodity="coffee")

    found = assess(nothing, POLICY)

    # Goods list 40, children 15, workforce 28, harvest 5; the rest counts 100 each.
    assert found.parts[PartCode.INHERENT].score == 88
    assert found.score == 97
    assert found.level is RiskLevel.UNKNOWN
    assert found.decided_by.code is DecisionCode.TOO_LITTLE_KNOWN
    assert found.parts[PartCode.MANAGEMENT].score is None
    assert found.parts[PartCode.OUTCOME].score is None
    assert (found.confidence, found.confidence_word) == (0, ConfidenceWord.NONE)
    assert gaps(found) == {
        GapCode.NEVER_VISITED,
        GapCode.WORKFORCE_NOT_KNOWN,
        GapCode.COUNTRY_NOT_KNOWN,
        GapCode.HARVEST_NOT_KNOWN,
    }


@pytest.mark.parametrize(
    ("flaw", "score", "level"),
    [
        (Flaw(Severity.ZERO_TOLERANCE, True), 90, RiskLevel.HIGH),
        (Flaw(Severity.CRITICAL, True, is_past_due=True), 65, RiskLevel.HIGH),
        (Flaw(Severity.CRITICAL, True), 45, RiskLevel.MEDIUM),
        (Flaw(Severity.MAJOR, True, is_past_due=True), 35, RiskLevel.MEDIUM),
        (Flaw(Severity.MAJOR, True), 18, RiskLevel.LOW),
        (Flaw(Severity.MINOR, True, came_back=True), 13, RiskLevel.LOW),
        (Flaw(Severity.CRITICAL, False, closed_on=date(2026, 1, 1)), 12, RiskLevel.LOW),
        (Flaw(Severity.CRITICAL, False, closed_on=date(2024, 1, 1)), 10, RiskLevel.LOW),
    ],
)
def test_what_is_open_holds_the_score_up(
    flaw: Flaw, score: int, level: RiskLevel
) -> None:
    found = assessed(flaws=(flaw,))

    assert (found.score, found.level) == (score, level)


def test_promises_kept_and_broken_move_the_management_part() -> None:
    broken = Promises(lapsed=4, not_effective=1, late=1, remedy_overdue=1)
    kept = Promises(kept=9, remedy_verified=1)
    half = Tally(met=5, undetermined=5)

    worse = assessed(management=half, promises=broken)
    better = assessed(management=half, promises=kept)

    assert reasons(worse, PartCode.MANAGEMENT) == {
        ReasonCode.MANAGEMENT_RULES: 50,
        ReasonCode.ACTIONS_LAPSED: 30,
        ReasonCode.ACTIONS_NOT_EFFECTIVE: 8,
        ReasonCode.ACTIONS_LATE: 3,
        ReasonCode.REMEDY_OVERDUE: 15,
    }
    assert worse.parts[PartCode.MANAGEMENT].score == 100
    assert better.parts[PartCode.MANAGEMENT].score == 50 - 12 - 5


@pytest.mark.parametrize(
    ("workforce", "points"),
    [
        (None, {ReasonCode.WORKFORCE_NOT_KNOWN: 28}),
        (Workforce("2026", 0, 0, None, None), {ReasonCode.WORKFORCE_USUAL: 0}),
        (Workforce("2026", 9, 9, 9, 9), {ReasonCode.SMALL_WORKFORCE: 14}),
        (Workforce("2026", 9, 0, 0, None), {ReasonCode.SMALL_WORKFORCE: 14}),
        (
            Workforce("2026", 10, 5, 2, None),
            {
                ReasonCode.TEMPORARY_WORKERS_MANY: 8,
                ReasonCode.MIGRANT_WORKERS_SOME: 6,
                ReasonCode.WORKFORCE_PARTLY_NOT_KNOWN: 8,
            },
        ),
    ],
)
def test_of_a_few_hired_no_part_is_told(
    workforce: Workforce | None, points: dict[ReasonCode, int]
) -> None:
    """Not even by the points: nine migrants of nine and none of nine look the same."""
    found = reasons(assessed(workforce=workforce), PartCode.INHERENT)

    others = {
        ReasonCode.GOODS_CHILD_LABOUR,
        ReasonCode.PREVALENCE_LOW,
        ReasonCode.HARVEST_NOW,
    }
    assert {code: one for code, one in found.items() if code not in others} == points


def test_brokers_count_more_without_a_licence() -> None:
    licensed = assessed(brokers=Brokers("2026", without_licence=False))
    unlicensed = assessed(brokers=Brokers("2026", without_licence=True))

    assert reasons(licensed, PartCode.INHERENT)[ReasonCode.BROKER_ENGAGED] == 8
    assert (
        reasons(unlicensed, PartCode.INHERENT)[ReasonCode.BROKER_WITHOUT_LICENCE] == 12
    )


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        ({"visited_on": date(2025, 11, 22)}, 74),
        ({"visited_on": date(2025, 5, 22)}, 49),
        ({"visited_on": date(2024, 11, 22)}, 19),
        ({"is_reviewed": False}, 74),
        ({"is_flagged": True}, 49),
        ({"is_flagged": None}, 49),
    ],
)
def test_a_visit_that_is_old_or_doubtful_is_never_sure(
    changes: dict[str, object], most: int
) -> None:
    visit = replace(GOOD, **changes)  # type: ignore[arg-type]

    assert assessed(visits=(visit,)).confidence == most


def test_low_must_be_shown() -> None:
    poor = Visit(visited_on=GOOD.visited_on, is_flagged=False, is_reviewed=True)

    unsure = assessed(visits=(poor,))
    few_answers = assessed(rules=Tally(met=20, undetermined=40))

    assert unsure.decided_by.code is DecisionCode.LOW_NOT_SHOWN
    assert unsure.level is RiskLevel.MEDIUM
    assert few_answers.level is RiskLevel.UNKNOWN
    assert GapCode.MANY_UNDETERMINED in gaps(few_answers)


def test_the_gaps_of_a_poor_visit_are_all_told() -> None:
    poor = Visit(
        visited_on=date(2025, 6, 1),
        season="outside_harvest",
        interviews_held=2,
        interviews_planned=6,
        had_off_site=False,
        files_arrived=1,
        files_named=3,
        team=2,
        qualified=1,
    )

    found = assessed(visits=(poor,), workforce=replace(CLEAN.workforce, season="2023"))  # type: ignore[type-var]

    assert gaps(found) == {
        GapCode.VISIT_OLD,
        GapCode.INTERVIEWS_BELOW_PLAN,
        GapCode.NO_OFF_SITE_INTERVIEWS,
        GapCode.FILES_MISSING,
        GapCode.TEAM_NOT_QUALIFIED,
        GapCode.NOTICE_NOT_KNOWN,
        GapCode.PAYER_NOT_KNOWN,
        GapCode.VISIT_NOT_REVIEWED,
        GapCode.VISIT_NOT_CHECKED,
        GapCode.WORKFORCE_OLD,
        GapCode.NOT_VISITED_THIS_HARVEST,
    }


@pytest.mark.parametrize(
    ("shares", "level", "decided"),
    [
        ({"low": 10_000}, RiskLevel.LOW, DecisionCode.SCORE),
        ({"low": 9_000, "unknown": 1_000}, RiskLevel.LOW, DecisionCode.SCORE),
        ({"low": 8_500}, RiskLevel.MEDIUM, DecisionCode.LOW_NOT_SHOWN),
        ({"low": 7_500}, RiskLevel.UNKNOWN, DecisionCode.SUPPLY_NOT_KNOWN),
        (
            {"low": 7_000, "high": 2_000, "unknown": 1_000},
            RiskLevel.UNKNOWN,
            DecisionCode.SUPPLY_NOT_KNOWN,
        ),
        ({"low": 7_500, "high": 2_500}, RiskLevel.HIGH, DecisionCode.SUPPLY),
        ({}, RiskLevel.UNKNOWN, DecisionCode.SUPPLY_NOT_KNOWN),
    ],
)
def test_a_mill_answers_for_its_supply_base_by_volume(
    shares: dict[str, int], level: RiskLevel, decided: DecisionCode
) -> None:
    supply = tuple(Supplier(points, RiskLevel(one)) for one, points in shares.items())

    found = assessed(supply=supply)

    assert (found.level, found.decided_by.code) == (level, decided)
    assert found.upstream is not None
    assert sum(found.upstream.by_level.values()) == 100


def test_thirds_of_a_volume_leave_nothing_unknown() -> None:
    thirds = tuple(Supplier(3_333, RiskLevel.LOW) for _ in range(3))

    found = assessed(supply=thirds)

    assert told(found)["upstream"] == {
        "known_volume_share": 100,
        "unknown_volume_share": 0,
        "by_level": {"high": 0, "medium": 0, "low": 100, "unknown": 0},
    }


@pytest.mark.parametrize(
    ("held", "planned", "share", "told_as"),
    [
        (None, 6, None, (None, "<10")),
        (0, 6, 0, ("<10", "<10")),
        (1, 6, 50, ("<10", "<10")),
        (5, 6, 50, ("<10", "<10")),
        (6, 6, 100, ("<10", "<10")),
        (12, 20, 50, ("10-24", "10-24")),
        (250, 20, 100, ("250+", "10-24")),
    ],
)
def test_how_many_were_heard_is_told_of_nobody(
    held: int | None,
    planned: int,
    share: int | None,
    told_as: tuple[str | None, str | None],
) -> None:
    visit = replace(GOOD, interviews_held=held, interviews_planned=planned)

    factors = {one.code: one for one in assessed(visits=(visit,)).factors}

    found = factors[FactorCode.INTERVIEWS]
    assert found.share == share
    assert (found.params["held"], found.params["planned"]) == told_as


def test_the_document_is_what_was_agreed() -> None:
    document = told(assessed())

    assert set(document) == {
        "level",
        "decided_by",
        "score",
        "confidence",
        "confidence_word",
        "parts",
        "confidence_factors",
        "gaps",
        "upstream",
        "policy_from",
        "computed_on",
    }
    assert [one["code"] for one in document["confidence_factors"]] == list(FactorCode)
    assert sum(one["weight"] for one in document["confidence_factors"]) == 100
    assert "inherent.harvest_now" in codes_in(document)


def answer(outcome: Outcome, day: int, rule: str = "one") -> Said:
    return Said(rule, "wages_and_hours", outcome, date(2026, 10, day))


@pytest.mark.parametrize(
    ("said", "known", "tally"),
    [
        ([(Outcome.CONFORMITY, 1), (Outcome.UNDETERMINED, 9)], None, Tally(met=1)),
        ([(Outcome.CONFORMITY, 1), (Outcome.NON_CONFORMITY, 9)], None, Tally(0, 1)),
        ([(Outcome.NON_CONFORMITY, 1), (Outcome.CONFORMITY, 9)], None, Tally(met=1)),
        ([(Outcome.NOT_APPLICABLE, 1)], None, Tally()),
        ([(Outcome.UNDETERMINED, 1)], None, Tally(undetermined=1)),
        # Open: broken, whatever a later visit said.
        ([(Outcome.CONFORMITY, 9)], Told(True, None, None), Tally(not_met=1)),
        # Closed by somebody independent after it was seen.
        (
            [(Outcome.NON_CONFORMITY, 1)],
            Told(False, date(2026, 10, 5), None),
            Tally(met=1),
        ),
        # Seen again after it was closed.
        (
            [(Outcome.NON_CONFORMITY, 9)],
            Told(False, date(2026, 10, 5), None),
            Tally(not_met=1),
        ),
        # Withdrawn as mistaken: nobody knows.
        (
            [(Outcome.NON_CONFORMITY, 1)],
            Told(False, None, date(2026, 10, 1)),
            Tally(undetermined=1),
        ),
    ],
)
def test_the_last_clear_answer_counts_and_a_finding_more(
    said: list[tuple[Outcome, int]], known: Told | None, tally: Tally
) -> None:
    findings = {} if known is None else {"one": known}

    found = standing_of([answer(*one) for one in said], findings)

    assert found.rules == tally


def test_facts_of_a_country_are_those_known_on_the_day() -> None:
    before = goods_of("CO", Commodity.COFFEE, date(2022, 1, 1))
    then = goods_of("CO", Commodity.COFFEE, date(2023, 1, 1))
    now = goods_of("CO", Commodity.COFFEE, ON)

    assert before is None
    assert then is not None
    assert (then.edition, then.child_labour, then.forced_labour) == (2022, True, False)
    assert now is not None
    assert now.edition == 2024
    assert children_of("GH", ON) is None
    assert all(source.licence for source in FACTS.sources.values())


def test_facts_without_their_source_are_refused() -> None:
    written = FACTS.model_dump()
    written["goods"][0]["source"] = "somebody"

    with pytest.raises(ValidationError, match="Nothing is told of the source somebody"):
        Facts.model_validate(written)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("weights", "outcome"), 40, "make 100 together"),
        (("outcome", "open", "minor"), 20, "outcome.open"),
        (("outcome", "undetermined"), 41, "better than not looking"),
        (("floors", "zero_tolerance"), 59, "makes a site high"),
        (("supply", "floor"), 59, "makes a mill high"),
        (("levels", "medium"), 60, "medium begins above 0"),
    ],
)
def test_a_policy_that_rewards_the_worse_is_refused(
    path: tuple[str, ...], value: int, complaint: str
) -> None:
    written = POLICY.model_dump()
    place = written
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value

    with pytest.raises(ValidationError, match=complaint):
        type(POLICY).model_validate(written)


def test_a_programme_may_make_it_stricter_and_never_laxer() -> None:
    levels = POLICY.levels
    laxer = POLICY.model_copy(
        update={"levels": levels.model_copy(update={"high": levels.high + 1})}
    )
    stricter = POLICY.model_copy(
        update={"levels": levels.model_copy(update={"high": levels.high - 1})}
    )

    assert [one.field for one in laxer.breaches(POLICY)] == ["levels.high"]
    assert stricter.breaches(POLICY) == ()
