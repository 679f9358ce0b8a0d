"""What a handler is given, and how it says that it is done, must wait, or gave up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from compliance.identifiers import OrganisationId

JSON: TypeAlias = (
    "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"
)


class State(StrEnum):
    """Where a job stands; failed is for good, a failed attempt is ready again."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


FINAL = frozenset({State.DONE, State.FAILED})


class GiveUp(Exception):
    """Raised in a handler: this job cannot be done, and trying again will not help.

    The reason is a text of the catalogue that people read, with its facts.
    """

    def __init__(self, reason: str, **facts: JSON) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


class NotYet(Exception):
    """Raised in a handler: not a failure, but try again after this long.

    What it has done is undone, and the attempt is not counted.
    """

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"again in {wait}")
        self.wait = wait


class LeaseLost(Exception):
    """This attempt took too long to be heard of, and the job is another worker's now."""


def _unheard(_done: int, _total: int) -> None:
    """Progress of work that nobody watches, as in a test of a handler."""


@dataclass(frozen=True)
class Work:
    """One attempt at a job, as its handler sees it."""

    job: str
    organisation_id: OrganisationId | None
    arguments: Mapping[str, JSON]
    attempt: int
    heard: Callable[[int, int], None] = field(
        default=_unheard, repr=False, compare=False
    )

    def report(self, done: int, total: int) -> None:
        """Tell how far the work is; readers see it at once, whatever becomes of it.

        It may be called as often as one likes. Raises LeaseLost where the job has
        become another worker's, since going on would be in vain.
        """
        self.heard(done, total)


Result: TypeAlias = Mapping[str, JSON] | None
Handler: TypeAlias = Callable[[Session, Work], Result]


@dataclass(frozen=True)
class TwoSteps:
    """A handler whose long part holds no write transaction.

    `prepare` reads, reckons or speaks to the outside; `keep` gets what it found and
    writes. On SQLite, where one transaction writes at a time, work of more than a
    second belongs into `prepare`. Only what `keep` writes happens exactly once.
    """

    prepare: Callable[[Session, Work], Any]
    keep: Callable[[Session, Work, Any], Result]


Doing: TypeAlias = Handler | TwoSteps
