"""Counts of people as a card may tell them: in fixed ranges, and never a whole beside its part.

Three rules make one. Of fewer than ten workers nothing is told. Everything else is told
in ranges that never move, so that two versions of a card cannot be subtracted. And who
could subtract a part from the whole would have the rest, which may be one person: the
range of all workers is told only where no part of them is, on this card or before.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from compliance.scorecards import content
from compliance.scorecards.codes import PeopleRange, Topic, WorkersWithheld
from compliance.scorecards.content import SMALLEST_SCOPE_WITH_RANGES, people_range


@dataclass(frozen=True)
class People:
    """What a card tells of how many; a flag that is not named has no range."""

    workers_range: PeopleRange | None
    workers_withheld: WorkersWithheld | None
    interviews_range: PeopleRange | None
    of_flags: Mapping[str, PeopleRange]


def told_people(
    *,
    workers: int | None,
    interviews: int | None,
    affected: Mapping[str, int],
    earlier: Collection[content.Scorecard] = (),
) -> People:
    """Return the ranges of a card.

    `affected` is how many of those heard each rule is about, by its id; `earlier` are
    the cards before, whose ranges stay where nothing newer is known.
    """
    if workers is None or workers < SMALLEST_SCOPE_WITH_RANGES:
        why = (
            WorkersWithheld.NOT_KNOWN
            if workers is None
            else WorkersWithheld.FEWER_THAN_TEN
        )
        return People(None, why, None, {})
    before = ranges_before(earlier)
    of_flags = before | {
        rule: told
        for rule, count in affected.items()
        if (told := _of_flag(rule, count, workers)) is not None
    }
    heard = (
        None
        if interviews is None
        else people_range(interviews, workers_in_scope=workers)
    )
    if of_flags:
        return People(None, WorkersWithheld.PARTS_SHOWN, heard, of_flags)
    whole = people_range(workers, workers_in_scope=workers)
    return People(whole, None, heard, {})


def ranges_before(
    earlier: Collection[content.Scorecard],
) -> dict[str, PeopleRange]:
    """Return the last range that each rule had on the cards of a site so far."""
    return {
        flag.indicator: flag.people_range
        for card in earlier
        for flag in card.flags
        if flag.people_range is not None
    }


def _of_flag(rule: str, count: int, workers: int) -> PeopleRange | None:
    """A child is never counted; nor can more be affected than there are."""
    if Topic(rule.partition(".")[0]) is Topic.CHILD_LABOUR:
        return None
    return people_range(min(count, workers), workers_in_scope=workers)
