"""How corrective actions are followed: dated data, read and checked at the start."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from compliance.corrective_actions.codes import ActionCode
from compliance.findings.deadlines import Deadlines
from compliance.findings.queries import FindingRecord
from compliance.policies.dated import Bound, Entry, at_most, read_policy
from compliance.texts import N_
from rules import Severity


class FollowingPolicy(Entry):
    """What holds for extensions and verifications from a day on."""

    bounds: ClassVar[tuple[Bound, ...]] = (at_most("extensions"),)

    extensions: Annotated[
        int, Field(ge=0, le=20, description="How often one action's day can be moved.")
    ]
    extension_answer_days: Annotated[
        int,
        Field(ge=1, le=90, description="Days to answer a request for more time."),
    ]
    verification_days: Annotated[
        int,
        Field(ge=1, le=365, description="Days to verify what was reported as done."),
    ]


FOLLOWING = read_policy(
    "corrective_actions",
    N_("How corrective actions are followed"),
    FollowingPolicy,
    Path(__file__).parent / "corrective_actions.yaml",
)


def must_be_at_once(found: FindingRecord, action: ActionCode) -> bool:
    """Tell what stops the harm that nobody tolerates: it waits for no plan."""
    is_gravest = found.severity is Severity.ZERO_TOLERANCE
    return is_gravest and action is ActionCode.STOP_AND_PROTECT


def last_day(
    found: FindingRecord, action: ActionCode, entry: Deadlines, today: date
) -> date:
    """Return the last day an action of a finding can be due without an extension.

    It is the finding's own. Of zero tolerance that is the day of the plan: the harm
    stops today, and what the plan says has as long as a critical finding's.
    """
    if must_be_at_once(found, action):
        return today
    if found.severity is not Severity.ZERO_TOLERANCE:
        return found.due_on
    days = entry.due_days
    longer = days[Severity.CRITICAL] - days[Severity.ZERO_TOLERANCE]
    return found.due_on + timedelta(days=longer)
