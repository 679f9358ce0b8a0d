"""A worker process with handlers of the tests' own, to be stopped and killed.

With `finishes_later` it is wrong on purpose: it commits the effect first and the
completion in a second transaction. The tests must find that out, or they prove nothing.
"""

import os
import sys
import time
from collections.abc import Sequence

from sqlalchemy.orm import Session

from compliance.database import open_database
from compliance.jobs import (
    Doing,
    TwoSteps,
    Work,
    Workplace,
    work_until_told,
    worker,
    writing_here,
)
from compliance.jobs.claiming import Claimed, Done, finish
from tests.jobs import leave_effect

LATER_SECONDS = 0.02


def brief(session: Session, work: Work) -> None:
    leave_effect(session, work)
    time.sleep(0.002)


def think(_session: Session, _work: Work) -> None:
    time.sleep(0.05)


def keep(session: Session, work: Work, _found: object) -> None:
    leave_effect(session, work)


def attempt_and_finish_later(place: Workplace, claimed: Claimed) -> None:
    work = Work(claimed.public_id, None, claimed.arguments, claimed.attempt)
    place.write(lambda session: brief(session, work), system=True)
    time.sleep(LATER_SECONDS)
    place.write(lambda session: finish(session, [Done(claimed, None)]), system=True)


def one_by_one(place: Workplace, batch: Sequence[Claimed]) -> Sequence[Claimed]:  # noqa: ARG001 - the shape of what it replaces
    return batch[:1]


if "finishes_later" in sys.argv:
    worker._attempt = attempt_and_finish_later
    worker.together = one_by_one

database = open_database(os.environ["DATABASE"])
handlers: dict[str, Doing] = {"brief": brief, "thinking": TwoSteps(think, keep)}
lease_seconds = float(os.environ["LEASE_SECONDS"])
work_until_told(
    Workplace(database, handlers, writing_here(database), lease_seconds), count=1
)
