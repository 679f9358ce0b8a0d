"""When something was observed, from what a device says and what we know ourselves.

A device's clock can stand at 1970, run into 2099, or jump back in the middle of a visit.
Only the receipt is ours. So a time of observation is never later than the receipt, and
where the device says what cannot be, the earliest instant is taken that can be defended:
a doubt shortens a deadline and never lengthens it. A device that is merely wrong, by an
hour and on the right day, cannot be found out; what it said stays with the submission.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from compliance.clocks.passing import end_of

# Visits were not recorded on devices before; clocks that lost their battery say so.
FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
# A clock that is ahead by less was set by hand, and is put right by as much.
SKEW = timedelta(minutes=10)
LONGEST_VISIT = timedelta(hours=24)
LONGEST_AWAY = timedelta(days=366)
# The first place on Earth where a day begins is fourteen hours ahead of UTC.
FIRST_DAY_BEGINS = timedelta(hours=14)
# Hours by which the foremost clock of a country is ahead of UTC, in any part of the year
# (IANA time zones, edition 2025). Elsewhere a day begins when it does first on Earth.
AHEAD_OF_UTC: Mapping[str, float] = {
    **dict.fromkeys(("CR", "GT", "HN", "NI", "SV"), -6),
    **dict.fromkeys(("CO", "EC", "MX", "PA", "PE"), -5),
    **dict.fromkeys(("BO", "DO"), -4),
    **dict.fromkeys(("AR", "PY"), -3),
    "BR": -2,
    **dict.fromkeys(("CI", "GH", "LR", "SL"), 0),
    **dict.fromkeys(("CM", "NG"), 1),
    **dict.fromkeys(("ET", "KE", "TZ", "UG"), 3),
    "IN": 5.5,
    **dict.fromkeys(("TH", "VN"), 7),
    "MY": 8,
    "ID": 9,
    "PG": 11,
}


class Doubt(StrEnum):
    """What is strange about the times of a visit."""

    NO_START = "no_start"
    AHEAD = "ahead"
    IN_THE_FUTURE = "in_the_future"
    TOO_LONG_AGO = "too_long_ago"
    RUNS_BACKWARDS = "runs_backwards"
    NOT_THAT_DAY = "not_that_day"
    BEFORE_WE_ASKED = "before_we_asked"


# With these the start that the device tells stands; the rest make it worthless.
HARMLESS = frozenset({Doubt.AHEAD, Doubt.BEFORE_WE_ASKED})


@dataclass(frozen=True)
class Observation:
    """When it was observed, for every clock, and what is strange about it."""

    at: datetime
    doubts: frozenset[Doubt] = frozenset()


def observe(
    *,
    received_at: datetime,
    declared_on: date | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    not_before: datetime | None = None,
    country: str | None = None,
) -> Observation:
    """Return when a visit was observed: its beginning, where the device can be believed.

    `declared_on` is the day that the auditor wrote down, at the place, which lies in
    `country` (ISO 3166-1 alpha-2). `not_before` is an
    instant of ours before which there was nothing to fill, such as the publication of
    the checklist; who says otherwise with the day agreeing is believed, because that
    only shortens a deadline, and because records of other tools are older than our
    checklist.
    """
    ahead = max(
        (one - received_at for one in (started_at, ended_at) if one is not None),
        default=timedelta(0),
    )
    is_ahead = timedelta(0) < ahead <= SKEW
    if is_ahead:
        started_at, ended_at = _less(started_at, ahead), _less(ended_at, ahead)
    doubts = _doubts(received_at, declared_on, started_at, ended_at, not_before)
    if is_ahead:
        doubts |= {Doubt.AHEAD}
    if started_at is not None and doubts <= HARMLESS:
        return Observation(started_at, doubts)
    day = declared_on
    if day is not None and not _is_possible_day(day, received_at):
        day = None
    told = [
        one
        for one in (started_at, ended_at)
        if one is not None and FIRST_INSTANT <= one <= received_at
    ]
    floor = received_at - LONGEST_AWAY if not_before is None else not_before
    if day is not None:
        if not_before is not None and end_of(day) > not_before:
            told = [one for one in told if one >= not_before]
        at = min((begin_of(day, country), *told))
    elif not told or Doubt.IN_THE_FUTURE in doubts:
        at = min((floor, *told))
    else:
        at = min(told) - (LONGEST_VISIT if _lacks_start(doubts) else timedelta(0))
    return Observation(min(at, received_at), doubts)


def begin_of(day: date, country: str | None = None) -> datetime:
    """Return the instant when a day begins first in a country, or anywhere on Earth."""
    hours = None if country is None else AHEAD_OF_UTC.get(country)
    ahead = FIRST_DAY_BEGINS if hours is None else timedelta(hours=hours)
    return datetime.combine(day, time(), UTC) - ahead


def _less(instant: datetime | None, span: timedelta) -> datetime | None:
    return None if instant is None else instant - span


def _lacks_start(doubts: frozenset[Doubt]) -> bool:
    """Tell whether the earliest that the device told may be the end of the visit."""
    unusable = {Doubt.NO_START, Doubt.TOO_LONG_AGO, Doubt.RUNS_BACKWARDS}
    return bool(doubts & unusable)


def _is_possible_day(day: date, received_at: datetime) -> bool:
    return day >= FIRST_INSTANT.date() and begin_of(day) <= received_at


def _doubts(
    received_at: datetime,
    declared_on: date | None,
    started_at: datetime | None,
    ended_at: datetime | None,
    not_before: datetime | None,
) -> frozenset[Doubt]:
    told = [one for one in (started_at, ended_at) if one is not None]
    found = {
        Doubt.NO_START: started_at is None,
        Doubt.IN_THE_FUTURE: any(one > received_at for one in told),
        Doubt.TOO_LONG_AGO: any(one < FIRST_INSTANT for one in told),
        Doubt.RUNS_BACKWARDS: len(told) > 1 and told[1] < told[0],
        Doubt.NOT_THAT_DAY: declared_on is not None
        and not _is_on(declared_on, started_at, received_at),
        Doubt.BEFORE_WE_ASKED: not_before is not None
        and any(one < not_before for one in told),
    }
    return frozenset(doubt for doubt, holds in found.items() if holds)


def _is_on(day: date, started_at: datetime | None, received_at: datetime) -> bool:
    """Tell whether a start, where one is told, can lie on a day that can be true."""
    if not _is_possible_day(day, received_at):
        return False
    return started_at is None or begin_of(day) <= started_at < end_of(day)
