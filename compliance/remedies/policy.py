"""By when each remedy is due, what a worker's loan may cost, and which counts are small."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from compliance.policies.dated import Entry, read_policy
from compliance.remedies.models import RemedyKind
from compliance.texts import N_

WHOLE = 10_000  # basis points


class RemedyPolicy(Entry):
    """What was decided about remedies, and from which day it holds."""

    due_days: Annotated[
        Mapping[RemedyKind, Annotated[int, Field(ge=0, le=365)]],
        Field(description="Days from the entering of a remedy until it is due."),
    ]
    recruitment_fee_allowed: Annotated[
        int, Field(ge=0, le=0, description="What a worker may be charged for a job.")
    ]
    loan_wage_share_basis_points: Annotated[
        int,
        Field(
            ge=0,
            le=WHOLE,
            description="The most of a month's wage that repays a loan or advance.",
        ),
    ]
    loan_months: Annotated[
        int,
        Field(ge=0, le=60, description="Months after which a loan is repaid or void."),
    ]

    @model_validator(mode="after")
    def says_when_everything_is_due(self) -> "RemedyPolicy":
        """Refuse a policy that forgets a kind, or lets papers be kept."""
        if set(self.due_days) != set(RemedyKind):
            raise ValueError("Every kind of remedy has its days.")
        if self.due_days[RemedyKind.DOCUMENTS_RETURNED]:
            raise ValueError("Papers that are asked back are due at once: 0 days.")
        return self


class SmallCounts(Entry):
    """Which counts of people are too small to be told to others."""

    suppressed_below: Annotated[
        int,
        Field(ge=2, le=100, description="The smallest count that is told as it is."),
    ]


FOLDER = Path(__file__).parent
REMEDIES = read_policy(
    "remedies", N_("Remedies, and loans to workers"), RemedyPolicy, FOLDER / "due.yaml"
)
SMALL_COUNTS = read_policy(
    "small_counts", N_("Small counts"), SmallCounts, FOLDER / "small_counts.yaml"
)


def largest_instalment(policy: RemedyPolicy, monthly_wage: int) -> int:
    """Return the most that one month's wage may repay of a loan, in minor units."""
    return monthly_wage * policy.loan_wage_share_basis_points // WHOLE


def deducted_too_much(
    policy: RemedyPolicy, *, monthly_wage: int, deducted: Sequence[int]
) -> int:
    """Return what is owed back of the instalments of a loan, month by month, to one.

    `deducted` is in minor units, the first month of the loan first. What is above the
    share of the wage is owed back, and all that is taken after the last month allowed.
    """
    most = largest_instalment(policy, monthly_wage)
    return sum(
        max(0, taken - (most if month < policy.loan_months else 0))
        for month, taken in enumerate(deducted)
    )
