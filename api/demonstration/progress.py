"""How far the loading is: one line that is rewritten, or a line for each chapter."""

import shutil
from typing import TextIO

from api.demonstration.tasks import Task
from compliance.texts import N_, translate

LOADING = N_("Loading the demonstration, {done} of {total}: {chapter}")
CLEAR = "\r\x1b[K"


class Progress:
    """Writes what is being done to a stream, as often as its reader can bear."""

    def __init__(self, stream: TextIO, language: str) -> None:
        self._stream = stream
        self._language = language
        self._chapter = ""

    def note(self, task: Task, number: int, total: int) -> None:
        """Say which task comes next."""
        chapter = translate(task.chapter, self._language, year=task.year)
        is_new, self._chapter = chapter != self._chapter, chapter
        line = translate(
            LOADING, self._language, done=number, total=total, chapter=chapter
        )
        if self._stream.isatty():
            width = shutil.get_terminal_size().columns - 1
            self._write(CLEAR + line[:width])
        elif is_new:
            self._write(line + "\n")

    def end(self) -> None:
        """Leave the line free for what is said next."""
        if self._chapter and self._stream.isatty():
            self._write(CLEAR)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
