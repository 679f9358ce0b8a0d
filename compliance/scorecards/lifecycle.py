"""The life of an issued card as a table; that it has expired is seen when it is read."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from compliance.problems import Kind, Problem
from compliance.scorecards.codes import Status
from compliance.texts import N_


class Why(StrEnum):
    """The class of reason that the public may know; never a detail of a person."""

    ISSUED = "issued"
    NEWER_VERSION = "newer_version"
    ZERO_TOLERANCE = "zero_tolerance"
    ZERO_TOLERANCE_ENDED = "zero_tolerance_ended"
    ISSUED_IN_ERROR = "issued_in_error"
    SITE_MERGED = "site_merged"
    MERGE_UNDONE = "merge_undone"


STEPS: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.ISSUED, Status.SUSPENDED}),
    Status.ISSUED: frozenset({Status.SUSPENDED, Status.SUPERSEDED, Status.REVOKED}),
    # Suspended already, it can be so for another reason.
    Status.SUSPENDED: frozenset(
        {Status.ISSUED, Status.SUSPENDED, Status.SUPERSEDED, Status.REVOKED}
    ),
    Status.SUPERSEDED: frozenset(),
    Status.REVOKED: frozenset(),
    Status.EXPIRED: frozenset(),
}


class CardStepNotAllowed(Problem):
    kind = Kind.CONFLICT
    title = N_("The scorecard cannot take this step")
    detail = N_("A scorecard that is {status} can become {reachable}, not {wanted}.")


def step(current: Status, wanted: Status) -> Status:
    """Return the wanted status, or say which can be reached from here."""
    if wanted not in STEPS[current]:
        reachable = ", ".join(sorted(STEPS[current])) or "-"
        raise CardStepNotAllowed(status=current, wanted=wanted, reachable=reachable)
    return wanted


def status_on(day: date, *, noted: Status, valid_until: date) -> Status:
    """Return what a card is worth on a day: one that ran out has expired."""
    has_run_out = day > valid_until and noted in {Status.ISSUED, Status.SUSPENDED}
    return Status.EXPIRED if has_run_out else noted
