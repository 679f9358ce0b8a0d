"""Even pace: long and short questions took the same time, as no conversation does.

    spread = standard deviation of ln(seconds of a question / t₀ of that question)
    fires where spread < least_pace_spread

Times of answers are close to lognormal with a spread of 0.5 and more (van der Linden
2006, Journal of Educational and Behavioral Statistics 31); who lets a program or a
watch set the pace stays far below. Measure: the spread.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    log = visit.log
    if log is None:
        return unknown(Why.NO_LOG)
    if log.timed < policy.timed_questions or log.pace_spread is None:
        return unknown(Why.LOG_TOO_SHORT, questions=log.timed)
    return decided(
        log.pace_spread < policy.least_pace_spread,
        log.pace_spread,
        questions=log.timed,
        spread=round(log.pace_spread, 3),
        limit_spread=policy.least_pace_spread,
    )
