"""The policy `alerts`: which roles are told of what, at whose organisation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from compliance.alerts.events import AlertEvent
from compliance.identity.models import Role
from compliance.policies.dated import Bound, Entry, at_least, read_policy
from compliance.texts import N_


def _in_order(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in roles)


Roles = Annotated[tuple[Role, ...], AfterValidator(_in_order)]


class Told(BaseModel):
    """Roles of who keeps a site's record, of who operates it, and of who follows it.

    Those who follow a site by consent are told as their own policy says, not the keeper's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    keeper: Annotated[Roles, Field(min_length=1)]
    operator: Roles = ()
    follower: Roles = ()


class AlertsPolicy(Entry):
    """Which roles are told of what; what clocks tell stands in the policy `clocks`."""

    # More may be told of what nobody tolerates, and none of these fewer.
    bounds: ClassVar[tuple[Bound, ...]] = (
        at_least("told", AlertEvent.ZERO_TOLERANCE, "keeper", rank=frozenset),
    )

    told: Annotated[
        Mapping[AlertEvent, Told],
        Field(
            description="For each event the roles that are told, at the organisation that "
            "keeps the record of the site, at the one that operates it, and, of your own "
            "organisation, where it may see the site by consent."
        ),
    ]

    @model_validator(mode="after")
    def tells_of_everything(self) -> "AlertsPolicy":
        """Refuse a policy that forgets an event, or warns who may be the cause."""
        by_clocks = {one for one in AlertEvent if one.startswith("clock_")}
        wanted = set(AlertEvent) - by_clocks - {AlertEvent.TEST}
        if set(self.told) != wanted:
            raise ValueError("Every event but those of clocks says whom it is told.")
        if self.told[AlertEvent.ZERO_TOLERANCE].operator:
            raise ValueError(
                "Who operates a site may be the cause of what nobody tolerates, and is "
                "not warned of it by us."
            )
        return self


ALERTS = read_policy(
    "alerts",
    N_("Who is told of what"),
    AlertsPolicy,
    Path(__file__).parent / "alerts.yaml",
)
