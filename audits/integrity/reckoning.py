"""From a visit and its peers to all its signals, and to whether it is looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass

from audits.integrity.codes import FAMILIES, Family, Reading, Signal, State
from audits.integrity.peers import Peers
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile
from audits.integrity.signals import (
    children_not_listed,
    compliant_streak,
    copied_text,
    detection_rate,
    distance,
    edited_away,
    even_pace,
    faster_than_reading,
    few_questions,
    head_counts,
    location_jumps,
    picture_elsewhere,
    reused_picture,
    same_auditor,
    same_second,
    short_interview,
    straight_lining,
    time_on_site,
)


def signals_of(
    visit: Profile, peers: Peers, policy: IntegrityPolicy
) -> dict[Signal, Reading]:
    """Return how every signal stands."""
    return {
        Signal.DISTANCE: distance.read(visit, policy),
        Signal.LOCATION_JUMPS: location_jumps.read(visit, policy),
        Signal.PICTURE_ELSEWHERE: picture_elsewhere.read(visit, policy),
        Signal.TIME_ON_SITE: time_on_site.read(visit, peers, policy),
        Signal.SHORT_INTERVIEW: short_interview.read(visit, policy),
        Signal.FASTER_THAN_READING: faster_than_reading.read(visit, policy),
        Signal.SAME_SECOND: same_second.read(visit, policy),
        Signal.EVEN_PACE: even_pace.read(visit, policy),
        Signal.EDITED_AWAY: edited_away.read(visit, policy),
        Signal.STRAIGHT_LINING: straight_lining.read(visit, peers, policy),
        Signal.FEW_QUESTIONS: few_questions.read(visit, policy),
        Signal.CHILDREN_NOT_LISTED: children_not_listed.read(visit),
        Signal.HEAD_COUNTS: head_counts.read(visit, policy),
        Signal.COPIED_TEXT: copied_text.read(visit, peers, policy),
        Signal.REUSED_PICTURE: reused_picture.read(visit, peers, policy),
        Signal.COMPLIANT_STREAK: compliant_streak.read(visit, peers, policy),
        Signal.DETECTION_RATE: detection_rate.read(visit, peers, policy),
        Signal.SAME_AUDITOR: same_auditor.read(visit, peers, policy),
    }


WEAK = 1


@dataclass(frozen=True)
class Flag:
    """Whether a visit is flagged for a second look, by how many points, for what."""

    is_flagged: bool
    points: int
    reasons: tuple[Signal, ...]


def flag_of(readings: Mapping[Signal, Reading], policy: IntegrityPolicy) -> Flag:
    """Return whether the signals that fired ask for a second look.

    Signals of one family are seldom independent (who leaves early also answers fast), so
    only the heaviest of each family counts; what is unknown counts for nothing.
    """
    fired = tuple(
        one for one in Signal if one in readings and readings[one].state is State.FIRED
    )
    heaviest: dict[Family, int] = {}
    for one in fired:
        family = FAMILIES[one]
        points = policy.points[one]
        if readings[one].is_doubtful:
            points = min(points, WEAK)
        heaviest[family] = max(heaviest.get(family, 0), points)
    total = sum(heaviest.values())
    reasons = tuple(one for one in fired if policy.points[one] > 0)
    return Flag(total >= policy.flag_at, total, reasons)
