"""Policies of audits: by when answers come in, and how long a site has for its reply."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from compliance.policies.dated import Bound, Entry, at_least, read_policy
from compliance.texts import N_

HERE = Path(__file__).parent


class Fieldwork(Entry):
    """By when the answers of a planned visit are here, and when they come late."""

    answers_due_days: Annotated[
        int,
        Field(
            ge=0, le=90, description="Days from the end of fieldwork to its answers."
        ),
    ]
    late_after_hours: Annotated[
        int,
        Field(
            ge=1,
            le=2_160,
            description="Hours from the end of a visit after which its answers are "
            "marked late for want of signal.",
        ),
    ]


class RightOfReply(Entry):
    """How long whoever works a site has to answer what was found there."""

    bounds: ClassVar[tuple[Bound, ...]] = (at_least("days"),)

    days: Annotated[
        int,
        Field(ge=1, le=90, description="Calendar days after the day of the offer."),
    ]


FIELDWORK = read_policy(
    "fieldwork", N_("Answers of visits"), Fieldwork, HERE / "fieldwork.yaml"
)
RIGHT_OF_REPLY = read_policy(
    "right_of_reply", N_("Right of reply"), RightOfReply, HERE / "right_of_reply.yaml"
)
