"""Each code of a risk has its sentence, which uses all that the code says."""

from enum import StrEnum

import pytest

from compliance.risk.codes import DecisionCode, FactorCode, GapCode, ReasonCode
from compliance.risk.sentences import (
    DECISIONS,
    FACTORS,
    GAPS,
    REASONS,
    places,
    tell_decision,
    tell_factor,
    tell_gap,
    tell_reason,
)

SENTENCES = {
    ReasonCode: REASONS,
    FactorCode: FACTORS,
    GapCode: GAPS,
    DecisionCode: DECISIONS,
}


@pytest.mark.parametrize("codes", SENTENCES)
def test_every_code_has_a_sentence(codes: type[StrEnum]) -> None:
    assert set(SENTENCES[codes]) == set(codes)


# As `codes.py` says what a code tells; `points` stands behind the sentence.
PARAMS = {
    "goods_child_labour": "country commodity edition",
    "goods_forced_labour": "country commodity edition",
    "goods_not_listed": "country commodity edition",
    "goods_not_known": "country commodity",
    "prevalence_low": "country percent_tenths ages year",
    "prevalence_medium": "country percent_tenths ages year",
    "prevalence_high": "country percent_tenths ages year",
    "prevalence_not_known": "country",
    "temporary_workers_some": "season",
    "temporary_workers_many": "season",
    "migrant_workers_some": "season",
    "migrant_workers_many": "season",
    "piece_rate_some": "season",
    "piece_rate_many": "season",
    "small_workforce": "season",
    "workforce_usual": "season",
    "workforce_partly_not_known": "season",
    "broker_engaged": "season",
    "broker_without_licence": "season",
    "harvest_now": "commodity",
    "harvest_not_known": "commodity",
    "management_rules": "met not_met undetermined",
    "closed_verified": "count months",
    "not_determined": "share",
    "coverage": "topics of",
    "determinate": "determinate applicable",
    "age": "visited_on months",
    "season": "season",
    "notice": "notice",
    "interviews": "held planned off_site",
    "time": "spent_minutes planned_minutes",
    "evidence": "arrived named",
    "competence": "qualified team",
    "rotation": "visits_before",
    "payer": "payer",
    "integrity": "is_flagged",
    "not_visited_this_harvest": "last_harvest_visit_on",
    "visit_old": "visited_on months",
    "interviews_below_plan": "held planned",
    "many_undetermined": "share",
    "topics_not_looked_at": "count",
    "files_missing": "arrived named",
    "team_not_qualified": "qualified team",
    "workforce_old": "season",
    "country_not_known": "country",
    "supply_volume_not_known": "share",
    "suppliers_not_assessed": "share",
    "open_finding": "severity is_past_due",
    "supply": "share",
    "supply_not_known": "share",
}
COUNTED = [
    "actions_lapsed",
    "actions_not_effective",
    "actions_late",
    "actions_kept",
    "remedy_overdue",
    "remedy_verified",
    "disclosed_and_closed",
    "open_zero_tolerance",
    "open_critical",
    "open_major",
    "open_minor",
    "past_due",
    "came_back",
]


@pytest.mark.parametrize("codes", SENTENCES)
def test_a_sentence_uses_all_that_its_code_says_and_no_more(
    codes: type[StrEnum],
) -> None:
    said = {**PARAMS, **dict.fromkeys(COUNTED, "count")}

    unlike = {
        code: places(sentence)
        for code, sentence in SENTENCES[codes].items()
        if places(sentence) != set(said.get(code, "").split())
    }

    assert unlike == {}


def test_numbers_days_and_words_are_told_as_each_language_has_them() -> None:
    prevalence = {
        "points": 12,
        "country": "CO",
        "percent_tenths": 49,
        "ages": "5-14",
        "year": 2024,
    }
    gap = {"last_harvest_visit_on": "2025-11-03"}

    told = [
        tell_reason("prevalence_low", prevalence, "en"),
        tell_reason("prevalence_low", {**prevalence, "points": -12}, "en"),
        tell_gap("not_visited_this_harvest", gap, "en"),
        tell_gap("suppliers_not_assessed", {"share": 37}, "es"),
        tell_decision(
            "open_finding", {"severity": "zero_tolerance", "is_past_due": True}, "en"
        ),
    ]

    assert told == [
        "Few children work in Colombia: 4.9% of those aged 5–14 (2024). (+12)",
        "Few children work in Colombia: 4.9% of those aged 5–14 (2024). (−12)",
        "No visit in this harvest. Last visit in a harvest: 3 November 2025.",
        told[3],
        "An open finding decided the level: zero tolerance, past its day.",
    ]
    assert "37\N{NO-BREAK SPACE}%" in told[3]


def test_a_team_of_nobody_is_no_share_and_a_finding_in_time_no_late_one() -> None:
    nobody, two = {"qualified": 0, "team": 0}, {"qualified": 1, "team": 2}
    in_time = {"severity": "critical", "is_past_due": False}

    told = [
        tell_gap("team_not_qualified", nobody, "en"),
        tell_gap("team_not_qualified", two, "en"),
        tell_decision("open_finding", in_time, "en"),
    ]

    assert told == [
        "Nobody was named as the team.",
        "Members of the team with the qualifications in force: 1 of 2.",
        "An open finding decided the level: critical.",
    ]


def test_what_is_not_known_is_told_so_and_a_later_code_stands_for_itself() -> None:
    unknown = {"held": None, "planned": 6, "off_site": None}

    told = [
        tell_factor("interviews", unknown, "en"),
        tell_gap("not_visited_this_harvest", {}, "en"),
        tell_reason("of_a_later_version", {"points": 0}, "en"),
    ]

    assert told == [
        "Interviews held: not known; planned: 6; some off site: not known.",
        "No visit in this harvest. Last visit in a harvest: not known.",
        "of_a_later_version",
    ]
