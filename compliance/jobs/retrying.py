"""What becomes of an attempt that failed: again later, or never, and why."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from compliance import clock, limits
from compliance.jobs.work import GiveUp, NotYet
from compliance.problems import Kind, Problem
from compliance.texts import N_, translate

PASSING = frozenset({Kind.TOO_MANY, Kind.UNAVAILABLE, Kind.STORAGE_FULL})

FAULT = N_(
    "Attempt {attempt} of {most} met a fault on our side ({fault}). The operator finds "
    "the cause in the log under the id of this job."
)
LOST = N_(
    "The worker stopped answering at attempt {attempt} of {most}, and no attempt is left."
)


@dataclass(frozen=True)
class Why:
    """Why an attempt failed: a text of the catalogue with its facts."""

    text: str
    facts: dict[str, Any]

    def told(self, language: str) -> str:
        return translate(self.text, language, **self.facts)


@dataclass(frozen=True)
class Outcome:
    """What becomes of the job: `wait` is None when it has failed for good."""

    wait: timedelta | None
    why: Why | None
    counts: bool = True


def outcome(fault: Exception, attempt: int, most: int) -> Outcome:
    """Return what becomes of a job whose attempt ended in `fault`."""
    match fault:
        case NotYet():
            return Outcome(fault.wait, None, counts=False)
        case GiveUp():
            return Outcome(None, Why(fault.reason, fault.facts))
        case Problem() if fault.kind not in PASSING:
            return Outcome(None, Why(fault.detail, fault.facts))
        case Problem():
            why = Why(fault.detail, fault.facts)
        case _:
            # The name of the fault and no more: its text can hold what is confidential.
            name = type(fault).__name__
            why = Why(FAULT, {"attempt": attempt, "most": most, "fault": name})
    return Outcome(None if attempt >= most else backoff(attempt), why)


def backoff(attempt: int) -> timedelta:
    """Return how long to wait after a failed attempt: doubling, with chance in it.

    Between half and all of it, so that what failed together does not return together.
    """
    doubled = limits.JOB_BACKOFF_SECONDS * 2.0 ** (min(attempt, 30) - 1)
    longest = min(doubled, limits.JOB_BACKOFF_LONGEST_SECONDS)
    chance = int.from_bytes(clock.random_bytes(4), "big") / 2**32
    return timedelta(seconds=longest * (0.5 + chance / 2))
