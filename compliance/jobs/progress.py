"""How far running work is, told at once although its transaction is still open.

On SQLite a second transaction cannot write while the work's own one does, so progress is
kept in the memory of the process, which is the one that serves readers too. On
PostgreSQL it is besides written in a short transaction of its own, on another
connection, so that readers of every process see it. The lease's renewal writes it too.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

REPORT_SECONDS = 0.2


@dataclass(frozen=True)
class Progress:
    """So many things of so many."""

    done: int
    total: int


_of_running: dict[str, Progress] = {}


def progress_here(public_id: str) -> Progress | None:
    """Return how far a job is that runs in this process."""
    return _of_running.get(public_id)


def forget(public_id: str) -> None:
    _of_running.pop(public_id, None)


@dataclass
class Reporter:
    """What `Work.report` calls: it notes always and writes a few times a second."""

    job: str
    write: Callable[[Progress], None] | None
    written_at: float = field(default=0.0)

    def __call__(self, done: int, total: int) -> None:
        progress = Progress(done, total)
        _of_running[self.job] = progress
        now = time.monotonic()
        due = now - self.written_at >= REPORT_SECONDS or done == total
        if self.write is not None and due:
            self.written_at = now
            self.write(progress)
