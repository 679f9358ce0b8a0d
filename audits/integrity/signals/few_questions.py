"""Few questions: much of what was to be asked was left unanswered.

    fires where questions answered / questions asked < opened_share

Asked is what was relevant in this very visit. A refused consent closes nearly all, so
that little is asked. Measure: the share.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile

LEAST_ASKED = 10


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    if visit.asked is None or visit.asked < LEAST_ASKED:
        return unknown(Why.NOT_ASKED, asked=visit.asked or 0)
    share = visit.answered / visit.asked
    return decided(
        share < policy.opened_share,
        share,
        asked=visit.asked,
        answered=visit.answered,
        limit_share=policy.opened_share,
    )
