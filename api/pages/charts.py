"""Small charts as pictures of lines (SVG) that the server draws, each with its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from compliance.risk.codes import RiskLevel
from compliance.risk.histories import Point

MARGIN = 3.0
WORST = 100


@dataclass(frozen=True)
class Mark:
    """One point of a chart, and what it stands for."""

    x: float
    y: float
    at: datetime
    level: RiskLevel
    score: int


@dataclass(frozen=True)
class History:
    """Scores over time, the worst at the top; a risk holds until it becomes another."""

    width: float
    height: float
    path: str
    marks: tuple[Mark, ...]

    @property
    def first(self) -> Mark:
        return self.marks[0]

    @property
    def last(self) -> Mark:
        return self.marks[-1]


def history_chart(
    points: Sequence[Point], *, until: datetime, width: float, height: float
) -> History | None:
    """Return the chart of what a risk became until now; None where it never was any."""
    if not points:
        return None
    began = points[0].at
    length = max((until - began).total_seconds(), 1.0)

    def across(at: datetime) -> float:
        passed = max(0.0, min(1.0, (at - began).total_seconds() / length))
        return round(MARGIN + passed * (width - 2 * MARGIN), 1)

    def upward(score: int) -> float:
        return round(MARGIN + (1 - score / WORST) * (height - 2 * MARGIN), 1)

    marks = tuple(
        Mark(across(one.at), upward(one.score), one.at, one.level, one.score)
        for one in points
    )
    steps = [f"M{marks[0].x} {marks[0].y}"]
    steps += [f"H{mark.x}V{mark.y}" for mark in marks[1:]]
    steps.append(f"H{across(until)}")
    return History(width, height, "".join(steps), marks)
