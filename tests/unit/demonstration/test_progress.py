"""Progress is one rewritten line on a terminal, and a line for each chapter elsewhere."""

import io
from datetime import UTC, datetime

from typing_extensions import override

from api.demonstration.progress import CLEAR, Progress
from api.demonstration.tasks import CARDED, VISITED, PublishChecklists, Task
from compliance.identity.models import Role


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


def task(chapter: str) -> Task:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    return Task("key", at, Role.AUDITOR, PublishChecklists(), chapter, 2026)


def test_a_file_gets_a_line_for_each_chapter() -> None:
    stream = io.StringIO()
    progress = Progress(stream, "en")

    for number, chapter in enumerate((VISITED, VISITED, CARDED), start=1):
        progress.note(task(chapter), number, 3)
    progress.end()

    assert stream.getvalue().splitlines() == [
        "Loading the demonstration, 1 of 3: season 2026: visits and what came of them",
        "Loading the demonstration, 3 of 3: season 2026: scorecards",
    ]


def test_a_terminal_gets_one_line_that_is_rewritten_and_cleared() -> None:
    stream = Terminal()
    progress = Progress(stream, "en")

    progress.note(task(VISITED), 1, 2)
    progress.note(task(VISITED), 2, 2)
    progress.end()

    assert stream.getvalue().count(CLEAR) == 3
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith(CLEAR)


def test_nothing_is_cleared_where_nothing_was_written() -> None:
    stream = Terminal()

    Progress(stream, "en").end()

    assert stream.getvalue() == ""
