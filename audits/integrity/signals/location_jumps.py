"""Location jumps: between two entries of the log the device moved as nobody can.

    fires where distance − 2·(accuracy₁ + accuracy₂) > jump_metres
    and that distance / time between > jump_kmh

The log (ODK `audit.csv` with location tracking) is read by `interview_log`; here the
jumps are counted. A log without places says nothing. Measure: jumps.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    log = visit.log
    if log is None:
        return unknown(Why.NO_LOG)
    if log.placed < 2:
        return unknown(Why.LOG_WITHOUT_PLACES)
    return decided(
        log.jumps > 0,
        log.jumps,
        jumps=log.jumps,
        entries=log.placed,
        fastest_kmh=round(log.fastest_kmh),
        limit_kmh=policy.jump_kmh,
    )
