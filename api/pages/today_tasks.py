"""What waits for somebody: tasks, how pressing they are, and in which order they go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

from api.pages.today_errands import ERRANDS, KINDS, TaskKind
from compliance.corrective_actions.codes import ActionCode
from rules import Severity

SOON = timedelta(days=3)
# So many of a kind are counted; nobody does a thousand things today.
MOST = 1_000
# What `told` is of these kinds; of the others it is a name as it was given.
TELLS_RULE = frozenset(
    {
        TaskKind.ACKNOWLEDGE,
        TaskKind.REFER,
        TaskKind.DECIDE_DISPUTE,
        TaskKind.ANSWER_FINDING,
        TaskKind.GIVE_PLAN,
        TaskKind.SETTLE_REMEDY,
    }
)
TELLS_ACTION = frozenset(
    {
        TaskKind.DO_ACTION,
        TaskKind.PROPOSE_AGAIN,
        TaskKind.DECIDE_EXTENSION,
        TaskKind.VERIFY_ACTION,
        TaskKind.AGREE_ACTION,
    }
)


class Urgency(StrEnum):
    """How pressing a task is; told in words, for colour alone tells nothing."""

    LATE = "late"
    SOON = "soon"
    LATER = "later"
    WAITING = "waiting"


@dataclass(frozen=True)
class Task:
    """One thing to do: about what, at which site, by when, and where."""

    kind: TaskKind
    subject: str
    told: str | None = None
    site: str | None = None
    site_name: str | None = None
    severity: Severity | None = None
    due_on: date | None = None
    due_at: datetime | None = None

    @property
    def path(self) -> str:
        return ERRANDS[self.kind].path.format(quote(self.subject, safe=""))

    @property
    def rule(self) -> str | None:
        return self.told if self.kind in TELLS_RULE else None

    @property
    def action(self) -> ActionCode | None:
        if self.told is None or self.kind not in TELLS_ACTION:
            return None
        return ActionCode(self.told)

    @property
    def due(self) -> date | datetime | None:
        return self.due_at or self.due_on

    def urgency(self, now: datetime) -> Urgency:
        """Tell how pressing it is. A day is over when it is, an hour when it strikes."""
        if self.due_at is not None:
            return _urgency(self.due_at < now, self.due_at <= now + SOON)
        if self.due_on is not None:
            today = now.date()
            return _urgency(self.due_on < today, self.due_on <= today + SOON)
        return Urgency.WAITING

    def days_left(self, now: datetime) -> int:
        """Return the days until it is due; less than none where it is late."""
        day = self.due_at.date() if self.due_at else self.due_on or now.date()
        return (day - now.date()).days

    def hours_left(self, now: datetime) -> int | None:
        """Return the hours of what is due by the hour, within two days either way."""
        if self.due_at is None:
            return None
        left = (self.due_at - now) / timedelta(hours=1)
        return int(left) if abs(left) < 48 else None


@dataclass(frozen=True)
class Waiting:
    """All of one kind: how many there are, how many are late, and the first of them.

    Both are counted up to `MOST`; where there are more, that is said.
    """

    kind: TaskKind
    number: int
    late: int
    first: tuple[Task, ...]
    has_more: bool = False
    has_more_late: bool = False


@dataclass(frozen=True)
class Queue:
    """What is somebody's to do, of every kind that there is something of."""

    waiting: tuple[Waiting, ...]
    now: datetime

    @property
    def number(self) -> int:
        return sum(one.number for one in self.waiting)

    @property
    def late(self) -> int:
        return sum(one.late for one in self.waiting)

    @property
    def has_more(self) -> bool:
        """Tell whether there are more than `number`, how many nobody counted."""
        return any(one.has_more for one in self.waiting)

    @property
    def has_more_late(self) -> bool:
        return any(one.has_more_late for one in self.waiting)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The first of every kind: the late ones first, then as they are due."""
        return in_order((task for one in self.waiting for task in one.first), self.now)

    def sections(self, rows: int) -> tuple[tuple[Urgency, tuple[Task, ...]], ...]:
        """Return the first tasks by how pressing they are, without what is empty."""
        tasks = self.tasks
        parted = (
            (one, tuple(task for task in tasks if task.urgency(self.now) is one))
            for one in Urgency
        )
        return tuple((one, some[:rows]) for one, some in parted if some)


def in_order(tasks: Iterable[Task], now: datetime) -> tuple[Task, ...]:
    """Return tasks as they are done best: late first, and of those the red flags.

    What has the hours of a red flag goes by gravity and then by its hour; all else as it
    is due, and of one day the gravest first.
    """
    return tuple(sorted(tasks, key=lambda task: _place(task, now)))


URGENCIES: Sequence[Urgency] = tuple(Urgency)
SEVERITIES: Sequence[Severity] = tuple(Severity)


def _place(task: Task, now: datetime) -> tuple[int, int, date, int, int]:
    urgency = task.urgency(now)
    gravity = SEVERITIES.index(task.severity) if task.severity else len(SEVERITIES)
    day = task.due_at.date() if task.due_at else task.due_on or date.max
    is_red_flag = task.kind in {TaskKind.ACKNOWLEDGE, TaskKind.REFER}
    first = gravity if is_red_flag else len(SEVERITIES)
    return URGENCIES.index(urgency), first, day, gravity, KINDS.index(task.kind)


def _urgency(is_late: bool, is_soon: bool) -> Urgency:  # noqa: FBT001 - of one place
    if is_late:
        return Urgency.LATE
    return Urgency.SOON if is_soon else Urgency.LATER
