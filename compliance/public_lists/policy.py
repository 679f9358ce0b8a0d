"""The policy `public_lists`: hours to decide in, how alike names are, what follows."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from compliance.policies.dated import Bound, Entry, at_most, read_policy
from compliance.public_lists.models import Category
from compliance.texts import N_


class Consequence(StrEnum):
    """What follows when a person says that somebody is on a list."""

    SUSPEND = "suspend"  # it is proposed, and a second person decides
    NOTE = "note"  # it is kept and shown, and nothing else


class ListsPolicy(Entry):
    """What was decided about matches with public lists."""

    # Sooner, and less alike, is stricter.
    bounds: ClassVar[tuple[Bound, ...]] = (
        at_most("decide_hours"),
        at_most("suspension_hours"),
        at_most("names_alike"),
    )

    decide_hours: Annotated[
        int,
        Field(ge=1, le=720, description="Hours from a proposed match to its decision."),
    ]
    suspension_hours: Annotated[
        int,
        Field(
            ge=1,
            le=720,
            description="Hours from a proposed suspension, or its proposed end, to the "
            "decision of a second person.",
        ),
    ]
    names_alike: Annotated[
        int,
        Field(
            ge=70,
            le=100,
            description="How alike two names are, of 100, for a match to be proposed.",
        ),
    ]
    consequences: Annotated[
        Mapping[Category, Consequence],
        Field(
            description="For each kind of list of companies what follows when somebody "
            "is found to be on it: suspend (proposed to a second person), or note."
        ),
    ]

    @model_validator(mode="after")
    def knows_every_kind(self) -> "ListsPolicy":
        """Refuse a policy that forgets a kind of list, or lets goods suspend."""
        if set(self.consequences) != set(Category) - {Category.GOODS}:
            raise ValueError("Every kind of list but that of goods says what follows.")
        return self


LISTS = read_policy(
    "public_lists",
    N_("Matches with public lists"),
    ListsPolicy,
    Path(__file__).parent / "public_lists.yaml",
)
