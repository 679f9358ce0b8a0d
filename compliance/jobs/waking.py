"""The bell that wakes this process's workers when something was just enqueued here.

It is a hint that saves the wait; polling finds every job without it. PostgreSQL's
NOTIFY is not used: it makes all commits that carry one wait for each other.
"""

import threading

from sqlalchemy import event
from sqlalchemy.orm import Session


class Bell:
    """A bell that can be waited for without missing a ring in between."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._count = 0

    def ring(self) -> None:
        with self._rung:
            self._count += 1
            self._rung.notify_all()

    def heard(self) -> int:
        """Return how often it has rung so far."""
        return self._count

    def wait(self, heard: int, seconds: float | None = None) -> None:
        """Return as soon as it has rung more often than `heard`, or after `seconds`."""
        with self._rung:
            self._rung.wait_for(lambda: self._count != heard, seconds)


BELL = Bell()


def ring_after_commit(session: Session) -> None:
    """Ring when the session's transaction has committed."""
    if not session.info.get("rings"):
        session.info["rings"] = True
        event.listen(session, "after_commit", _ring)


def _ring(_session: Session) -> None:
    BELL.ring()
