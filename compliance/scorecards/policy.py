"""The constants of a grade: dated data with their source, read and checked at the start."""

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from compliance.scorecards.codes import Cap, GateValue, Letter, Severity, Topic

FILE = Path(__file__).parent / "policy" / "grading.yaml"

Points = Annotated[int, Field(ge=0, le=100)]
Weight = Annotated[int, Field(ge=1, le=100)]
Months = Annotated[int, Field(ge=1, le=120)]


class GradingPolicy(BaseModel):
    """What was decided about grading, and from which day it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: date
    source: Annotated[str, Field(min_length=10)]
    bands: Mapping[Letter, Points]
    weights: Mapping[Severity, Weight]
    topic_weights: Mapping[Topic, Weight]
    zero_tolerance: Mapping[GateValue, Cap]
    concealment: Cap
    high_flag: Mapping[GateValue, Cap]
    determinate_share: Mapping[Points, Cap]
    topic_share: Mapping[Points, Cap]
    fieldwork_months: Mapping[Months, Cap]
    season: Cap
    notice: Cap
    validity_months: Mapping[Letter, Months]
    validity_months_without_letter: Months

    @model_validator(mode="after")
    def leaves_nothing_open(self) -> Self:
        """Refuse a policy that has no answer for some letter, severity or topic."""
        _whole("bands", self.bands, tuple(Letter))
        _whole("weights", self.weights, tuple(Severity))
        _whole("topic_weights", self.topic_weights, tuple(Topic))
        _whole("validity_months", self.validity_months, tuple(Letter))
        _whole(
            "zero_tolerance",
            self.zero_tolerance,
            (GateValue.NO_PLAN, GateValue.PLAN_IN_TIME, GateValue.PLAN_LAPSED),
        )
        _whole("high_flag", self.high_flag, (GateValue.OPEN, GateValue.OVERDUE))
        return self

    @model_validator(mode="after")
    def never_rewards_the_worse(self) -> Self:
        """Refuse bands or gates that would be kinder to the worse case."""
        floors = [self.bands[letter] for letter in Letter]
        if floors != sorted(set(floors), reverse=True) or floors[-1] != 0:
            raise ValueError("Bands fall from A to E, and E begins at 0.")
        weights = [self.weights[severity] for severity in Severity]
        if weights != sorted(weights, reverse=True):
            raise ValueError("A heavier severity weighs no less than a lighter one.")
        _harder("determinate_share", dict(sorted(self.determinate_share.items())))
        _harder("topic_share", dict(sorted(self.topic_share.items())))
        _harder("fieldwork_months", dict(sorted(self.fieldwork_months.items())[::-1]))
        return self

    def letter_of(self, score: int) -> Letter:
        """Return the letter that a score has by itself."""
        return min(letter for letter in Letter if score >= self.bands[letter])


def _whole(name: str, given: Collection[str], wanted: Collection[str]) -> None:
    if set(given) != set(wanted):
        raise ValueError(f"{name} must name exactly: {', '.join(wanted)}.")


def _harder(name: str, steps: Mapping[int, Cap]) -> None:
    """Check that the caps, hardest case first, grow no harder."""
    ranks = [list(Cap).index(cap) for cap in steps.values()]
    if not ranks or ranks != sorted(ranks, reverse=True):
        raise ValueError(f"{name} must name a limit, and cap harder the further it is.")


def read_policies(file: Path = FILE) -> tuple[GradingPolicy, ...]:
    """Return every policy, the oldest first, or raise ValueError saying what is wrong."""
    with file.open("rb") as stream:
        written = yaml.safe_load(stream)
    policies = TypeAdapter(tuple[GradingPolicy, ...]).validate_python(written)
    days = [policy.valid_from for policy in policies]
    if not days or days != sorted(set(days)):
        raise ValueError(f"{file.name}: entries stand in the order of their first day.")
    return policies


def policy_on(day: date, policies: tuple[GradingPolicy, ...]) -> GradingPolicy:
    """Return the policy in force on `day`; a day before the first takes the first."""
    in_force = [policy for policy in policies if policy.valid_from <= day]
    return in_force[-1] if in_force else policies[0]


POLICIES = read_policies()
