"""By when a corrective action must be done, worked out by hand from the policies."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from compliance.corrective_actions.codes import ActionCode
from compliance.corrective_actions.policy import (
    FOLLOWING,
    FollowingPolicy,
    last_day,
    must_be_at_once,
)
from compliance.findings.deadlines import DEADLINES
from compliance.findings.lifecycle import State
from compliance.findings.models import SourceKind
from compliance.findings.queries import FindingRecord
from compliance.identifiers import SiteId
from compliance.identity.policy import Relation
from compliance.policies.dated import read_policy
from rules import Severity, Topic

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOON.date()
NOBODY = UUID(int=0)
FOUND = FindingRecord(
    id=NOBODY,
    public_id="F-00000000",
    relation=Relation.OWN,
    site_id=SiteId(NOBODY),
    site_public_id="site_1",
    site_name="Finca",
    country="CO",
    number=1,
    rule="child_labour.minimum_age",
    topic=Topic.CHILD_LABOUR,
    severity=Severity.MAJOR,
    state=State.ACCEPTED,
    raised_at=NOON,
    raised_by="key_1",
    observed_on=TODAY,
    observed_at=NOON,
    last_seen_on=TODAY,
    due_on=date(2027, 2, 20),
    acknowledge_by=None,
    refer_by=None,
    acknowledged_at=None,
    plan_agreed_on=None,
    plan_due_on=None,
    closed_on=None,
    source_kind=SourceKind.SUBMISSION,
    source="submission_1",
    owner_id=NOBODY,
)
GRAVEST = replace(FOUND, severity=Severity.ZERO_TOLERANCE, due_on=date(2026, 11, 29))
FILE = Path("compliance/corrective_actions/corrective_actions.yaml")


def test_an_action_has_as_long_as_its_finding() -> None:
    day = last_day(FOUND, ActionCode.TRAIN, DEADLINES.on(TODAY), TODAY)

    assert day == date(2027, 2, 20)


def test_what_nobody_tolerates_stops_today() -> None:
    day = last_day(GRAVEST, ActionCode.STOP_AND_PROTECT, DEADLINES.on(TODAY), TODAY)

    assert day == TODAY
    assert must_be_at_once(GRAVEST, ActionCode.STOP_AND_PROTECT)
    assert not must_be_at_once(FOUND, ActionCode.STOP_AND_PROTECT)
    assert not must_be_at_once(GRAVEST, ActionCode.TRAIN)


def test_what_then_removes_the_cause_has_as_long_as_a_critical_finding() -> None:
    """Raised on 22 November: the plan by the 29th, done by 22 December."""
    day = last_day(GRAVEST, ActionCode.TRAIN, DEADLINES.on(TODAY), TODAY)

    assert day == date(2026, 12, 22)


def test_the_shipped_policy_is_the_products() -> None:
    entry = FOLLOWING.on(TODAY)

    assert (entry.extensions, entry.extension_answer_days) == (2, 7)
    assert entry.verification_days == 30


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("extensions: 2", "extensions: -1"),
        ("verification_days: 30", "verification_days: 0"),
        ("extension_answer_days: 7", "answer_days: 7"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(
    right: str, wrong: str, tmp_path: Path
) -> None:
    text = FILE.read_text()
    changed = tmp_path / "changed.yaml"
    changed.write_text(text.replace(right, wrong, 1))

    assert right in text
    with pytest.raises(ValueError, match="validation error"):
        read_policy("corrective_actions", "", FollowingPolicy, changed)
