"""How many sites are drawn and people heard, worked out by hand from the policies."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from audits.sampling.policy import (
    FOLDER,
    INTERVIEWS,
    SAMPLING,
    InterviewPolicy,
    RiskLevel,
    SamplingPolicy,
)
from audits.sampling.quotas import Present, Quota, Unknown, quota, quota_for

DAY = date(2026, 11, 22)
POLICY = SAMPLING.on(DAY)
HEARD = INTERVIEWS.on(DAY)


@pytest.mark.parametrize(
    ("level", "sites", "drawn", "reserves"),
    [
        (RiskLevel.HIGH, 67, 9, 1),  # √67 = 8.19
        (RiskLevel.MEDIUM, 67, 7, 1),  # 0.85 · 8.19 = 6.96
        (RiskLevel.LOW, 67, 6, 1),  # 0.7 · 8.19 = 5.73
        (RiskLevel.RED_FLAG, 67, 12, 2),  # 1.4 · 8.19 = 11.46; 10 % of 12 is 1.2
        (RiskLevel.HIGH, 64, 8, 1),  # a whole root is not rounded
        (RiskLevel.HIGH, 65, 9, 1),
        (RiskLevel.LOW, 100, 7, 1),  # 0.7 · 10 = 7 exactly
        (RiskLevel.LOW, 9, 3, 1),  # 2.1, and at least 3
        (RiskLevel.LOW, 3, 3, 0),
        (RiskLevel.HIGH, 2, 2, 0),  # all of fewer than 3
        (RiskLevel.HIGH, 1, 1, 0),
        (RiskLevel.RED_FLAG, 4, 3, 1),
        (RiskLevel.HIGH, 5000, 71, 8),  # √5000 = 70.7
        (RiskLevel.RED_FLAG, 1_000_000, 1400, 140),
    ],
)
def test_a_draw_is_as_large_as_the_policy_says(
    level: RiskLevel, sites: int, drawn: int, reserves: int
) -> None:
    size = POLICY.size(level, sites)

    assert (size, POLICY.reserves(size, sites)) == (drawn, reserves)


@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        (0, Quota(1, 0, 0, 0, 0)),
        (1, Quota(1, 1, 0, 0, 1)),
        (4, Quota(1, 4, 0, 0, 4)),  # all, where there are fewer than 5
        (5, Quota(1, 5, 0, 0, 5)),
        (6, Quota(1, 6, 0, 0, 6)),
        (7, Quota(1, 6, 0, 0, 7)),  # one alone makes no group
        (8, Quota(1, 6, 1, 2, 8)),
        (10, Quota(1, 6, 1, 4, 10)),
        (100, Quota(1, 6, 1, 4, 10)),
        (101, Quota(2, 6, 4, 5, 26)),
        (500, Quota(2, 6, 4, 5, 26)),
        (501, Quota(3, 12, 6, 5, 42)),
        (1000, Quota(3, 12, 6, 5, 42)),
        (1001, Quota(4, 20, 8, 4, 52)),
        (2000, Quota(4, 20, 8, 4, 52)),
        (2001, Quota(5, 28, 10, 4, 62)),
        (3000, Quota(5, 28, 10, 4, 62)),
        (3001, Quota(6, 36, 12, 4, 72)),
    ],
)
def test_people_are_heard_by_how_many_are_there(workers: int, expected: Quota) -> None:
    assert quota(HEARD, workers) == expected


@pytest.mark.parametrize("workers", range(30))
def test_nobody_is_heard_who_is_not_there(workers: int) -> None:
    found = quota(HEARD, workers)

    assert found.individual + found.groups * found.group_size <= workers
    assert found.files <= workers


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (None, Unknown.NO_PROFILE),
        (Present(None, 3, 1), Unknown.HIRED_UNKNOWN),
        (Present(3, None, None), Unknown.HIRED_UNKNOWN),
        (Present(1, 2, None), Quota(1, 3, 0, 0, 3)),
        (Present(1, 2, 1), Quota(1, 4, 0, 0, 4)),
    ],
)
def test_a_quota_without_a_count_is_unknown_and_says_why(
    present: Present | None, expected: Quota | Unknown
) -> None:
    assert quota_for(HEARD, present) == expected


def written(file: str) -> dict[str, Any]:
    entries = yaml.safe_load(Path(FOLDER / file).read_text(encoding="utf-8"))
    entry: dict[str, Any] = entries[0]
    return entry


@pytest.mark.parametrize(
    "changes",
    [
        {"factor_percent": {"low": 70, "medium": 85, "high": 100}},
        {"factor_percent": {"low": 90, "medium": 85, "high": 100, "red_flag": 140}},
        {"least": 0},
        {"reserve_percent": 101},
        {"size_bounds_hectares": {"coffee": [2, 5]}},
        {"size_bounds_hectares": {"coffee": [5, 2], "palm_oil": [10, 50]}},
        {"size_bounds_hectares": {"coffee": [], "palm_oil": [10, 50]}},
    ],
)
def test_a_policy_of_samples_leaves_nothing_open(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SamplingPolicy.model_validate({**written("sampling.yaml"), **changes})


def test_a_policy_of_interviews_never_asks_less_of_more() -> None:
    entry = written("interviews.yaml")
    out_of_order = {**entry, "rows": entry["rows"][::-1]}
    less = [dict(row) for row in entry["rows"]]
    less[1]["individual"] = 5

    for wrong in (out_of_order, {**entry, "rows": less}, {**entry, "rows": []}):
        with pytest.raises(ValidationError):
            InterviewPolicy.model_validate(wrong)
