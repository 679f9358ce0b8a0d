"""Short interview: the whole took less than a visit can take.

    fires where minutes from beginning to end < shortest_minutes

45 minutes is what supervisors of household surveys take for the least (field practice,
no publication). Measure: minutes.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    if visit.span.seconds is None:
        return unknown(visit.span.why or Why.NO_TIMES)
    minutes = visit.span.seconds / 60
    return decided(
        minutes < policy.shortest_minutes,
        minutes,
        minutes=round(minutes, 1),
        limit_minutes=policy.shortest_minutes,
    )
