"""The life of an issued card as a table; that it has expired is seen when it is read."""

from collections.abc import Iterable, Mapping
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
    PUBLIC_LIST = "public_list"
    PUBLIC_LIST_ENDED = "public_list_ended"
    UNDER_REVIEW = "under_review"
    REVIEW_ENDED = "review_ended"
    EVIDENCE_DOUBTED = "evidence_doubted"
    DOUBT_ENDED = "doubt_ended"
    EVIDENCE_FALSE = "evidence_false"
    SITE_CLOSED = "site_closed"


# What a card can be suspended for, the gravest first, and the word for its end. Several
# can stand at the same time, and the end of one is not the end of another.
GROUNDS: Mapping[Why, Why] = {
    Why.ZERO_TOLERANCE: Why.ZERO_TOLERANCE_ENDED,
    Why.PUBLIC_LIST: Why.PUBLIC_LIST_ENDED,
    Why.EVIDENCE_DOUBTED: Why.DOUBT_ENDED,
    Why.UNDER_REVIEW: Why.REVIEW_ENDED,
    Why.SITE_MERGED: Why.MERGE_UNDONE,
}
ENDS: Mapping[Why, Why] = {end: ground for ground, end in GROUNDS.items()}
# What a person suspends for and lifts again; the others follow from what they name.
BY_HAND = (Why.EVIDENCE_DOUBTED, Why.UNDER_REVIEW)
REVOKED_FOR = (Why.ISSUED_IN_ERROR, Why.EVIDENCE_FALSE, Why.SITE_CLOSED)
# What is about the site and not about one card: a newer card is suspended for it too.
OF_THE_SITE = (Why.PUBLIC_LIST,)


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


def grounds_of(history: Iterable[tuple[Status, Why]]) -> tuple[Why, ...]:
    """Return what a card stands suspended for after its steps, the gravest first."""
    standing: set[Why] = set()
    for _, reason in history:
        if reason in GROUNDS:
            standing.add(reason)
        elif reason in ENDS:
            standing.discard(ENDS[reason])
    return tuple(ground for ground in GROUNDS if ground in standing)


def status_on(day: date, *, noted: Status, valid_until: date) -> Status:
    """Return what a card is worth on a day: one that ran out has expired."""
    has_run_out = day > valid_until and noted in {Status.ISSUED, Status.SUSPENDED}
    return Status.EXPIRED if has_run_out else noted
