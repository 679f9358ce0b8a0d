"""Workers for as long as something else lasts, or until the process is told to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from compliance.jobs.worker import Workers, Workplace


@contextmanager
def working(place: Workplace, count: int) -> Iterator[None]:
    """Do background work on `count` threads while the context lasts."""
    workers = Workers(place, count)
    workers.start()
    try:
        yield
    finally:
        workers.stop()


def work_until_told(place: Workplace, count: int) -> None:
    """Do background work until SIGTERM or SIGINT; what is in hand is finished first."""
    told = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        told.set()

    before = {one: signal.signal(one, tell) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        with working(place, count):
            told.wait()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
