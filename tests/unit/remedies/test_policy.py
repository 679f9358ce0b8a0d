"""By when remedies are due, and what a worker's loan may cost."""

from datetime import date
from pathlib import Path

import pytest

from compliance.money import EXPONENTS, exponent_of
from compliance.policies.dated import read_policy
from compliance.remedies.models import RemedyKind
from compliance.remedies.policy import (
    FOLDER,
    REMEDIES,
    SMALL_COUNTS,
    RemedyPolicy,
    deducted_too_much,
    largest_instalment,
)
from rules.places import COUNTRIES

POLICY = REMEDIES.on(date(2026, 11, 22))


def test_documents_are_due_at_once_and_a_fee_is_owed_back_whole() -> None:
    assert POLICY.due_days[RemedyKind.DOCUMENTS_RETURNED] == 0
    assert POLICY.recruitment_fee_allowed == 0


def test_counts_below_five_are_small() -> None:
    assert SMALL_COUNTS.on(date(2026, 11, 22)).suppressed_below == 5


@pytest.mark.parametrize(
    ("wage", "most"), [(100_000, 10_000), (99_999, 9_999), (9, 0), (0, 0)]
)
def test_an_instalment_is_a_tenth_of_the_wage_at_most(wage: int, most: int) -> None:
    assert largest_instalment(POLICY, wage) == most


@pytest.mark.parametrize(
    ("deducted", "owed_back"),
    [
        ([10_000] * 6, 0),
        ([10_000] * 7, 10_000),
        ([10_001], 1),
        ([0, 30_000], 20_000),
        ([0] * 6 + [1, 1], 2),
    ],
)
def test_what_is_above_the_tenth_or_after_six_months_is_owed_back(
    deducted: list[int], owed_back: int
) -> None:
    found = deducted_too_much(POLICY, monthly_wage=100_000, deducted=deducted)

    assert found == owed_back


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("documents_returned: 0", "documents_returned: 1"),
        ("    housing: 90\n", ""),
        ("recruitment_fee_allowed: 0", "recruitment_fee_allowed: 1"),
        ("basis_points: 1000", "basis_points: 10001"),
        ("wages: 30", "wages: 366"),
        ("loan_months: 6", "loan_months: 6\n  grace_days: 5"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(
    right: str, wrong: str, tmp_path: Path
) -> None:
    written = (FOLDER / "due.yaml").read_text()
    changed = tmp_path / "due.yaml"
    changed.write_text(written.replace(right, wrong, 1))

    assert right in written
    with pytest.raises(ValueError, match="validation error"):
        read_policy("remedies", "Remedies", RemedyPolicy, changed)


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_money_of_every_country_of_the_book_is_known(country: str) -> None:
    known = COUNTRIES[country]

    assert EXPONENTS[known.currency] == known.decimals


@pytest.mark.parametrize(
    ("currency", "exponent"),
    [("JPY", 0), ("EUR", 2), ("COP", 2), ("KWD", 3), (None, None)],
)
def test_a_minor_unit_is_what_iso_4217_says(
    currency: str | None, exponent: int | None
) -> None:
    assert exponent_of(currency) == exponent
