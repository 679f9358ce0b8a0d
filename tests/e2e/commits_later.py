"""A server that is wrong on purpose: it answers first and commits a moment later.

The test that kills servers must find this one out, or it proves nothing.
"""

import sys
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from api.cli import main
from api.service import Service
from compliance import trail

Result = TypeVar("Result")
LATER_SECONDS = 0.3


def write_and_commit_later(
    self: Service, work: Callable[[Session], Result], *, system: bool = False
) -> Result:
    opened = self.database.writing(system=system)
    session = opened.__enter__()
    try:
        result = work(session)
        trail.seal(session)
    except BaseException:
        opened.__exit__(*sys.exc_info())
        raise

    def commit() -> None:
        time.sleep(LATER_SECONDS)
        opened.__exit__(None, None, None)

    threading.Thread(target=commit, daemon=True).start()
    return result


Service.write_now = write_and_commit_later  # type: ignore[method-assign]  # the mutant

sys.exit(main())
