"""Which steps of a card its page offers now, each with what it can be taken for."""

from collections.abc import Mapping
from enum import StrEnum

from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.scorecards.codes import Status
from compliance.scorecards.lifecycle import BY_HAND, REVOKED_FOR, STEPS, Why
from compliance.scorecards.queries import ScorecardRecord
from compliance.texts import N_


class Step(StrEnum):
    """What a person does with a card that was issued."""

    SUSPEND = "suspend"
    RESTORE = "restore"
    REVOKE = "revoke"


# What each step is ever taken for, and the field of the page that says for what.
GROUNDS_OF: Mapping[Step, tuple[Why, ...]] = {
    Step.SUSPEND: BY_HAND,
    Step.RESTORE: BY_HAND,
    Step.REVOKE: REVOKED_FOR,
}
FIELDS: Mapping[Step, str] = {
    Step.SUSPEND: "suspend_for",
    Step.RESTORE: "restore_for",
    Step.REVOKE: "revoke_for",
}
# What the page says after a step.
NOTES: Mapping[str, str] = {
    "issued": N_(
        "Issued. Its PDF is being signed and is here in a moment; those who are shown "
        "the scorecards of this site are told."
    ),
    "suspended": N_(
        "Suspended. The verify page says so from now on, and those who are shown the "
        "scorecard are told. You can lift it below."
    ),
    "restored": N_(
        "The suspension is lifted. The scorecard is valid again, and those who are "
        "shown it are told."
    ),
    "still_suspended": N_(
        "What you chose is lifted. The scorecard stays suspended for what else stands."
    ),
    "revoked": N_(
        "Revoked for good. The verify page says so from now on, and those who are shown "
        "the scorecard are told."
    ),
}


def offered(
    scope: Scope, record: ScorecardRecord, grounds: tuple[Why, ...]
) -> Mapping[Step, tuple[Why, ...]]:
    """Return what a reader can do with a card now, and for what; nothing if they may not.

    `grounds` is what it stands suspended for; what follows from a finding, a list or a
    merge is nobody's to lift here.
    """
    may = scope.may(Permission.ISSUE_SCORECARDS) and record.relation is Relation.OWN
    if not may or Status.REVOKED not in STEPS[record.status]:
        return {}
    possible = {
        Step.SUSPEND: tuple(one for one in BY_HAND if one not in grounds),
        Step.RESTORE: tuple(one for one in BY_HAND if one in grounds),
        Step.REVOKE: REVOKED_FOR,
    }
    return {step: reasons for step, reasons in possible.items() if reasons}
