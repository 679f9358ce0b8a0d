"""The constants of a grade: dated data with their source, read and checked at the start."""

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from compliance.policies.dated import Bound, Entry, at_least, latest, read_policy
from compliance.scorecards.codes import Cap, GateValue, Letter, Severity, Topic
from compliance.texts import N_

NAME, TITLE = "grading", N_("Grades of scorecards")
FILE = Path(__file__).parent / "policy" / "grading.yaml"

Points = Annotated[int, Field(ge=0, le=100)]
Weight = Annotated[int, Field(ge=1, le=100)]
Months = Annotated[int, Field(ge=1, le=120)]
HARDNESS = list(Cap).index


class GradingPolicy(Entry):
    """How the rules a visit could answer become a grade, and what holds a grade down."""

    # What follows on zero tolerance, and on hiding, may be made harder only.
    bounds: ClassVar[tuple[Bound, ...]] = (
        *(
            at_least("zero_tolerance", value, rank=HARDNESS)
            for value in (
                GateValue.NO_PLAN,
                GateValue.PLAN_IN_TIME,
                GateValue.PLAN_LAPSED,
            )
        ),
        at_least("concealment", rank=HARDNESS),
    )

    bands: Annotated[
        Mapping[Letter, Points],
        Field(description="The least score, of 100, that has each letter."),
    ]
    weights: Annotated[
        Mapping[Severity, Weight],
        Field(description="How heavily a rule of each severity weighs in a topic."),
    ]
    topic_weights: Annotated[
        Mapping[Topic, Weight],
        Field(description="How heavily each topic weighs in the score."),
    ]
    zero_tolerance: Annotated[
        Mapping[GateValue, Cap],
        Field(description="What open zero tolerance does to the grade."),
    ]
    concealment: Annotated[
        Cap, Field(description="The best grade where something was hidden.")
    ]
    high_flag: Annotated[
        Mapping[GateValue, Cap],
        Field(description="The best grade while another red flag is open."),
    ]
    determinate_share: Annotated[
        Mapping[Points, Cap],
        Field(
            description="The best grade where fewer than so many per cent of the rules "
            "that apply have a clear answer."
        ),
    ]
    topic_share: Annotated[
        Mapping[Points, Cap], Field(description="The same for any one topic.")
    ]
    fieldwork_months: Annotated[
        Mapping[Months, Cap],
        Field(description="The best grade once the visit is so many months old."),
    ]
    season: Annotated[
        Cap, Field(description="The best grade of a visit outside the harvest.")
    ]
    notice: Annotated[
        Cap, Field(description="The best grade of a visit that was announced.")
    ]
    validity_months: Annotated[
        Mapping[Letter, Months],
        Field(description="Months for which a card of each letter is valid."),
    ]
    validity_months_without_letter: Annotated[
        Months, Field(description="Months for which a card without a letter is valid.")
    ]

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
    return read_policy(NAME, TITLE, GradingPolicy, file).entries


def policy_on(day: date, policies: tuple[GradingPolicy, ...]) -> GradingPolicy:
    """Return the policy in force on `day`; a day before the first takes the first."""
    return latest(policies, day) or policies[0]


GRADING = read_policy(NAME, TITLE, GradingPolicy, FILE)
