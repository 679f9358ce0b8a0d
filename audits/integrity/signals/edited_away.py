"""Edited away: answers were changed after the auditor had left the site.

    fires where changes away from the site / questions timed > changes_away_share

A change is an entry of the log whose old and new value differ and whose old value was
not empty; it is away where its place is, or, of a log without places, where it came
after a pause of three hours. A log that keeps no changes says nothing. Measure: share.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    log = visit.log
    if log is None:
        return unknown(Why.NO_LOG)
    if not log.changes_are_kept:
        return unknown(Why.LOG_WITHOUT_CHANGES)
    if log.timed < policy.timed_questions:
        return unknown(Why.LOG_TOO_SHORT, questions=log.timed)
    share = log.changes_away / log.timed
    return decided(
        share > policy.changes_away_share,
        share,
        questions=log.timed,
        changes=log.changes,
        changes_away=log.changes_away,
        limit_share=policy.changes_away_share,
    )
