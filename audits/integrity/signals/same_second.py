"""Same second: several questions were left within one and the same second.

    fires where questions left in the same whole second as the one before / all timed
    questions > same_second_share

A device that shows one question at a time cannot leave two in a second unless nobody
reads. Measure: the share.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    log = visit.log
    if log is None:
        return unknown(Why.NO_LOG)
    if log.timed < policy.timed_questions:
        return unknown(Why.LOG_TOO_SHORT, questions=log.timed)
    share = log.in_same_second / log.timed
    return decided(
        share > policy.same_second_share,
        share,
        questions=log.timed,
        same_second=log.in_same_second,
        limit_share=policy.same_second_share,
    )
