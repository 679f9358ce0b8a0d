"""How large a draw is, and how many people are heard at a site: dated data."""

from collections.abc import Mapping
from enum import StrEnum
from math import isqrt
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from compliance.policies.dated import Bound, Entry, at_least, read_policy
from compliance.texts import N_
from rules.vocabulary import Commodity

FOLDER = Path(__file__).parent


class RiskLevel(StrEnum):
    """How high the risk of a supply base is held to be, the lowest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    RED_FLAG = "red_flag"
    """A red flag is open at the mill or at a site of its base."""


Hectares = Annotated[int, Field(ge=1, le=100_000)]
Count = Annotated[int, Field(ge=0, le=1000)]


class SamplingPolicy(Entry):
    """How many sites of a supply base a draw takes, and by what they are told apart.

    Of N sites it takes the factor times the root of N, rounded up: at least as many as
    `least` says, and all where there are fewer.
    """

    bounds: ClassVar[tuple[Bound, ...]] = (
        *(at_least("factor_percent", level) for level in RiskLevel),
        at_least("least"),
        at_least("reserve_percent"),
    )

    factor_percent: Annotated[
        Mapping[RiskLevel, Annotated[int, Field(ge=1, le=10_000)]],
        Field(description="The factor in hundredths, for each level of risk."),
    ]
    least: Annotated[
        int, Field(ge=1, le=1000, description="The least number of sites.")
    ]
    reserve_percent: Annotated[
        int,
        Field(
            ge=0,
            le=100,
            description="Reserves in per cent of the sites drawn, rounded up.",
        ),
    ]
    size_bounds_hectares: Annotated[
        Mapping[Commodity, tuple[Hectares, ...]],
        Field(
            description="Where one class of size ends and the next begins, in hectares."
        ),
    ]

    @model_validator(mode="after")
    def leaves_nothing_open(self) -> Self:
        """Refuse a policy that forgets something, or visits fewer at a higher risk."""
        factors = [self.factor_percent.get(level, 0) for level in RiskLevel]
        if 0 in factors or factors != sorted(factors):
            raise ValueError(
                "factor_percent names every level, and grows with the risk: "
                + ", ".join(RiskLevel)
            )
        for commodity in Commodity:
            bounds = self.size_bounds_hectares.get(commodity, ())
            if not bounds or list(bounds) != sorted(set(bounds)):
                raise ValueError(
                    f"size_bounds_hectares names rising bounds for {commodity}."
                )
        return self

    def size(self, level: RiskLevel, sites: int) -> int:
        """Return how many of `sites` are drawn: k·√N rounded up, in whole numbers."""
        square = self.factor_percent[level] ** 2 * sites
        root = isqrt(square)
        root += root * root < square
        return min(sites, max(self.least, -(-root // 100)))

    def reserves(self, size: int, sites: int) -> int:
        """Return how many reserves are named beside `size` drawn of `sites`."""
        return min(sites - size, -(-size * self.reserve_percent // 100))


class Row(BaseModel):
    """What is asked for up to a number of workers present."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to: Annotated[int, Field(ge=1)]
    auditor_days: Annotated[int, Field(ge=1, le=100)]
    individual: Count
    groups: Count
    group_size: Annotated[int, Field(ge=2, le=20)]
    files: Count


class Further(BaseModel):
    """What comes to the last row for each further `every` workers begun."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: Annotated[int, Field(ge=1)]
    auditor_days: Count
    individual: Count
    groups: Count
    files: Count


class InterviewPolicy(Entry):
    """How many people are heard, and files read, for the workers present at a site.

    Never more people than are there: groups are made of those who are not heard alone.
    """

    everybody_below: Annotated[
        int,
        Field(ge=1, le=100, description="With fewer workers, each is heard alone."),
    ]
    rows: Annotated[
        tuple[Row, ...],
        Field(min_length=1, description="By the workers present, the fewest first."),
    ]
    beyond: Annotated[
        Further,
        Field(description="What is added beyond the last row."),
    ]

    @model_validator(mode="after")
    def grows(self) -> Self:
        """Refuse rows that are out of order, or that ask less where more people work."""
        for before, after in zip(self.rows, self.rows[1:], strict=False):
            if before.up_to >= after.up_to:
                raise ValueError("rows stand in the order of 'up_to'.")
            if (
                after.auditor_days < before.auditor_days
                or after.individual < before.individual
                or after.files < before.files
            ):
                raise ValueError(f"The row up to {after.up_to} asks less than before.")
        return self


SAMPLING = read_policy(
    "sampling",
    N_("How many sites are drawn"),
    SamplingPolicy,
    FOLDER / "sampling.yaml",
)
INTERVIEWS = read_policy(
    "interviews",
    N_("Whom to hear at a site"),
    InterviewPolicy,
    FOLDER / "interviews.yaml",
)
