"""The policy `clocks`: how long before and after its due date a clock tells whom."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from compliance.alerts.policy import Told
from compliance.clocks.models import ClockKind
from compliance.policies.dated import Bound, Entry, at_most, read_policy
from compliance.texts import N_

Hours = Annotated[int, Field(ge=0, le=17_520)]
OF_RED_FLAGS = (ClockKind.ACKNOWLEDGE, ClockKind.REFERRAL)


class Telling(BaseModel):
    """Hours before the due date, and hours after it; and whose business it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    soon_hours: Hours
    last_hours: Hours
    escalate_hours: Annotated[int, Field(ge=1, le=17_520)]
    tells: Told
    escalates_to: Told

    @model_validator(mode="after")
    def comes_closer(self) -> "Telling":
        if self.soon_hours < self.last_hours:
            raise ValueError("'soon_hours' is not less than 'last_hours'.")
        return self


class ClocksPolicy(Entry):
    """How long before and after its due date a clock tells whom."""

    bounds: ClassVar[tuple[Bound, ...]] = tuple(
        at_most("kinds", kind, "escalate_hours") for kind in OF_RED_FLAGS
    )

    kinds: Annotated[
        Mapping[ClockKind, Telling],
        Field(
            description="For each kind of clock: hours before the due date when it is due "
            "soon and when its last hours begin, hours after it when somebody else is "
            "told, and the roles that are."
        ),
    ]

    @model_validator(mode="after")
    def knows_every_kind(self) -> "ClocksPolicy":
        """Refuse a policy that forgets a kind, or warns who may be the cause."""
        if set(self.kinds) != set(ClockKind):
            raise ValueError("Every kind of clock says when it tells whom.")
        for kind in OF_RED_FLAGS:
            if self.kinds[kind].tells.operator + self.kinds[kind].escalates_to.operator:
                raise ValueError("The clocks of red flags are the keeper's alone.")
        return self


CLOCKS = read_policy(
    "clocks",
    N_("When clocks tell, and whom"),
    ClocksPolicy,
    Path(__file__).parent / "clocks.yaml",
)
