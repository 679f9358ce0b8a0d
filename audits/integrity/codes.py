"""What the signals are called, how each can stand, and what they speak of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

FORMULA = 1  # raised whenever a formula changes, so that old rows are told apart

Number = int | float
Evidence = Mapping[str, Number | str | bool]
NOTHING: Evidence = MappingProxyType({})


class Signal(StrEnum):
    """Each signal of a visit, in the order a reviewer reads them."""

    DISTANCE = "distance"
    LOCATION_JUMPS = "location_jumps"
    PICTURE_ELSEWHERE = "picture_elsewhere"
    TIME_ON_SITE = "time_on_site"
    SHORT_INTERVIEW = "short_interview"
    FASTER_THAN_READING = "faster_than_reading"
    SAME_SECOND = "same_second"
    EVEN_PACE = "even_pace"
    EDITED_AWAY = "edited_away"
    STRAIGHT_LINING = "straight_lining"
    FEW_QUESTIONS = "few_questions"
    CHILDREN_NOT_LISTED = "children_not_listed"
    HEAD_COUNTS = "head_counts"
    COPIED_TEXT = "copied_text"
    REUSED_PICTURE = "reused_picture"
    COMPLIANT_STREAK = "compliant_streak"
    DETECTION_RATE = "detection_rate"
    SAME_AUDITOR = "same_auditor"


class Family(StrEnum):
    """What a signal speaks of; two of one family are not two pieces of evidence."""

    PLACE = "place"
    TIME = "time"
    ANSWERS = "answers"
    TEXTS = "texts"
    PICTURES = "pictures"
    AUDITOR = "auditor"


FAMILIES: Mapping[Signal, Family] = {
    Signal.DISTANCE: Family.PLACE,
    Signal.LOCATION_JUMPS: Family.PLACE,
    Signal.PICTURE_ELSEWHERE: Family.PLACE,
    Signal.TIME_ON_SITE: Family.TIME,
    Signal.SHORT_INTERVIEW: Family.TIME,
    Signal.FASTER_THAN_READING: Family.TIME,
    Signal.SAME_SECOND: Family.TIME,
    Signal.EVEN_PACE: Family.TIME,
    Signal.EDITED_AWAY: Family.TIME,
    Signal.STRAIGHT_LINING: Family.ANSWERS,
    Signal.FEW_QUESTIONS: Family.ANSWERS,
    Signal.CHILDREN_NOT_LISTED: Family.ANSWERS,
    Signal.HEAD_COUNTS: Family.ANSWERS,
    Signal.COPIED_TEXT: Family.TEXTS,
    Signal.REUSED_PICTURE: Family.PICTURES,
    Signal.COMPLIANT_STREAK: Family.AUDITOR,
    Signal.DETECTION_RATE: Family.AUDITOR,
    Signal.SAME_AUDITOR: Family.AUDITOR,
}


class State(StrEnum):
    """Unknown is neither good nor bad: the material for an answer is not there."""

    FIRED = "fired"
    CLEAR = "clear"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why a signal is unknown."""

    NO_POINT = "no_point"
    SITE_HAS_NO_POINT = "site_has_no_point"
    POINT_TOO_COARSE = "point_too_coarse"
    NO_TIMES = "no_times"
    TIMES_IMPOSSIBLE = "times_impossible"
    MORE_THAN_A_DAY = "more_than_a_day"
    NO_LOG = "no_log"
    LOG_TOO_SHORT = "log_too_short"
    LOG_WITHOUT_PLACES = "log_without_places"
    LOG_WITHOUT_CHANGES = "log_without_changes"
    TOO_FEW_ANSWERS = "too_few_answers"
    TOO_FEW_PEERS = "too_few_peers"
    NOT_ASKED = "not_asked"
    NO_TEXT = "no_text"
    NO_PICTURE = "no_picture"
    PICTURES_TELL_NOTHING = "pictures_tell_nothing"
    AUDITOR_NOT_KNOWN = "auditor_not_known"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True)
class Reading:
    """How one signal stands: its measure, and the numbers and references it rests on.

    Evidence holds no word that a person wrote and no answer about a person.
    """

    state: State
    measure: float | None = None
    evidence: Evidence = field(default_factory=lambda: NOTHING)
    why: Why | None = None
    is_doubtful: bool = False
    """It fired, but so near the limit that it counts as weak."""


def unknown(why: Why, **evidence: Number | str | bool) -> Reading:
    return Reading(State.UNKNOWN, None, evidence, why)


def fired(measure: float, **evidence: Number | str | bool) -> Reading:
    """Return a reading that asks for a second look; the measure to six figures."""
    return Reading(State.FIRED, float(f"{measure:.6g}"), evidence)


def clear(measure: float, **evidence: Number | str | bool) -> Reading:
    """Return a reading that enough is known of, and that is as others are."""
    return Reading(State.CLEAR, float(f"{measure:.6g}"), evidence)


def doubtful(reading: Reading) -> Reading:
    """Return a reading that fires, and counts as weak."""
    return replace(reading, state=State.FIRED, is_doubtful=True)


def decided(
    fires: bool,  # noqa: FBT001 - the one thing that is decided
    measure: float,
    **evidence: Number | str | bool,
) -> Reading:
    """Return one or the other."""
    return (fired if fires else clear)(measure, **evidence)
