"""The log of an interview (ODK's `audit.csv`): its times and places, not its answers.

Columns are `event, node, start, end`, and where the checklist asks for them `latitude,
longitude, accuracy` and `old-value, new-value`; times are milliseconds of the device's
clock (ODK form-audit log). What cannot be read of it is left out.
"""

import csv
import io
import math
import re
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Log
from audits.integrity.signals.faster_than_reading import seconds_to_read
from audits.submissions.pictures import Position, metres_between
from compliance.limits import XML_BYTES

QUESTION = "question"
PAUSE_SECONDS = 3 * 3600
LONGEST_QUESTION = 3600.0  # seconds; what is longer is a pause
STEP = re.compile(r"\[\d+\]")
MOST_ENTRIES = 20_000


@dataclass(frozen=True)
class Fix:
    position: Position
    accuracy: float


@dataclass(frozen=True)
class Entry:
    """One question that was on the screen; seconds of the device's clock."""

    node: str
    began: float
    ended: float
    fix: Fix | None
    is_change: bool

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True)
class InterviewLog:
    entries: tuple[Entry, ...]
    keeps_changes: bool


def read_log(content: bytes) -> InterviewLog | None:
    """Return the entries of a log by their time; None of what is no log."""
    if len(content) > XML_BYTES:
        return None
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace")))
    try:
        names = set(rows.fieldnames or ())
        if not {"event", "node", "start", "end"} <= names:
            return None
        entries = tuple(_entries(rows))
    except csv.Error:
        return None
    ordered = sorted(entries, key=lambda one: (one.began, one.ended, one.node))
    return InterviewLog(tuple(ordered), {"old-value", "new-value"} <= names)


def log_of(
    log: InterviewLog,
    words: Mapping[str, int],
    site: Position | None,
    allowed_metres: float,
    policy: IntegrityPolicy,
) -> Log:
    """Return what the log shows, by the words of each question and the site's point.

    `allowed_metres` is how far from that point still is on the site.
    """
    spent: dict[str, float] = {}
    ended: dict[str, float] = {}
    for one in log.entries:
        spent[one.node] = spent.get(one.node, 0.0) + min(one.seconds, LONGEST_QUESTION)
        ended[one.node] = max(ended.get(one.node, 0.0), one.ended)
    least = {node: seconds_to_read(words.get(STEP.sub("", node), 0)) for node in spent}
    seconds = sorted(int(one) for one in ended.values())
    together = sum(before == after for before, after in pairwise(seconds))
    changes = [one for one in log.entries if one.is_change]
    is_away = _away_test(log, site, allowed_metres, policy)
    placed = [one for one in log.entries if one.fix is not None]
    jumps, fastest = _jumps(placed, policy)
    return Log(
        timed=len(spent),
        too_fast=sum(spent[node] < least[node] for node in spent),
        in_same_second=together,
        active_seconds=round(sum(spent.values()), 1),
        pace_spread=_spread(spent, least),
        changes_are_kept=log.keeps_changes,
        changes=len(changes),
        changes_away=sum(is_away(one) for one in changes),
        placed=len(placed),
        jumps=jumps,
        fastest_kmh=round(fastest, 1),
    )


def _entries(rows: "csv.DictReader[str]") -> Iterator[Entry]:
    for number, row in enumerate(rows):
        if number >= MOST_ENTRIES:
            return
        began, ended = _number(row.get("start")), _number(row.get("end"))
        if row.get("event") != QUESTION or began is None or ended is None:
            continue
        if ended < began or not row.get("node"):
            continue
        old, new = row.get("old-value") or "", row.get("new-value") or ""
        yield Entry(
            str(row["node"]),
            began / 1000,
            ended / 1000,
            _fix(row),
            bool(old) and old != new,
        )


def _fix(row: Mapping[str, str]) -> Fix | None:
    latitude, longitude = _number(row.get("latitude")), _number(row.get("longitude"))
    if latitude is None or longitude is None:
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    accuracy = _number(row.get("accuracy")) or 0.0
    return Fix(Position(latitude, longitude), max(0.0, accuracy))


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text and len(text) <= 30 else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _spread(spent: Mapping[str, float], least: Mapping[str, float]) -> float | None:
    ratios = [
        math.log(max(spent[node], 0.05) / least[node]) for node in spent if spent[node]
    ]
    return round(statistics.stdev(ratios), 4) if len(ratios) > 1 else None


def _jumps(placed: list[Entry], policy: IntegrityPolicy) -> tuple[int, float]:
    """Return how often the device moved as nobody can, and the fastest, in km/h."""
    jumps, fastest = 0, 0.0
    for before, after in pairwise(placed):
        if before.fix is None or after.fix is None:
            continue
        slack = 2 * (before.fix.accuracy + after.fix.accuracy)
        metres = metres_between(before.fix.position, after.fix.position) - slack
        if metres <= policy.jump_metres:
            continue
        kmh = 3.6 * metres / max(after.began - before.began, 1.0)
        fastest = max(fastest, kmh)
        jumps += kmh > policy.jump_kmh
    return jumps, fastest


def _away_test(
    log: InterviewLog,
    site: Position | None,
    allowed_metres: float,
    policy: IntegrityPolicy,
) -> Callable[[Entry], bool]:
    if site is not None and any(one.fix for one in log.entries):
        here = site

        def is_away(one: Entry) -> bool:
            if one.fix is None:
                return False
            slack = policy.accuracy_factor * one.fix.accuracy + allowed_metres
            return metres_between(here, one.fix.position) > slack

        return is_away
    left_at = _left_at(log)
    return lambda one: one.began >= left_at


def _left_at(log: InterviewLog) -> float:
    """Return when the first pause of hours was over; never, where there was none."""
    latest = math.inf
    for one in log.entries:
        if one.began - latest > PAUSE_SECONDS:
            return one.began
        latest = one.ended if latest == math.inf else max(latest, one.ended)
    return math.inf
