"""How many people a card tells of, by hand."""

import pytest

from compliance.scorecards.codes import PeopleRange, WorkersWithheld
from compliance.scorecards.small_counts import told_people
from tests.unit.scorecards.sample import card

FEES = "recruitment_and_contracts.fees_charged"


@pytest.mark.parametrize(
    ("workers", "why"),
    [
        (None, WorkersWithheld.NOT_KNOWN),
        (0, WorkersWithheld.FEWER_THAN_TEN),
        (9, WorkersWithheld.FEWER_THAN_TEN),
    ],
)
def test_of_few_workers_or_an_unknown_number_nothing_is_told(
    workers: int | None, why: WorkersWithheld
) -> None:
    told = told_people(workers=workers, interviews=5, affected={FEES: 3})

    assert (told.workers_withheld, told.workers_range) == (why, None)
    assert (told.interviews_range, told.of_flags) == (None, {})


def test_the_whole_is_told_where_no_part_is() -> None:
    told = told_people(workers=60, interviews=12, affected={FEES: 0})

    assert (told.workers_range, told.workers_withheld) == (PeopleRange.FROM_50, None)
    assert told.interviews_range is PeopleRange.FROM_10


def test_beside_a_part_the_whole_is_withheld() -> None:
    told = told_people(workers=60, interviews=12, affected={FEES: 9})

    assert told.workers_range is None
    assert told.workers_withheld is WorkersWithheld.PARTS_SHOWN
    assert told.of_flags == {FEES: PeopleRange.BELOW_10}


def test_a_child_is_no_part() -> None:
    told = told_people(
        workers=60, interviews=None, affected={"child_labour.minimum_age": 2}
    )

    assert (told.of_flags, told.workers_range) == ({}, PeopleRange.FROM_50)


def test_what_was_told_before_stays_and_the_whole_stays_withheld() -> None:
    told = told_people(workers=60, interviews=None, affected={}, earlier=[card()])

    assert told.of_flags[FEES] is PeopleRange.BELOW_10
    assert told.workers_withheld is WorkersWithheld.PARTS_SHOWN


def test_no_more_are_affected_than_there_are() -> None:
    told = told_people(workers=20, interviews=20, affected={FEES: 30})

    assert told.of_flags == {FEES: PeopleRange.FROM_10}
