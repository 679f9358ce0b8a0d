"""Which verdicts ask a site for an answer."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from compliance.identifiers import SiteId
from compliance.verdicts.queries import VerdictRecord
from rules import Grounds, Outcome, Severity, Topic


def verdict(outcome: Outcome, grounds: Grounds, *, is_shadow: bool) -> VerdictRecord:
    return VerdictRecord(
        id=UUID(int=1),
        site_id=SiteId(UUID(int=2)),
        site_public_id="site_a",
        audit_id=UUID(int=3),
        submission_id=UUID(int=4),
        edition="2026.11",
        book_sha256="0" * 64,
        observed_on=date(2026, 11, 3),
        decided_at=datetime(2026, 11, 22, tzinfo=UTC),
        rule="child_labour.minimum_age",
        topic=Topic.CHILD_LABOUR,
        outcome=outcome,
        severity=Severity.MAJOR,
        grounds=grounds,
        is_shadow=is_shadow,
        logic_hash="sha256:0",
    )


@pytest.mark.parametrize("grounds", [Grounds.SETTLED, Grounds.UNVERIFIED_LAW])
def test_a_non_conformity_asks_for_an_answer(grounds: Grounds) -> None:
    found = verdict(Outcome.NON_CONFORMITY, grounds, is_shadow=False)

    assert found.asks_for_an_answer


@pytest.mark.parametrize(
    "outcome", [Outcome.CONFORMITY, Outcome.UNDETERMINED, Outcome.NOT_APPLICABLE]
)
def test_no_other_outcome_does(outcome: Outcome) -> None:
    found = verdict(outcome, Grounds.SETTLED, is_shadow=False)

    assert not found.asks_for_an_answer


def test_a_rule_on_trial_asks_for_nothing() -> None:
    found = verdict(Outcome.NON_CONFORMITY, Grounds.SETTLED, is_shadow=True)

    assert not found.asks_for_an_answer


def test_disputed_law_is_an_advisory_and_no_finding() -> None:
    found = verdict(Outcome.NON_CONFORMITY, Grounds.DISPUTED_LAW, is_shadow=False)

    assert not found.asks_for_an_answer
