"""Time on site: too little of it for the questions that were answered.

    pace = seconds spent / questions answered
    fires where pace < least_seconds_per_answer
    or pace < part_of_peers_pace · median pace of other visits with the checklist

Spent are, of a visit whose log was kept, the seconds a question was on the screen;
otherwise those from beginning to end. Only visits timed alike are compared. The second
half needs `peer_visits` others. An end before the beginning, or more than a
day after it, tells of a clock or of a record finished later, and so nothing. Measure:
seconds per answer.
"""

import statistics

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.peers import Peers
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile

LEAST_ANSWERS = 10


def read(visit: Profile, peers: Peers, policy: IntegrityPolicy) -> Reading:
    pace = pace_of(visit)
    if visit.span.seconds is None:
        return unknown(visit.span.why or Why.NO_TIMES)
    if pace is None:
        return unknown(Why.TOO_FEW_ANSWERS, answers=visit.answered)
    least = policy.least_seconds_per_answer
    if len(peers.seconds_per_answer) >= policy.peer_visits:
        usual = statistics.median(peers.seconds_per_answer)
        least = max(least, policy.part_of_peers_pace * usual)
    return decided(
        pace < least,
        pace,
        minutes=round(visit.span.seconds / 60, 1),
        answers=visit.answered,
        seconds_per_answer=round(pace, 1),
        limit_seconds=round(least, 1),
        peers=len(peers.seconds_per_answer),
    )


def pace_of(visit: Profile) -> float | None:
    """Return seconds per answer, None where they are not known or answers too few."""
    if visit.span.seconds is None or visit.answered < LEAST_ANSWERS:
        return None
    return _spent(visit, visit.span.seconds) / visit.answered


def is_timed_by_log(visit: Profile) -> bool:
    return visit.log is not None and visit.log.timed >= LEAST_ANSWERS


def _spent(visit: Profile, span: float) -> float:
    if visit.log is not None and is_timed_by_log(visit):
        return min(span, visit.log.active_seconds)
    return span
