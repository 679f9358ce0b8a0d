"""What a scorecard is told of the last visit, from what was stated and answered."""

from typing import Any

import pytest

from audits.assessments.visits import notice_of, season_of, sign_of
from compliance.scorecards.codes import Notice, Season
from compliance.scorecards.grading import Sign


def answered(
    facts: dict[str, object], commodity: str = "coffee"
) -> list[dict[str, Any]]:
    return [{"commodity": commodity, "facts": facts}]


@pytest.mark.parametrize(
    ("stated", "facts", "notice"),
    [
        ("announced", {}, Notice.ANNOUNCED),
        ("semi_announced", {"audit_announced": False}, Notice.SEMI_ANNOUNCED),
        ("unknown", {"audit_announced": True}, Notice.ANNOUNCED),
        ("unknown", {"audit_announced": False}, Notice.UNANNOUNCED),
        ("unknown", {"audit_announced": {"unknown": "cannot_tell"}}, None),
        ("unknown", {}, None),
    ],
)
def test_notice_is_what_was_stated_or_else_answered(
    stated: str, facts: dict[str, object], notice: Notice | None
) -> None:
    assert notice_of(stated, answered(facts)) is notice


@pytest.mark.parametrize(
    ("stated", "commodity", "facts", "season"),
    [
        ("main_harvest", "coffee", {}, Season.MAIN_HARVEST),
        ("2026-main", "coffee", {}, Season.MAIN_HARVEST),
        ("2026-mid", "coffee", {}, Season.SECOND_HARVEST),
        ("between", "coffee", {}, Season.OUTSIDE_HARVEST),
        ("2026", "coffee", {}, Season.NOT_KNOWN),
        (None, "coffee", {"audit_in_harvest": True}, Season.MAIN_HARVEST),
        (None, "palm_oil", {"audit_in_harvest": True}, Season.YEAR_ROUND_HARVEST),
        (None, "coffee", {}, Season.NOT_KNOWN),
        ("2026-main", "coffee", {"audit_in_harvest": False}, Season.OUTSIDE_HARVEST),
    ],
)
def test_a_visit_is_in_harvest_only_if_nothing_says_otherwise(
    stated: str | None, commodity: str, facts: dict[str, object], season: Season
) -> None:
    assert season_of(stated, answered(facts, commodity)) is season


@pytest.mark.parametrize(
    ("answers", "sign"),
    [
        ([], Sign.UNDETERMINED),
        ([None], Sign.UNDETERMINED),
        ([False], Sign.CLEAR),
        ([False, None], Sign.UNDETERMINED),
        ([True, None], Sign.FOUND),
        ([False, True], Sign.FOUND),
    ],
)
def test_concealment_is_clear_only_if_all_deny_it(
    answers: list[bool | None], sign: Sign
) -> None:
    assert sign_of(answers) is sign
