"""What is kept of a visit for its signals: numbers and codes, no word of anybody.

Answers are kept of questions that are not about a person, and only of those with one
choice among several; of all others it is kept that they were answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter

from audits.integrity.codes import Why


@dataclass(frozen=True)
class Place:
    """How far the device's point lies from the registered one; metres."""

    distance: float | None = None
    accuracy: float | None = None
    site_radius: float = 0.0
    why: Why | None = None


@dataclass(frozen=True)
class Span:
    """From the beginning of the interview to its end by the device's clock; seconds."""

    seconds: float | None = None
    why: Why | None = None


@dataclass(frozen=True)
class Log:
    """What the log of the interview (ODK's `audit.csv`) shows, without its answers."""

    timed: int
    """Questions that were opened and left with a time for each."""
    too_fast: int
    """Of those, answered in less time than reading the question takes."""
    in_same_second: int
    """Of those, left in the same second as the question before."""
    active_seconds: float
    pace_spread: float | None
    """Standard deviation of ln(seconds of a question / seconds of reading it)."""
    changes_are_kept: bool
    changes: int
    changes_away: int
    """Answers changed farther from the site than the device could be mistaken, or after
    a pause of hours where the log tells no place."""
    placed: int
    """Entries with a place."""
    jumps: int
    fastest_kmh: float


@dataclass(frozen=True)
class Heads:
    """How many people, by three sources that must agree; None is not known."""

    payroll: int | None = None
    housed: int | None = None
    harvest: int | None = None
    contradictions: int | None = None
    """Pairs of facts that cannot both be so; None where no pair was answered."""


@dataclass(frozen=True)
class Pictures:
    """What pictures tell of where and when they were taken."""

    count: int = 0
    plain: int = 0
    """Too even to be compared, as a wall or the sky is."""
    placed: int = 0
    farthest: int | None = None
    """Metres from the visit's point."""
    dated: int = 0
    worst_minutes: int | None = None
    """The most that any was taken before the beginning or after the end."""


@dataclass(frozen=True)
class Profile:
    """One visit as the signals see it."""

    observed_at: datetime
    place: Place = field(default_factory=Place)
    span: Span = field(default_factory=Span)
    log: Log | None = None
    asked: int | None = None
    answered: int = 0
    reading_seconds: float | None = None
    """The least time in which the answered questions can be read."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """Path of a question → the choice, in the order the checklist asks."""
    heads: Heads = field(default_factory=Heads)
    children_declared: bool | None = None
    children_listed: int | None = None
    text_words: int = 0
    pictures: Pictures = field(default_factory=Pictures)
    non_conformities: int | None = None
    auditor: str | None = None
    """None where it is not known who the auditor was."""


_ADAPTER = TypeAdapter(Profile)


def profile_to_json(profile: Profile) -> bytes:
    return _ADAPTER.dump_json(profile)


def profile_from_json(document: bytes) -> Profile:
    return _ADAPTER.validate_json(document)
