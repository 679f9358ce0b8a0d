"""What a visit is compared with: other visits of the organisation, as numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TextMatch:
    """The earlier report whose words are most alike, of another site and of this one."""

    submission: str
    similarity: float


@dataclass(frozen=True)
class PictureMatch:
    """A picture of another visit that is the same, or nearly."""

    submission: str
    attachment: str
    bits: int
    """How many of 120 bits differ."""
    is_same_file: bool
    is_same_site: bool


@dataclass(frozen=True)
class Tally:
    """Visits of an auditor to like sites, and those that found a non-conformity."""

    found: int
    visits: int


@dataclass(frozen=True)
class Peers:
    """All that the signals of one visit know of others; nothing is known at first."""

    seconds_per_answer: tuple[float, ...] = ()
    """Of other visits with the same checklist, timed as this one is: by its log or not."""
    answers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """How often each choice was given to a question in other visits."""
    answered_visits: int = 0
    text_elsewhere: TextMatch | None = None
    text_here: TextMatch | None = None
    pictures: tuple[PictureMatch, ...] = ()
    streak: int | None = None
    """Visits of the auditor, one after the other up to this one, that found nothing."""
    own: Tally | None = None
    """The auditor's record on like sites, this visit included."""
    others: tuple[Tally, ...] = ()
    """The record of each other auditor on like sites."""
    visits_in_a_row: int | None = None
    """Visits to this site by this auditor with nobody else's between, this one too."""
