"""Ctrl-C while the demonstration loads: heard at once, obeyed between two tasks."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from compliance.texts import N_, translate

INTERRUPTED = 130
STOPPING = N_("Stopping after this step; Ctrl-C again stops at once.")


class Interruption:
    """Whether somebody has asked to stop."""

    def __init__(self, language: str) -> None:
        self._is_asked = False
        self._words = f"\n{translate(STOPPING, language)}\n".encode()

    def note(self, _number: int, _frame: FrameType | None) -> None:
        """Remember the wish; a second one ends the process, as it may at any moment."""
        if self._is_asked:
            os._exit(INTERRUPTED)
        self._is_asked = True
        os.write(2, self._words)

    def check(self) -> None:
        """Stop here if somebody has asked for it."""
        if self._is_asked:
            raise KeyboardInterrupt


@contextmanager
def interruption(language: str) -> Iterator[Interruption]:
    """Hear Ctrl-C while the context lasts; what hears it otherwise comes back after."""
    heard = Interruption(language)
    if threading.current_thread() is not threading.main_thread():
        yield heard  # only the main thread hears signals
        return
    before = signal.signal(signal.SIGINT, heard.note)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
