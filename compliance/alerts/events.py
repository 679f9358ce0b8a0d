"""What an alert tells of: a short word from a fixed list, never a sentence."""

from enum import StrEnum


class AlertEvent(StrEnum):
    """What happened. `test` goes to one receiver, because somebody asked for it."""

    ZERO_TOLERANCE = "zero_tolerance"
    RED_FLAG = "red_flag"
    FINDING_RAISED = "finding_raised"
    FINDING_REOPENED = "finding_reopened"
    FINDING_DISPUTED = "finding_disputed"
    FINDING_DECIDED = "finding_decided"
    PLAN_PROPOSED = "plan_proposed"
    PLAN_ANSWERED = "plan_answered"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_ANSWERED = "extension_answered"
    EVIDENCE_GIVEN = "evidence_given"
    VERIFIED = "verified"
    VISIT_SUBMITTED = "visit_submitted"
    VISIT_RETURNED = "visit_returned"
    REPLY_ASKED = "reply_asked"
    REPLY_GIVEN = "reply_given"
    VISIT_FINAL = "visit_final"
    INTEGRITY_SIGNAL = "integrity_signal"
    REMEDY_RECORDED = "remedy_recorded"
    COMMITMENT_MADE = "commitment_made"
    CARD_ISSUED = "card_issued"
    CARD_SUPERSEDED = "card_superseded"
    CARD_SUSPENDED = "card_suspended"
    CARD_RESTORED = "card_restored"
    CARD_REVOKED = "card_revoked"
    CARD_EXPIRED = "card_expired"
    RISK_CHANGED = "risk_changed"
    LIST_MATCH_PROPOSED = "list_match_proposed"
    LIST_MATCH_DECIDED = "list_match_decided"
    EXCLUSION_PROPOSED = "exclusion_proposed"
    CLOCK_DUE_SOON = "clock_due_soon"
    CLOCK_DUE = "clock_due"
    CLOCK_LATE = "clock_late"
    CLOCK_ESCALATED = "clock_escalated"
    TEST = "test"


# What becomes of the cards of a site is told in its order, whichever card it is of.
OF_CARDS = frozenset(
    {
        AlertEvent.CARD_ISSUED,
        AlertEvent.CARD_SUPERSEDED,
        AlertEvent.CARD_SUSPENDED,
        AlertEvent.CARD_RESTORED,
        AlertEvent.CARD_REVOKED,
        AlertEvent.CARD_EXPIRED,
    }
)
# Nobody turns these off for themselves: whom the policy names is told.
ALWAYS_TOLD = frozenset({AlertEvent.ZERO_TOLERANCE, AlertEvent.CLOCK_ESCALATED})
