"""By when a finding must be dealt with, worked out by hand from the product's policy."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from compliance.findings.deadlines import FILE, Clock, clock_of, read_deadlines
from rules import Severity

RAISED_ON = date(2026, 11, 22)
OBSERVED_AT = datetime(2026, 11, 3, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("severity", "due_on"),
    [
        (Severity.ZERO_TOLERANCE, date(2026, 11, 29)),
        (Severity.CRITICAL, date(2026, 12, 22)),
        (Severity.MAJOR, date(2027, 2, 20)),
        (Severity.MINOR, date(2027, 5, 21)),
    ],
)
def test_a_finding_is_due_by_its_severity(severity: Severity, due_on: date) -> None:
    found = clock_of(severity, raised_on=RAISED_ON, observed_at=OBSERVED_AT)

    assert found.due_on == due_on


@pytest.mark.parametrize("severity", [Severity.ZERO_TOLERANCE, Severity.CRITICAL])
def test_the_hours_of_a_red_flag_run_from_the_observation(severity: Severity) -> None:
    found = clock_of(severity, raised_on=RAISED_ON, observed_at=OBSERVED_AT)

    assert found.acknowledge_by == datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
    assert found.refer_by == datetime(2026, 11, 6, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize("severity", [Severity.MAJOR, Severity.MINOR])
def test_what_is_no_red_flag_has_no_hours(severity: Severity) -> None:
    found = clock_of(severity, raised_on=RAISED_ON, observed_at=OBSERVED_AT)

    assert found == Clock(found.due_on, None, None)


def test_a_finding_keeps_the_deadlines_of_its_day(tmp_path: Path) -> None:
    entry = FILE.read_text()
    later = entry.replace("valid_from: 2026-11-01", "valid_from: 2028-01-01")
    both = tmp_path / "deadlines.yaml"
    both.write_text(entry + later.replace("critical: 30", "critical: 14"))
    entries = read_deadlines(both)

    before = clock_of(
        Severity.CRITICAL,
        raised_on=date(2027, 12, 31),
        observed_at=OBSERVED_AT,
        entries=entries,
    )
    after = clock_of(
        Severity.CRITICAL,
        raised_on=date(2028, 1, 1),
        observed_at=OBSERVED_AT,
        entries=entries,
    )

    assert before.due_on == date(2028, 1, 30)
    assert after.due_on == date(2028, 1, 15)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (", minor: 180", ""),
        ("critical: 30", "critical: 91"),
        ("acknowledge_hours: 24", "acknowledge_hours: 0"),
        ("referral_hours: 72", "referral_hours: 72\n  grace_days: 5"),
    ],
)
def test_deadlines_that_make_no_sense_are_refused(
    right: str, wrong: str, tmp_path: Path
) -> None:
    text = FILE.read_text()
    changed = tmp_path / "deadlines.yaml"
    changed.write_text(text.replace(right, wrong, 1))

    assert right in text
    with pytest.raises(ValueError, match="validation error"):
        read_deadlines(changed)
