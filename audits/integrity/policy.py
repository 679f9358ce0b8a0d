"""The thresholds of the signals and the rule that flags: dated data with their source."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from audits.integrity.codes import Signal
from compliance.policies.dated import Entry, read_policy
from compliance.texts import N_

Share = Annotated[float, Field(ge=0, le=1)]
Chance = Annotated[float, Field(gt=0, le=0.2)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Metres = Annotated[int, Field(ge=50, le=50_000)]


class IntegrityPolicy(Entry):
    """What was decided about integrity signals, and from which day it holds."""

    distance_metres: Annotated[
        Metres,
        Field(
            description="Metres outside the site, accuracy allowed for, from which a point is too far."
        ),
    ]
    accuracy_factor: Annotated[
        Annotated[float, Field(ge=1, le=5)],
        Field(description="How many times the device's own accuracy is allowed for."),
    ]
    useless_accuracy_metres: Annotated[
        Metres,
        Field(description="Metres of accuracy beyond which a point says nothing."),
    ]
    jump_metres: Annotated[
        Metres,
        Field(
            description="Metres between two entries of a log from which it may be a jump."
        ),
    ]
    jump_kmh: Annotated[
        Annotated[int, Field(ge=50, le=1_000)],
        Field(description="Kilometres an hour that nobody travels in the field."),
    ]
    picture_metres: Annotated[
        Metres,
        Field(
            description="Metres from the visit from which a picture was taken elsewhere."
        ),
    ]
    picture_minutes: Annotated[
        Annotated[int, Field(ge=15, le=20_000)],
        Field(
            description="Minutes outside the visit from which a picture was taken at another time."
        ),
    ]
    shortest_minutes: Annotated[
        Annotated[int, Field(ge=5, le=240)],
        Field(description="Minutes that an interview takes at the least."),
    ]
    least_seconds_per_answer: Annotated[
        Annotated[float, Field(ge=0.5, le=60)],
        Field(description="Seconds that an answer takes at the least."),
    ]
    part_of_peers_pace: Annotated[
        Share,
        Field(description="Share of the usual time for an answer that is too little."),
    ]
    too_fast_share: Annotated[
        Share,
        Field(description="Share of questions answered faster than they can be read."),
    ]
    same_second_share: Annotated[
        Share,
        Field(description="Share of questions left in the same second as another."),
    ]
    least_pace_spread: Annotated[
        Annotated[float, Field(ge=0, le=2)],
        Field(
            description="Spread of the times of questions below which the pace is too even."
        ),
    ]
    changes_away_share: Annotated[
        Share, Field(description="Share of answers changed away from the site.")
    ]
    timed_questions: Annotated[
        Count,
        Field(description="Questions with a time below which a log says nothing."),
    ]
    straight_bits: Annotated[
        Annotated[float, Field(ge=5, le=200)],
        Field(
            description="Bits by which a pattern of answers surprises beside other visits."
        ),
    ]
    opened_share: Annotated[
        Share, Field(description="Share of questions that are answered at the least.")
    ]
    head_share: Annotated[
        Share,
        Field(
            description="Share of the payroll by which other numbers of people may be higher."
        ),
    ]
    head_count: Annotated[
        Count,
        Field(
            description="People by which other numbers of people may be higher in any case."
        ),
    ]
    text_words: Annotated[
        Count, Field(description="Words below which a report is not compared.")
    ]
    text_similarity: Annotated[
        Share,
        Field(
            description="Similarity to another site's report from which it is a copy."
        ),
    ]
    text_similarity_doubtful: Annotated[
        Share, Field(description="Similarity from which it counts as a weak sign.")
    ]
    text_similarity_same_site: Annotated[
        Share,
        Field(
            description="Similarity to an earlier report of the same site from which it is a copy."
        ),
    ]
    picture_bits: Annotated[
        Annotated[int, Field(ge=0, le=50)],
        Field(description="Bits of 120 up to which two pictures are the same."),
    ]
    picture_bits_doubtful: Annotated[
        Annotated[int, Field(ge=0, le=50)],
        Field(description="Bits of 120 up to which it counts as a weak sign."),
    ]
    picture_bits_same_site: Annotated[
        Annotated[int, Field(ge=0, le=50)],
        Field(
            description="Bits of 120 up to which two pictures of one site are the same."
        ),
    ]
    peer_visits: Annotated[
        Count, Field(description="Other visits below which nothing is compared.")
    ]
    peer_auditors: Annotated[
        Count,
        Field(description="Other auditors below which findings are not compared."),
    ]
    streak_visits: Annotated[
        Count,
        Field(
            description="Visits in a row without a finding below which nothing is said."
        ),
    ]
    streak_chance: Annotated[
        Chance, Field(description="Chance of such a row below which it is told.")
    ]
    detection_visits: Annotated[
        Count,
        Field(
            description="Visits of an auditor below which findings are not compared."
        ),
    ]
    detection_chance: Annotated[
        Chance, Field(description="Chance of so few findings below which it is told.")
    ]
    same_auditor_visits: Annotated[
        Annotated[int, Field(ge=2, le=20)],
        Field(description="Visits in a row by the same auditor from which it is told."),
    ]
    window_days: Annotated[
        Annotated[int, Field(ge=30, le=2_000)],
        Field(description="Days that an auditor's record goes back."),
    ]
    points: Annotated[
        Mapping[Signal, Annotated[int, Field(ge=0, le=10)]],
        Field(
            description="Points of each signal: 2 is strong, 1 is weak, 0 is only told."
        ),
    ]
    flag_at: Annotated[
        Annotated[int, Field(ge=1, le=20)],
        Field(
            description="Points, of each family the highest, from which a visit is flagged."
        ),
    ]

    @model_validator(mode="after")
    def weighs_every_signal(self) -> Self:
        """Refuse a policy that forgets a signal."""
        if set(self.points) != set(Signal):
            raise ValueError("points must name every signal.")
        return self


POLICY = read_policy(
    "integrity",
    N_("Integrity signals of visits"),
    IntegrityPolicy,
    Path(__file__).parent / "integrity.yaml",
)
