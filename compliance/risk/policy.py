"""The constants of the risk formula: dated data with their source, checked at the start."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from compliance.policies.dated import Bound, Entry, at_least, at_most, read_policy
from compliance.risk.codes import ConfidenceWord, FactorCode, PartCode, RiskLevel
from compliance.texts import N_
from rules import Severity

NAME, TITLE = "risk", N_("Risk of sites")
FILE = Path(__file__).parent / "risk.yaml"
# Fewer rules than this are counted as so many, so that a single one never decides.
LEAST_RULES = 10

Points = Annotated[int, Field(ge=0, le=100)]
Percent = Annotated[int, Field(ge=0, le=100)]
Months = Annotated[int, Field(ge=1, le=120)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bands(_Part):
    """From which value something is medium, and from which high."""

    medium: Percent
    high: Percent


class Shares(_Part):
    """From which share there are some, and from which many."""

    some: Percent
    many: Percent


class Degrees(_Part):
    low: Points
    medium: Points
    high: Points


class Amounts(_Part):
    some: Points
    many: Points


class Counted(_Part):
    """Points of each, and of all together at the most."""

    each: Points
    most: Points

    def of(self, count: int) -> int:
        return min(self.each * count, self.most)


class InherentPoints(_Part):
    listed_child_labour: Points
    listed_forced_labour: Points
    not_listed: Points
    prevalence_from: Bands
    prevalence: Degrees
    share_from: Shares
    temporary: Amounts
    migrant: Amounts
    piece_rate: Amounts
    small_below: Annotated[int, Field(ge=10, le=100)]
    small_workforce: Points
    broker: Points
    broker_without_licence: Points
    harvest_now: Points


class ManagementPoints(_Part):
    lapsed: Counted
    not_effective: Counted
    late: Counted
    remedy_overdue: Counted
    kept: Counted
    remedy_verified: Counted
    disclosed: Counted


class OutcomePoints(_Part):
    open: Mapping[Severity, Points]
    past_due_percent: Percent
    came_back_percent: Percent
    closed_percent: Percent
    closed_months: Months
    undetermined: Points


class Floors(_Part):
    zero_tolerance: Points
    critical_past_due: Points
    critical: Points
    major_past_due: Points


class Known(_Part):
    determinate: Percent
    confidence: Percent
    low_determinate: Percent
    low_confidence: Percent
    low_unknown_volume: Percent


class SupplyPoints(_Part):
    weight: Percent
    points: Degrees
    share: Annotated[int, Field(ge=1, le=100)]
    floor: Points


class Age(_Part):
    """In whole months: as good as new until the first, worth nothing from the second."""

    fresh: Months
    worthless: Months


class Confidence(_Part):
    weights: Mapping[FactorCode, Percent]
    words: Degrees
    age: Age
    age_at_most: Mapping[Months, Percent]
    unreviewed_at_most: Percent
    flagged_at_most: Percent
    season: Mapping[str, Percent]
    notice: Mapping[str, Percent]
    payer: Mapping[str, Percent]
    some_interviews: Percent
    rotation: Annotated[tuple[Percent, ...], Field(min_length=1, max_length=10)]

    def word_of(self, confidence: int) -> ConfidenceWord:
        """Return the word for how sure something is."""
        words = self.words
        if confidence >= words.high:
            return ConfidenceWord.HIGH
        if confidence >= words.medium:
            return ConfidenceWord.MEDIUM
        return ConfidenceWord.LOW if confidence >= words.low else ConfidenceWord.NONE


class RiskPolicy(Entry):
    """How what is known of a site becomes a level, and how sure that is."""

    # What keeps a site from being called low, or known, may be made stricter only.
    bounds: ClassVar[tuple[Bound, ...]] = (
        at_most("levels", "high"),
        at_most("levels", "medium"),
        *(
            at_least("floors", name)
            for name in (
                "zero_tolerance",
                "critical_past_due",
                "critical",
                "major_past_due",
            )
        ),
        *(
            at_least("known", name)
            for name in (
                "determinate",
                "confidence",
                "low_determinate",
                "low_confidence",
            )
        ),
        at_most("known", "low_unknown_volume"),
        at_most("supply", "share"),
        at_least("supply", "floor"),
        at_most("confidence", "unreviewed_at_most"),
        at_most("confidence", "flagged_at_most"),
    )

    weights: Annotated[
        Mapping[PartCode, Percent],
        Field(description="How heavily each part weighs in the score, of 100."),
    ]
    levels: Annotated[
        Bands, Field(description="The score from which a site is medium, and high.")
    ]
    inherent: Annotated[
        InherentPoints,
        Field(description="Points of what a site is before anybody visits it."),
    ]
    management: Annotated[
        ManagementPoints,
        Field(description="Points of what the site does, beside its rules."),
    ]
    outcome: Annotated[
        OutcomePoints, Field(description="Points of what was found at the site.")
    ]
    floors: Annotated[
        Floors, Field(description="The least score while such a finding is open.")
    ]
    known: Annotated[
        Known,
        Field(description="How much must be known for a level, and how much for low."),
    ]
    supply: Annotated[
        SupplyPoints, Field(description="How the supply base of a mill counts.")
    ]
    confidence: Annotated[
        Confidence, Field(description="What makes a risk sure, and what does not.")
    ]

    @model_validator(mode="after")
    def leaves_nothing_open(self) -> Self:
        """Refuse a policy that has no answer for some part, severity or factor."""
        _whole("weights", self.weights, tuple(PartCode))
        _whole("outcome.open", self.outcome.open, tuple(Severity))
        _whole("confidence.weights", self.confidence.weights, tuple(FactorCode))
        for name, weights in (
            ("weights", self.weights),
            ("confidence.weights", self.confidence.weights),
        ):
            if sum(weights.values()) != 100:
                raise ValueError(f"{name} make 100 together.")
        return self

    @model_validator(mode="after")
    def never_rewards_the_worse(self) -> Self:
        """Refuse a policy under which the worse case would have the better score."""
        floors, outcome, confidence = self.floors, self.outcome, self.confidence
        points = [outcome.open[severity] for severity in Severity]
        _falls("outcome.open", points)
        if not 0 < self.levels.medium < self.levels.high:
            raise ValueError("levels: medium begins above 0, and below high.")
        if floors.zero_tolerance < self.levels.high:
            raise ValueError("floors.zero_tolerance makes a site high.")
        if self.supply.floor < self.levels.high:
            raise ValueError("supply.floor makes a mill high.")
        _falls("floors", [floors.critical_past_due, floors.critical])
        _falls("floors", [floors.zero_tolerance, floors.critical_past_due])
        _falls("floors", [floors.critical_past_due, floors.major_past_due])
        if outcome.undetermined > LEAST_RULES * points[-1]:
            raise ValueError(
                "outcome.undetermined is at most ten times the points of a minor "
                "finding: or finding something would be better than not looking."
            )
        caps = [cap for _, cap in sorted(confidence.age_at_most.items())]
        _falls("confidence.age_at_most", caps)
        _falls("confidence.rotation", list(confidence.rotation))
        if confidence.age.fresh >= confidence.age.worthless:
            raise ValueError("confidence.age: worthless comes after fresh.")
        return self

    def level_of(self, score: int) -> RiskLevel:
        """Return the level that a score has by itself."""
        if score >= self.levels.high:
            return RiskLevel.HIGH
        return RiskLevel.MEDIUM if score >= self.levels.medium else RiskLevel.LOW


def _whole(name: str, given: Collection[str], wanted: Collection[str]) -> None:
    if set(given) != set(wanted):
        raise ValueError(f"{name} must name exactly: {', '.join(wanted)}.")


def _falls(name: str, values: list[int]) -> None:
    if values != sorted(values, reverse=True):
        raise ValueError(f"{name}: the worse case has no fewer points.")


RISK = read_policy(NAME, TITLE, RiskPolicy, FILE)
